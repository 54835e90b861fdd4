"""Conditions that are promised: granted at once, verified by a day, mended by another, or paid for with the grant."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from bancheng.kernel.cases import public as cases
from bancheng.kernel.cases.models import CaseAction, Task
from bancheng.kernel.cases.public import Act, Because, Look, Outcome, State
from bancheng.kernel.cases.rules.promising import look
from bancheng.kernel.cases.testing import (
    APPROVER,
    NO,
    OFFICER,
    REGION,
    accepted,
    applicant,
    decided,
    filed,
    later,
    said,
    state,
)
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.credit import public as credit
from bancheng.kernel.identity import public as identity
from bancheng.kernel.licences import public as licences
from bancheng.lib.refusal import Refused

pytestmark = pytest.mark.usefixtures("flows")
HOLDER = applicant().hash


def granted(key: str = "k1", route: str = "promise") -> UUID:
    return decided(accepted(filed("safety", key=key, said=said({"route": route})).id))


def verify(case_id: UUID, true: bool, **over: Any) -> None:
    given: dict[str, Any] = {"because": Because("现场相符") if true else NO, "by": OFFICER, "at": later(days=10)}
    cases.verify_promise(case_id=case_id, true=true, **(given | over))


def settle(case_id: UUID, mended: bool, **over: Any) -> None:
    given: dict[str, Any] = {"because": Because("已整改") if mended else NO, "by": APPROVER, "at": later(days=20)}
    cases.settle_promise(case_id=case_id, mended=mended, **(given | over))


def tasks(case_id: UUID) -> list[tuple[str, str, date | None]]:
    open_ = Task.objects.filter(case_id=case_id, state="open")
    return list(open_.values_list("step", "role", "due_on"))


def licence() -> licences.View:
    (found,) = licences.held_by([HOLDER], on=later(days=20).date())
    return found


def outcomes(case_id: UUID) -> list[tuple[str, str]]:
    return list(CaseAction.objects.filter(case_id=case_id, act="done").order_by("seq").values_list("step", "outcome"))


def test_a_promise_is_granted_at_once_and_verified_by_a_day() -> None:
    """R-GC-1, R-GC-3: no visit between; the promise stands in the log, its verification in a queue with its day."""
    case_id = granted()
    assert state(case_id) == State.FOLLOWING_UP
    assert tasks(case_id) == [("verify", "case_officer", date(2026, 3, 30))]
    (line,) = CaseAction.objects.filter(case_id=case_id, act=Act.PROMISED)
    assert (line.by, line.law) == ("person:1", "消防法 第十五条")
    assert CaseAction.objects.get(case_id=case_id, act=Act.DECIDED).detail["look"] == Look.ON_SPOT
    assert licence().on_promise
    assert list(cases.verify()) == []


def test_the_ordinary_way_is_visited_first_and_promises_nothing() -> None:
    """R-GC-1, R14.5: the applicant chooses."""
    root = accepted(filed("safety", said=said({"route": "inspect"})).id)
    assert [step for step, *_ in tasks(root)] == ["visit"]
    cases.do(case_id=root, step="visit", result="合格", by=OFFICER, at=later(hours=3))
    decided(root)
    assert (state(root), tasks(root)) == (State.CLOSED, [])
    assert not CaseAction.objects.filter(act=Act.PROMISED).exists()
    assert not licence().on_promise
    with pytest.raises(Refused, match="step_not_open"):
        verify(root, True)


def test_a_true_promise_ends_with_its_verification() -> None:
    """R-GC-2, R-GC-3: checked afterwards."""
    case_id = granted()
    verify(case_id, True)
    assert (state(case_id), tasks(case_id)) == (State.CLOSED, [])
    assert credit.marks_of(HOLDER) == []
    with pytest.raises(Refused, match="step_not_open"):
        settle(case_id, True)
    assert list(cases.verify()) == []


def test_an_untrue_promise_is_to_be_mended_and_bars_another_until_it_is() -> None:
    """R-GC-2: order to fix with a day of its own; excluded until repair."""
    case_id = granted()
    with pytest.raises(Refused, match="unfounded"):
        verify(case_id, False, because=Because("不符"))
    verify(case_id, False)
    assert tasks(case_id) == [("recheck", "approver", date(2026, 4, 2))]
    assert state(case_id) == State.FOLLOWING_UP
    other = filed("safety", key="k2", said=said({"route": "promise"})).id
    with pytest.raises(Refused, match="promise_barred"):
        accepted(other)
    assert state(other) == State.SUBMITTED
    accepted(filed("safety", key="k3", said=said({"route": "inspect"})).id)
    settle(case_id, True)
    assert outcomes(case_id) == [("verify", "untrue"), ("recheck", "done")]
    accepted(other)
    assert licence().status is licences.Status.VALID
    assert list(cases.verify()) == []


def test_what_is_not_mended_costs_the_grant_and_stays_on_record() -> None:
    """R-GC-2: revoked by another person than found it untrue, with reason, article and remedy; the licence ends at once."""
    case_id = granted()
    verify(case_id, False)
    with pytest.raises(Refused, match="verified_by_you"):
        settle(case_id, False, by=OFFICER)
    with pytest.raises(Refused, match="unfounded"):
        settle(case_id, False, because=Because("未改"))
    settle(case_id, False)
    assert licence().status is licences.Status.REVOKED
    line = CaseAction.objects.get(case_id=case_id, act=Act.REVOKED)
    assert (line.reason, line.law, line.remedy) == (NO.reason, NO.law, NO.remedy)
    assert (state(case_id), tasks(case_id)) == (State.CLOSED, [])
    assert credit.barred(HOLDER, credit.Instrument.PROMISE) == [credit.Kind.FALSE_PROMISE]
    assert list(cases.verify()) == []


def test_a_licence_that_ended_meanwhile_is_not_revoked_again() -> None:
    case_id = granted()
    verify(case_id, False)
    source = licences.Source("market", licences.Channel.SYSTEM, "x")
    licences.cancel(licence_id=licence().id, source=source, by="staff:3", at=later(days=11))
    settle(case_id, False)
    assert licence().status is licences.Status.CANCELLED
    assert CaseAction.objects.filter(case_id=case_id, act=Act.REVOKED).count() == 1


def test_what_was_to_follow_for_a_grant_that_was_taken_back_is_no_broken_promise() -> None:
    """R-RQ-5, R-GC-2: nobody needs the paper any more."""
    root = filed("safety", said=said({"route": "promise"})).id
    decided(accepted(root, gaps=[("plan", date(2026, 5, 20), False)]))
    verify(root, False)
    settle(root, False)
    assert [gap.state for gap in cases.gaps([root])] == ["dropped"]


def test_the_mending_is_overdue_by_its_own_clock() -> None:
    """R-GC-2, K24: a follow-up behind the end of the case runs on a clock and is escalated."""
    case_id = granted()
    verify(case_id, False)
    clocks.fire_due(today=date(2026, 4, 10), at=later(days=39))
    assert Task.objects.get(case_id=case_id, state="open").escalated_at
    assert CaseAction.objects.filter(case_id=case_id, act=Act.ESCALATED, step="recheck").exists()


def test_a_verification_that_nobody_makes_is_escalated_after_the_case_has_closed() -> None:
    """K24, R-GC-3: its clock runs behind the closing, and ends with the step."""
    case_id = granted()
    running = clocks.open_clocks(region=REGION, abouts=[f"case:{case_id}"])
    assert [clock.rule.id for clock in running] == ["C-14.verify"]
    clocks.fire_due(today=date(2026, 4, 10), at=later(days=39))
    assert CaseAction.objects.filter(case_id=case_id, act=Act.ESCALATED, step="verify").exists()
    verify(case_id, True, at=later(days=40))
    assert clocks.open_clocks(region=REGION, abouts=[f"case:{case_id}"]) == []
    assert list(cases.verify()) == []


def test_silence_takes_a_promise_too() -> None:
    """R-CLK-7, R-GC-3: accepted by silence, it is verified like any other."""
    root = filed("safety", said=said({"route": "promise"}))
    clocks.fire_due(today=date(2026, 3, 10), at=later(days=8))
    assert CaseAction.objects.filter(case_id=root.id, act=Act.PROMISED).exists()
    decided(root.id, at=later(days=8))
    assert [step for step, *_ in tasks(root.id)] == ["verify"]


def test_a_finding_is_not_taken_back() -> None:
    """Its applicant was told, and it is held against him."""
    case_id = granted()
    verify(case_id, False)
    with pytest.raises(Refused, match="nothing_to_undo"):
        cases.undo(case_id=case_id, by=OFFICER, at=later(days=11), reason="点错了")


def test_whoever_was_ever_marked_is_looked_at_on_the_spot_and_others_by_lot() -> None:
    """R-GC-3: sampling and credit."""
    ids = [UUID(int=n) for n in range(200)]
    assert sum(look(one, sample=30, marked=False) is Look.ON_SPOT for one in ids) == 60
    assert {look(one, sample=30, marked=True) for one in ids} == {Look.ON_SPOT}
    assert {look(one, sample=100, marked=False) for one in ids} == {Look.ON_SPOT}


def test_nobody_promises_whose_organisation_is_gone() -> None:
    """R14.7: what was to be mended ends with it."""
    case_id = granted()
    verify(case_id, False)
    identity.close_organisation(region=REGION, holder_hash=HOLDER, document="x", by="test", at=later(days=12))
    assert tasks(case_id) == []
    assert list(cases.verify()) == []


def test_a_denied_promise_is_not_verified() -> None:
    """R-GC-3"""
    root = accepted(filed("safety", said=said({"route": "promise"})).id)
    decided(root, Outcome.DENIED)
    assert (state(root), tasks(root)) == (State.CLOSED, [])
