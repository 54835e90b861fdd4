"""Which row of a law's table applies on a day."""

from datetime import date

import pytest

from bancheng.lib.dated import NotInForce, Row, in_force

ROWS = [
    Row(date(2024, 1, 1), "new", "第八十八条"),
    Row(date(1999, 10, 1), "old", "第四十条"),
    Row(date(2030, 1, 1), "short-lived", last=date(2030, 12, 31)),
]


@pytest.mark.parametrize(
    ("on", "value"),
    [
        (date(1999, 10, 1), "old"),
        (date(2023, 12, 31), "old"),
        (date(2024, 1, 1), "new"),
        (date(2030, 12, 31), "short-lived"),
    ],
)
def test_the_latest_row_that_has_begun_applies(on: date, value: str) -> None:
    assert in_force(ROWS, on).value == value


@pytest.mark.parametrize("on", [date(1999, 9, 30), date(2031, 1, 1)])
def test_before_the_first_row_and_after_a_repealed_one_nothing_applies(on: date) -> None:
    with pytest.raises(NotInForce):
        in_force(ROWS, on)
