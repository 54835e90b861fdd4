"""A matter handed over goes on in another unit's queue, on its clocks; cases that look alike; answers that are late."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from bancheng.kernel.cases import public as cases
from bancheng.kernel.cases import testing
from bancheng.kernel.cases.models import Case, Task
from bancheng.kernel.cases.public import Act, Because, Defect, State
from bancheng.kernel.cases.testing import (
    OFFICER,
    REGION,
    accepted,
    decided,
    filed,
    later,
    of,
    said,
    state,
    states,
)
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.clocks.testing import heard
from bancheng.kernel.identity import public as identity
from bancheng.lib.refusal import Refused
from bancheng.lib.text import Text

pytestmark = pytest.mark.usefixtures("flows")
WHY = Because("属城管职权", "行政许可法 第三十二条")


def hand_over(case_id: UUID, to: str = "urban", **over: Any) -> None:
    given: dict[str, Any] = {"because": WHY, "by": OFFICER, "at": later(hours=1)}
    cases.hand_over(case_id=case_id, to_unit=to, **(given | over))


def queue(unit: str, role: str = "case_officer") -> list[UUID]:
    actor = identity.Actor("staff:9", grants=(identity.Grant(role, unit),))
    return [task.case for task in cases.queue(actor)]


def running(case_id: UUID) -> list[tuple[str, date, date]]:
    found = clocks.open_clocks(region=REGION, abouts=[f"case:{case_id}"])
    return [(clock.rule.id, clock.started_on, clock.due.on) for clock in found]


def test_a_matter_goes_on_in_the_other_unit_on_the_clocks_that_run() -> None:
    """转办: out of one queue, into the other, nobody's yet; not a day is won or lost."""
    case_id = filed("sign").id
    cases.take(case_id=case_id, step="review", by=OFFICER, at=later(minutes=5))
    before = running(case_id)
    with heard(cases.happened) as facts:
        hand_over(case_id)
    assert [(fact.act, fact.unit) for fact in facts] == [(Act.HANDED_OVER, "urban")]
    assert (queue("market"), queue("urban")) == ([], [case_id])
    assert Task.objects.get(case_id=case_id).taken_by == ""
    assert running(case_id) == before
    cases.take(case_id=case_id, step="review", by="staff:9", at=later(hours=2))
    assert list(cases.verify()) == []


def test_what_was_accepted_is_decided_in_the_other_unit() -> None:
    """行政许可法 第四十二条: the period of the decision runs from the first acceptance."""
    case_id = accepted(filed("sign").id)
    hand_over(case_id, at=later(days=2))
    assert queue("urban", "approver") == [case_id]
    assert Case.objects.get(pk=case_id).unit == "urban"
    decided(case_id, at=later(days=3))
    assert state(case_id) == State.CLOSED
    assert list(cases.verify()) == []


def test_a_matter_of_a_bundle_is_handed_over_and_its_sisters_stay() -> None:
    """R14.2"""
    root = filed()
    hand_over(of(root.id, "sign"), "fire")
    assert states(root.id) == {"check": "submitted", "sign": "submitted"}
    assert queue("fire") == [of(root.id, "sign")]
    assert queue("market") == [of(root.id, "check")]


@pytest.mark.parametrize(
    ("over", "code"),
    [
        ({"to": "market"}, "same_unit"),
        ({"because": Because("不归我管")}, "no_reason"),
        ({"because": Because("", "法")}, "no_reason"),
    ],
)
def test_it_goes_somewhere_else_and_says_why(over: dict[str, Any], code: str) -> None:
    case_id = filed("sign").id
    with pytest.raises(Refused, match=code):
        hand_over(case_id, **over)
    assert queue("market") == [case_id]


def test_what_is_decided_or_over_or_a_whole_bundle_is_not_handed_over() -> None:
    decided_ = filed("whole")
    accepted(decided_.id)
    cases.do(case_id=decided_.id, step="work", result="好", by=OFFICER, at=later(hours=2))
    decided(decided_.id)
    ended = filed("sign", key="k2")
    cases.withdraw(case_id=ended.id, reason="", by="person:1", at=later(hours=1))
    for case_id, code in (
        (decided_.id, "decided_already"),
        (ended.id, "case_over"),
        (filed(key="k3").id, "not_a_matter"),
    ):
        with pytest.raises(Refused, match=code):
            hand_over(case_id, at=later(hours=5))


def test_a_step_that_opens_again_is_nobody_s_of_the_former_unit() -> None:
    case_id = filed("sign").id
    cases.take(case_id=case_id, step="review", by=OFFICER, at=later(minutes=5))
    hand_over(case_id)
    cases.ask_correction(case_id=case_id, defects=[Defect("field:name", "不符")], by="staff:9", at=later(hours=2))
    cases.correct(case_id=case_id, said=said(), by="person:1", at=later(days=1))
    assert Task.objects.get(case_id=case_id, state="open").taken_by == ""
    assert list(cases.verify()) == []


# --- answers that are late ---


def unanswered(unit: str, today: date) -> list[UUID]:
    actor = identity.Actor("staff:9", grants=(identity.Grant("case_officer", unit),))
    return [one.case for one in cases.unanswered(actor, role="case_officer", service="sample", today=today)]


def test_an_answer_that_is_late_stands_on_the_desk_of_its_unit_until_it_comes_or_is_waived() -> None:
    """视为放弃: nobody's task, so somebody has to see it."""
    root = filed("sign")
    cases.ask_correction(
        case_id=root.id, defects=[Defect("field:a", "不符"), Defect("field:b", "不符")], by=OFFICER, at=later()
    )
    (item, _) = cases.corrections(root.id)
    assert item.due_on is not None
    after = date.fromordinal(item.due_on.toordinal() + 1)
    assert unanswered("market", item.due_on) == []
    assert unanswered("market", after) == [root.id]
    assert unanswered("urban", after) == []
    at = later(days=(after - later().date()).days)
    cases.waive(case_id=root.id, because=Because("逾期未补正", "指南", "可另行申请"), by=OFFICER, at=at)
    assert unanswered("market", after) == []


# --- alike ---


def alike(case_id: UUID, **at: float) -> list[tuple[UUID, str]]:
    view = cases.view(case_id)
    assert view is not None
    return [(one.case, one.why.zh) for one in cases.similar(view, case_id, at=later(**at))]


def test_what_the_same_applicant_asked_before_is_shown_and_another_s_is_not() -> None:
    """K23: same applicant and matter within a year, in a bundle or alone."""
    first, bundle = filed("sign"), filed(key="k2")
    filed("sign", key="k3", applicant=testing.applicant("91411002MA0000017X", "另一家"))
    filed("check", key="k4")
    sign = of(bundle.id, "sign")
    assert alike(first.id) == [(sign, "同一申请人、同一事项")]
    assert alike(sign) == [(first.id, "同一申请人、同一事项")]
    assert alike(first.id, days=400) == []


def test_a_service_says_what_it_knows_to_be_alike() -> None:
    """K23: the hook; each case once, whoever names it."""
    first, other = filed("sign"), filed("check", key="k2")

    def same_place(looked: cases.Looked) -> list[cases.Alike]:
        assert looked.values["floor_area"] == 8_000
        row = Case.objects.get(pk=other.id)
        found = cases.Alike(
            row.pk, row.number, Text("核验", "check"), row.unit, State(row.state), Text("同一地址", "place")
        )
        return [found, replace(found, why=Text("又一次", "again"))]

    with heard(cases.similar_asked):
        cases.similar_asked.connect(same_place)
        try:
            assert alike(first.id) == [(other.id, "同一地址")]
        finally:
            cases.similar_asked._listeners.remove(same_place)
