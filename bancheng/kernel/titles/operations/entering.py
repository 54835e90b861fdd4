"""What an act leaves behind: entries, rows, the next link of the chain by one statement, then the ledger, then whoever listens.

It is worked out from what the rows were before and are now; no operation writes an entry or a line of the ledger by hand.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from bancheng.kernel.ledger import public as ledger
from bancheng.kernel.titles import models
from bancheng.kernel.titles.facts import Changed, Recorded, changed
from bancheng.kernel.titles.models import Coverage, Lot, Right
from bancheng.kernel.titles.operations.pen import Pen, shape
from bancheng.kernel.titles.queries.ground import entry_number, subject_of
from bancheng.kernel.titles.rules import chain
from bancheng.kernel.titles.rules.states import check_move
from bancheng.kernel.titles.rules.words import RightKind, State
from bancheng.lib import rows, unnest

ACT = (
    "id", "region", "parcel_id", "seq", "key", "kind", "registration", "document", "by", "at", "valid_from", "subject", "content",
    "first_entry", "last_entry", "digest", "hash",
)  # fmt: skip
ENTRY = (
    "region", "parcel_id", "act_id", "number", "subject", "kind", "lot_id", "right_id", "state", "rank", "dm2", "holding_id", "detail",
    "valid_from", "valid_until", "recorded_from",
)  # fmt: skip
LOT = (
    "id", "region", "parcel_id", "parent_id", "code", "kind", "category", "open", "dm2", "envelope_dm2", "holding_id", "planned_dm2",
    "predicted_dm2", "measured_dm2", "registered",
)  # fmt: skip
RIGHT = (
    "id", "region", "parcel_id", "number", "kind", "form", "state", "party_id", "holding_id", "debtor_id", "amount_fen", "priority_at",
    "served_at", "until", "transfer_restricted", "land", "building", "fixed_at", "registration", "document", "detail",
)  # fmt: skip
COVERAGE = (
    "id", "region", "parcel_id", "right_id", "lot_id", "kind", "state", "rank", "pre", "contested", "since", "until", "open",
)  # fmt: skip
PARCEL = (
    "id", "area_dm2", "stage", "version", "entries", "head", "plan_version", "plan_final", "recorded_at", "closed_at",
)  # fmt: skip


def _added(table: str, columns: Sequence[str]) -> str:
    """Return the statement that adds rows, given as one document: it is made and read faster than an array a column."""
    names = ", ".join(f'"{name}"' for name in columns)
    return f"INSERT INTO {table} ({names}) SELECT {names} FROM jsonb_populate_recordset(NULL::{table}, %s::jsonb)"


def _kept(table: str, columns: Sequence[str]) -> str:
    """Return the statement that adds rows, or sets those that stand."""
    sets = ", ".join(f'"{name}" = EXCLUDED."{name}"' for name in columns if name != "id")
    return f"{_added(table, columns)} ON CONFLICT (id) DO UPDATE SET {sets}"


def _set(table: str, columns: Sequence[str]) -> str:
    """Return the statement that sets rows that stand."""
    sets = ", ".join(f'"{name}" = given."{name}"' for name in columns if name != "id")
    return f"UPDATE {table} SET {sets} FROM jsonb_populate_recordset(NULL::{table}, %s::jsonb) AS given WHERE {table}.id = given.id"


TABLES: list[tuple[str, Sequence[str], str]] = [
    ("acts", ACT, _added("titles_act", ACT)),
    ("entries", ENTRY, _added("titles_entry", ENTRY)),
    ("lots", LOT, _kept("titles_lot", LOT)),
    ("rights", RIGHT, _kept("titles_right", RIGHT)),
    ("coverages", COVERAGE, _kept("titles_coverage", COVERAGE)),
    ("parcels", PARCEL, _set("titles_parcel", PARCEL)),
]
# what stood about a subject for the time from which it is now otherwise
REPLACED = """
UPDATE titles_entry AS entry SET recorded_until = %s FROM unnest(%s::text[]) AS given (subject)
WHERE entry.parcel_id = %s AND entry.subject = given.subject AND entry.recorded_until IS NULL
    AND (entry.valid_until IS NULL OR entry.valid_until > %s)
RETURNING entry.subject, entry.kind, entry.lot_id, entry.right_id, entry.state, entry.rank, entry.dm2, entry.holding_id, entry.detail,
    entry.valid_from
"""


@dataclass
class Statement:
    """An entry to be written."""

    subject: str
    kind: str
    lot_id: UUID | None
    right_id: UUID | None
    state: str
    rank: int | None
    dm2: int | None
    holding_id: int | None
    detail: str
    valid_from: datetime
    valid_until: datetime | None = None
    region: str = ""
    parcel_id: UUID | None = None
    act_id: UUID | None = None
    number: int = 0
    recorded_from: datetime | None = None

    @property
    def line(self) -> str:
        """Return what it says, as the chain remembers it and `verify` recomputes it."""
        values = [
            self.number, self.subject, self.kind, self.state, self.rank, self.dm2, self.holding_id, self.detail, chain.micros(self.valid_from),
            chain.micros(self.valid_until),
        ]  # fmt: skip
        return chain.line(values)


def finish(pen: Pen) -> Recorded:
    """Write all that the pen noted: entries, rows, the chain, the ledger; tell who listens."""
    moved: list[Right | Coverage] = [*pen.rights.values(), *pen.covered.values()]
    for one in moved:
        check_move(RightKind(one.kind), pen.stood.get(one.id, State(one.state)), State(one.state))
    parcel, act_id = pen.parcel, pen.new_id()
    said = _statements(pen)
    past = _replaced(pen, said)
    entries = [*past, *said]
    for place, entry in enumerate(entries):
        entry.number = parcel.entries + 1 + place
        entry.region, entry.parcel_id, entry.act_id, entry.recorded_from = parcel.region, parcel.id, act_id, pen.at
    lots = sorted({lot.code for lot in pen.touched.values()} | {laid.lot.code for laid in pen.covered.values()})
    act = _act(pen, act_id, entries, lots)
    _write(pen, act, entries)
    for each in pen.then:
        each(act_id)
    _post(pen)
    numbers = tuple(entry_number(parcel.code, entry.number) for entry in said)
    fact = Changed(
        parcel.region, parcel.code, pen.kind, act.key, act.registration, act.seq, act.seq, pen.at, tuple(lots),
        tuple(sorted({right.number for right in pen.rights.values()})), tuple(pen.told),
    )  # fmt: skip
    changed.fire(fact)
    return Recorded(parcel.code, act.seq, numbers, act.seq, pen.subject, tuple(lots))


def _statements(pen: Pen) -> list[Statement]:
    found = [_of_lot(pen, lot) for lot in sorted(pen.touched.values(), key=lambda lot: lot.code) if _says(pen, lot)]
    found += [_of_right(pen, right) for right in sorted(pen.rights.values(), key=lambda right: right.number)]
    found += [
        _of_coverage(pen, one) for one in sorted(pen.covered.values(), key=lambda one: (one.right.number, one.lot.code))
    ]
    return found


def _says(pen: Pen, lot: Lot) -> bool:
    if lot.id in pen.fresh:
        return lot.open  # what has no share yet is not in the register
    return pen.was[lot.id] != shape(lot)


def _of_lot(pen: Pen, lot: Lot) -> Statement:
    detail = {"kind": lot.kind, "category": lot.category, "registered": lot.registered, "envelope": lot.envelope_dm2}
    state = "open" if lot.open else "closed"
    return Statement(
        f"lot:{lot.code}",
        "ownership",
        lot.id,
        None,
        state,
        None,
        lot.dm2,
        lot.holding_id,
        chain.canonical(detail),
        pen.valid_from,
    )


def _of_right(pen: Pen, right: Right) -> Statement:
    detail = {
        "form": right.form, "party": right.party_id, "debtor": right.debtor_id, "amount_fen": right.amount_fen, "until": right.until,
        "priority_at": right.priority_at, "served_at": right.served_at, "fixed_at": right.fixed_at, "land": right.land,
        "building": right.building, "transfer_restricted": right.transfer_restricted, **right.detail,
    }  # fmt: skip
    return Statement(
        f"right:{right.number}",
        right.kind,
        None,
        right.id,
        right.state,
        None,
        None,
        right.holding_id,
        chain.canonical(detail),
        pen.valid_from,
    )


def _of_coverage(pen: Pen, one: Coverage) -> Statement:
    detail = {"pre": one.pre, "contested": one.contested, "since": one.since, "until": one.until, "open": one.open}
    subject = subject_of(one.right.number, one.lot.code)
    return Statement(
        subject,
        one.kind,
        one.lot_id,
        one.right_id,
        one.state,
        one.rank,
        None,
        None,
        chain.canonical(detail),
        pen.valid_from,
    )


def _replaced(pen: Pen, said: Sequence[Statement]) -> list[Statement]:
    """Close what stood about the same subjects, and return what of it stays true for the time before."""
    fresh = {f"lot:{lot.code}" for lot in pen.touched.values() if lot.id in pen.fresh}
    fresh |= {f"right:{right.number}" for right in pen.rights.values() if right.id in pen.fresh}
    fresh |= {
        subject_of(one.right.number, one.lot.code)
        for one in pen.covered.values()
        if {one.lot_id, one.right_id} & pen.fresh
    }
    if not (subjects := [one.subject for one in said if one.subject not in fresh]):
        return []
    with connection.cursor() as cursor:
        cursor.execute(REPLACED, [pen.at, subjects, pen.parcel.id, pen.valid_from])
        stood = [Statement(*row) for row in cursor.fetchall()]
    past = [one for one in stood if one.valid_from < pen.valid_from]
    for one in past:
        one.valid_until = pen.valid_from
    return sorted(past, key=lambda one: (one.subject, one.valid_from))


def _act(pen: Pen, act_id: UUID, entries: Sequence[Statement], lots: Sequence[str]) -> models.Act:
    said, parcel = pen.said, pen.parcel
    act = models.Act(
        id=act_id,
        region=parcel.region,
        parcel=parcel,
        seq=parcel.version + 1,
        key=said["key"],
        kind=pen.kind,
        registration=said["registration"],
        document=said.get("document", ""),
        by=said["by"],
        at=pen.at,
        valid_from=pen.valid_from,
        subject=pen.subject,
        content=chain.canonical({**pen.content, "lots": lots}),
        first_entry=parcel.entries + 1,
        last_entry=parcel.entries + len(entries),
        digest=chain.digest([one.line for one in entries]),
    )
    act.hash = chain.link(bytes(parcel.head), said_by(act, parcel.code))
    parcel.stage = max(parcel.stage, pen.stage)
    parcel.version, parcel.head, parcel.recorded_at = act.seq, act.hash, pen.at
    parcel.entries += len(entries)
    return act


def said_by(act: models.Act, parcel: str) -> list[object]:
    """Return what an act says, as its hash remembers it."""
    return [
        act.region, parcel, act.seq, act.key, act.kind, act.registration, act.document, act.by, chain.micros(act.at),
        chain.micros(act.valid_from), act.subject, act.content, act.first_entry, act.last_entry, bytes(act.digest).hex(),
    ]  # fmt: skip


def _write(pen: Pen, act: models.Act, entries: Sequence[Statement]) -> None:
    lots = sorted(pen.touched.values(), key=lambda lot: lot.code)
    found: dict[str, Sequence[object]] = {
        "acts": [act],
        "entries": entries,
        "lots": lots,
        "rights": list(pen.rights.values()),
        "coverages": list(pen.covered.values()),
        "parcels": [pen.parcel],
    }
    written = [(columns, statement, found[name]) for name, columns, statement in TABLES if found[name]]
    with connection.cursor() as cursor:
        cursor.execute(
            unnest.together(*(statement for _, statement, _ in written)),
            [
                rows.text([{name: getattr(row, name) for name in columns} for row in some])
                for columns, _, some in written
            ],
        )


def _post(pen: Pen) -> None:
    """Post what moved between the lots' accounts, one entry however many lines."""
    lines = []
    for lot in pen.touched.values():
        dm2, holding, *_ = pen.was[lot.id]
        if (dm2, holding) == (lot.dm2, lot.holding_id):
            continue
        if dm2:
            lines.append(ledger.Line(account(lot, holding), -dm2))
        if lot.dm2:
            lines.append(ledger.Line(account(lot, lot.holding_id), lot.dm2))
    area = 0 if pen.parcel.closed_at else pen.parcel.area_dm2
    if area != pen.grant:
        path = f"land/{pen.parcel.code}/grant"
        ledger.declare(path, ledger.Nature(ledger.Unit.DM2, ledger.Normal.CREDIT, floor=0))
        lines.append(ledger.Line(path, pen.grant - area))
    if not lines:
        return
    ledger.post(
        region=pen.parcel.region,
        key=f"titles/{pen.said['key']}",
        unit=ledger.Unit.DM2,
        lines=lines,
        kind=f"titles.{pen.kind}",
        about=f"parcel:{pen.parcel.code}",
        at=pen.at,
        by=pen.said["by"],
        opens=any(lot.id in pen.fresh or pen.was[lot.id][1] != lot.holding_id for lot in pen.touched.values()),
    )


def account(lot: Lot, holding: int | None) -> str:
    """Return the ledger's account of a lot and its holder."""
    return f"land/{lot.code[:19]}/{lot.code}/{holding}"
