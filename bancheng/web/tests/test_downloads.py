"""A download opens in a spreadsheet as it is meant."""

import pytest

from bancheng.web import downloads


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@x", "\tx"])
def test_a_cell_is_never_a_formula(cell: str) -> None:
    text = downloads.csv_file("list.csv", [["名称"], [cell]]).content.decode()
    assert text.startswith("\ufeff名称")
    assert text.splitlines()[1] == f"'{cell}"


def test_numbers_and_ordinary_words_stay_as_they_are() -> None:
    assert downloads.csv_file("list.csv", [["食品", -3]]).content.decode() == "\ufeff食品,-3\r\n"
