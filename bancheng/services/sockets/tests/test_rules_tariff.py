"""Prices by the time of use, against an oracle that looks at every minute by itself and reckons in fractions."""

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from bancheng.lib.refusal import Refused
from bancheng.services.sockets.rules import tariff
from bancheng.services.sockets.rules.bills import Slice
from bancheng.services.sockets.rules.tariff import Band, DayType, NoPrice, Rate

LOCAL = ZoneInfo("Asia/Shanghai")
ALL = frozenset(range(1, 13))
PRICES = {Band.FLAT: 620_000, Band.VALLEY: 300_000, Band.PEAK: 1_050_000, Band.SHARP: 1_260_000}


def row(months: str, first: int, before: int, band: Band, days: DayType = DayType.EVERY) -> Rate:
    chosen = ALL if months == "all" else frozenset(map(int, months.split()))
    return Rate(chosen, days, first * 60, before * 60, band, PRICES[band])


HENAN = (  # 豫发改价管〔2024〕283号
    row("all", 0, 24, Band.FLAT),
    row("1 2 12 6 7 8", 0, 7, Band.VALLEY),
    row("3 4 5 9 10 11", 0, 6, Band.VALLEY),
    row("3 4 5 9 10 11", 11, 14, Band.VALLEY),
    row("all", 16, 24, Band.PEAK),
    row("1 12", 17, 19, Band.SHARP),
    row("7 8", 20, 23, Band.SHARP),
)


def weekday(day: date) -> bool:
    return day.weekday() < 5


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LOCAL).astimezone(UTC)


def slices(rates: tuple[Rate, ...], since: datetime, before: datetime) -> list[Slice]:
    return tariff.along(since, before, lambda day: tariff.on_day(rates, day, is_working=weekday))


def along(rates: tuple[Rate, ...], since: str, before: str) -> list[Slice]:
    return slices(rates, at(since), at(before))


def band_at(rates: tuple[Rate, ...], text: str) -> str:
    return slices(rates, at(text), at(text) + timedelta(microseconds=1))[0].band


@pytest.mark.parametrize(
    ("when", "band"),
    [
        ("2026-01-15T06:59", "valley"),
        ("2026-01-15T07:00", "flat"),
        ("2026-01-15T16:59", "peak"),
        ("2026-01-15T17:00", "sharp"),
        ("2026-01-15T19:00", "peak"),
        ("2026-02-15T18:00", "peak"),
        ("2026-03-15T12:00", "valley"),
        ("2026-03-15T14:00", "flat"),
        ("2026-07-15T20:00", "sharp"),
        ("2026-07-15T22:59", "sharp"),
        ("2026-07-15T23:00", "peak"),
        ("2026-06-15T21:00", "peak"),
        ("2026-12-31T23:59", "peak"),
        ("2027-01-01T00:00", "valley"),
    ],
)
def test_the_periods_of_henan_begin_and_end_on_their_minute(when: str, band: str) -> None:
    """R1.1: half-open intervals, sharp months, New Year."""
    assert band_at(HENAN, when) == band


def test_a_session_over_new_year_meets_two_prices_and_no_gap() -> None:
    """R1.1: what crosses a boundary is split."""
    pieces = slices(HENAN, at("2026-12-31T22:30"), at("2027-01-01T08:30"))
    assert [(piece.band, (piece.before - piece.since) // timedelta(minutes=1)) for piece in pieces] == [
        ("peak", 90),
        ("valley", 420),
        ("flat", 90),
    ]


def test_the_highest_price_that_can_apply_is_what_a_quota_is_reckoned_with() -> None:
    assert tariff.highest(along(HENAN, "2026-01-15T10:00", "2026-01-15T17:00")) == 1_050_000
    assert tariff.highest(along(HENAN, "2026-01-15T10:00", "2026-01-15T17:01")) == 1_260_000


def test_the_edges_are_the_instants_at_which_the_price_changes() -> None:
    found = tariff.edges(along(HENAN, "2026-01-15T16:00", "2026-01-16T00:00"))
    assert found == [at("2026-01-15T17:00"), at("2026-01-15T19:00")]


def test_where_no_row_applies_there_is_no_price() -> None:
    """B1.10"""
    rates = (row("all", 0, 20, Band.FLAT),)
    with pytest.raises(NoPrice):
        band_at(rates, "2026-01-15T20:00")
    with pytest.raises(Refused, match="plan_has_holes"):
        tariff.check_plan(rates)


def test_a_plan_may_tell_working_days_from_others_and_must_cover_both() -> None:
    rates = (row("all", 0, 24, Band.PEAK, DayType.WORKING), row("all", 0, 24, Band.VALLEY, DayType.REST))
    tariff.check_plan(rates)
    assert band_at(rates, "2026-03-13T23:59") == "peak"  # a Friday
    assert band_at(rates, "2026-03-14T00:00") == "valley"
    with pytest.raises(Refused, match="plan_has_holes"):
        tariff.check_plan(rates[:1])


@pytest.mark.parametrize("price", [0, 5_000_001])
def test_a_price_nobody_can_mean_is_refused(price: int) -> None:
    with pytest.raises(Refused, match="odd_price"):
        tariff.check_plan((Rate(ALL, DayType.EVERY, 0, 1440, Band.FLAT, price),))


def test_new_prices_begin_tomorrow_at_the_earliest() -> None:
    with pytest.raises(Refused, match="plan_not_ahead"):
        tariff.check_first_day(date(2026, 3, 17), date(2026, 3, 17))
    tariff.check_first_day(date(2026, 3, 18), date(2026, 3, 17))


# --- against every minute by itself ---

rates_of = some.lists(
    some.builds(
        lambda months, days, first, length, band, price: Rate(
            frozenset(months), days, first, min(1440, first + length), band, price
        ),
        some.sets(some.integers(1, 12), min_size=1),
        some.sampled_from(DayType),
        some.integers(0, 1439),
        some.integers(1, 1440),
        some.sampled_from(Band),
        some.integers(1, 2_000_000),
    ),
    max_size=6,
).map(lambda found: (Rate(ALL, DayType.EVERY, 0, 1440, Band.FLAT, 500_000), *found))
instants = some.integers(0, 372 * 1440).map(lambda n: datetime(2025, 12, 28, tzinfo=LOCAL) + timedelta(minutes=n))
ORDER = ["sharp", "peak", "valley", "flat"]


def oracle(rates: tuple[Rate, ...], when: datetime) -> tuple[str, int]:
    """Return band and price of one minute, looked up by itself."""
    local = when.astimezone(LOCAL)
    minute = local.hour * 60 + local.minute
    free = local.weekday() >= 5
    found = []
    for one in rates:
        if local.month not in one.months or not one.first_min <= minute < one.before_min:
            continue
        if one.days == "every" or (one.days == "rest") == free:
            found.append((ORDER.index(one.band), one.price, str(one.band)))
    _, price, band = min(found)
    return band, price


@settings(max_examples=150, deadline=None)
@given(rates_of, instants, some.integers(1, 3000))
def test_prices_are_those_of_each_minute_looked_at_by_itself(
    rates: tuple[Rate, ...], since: datetime, minutes: int
) -> None:
    """R1.1: no hole, no overlap, the right precedence, at every minute."""
    since = since.replace(second=0, microsecond=0)
    before = since + timedelta(minutes=minutes)
    pieces = slices(rates, since, before)
    assert pieces[0].since == since
    assert pieces[-1].before == before
    assert all(one.before == two.since for one, two in pairwise(pieces))
    every = [oracle(rates, since + timedelta(minutes=n)) for n in range(minutes)]
    told = [(p.band, p.price) for p in pieces for _ in range((p.before - p.since) // timedelta(minutes=1))]
    assert told == every
    assert tariff.highest(pieces) == max(price for _, price in every)


@settings(max_examples=80, deadline=None)
@given(rates_of, instants, some.integers(1, 600), some.integers(0, 5000))
def test_a_steady_load_costs_what_its_minutes_cost(
    rates: tuple[Rate, ...], since: datetime, minutes: int, wh_a_minute: int
) -> None:
    """F1.10: by fractions, minute by minute."""
    since = since.replace(second=0, microsecond=0)
    pieces = slices(rates, since, since + timedelta(minutes=minutes))
    nano = sum(((p.before - p.since) // timedelta(minutes=1)) * wh_a_minute * p.price for p in pieces)
    exact = sum(
        (Fraction(wh_a_minute, 1000) * Fraction(oracle(rates, since + timedelta(minutes=n))[1], 1_000_000))
        for n in range(minutes)
    )
    assert Fraction(nano, 10**9) == exact
