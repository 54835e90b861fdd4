"""What was handed in for one matter becomes material of another: many at once, whole or not at all."""

from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bancheng.kernel.audit import public as audit
from bancheng.kernel.documents import public as documents
from bancheng.kernel.documents import testing
from bancheng.lib.refusal import Refused

pytestmark = pytest.mark.django_db
HOLDER, OTHER = bytes(32), bytes(31) + b"1"
AT = testing.AT


def stored(number: int, **over: Any) -> documents.View:
    return testing.stored(testing.png(width=number + 1), about="draft:1", material=f"M{number}", **over)


def handed(*uses: tuple[UUID, str], **over: Any) -> list[documents.View]:
    """Hand over and return what stands in the new matter then."""
    how: dict[str, Any] = {"of": "draft:1", "about": "case:1", "holder_hash": HOLDER, "by": "person:1", "at": AT}
    how |= over
    documents.hand_over(uses, **how)
    return documents.uses(about=how["about"])


def test_files_go_over_in_their_order_and_both_ends_are_on_record() -> None:
    first, second = stored(2), stored(1)
    made = handed((first.id, "A"), (second.id, "B"))
    assert [(one.material, one.document) for one in documents.uses(about="case:1")] == [
        ("A", first.document),
        ("B", second.document),
    ]
    assert documents.uses(about="draft:1") == []
    assert [e.action for e in audit.timeline(made[0].ref)] == ["documents.reused"]
    assert [e.action for e in audit.timeline(first.ref)] == ["documents.stored", "documents.released"]
    assert documents.forget_unused(at=AT.replace(year=2030)) == 0  # they are used


def test_what_is_handed_in_for_somebody_becomes_his() -> None:
    use = stored(1)
    handed((use.id, "A"), becomes=OTHER)
    (his,) = documents.brought_by(holder_hash=OTHER)
    assert his.document == use.document
    again = his.id
    with pytest.raises(Refused, match="no_such_document"):
        handed((again, "A"), of="case:1", about="case:2")


@pytest.mark.parametrize("over", [{"of": "draft:2"}, {"holder_hash": OTHER}], ids=["another matter", "another holder"])
def test_one_that_is_not_there_or_another_s_hands_over_none(over: dict[str, Any]) -> None:
    good, use = stored(1), stored(2)
    with pytest.raises(Refused, match="no_such_document"):
        handed((good.id, "A"), (use.id, "B"), **over)
    with pytest.raises(Refused, match="no_such_document"):
        handed((good.id, "A"), (UUID(int=1), "B"))
    assert documents.uses(about="case:1") == []
    assert len(documents.uses(about="draft:1")) == 2


def test_one_content_twice_is_one_use_of_a_material() -> None:
    one, same = (testing.stored(testing.png(), about="draft:1", material=name) for name in "XY")
    assert len(handed((one.id, "A"), (same.id, "A"))) == 1
    third = testing.stored(testing.png(), about="draft:1", material="X")
    assert len(handed((third.id, "A"))) == 1
    assert [e.action for e in audit.timeline(third.ref)] == ["documents.stored", "documents.released"]
    assert documents.uses(about="draft:1") == []


def test_of_a_matter_that_is_handed_over_whole_nothing_is_left_behind() -> None:
    first, second, other = stored(1), stored(2), testing.stored(testing.png(width=9), about="draft:2", material="M")
    (made,) = handed((first.id, "A"), whole=True)
    assert made.document == first.document
    assert documents.uses(about="draft:1") == []
    assert [e.action for e in audit.timeline(second.ref)] == ["documents.stored", "documents.released"]
    assert documents.forget_unused(at=AT.replace(year=2030)) == 1
    assert [one.id for one in documents.uses(about="draft:2")] == [other.id]
    assert handed(whole=True) == [made]


def test_forty_files_cost_as_many_statements_as_two() -> None:
    counts = []
    for number in (2, 40):
        uses = [(stored(100 * number + n).id, f"M{n}") for n in range(number)]
        with CaptureQueriesContext(connection) as captured:
            handed(*uses, about=f"case:{number}")
        counts.append(len(captured))
    assert counts[0] == counts[1] <= 4
