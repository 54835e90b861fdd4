"""The restriction sheet (调查限制信息): derived from the entries, as of what is true at one time by what was known at another (§11)."""

import json
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Q, QuerySet

from bancheng.kernel.titles.answers import Sheet, SheetLine
from bancheng.kernel.titles.models import Coverage, Entry, Lot, Parcel, Party, Pending, Right
from bancheng.kernel.titles.parties import HolderView
from bancheng.kernel.titles.queries.ground import Ground, entry_number, judged
from bancheng.kernel.titles.queries.views import coverage_view, holder_views
from bancheng.kernel.titles.rules import chain, refusals
from bancheng.kernel.titles.rules.matrix import Given, strictest
from bancheng.kernel.titles.rules.words import Act, PartyKind, RightKind, State, Verdict

FREE = {registered: Given(registered=registered) for registered in (False, True)}
LOT = [field.attname for field in Lot._meta.concrete_fields]
GOES = (Verdict.ALLOWED, Verdict.NOTIFY, Verdict.CONVERTS)
COLUMNS = (
    "registered", "with_buyers", "with_public", "developer_registered", "presold", "disposable", "mortgaged", "seized", "waiting", "free",
    "sellable", "mortgageable", "seizable",
)  # fmt: skip


class Stated(NamedTuple):
    """What the sheet reads of an entry."""

    number: int
    subject: str
    kind: str
    state: str
    lot_id: UUID | None
    right_id: UUID | None
    rank: int | None
    dm2: int | None
    holding_id: int | None
    detail: str


def sheet(region: str, parcel: str, *, valid_at: datetime | None = None, recorded_at: datetime | None = None) -> Sheet:
    """Return the sheet of a parcel; without times what is true now as it is known now. Raises Refused: title_no_parcel."""
    row = Parcel.objects.filter(region=region, code=parcel).first()
    if row is None:
        raise refusals.no_parcel(parcel)
    on, entries = as_of(row, valid_at, recorded_at)
    holders = holder_views(lot.holding_id for lot in on.lots.values())
    columns = Columns(on, holders)
    lines = [
        SheetLine(
            lot.code,
            **dict.fromkeys(columns.of(lot), lot.dm2),
            holder=holders[lot.holding_id] if lot.holding_id else None,
            rights=tuple(coverage_view(one, lot) for one in on.of(lot)),
            entry=entry_number(row.code, entries[lot.code]),
        )
        for lot in on.lots.values()
    ]
    total = SheetLine(row.code, **{name: sum(getattr(line, name) for line in lines) for name in COLUMNS})
    return Sheet(
        row.code, valid_at, recorded_at, total, tuple(lines), _by(on, RightKind.MORTGAGE), _by(on, RightKind.SEIZURE)
    )


def as_of(row: Parcel, valid_at: datetime | None, recorded_at: datetime | None) -> tuple[Ground, dict[str, int]]:
    """Return the open lots with what rested on them, and the number of each lot's entry: one query of entries, one of parties."""
    rows = [Stated(*each) for each in _standing(row, valid_at, recorded_at).values_list(*Stated._fields)]
    on, entries = Ground(row, {}), dict[str, int]()
    for entry in rows:
        if entry.kind == "ownership" and entry.state == "open":
            lot = _lot(row, entry)
            on.lots[lot.code], entries[lot.code] = lot, entry.number
    by_id = {lot.id: lot for lot in on.lots.values()}
    rights = _rights([entry for entry in rows if entry.right_id and not entry.lot_id])
    for entry in sorted(rows, key=lambda each: (each.rank or 0, each.number)):
        if entry.right_id and entry.lot_id in by_id and (one := _coverage(entry, by_id[entry.lot_id], rights)):
            on.on.setdefault(one.lot_id, []).append(one)
    waits = Pending.objects.filter(lot__parcel=row)
    waits = (
        waits.filter(ended_at=None)
        if recorded_at is None
        else waits.filter(Q(ended_at=None) | Q(ended_at__gt=recorded_at), at__lte=recorded_at)
    )
    for wait in waits:
        on.waits.setdefault(wait.lot_id, []).append(wait)
    return on, entries


def _standing(row: Parcel, valid_at: datetime | None, recorded_at: datetime | None) -> QuerySet[Entry]:
    rows = Entry.objects.filter(parcel=row).order_by("subject")
    if recorded_at is None:
        rows = rows.filter(recorded_until=None)
    else:
        rows = rows.filter(Q(recorded_until=None) | Q(recorded_until__gt=recorded_at), recorded_from__lte=recorded_at)
    if valid_at is None:
        return rows.filter(valid_until=None)
    return rows.filter(Q(valid_until=None) | Q(valid_until__gt=valid_at), valid_from__lte=valid_at)


def _lot(row: Parcel, entry: Stated) -> Lot:
    """Return a lot as an entry says it is, made as from its row: a parcel has hundreds."""
    said = {
        **_detail(entry.detail),
        "id": entry.lot_id,
        "region": row.region,
        "parcel_id": row.id,
        "code": entry.subject.removeprefix("lot:"),
        "open": True,
        "dm2": entry.dm2,
        "holding_id": entry.holding_id,
    }
    return Lot.from_db("default", LOT, [said.get(name) for name in LOT])


@lru_cache(maxsize=256)
def _detail(text: str) -> Mapping[str, Any]:
    """Return what an entry says of its lot; the lots of a parcel are alike, and so are the words of their entries."""
    return MappingProxyType(json.loads(text))


def _rights(entries: list[Stated]) -> Mapping[UUID, Right]:
    said = {entry.right_id: (entry, json.loads(entry.detail)) for entry in entries if entry.right_id}
    parties = Party.objects.in_bulk({detail["party"] for _, detail in said.values() if detail["party"]})
    found = {}
    for pk, (entry, detail) in said.items():
        found[pk] = Right(
            id=pk, number=entry.subject.removeprefix("right:"), kind=entry.kind, state=entry.state, form=detail["form"]
        )
        found[pk].party = parties.get(detail["party"])
        found[pk].holding_id = entry.holding_id
        found[pk].priority_at = chain.instant(detail["priority_at"])
    return found


def _coverage(entry: Stated, lot: Lot, rights: Mapping[UUID, Right]) -> Coverage | None:
    detail = json.loads(entry.detail)
    right = rights.get(entry.right_id) if entry.right_id else None
    if not detail["open"] or right is None:
        return None
    one = Coverage(
        kind=entry.kind,
        state=entry.state,
        rank=entry.rank or 1,
        pre=detail["pre"],
        contested=detail["contested"],
        open=True,
    )
    one.right, one.lot = right, lot
    return one


class Columns:
    """In which columns of the sheet lots stand. Most have nothing on them, and stand where the next one of that holder stands."""

    def __init__(self, on: Ground, holders: Mapping[int, HolderView]) -> None:
        self.on, self.holders = on, holders
        self.bare: dict[tuple[int | None, bool], tuple[str, ...]] = {}

    def of(self, lot: Lot) -> tuple[str, ...]:
        """Return the columns that count a lot."""
        if self.on.on.get(lot.id) or self.on.waits.get(lot.id):
            return self._judged(lot)
        key = lot.holding_id, lot.registered
        if key not in self.bare:
            self.bare[key] = self._judged(lot)
        return self.bare[key]

    def _judged(self, lot: Lot) -> tuple[str, ...]:
        on, developer = self.on, lot.holding_id == self.on.parcel.developer_id
        public = not developer and self._is_public(lot)
        claimed = developer and on.claim(lot) is not None
        disposable = developer and not claimed
        seizures = on.seizures(lot)
        mortgaged = bool(on.of(lot, RightKind.MORTGAGE))
        stands = {
            "registered": True,
            "with_buyers": not developer and not public,
            "with_public": public,
            "developer_registered": developer,
            "presold": claimed,
            "disposable": disposable,
            "mortgaged": developer and mortgaged,
            "seized": developer and any(one.state == State.EFFECTIVE.value for one in seizures),
            "waiting": developer and any(one.state == State.WAITING.value for one in seizures),
            "free": disposable and not mortgaged and not seizures and not on.of(lot, RightKind.PRE_MORTGAGE),
            "sellable": disposable and _goes(on, lot, Act.TRANSFER if lot.registered else Act.PRESALE),
            "mortgageable": disposable and _goes(on, lot, Act.DEVELOPER_MORTGAGE),
            "seizable": disposable and _goes(on, lot, Act.SEIZE_DEVELOPER),
        }
        return tuple(name for name, here in stands.items() if here)

    def _is_public(self, lot: Lot) -> bool:
        if not lot.holding_id:
            return False
        return all(member.party.kind is PartyKind.PUBLIC for member in self.holders[lot.holding_id].members)


def _goes(on: Ground, lot: Lot, act: Act) -> bool:
    return strictest(said for _, said in judged(on, lot, act, FREE[lot.registered])) in GOES


def _by(on: Ground, kind: RightKind) -> dict[str, int]:
    """Return how much of the developer's rests under each right of a kind, by its number with whose and which rank it is."""
    found: dict[str, int] = {}
    for lot in on.lots.values():
        if lot.holding_id != on.parcel.developer_id:
            continue
        for one in on.of(lot, kind):
            name = one.right.party.name if one.right.party else ""
            key = f"{name} {one.right.number} #{one.rank}"
            found[key] = found.get(key, 0) + lot.dm2
    return found
