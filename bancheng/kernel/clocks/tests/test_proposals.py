"""A year's notice needs two people (P-2); until the second has confirmed it, nothing counts by it."""

from collections.abc import Iterator
from datetime import date

import pytest
from django.db import IntegrityError, transaction

from bancheng.kernel.audit import testing as audit
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.clocks import queries
from bancheng.kernel.clocks.models import CalendarProposal
from bancheng.kernel.clocks.testing import heard
from bancheng.kernel.clocks.tests.test_years import AT, REST, SPRING
from bancheng.lib.refusal import Refused

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    queries.forget()
    yield
    queries.forget()


def propose(*, year: int = 2027, rest: list[date] = REST, by: str = "staff:7") -> CalendarProposal:
    return clocks.propose_year(year=year, rest=dict.fromkeys(rest, "假"), work=[], source="文号", by=by, at=AT)


def test_what_one_puts_forward_another_brings_into_force() -> None:
    """P-2 R-CLK-9"""
    proposal = propose()
    assert clocks.calendar().known_until == date(2026, 12, 31)
    with heard(clocks.calendar_loaded) as facts:
        clocks.confirm_year(proposal_id=proposal.pk, by="staff:8", at=AT)
    assert facts == [clocks.CalendarLoaded(2027, 1, "文号")]
    assert clocks.calendar().known_until == date(2027, 12, 31)
    assert clocks.proposals() == []
    assert [event.who for event in audit.recorded("clocks.")] == ["staff:7", "staff:8"]


def test_nobody_confirms_what_he_put_forward_himself() -> None:
    """P-2: refused by the operation, and by the database."""
    proposal = propose()
    with pytest.raises(Refused, match="second_person_needed"):
        clocks.confirm_year(proposal_id=proposal.pk, by="staff:7", at=AT)
    assert clocks.calendar().known_until == date(2026, 12, 31)
    with pytest.raises(IntegrityError, match="a_calendar_is_confirmed_by_a_second_person"), transaction.atomic():
        CalendarProposal.objects.update(state="confirmed", settled_by="staff:7")


def test_a_revised_notice_becomes_a_new_version() -> None:
    clocks.confirm_year(proposal_id=propose().pk, by="staff:8", at=AT)
    proposal = propose(rest=[*REST, *SPRING])
    (waiting,) = clocks.proposals()
    assert (waiting.moves.first, waiting.moves.rest_added, waiting.moves.rest_removed) == (False, tuple(SPRING), ())
    assert clocks.confirm_year(proposal_id=proposal.pk, by="staff:8", at=AT).version == 2


def test_the_same_days_again_are_refused() -> None:
    clocks.confirm_year(proposal_id=propose().pk, by="staff:8", at=AT)
    with pytest.raises(Refused, match="calendar_year_unchanged"):
        propose()


def test_one_notice_of_a_year_waits_at_a_time() -> None:
    propose()
    with pytest.raises(Refused, match="calendar_proposal_waiting"):
        propose(by="staff:8")
    assert len(clocks.proposals()) == 1


def test_a_notice_that_was_turned_down_is_not_confirmed_any_more() -> None:
    proposal = propose()
    clocks.turn_down_year(proposal_id=proposal.pk, by="staff:7", at=AT)
    for settle in (clocks.confirm_year, clocks.turn_down_year):
        with pytest.raises(Refused, match="calendar_proposal_settled"):
            settle(proposal_id=proposal.pk, by="staff:8", at=AT)
    assert propose().pk != proposal.pk


def test_a_notice_that_cannot_be_right_is_refused_before_it_waits() -> None:
    with pytest.raises(Refused, match="bad_notice"):
        propose(rest=[date(2027, 1, 1)])
    with pytest.raises(Refused, match="calendar_year_too_far"):
        propose(year=2029, rest=[day.replace(year=2029) for day in REST])
    assert clocks.proposals() == []
