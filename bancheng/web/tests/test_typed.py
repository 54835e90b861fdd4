"""What is typed is read strictly: exactly, or not at all."""

from datetime import date

import pytest
from django.test import RequestFactory

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


def test_words_lose_the_space_around_them_and_what_the_form_has_no_room_for(rf: RequestFactory) -> None:
    request = rf.post("/", {"law": "  条例 第二十二条\n", "reason": "字" * 1001})
    assert typed.words(request, "law", "remedy") == {"law": "条例 第二十二条", "remedy": ""}
    assert typed.word(request, "reason", most=1000) == "字" * 1000
