"""What the register says and said: its entries with the acts that wrote them, kept for ever (R7.11)."""

import json
from collections.abc import Iterable

from bancheng.kernel.titles.answers import EntryView
from bancheng.kernel.titles.models import Entry
from bancheng.kernel.titles.parties import HolderView
from bancheng.kernel.titles.queries.ground import entry_number
from bancheng.kernel.titles.queries.views import holder_views


def history(
    region: str, parcel: str, *, lot: str = "", registration: str = "", most: int | None = None
) -> list[EntryView]:
    """Return the entries of a parcel, or about one lot, or of one registration, the newest first."""
    rows = Entry.objects.filter(region=region, parcel__code=parcel)
    if lot:
        rows = rows.filter(lot__code=lot)
    if registration:
        rows = rows.filter(act__registration=registration)
    return _views(rows.select_related("act", "parcel", "lot", "right").order_by("-number")[:most])


def entries_about(region: str, lot: str) -> list[EntryView]:
    """Return what stands about a lot now, and what is known of the times before."""
    rows = Entry.objects.filter(region=region, lot__code=lot, recorded_until=None)
    return _views(rows.select_related("act", "parcel", "lot", "right").order_by("number"))


def _views(rows: Iterable[Entry]) -> list[EntryView]:
    found = list(rows)
    holders = holder_views(row.holding_id for row in found)
    return [_view(row, holders) for row in found]


def _view(row: Entry, holders: dict[int, HolderView]) -> EntryView:
    return EntryView(
        number=entry_number(row.parcel.code, row.number),
        parcel=row.parcel.code,
        seq=row.act.seq,
        act=row.act.kind,
        registration=row.act.registration,
        document=row.act.document,
        by=row.act.by,
        kind=row.kind,
        subject=row.subject,
        lot=row.lot.code if row.lot else "",
        right=row.right.number if row.right else "",
        state=row.state,
        rank=row.rank,
        dm2=row.dm2,
        holder=holders.get(row.holding_id) if row.holding_id else None,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        recorded_from=row.recorded_from,
        recorded_until=row.recorded_until,
        detail=json.loads(row.detail or "{}"),
    )
