"""A unit's list becomes the library: COPY into a staging table, then one merge of sets.

    with stage() as staged:
        staged.add(rows)                       # any iterable of Row, streamed
        merged = import_batch(staged, batch="2026-11-03/7", unit="WSJ", at=now)

`merge(rows, …)` is the two together. The list is never held in memory; while it streams, the connection is busy with
the COPY, so an iterator that feeds it must not ask the same database.

Rules: in one list and against the library the later `issued_on` wins, at the same date the later line (B10.3: both are
reported); equal content changes nothing; what another unit issued is not touched; what has ended comes back only by a
later issue. Lists of one licence type in one area take turns (advisory locks, in one order), so merges at once can
neither deadlock nor lose a row.
"""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from psycopg.types.string import BytesBinaryDumper

from bancheng.kernel.audit import public as audit
from bancheng.kernel.licences import facts
from bancheng.kernel.licences.facts import Batch
from bancheng.kernel.licences.operations import KEPT
from bancheng.kernel.licences.rules import IDENTIFIERS, NEXT, Channel, Kind, Status


class Row(NamedTuple):
    """One line of a unit's list, checked and sealed by the caller."""

    region: str  # six digits
    licence_type: str
    number: str
    holder_kind: str  # rules.Kind
    holder_hash: bytes  # identity.find_hash of the holder's number, 32 bytes
    holder_sealed: bytes  # identity.seal of it
    holder_name: str
    contact_name: str
    mobile_sealed: bytes | None  # with mobile_hash, or both None
    mobile_hash: bytes | None
    issued_on: date
    valid_from: date | None
    valid_to: date | None  # last valid day; None is 长期
    status: str | None = None  # rules.Status; None: the list does not say, so it follows from the dates and the library
    line: int = 0  # where it stands in the list
    identifier_kind: str = ""  # the kind holder_sealed is sealed under; "": citizen_id for a person, uscc for others


class Unused(NamedTuple):
    """A line that was not used, and why: "older", "foreign" or "ended" (`rules.REASONS`)."""

    line: int
    region: str
    licence_type: str
    number: str
    issued_on: date
    why: str
    kept_line: int  # the line that won; 0: what the library holds won
    kept_issued_on: date | None


@dataclass(frozen=True)
class Merged:
    """What became of a list. `added_ids` and `changed_ids` are compact arrays; `unused` names every line left out."""

    rows: int
    added: int
    changed: int
    unchanged: int
    older: int
    foreign: int
    ended: int
    added_ids: Sequence[int]
    changed_ids: Sequence[int]
    revoked_ids: Sequence[int]  # of the changed: those now revoked or cancelled
    unused: Sequence[Unused]


@dataclass
class Stage:
    """A staging table that is being filled."""

    rows: int = 0

    def add(self, rows: Iterable[Row]) -> int:
        """Stream `rows` into the staging table; return how many there are by now."""
        with connection.cursor() as cursor, cursor.copy(COPY) as copy:
            # psycopg's own dumper of a bytea column is written in Python; this one is not
            cursor.adapters.register_dumper(bytes, BytesBinaryDumper)
            copy.set_types(TYPES)
            write = copy.write_row
            for row in rows:
                write(row)
                self.rows += 1
        return self.rows


@contextmanager
def stage() -> Iterator[Stage]:
    """Open a transaction with an empty staging table; it is gone at the end, whatever happens."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(CREATE)
        yield Stage()
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE licences_incoming")


def merge(rows: Iterable[Row], *, batch: str, unit: str, at: datetime, by: str = "batch") -> Merged:
    """Bring a unit's list into the library in one transaction; the same list again changes nothing."""
    with stage() as staged:
        staged.add(rows)
        return import_batch(staged, batch=batch, unit=unit, at=at, by=by)


def import_batch(staged: Stage, *, batch: str, unit: str, at: datetime, by: str = "batch") -> Merged:
    """Merge what is staged; fires `issued`, `changed` and `revoked` at most once each, with a Batch."""
    values: dict[str, Any] = {
        "batch": batch,
        "unit": unit,
        "at": at,
        "today": timezone.localdate(at),
        "channel": Channel.BATCH.value,
        "steps": [f"{old}>{new}" for old, nexts in NEXT.items() for new in nexts],
    }
    added, changed, revoked = array("q"), array("q"), array("q")
    with connection.cursor() as cursor:
        cursor.execute(LOCK_NUMBERS)
        open_rows = staged.rows
        if _has_twins(cursor):
            cursor.execute(DROP_TWINS)
            open_rows -= cursor.rowcount
        while open_rows:
            cursor.execute(LOCK_LICENCES)
            if cursor.fetchone()[0]:
                cursor.execute(DECIDE, values)
                open_rows -= cursor.rowcount
                cursor.execute(KEEP_OLD, values)
                cursor.execute(CHANGE, values)
                _read_ids(cursor, changed, revoked)
            _add(cursor, values)
            open_rows -= cursor.rowcount
            _read_ids(cursor, added, array("q"))
            if open_rows:  # somebody entered the same number meanwhile: decide those lines against what is there now
                cursor.execute(MARK_CHANGED)
                cursor.execute(MARK_ADDED, {"added": list(added)})
        unused = _unused(cursor)
        merged = Merged(
            rows=staged.rows,
            added=len(added),
            changed=len(changed),
            unchanged=staged.rows - len(added) - len(changed) - len(unused),
            added_ids=added,
            changed_ids=changed,
            revoked_ids=revoked,
            unused=unused,
            **_counts(unused),
        )
        _record(cursor, merged, batch=batch, unit=unit, by=by, at=at)
    for hook, ids in ((facts.issued, added), (facts.changed, changed), (facts.revoked, revoked)):
        if ids:
            hook.fire(Batch(ids, at, unit, batch))
    return merged


def _add(cursor: Any, values: dict[str, Any]) -> None:
    """Enter what is new. That somebody entered one of the numbers since the look is rare; providing for it costs a tenth more."""
    try:
        with transaction.atomic():
            cursor.execute(f"{ADD} RETURNING id, status", values)
    except IntegrityError:
        cursor.execute(f"{ADD} ON CONFLICT (region, licence_type, number) DO NOTHING RETURNING id, status", values)


def _has_twins(cursor: Any) -> bool:
    cursor.execute(
        "SELECT EXISTS (SELECT 1 FROM licences_incoming GROUP BY region, licence_type, number HAVING count(*) > 1)"
    )
    return bool(cursor.fetchone()[0])


def _read_ids(cursor: Any, ids: "array[int]", revoked: "array[int]") -> None:
    """Append the (id, new status) rows in pieces: all to `ids`, those that their unit has just ended to `revoked`."""
    while rows := cursor.fetchmany(5_000):
        ids.extend(row[0] for row in rows)
        revoked.extend(row[0] for row in rows if row[1] in (Status.REVOKED, Status.CANCELLED))


def _unused(cursor: Any) -> list[Unused]:
    cursor.execute(
        """
        SELECT line, region, licence_type, number, issued_on, fate, kept_line, kept_issued_on
        FROM licences_incoming WHERE fate IN ('older', 'foreign', 'ended') ORDER BY line, ctid
        """
    )
    return [Unused(*row) for row in cursor.fetchall()]


def _counts(unused: Sequence[Unused]) -> dict[str, int]:
    return {why: sum(row.why == why for row in unused) for why in ("older", "foreign", "ended")}


def _record(cursor: Any, merged: Merged, *, batch: str, unit: str, by: str, at: datetime) -> None:
    detail = {
        name: getattr(merged, name) for name in ("rows", "added", "changed", "unchanged", "older", "foreign", "ended")
    }
    cursor.execute("SELECT DISTINCT region FROM licences_incoming ORDER BY region")
    for (region,) in cursor.fetchall():
        audit.record(
            "licences.merged", who=by, about=f"batch:{batch}", at=at, region=region, detail=detail | {"unit": unit}
        )


COLUMNS = ", ".join(Row._fields)
TYPES = [
    *["text"] * 4,
    *["bytea"] * 2,
    *["text"] * 2,
    *["bytea"] * 2,
    *["date"] * 3,
    "text",
    "int4",
    "text",
]
CREATE = """
DROP TABLE IF EXISTS pg_temp.licences_incoming;
CREATE TEMP TABLE licences_incoming (
    region text NOT NULL, licence_type text NOT NULL, number text NOT NULL, holder_kind text NOT NULL,
    holder_hash bytea NOT NULL, holder_sealed bytea NOT NULL, holder_name text NOT NULL, contact_name text NOT NULL,
    mobile_sealed bytea, mobile_hash bytea, issued_on date NOT NULL, valid_from date, valid_to date, status text,
    line int NOT NULL, identifier_kind text NOT NULL,
    fate text, licence_id bigint, old_status text, new_status text, kept_line int NOT NULL DEFAULT 0,
    kept_issued_on date
) ON COMMIT DROP
"""
COPY = f"COPY licences_incoming ({COLUMNS}) FROM STDIN (FORMAT BINARY)"
LOCK_NUMBERS = """
SELECT pg_advisory_xact_lock(hashtext('licences.merge'), hashtext(kind)) FROM (
    SELECT DISTINCT region || licence_type AS kind FROM licences_incoming ORDER BY kind
) kinds
"""
DROP_TWINS = """
WITH ranked AS (
    SELECT ctid AS row, first_value(line) OVER w AS kept_line, first_value(issued_on) OVER w AS kept_issued_on,
           row_number() OVER w AS place
    FROM licences_incoming WINDOW w AS (
        PARTITION BY region, licence_type, number ORDER BY issued_on DESC, line DESC, ctid DESC
    )
)
UPDATE licences_incoming i SET fate = 'older', kept_line = ranked.kept_line, kept_issued_on = ranked.kept_issued_on
FROM ranked WHERE i.ctid = ranked.row AND ranked.place > 1
"""
SAME_NUMBER = "l.region = i.region AND l.licence_type = i.licence_type AND l.number = i.number"
LOCK_LICENCES = f"""
SELECT count(*) FROM (
    SELECT l.id FROM licences_licence l JOIN licences_incoming i ON {SAME_NUMBER} AND i.fate IS NULL
    ORDER BY l.id FOR UPDATE OF l
) locked
"""
# The status a line asks for: its own word; else a later issue, or a new term for one that ran out, is valid again;
# else as it stands. A valid licence whose term is over is expired at once (B10.2).
DECIDE = f"""
WITH asked AS (
    SELECT i.ctid AS row, l.id, l.issued_on, l.unit,
        CASE WHEN wanted.status = 'valid' AND i.valid_to < %(today)s::date THEN 'expired'
             ELSE wanted.status END AS status,
        l.status AS old_status,
        (l.valid_from, l.valid_to, l.issued_on, l.holder_name, l.holder_hash, l.contact_name, l.mobile_hash)
            IS DISTINCT FROM
        (i.valid_from, i.valid_to, i.issued_on, i.holder_name, i.holder_hash, i.contact_name, i.mobile_hash) AS differs,
        i.issued_on > l.issued_on AS newer, i.issued_on < l.issued_on AS older
    FROM licences_incoming i JOIN licences_licence l ON {SAME_NUMBER}
    CROSS JOIN LATERAL (SELECT CASE
        WHEN i.status IS NOT NULL THEN i.status
        WHEN i.issued_on > l.issued_on OR l.status = 'expired' THEN 'valid'
        ELSE l.status END AS status) wanted
    WHERE i.fate IS NULL
)
UPDATE licences_incoming i
SET licence_id = asked.id, old_status = asked.old_status, new_status = asked.status, kept_issued_on = asked.issued_on,
    fate = CASE
        WHEN asked.unit <> %(unit)s THEN 'foreign'
        WHEN asked.older THEN 'older'
        WHEN NOT asked.newer AND asked.status <> asked.old_status
             AND asked.old_status || '>' || asked.status <> ALL(%(steps)s::text[]) THEN 'ended'
        WHEN asked.differs OR asked.status <> asked.old_status THEN 'changed'
        ELSE 'unchanged' END
FROM asked WHERE i.ctid = asked.row
"""
KEPT_COLUMNS = ", ".join(KEPT)
KEPT_OF_L = ", ".join(f"l.{name}" for name in KEPT)
KEEP_OLD = f"""
INSERT INTO licences_licenceversion ({KEPT_COLUMNS}, licence_id, replaced_at)
SELECT {KEPT_OF_L}, l.id, %(at)s FROM licences_licence l JOIN licences_incoming i ON l.id = i.licence_id
WHERE i.fate = 'changed'
"""
IDENTIFIER = (
    "CASE WHEN i.identifier_kind <> '' THEN i.identifier_kind"
    f" WHEN i.holder_kind = 'person' THEN '{IDENTIFIERS[Kind.PERSON]}' ELSE '{IDENTIFIERS[Kind.ORGANISATION]}' END"
)
CHANGE = f"""
UPDATE licences_licence l
SET valid_from = i.valid_from, valid_to = i.valid_to, issued_on = i.issued_on, status = i.new_status,
    version = l.version + 1, identifier_kind = {IDENTIFIER},
    holder_since = CASE WHEN l.holder_hash = i.holder_hash THEN l.holder_since ELSE l.version + 1 END, holder_kind = i.holder_kind, holder_name = i.holder_name, holder_hash = i.holder_hash,
    holder_sealed = i.holder_sealed, contact_name = i.contact_name, mobile_sealed = i.mobile_sealed,
    mobile_hash = i.mobile_hash, channel = %(channel)s, source_batch = %(batch)s, updated_at = %(at)s
FROM licences_incoming i WHERE l.id = i.licence_id AND i.fate = 'changed'
RETURNING l.id, CASE WHEN i.old_status <> l.status THEN l.status END
"""
ADD = f"""
INSERT INTO licences_licence (region, licence_type, number, unit, holder_kind, holder_hash, holder_sealed, holder_name,
    identifier_kind, contact_name, mobile_sealed, mobile_hash, issued_on, valid_from, valid_to, status, version, channel,
    source_batch, updated_at)
SELECT region, licence_type, number, %(unit)s, holder_kind, holder_hash, holder_sealed, holder_name,
    {IDENTIFIER}, contact_name, mobile_sealed, mobile_hash, issued_on, valid_from, valid_to,
    CASE WHEN coalesce(status, 'valid') = 'valid'
         THEN CASE WHEN valid_to < %(today)s::date THEN 'expired' ELSE 'valid' END ELSE status END,
    1, %(channel)s, %(batch)s, %(at)s
FROM licences_incoming i WHERE fate IS NULL
"""
MARK_CHANGED = "UPDATE licences_incoming SET fate = 'done' WHERE fate = 'changed'"
MARK_ADDED = f"""
UPDATE licences_incoming i SET fate = 'added' FROM licences_licence l
WHERE i.fate IS NULL AND {SAME_NUMBER} AND l.id = ANY(%(added)s::bigint[])
"""
