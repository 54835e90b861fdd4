"""Case numbers: read as they were made, and no slip of one digit is taken for another case."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from bancheng.kernel.cases.rules.numbers import number, read

NUMBERS = st.builds(
    number,
    st.from_regex(r"[1-9][0-9]{5}", fullmatch=True),
    st.dates(date(2000, 1, 1), date(2099, 12, 31)),
    st.integers(1, 10**12 - 1),
)


@given(NUMBERS)
def test_a_number_is_read_as_it_was_made_with_or_without_its_dashes_and_in_full_width(made: str) -> None:
    full_width = made.translate({ord(str(n)): chr(0xFF10 + n) for n in range(10)} | {ord("-"): "－"})
    assert read(made) == read(made.replace("-", "")) == read(f" {made} ") == read(full_width) == made


@given(NUMBERS, st.integers(0, 40), st.integers(1, 9))
def test_a_slip_of_one_digit_is_no_number(made: str, place: int, by: int) -> None:
    digits = [at for at, sign in enumerate(made) if sign.isdigit()]
    at = digits[place % len(digits)]
    slipped = made[:at] + str((int(made[at]) + by) % 10) + made[at + 1 :]
    assert read(slipped) == ""


@given(st.text(max_size=40))
def test_whatever_is_typed_is_a_number_or_nothing(typed: str) -> None:
    assert read(typed) == "" or read(read(typed)) == read(typed)
