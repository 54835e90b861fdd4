"""Codes, exact shares and the conflict matrix, without a database."""

import tomllib
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from bancheng.kernel.titles.rules import codes, shares
from bancheng.kernel.titles.rules.matrix import MATRIX, Given, strictest, verdict
from bancheng.kernel.titles.rules.shares import Floor
from bancheng.kernel.titles.rules.states import NEXT, check_move
from bancheng.kernel.titles.rules.words import Act, Residue, RightKind, Standing, State, SurveyStage, Verdict
from bancheng.lib.refusal import Refused

PARCEL = "411025001001GB00001"
REGION = "411000"


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("411025001001GB0001", "unit_code_length"),
        ("411025001001gb00001", "unit_code_form"),
        ("41102500100lGB00001", "unit_code_form"),
        ("411025001001GBO0001", "unit_code_form"),
        ("411025001001GB00000", "unit_code_form"),
        ("110101001001GB00001", "unit_code_county"),
        ("411000001001GB00001", "unit_code_county"),
        ("411025001001QB00001", "unit_code_form"),
    ],
)
def test_a_parcel_code_that_fails_its_structure_is_refused(code: str, why: str) -> None:
    """B7.9"""
    with pytest.raises(Refused) as no:
        codes.check_parcel(code, region=REGION)
    assert (no.value.code, no.value.status) == (why, 422)


@pytest.mark.parametrize(
    ("code", "why"),
    [
        (f"{PARCEL}W00000001", "unit_code_land"),
        (f"{PARCEL}F00010000", "unit_code_unit"),
        (f"{PARCEL}F00000001", "unit_code_unit"),
        (f"{PARCEL}F0001000", "unit_code_length"),
        (f"{PARCEL}f00010001", "unit_code_unit"),
    ],
)
def test_a_unit_code_that_fails_its_structure_is_refused(code: str, why: str) -> None:
    """B7.9"""
    with pytest.raises(Refused) as no:
        codes.check(code, region=REGION)
    assert no.value.code == why


def test_a_unit_lies_under_its_building_and_its_parcel() -> None:
    assert codes.check(f"{PARCEL}F00010003", region=REGION)
    assert codes.check(f"{PARCEL}W00000000", region=REGION)
    assert codes.spaced(f"{PARCEL}F00010003") == "411025 001001 GB00001 F00010003"
    for code, why in ((f"{PARCEL}F00020003", "other_building"), ("411025001001GB00002F00010003", "other_parcel")):
        with pytest.raises(Refused) as no:
            codes.check_unit(code, building=f"{PARCEL}F0001")
        assert no.value.code == f"unit_code_{why}"
    assert codes.check_unit(f"{PARCEL}F99990003", building=f"{PARCEL}F0001")  # spans several buildings


@given(some.integers(1, 10**9), some.lists(some.integers(0, 20_000), min_size=1, max_size=80).filter(any))
def test_a_division_is_whole_fair_and_the_same_in_any_order(total: int, weights: list[int]) -> None:
    """Σ is the total, each part less than 1 from its exact share, equal weights 1 apart at most, nothing for nothing (R7.7, LI1, LI3)."""
    named = {f"{n:04}": weight for n, weight in enumerate(weights)}
    parts = shares.apportion(total, named)
    whole = sum(weights)
    assert sum(parts.values()) == total
    for code, weight in named.items():
        assert abs(parts[code] - Fraction(total * weight, whole)) < 1
        assert weight or not parts[code]
    for weight in set(weights):
        same = [parts[code] for code in named if named[code] == weight]
        assert max(same) - min(same) <= 1
    assert shares.apportion(total, dict(reversed(named.items()))) == parts


def test_equal_units_get_the_odd_square_decimetre_by_their_code() -> None:
    """Example E."""
    assert shares.apportion(10_000, {"c": 1, "a": 1, "b": 1}) == {"a": 3334, "b": 3333, "c": 3333}


@pytest.mark.parametrize("value", [1.5, 100.0, "100", -1, True, 2**60])
def test_an_area_is_a_whole_number_of_square_decimetres(value: object) -> None:
    """B7.8"""
    with pytest.raises(Refused) as no:
        shares.area(value)
    assert no.value.code == "title_area"


def test_nothing_that_weighs_cannot_be_divided() -> None:
    with pytest.raises(Refused) as no:
        shares.apportion(10_000, {"a": 0})
    assert no.value.code == "title_share_sum"


def floor(code: str, area: int, now: int | None = None, locked: bool = False) -> Floor:
    return Floor(code, area, SurveyStage.MEASURED, now, locked)


def test_by_the_parcels_setting_everyone_is_restated_or_the_developer_absorbs() -> None:
    """R7.7, B7.5: measured less than predicted after the sale, and the buyer keeps what he has."""
    floors = [floor("a", 90, 500, locked=True), floor("b", 110, 500)]
    assert shares.units(1000, floors) == {"a": 450, "b": 550}
    assert shares.units(1000, floors, Residue.TO_DEVELOPER) == {"a": 500, "b": 500}
    assert shares.final(1001, floors, Residue.TO_DEVELOPER) == {"a": 500, "b": 501}


def test_the_developer_cannot_absorb_more_than_he_has() -> None:
    floors = [floor("a", 90, 1000, locked=True), floor("b", 110, 500)]
    with pytest.raises(Refused) as no:
        shares.final(999, floors, Residue.TO_DEVELOPER)
    assert no.value.code == "title_residue_negative"


def test_locked_buildings_keep_their_share_of_the_parcel() -> None:
    """Example D."""
    found = shares.envelopes(200_000, [floor("1", 31006, 62008, locked=True), floor("2", 39600), floor("3", 36000)])
    assert found == {"1": 62008, "2": 72282, "3": 65710}
    with pytest.raises(Refused):
        shares.envelopes(60_000, [floor("1", 31006, 62008, locked=True), floor("2", 39600)])


WORDS = {
    Verdict.ALLOWED: "yes", Verdict.REFUSED: "no", Verdict.CONSENT: "consent", Verdict.LEFT_OUT: "out", Verdict.NOTIFY: "notify",
    Verdict.CONVERTS: "convert", Verdict.QUEUES: "queue", Verdict.NOT_MET: "none",
}  # fmt: skip
REFERENCE = tomllib.loads((Path(__file__).parent / "matrix.toml").read_text("utf-8"))
CELLS = [(row, act, said) for row, cells in REFERENCE.items() for act, said in cells.items()]


@pytest.mark.parametrize(("row", "act", "says"), CELLS, ids=[f"{row}-{act}" for row, act, _ in CELLS])
def test_every_cell_of_the_matrix_says_what_the_reference_says(row: str, act: str, says: str) -> None:
    """F7.10, B7.2, B7.3, R7.4, R7.6"""
    nothing = Given(permit=False, registered=False)
    assert WORDS[verdict(Act(act), Standing(row), "other", nothing)] == says


def test_the_matrix_has_no_empty_cell() -> None:
    assert set(MATRIX) == set(Standing)
    assert all(set(row) == set(Act) for row in MATRIX.values())
    assert len(CELLS) == len(Standing) * (len(Act) - 1)  # the owner's mortgage follows from the text below the table


@pytest.mark.parametrize(
    ("act", "standing", "given", "says"),
    [
        (Act.PRESALE, Standing.FREE, Given(), Verdict.ALLOWED),
        (Act.PRESALE, Standing.MORTGAGE, Given(consents=frozenset(["n"])), Verdict.NOTIFY),
        (Act.PRESALE, Standing.OBJECTION, Given(undertaking=True), Verdict.NOTIFY),
        (Act.TRANSFER, Standing.FREE, Given(), Verdict.ALLOWED),
        (Act.TRANSFER, Standing.NOTICE, Given(claim="n"), Verdict.ALLOWED),
        (Act.TRANSFER, Standing.SEIZURE, Given(by_court="n"), Verdict.NOTIFY),
        (Act.DEVELOPER_MORTGAGE, Standing.NOTICE, Given(by_scope=True), Verdict.LEFT_OUT),
        (Act.PRE_MORTGAGE, Standing.CONTRACT, Given(noticed=True), Verdict.ALLOWED),
        (Act.RESPLIT, Standing.HELD, Given(final=True), Verdict.NOTIFY),
        (Act.REPLAN, Standing.NOTICE, Given(consents=frozenset(["n"])), Verdict.NOTIFY),
        (Act.OWNER_MORTGAGE, Standing.HELD, Given(), Verdict.ALLOWED),
        (Act.OWNER_MORTGAGE, Standing.MORTGAGE, Given(), Verdict.ALLOWED),
        (Act.OWNER_MORTGAGE, Standing.SEIZURE, Given(), Verdict.REFUSED),
    ],
)
def test_a_cell_with_a_condition_opens_when_it_is_met(
    act: Act, standing: Standing, given: Given, says: Verdict
) -> None:
    assert verdict(act, standing, "n", given) is says


def test_of_several_rows_the_strictest_wins() -> None:
    assert strictest([Verdict.NOTIFY, Verdict.CONSENT, Verdict.REFUSED]) is Verdict.REFUSED
    assert strictest([Verdict.NOTIFY, Verdict.CONSENT]) is Verdict.CONSENT
    assert strictest([]) is Verdict.ALLOWED


def test_every_state_that_may_follow_is_in_the_table_and_what_has_ended_stays_ended() -> None:
    """§7"""
    assert set(NEXT) == set(RightKind)
    for kind, table in NEXT.items():
        assert {after for moves in table.values() for after in moves} <= set(table)
        assert any(not moves for moves in table.values()), kind
    with pytest.raises(ValueError, match="does not go"):
        check_move(RightKind.MORTGAGE, State.CANCELLED, State.EFFECTIVE)
    check_move(RightKind.SEIZURE, State.WAITING, State.EFFECTIVE)
