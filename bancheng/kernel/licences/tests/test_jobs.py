"""What ran out is marked every night, whether or not anybody asks about it."""

from datetime import timedelta

import pytest

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.licences import jobs, testing

pytestmark = pytest.mark.django_db


def test_the_night_marks_what_ran_out_the_day_before():
    over = testing.issued(valid_to=clocks.today() - timedelta(days=1))
    last_day = testing.issued(valid_to=clocks.today())
    assert "licences.expire_due" in jobs.SCHEDULE
    jobs.expire_due()
    over.refresh_from_db()
    last_day.refresh_from_db()
    assert (over.status, last_day.status) == ("expired", "valid")
