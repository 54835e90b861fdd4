"""Several at the same moment: two devices of one rater, two officers, a person and the night."""

from contextlib import suppress
from datetime import date

import pytest

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.jobs import testing as jobs
from bancheng.kernel.ratings.models import CallBack, Occasion, Rating
from bancheng.kernel.ratings.operations import call_backs
from bancheng.kernel.ratings.rules import Route, State
from bancheng.kernel.ratings.testing import OFFICER, TERMS, called, later, rated, served
from bancheng.lib.refusal import Refused

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


def test_two_devices_rate_at_once_and_both_are_kept() -> None:
    row = served()
    jobs.together(lambda: rated(row, 1), lambda: rated(row, 2), lambda: rated(row, 5))
    grades = list(Rating.objects.order_by("seq").values_list("grade", flat=True))
    assert sorted(grades) == [1, 2, 5]
    assert Occasion.objects.get().grade == grades[-1]
    assert CallBack.objects.filter(closed_at=None).count() == 1


def test_one_officer_gets_it() -> None:
    pk = called()
    taken: list[str] = []

    def take(by: str) -> None:
        with suppress(Refused):
            call_backs.take(call_back_id=pk, by=by, at=later(hours=1))
            taken.append(by)

    jobs.together(lambda: take("staff:11"), lambda: take("staff:12"))
    assert CallBack.objects.get().taken_by in taken
    assert len(taken) == 1


def test_the_night_and_a_person_do_not_wait_for_each_other_in_a_ring() -> None:
    pk = called()
    night = date(2026, 3, 4)
    jobs.together(
        lambda: clocks.fire_due(today=night, at=later(days=2)),
        lambda: call_backs.note_check(
            call_back_id=pk, route=Route.FIX, words="核实", law="", terms=TERMS, by=OFFICER, at=later(days=2)
        ),
    )
    assert CallBack.objects.get().state == State.FIXING
