"""Several people at one moment, and the night among them: real commits on several connections."""

from collections.abc import Callable
from datetime import date
from threading import Barrier, Event
from typing import Any
from uuid import UUID

import pytest

from bancheng.kernel.cases import public as cases
from bancheng.kernel.cases import testing
from bancheng.kernel.cases.models import Case, CaseAction
from bancheng.kernel.cases.operations import locking
from bancheng.kernel.cases.public import Act, Because, Flow, Outcome, State
from bancheng.kernel.cases.testing import NO, accepted, filed, granted, later, matter, of, state, states, text
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.jobs import testing as jobs

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]


@pytest.fixture(autouse=True)
def _flows() -> None:
    testing.flows_loaded()


def decide(case_id: UUID, outcome: Outcome = Outcome.GRANTED, by: str = testing.APPROVER) -> Callable[[], Any]:
    why = NO if outcome is Outcome.DENIED else Because("")
    return lambda: cases.decide(case_id=case_id, outcome=outcome, because=why, by=by, at=later(hours=3))


def check() -> None:
    assert list(cases.verify()) == []


def test_of_two_who_decide_at_once_one_decides_and_the_other_is_told() -> None:
    for n in range(5):
        root = accepted(filed("sign", key=f"k{n}").id)
        answers = jobs.contend(decide(root), decide(root, Outcome.DENIED, by="staff:3"))
        assert sorted(answers, key=str) == [None, "step_not_open"]
        assert CaseAction.objects.filter(case_id=root, act=Act.DECIDED).count() == 1
    check()


def test_an_application_is_accepted_or_withdrawn_and_both_see_which() -> None:
    for n in range(5):
        root = filed("sign", key=f"k{n}").id
        answers = jobs.contend(
            lambda root=root: accepted(root),  # type: ignore[misc]
            lambda root=root: cases.withdraw(case_id=root, reason="", by="person:1", at=later(hours=2)),  # type: ignore[misc]
        )
        assert state(root) == State.WITHDRAWN  # accepted first, or not at all
        assert answers[0] in (root, "step_not_open")
    check()


def test_the_last_two_matters_decided_at_once_close_their_bundle_once() -> None:
    """R14.2: the bundle hears of both; nobody waits for the other in a ring."""
    steps = tuple(matter(f"m{n}", unit="market") for n in range(2))
    testing.flows_loaded(Flow("pair", text("两件"), steps), testing.matter_flow("m0"), testing.matter_flow("m1"))
    for n in range(6):
        root = filed("pair", key=f"k{n}").id
        last = [accepted(of(root, step)) for step in ("m0", "m1")]
        assert jobs.contend(*(decide(case_id) for case_id in last)) == [None, None]
        assert state(root) == State.CLOSED
        assert CaseAction.objects.filter(case_id=root, act=Act.CLOSED).count() == 1
    check()


def test_sixty_four_applications_at_once_for_one_unit_have_sixty_four_numbers() -> None:
    """Issue 3, numbers: no error, no duplicate number."""
    answers = jobs.contend(*(lambda n=n: [filed("sign", key=f"k{n}-{m}") for m in range(8)] for n in range(8)))  # type: ignore[misc]
    numbers = [one.number for filed_ in answers for one in filed_]
    assert len(set(numbers)) == Case.objects.count() == 64
    check()


def test_one_application_sent_from_eight_devices_at_once_is_one_case() -> None:
    """B14.9: the same key: one case, one receipt, shown eight times."""
    answers = jobs.contend(*[lambda: filed(key="same")] * 8)
    assert len({(one.id, one.number) for one in answers}) == 1
    assert [one.again for one in answers].count(False) == 1
    assert Case.objects.filter(step="").count() == 1
    check()


def test_the_night_and_an_officer_on_the_same_case_do_not_wait_for_each_other_in_a_ring() -> None:
    """R-CLK-7: either somebody acted or nobody did; the night locks the case before its clock, as the officer does."""
    for n in range(8):
        root = filed("sign", key=f"k{n}").id
        night = lambda: clocks.fire_due(today=date(2026, 3, 10), at=later(days=8)).silences  # noqa: E731
        answers = jobs.contend(night, lambda root=root: accepted(root, at=later(days=8)))  # type: ignore[misc]
        assert answers in ([1, "step_not_open"], [0, root])
        acts = CaseAction.objects.filter(case_id=root, act__in=[Act.ACCEPTED, Act.DEEMED_ACCEPTED])
        assert acts.count() == 1
    check()


def test_the_night_waits_for_who_holds_the_case_and_holds_no_clock_meanwhile() -> None:
    """The order of locks, shown: while an officer holds the case, the clock is free for him."""
    root = filed("sign").id
    inside = Barrier(2)

    def officer() -> None:
        with locking.locked(root, by=testing.OFFICER, at=later(days=8)) as family:
            inside.wait(10)
            Event().wait(0.5)  # the night has come, and waits
            family.add(family.root, Act.ACCEPTED, step="review")

    def night() -> int:
        inside.wait(10)
        return clocks.fire_due(today=date(2026, 3, 10), at=later(days=8)).silences

    assert jobs.contend(officer, night) == [None, 0]
    assert state(root) == State.ACCEPTED
    check()


def test_lateness_told_while_officers_work_is_told_once_of_each() -> None:
    """R-CLK-8, B14.4."""
    roots = [accepted(filed("sign", key=f"k{n}").id) for n in range(12)]
    night = lambda: clocks.fire_due(today=date(2026, 3, 10), at=later(days=8)).promises_missed  # noqa: E731
    works = [lambda: [decide(root)() for root in reversed(roots[:6])], night, night]
    jobs.contend(*works)
    assert CaseAction.objects.filter(case_id__in=roots[6:], act=Act.ESCALATED).count() == 6
    assert set(Case.objects.filter(pk__in=roots[:6]).values_list("state", flat=True)) == {"closed"}
    check()


def test_a_grant_and_the_withdrawal_of_its_bundle_leave_no_dependant_behind() -> None:
    """B14.5: what depends on the grant opens before the withdrawal and ends with it, or does not open at all."""
    for n in range(4):
        root = filed(key=f"k{n}").id
        first = accepted(of(root, "check"))
        jobs.contend(
            decide(first),
            lambda root=root: cases.withdraw(case_id=root, reason="", by="person:1", at=later(hours=3)),  # type: ignore[misc]
        )
        assert state(root) == State.WITHDRAWN
        assert set(states(root).values()) <= {"withdrawn", "closed"}
    check()


def test_a_retry_asked_from_two_devices_is_one_attempt() -> None:
    root = filed().id
    cases.withdraw(case_id=of(root, "check"), reason="", by="person:1", at=later(hours=1))
    granted(of(root, "sign"))
    again = lambda: cases.retry(case_id=root, step="check", by="person:1", at=later(hours=4))  # noqa: E731
    assert sorted(jobs.contend(again, again), key=str) == [None, "not_to_retry"]
    assert Case.objects.filter(root_id=root, step="check").count() == 2
    check()
