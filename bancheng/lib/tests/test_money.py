"""Amounts of money between fen and the yuan of the wire."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bancheng.lib import money


@given(st.integers(0, 10**12))
def test_what_was_written_is_read_back(fen: int) -> None:
    assert money.fen(money.yuan(fen)) == fen


@pytest.mark.parametrize(("written", "fen"), [("5", 500), ("5.1", 510), ("0.05", 5), ("5.00", 500)])
def test_fewer_digits_are_read_as_well(written: str, fen: int) -> None:
    assert money.fen(written) == fen


@pytest.mark.parametrize("written", ["", "five", "-1", "0.001", "NaN", "Infinity", "1e-9"])
def test_what_is_no_amount_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(written)}$"):
        money.fen(written)
