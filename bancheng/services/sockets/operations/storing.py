"""Storing what devices said, by batches: the log, how far it is without a gap, and what was last heard of each socket.

Nothing here is money. What a batch means for sessions is followed afterwards, from what is stored, under the session's own lock; so it does not
matter which process stored it, in which order it came, or whether that process lived to follow it.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import connection, transaction

from bancheng.lib import unnest
from bancheng.lib.days import day_of
from bancheng.lib.socketwire import Event, Reading, State
from bancheng.services.sockets.rules import logs

FAR_PAST = date(1970, 1, 1)  # the day of messages whose clock is far off: in the default partition
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
OLDEST, NEWEST = timedelta(days=3), timedelta(days=1)

COLUMNS = {
    "region": "text",
    "gateway": "text",
    "wire": "text",
    "boot": "bigint",
    "seq": "bigint",
    "day": "date",
    "up_ms": "bigint",
    "ts_ms": "bigint",
    "received_at": "timestamptz",
    "meter": "text",
    "session": "text",
    "e_10wh": "int",
    "u_dv": "int",
    "i_ma": "int",
    "p_w": "int",
    "t_dc": "int",
    "flags": "int",
    "kind": "text",
    "code": "text",
    "closed": "bool",
    "value": "bigint",
}
STORE = unnest.insert("sockets_reading", COLUMNS) + " ON CONFLICT DO NOTHING"

STATES = """
SELECT s.gateway, s.wire, s.boot, s.stored, s.ahead::text FROM sockets_socketstate s
JOIN unnest(%s::text[], %s::text[], %s::bigint[]) AS k (gateway, wire, boot)
    ON (s.gateway, s.wire, s.boot) = (k.gateway, k.wire, k.boot)
WHERE s.region = %s ORDER BY s.gateway, s.wire, s.boot FOR UPDATE OF s
"""
STATE = {
    "region": "text",
    "gateway": "text",
    "wire": "text",
    "boot": "bigint",
    "began_at": "timestamptz",
    "live": "bool",
    "stored": "bigint",
    "ahead": "jsonb",
    "seq": "bigint",
    "heard_at": "timestamptz",
    "meter": "text",
    "session": "text",
    "closed": "bool",
    "e_10wh": "int",
    "u_dv": "int",
    "i_ma": "int",
    "p_w": "int",
    "t_dc": "int",
    "flags": "int",
    "left_wh": "int",
}
HINTS = ("meter", "session", "closed", "e_10wh", "u_dv", "i_ma", "p_w", "t_dc", "flags", "left_wh")
PUT = (
    unnest.insert("sockets_socketstate AS kept", STATE)
    + """ ON CONFLICT (region, gateway, wire, boot) DO UPDATE SET
    began_at = least(kept.began_at, excluded.began_at), live = kept.live OR excluded.live, stored = excluded.stored, ahead = excluded.ahead,
    seq = greatest(kept.seq, excluded.seq), heard_at = greatest(kept.heard_at, excluded.heard_at), """
    # of an older message nothing is taken, and what a message does not say stays
    + ", ".join(
        f"{name} = CASE WHEN excluded.seq >= kept.seq THEN coalesce(excluded.{name}, kept.{name}) ELSE kept.{name} END"
        for name in HINTS
    )
)

Key = tuple[str, str, int]  # gateway, socket, boot
Said = Reading | Event | State


@dataclass(frozen=True)
class Heard:
    """A message and when it arrived."""

    message: Said
    at: datetime


@dataclass
class _Row:
    """A socket since a boot, as a batch leaves it."""

    region: str
    gateway: str
    wire: str
    boot: int
    began_at: datetime
    heard_at: datetime
    live: bool = False
    stored: int = 0
    ahead: Any = field(default_factory=list)
    seq: int = -1
    meter: str = ""
    session: str = ""
    closed: bool | None = None
    e_10wh: int | None = None
    u_dv: int | None = None
    i_ma: int | None = None
    p_w: int | None = None
    t_dc: int | None = None
    flags: int = 0
    left_wh: int | None = None


def store(batch: Sequence[Heard], *, region: str, repeated: Counter[str] | None = None) -> Mapping[Key, int]:
    """Store a batch of one region's devices in one transaction; return for each socket and boot in it up to where its log is without a gap.

    The same message again adds nothing; in `repeated` it is counted for its gateway. Once this has returned the broker may be told, and
    then the device.
    """
    log = [heard for heard in batch if not isinstance(heard.message, State)]
    rows = _rows(batch, region)
    with transaction.atomic(), connection.cursor() as cursor:
        _stand(cursor, rows, log, region)
        again = _merge(rows, log)
        cursor.execute(PUT, unnest.arrays((rows[key] for key in sorted(rows)), STATE))
    if repeated is not None:
        repeated.update(again)
    return {key: row.stored for key, row in rows.items()}


def _log_columns(log: Sequence[Heard], region: str) -> list[list[Any]]:
    rows = [_line(heard, region) for heard in log]
    return [list(column) for column in zip(*rows, strict=True)]


def _line(heard: Heard, region: str) -> tuple[Any, ...]:
    said = heard.message
    head = (
        region, said.gateway, said.socket, said.boot, said.seq, _day(said.ts_ms, heard.at), said.up_ms, said.ts_ms, heard.at,
        said.meter, said.session, said.energy_10wh,
    )  # fmt: skip
    if isinstance(said, Reading):
        numbers = (said.voltage_dv, said.current_ma, said.power_w, said.temperature_dc, said.flags)
        return (*head, *numbers, "", "", None, None)
    assert isinstance(said, Event)
    return (*head, None, None, None, None, None, str(said.kind), said.code, said.closed, said.value)


def _day(ts_ms: int, at: datetime) -> date:
    """Return the day a message says it is of: the same for each of its copies, unless it is days late or its clock far off."""
    said = EPOCH + timedelta(milliseconds=ts_ms)
    return day_of(said) if at - OLDEST <= said <= at + NEWEST else FAR_PAST


def _rows(batch: Sequence[Heard], region: str) -> dict[Key, _Row]:
    """Return what the batch says of each socket: the last in the device's order."""
    rows: dict[Key, _Row] = {}
    for heard in batch:
        said = heard.message
        key = (said.gateway, said.socket, said.boot)
        began = heard.at - timedelta(milliseconds=said.up_ms)
        row = rows.get(key)
        if row is None:
            row = rows[key] = _Row(region, *key, began_at=began, heard_at=heard.at)
        row.began_at, row.heard_at = min(row.began_at, began), max(row.heard_at, heard.at)
        row.live |= isinstance(said, State)  # states are said by whoever is connected, never later
        if said.seq >= row.seq:
            _hear(row, said)
    return rows


def _hear(row: _Row, said: Said) -> None:
    row.seq, row.meter, row.session, row.e_10wh = said.seq, said.meter, said.session, said.energy_10wh
    if isinstance(said, Event):
        row.closed = said.closed
        return
    row.i_ma, row.flags = said.current_ma, said.flags
    if isinstance(said, State):
        row.closed, row.left_wh = said.closed, said.quota_left_wh
    else:
        row.u_dv, row.p_w, row.t_dc = said.voltage_dv, said.power_w, said.temperature_dc


def _stand(cursor: Any, rows: dict[Key, _Row], log: Sequence[Heard], region: str) -> None:
    """Store the log, and take up where each socket stood, its row held."""
    keys = sorted(rows)
    where = [[k[0] for k in keys], [k[1] for k in keys], [k[2] for k in keys], region]
    if log:  # a statement of its own: who has waited there for another holder of the partition must see the marks that one has left
        cursor.execute(STORE, _log_columns(log, region))
    cursor.execute(STATES, where)
    for gateway, wire, boot, stored, ahead in cursor.fetchall():
        row = rows[gateway, wire, boot]
        row.stored, row.ahead = stored, json.loads(ahead)


def _merge(rows: dict[Key, _Row], log: Sequence[Heard]) -> Counter[str]:
    """Move the marks: what was stored before, and what came. Return how much of that was there already, by gateway."""
    came: dict[Key, list[int]] = {}
    for heard in log:
        said = heard.message
        came.setdefault((said.gateway, said.socket, said.boot), []).append(said.seq)
    again: Counter[str] = Counter()
    for key, numbers in came.items():
        row = rows[key]
        again[row.gateway] += len(numbers) - len({number for number in numbers if number > row.stored})
        row.stored, row.ahead = logs.merge(row.stored, row.ahead, numbers)
    return again
