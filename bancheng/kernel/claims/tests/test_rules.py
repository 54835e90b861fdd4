from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bancheng.kernel.claims import rules
from bancheng.kernel.claims.rules import KINDS, SAYS, TOPICS, BadFormula, Comparison, Kind, Relation, Result, Topic


@pytest.mark.parametrize(
    ("value", "comparison", "number", "tolerance", "expect"),
    [
        (37, "=", "37", 0, True),
        (36, "=", "37", 0, False),
        (Decimal("78162.12"), "=", "78162.12", 0, True),
        (Decimal("78162.13"), "=", "78162.12", 0, False),
        (62_000, "≥", "62000", 0, True),
        (61_999, "≥", "62000", 0, False),
        (5_460, "≈", "5200", 5, True),
        (5_461, "≈", "5200", 5, False),
        (4_939, "≈", "5200", 5, False),
        (Fraction(5_200, 170), "≈", "33.333333", 10, True),
        (9_999_999, "<", "10000000", 10, True),
        (10_000_000, "<", "10000000", 10, False),
        (8_999_999, "<", "10000000", 10, False),
        (1, "<", "10000000", 0, True),
    ],
)
def test_a_value_agrees_as_the_source_words_it(value, comparison, number, tolerance, expect):
    agrees = rules.agrees(value, number=Decimal(number), comparison=Comparison(comparison), tolerance=tolerance)
    assert agrees is expect


@pytest.mark.parametrize(
    ("formula", "expect"),
    [
        ("100 * 78 / A6.9a", Fraction(7800, 136)),
        ("A9.3a - A9.3b", Fraction("0.29")),
        ("-(1 + 2) * 0.1", Fraction("-0.3")),
    ],
)
def test_a_formula_is_worked_out_exactly(formula, expect):
    numbers = {"A6.9a": Decimal(136), "A9.3a": Decimal("2.86"), "A9.3b": Decimal("2.57")}
    assert rules.evaluate(formula, numbers) == expect


@pytest.mark.parametrize("formula", ["__import__('os')", "A1.1 ** 9", "x", "1 +", "'a'", "True", "a.b", "[1]"])
def test_a_formula_holds_only_arithmetic(formula):
    with pytest.raises(BadFormula):
        rules.evaluate(formula, {"A1.1": 1})


def test_an_unknown_claim_in_a_formula_is_an_error():
    with pytest.raises(KeyError):
        rules.evaluate("A1.1", {})


@given(st.fractions(min_value=-10_000, max_value=10_000), st.integers(0, 6))
def test_rounding_is_half_away_and_never_off_by_more_than_half(value, places):
    rounded = rules.rounded(value, places)
    assert abs(rounded - value) <= Fraction(1, 2 * 10**places)
    assert (rounded * 10**places).denominator == 1
    assert rules.rounded(-value, places) == -rounded


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (62_000, "62,000"),
        (Decimal("78162.12"), "78,162.12"),
        (Fraction(1, 3), "0.333333"),
        (0, "0"),
        (100, "100"),
        (Decimal("-0.5"), "-0.5"),
    ],
)
def test_a_number_is_shown_for_people(value, text):
    assert rules.shown(value) == text


def test_a_relation_is_held_after_rounding_both_sides():
    assert rules.holds(Fraction(7800, 136), Relation.EQUAL, Fraction("57.35"), places=2)
    assert not rules.holds(Fraction(7900, 136), Relation.EQUAL, Fraction("57.35"), places=2)
    assert not rules.holds(Fraction(7800, 136), Relation.EQUAL, Fraction("57.35"), places=None)
    assert rules.holds(Fraction(191), Relation.AT_MOST, Fraction(531), places=None)


def test_every_word_people_see_has_both_languages():
    assert set(SAYS) == set(Result)
    assert set(KINDS) == set(Kind)
    assert set(TOPICS) == set(Topic)
    assert all(text.zh and text.en for table in (SAYS, KINDS, TOPICS) for text in table.values())
