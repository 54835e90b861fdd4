"""The firms of a year: the source's numbers, seeded, everybody invented."""

from datetime import date, timedelta

import pytest

from bancheng.lib import identifiers
from bancheng.sim import answers, bundles

START = date(2025, 11, 27)
MATTERS = {
    "open-business": ("registration-opening", "seal-engraving", "invoice-setup", "bank-account-booking"),
    "move-in": ("migration-in",),
    "change-information": ("registration-change", "tax-change"),
    "close-business": ("tax-cancellation", "registration-cancellation"),
    "open-restaurant": ("business-licence-check", "food-business-new"),
}


@pytest.fixture(scope="module")
def year() -> bundles.Year:
    return bundles.make(start=START, matters=MATTERS)


def test_the_year_is_large_enough_for_the_source_s_figures(year: bundles.Year) -> None:
    """A14.4 A14.5: those that will be completed, and others beside them."""
    assert (year.openings, year.migrations) == (1263, 142)
    kinds = {one.bundle for one in year.applications}
    assert kinds == set(MATTERS)
    good = [one for one in year.applications if one.bundle == "open-business" and not one.gives_up]
    waiting = bundles.WITHDRAWN_OPENINGS + bundles.WAITING_OPENINGS
    assert len(good) == 1263 + waiting


def test_what_must_be_completed_is_applied_for_in_time(year: bundles.Year) -> None:
    last = year.end - timedelta(days=bundles.LAST_APPLICATION)
    late = [one for one in year.applications if one.day > last]
    assert {one.bundle for one in late} == {"open-business", "open-restaurant"}
    assert len(late) == bundles.WAITING_OPENINGS + bundles.NEW_RESTAURANTS
    assert all(year.end - timedelta(days=2) < one.day <= year.end for one in late)


def test_the_same_seed_makes_the_same_year_and_another_another(year: bundles.Year) -> None:
    assert bundles.make(start=START, matters=MATTERS).applications == year.applications
    assert bundles.make(start=START, matters=MATTERS, seed=1).applications != year.applications


def test_everybody_is_invented_and_nobody_twice(year: bundles.Year) -> None:
    """Numbers pass their checks and belong to nobody; no firm of the source is among them."""
    people = [one.person for one in year.applications]
    firms = [one.firm for one in year.applications if one.firm]
    for person in people:
        assert identifiers.check_citizen_id(person.citizen_id, today=START) == person.citizen_id
    assert len({person.citizen_id for person in people}) == len(people)
    assert len({firm.uscc for firm in firms}) == len({firm.name for firm in firms}) == len(firms)
    names = [firm.name for firm in firms] + [one.typed["proposed_name"][0] for one in year.applications if not one.firm]
    assert len(set(names)) == len(names)
    assert not any("匠永" in name or "众海" in name for name in names)


def test_parts_share_the_year_without_leaving_anybody_out(year: bundles.Year) -> None:
    parts = [year.part(number, 3) for number in range(3)]
    assert sorted(one.number for part in parts for one in part.applications) == [
        one.number for one in sorted(year.applications, key=lambda one: one.number)
    ]


def test_every_defect_a_department_finds_can_be_answered(year: bundles.Year) -> None:
    """R-OT-1: one correction, one answer."""
    one = year.applications[0]
    assert all(one.corrected(element) for element, _, _ in bundles.DEFECTS.values())


def test_one_department_is_silent_for_three_weeks_and_no_other(year: bundles.Year) -> None:
    """B14.4"""
    days = [START + timedelta(days=n) for n in range(366)]
    assert sum(year.silent(bundles.SILENT_UNIT, day) for day in days) == bundles.SILENT_DAYS
    assert not any(year.silent("tax", day) for day in days)


def test_a_tenth_of_the_year_is_a_tenth_of_it() -> None:
    small = bundles.make(start=START, matters=MATTERS, scale=0.01)
    assert (small.openings, small.migrations) == (13, 1)
    assert set(answers.FORMS) == set(MATTERS)
