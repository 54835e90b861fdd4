"""Appeals: a second person of another unit decides, nothing is deleted, the rater may object."""

from uuid import UUID

import pytest

from bancheng.kernel.ratings import facts
from bancheng.kernel.ratings.facts import Happened, What
from bancheng.kernel.ratings.models import Appeal, Occasion
from bancheng.kernel.ratings.operations import appeals
from bancheng.kernel.ratings.queries import reading
from bancheng.kernel.ratings.rules import Flaw, Ruling, State
from bancheng.kernel.ratings.testing import AT, OFFICER, REVIEWER, SECOND, TERMS, WORKER, called, later, rated, served
from bancheng.lib.refusal import Refused

pytestmark = pytest.mark.django_db


def asked(pk: UUID) -> UUID:
    occasion = reading.call_back(pk).occasion.id
    return appeals.appeal(
        occasion_id=occasion, flaw=Flaw.MISTAKEN, reason="评的是另一单位", evidence="办件编号不符", by=OFFICER, at=AT
    )


def decided(pk: UUID, *, leave_out: bool, by: str = REVIEWER, unit: str = "justice") -> Ruling:
    return appeals.decide(
        appeal_id=pk, leave_out=leave_out, reason="核对了办件", by=by, unit=unit, terms=TERMS, at=later(days=1)
    )


def occasion(call_back: UUID) -> Occasion:
    return Occasion.objects.get(pk=reading.call_back(call_back).occasion.id)


def test_a_rating_that_is_left_out_stays_stored_and_its_call_back_ends() -> None:
    """R-RT-4."""
    call_back = called()
    appeal = asked(call_back)
    assert reading.call_back(call_back).state is State.OPEN  # the call-back goes on meanwhile
    assert decided(appeal, leave_out=True) is Ruling.EXCLUDED
    row = occasion(call_back)
    assert (row.excluded, row.grade) == (True, 2)
    assert [one.words for one in reading.said(row.pk)] == ["等了三天"]
    found = reading.call_back(call_back)
    assert (found.state, found.clocks) == (State.DROPPED, ())
    with pytest.raises(Refused) as no:
        rated(row, 5, at=later(days=1))
    assert no.value.code == "rated_already"


def test_a_rating_that_stands_is_worked_on() -> None:
    call_back = called()
    assert decided(asked(call_back), leave_out=False) is Ruling.KEPT
    assert not occasion(call_back).excluded
    assert reading.call_back(call_back).state is State.OPEN


@pytest.mark.parametrize(
    ("by", "unit"), [(WORKER, "justice"), (OFFICER, "justice"), (REVIEWER, "market")], ids=["rated", "asked", "unit"]
)
def test_neither_the_rated_nor_who_asked_nor_the_unit_decides(by: str, unit: str) -> None:
    """R-RT-4, P-2."""
    appeal = asked(called())
    with pytest.raises(Refused) as no:
        decided(appeal, leave_out=True, by=by, unit=unit)
    assert no.value.code == "not_your_review"
    assert Appeal.objects.get(pk=appeal).state == Ruling.WAITING


def test_the_rater_objects_and_somebody_else_looks_again() -> None:
    """R-RT-4: the rater may object; a third person decides, and the rating counts again."""
    call_back = called()
    appeal = asked(call_back)
    decided(appeal, leave_out=True)
    row = occasion(call_back)
    appeals.object_to(occasion_id=row.pk, reason="我评的就是这件", at=later(days=2))
    with pytest.raises(Refused) as no:
        decided(appeal, leave_out=False)
    assert no.value.code == "not_your_review"
    assert decided(appeal, leave_out=False, by=SECOND) is Ruling.RESTORED
    assert not occasion(call_back).excluded
    open_ = [one.pk for one in reading.call_backs(units=["market"])]
    assert len(open_) == 1
    assert open_ != [call_back]  # called back anew
    found = reading.appeal(appeal_id=appeal)
    assert found
    assert [line.what for line in found.lines] == [
        Ruling.WAITING,
        Ruling.EXCLUDED,
        Ruling.OBJECTED,
        Ruling.RESTORED,
    ]
    assert found.lines[0].evidence == "办件编号不符"


def test_an_objection_that_fails_leaves_it_out_for_good() -> None:
    call_back = called()
    appeal = asked(call_back)
    decided(appeal, leave_out=True)
    appeals.object_to(occasion_id=occasion(call_back).pk, reason="不服", at=later(days=2))
    assert decided(appeal, leave_out=True, by=SECOND) is Ruling.UPHELD
    with pytest.raises(Refused) as no:
        appeals.object_to(occasion_id=occasion(call_back).pk, reason="不服", at=later(days=3))
    assert no.value.code == "appeal_moved_on"


def test_a_unit_asks_once_and_only_about_a_bad_rating() -> None:
    call_back = called()
    asked(call_back)
    with pytest.raises(Refused) as no:
        asked(call_back)
    assert no.value.code == "appealed_already"
    good = served("case:2")
    rated(good, 5)
    with pytest.raises(Refused) as no:
        appeals.appeal(occasion_id=good.pk, flaw=Flaw.MISTAKEN, reason="x", evidence="x", by=OFFICER, at=AT)
    assert no.value.code == "nothing_to_appeal"


def test_an_appeal_needs_reason_and_evidence() -> None:
    pk = reading.call_back(called()).occasion.id
    for reason, evidence in (("", "有"), ("有", " ")):
        with pytest.raises(Refused) as no:
            appeals.appeal(occasion_id=pk, flaw=Flaw.MALICIOUS, reason=reason, evidence=evidence, by=OFFICER, at=AT)
        assert no.value.code == "say_what"


def test_each_step_of_an_appeal_is_told() -> None:
    call_back = called()
    heard: list[Happened] = []
    facts.happened.connect(heard.append)
    try:
        appeal = asked(call_back)
        decided(appeal, leave_out=True)
        appeals.object_to(occasion_id=occasion(call_back).pk, reason="不服", at=later(days=2))
    finally:
        facts.happened._listeners.remove(heard.append)
    assert [one.what for one in heard] == [What.APPEALED, What.DECIDED, What.OBJECTED]


def test_what_waits_for_a_review_is_listed_oldest_first() -> None:
    first, second = asked(called()), asked(called("case:2"))
    decided(second, leave_out=False)
    assert [one.id for one in reading.briefs(list(reading.appeals_to_review()))] == [first]
