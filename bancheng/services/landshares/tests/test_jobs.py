"""What runs by the clock."""

from datetime import date

import pytest

from bancheng.kernel.titles import public as titles
from bancheng.kernel.titles.testing import COURT, COURT_2, DEVELOPER, PARCEL, REGION, parcel, said
from bancheng.services.landshares import jobs

pytestmark = pytest.mark.django_db


def seize(number: str, court: titles.Party, until: date) -> None:
    given = said()
    titles.register_seizure(
        parcel=PARCEL, court=court, number=number, debtor=DEVELOPER, served_at=given["at"], until=until, **given
    )


def test_a_seizure_ends_the_night_after_its_last_day_and_the_next_takes_effect() -> None:
    """R7.5, LI6"""
    parcel()
    seize("C1", COURT, date(2026, 6, 1))
    seize("C2", COURT_2, date(2029, 3, 1))
    jobs.expire_seizures()
    jobs.expire_seizures()
    assert titles.right(REGION, "C1").state is titles.State.EXPIRED
    assert {one.state for one in titles.right(REGION, "C2").lots if one.open} == {titles.State.EFFECTIVE}
