"""Several at the same content at once: real commits on several connections."""

from datetime import timedelta

import pytest

from bancheng.kernel.audit import testing as audit
from bancheng.kernel.documents import operations, queries, testing
from bancheng.kernel.documents.models import Document, Use
from bancheng.kernel.documents.testing import AT, CASE
from bancheng.kernel.jobs.testing import together

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _clean():
    yield
    Use.objects.all().delete()
    Document.objects.all().delete()
    audit.wipe()


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
