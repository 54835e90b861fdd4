"""The second opinion: every bill worked out anew from the raw readings, by somebody who has not seen how it was done.

Written from the specification, with fractions, and on purpose without any of `rules`, `operations` or `queries` (a wall of `pyproject.toml` holds it):
what a register says, what cannot be, when it was used, what it cost by the rows of the price list, rounded once. Then the money: what was
paid is what was charged and what went back, and the ledger owes nobody anything. Raw readings are kept for a month; of an older session the
registers of its segments are compared with its bill.
"""

import itertools
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from math import floor
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection

from bancheng.kernel.clocks import public as clocks
from bancheng.lib.text import Text

HERE = ZoneInfo("Asia/Shanghai")
WRAP = 1_000_000 * 100  # the register has six digits of kWh and two behind the point
RANK = {"sharp": 0, "peak": 1, "valley": 2, "flat": 3}  # 尖 > 峰 > 谷 > 平
AT_ONCE = 500

SETTLED = """
SELECT id, region, gateway, wire, socket_id, created_at, stopped_at, settled_at, plan_id, most_w, first_boot, first_seq, end_boot, end_seq,
    used_wh, cost_fen, lost_fen, paid_fen, refunded_fen, state, bill::text
FROM sockets_session WHERE cost_fen IS NOT NULL AND coalesce(settled_at, stopped_at) >= %s AND coalesce(settled_at, stopped_at) < %s
    AND id > %s ORDER BY id LIMIT %s
"""
READINGS = """
SELECT r.boot, r.seq, r.up_ms, r.ts_ms, r.received_at, r.meter, r.e_10wh, r.session, s.began_at, s.live
FROM sockets_reading r JOIN sockets_socketstate s ON (s.region, s.gateway, s.wire, s.boot) = (r.region, r.gateway, r.wire, r.boot)
WHERE r.region = %s AND r.gateway = %s AND r.wire = %s AND (r.day >= %s OR r.day = '1970-01-01')
    AND (r.boot, r.seq) >= (%s, %s) AND (%s::bigint IS NULL OR (r.boot, r.seq) <= (%s, %s))
    AND (%s::bigint IS NOT NULL OR r.session = %s OR (r.boot, r.seq) = (%s, %s))
ORDER BY r.boot, r.seq, r.received_at
"""
MONEY = """
SELECT s.id,
    (SELECT coalesce(sum(amount_fen), 0) FROM sockets_prepay WHERE session_id = s.id AND counts),
    (SELECT coalesce(sum(amount_fen), 0) FROM sockets_refund WHERE session_id = s.id AND kind <> 'late' AND state <> 'closed'),
    (SELECT coalesce(sum(amount_fen), 0) FROM sockets_refund WHERE session_id = s.id AND kind = 'sure' AND state <> 'closed'),
    (SELECT coalesce(sum(line.amount), 0) FROM ledger_posting line JOIN ledger_account account ON account.id = line.account_id
        WHERE account.region = s.region AND account.path = 'sockets/session/' || s.id),
    (SELECT coalesce(sum(energy_10wh), 0) FROM sockets_segment WHERE session_id = s.id)
FROM sockets_session s WHERE s.id = ANY(%s)
"""
METERS = (
    "SELECT socket_id, address, fitted_at, removed_at FROM sockets_meter WHERE socket_id IS NOT NULL ORDER BY fitted_at"
)
PRICES = "SELECT plan_id, months::text, days, first_min, before_min, band, price FROM sockets_price"


@dataclass(frozen=True)
class Wrong:
    """A session whose bill or money is not what it should be."""

    session: UUID
    says: Text


@dataclass(frozen=True)
class Reading:
    """A register, when it was taken, and by the device's own count of time."""

    boot: int
    up_ms: int
    at: datetime
    meter: str
    steps: int


@dataclass(frozen=True)
class Price:
    """A row of the price list."""

    months: frozenset[int]
    days: str
    first_min: int
    before_min: int
    band: str
    micro: int


@dataclass
class Checked:
    """How many sessions were looked at, and of how many the raw readings are gone."""

    sessions: int = 0
    without_readings: int = 0


def check(
    *,
    since: datetime,
    before: datetime,
    counted: Checked | None = None,
    progress: Callable[[int], None] | None = None,
) -> Iterator[Wrong]:
    """Yield what is wrong with the sessions settled from `since` up to `before`; nothing when all is right."""
    counted = counted if counted is not None else Checked()
    meters, prices, last = _meters(), _prices(), UUID(int=0)
    while rows := _asked(SETTLED, [since, before, last, AT_ONCE]):
        money = {row[0]: row[1:] for row in _asked(MONEY, [[row[0] for row in rows]])}
        for row in rows:
            counted.sessions += 1
            yield from _wrong(row, money[row[0]], meters.get(row[4], []), prices.get(row[8], []), counted)
        last = rows[-1][0]
        if progress:
            progress(counted.sessions)


def _asked(statement: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return list(cursor.fetchall())


def _meters() -> Mapping[int, list[tuple[str, datetime, datetime | None]]]:
    found: dict[int, list[tuple[str, datetime, datetime | None]]] = {}
    for socket, *row in _asked(METERS):
        found.setdefault(socket, []).append((row[0], row[1], row[2]))
    return found


def _prices() -> Mapping[int, list[Price]]:
    found: dict[int, list[Price]] = {}
    for plan, months, *row in _asked(PRICES):
        found.setdefault(plan, []).append(Price(frozenset(json.loads(months)), *row))
    return found


def _wrong(
    row: tuple[Any, ...],
    money: tuple[Any, ...],
    meters: Sequence[tuple[str, datetime, datetime | None]],
    prices: Sequence[Price],
    counted: Checked,
) -> Iterator[Wrong]:
    (pk, region, gateway, wire, _, created, stopped, settled, _, most_w, boot, seq, end_boot, end_seq,
     used_wh, cost, lost, paid, refunded, _, bill) = row  # fmt: skip
    prepaid, went, sure, owed, segments = (int(each) for each in money)
    if settled is not None:
        by_lines = sum(line["wh"] for line in json.loads(bill))
        if not segments * 10 == by_lines == used_wh:
            said = f"segments {segments * 10} Wh, lines {by_lines} Wh, session {used_wh} Wh"
            yield Wrong(pk, Text(f"分段{segments * 10}Wh，账单行{by_lines}Wh，用电单{used_wh}Wh", said))
        first = created.astimezone(HERE).date() - timedelta(days=3)
        ends = (end_boot, end_boot, end_seq, end_boot, pk.hex, boot, seq)
        fen = cost + lost
        if raw := _asked(READINGS, [region, gateway, wire, first, boot, seq, *ends]):
            known = [one for one, fitted, removed in meters if _counts(fitted, removed, created, stopped)]
            wh, nano = bill_of(_taken(raw), most_w=most_w, meters=known, prices=prices)
            fen = floor(nano / 10**7 + Fraction(1, 2))
            if (wh, fen) != (used_wh, cost + lost):
                said = f"worked out {wh} Wh and {fen} fen, billed {used_wh} Wh and {cost + lost} fen"
                yield Wrong(pk, Text(f"复算{wh}Wh、{fen}分，用电单{used_wh}Wh、{cost + lost}分", said))
        else:
            counted.without_readings += 1
        if cost != min(fen, paid - sure):
            due = min(fen, paid - sure)
            yield Wrong(pk, Text(f"应收{due}分，实收{cost}分", f"due {due} fen, charged {cost}"))
    if (paid, went) != (prepaid, refunded) or cost + went != paid:
        said = f"paid {prepaid} fen, charged {cost}, refunded {went}"
        yield Wrong(pk, Text(f"付{prepaid}分，收{cost}分，退{went}分", said))
    if owed:
        yield Wrong(pk, Text(f"总账上还挂{-owed}分", f"the ledger still owes {-owed} fen"))


def _counts(fitted: datetime, removed: datetime | None, since: datetime, until: datetime | None) -> bool:
    return (removed is None or removed >= since) and (until is None or fitted <= until)


# --- when a reading was taken ---


def _taken(raw: Iterable[tuple[Any, ...]]) -> list[Reading]:
    """Return the readings in the device's order, each place once, with the time they are to be counted at."""
    found: dict[tuple[int, int], Reading] = {}
    for boot, seq, up_ms, ts_ms, received, meter, steps, _, began, live in raw:
        if (boot, seq) not in found:
            found[boot, seq] = Reading(boot, up_ms, _moment(up_ms, ts_ms, received, began, live=live), meter, steps)
    return list(found.values())


def _moment(up_ms: int, ts_ms: int, received: datetime, began: datetime, *, live: bool) -> datetime:
    """Uptime is trusted; a clock only where it agrees with it to five seconds, or where all of a boot came late and it lies before."""
    clock = datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=ts_ms)
    counted = began + timedelta(milliseconds=up_ms)
    possible = clock.year >= 2024 and clock <= received + timedelta(seconds=5)
    agrees = abs(clock - counted) <= timedelta(seconds=5)
    if possible and (agrees or (not live and clock < counted)):
        return clock
    return min(counted, received)


# --- what was used, and when ---


def bill_of(
    readings: Sequence[Reading], *, most_w: int, meters: Sequence[str], prices: Sequence[Price]
) -> tuple[int, Fraction]:
    """Return the energy in Wh and the cost in nano-yuan of readings in the device's order."""
    used, cost = 0, Fraction(0)
    for since, before, gap_ms, steps in _used(readings, most_w=most_w, meters=meters):
        used += steps * 10
        cost += _cost(since, before, gap_ms, steps * 10, prices)
    return used, cost


def _used(
    readings: Sequence[Reading], *, most_w: int, meters: Sequence[str]
) -> Iterator[tuple[datetime, datetime, int, int]]:
    """Yield what was counted from one believable reading to the next: both times, the milliseconds between, and steps of 10 Wh.

    At most 1.2 times the greatest power over the time that passed, and one step. What cannot be is passed over; a register that began at 0
    again has counted what it shows; of a meter that was put in meanwhile the first register is where it begins.
    """
    last: Reading | None = None
    for one in readings:
        if last is None:
            if not meters or not one.meter or one.meter in meters:
                last = one
            continue
        gap = _gap(last, one)
        if last.meter and one.meter and last.meter != one.meter:
            if last.meter in meters and one.meter in meters[list(meters).index(last.meter) + 1 :]:
                last = one
            continue
        most = Fraction(12 * most_w * gap, 10 * 3_600_000 * 10) + 1  # in steps
        rise = (one.steps - last.steps) % WRAP
        if rise <= most:
            yield last.at, one.at, gap, rise
        elif one.steps < last.steps and one.steps <= most:
            yield last.at, one.at, gap, one.steps
        else:
            continue
        last = one


def _gap(last: Reading, one: Reading) -> int:
    if last.boot == one.boot:
        return max(0, one.up_ms - last.up_ms)
    return max(0, floor(Fraction((one.at - last.at) // timedelta(microseconds=1), 1000)))


# --- what it cost ---


def _cost(since: datetime, before: datetime, gap_ms: int, wh: int, prices: Sequence[Price]) -> Fraction:
    """Return the cost of `wh` used between two moments: shared by time over at most a minute, whole Wh rounded down and the rest at the cheapest;
    over a longer gap all of it at the cheapest."""
    if not wh:
        return Fraction(0)
    pieces = _pieces(since, max(before, since + timedelta(microseconds=1)), prices)
    cheapest = min(micro for _, micro in pieces)
    if len({micro for _, micro in pieces}) == 1 or gap_ms > 60_000 or before <= since:
        return Fraction(wh * cheapest)
    spans = [(Fraction(length // timedelta(microseconds=1)), micro) for length, micro in pieces]
    whole = sum(span for span, _ in spans)
    shares = [(floor(wh * span / whole), micro) for span, micro in spans]
    rest = wh - sum(share for share, _ in shares)
    return Fraction(sum(share * micro for share, micro in shares) + rest * cheapest)


def _pieces(since: datetime, before: datetime, prices: Sequence[Price]) -> list[tuple[timedelta, int]]:
    """Return how long which price applies, minute of the day by minute of the day where one changes."""
    marks = {since, before}
    day = since.astimezone(HERE).date()
    while (midnight := datetime(day.year, day.month, day.day, tzinfo=HERE)) < before:
        for row in prices:
            for minute in (0, row.first_min, row.before_min):
                mark = midnight + timedelta(minutes=minute)
                if since < mark < before:
                    marks.add(mark)
        day += timedelta(days=1)
    ordered = sorted(marks)
    return _joined((end - start, _row_at(start, prices)) for start, end in itertools.pairwise(ordered))


def _joined(pieces: Iterable[tuple[timedelta, Price]]) -> list[tuple[timedelta, int]]:
    """Return neighbours of one band and price as one."""
    found: list[tuple[timedelta, int]] = []
    last: tuple[str, int] | None = None
    for length, row in pieces:
        if last == (row.band, row.micro):
            found[-1] = (found[-1][0] + length, row.micro)
        else:
            found.append((length, row.micro))
        last = row.band, row.micro
    return found


def _row_at(moment: datetime, prices: Sequence[Price]) -> Price:
    here = moment.astimezone(HERE)
    minute = here.hour * 60 + here.minute
    rows = [
        row
        for row in prices
        if here.month in row.months and row.first_min <= minute < row.before_min and _on(row.days, here.date())
    ]
    return min(rows, key=lambda row: (RANK[row.band], row.micro))


def _on(days: str, day: date) -> bool:
    return days == "every" or clocks.calendar().is_working(day) == (days == "working")
