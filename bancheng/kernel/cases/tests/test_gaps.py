"""Papers that follow later: promised by a day, waited for where they count, ending the case when they do not come."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from bancheng.kernel.cases import public as cases
from bancheng.kernel.cases.models import CaseAction, Gap
from bancheng.kernel.cases.operations.ending import break_gaps
from bancheng.kernel.cases.public import Act, Because, Outcome, State
from bancheng.kernel.cases.testing import NO, accepted, applicant, decided, filed, later, of, state, states
from bancheng.kernel.credit import public as credit
from bancheng.lib.refusal import Refused

pytestmark = pytest.mark.usefixtures("flows")
DUE = date(2026, 3, 6)
NIGHT: dict[str, Any] = {"today": date(2026, 3, 7), "at": later(days=5)}


def with_gap(*, holds: bool, flow: str = "sign", key: str = "k1") -> UUID:
    return accepted(filed(flow, key=key).id, gaps=[("premises", DUE, holds)])


def gap_state(case_id: UUID) -> str:
    (gap,) = cases.gaps([case_id])
    return gap.state


def test_a_case_is_accepted_with_a_secondary_paper_outstanding() -> None:
    """R-RQ-1: accepted first, the missing item and its day are on record."""
    case_id = with_gap(holds=True)
    (gap,) = cases.gaps([case_id])
    assert (state(case_id), gap.material, gap.due_on, gap.state) == (State.ACCEPTED, "premises", DUE, "open")
    assert gap.promised_by == "person:1"


def test_a_paper_that_may_change_the_decision_is_waited_for() -> None:
    """R-RQ-4: the result waits; once supplied it is decided."""
    case_id = with_gap(holds=True)
    with pytest.raises(Refused, match="gap_open"):
        decided(case_id)
    cases.supply_gap(case_id=case_id, material="premises", by="person:1", at=later(hours=3))
    decided(case_id, at=later(hours=4))
    assert (state(case_id), gap_state(case_id)) == (State.CLOSED, "supplied")


def test_a_paper_that_cannot_change_the_decision_holds_nothing() -> None:
    """R-RQ-4: the result issues, the promise stays."""
    case_id = with_gap(holds=False)
    decided(case_id)
    assert (state(case_id), gap_state(case_id)) == (State.CLOSED, "open")


def test_a_broken_promise_ends_the_case_and_keeps_the_record() -> None:
    """R-RQ-5: failure ends the procedure."""
    case_id = with_gap(holds=True)
    assert break_gaps(today=DUE, at=later(days=4)) == 0
    assert break_gaps(**NIGHT) == 1
    assert break_gaps(**NIGHT) == 0
    assert (state(case_id), gap_state(case_id)) == (State.TERMINATED, "broken")
    line = CaseAction.objects.get(case_id=case_id, act=Act.TERMINATED)
    assert line.law == "河南省优化营商环境条例 第三十五条"


def test_a_broken_promise_of_a_decided_case_is_on_record_and_the_decision_stands() -> None:
    """R-RQ-4, R-RQ-5."""
    case_id = with_gap(holds=False)
    decided(case_id)
    assert break_gaps(**NIGHT) == 0
    assert (state(case_id), gap_state(case_id)) == (State.CLOSED, "broken")


def test_one_matters_broken_promise_ends_no_other() -> None:
    """R-RQ-5, R14.2."""
    root = filed()
    accepted(of(root.id, "check"), gaps=[("premises", DUE, True)])
    break_gaps(**NIGHT)
    assert states(root.id) == {"check": "terminated", "sign": "submitted"}
    assert state(root.id) == State.HANDLING


def test_a_broken_promise_is_held_on_record_and_bars_nothing() -> None:
    """R-RQ-5, R-CR-7: a kind of its own, linked and proportionate."""
    case_id = with_gap(holds=True)
    break_gaps(**NIGHT)
    (mark,) = credit.marks_about([f"case:{case_id}"])
    assert (mark.kind, mark.law) == (credit.Kind.GAP_BROKEN, "河南省优化营商环境条例 第三十五条")
    assert "premises" in mark.reason
    with_gap(holds=True, key="k2")


def test_who_is_listed_as_seriously_dishonest_lets_nothing_follow_until_it_is_mended() -> None:
    """R-RQ-6: and may be accepted in the ordinary way."""
    about: dict[str, Any] = {
        "region": "411000",
        "kind": credit.Kind.DISHONEST,
        "about": "list:1",
        "by": "test",
        "at": later(),
    }
    holder = applicant().hash
    credit.note(
        holder_hash=holder, unit="market", reason="列入严重失信名单", law="河南省社会信用条例 第二十八条", **about
    )
    with pytest.raises(Refused, match="gap_barred"):
        with_gap(holds=True)
    accepted(filed("sign", key="k2").id)
    credit.repair(because="已移出", **about)
    with_gap(holds=True)


@pytest.mark.parametrize("end", ["withdrawn", "denied"])
def test_a_paper_nobody_needs_any_more_is_no_broken_promise(end: str) -> None:
    """R-RQ-5: what is held against an applicant's credit is a promise that mattered."""
    case_id = with_gap(holds=False)
    if end == "withdrawn":
        cases.withdraw(case_id=case_id, reason="不办了", by="person:1", at=later(hours=3))
    else:
        cases.decide(case_id=case_id, outcome=Outcome.DENIED, because=NO, by="staff:2", at=later(hours=3))
    assert gap_state(case_id) == "dropped"
    assert break_gaps(**NIGHT) == 0
    assert not CaseAction.objects.filter(act=Act.GAP_BROKEN).exists()


def test_a_paper_that_came_while_the_night_waited_for_the_case_breaks_no_promise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """R-RQ-5: between finding the late promise and locking its case, the applicant supplied it."""
    from bancheng.kernel.cases.operations import gaps

    case_id = with_gap(holds=True)
    late = gaps.late(NIGHT["today"])
    cases.supply_gap(case_id=case_id, material="premises", by="person:1", at=later(days=5))
    monkeypatch.setattr(gaps, "late", lambda today: late)
    assert break_gaps(**NIGHT) == 0
    assert (state(case_id), gap_state(case_id)) == (State.ACCEPTED, "supplied")


@pytest.mark.parametrize(
    ("gaps", "code"),
    [
        ([("premises", date(2026, 3, 1), True)], "gap_backwards"),
        ([("premises", DUE, True), ("premises", DUE, False)], "gap_twice"),
    ],
)
def test_a_promise_that_makes_no_sense_accepts_nothing(gaps: list[tuple[str, date, bool]], code: str) -> None:
    root = filed("sign")
    with pytest.raises(Refused, match=code):
        accepted(root.id, gaps=gaps)
    assert (state(root.id), Gap.objects.count()) == (State.SUBMITTED, 0)


def test_what_was_not_promised_is_not_supplied() -> None:
    case_id = with_gap(holds=True)
    with pytest.raises(Refused, match="no_such_gap"):
        cases.supply_gap(case_id=case_id, material="other", by="person:1", at=later(hours=3))


def test_a_promise_of_conditions_is_verified_only_when_it_was_granted() -> None:
    """R-GC-3: the follow-up comes behind a grant; behind a denial there is nothing to verify."""
    root = filed("fire")
    accepted(root.id)
    decided(root.id, Outcome.DENIED)
    assert state(root.id) == State.CLOSED
    with pytest.raises(Refused, match="step_not_open"):
        cases.do(case_id=root.id, step="verify", result="相符", by="staff:1", at=later(days=1))


def test_terminating_a_case_keeps_its_reason() -> None:
    """R14.7: the applicant is gone; everything of his ends, his matters with his bundle."""
    root = filed()
    accepted(of(root.id, "check"))
    why = Because("主体已注销", "行政许可法 第七十条")
    cases.terminate(case_id=root.id, because=why, by="system", at=later(days=1))
    assert (state(root.id), states(root.id)) == ("terminated", {"check": "terminated", "sign": "terminated"})
    with pytest.raises(Refused, match="case_over"):
        cases.terminate(case_id=root.id, because=why, by="system", at=later(days=2))
    assert list(cases.verify()) == []
