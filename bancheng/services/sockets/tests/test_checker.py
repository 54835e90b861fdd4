"""The second opinion agrees with the first on anything a device may say, and finds what was changed."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from bancheng.kernel.ledger import testing as ledger
from bancheng.lib.days import start_of
from bancheng.services.sockets import checker
from bancheng.services.sockets.models import Session
from bancheng.services.sockets.operations import sessions
from bancheng.services.sockets.rules import bills, readings, tariff
from bancheng.services.sockets.rules.readings import WRAP, Point
from bancheng.services.sockets.rules.tariff import Band, DayType, Rate
from bancheng.services.sockets.tests.walking import (
    NINE,
    Device,
    now_of,
    paid,
    refund_moves,
    reserve,
    scan,
    socket,
    started,
    tell,
)

ALL = frozenset(range(1, 13))
RATES = (
    Rate(ALL, DayType.EVERY, 0, 1440, Band.FLAT, 620_000),
    Rate(ALL, DayType.EVERY, 0, 360, Band.VALLEY, 300_000),
    Rate(ALL, DayType.EVERY, 960, 1440, Band.PEAK, 1_050_000),
    Rate(frozenset({1, 12}), DayType.EVERY, 1020, 1140, Band.SHARP, 1_260_000),
)
PRICES = [
    checker.Price(one.months, str(one.days), one.first_min, one.before_min, str(one.band), one.price) for one in RATES
]
MOST_W = 3520
METERS = ["000000000001", "000000000002"]


@settings(max_examples=300, deadline=None)
@given(seed=some.integers(0, 2**32), begin=some.integers(0, 60 * 24 * 365), register=some.integers(0, WRAP - 1))
def test_both_come_to_the_same_whatever_the_device_says(seed: int, begin: int, register: int) -> None:
    """X6, X8, X9, X10, F1.10: edges, gaps, wraps, resets, swaps, spikes, new boots; by one rounding at the end."""
    draw = random.Random(seed)
    points = points_of(draw, datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=begin), register)
    sorted_out = readings.sort_out(points, most_w=MOST_W, meters=METERS)
    bill = bills.bill(
        sorted_out,
        lambda since, before: tariff.along(
            since, before, lambda day: tariff.on_day(RATES, day, is_working=lambda _: True)
        ),
    )
    raw = [checker.Reading(one.boot, one.up_ms, one.at, one.meter, one.e_10wh) for one in points]
    wh, nano = checker.bill_of(raw, most_w=MOST_W, meters=METERS, prices=PRICES)
    assert (wh, nano) == (bill.wh, bill.nano)


def points_of(draw: random.Random, at: datetime, register: int) -> list[Point]:
    """Return what a device may say, in its order."""
    points, boot, up_ms, meter = [], 1, draw.randrange(10**7), METERS[0]
    for seq in range(1, draw.randint(2, 40)):
        gap = draw.choice((0, 1, 7, 10, 10, 10, 60, 61, 900, 5000)) * 1000 + draw.randint(0, 999)
        at, up_ms = at + timedelta(milliseconds=gap), up_ms + gap
        register = (register + draw.choice((0, 0, 1, 1, 2, 5, 400))) % WRAP
        odd = draw.random()
        if odd < 0.03:
            boot, up_ms = boot + 1, draw.randrange(10_000)
        elif odd < 0.05:
            register = draw.randint(0, 3)
        elif odd < 0.07:
            meter = draw.choice([*METERS, "000000000009"])
        said = draw.randrange(WRAP) if odd > 0.97 else register
        points.append(Point(boot, seq, up_ms, at, said, meter))
    return points


pytestmark = pytest.mark.django_db
WIDE = {"since": start_of(NINE.date()), "before": start_of(NINE.date() + timedelta(days=9))}


def wrong() -> list[str]:
    return [one.says.en for one in checker.check(**WIDE)]


def used(at: datetime = NINE, tens: int = 30, code: str = "XC0001", **device: Any) -> Session:
    own = Device(**device)
    session = started(own, at, code=code)
    for n in range(1, 11):
        tell(own.reading(at + timedelta(minutes=6 * n), more_10wh=tens // 10))
    sessions.stop(session_id=session.pk, by="payer", at=at + timedelta(minutes=61))
    tell(own.open(at + timedelta(minutes=61, seconds=1)))
    return refund_moves(session, "success", at + timedelta(minutes=62))


def test_bills_over_an_edge_overrun_provisional_and_never_started_are_right() -> None:
    """R1.5, X7, B1.3."""
    socket()
    used(NINE + timedelta(hours=6, minutes=31))  # 15:31 to 16:32
    device = Device(boot=2)
    session = started(device, NINE + timedelta(hours=10))
    tell(device.reading(NINE + timedelta(hours=10, minutes=30), more_10wh=150))
    sessions.stop(session_id=session.pk, by="payer", at=NINE + timedelta(hours=10, minutes=31))
    scan(NINE + timedelta(hours=10, minutes=32))
    scan(NINE + timedelta(hours=10, minutes=45))
    assert now_of(session).state == "provisional"
    scan(NINE + timedelta(hours=36))
    assert now_of(session).state == "refunding"
    socket("XC0002", "2")
    failed = paid(reserve("XC0002", at=NINE), NINE + timedelta(seconds=5))
    scan(NINE + timedelta(seconds=20))
    scan(NINE + timedelta(seconds=60))
    assert now_of(failed).state == "refunding"
    counted = checker.Checked()
    assert list(checker.check(**WIDE, counted=counted)) == []
    assert (counted.sessions, counted.without_readings) == (3, 0)


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        (
            "UPDATE sockets_session SET cost_fen = cost_fen + 1, refunded_fen = refunded_fen - 1",
            "worked out 300 Wh and 18 fen, billed 300 Wh and 19 fen",
        ),
        ("UPDATE sockets_reading SET e_10wh = e_10wh + 1 WHERE seq = 12", "worked out 310 Wh"),
        ("UPDATE sockets_refund SET amount_fen = amount_fen - 1", "paid 500 fen, charged 18, refunded 481"),
        ("UPDATE ledger_posting SET amount = amount + 1 WHERE amount = -500", "the ledger still owes -1 fen"),
        ("UPDATE sockets_segment SET energy_10wh = 29", "segments 290 Wh, lines 300 Wh, session 300 Wh"),
    ],
)
def test_what_was_changed_is_found(statement: str, says: str) -> None:
    socket()
    used()
    assert wrong() == []
    ledger.tampered(statement)
    assert any(says in one for one in wrong()), wrong()


def test_of_an_older_session_the_registers_are_compared() -> None:
    socket()
    used()
    ledger.tampered("DELETE FROM sockets_reading")
    counted = checker.Checked()
    assert list(checker.check(**WIDE, counted=counted)) == []
    assert counted.without_readings == 1
    ledger.tampered("UPDATE sockets_segment SET energy_10wh = 29")
    assert len(wrong()) == 1
