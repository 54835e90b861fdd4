"""Ends and what they leave: dependants, notices, tasks, the bundle, the archive."""

from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest

from bancheng.kernel.cases import public as cases
from bancheng.kernel.cases import testing
from bancheng.kernel.cases.models import Case, CorrectionItem, Task
from bancheng.kernel.cases.operations.ending import archive
from bancheng.kernel.cases.public import Because, Defect, Outcome, State
from bancheng.kernel.cases.testing import OFFICER, accepted, decided, filed, granted, later, of, said, state, states
from bancheng.kernel.clocks.testing import heard
from bancheng.lib.refusal import Refused

pytestmark = pytest.mark.usefixtures("flows")


def held(root: UUID) -> tuple[str, ...]:
    found = cases.view(root)
    assert found is not None
    return found.case.steps.held


def withdraw(case_id: UUID, **over: Any) -> None:
    cases.withdraw(case_id=case_id, by="person:1", **({"reason": "不办了", "at": later(days=1)} | over))


def put_away(days: float) -> int:
    at = later(days=days)
    return archive(today=at.date(), at=at, keep_days=30)


def test_one_matter_is_withdrawn_and_what_depends_on_it_is_held() -> None:
    """B14.5: the applicant withdraws one matter; the others go on, dependants wait to be retried or given up."""
    root = filed()
    withdraw(of(root.id, "check"))
    assert states(root.id) == {"check": "withdrawn", "sign": "submitted"}
    assert (held(root.id), state(root.id)) == (("food",), State.HANDLING)
    cases.retry(case_id=root.id, step="check", by="person:1", at=later(days=2))
    assert held(root.id) == ()
    for step in ("check", "food", "sign"):
        granted(of(root.id, step))
    assert state(root.id) == State.CLOSED
    assert list(cases.verify()) == []


def test_what_was_given_up_is_not_had_by_trying_again_before_what_it_needs() -> None:
    """R14.2: a retry does not go round the matter it depends on."""
    root = filed()
    withdraw(of(root.id, "check"))
    cases.give_up(case_id=root.id, step="food", reason="不做餐饮", by="person:1", at=later(days=1))
    with pytest.raises(Refused, match="not_to_retry"):
        cases.retry(case_id=root.id, step="food", by="person:1", at=later(days=2))
    assert set(states(root.id)) == {"check", "sign"}


@pytest.mark.parametrize("step", ["sign", "food", "nothing"])
def test_what_goes_on_or_waits_is_neither_tried_again_nor_given_up(step: str) -> None:
    root = filed()
    with pytest.raises(Refused, match="not_to_retry"):
        cases.retry(case_id=root.id, step=step, by="person:1", at=later(days=1))
    with pytest.raises(Refused, match="not_to_retry"):
        cases.give_up(case_id=root.id, step=step, reason="", by="person:1", at=later(days=1))


def test_a_second_attempt_is_told_once_and_can_fail_too() -> None:
    root = filed()
    for _ in range(2):
        accepted(of(root.id, "check"))
        decided(of(root.id, "check"), Outcome.DENIED)
        assert held(root.id) == ("food",)
        cases.retry(case_id=root.id, step="check", by="person:1", at=later(days=1))
    assert Case.objects.filter(root_id=root.id, step="check").count() == 3
    assert list(cases.verify()) == []


def test_withdrawing_the_one_matter_to_correct_leaves_nothing_to_correct() -> None:
    """R14.3: nobody is asked to correct what he has taken back."""
    root = filed()
    check = of(root.id, "check")
    cases.ask_correction(case_id=check, defects=[Defect("field:name", "不符")], by=OFFICER, at=later(hours=1))
    cases.send_corrections(today=date(2026, 3, 3), at=later(days=1))
    assert state(root.id) == State.CORRECTING
    withdraw(check)
    assert state(root.id) == State.HANDLING
    assert not CorrectionItem.objects.filter(dropped_at=None).exists()
    with pytest.raises(Refused, match="nothing_to_correct"):
        cases.correct(case_id=root.id, said=said(), by="person:1", at=later(days=2))


@pytest.mark.parametrize("end", ["accept", "withdraw"])
def test_the_notice_goes_when_the_last_department_that_looked_has_ended(end: str) -> None:
    """R-OT-1, R14.3: it waits for departments that still look, and for no other."""
    root = filed()
    asking, looking = of(root.id, "check"), of(root.id, "sign")
    cases.ask_correction(case_id=asking, defects=[Defect("field:name", "不符")], by=OFFICER, at=later(hours=1))
    accepted(looking) if end == "accept" else withdraw(looking)
    assert states(root.id)["check"] == State.CORRECTING


def test_an_answer_that_is_late_can_be_taken_as_waived_and_not_before() -> None:
    """The vocabulary's 视为放弃: a case that nobody answers can be left."""
    root = filed("sign")
    cases.ask_correction(case_id=root.id, defects=[Defect("field:name", "不符")], by=OFFICER, at=later(hours=1))
    why = Because("逾期未补正", "本市办事指南")
    (item,) = cases.corrections(root.id)
    assert item.due_on is not None
    with pytest.raises(Refused, match="answer_not_late"):
        cases.waive(case_id=root.id, because=why, by=OFFICER, at=later(days=1))
    after = later(days=(item.due_on - later().date()).days + 1)
    cases.waive(case_id=root.id, because=why, by=OFFICER, at=after)
    assert state(root.id) == State.WAIVED
    assert list(cases.verify()) == []


def test_a_matter_is_transferred_to_another_authority_unless_it_is_decided() -> None:
    root = filed()
    why = Because("不属本机关职权", "行政许可法 第三十二条")
    cases.transfer(case_id=of(root.id, "sign"), to_unit="market", because=why, by=OFFICER, at=later(hours=1))
    assert states(root.id)["sign"] == State.TRANSFERRED
    whole = filed("whole", key="k2")
    accepted(whole.id)
    cases.do(case_id=whole.id, step="work", result="好", by=OFFICER, at=later(hours=2))
    decided(whole.id)
    for refused in (
        lambda: cases.transfer(case_id=whole.id, to_unit="urban", because=why, by=OFFICER, at=later(hours=4)),
        lambda: withdraw(whole.id),
    ):
        with pytest.raises(Refused, match="decided_already"):
            refused()


def test_a_matter_that_the_corrected_answers_call_for_no_more_ends_and_holds_nobody_up() -> None:
    """B14.3: the corrected floor area lies below the threshold: no fire check, and the bundle closes without."""
    root = filed(said=said({"floor_area": 30_000}))
    cases.ask_correction(
        case_id=of(root.id, "check"), defects=[Defect("field:floor_area", "不符")], by=OFFICER, at=later(hours=1)
    )
    cases.send_corrections(today=date(2026, 3, 3), at=later(days=1))
    cases.correct(case_id=root.id, said=said({"floor_area": 8_000}), by="person:1", at=later(days=2))
    assert states(root.id)["fire"] == State.WITHDRAWN
    for step in ("check", "food", "sign"):
        granted(of(root.id, step))
    assert state(root.id) == State.CLOSED
    assert not Task.objects.filter(state="open").exists()
    assert list(cases.verify()) == []


def test_a_department_that_has_not_looked_yet_looks_at_the_corrected_form() -> None:
    """R14.3: one form for all: an inspection chosen in a correction reaches who asked nothing."""
    root = filed(said=said({"floor_area": 30_000}))
    cases.ask_correction(
        case_id=of(root.id, "check"), defects=[Defect("field:name", "不符")], by=OFFICER, at=later(hours=1)
    )
    cases.send_corrections(today=date(2026, 3, 3), at=later(days=1))
    cases.correct(
        case_id=root.id, said=said({"floor_area": 30_000, "route": "inspect"}), by="person:1", at=later(days=2)
    )
    fire = accepted(of(root.id, "fire"))
    assert list(Task.objects.filter(case_id=fire, state="open").values_list("step", flat=True)) == ["visit"]


def test_a_department_is_held_to_what_it_saw_when_it_asked() -> None:
    """R-OT-1: what changed since may be asked, though others had it corrected once more meanwhile; what stood there may not."""
    root = filed(said=said({"name": "张记"}))
    check, sign = of(root.id, "check"), of(root.id, "sign")
    for case_id in (check, sign):
        cases.ask_correction(case_id=case_id, defects=[Defect("field:route", "请选择")], by=OFFICER, at=later(hours=1))
    cases.correct(case_id=root.id, said=said({"name": "李记"}), by="person:1", at=later(days=1))
    picture = [Defect("field:route", "仍未选择")]
    cases.ask_correction(case_id=sign, defects=picture, by=OFFICER, at=later(days=1, hours=1))
    assert cases.send_corrections(today=date(2026, 3, 4), at=later(days=2)) == 1
    cases.correct(case_id=root.id, said=said({"name": "李记"}), by="person:1", at=later(days=3))
    with pytest.raises(Refused, match="one_time_notice"):
        cases.ask_correction(case_id=check, defects=[Defect("field:floor_area", "不符")], by=OFFICER, at=later(days=4))
    new = [Defect("field:name", "改后的名称与执照不符")]
    cases.ask_correction(case_id=check, defects=new, by=OFFICER, at=later(days=4))
    assert states(root.id)["check"] == State.REVIEWING


def test_the_same_field_stands_once_in_a_notice() -> None:
    root = filed("sign")
    twice = [Defect("field:name", "太短"), Defect("field:name", "不符")]
    with pytest.raises(Refused, match="asked_twice"):
        cases.ask_correction(case_id=root.id, defects=twice, by=OFFICER, at=later(hours=1))
    assert state(root.id) == State.SUBMITTED


@pytest.mark.parametrize("seed", range(6))
def test_corrections_asked_undone_told_and_answered_in_any_order_are_refused_or_taken_and_never_a_fault(
    seed: int,
) -> None:
    """R-OT-1: what stands twice is refused in a sentence, whoever asks, whatever was undone or told before."""
    chance, at = Random(seed), later()
    root = filed(key=f"c{seed}")
    ones = [of(root.id, "check"), of(root.id, "sign")]
    for _ in range(60):
        at += timedelta(minutes=chance.choice([1, 30, 600]))
        case_id, officer = chance.choice(ones), chance.choice([OFFICER, "staff:8"])
        abouts = chance.choices(["field:a", "field:b", "material:c", "field:"], k=chance.choice([1, 1, 2]))
        defects = [Defect(about, "不符") for about in abouts]
        leave = chance.choice(["", "staff:5"])
        act = chance.choice(["ask", "ask", "ask", "undo", "tell", "answer"])
        with suppress(Refused):
            if act == "ask":
                cases.ask_correction(case_id=case_id, defects=defects, by=officer, at=at, overridden_by=leave)
            elif act == "undo":
                cases.undo(case_id=case_id, by=officer, at=at, reason="点错了")
            elif act == "tell":
                cases.send_corrections(today=at.date() + timedelta(days=4), at=at)
            else:
                cases.correct(case_id=root.id, said=said({"a": chance.random()}), by="person:1", at=at)
    open_ = CorrectionItem.objects.filter(root_id=root.id, dropped_at=None)
    assert open_.count() == open_.values("case", "round", "about").distinct().count()
    assert list(cases.verify()) == []


@pytest.mark.parametrize("end", ["closed", "withdrawn"])
def test_what_has_ended_is_put_away_after_thirty_days_whatever_its_end(end: str) -> None:
    root = filed("sign")
    granted(root.id) if end == "closed" else withdraw(root.id, at=later(hours=3))
    assert put_away(29) == 0
    assert put_away(32) == 1
    assert put_away(33) == 0
    assert state(root.id) == State.ARCHIVED
    assert list(cases.verify()) == []


def test_a_bundle_whose_promise_is_still_to_be_verified_is_not_put_away() -> None:
    """R-GC-3, K24: the follow-up of one matter outlives its bundle."""
    root = filed(said=said({"floor_area": 30_000}))
    for step in ("check", "food", "sign", "fire"):
        granted(of(root.id, step))
    assert (state(root.id), states(root.id)["fire"]) == (State.CLOSED, State.FOLLOWING_UP)
    assert put_away(40) == 0
    cases.do(case_id=of(root.id, "fire"), step="verify", result="相符", by=OFFICER, at=later(days=40))
    assert put_away(41) == 1
    assert set(states(root.id).values()) == {"archived"}


def test_a_decided_matter_is_served_after_its_bundle_was_withdrawn() -> None:
    """R14.2: what is decided stands."""
    flow = replace(testing.matter_flow("check", serve="case_officer"))
    testing.flows_loaded(flow)
    root = filed()
    check = granted(of(root.id, "check"))
    withdraw(root.id)
    assert (state(root.id), state(check)) == (State.WITHDRAWN, State.DECIDED)
    assert put_away(60) == 0
    cases.serve(case_id=check, how="窗口领取", by=OFFICER, at=later(days=60))
    assert (state(check), put_away(61)) == (State.CLOSED, 1)
    assert list(cases.verify()) == []


def test_a_decision_before_acceptance_is_not_to_be_had_by_leaving_a_step_out() -> None:
    """行政许可法 第三十二条: the visit falls away, the acceptance does not."""
    root = filed("fire")
    with pytest.raises(Refused, match="step_not_open"):
        decided(root.id)
    assert list(Task.objects.filter(state="open").values_list("step", flat=True)) == ["review"]


def test_a_listener_that_fails_takes_everything_back() -> None:
    """What others are told and what is true are one: neither stands alone."""
    root = filed("sign")

    def fail(fact: cases.Happened) -> None:
        raise RuntimeError("not now")

    with heard(cases.happened):
        cases.happened.connect(fail)
        try:
            with pytest.raises(RuntimeError):
                accepted(root.id)
        finally:
            cases.happened._listeners.remove(fail)
    assert state(root.id) == State.SUBMITTED
    assert list(cases.verify()) == []
    with heard(cases.happened) as facts:
        accepted(root.id)
    assert [(fact.act, fact.state) for fact in facts] == [("accepted", "accepted")]


def test_a_case_that_nobody_could_see_is_not_filed() -> None:
    with pytest.raises(ValueError, match="whose is sign"):
        filed("sign", unit="")


def test_an_ended_case_is_told_so() -> None:
    root = filed("sign")
    withdraw(root.id)
    with pytest.raises(Refused, match="case_over"):
        withdraw(root.id, at=later() + timedelta(days=2))
