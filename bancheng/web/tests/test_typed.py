"""What is typed is read strictly: exactly, or not at all."""

from datetime import date

import pytest

from bancheng.lib.refusal import Refused
from bancheng.web import typed


def test_amounts_and_areas_are_read_to_the_last_digit() -> None:
    assert typed.fen(" 1,280.50 ") == 128050
    assert typed.fen("0.01") == 1
    assert typed.dm2("89.57") == 8957
    assert typed.whole("007") == 7
    assert typed.day("2026-11-30") == date(2026, 11, 30)


@pytest.mark.parametrize(
    "written", ["", "0", "-1", "1.005", "NaN", "Infinity", "1e9999999", "1e-9999999", "十元", "9" * 19]
)
def test_what_is_no_amount_is_refused(written: str) -> None:
    with pytest.raises(Refused) as no:
        typed.fen(written)
    assert no.value.code == "odd_amount"


@pytest.mark.parametrize("written", ["", "-1", "1.5", "１２", "1" * 16])
def test_what_is_no_whole_number_is_refused(written: str) -> None:
    with pytest.raises(Refused) as no:
        typed.whole(written)
    assert no.value.code == "not_a_number"


@pytest.mark.parametrize("written", ["", "0", "-89.50", "89.505", "NaN", "1e9999999", "1e-9999999"])
def test_what_is_no_area_is_refused(written: str) -> None:
    with pytest.raises(Refused) as no:
        typed.dm2(written)
    assert no.value.code == "odd_area"
