"""Bills and quotas against an oracle of fractions: exact, rounded once, never more than was paid."""

import itertools
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from bancheng.services.sockets.rules import bills, quota
from bancheng.services.sockets.rules.bills import Slice
from bancheng.services.sockets.rules.readings import Point, sort_out

FOUR = datetime(2026, 3, 17, 16, 0, tzinfo=UTC)  # an edge: before it 0.60 yuan, from it on 0.85
FLAT, PEAK = 600_000, 850_000


def prices(since: datetime, before: datetime) -> Sequence[Slice]:
    pieces = [
        Slice(since, min(before, FOUR), "flat", FLAT),
        Slice(max(since, FOUR), before, "peak", PEAK),
    ]
    return [piece for piece in pieces if piece.since < piece.before]


def point(seconds: int, e_10wh: int) -> Point:
    return Point(1, seconds + 100_000, (seconds + 100_000) * 1000, FOUR + timedelta(seconds=seconds), e_10wh)


def test_the_example_of_the_reference_is_160_fen() -> None:
    """F1.10: 1,370 Wh at 0.60 and 910 Wh at 0.85 are 160 fen; rounded period by period they would be 159."""
    found = bills.bill(sort_out([point(-7200, 1000), point(0, 1137), point(7200, 1228)], most_w=3520), prices)
    assert [(line.band, line.wh) for line in found.lines] == [("flat", 1370), ("peak", 910)]
    assert found.nano == 1_595_500_000
    assert found.fen == 160
    assert sum(quota.cost_fen(line.nano) for line in found.lines) == 159


def test_a_minute_across_an_edge_is_shared_by_time() -> None:
    """R1.1: by linear interpolation; what does not divide goes to the cheaper price."""
    found = bills.bill(sort_out([point(-20, 100), point(40, 104)], most_w=3520), prices)
    assert [(line.band, line.wh) for line in found.lines] == [("flat", 14), ("peak", 26)]


def test_a_long_gap_across_an_edge_is_charged_at_the_cheaper_price() -> None:
    """X10: nobody knows when it was used."""
    found = bills.bill(sort_out([point(-20, 100), point(41, 104)], most_w=3520), prices)
    assert [(line.band, line.wh) for line in found.lines] == [("flat", 40)]


@given(st.lists(st.tuples(st.integers(1, 60), st.integers(0, 6)), min_size=1, max_size=40), st.integers(-900, 0))
def test_every_bill_agrees_with_fractions(steps: list[tuple[int, int]], begin: int) -> None:
    """F1.10: the independent sum of fractions differs by less than the Wh that does not divide at the one edge."""
    points, at, register = [point(begin, 5000)], begin, 5000
    exact = Fraction(0)
    for seconds, step in steps:
        energy = min(step, max(0, 12 * 3520 * seconds // 3_600_0 // 10))
        after = at + seconds
        before_edge = Fraction(max(0, min(after, 0) - min(at, 0)), seconds)
        exact += energy * 10 * (before_edge * FLAT + (1 - before_edge) * PEAK)
        at, register = after, register + energy
        points.append(point(at, register))
    found = bills.bill(sort_out(points, most_w=3520), prices)
    assert found.wh == (register - 5000) * 10
    assert 0 <= exact - found.nano < PEAK - FLAT
    assert found.fen == (Fraction(found.nano, quota.NANO_PER_FEN) + Fraction(1, 2)) // 1


def test_the_running_sum_is_the_bill() -> None:
    points = [point(s, e) for s, e in ((-60, 10), (-20, 11), (30, 15), (60, 16))]
    running = bills.Bill(())
    for before, after in itertools.pairwise(points):
        running = bills.added(running, before, after, prices)
    assert running == bills.bill(sort_out(points, most_w=3520), prices)


# --- the guard ---

FEN = st.integers(100, 20_000)
PRICE = st.integers(100_000, 3_000_000)


@given(FEN, PRICE)
def test_the_quota_is_never_worth_more_than_was_paid(paid: int, highest: int) -> None:
    """X16: at the highest price, rounded, the whole quota costs no more than the prepayment; one step more would."""
    most = quota.first(paid, highest=highest)
    assert most % 10 == 0
    assert quota.cost_fen(most * highest) <= paid
    assert Fraction((most + 10) * highest, quota.NANO_PER_FEN) > paid


@given(FEN, PRICE, st.integers(0, 10_000), st.integers(1, 100))
def test_a_raise_never_lowers_and_never_outspends(paid: int, highest: int, used: int, cheaper: int) -> None:
    """R1.4: what was cheap leaves money over; at the highest price to come it still covers the quota."""
    first = quota.first(paid, highest=highest)
    used = min(used, first)
    spent = used * (highest * cheaper // 100)
    more = quota.raised(first, paid_fen=paid, spent_nano=spent, used_wh=used, highest=highest)
    assert more >= first
    assert more % 10 == 0
    assert spent + (more - used) * highest <= paid * quota.NANO_PER_FEN


@given(FEN, PRICE, st.integers(0, 10_000), st.integers(0, 10**9))
def test_what_surely_goes_back_leaves_enough_for_the_worst(paid: int, highest: int, used: int, silent_ms: int) -> None:
    """X7: refunded early or not, the worst case can still be billed in full."""
    most = quota.first(paid, highest=highest)
    used = min(used, most)
    worst = quota.worst_wh(used_wh=used, quota_wh=most, most_w=3520, silent_ms=silent_ms)
    assert used <= worst <= max(most, used)
    back = quota.sure_fen(paid_fen=paid, spent_nano=used * highest, used_wh=used, worst_wh=worst, highest=highest)
    assert 0 <= back <= paid
    assert quota.cost_fen(worst * highest) <= paid - back
    assert quota.billed_fen(worst * highest, paid_fen=paid, refunded_fen=back) == quota.cost_fen(worst * highest)


def test_an_overrun_is_never_a_debt() -> None:
    """R1.5: more was used than was paid for: the passer-by bears what he paid, the rest is our loss."""
    assert quota.billed_fen(10**12, paid_fen=500) == 500
