"""The way back: one's own last step, with its task, its clock and what it asked."""

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from bancheng.kernel.cases import public as cases
from bancheng.kernel.cases import testing
from bancheng.kernel.cases.models import CorrectionItem, Task
from bancheng.kernel.cases.public import ClockSpec, Defect, Since, State
from bancheng.kernel.cases.testing import OFFICER, REGION, accepted, filed, later, of, state, states
from bancheng.kernel.clocks import public as clocks
from bancheng.lib.refusal import Refused

pytestmark = pytest.mark.usefixtures("flows")


def tasks(case_id: UUID) -> dict[str, str]:
    return dict(Task.objects.filter(case_id=case_id, state="open").values_list("step", "taken_by"))


def undo(case_id: UUID, by: str = OFFICER) -> None:
    cases.undo(case_id=case_id, by=by, at=later(days=2), reason="点错了")


def done(case_id: UUID) -> None:
    cases.take(case_id=case_id, step="work", by=OFFICER, at=later(hours=3))
    cases.do(case_id=case_id, step="work", result="核算无误", by=OFFICER, at=later(hours=4))


def test_a_step_taken_back_is_its_doers_again() -> None:
    root = filed("whole")
    accepted(root.id)
    done(root.id)
    assert tasks(root.id) == {"decide": ""}
    undo(root.id)
    assert tasks(root.id) == {"work": OFFICER}
    undo(root.id)
    assert tasks(root.id) == {"work": ""}
    assert list(cases.verify()) == []


def test_only_who_did_it_takes_it_back() -> None:
    root = filed("whole")
    accepted(root.id)
    done(root.id)
    with pytest.raises(Refused, match="not_yours"):
        undo(root.id, by="staff:9")
    assert tasks(root.id) == {"decide": ""}


def test_the_clock_of_a_step_taken_back_goes_on_with_its_pause_and_its_extension() -> None:
    """R-CLK-5, R-CLK-6: taking a step back gives nobody a fresh period, nor takes what was granted."""
    flow = testing.WHOLE
    timed = {"work": ClockSpec("C-03.decide", Since.OPENED), "decide": None}
    testing.flows_loaded(replace(flow, steps=tuple(replace(s, clock=timed.get(s.code, s.clock)) for s in flow.steps)))
    root = filed("whole")
    accepted(root.id)
    cases.extend(
        case_id=root.id,
        rule="C-03.decide",
        length=clocks.Length(15, clocks.Unit.WD),
        reason="案情复杂",
        approver="市政府",
        by=OFFICER,
        at=later(hours=2),
    )
    (before,) = clocks.open_clocks(region=REGION, abouts=[f"case:{root.id}"])
    cases.do(case_id=root.id, step="work", result="核算无误", by=OFFICER, at=later(days=1))
    assert clocks.clock(before.id).state == "done"
    undo(root.id)
    assert clocks.open_clocks(region=REGION, abouts=[f"case:{root.id}"]) == [before]
    assert Task.objects.get(case_id=root.id, state="open").due_on == before.due.on == date(2026, 5, 28)


def test_the_clock_of_the_step_behind_is_cancelled_and_not_done() -> None:
    """What became due and was taken back was never done by anybody."""
    flow = testing.WHOLE
    timed = {"decide": ClockSpec("C-02.decide", Since.OPENED)}
    testing.flows_loaded(replace(flow, steps=tuple(replace(s, clock=timed.get(s.code, s.clock)) for s in flow.steps)))
    root = filed("whole")
    accepted(root.id)
    done(root.id)
    undo(root.id)
    ended = {clock.rule.id: clock.state for clock in clocks.clocks_of(region=REGION, about=f"case:{root.id}")}
    assert ended == {"C-01": "done", "C-02.decide": "cancelled"}


def test_a_correction_that_is_not_told_yet_is_taken_back_alone() -> None:
    """R-OT-1: two were noted, one was a mistake; the other is told."""
    root = filed()
    check = of(root.id, "check")
    for about in ("field:name", "field:address"):
        cases.ask_correction(case_id=check, defects=[Defect(about, "不符")], by=OFFICER, at=later(hours=1))
    undo(check)
    left = CorrectionItem.objects.filter(dropped_at=None).values_list("about", flat=True)
    assert (list(left), states(root.id)["check"]) == (["field:name"], State.REVIEWING)
    undo(check)
    assert not CorrectionItem.objects.filter(dropped_at=None).exists()
    assert states(root.id)["check"] == State.SUBMITTED
    cases.ask_correction(case_id=check, defects=[Defect("field:name", "不符")], by=OFFICER, at=later(hours=2))
    assert list(cases.verify()) == []


def test_what_the_applicant_was_told_is_not_taken_back() -> None:
    root = filed("sign")
    cases.ask_correction(case_id=root.id, defects=[Defect("field:name", "不符")], by=OFFICER, at=later(hours=1))
    with pytest.raises(Refused, match="nothing_to_undo"):
        undo(root.id)
    assert state(root.id) == State.CORRECTING


def test_a_step_is_given_back_by_who_has_it_only() -> None:
    root = filed("sign")
    cases.take(case_id=root.id, step="review", by=OFFICER, at=later(hours=1))
    with pytest.raises(Refused, match="taken"):
        cases.take(case_id=root.id, step="review", by="staff:9", at=later(hours=2))
    with pytest.raises(Refused, match="not_yours"):
        cases.give_back(case_id=root.id, step="review", by="staff:9", at=later(hours=2))
    cases.give_back(case_id=root.id, step="review", by=OFFICER, at=later(hours=2))
    cases.take(case_id=root.id, step="review", by="staff:9", at=later(hours=3))
    assert tasks(root.id) == {"review": "staff:9"}
