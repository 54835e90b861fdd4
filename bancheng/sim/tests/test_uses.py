"""A year of passers-by: as many uses and as much energy as the source says, and devices whose words follow from the year alone."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby, pairwise

import pytest

from bancheng.lib.socketwire import EventKind
from bancheng.sim import uses
from bancheng.sim.uses import Ending

START = date(2025, 11, 28)


@dataclass(frozen=True)
class Piece:
    since: datetime
    before: datetime
    price: int


def prices(price_class: str, since: datetime, before: datetime) -> Sequence[Piece]:
    """Cheap at night, dear in the evening."""
    found, day = [], since.astimezone(uses.SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
    while day < before:
        for first, last, price in ((0, 6, 300_000), (6, 16, 620_000), (16, 24, 1_050_000)):
            start, end = max(since, day + timedelta(hours=first)), min(before, day + timedelta(hours=last))
            if start < end:
                found.append(Piece(start, end, price))
        day += timedelta(days=1)
    return found


PLACES = [
    uses.Place(
        f"XC{site:02d}-{n:02d}", f"XC{site:02d}", f"gw-{site:04d}", str(n), f"{202611070000 + site * 8 + n:012d}",
        list(uses.HABITS)[site % 8], 3520, "commercial",
    )
    for site in range(1, 47)
    for n in range(1, 9)
]  # fmt: skip


@pytest.fixture(scope="module")
def year() -> uses.Year:
    return uses.make(start=START, places=PLACES, prices=prices, seed=7, scale=0.05)


def test_uses_and_energy_are_the_source_s_to_the_last_step(year: uses.Year) -> None:
    """A1.2, A1.3: a twentieth of 34,335 uses and of 78,162.12 kWh, exactly; the seed decides the rest."""
    used = [one for one in year.uses if one.used]
    assert len(used) == 1717 == round(uses.USES * 0.05)
    assert sum(one.energy_10wh for one in used) == 390_811 == round(uses.ENERGY_10WH * 0.05)
    assert (uses.USES, uses.ENERGY_10WH) == (34_335, 7_816_212)
    assert {one.place.site for one in used} == {one.site for one in PLACES}
    assert set(Counter(one.ending for one in year.uses)) == set(Ending)
    again = uses.make(start=START, places=PLACES, prices=prices, seed=7, scale=0.05)
    assert [one.words for one in again.uses] == [one.words for one in year.uses]


def test_nobody_scans_a_socket_that_another_uses_or_that_waits_for_repair(year: uses.Year) -> None:
    for _, found in groupby(sorted(year.uses, key=lambda one: (one.place.code, one.at)), lambda one: one.place.code):
        for before, after in pairwise(found):
            assert after.at >= before.free_at


def test_a_device_numbers_its_words_without_a_gap_and_its_register_goes_on(year: uses.Year) -> None:
    for _, found in groupby(sorted(year.uses, key=lambda one: (one.place.code, one.at)), lambda one: one.place.code):
        seq, register = 1, None
        for one in found:
            assert one.first_seq == seq
            assert register in (None, one.from_10wh)
            assert [word.at for word in one.words] == sorted(word.at for word in one.words)
            assert not one.words or one.words[-1].at == one.over_at
            seq, register = seq + len(one.words), one.from_10wh + one.energy_10wh
    whole = next(one for one in year.uses if one.ending is Ending.USER)
    assert whole.words[0].kind is EventKind.CLOSED
    assert whole.words[-1].e_10wh - whole.from_10wh == whole.energy_10wh


def test_who_runs_out_has_used_what_his_money_buys_and_nobody_else_comes_near(year: uses.Year) -> None:
    """What the device gives must follow from the prepayment: no cheaper hour leaves money over."""
    for one in (one for one in year.uses if one.used):
        highest = max(each.price for each in prices("", one.at, one.at + uses.LONGEST))
        quota = one.prepay_fen * uses.NANO_PER_FEN // highest // uses.STEP_WH
        if one.ending is Ending.QUOTA:
            assert one.energy_10wh == quota
        else:
            assert one.energy_10wh <= quota


def test_parts_share_no_socket_and_lose_nothing(year: uses.Year) -> None:
    parts = [year.part(n, 3) for n in range(3)]
    assert sum(len(part.uses) for part in parts) == len(year.uses)
    assert not {one.place.code for one in parts[0].uses} & {one.place.code for one in parts[1].uses}


def test_in_ten_times_the_year_there_is_still_one_use_a_socket_at_a_time() -> None:
    """A1.2, A1.3: 343,350 uses and 781,621.20 kWh; where a day is full somebody comes when there is room. Three of 46 sites, as full as all are."""
    assert (round(uses.USES * 10), round(uses.ENERGY_10WH * 10)) == (343_350, 78_162_120)
    crowded = [one for one in PLACES if one.site in ("XC03", "XC06", "XC07")]
    assert {one.scenario for one in crowded} == {"fair", "irrigation", "drying"}
    scale = 10 * 3 / 46
    ten = uses.make(start=START, places=crowded, prices=steady, seed=7, scale=scale)
    used = [one for one in ten.uses if one.used]
    assert len(used) == round(uses.USES * scale) == 22_392
    assert sum(one.energy_10wh for one in used) == round(uses.ENERGY_10WH * scale)
    free: dict[str, datetime] = {}
    for one in ten.uses:
        assert one.at >= free.get(one.place.code, one.at)
        free[one.place.code] = one.free_at


def steady(price_class: str, since: datetime, before: datetime) -> Sequence[Piece]:
    return [Piece(since, before, 620_000)]
