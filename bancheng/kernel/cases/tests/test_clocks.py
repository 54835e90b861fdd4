"""Clocks of cases: silence that acts, lateness that escalates alone, pauses, extensions, a year that is published later."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from bancheng.kernel.cases import public as cases
from bancheng.kernel.cases import testing
from bancheng.kernel.cases.models import Case, CaseAction, CorrectionItem, Task
from bancheng.kernel.cases.operations.reviewing import start_answer_clocks
from bancheng.kernel.cases.public import Act, ClockSpec, Defect, Since, State
from bancheng.kernel.cases.testing import (
    APPROVER,
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
from bancheng.kernel.clocks.testing import loaded
from bancheng.kernel.identity import public as identity
from bancheng.lib.refusal import Refused

pytestmark = pytest.mark.usefixtures("flows")
DECIDE = "C-02.decide"
NEW_YEAR = datetime(2026, 12, 28, 9, tzinfo=clocks.SHANGHAI)


def running(case_id: UUID) -> dict[str, clocks.Clock]:
    return {clock.rule.id: clock for clock in clocks.open_clocks(region=REGION, abouts=[f"case:{case_id}"])}


def due(case_id: UUID) -> dict[str, date | None]:
    return dict(Task.objects.filter(case_id=case_id, state="open").values_list("step", "due_on"))


def pause(case_id: UUID, *, at: datetime, **over: Any) -> None:
    given: dict[str, Any] = {
        "rule": DECIDE,
        "cause": "expert_review",
        "basis": "行政许可法 第四十五条",
        "planned_last": date(2026, 3, 6),
        "document": "评审1号",
        "notice": "告知书1号",
        "approver": "张局长",
    }
    cases.pause(case_id=case_id, by=APPROVER, at=at, **(given | over))


def test_silence_accepts_from_the_day_of_receipt_and_the_decision_counts_from_that_day() -> None:
    """R-CLK-7: 行政许可法 第三十二条: not told in time what to supply, the application counts as accepted from its receipt."""
    root = filed("whole")
    assert clocks.fire_due(today=date(2026, 3, 9), at=later(days=7)).silences == 0
    assert clocks.fire_due(today=date(2026, 3, 10), at=later(days=8)).silences == 1
    row = Case.objects.get(pk=root.id)
    assert (row.state, row.accepted_on) == (State.ACCEPTED, date(2026, 3, 2))
    assert running(root.id)[DECIDE].started_on == date(2026, 3, 2)
    assert due(root.id) == {"work": date(2026, 3, 9)}
    line = CaseAction.objects.get(case_id=root.id, act=Act.DEEMED_ACCEPTED)
    assert (line.by, line.detail["law"]) == ("system", "行政许可法 第三十二条")
    assert list(cases.verify([root.id])) == []


def test_silence_drops_what_was_asked_too_late_to_be_told() -> None:
    """R-CLK-7, R-OT-1: what waited for other departments past the limit is asked of nobody."""
    root = filed()
    cases.ask_correction(
        case_id=of(root.id, "check"), defects=[Defect("field:name", "不符")], by=OFFICER, at=later(hours=1)
    )
    clocks.fire_due(today=date(2026, 3, 10), at=later(days=8))
    assert states(root.id) == {"check": "accepted", "sign": "accepted"}
    assert not CorrectionItem.objects.filter(dropped_at=None).exists()
    assert cases.send_corrections(today=date(2026, 3, 11), at=later(days=9)) == 0


def test_promise_and_law_are_missed_apart_and_one_silent_department_alone() -> None:
    """R-CLK-8, B14.4: one department silent past its clock escalates alone."""
    root = filed()
    late, other = accepted(of(root.id, "check")), of(root.id, "sign")
    accepted(other)
    decided(other)
    clocks.fire_due(today=date(2026, 3, 10), at=later(days=8))
    clocks.fire_due(today=date(2026, 3, 10), at=later(days=8))
    clocks.fire_due(today=date(2026, 3, 31), at=later(days=29))
    told = CaseAction.objects.filter(act=Act.ESCALATED).order_by("seq").values_list("case_id", "detail__kind")
    assert list(told) == [(late, "promised"), (late, "statutory")]
    assert Task.objects.get(case_id=late, state="open").escalated_at == later(days=8)
    assert states(root.id)["check"] == State.ACCEPTED


def test_a_step_that_uses_up_anothers_time_is_escalated_with_it() -> None:
    """B14.4: the decision's clock runs out while the work before it lies still."""
    root = filed("whole")
    accepted(root.id)
    clocks.fire_due(today=date(2026, 3, 10), at=later(days=8))
    assert Task.objects.get(case_id=root.id, state="open", step="work").escalated_at


def test_a_task_is_due_by_what_runs_out_first() -> None:
    """R-CLK-8: the city's two days before the law's five."""
    root = filed("sign")
    assert due(root.id) == {"review": date(2026, 3, 4)}
    accepted(root.id)
    assert due(root.id) == {"decide": date(2026, 3, 9)}


def test_a_pause_for_a_lawful_cause_moves_the_task_and_resuming_lets_it_run() -> None:
    """R-CLK-4, R-CLK-5: an expert review is not counted, and the queue says so."""
    root = filed("sign")
    accepted(root.id)
    pause(root.id, at=later(days=1))
    assert state(root.id) == State.PAUSED
    assert due(root.id) == {"decide": date(2026, 3, 13)}
    cases.resume(case_id=root.id, rule=DECIDE, document="结束1号", by=APPROVER, at=later(days=2))
    assert state(root.id) == State.ACCEPTED
    assert due(root.id) == {"decide": date(2026, 3, 11)}


def test_a_pause_for_another_cause_or_without_a_notice_is_none() -> None:
    """R-CLK-4, R-CLK-5: publicity is on no list; who is not told in writing how long loses no day."""
    root = filed("sign")
    accepted(root.id)
    with pytest.raises(Refused, match="pause_not_allowed"):
        pause(root.id, at=later(days=1), cause="publicity")
    with pytest.raises(Refused, match="not_told"):
        pause(root.id, at=later(days=1), notice=" ")
    assert due(root.id) == {"decide": date(2026, 3, 9)}
    assert state(root.id) == State.ACCEPTED


def test_while_a_period_stands_the_case_is_not_decided() -> None:
    """R-CLK-5: a pause ends with a document of its own, not with the decision."""
    root = filed("sign")
    accepted(root.id)
    pause(root.id, at=later(days=1))
    with pytest.raises(Refused, match="paused"):
        decided(root.id, at=later(days=2))
    cases.resume(case_id=root.id, rule=DECIDE, document="结束1号", by=APPROVER, at=later(days=2))
    decided(root.id, at=later(days=2))
    assert state(root.id) == State.CLOSED


def test_a_paused_case_can_be_withdrawn() -> None:
    root = filed("sign")
    accepted(root.id)
    pause(root.id, at=later(days=1))
    cases.withdraw(case_id=root.id, reason="不办了", by="person:1", at=later(days=2))
    assert (state(root.id), running(root.id)) == (State.WITHDRAWN, {})


def test_a_period_is_extended_once_and_its_promise_stays() -> None:
    """R-CLK-6: ten working days, once; the promise given stays what the queue sorts by."""
    root = filed("sign")
    accepted(root.id)
    given: dict[str, Any] = {"rule": DECIDE, "length": clocks.Length(10, clocks.Unit.WD), "reason": "案情复杂"}
    cases.extend(case_id=root.id, approver="张局长", by=APPROVER, at=later(days=1), **given)
    assert running(root.id)[DECIDE].due.on == date(2026, 4, 14)
    assert due(root.id) == {"decide": date(2026, 3, 9)}
    with pytest.raises(Refused, match="extended_already"):
        cases.extend(case_id=root.id, approver="张局长", by=APPROVER, at=later(days=2), **given)


def test_a_date_beyond_the_published_year_moves_when_its_calendar_is_loaded_and_the_queue_with_it() -> None:
    """R-CLK-9: New Year 2027 is not published: provisional, worked out again, and the queue sorts by the new day."""
    first, second = filed("sign", key="a", at=NEW_YEAR), filed("whole", key="b", at=NEW_YEAR)
    for case_id in (first.id, second.id):
        accepted(case_id, at=NEW_YEAR)
    decide, work = due(first.id)["decide"], due(second.id)["work"]
    assert decide == work
    assert running(first.id)[DECIDE].due.provisional
    loaded(2027, rest=[date(2027, 1, 2), date(2027, 1, 3), date(2027, 1, 4), date(2027, 1, 5)])
    moved = {due(first.id)["decide"], due(second.id)["work"]}
    assert moved == {clocks.clock(running(first.id)[DECIDE].id).decision.promised.on}  # type: ignore[union-attr]
    assert decide is not None
    assert min(moved) > decide  # type: ignore[type-var]
    assert list(cases.verify()) == []


def test_the_queue_follows_a_calendar_that_was_loaded() -> None:
    """R-CLK-9: two days of rest put off what was counted over them; what began after them comes first now."""
    grants = (identity.Grant("approver", "market"), identity.Grant("case_officer", "market"))
    officer = identity.Actor(OFFICER, grants=grants)
    over = filed("sign", key="a", at=NEW_YEAR.replace(day=30))
    accepted(over.id, at=NEW_YEAR.replace(day=30))
    after = filed("sign", key="b", at=datetime(2027, 1, 6, 9, tzinfo=clocks.SHANGHAI))
    assert [task.case for task in cases.queue(officer)] == [over.id, after.id]
    loaded(2027, rest=[date(2027, 1, 4), date(2027, 1, 5)])
    assert [task.case for task in cases.queue(officer)] == [after.id, over.id]
    assert list(cases.verify()) == []


def test_what_the_law_takes_as_waived_is_waived() -> None:
    """R-CLK-7: 行政复议法 第三十一条: no answer to the correction, without good reason."""
    root = filed("sign", said=said())
    cases.ask_correction(case_id=root.id, defects=[Defect("field:name", "不符")], by=OFFICER, at=later(hours=1))
    clocks.start(
        region=REGION, about=f"case:{root.id}", rule="C-22.supply", started_on=date(2026, 3, 2), by="test", at=later()
    )
    clocks.fire_due(today=date(2026, 6, 1), at=later(days=91))
    assert state(root.id) == State.WAIVED
    assert CaseAction.objects.get(case_id=root.id, act=Act.WAIVED).law == "行政复议法 第三十一条"


def test_a_period_from_receipt_runs_on_through_acceptance() -> None:
    """C-07 and its like count from the application: accepting it ends nothing."""
    flow = testing.SIGN
    registered = tuple(
        replace(step, clock=ClockSpec("C-07", Since.RECEIVED)) if step.code == "decide" else step for step in flow.steps
    )
    testing.flows_loaded(replace(flow, steps=registered))
    root = filed("sign")
    accepted(root.id, at=later(days=1))
    assert running(root.id)["C-07"].started_on == date(2026, 3, 2)
    assert due(root.id) == {"decide": date(2026, 3, 5)}
    decided(root.id, at=later(days=2))
    assert [clock.state for clock in clocks.clocks_of(region=REGION, about=f"case:{root.id}")] == ["done", "done"]


def test_the_matter_of_another_part_is_let_alone() -> None:
    """A clock on something that is called a case and is none of ours."""
    clocks.start(region=REGION, about="case:7", rule="C-01", started_on=date(2026, 3, 2), by="test", at=later())
    assert clocks.fire_due(today=date(2026, 4, 1), at=later(days=30)).silences == 1


# --- the applicant's own time, while he corrects

ANSWER = cases.ANSWER.rule


def told(*, at: datetime | None = None) -> UUID:
    """Return a single matter whose applicant was told what to correct."""
    root = filed("whole").id
    cases.ask_correction(case_id=root, defects=[Defect("field:name", "不符")], by=OFFICER, at=at or later(hours=1))
    return root


def test_the_applicants_answer_runs_on_a_clock_that_explains_itself_and_nothing_runs_against_the_agency() -> None:
    """R-CLK-1, P-4: fifteen working days of the party's own, as the notice says; 行政许可法 第三十二条: the review stands meanwhile."""
    root = told()
    (clock,) = running(root).values()
    assert (clock.rule.id, clock.rule.side) == (ANSWER, "party")
    assert "15个工作日" in clock.due.explain.zh
    (item,) = CorrectionItem.objects.all()
    assert item.due_on == clock.due.on
    assert list(cases.verify([root])) == []
    cases.correct(case_id=root, said=said({"name": "对"}), by="person:1", at=later(days=1))
    assert set(running(root)) == {"C-01"}
    assert list(cases.verify([root])) == []


def test_a_late_answer_is_noted_once_and_ends_nothing() -> None:
    """R-CLK-7: no law makes silence of an applicant for a licence a waiver; he may still answer, and the officer is not late by it."""
    root = told()
    last = running(root)[ANSWER].due.on
    for _ in range(2):
        clocks.fire_due(today=last, at=later(days=20))
    assert not CaseAction.objects.filter(act=Act.ANSWER_LATE).exists()
    for _ in range(2):
        clocks.fire_due(today=last + timedelta(days=1), at=later(days=24))
    (line,) = CaseAction.objects.filter(act=Act.ANSWER_LATE)
    assert (line.by, line.detail["due_on"]) == ("system", str(last))
    assert not CaseAction.objects.filter(act=Act.ESCALATED).exists()
    assert state(root) == State.CORRECTING
    assert list(cases.verify([root])) == []
    cases.correct(case_id=root, said=said({"name": "对"}), by="person:1", at=later(days=25))
    assert state(root) != State.CORRECTING
    assert ANSWER not in running(root)


@pytest.mark.parametrize("end", ["waive", "withdraw", "accept"])
def test_the_applicants_clock_ends_with_what_it_waits_for(end: str) -> None:
    root = told()
    at = later(days=40)
    match end:
        case "waive":
            cases.waive(case_id=root, because=cases.Because("逾期未补正", "行政许可法 第三十二条"), by=OFFICER, at=at)
        case "withdraw":
            cases.withdraw(case_id=root, reason="不办了", by="person:1", at=at)
        case _:
            cases.correct(case_id=root, said=said({"name": "对"}), by="person:1", at=at)
            accepted(root, at=at)
    assert ANSWER not in running(root)
    assert list(cases.verify([root])) == []


def test_a_bundle_s_departments_wait_on_clocks_of_their_own_for_the_one_answer() -> None:
    """R14.3: told in one notice, each matter with its clock, the same day; answered, all of them end."""
    root = filed().id
    matters = [of(root, "check"), of(root, "sign")]
    for n, one in enumerate(matters):
        cases.ask_correction(case_id=one, defects=[Defect(f"field:f{n}", "不符")], by=OFFICER, at=later(hours=n + 1))
    assert {running(one)[ANSWER].due.on for one in matters} == set(
        CorrectionItem.objects.values_list("due_on", flat=True)
    )
    assert not running(root)
    cases.correct(case_id=root, said=said({"name": "对"}), by="person:1", at=later(days=1))
    assert all(ANSWER not in running(one) for one in matters)


def test_what_an_older_version_told_without_a_clock_gets_it_from_the_day_it_was_told() -> None:
    """A case that waits on no clock is listed by `verify`; the morning's job starts it, once, and a late one is found the next night."""
    root = told()
    (clock,) = running(root).values()
    clocks.end_many([(clock, False)], on=date(2026, 3, 2), by="test", at=later(hours=2))
    assert [one.what for one in cases.verify([root])] == ["clocks"]
    assert start_answer_clocks(at=later(days=40)) == 1
    assert running(root)[ANSWER].started_on == date(2026, 3, 2)
    assert list(cases.verify([root])) == []
    assert start_answer_clocks(at=later(days=40)) == 0
    clocks.fire_due(today=date(2026, 4, 20), at=later(days=49))
    assert CaseAction.objects.filter(act=Act.ANSWER_LATE).count() == 1


def test_a_year_that_is_published_later_moves_the_day_to_answer_and_never_forward() -> None:
    """R-CLK-9: the day was told to a citizen: it may become later and never earlier, in the clock and in what the notice says."""
    root = filed("whole", at=NEW_YEAR).id
    cases.ask_correction(case_id=root, defects=[Defect("field:name", "不符")], by=OFFICER, at=NEW_YEAR)
    before = running(root)[ANSWER].due
    assert before.provisional
    loaded(2027, rest=[date(2027, 1, 11), date(2027, 1, 12)])
    after = running(root)[ANSWER].due.on
    assert after > before.on
    assert CorrectionItem.objects.get().due_on == after
