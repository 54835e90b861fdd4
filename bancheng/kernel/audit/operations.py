"""Recording and sealing.

Recording is one statement that appends the event and a line in `audit_waiting`: no lock, no chain, no gap-free number, so a
hundred transactions may record at once (D6). Sealing takes what waits, committed and visible, in order of id. An event that commits late with a lower id is
still waiting then, and goes into the next batch: no horizon has to be guessed, and a dump restored elsewhere seals on.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice
from typing import Any

from django.db import connection, transaction
from psycopg.types.json import Jsonb

from bancheng.kernel.audit import rules

PLATFORM = "000000"  # the region of what concerns the machine and no area
BATCH = 10_000  # events a batch holds at most: bounds what verification must keep in memory


@dataclass(frozen=True)
class Event:
    """One thing that happened. `detail` holds JSON values and never a personal identifier in plain text."""

    action: str
    who: str
    about: str
    at: datetime
    region: str
    detail: Mapping[str, Any] = field(default_factory=dict)
    id: int | None = None


@dataclass(frozen=True)
class Anchor:
    """What to publish: nobody can rewrite the batches up to `seq` without changing `chain`."""

    seq: int
    chain: str  # 64 hex digits
    sealed_at: datetime

    def __str__(self) -> str:
        return f"{self.seq}:{self.chain}"


RECORD = """
WITH event AS (
    INSERT INTO audit_event (region, at, action, who, about, detail)
    VALUES (%s, %s, %s, %s, %s, %s) RETURNING id
)
INSERT INTO audit_waiting SELECT id FROM event
"""

RECORD_MANY = """
WITH event AS (
    INSERT INTO audit_event (region, at, action, who, about, detail)
    SELECT region, at, action, who, about, detail::jsonb
    FROM unnest(%s::text[], %s::timestamptz[], %s::text[], %s::text[], %s::text[], %s::text[])
        AS e (region, at, action, who, about, detail)
    RETURNING id
)
INSERT INTO audit_waiting SELECT id FROM event
"""

RECORD_SELECT = """
WITH audit_source AS ({sql}), event AS (
    INSERT INTO audit_event (region, at, action, who, about, detail)
    SELECT region, at, action, who, about, detail FROM audit_source
    RETURNING id
)
INSERT INTO audit_waiting SELECT id FROM event
"""


def record(
    action: str, *, who: str, about: str, at: datetime, region: str, detail: Mapping[str, Any] | None = None
) -> None:
    """Append one event in the caller's transaction: one statement, no lock."""
    with connection.cursor() as cursor:
        cursor.execute(RECORD, (region, at, action, who, about, Jsonb(dict(detail or {}))))


def record_many(events: Iterable[Event]) -> None:
    """Append many events in the caller's transaction, 5,000 to a statement."""
    encode = rules._encode
    events = iter(events)
    with connection.cursor() as cursor:
        while chunk := list(islice(events, 5000)):
            cursor.execute(
                RECORD_MANY,
                (
                    [event.region for event in chunk],
                    [event.at for event in chunk],
                    [event.action for event in chunk],
                    [event.who for event in chunk],
                    [event.about for event in chunk],
                    [encode(dict(event.detail)) for event in chunk],
                ),
            )


def record_select(sql: str, params: Sequence[Any] | Mapping[str, Any] = ()) -> int:
    """Append one event per row of `sql`, a SELECT naming region, at, action, who, about and detail (jsonb); return how many."""
    with connection.cursor() as cursor:
        cursor.execute(RECORD_SELECT.format(sql=sql), params or None)
        return cursor.rowcount
