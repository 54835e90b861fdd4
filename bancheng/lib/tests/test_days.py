from datetime import UTC, date, datetime, timedelta

import pytest

from bancheng.lib.days import day_of, start_of


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        (datetime(2026, 12, 31, 15, 59, 59, tzinfo=UTC), date(2026, 12, 31)),
        (datetime(2026, 12, 31, 16, 0, tzinfo=UTC), date(2027, 1, 1)),
    ],
)
def test_a_day_begins_at_four_in_the_afternoon_of_the_day_before_by_universal_time(instant, day):
    assert day_of(instant) == day


def test_the_first_instant_of_a_day_is_of_that_day_and_the_one_before_is_not():
    first = start_of(date(2027, 1, 1))
    assert day_of(first) == date(2027, 1, 1)
    assert day_of(first - timedelta(microseconds=1)) == date(2026, 12, 31)
