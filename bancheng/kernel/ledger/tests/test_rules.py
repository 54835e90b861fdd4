"""What an entry must be, without a database."""

import pytest

from bancheng.kernel.ledger import rules
from bancheng.kernel.ledger.rules import Line, Nature, Natures, Normal, Unit

MONEY, LAND = Nature(Unit.FEN, Normal.DEBIT), Nature(Unit.DM2, Normal.DEBIT)


def test_lines_of_one_account_are_added_up_and_what_comes_to_nothing_is_left_out() -> None:
    lines = [Line("b", 5), Line("a", -7), Line("b", 2), Line("c", 1), Line("c", -1)]
    assert rules.merged(lines) == (Line("a", -7), Line("b", 7))


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ([Line("a", 5)], "two accounts"),
        ([Line("a", 5), Line("b", -4)], "sum to 1"),
        ([Line("a", 5.0), Line("b", -5)], "whole number"),  # type: ignore[arg-type]  # that is what is refused
        ([Line("a", True), Line("b", -1)], "whole number"),
        ([Line("a", 2**63), Line("b", -(2**63))], "whole number"),
        ([Line("a", 5), Line("land", -5)], "not counted in fen"),
    ],
)
def test_what_is_no_entry_is_a_slip_of_the_code(lines: list[Line], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        rules.check(lines, Unit.FEN, {"a": MONEY, "b": MONEY, "land": LAND})


def test_the_longest_declared_path_decides() -> None:
    natures = Natures()
    natures.declare("shop/", MONEY)
    natures.declare("shop/field/", LAND)
    natures.declare("shop/field/rent", MONEY)
    natures.declare("shop/", MONEY)
    assert [natures.of(path) for path in ("shop/a/b", "shop/field/7", "shop/field/rent")] == [MONEY, LAND, MONEY]
    for path in ("shop", "other/a", "shopfront"):
        with pytest.raises(LookupError):
            natures.of(path)
    with pytest.raises(ValueError, match="declared"):
        natures.declare("shop/", LAND)


def test_two_entries_that_say_the_same_have_one_fingerprint() -> None:
    said = {"unit": "fen", "kind": "k", "about": "a"}
    one = rules.fingerprint(**said, lines=[Line("a", 1), Line("b", -1)])
    assert one == rules.fingerprint(**said, lines=[Line("b", -1), Line("a", 1)])
    others = [{**said, "kind": "x"}, {**said, "about": "x"}, {**said, "unit": "dm2"}]
    assert one not in [rules.fingerprint(**other, lines=[Line("a", 1), Line("b", -1)]) for other in others]
    assert one != rules.fingerprint(**said, lines=[Line("a", 2), Line("b", -2)])
