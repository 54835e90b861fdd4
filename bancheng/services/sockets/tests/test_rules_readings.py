"""Readings: what is believed, what is set aside, in which order, and when they were taken. The oracle works with fractions."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bancheng.services.sockets.rules import readings
from bancheng.services.sockets.rules.readings import WRAP, Anchor, Point, Raw, Verdict, judge, sort_out

NINE = datetime(2026, 3, 17, 9, 0, tzinfo=UTC)
MOST_W = 3520  # 16 A at 220 V


def point(seconds: int, e_10wh: int, *, boot: int = 1, meter: str = "202411070046", p_w: int = 0) -> Point:
    return Point(
        boot=boot,
        seq=seconds,
        up_ms=seconds * 1000,
        at=NINE + timedelta(seconds=seconds),
        e_10wh=e_10wh,
        meter=meter,
        p_w=p_w,
    )


@given(
    st.integers(0, WRAP - 1), st.integers(0, WRAP - 1), st.integers(0, 5 * 24 * 3600 * 1000), st.integers(100, 30_000)
)
def test_what_is_possible_agrees_with_fractions(before: int, after: int, elapsed: int, most_w: int) -> None:
    """X9: at most 1.2 times the greatest power over the device's uptime, and 10 Wh."""
    energy_wh = Fraction((after - before) % WRAP * 10)
    allowed = Fraction(12, 10) * most_w * Fraction(elapsed, 3_600_000) + 10
    said = readings.possible(readings.delta_10wh(before, after), elapsed_ms=elapsed, most_w=most_w)
    assert said == (energy_wh <= allowed)


@pytest.mark.parametrize(
    ("before", "after", "verdict"),
    [
        (123_456, 123_457, Verdict.GOOD),
        (123_456, 123_456, Verdict.GOOD),
        (WRAP - 1, 0, Verdict.GOOD),  # the register runs over
        (123_456, 124_456, Verdict.SPIKE),  # ten kWh in ten seconds
        (123_456, 120_000, Verdict.BACKWARDS),
        (123_456, 0, Verdict.RESET),
        (123_456, 4, Verdict.BACKWARDS),  # 40 Wh in ten seconds is more than flows
    ],
)
def test_a_register_wraps_resets_jumps_or_goes_back(before: int, after: int, verdict: Verdict) -> None:
    """X9, B1.6: each is told from the others."""
    assert judge(point(0, before), point(10, after), most_w=MOST_W) is verdict


def test_another_meter_is_never_believed_unless_it_was_put_in() -> None:
    """X9: a swap begins a new segment; a meter nobody put in is set aside."""
    old, new, foreign = "000000000161", "000000000162", "000000000999"
    points = [
        point(0, 100, meter=old),
        point(10, 101, meter=old),
        point(20, 999_999, meter=foreign),
        point(30, 5_000, meter=new),
        point(40, 5_001, meter=new),
        point(50, 102, meter=old),
    ]
    found = sort_out(points, most_w=MOST_W, meters=[old, new])
    assert [segment.meter for segment in found.segments] == [old, new]
    assert found.energy_10wh == 2
    assert [verdict for _, verdict in found.aside] == [Verdict.OTHER_METER, Verdict.OTHER_METER]


def test_a_reset_is_a_new_segment_that_has_counted_since_zero() -> None:
    """X9: no wrap of a million kWh is charged, and what the register shows after its reset is."""
    found = sort_out([point(0, 500), point(600, 530), point(1200, 20), point(1800, 45)], most_w=MOST_W)
    assert [segment.energy_10wh for segment in found.segments] == [30, 45]
    assert found.energy_10wh == 75


def test_one_spike_is_set_aside_and_the_session_goes_on() -> None:
    """X9, B1.6: quarantine, no bill by it."""
    found = sort_out([point(0, 500), point(10, 501), point(20, 9_000_000), point(30, 502)], most_w=MOST_W)
    assert found.energy_10wh == 2
    assert [(p.e_10wh, verdict) for p, verdict in found.aside] == [(9_000_000, Verdict.SPIKE)]


@given(
    st.lists(st.integers(0, 1), min_size=2, max_size=60), st.integers(0, WRAP - 1), st.randoms(use_true_random=False)
)
def test_doubled_and_shuffled_readings_give_the_same_energy(
    steps: list[int], start: int, chance: random.Random
) -> None:
    """X6, B1.5: order of arrival and repetition change nothing; the wrap neither."""
    points, register = [], start
    for n, step in enumerate(steps):
        register = (register + step) % WRAP
        points.append(point(n * 10, register))
    shuffled = points + chance.choices(points, k=5)
    chance.shuffle(shuffled)
    straight = sort_out(points, most_w=MOST_W)
    assert sort_out(shuffled, most_w=MOST_W) == straight
    assert straight.energy_10wh == sum(steps[1:])


def test_a_new_boot_goes_on_from_the_stored_register() -> None:
    """X8: uptime begins again; elapsed time across it is by the clock, and the energy goes on."""
    after = replace(point(5, 103, boot=2), at=NINE + timedelta(seconds=400))
    found = sort_out([point(0, 100), point(300, 102), after], most_w=MOST_W)
    assert found.energy_10wh == 3
    assert not found.aside


def test_a_register_that_stands_still_under_load_is_frozen() -> None:
    """X9: 30 Wh by power without a step of the register is a fault, not a bargain."""
    steady = [point(n * 60, 700, p_w=2000) for n in range(2)]
    assert readings.frozen(steady)
    assert not readings.frozen([point(n * 60, 700, p_w=100) for n in range(5)])
    assert not readings.frozen([*steady, point(120, 701, p_w=2000)])


# --- time ---


def raw(up_s: float, ts: datetime, *, received: datetime | None = None, boot: int = 1) -> Raw:
    up_ms = int(up_s * 1000)
    return Raw(boot, int(up_s), up_ms, ts, received or NINE + timedelta(milliseconds=up_ms + 40))


def test_a_good_clock_is_believed() -> None:
    kept = Anchor(NINE)
    assert readings.taken_at(raw(60, NINE + timedelta(seconds=61)), kept) == (NINE + timedelta(seconds=61), False)


@pytest.mark.parametrize(
    "wrong",
    [
        datetime(1970, 1, 1, tzinfo=UTC),
        NINE + timedelta(days=1),
        NINE - timedelta(days=1),
        NINE + timedelta(seconds=67),
        datetime(2099, 1, 1, tzinfo=UTC),
    ],
)
def test_a_clock_that_is_off_gives_way_to_the_uptime_and_is_marked(wrong: datetime) -> None:
    """X10, B1.7: 1970, a day off either way, seven seconds off: the time is the uptime's."""
    at, suspect = readings.taken_at(raw(60, wrong), Anchor(NINE))
    assert suspect
    assert at == NINE + timedelta(seconds=60)


def test_the_earliest_message_anchors_a_boot_and_late_ones_do_not_move_it() -> None:
    """X6, X10: an hour in the flash buffer does not move a reading by an hour."""
    prompt = raw(10, datetime(1970, 1, 1, tzinfo=UTC))
    late = raw(20, datetime(1970, 1, 1, tzinfo=UTC), received=NINE + timedelta(hours=1))
    for order in ([prompt, late], [late, prompt]):
        kept = readings.anchor(order)
        assert readings.taken_at(late, kept)[0] == NINE + timedelta(seconds=20, milliseconds=40)


def test_a_boot_that_was_offline_throughout_is_dated_by_its_clock() -> None:
    """X6: all of it came an hour late; the clock is the only witness, and it is marked."""
    late = raw(20, NINE + timedelta(seconds=20), received=NINE + timedelta(hours=1))
    kept = readings.anchor([late], live=False)
    assert readings.taken_at(late, kept) == (NINE + timedelta(seconds=20), True)


@given(st.floats(-1e6, 1e6), st.integers(0, 10**7), st.integers(0, 10**7), st.booleans())
def test_no_reading_was_taken_after_it_arrived(off: float, up_ms: int, delay_ms: int, live: bool) -> None:
    """X10: whatever the clock says, within the slack that a good clock has."""
    received = NINE + timedelta(milliseconds=up_ms + delay_ms)
    one = Raw(1, 1, up_ms, NINE + timedelta(seconds=off), received)
    at, _ = readings.taken_at(one, readings.anchor([one], live=live))
    assert at <= received + timedelta(seconds=readings.CLOCK_SECONDS)
