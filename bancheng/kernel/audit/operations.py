"""Recording and sealing.

Recording is one statement that appends the event and a line in `audit_waiting`: no lock, no chain and no gap-free
number, so a hundred transactions may record at once. Sealing takes what waits and is committed, in order of id. An
event that commits late with a lower id is still waiting then and goes into the next batch: no horizon has to be
guessed, and a dump restored on another machine seals on. docs/decisions/0002-audit-batches.md weighs the other ways.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice
from typing import Any

from django.db import connection, transaction

from bancheng.kernel.audit import rules
from bancheng.lib.gathering import Gathering

PLATFORM = "000000"  # the region of what concerns the machine and no area
BATCH = 10_000  # events a batch holds at most: bounds what sealing and verifying keep in memory


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


RECORD = """
WITH event AS (
    INSERT INTO audit_event (region, at, action, who, about, detail)
    VALUES (%s, %s, %s, %s, %s, %s::jsonb) RETURNING id
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

# an id without its event must not stop those behind it
WAITING = """
SELECT array_agg(event_id) FROM (
    SELECT event_id FROM audit_waiting WHERE EXISTS (SELECT FROM audit_event WHERE id = event_id)
    ORDER BY event_id LIMIT %s
) AS oldest
"""

ROWS = """
SELECT id, region, (extract(epoch FROM at) * 1000000)::bigint, action, who, about, detail::text
FROM audit_event WHERE id = ANY(%s) ORDER BY id, at, region
"""

SEAL = """
INSERT INTO audit_batch (seq, count, root, previous, chain, sealed_at, ids, leaves)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
"""


def record(
    action: str, *, who: str, about: str, at: datetime, region: str, detail: Mapping[str, Any] | None = None
) -> None:
    """Append one event in the caller's transaction: one statement, no lock."""
    if (waiting := _gathering.waiting) is not None:
        waiting.append(Event(action, who, about, at, region, detail or {}))
        return
    with connection.cursor() as cursor:
        cursor.execute(RECORD, (region, at, action, who, about, rules.canonical(dict(detail or {}))))


@contextmanager
def together() -> Iterator[None]:
    """Write what is recorded within by one statement at its end, in its order; nothing when it ends by an exception.

    For an operation made of several, inside of its transaction. What may be rolled back to a savepoint and gone on from stands within another
    of its own.
    """
    with _gathering.together():
        yield


def record_many(events: Iterable[Event]) -> None:
    """Append many events in the caller's transaction, 5,000 to a statement."""
    if (waiting := _gathering.waiting) is not None:
        waiting.extend(events)
        return
    events = iter(events)
    with connection.cursor() as cursor:
        while chunk := list(islice(events, 5000)):
            columns = (
                [event.region for event in chunk],
                [event.at for event in chunk],
                [event.action for event in chunk],
                [event.who for event in chunk],
                [event.about for event in chunk],
                [rules.canonical(dict(event.detail)) for event in chunk],
            )
            cursor.execute(RECORD_MANY, columns)


_gathering = Gathering("events", record_many)


def seal(*, at: datetime) -> int:
    """Seal every committed event that waits, one transaction per batch of 10,000; return how many were sealed.

    Sealers queue behind each other; recorders never wait for a sealer.
    """
    sealed = 0
    while count := _seal_batch(at):
        sealed += count
    return sealed


def _seal_batch(at: datetime) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        # conflicts with itself alone: one sealer at a time
        cursor.execute("LOCK TABLE audit_waiting IN SHARE UPDATE EXCLUSIVE MODE")
        cursor.execute(WAITING, (BATCH,))
        cursor.execute(ROWS, (cursor.fetchone()[0] or [],))
        # an id that waits without its event stays; a second row under one id is left out: verification names both
        rows = list({row[0]: rules.Row(*row) for row in cursor.fetchall()}.values())
        if not rows:
            return 0
        leaves = [rules.leaf(row) for row in rows]
        ids = [row.id for row in rows]
        cursor.execute("SELECT seq, chain FROM audit_batch ORDER BY seq DESC LIMIT 1")
        last, previous = cursor.fetchone() or (0, rules.GENESIS)
        root = rules.root(leaves)
        chain = rules.chain(
            previous=bytes(previous), seq=last + 1, count=len(rows), root=root, sealed_at_us=microseconds(at)
        )
        cursor.execute(SEAL, (last + 1, len(rows), root, bytes(previous), chain, at, ids, b"".join(leaves)))
        cursor.execute("DELETE FROM audit_waiting WHERE event_id = ANY(%s)", (ids,))
        return len(rows)


def microseconds(at: datetime) -> int:
    """Return whole microseconds since 1970; exact, unlike a float timestamp."""
    return int(at.timestamp()) * 1_000_000 + at.microsecond


def open_months(*, first: date, last: date) -> int:
    """Make the partitions of the months from `first` to `last`; return how many are new.

    A month whose events already stand in the default partition is left there.
    """
    opened = 0
    year, month = first.year, first.month
    with connection.cursor() as cursor:
        while (year, month) <= (last.year, last.month):
            cursor.execute("SELECT audit_open_month(%s)", (date(year, month, 1),))
            opened += cursor.fetchone()[0]
            year, month = (year + month // 12, month % 12 + 1)
    return opened
