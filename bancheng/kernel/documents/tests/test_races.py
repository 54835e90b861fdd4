"""Several at the same content at once: real commits on several connections."""

from datetime import timedelta

import pytest
from django.db import transaction

from bancheng.kernel.documents import handing_over, operations, queries, testing
from bancheng.kernel.documents.models import Document, Use
from bancheng.kernel.documents.testing import AT, CASE
from bancheng.kernel.jobs.testing import together
from bancheng.lib.refusal import Refused

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _clean():
    yield
    Use.objects.all().delete()
    Document.objects.all().delete()


def test_the_same_content_from_four_at_once_is_one_document_with_one_blob(folder):
    data = testing.jpeg()
    together(*[lambda n=n: testing.stored(data, about=f"case:{n}") for n in range(4)])
    assert Document.objects.count() == 1
    assert Use.objects.count() == 4
    assert len([path for path in folder.rglob("*") if path.is_file()]) == 1
    use = queries.uses(about="case:2")[0]
    assert b"".join(operations.read(use_id=use.id, about="case:2", by="staff:7", at=AT).pieces) == data


def test_what_is_used_again_while_it_is_being_forgotten_is_whole_or_gone(folder):
    """Whoever comes second finds either a document with its blob or none: never a use of nothing."""
    for n in range(5):
        use = testing.stored(testing.jpeg(width=n + 1))
        operations.release(use_id=use.id, about=CASE, by="person:1", at=AT)

        def again(n=n):
            testing.stored(testing.jpeg(width=n + 1), about="case:2", at=AT + 40 * DAY)

        together(again, lambda: operations.forget_unused(at=AT + 40 * DAY))
        (now,) = [each for each in queries.uses(about="case:2") if each.width == n + 1]
        read = operations.read(use_id=now.id, about="case:2", by="staff:7", at=AT)
        assert b"".join(read.pieces) == testing.jpeg(width=n + 1)


def test_two_cases_that_end_at_once_leave_the_document_unused(folder):
    data = testing.jpeg()
    for about in ("case:1", "case:2"):
        testing.stored(data, about=about)
    together(*[lambda n=n: operations.release_all(about=f"case:{n}", by="clock", at=AT) for n in (1, 2)])
    assert Document.objects.get().unused_since == AT


def test_of_two_who_hand_the_same_files_on_one_moves_all_and_the_other_nothing(folder):
    """A draft sent from two devices: its papers are of one case, whole; in whichever order they are named, nobody waits in a ring."""
    for n in range(5):
        uses = [testing.stored(testing.jpeg(width=2 * n + m + 1), about=f"draft:{n}", material=f"M{m}") for m in (0, 1)]
        refused = []

        def on(about, wanted, n=n, refused=refused):
            how = {"of": f"draft:{n}", "about": about, "holder_hash": testing.HOLDER, "by": "person:1", "at": AT}
            try:
                with transaction.atomic():
                    handing_over.hand_over([(use.id, use.material) for use in wanted], **how)
            except Refused as no:
                refused.append(no.code)

        together(*[lambda to=to, wanted=wanted: on(to, wanted) for to, wanted in (("a", uses), ("b", uses[::-1]))])
        assert refused == ["no_such_document"]
        assert sorted(len(queries.uses(about=about)) for about in ("a", "b", f"draft:{n}")) == [0, 0, 2]
        operations.release_all(about="a", by="clock", at=AT)
        operations.release_all(about="b", by="clock", at=AT)
