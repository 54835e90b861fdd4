"""Rows as other parts see them."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from django.utils.timezone import localdate

from bancheng.kernel.titles.answers import CoverageView, LotView, ParcelView, RightView
from bancheng.kernel.titles.models import Coverage, Lot, Parcel, Right
from bancheng.kernel.titles.models import Member as MemberRow
from bancheng.kernel.titles.parties import HolderView, Member, PartyView
from bancheng.kernel.titles.queries.ground import entry_number, party_view
from bancheng.kernel.titles.rules import fixing
from bancheng.kernel.titles.rules.words import (
    Category,
    Form,
    LotKind,
    Origin,
    PartyKind,
    Residue,
    RightKind,
    State,
    SurveyStage,
)

MEMBER = (
    "holding_id", "holding__joint", "holding__den", "num", "party_id", "party__kind", "party__name", "party__number_hash", "party__unit",
    "party__number_kind",
)  # fmt: skip


def holder_views(ids: Iterable[int | None]) -> dict[int, HolderView]:
    """Return groups with all their members: one query, however many, and no model of a row, for a parcel has hundreds."""
    wanted = {pk for pk in ids if pk is not None}
    found: dict[int, tuple[bool, list[Member]]] = {}
    rows = MemberRow.objects.filter(holding__in=wanted).order_by("holding_id", "place").values_list(*MEMBER)
    for holding, joint, den, num, party, kind, name, hash, unit, number_kind in rows:
        view = PartyView(party, PartyKind(kind), name, bytes(hash or b""), unit, number_kind)
        found.setdefault(holding, (joint, []))[1].append(Member(view, num or 0, 0 if joint else den))
    return {pk: HolderView(pk, joint, tuple(members)) for pk, (joint, members) in found.items()}


def coverage_view(one: Coverage, lot: Lot) -> CoverageView:
    """Return a right on a lot."""
    right = one.right
    return CoverageView(
        right.number,
        RightKind(one.kind),
        lot.code,
        lot.dm2,
        State(one.state),
        one.rank,
        one.pre,
        one.contested,
        one.since,
        one.until,
        one.open,
        party_view(right.party) if right.party else None,
    )


def floor_of(lot: Lot) -> tuple[int, SurveyStage | None]:
    """Return a lot's floor area by the best survey there is, and which that is."""
    for stage in (SurveyStage.MEASURED, SurveyStage.PREDICTED, SurveyStage.PLANNED):
        if (area := getattr(lot, f"{stage.value}_dm2")) is not None:
            return area, stage
    return 0, None


def lot_view(
    lot: Lot,
    parcel: Parcel,
    holders: dict[int, HolderView],
    shares: dict[str, tuple[int, int]],
    parents: dict[UUID, str],
) -> LotView:
    """Return a lot; `shares` are the fractions of the plan in force, `parents` codes by row."""
    floor, stage = floor_of(lot)
    num, den = shares.get(lot.code, (0, 1))
    return LotView(
        code=lot.code,
        parcel=parcel.code,
        kind=LotKind(lot.kind),
        parent=parents.get(lot.parent_id, "") if lot.parent_id else "",
        category=Category(lot.category) if lot.category else None,
        open=lot.open,
        dm2=lot.dm2,
        floor_dm2=floor,
        floor_stage=stage,
        planned_dm2=lot.planned_dm2,
        predicted_dm2=lot.predicted_dm2,
        measured_dm2=lot.measured_dm2,
        envelope_dm2=lot.envelope_dm2,
        registered=lot.registered,
        num=num,
        den=den,
        holder=holders.get(lot.holding_id) if lot.holding_id else None,
        with_developer=lot.holding_id == parcel.developer_id,
    )


def parcel_view(row: Parcel, holders: dict[int, HolderView]) -> ParcelView:
    """Return a parcel."""
    return ParcelView(
        region=row.region,
        code=row.code,
        area_dm2=row.area_dm2,
        use=row.use,
        term_until=row.term_until,
        origin=Origin(row.origin),
        residue=Residue(row.residue),
        permit_dm2=row.permit_dm2,
        stage=row.stage,
        version=row.version,
        developer=holders[row.developer_id],
        plan_version=row.plan_version,
        plan_final=row.plan_final,
        opened_at=row.opened_at,
        recorded_at=row.recorded_at,
        closed_at=row.closed_at,
    )


def fixed_on(row: Right) -> date | None:
    """Return the day on which a maximum amount was fixed; of what was fixed before days were kept, the day it came into the register."""
    if row.fixed_at is None:
        return None
    kept = row.detail.get(fixing.ON)
    return date.fromisoformat(kept) if kept else localdate(row.fixed_at)


def right_view(row: Right, covered: Iterable[Coverage], holders: dict[int, HolderView], entry: int | None) -> RightView:
    """Return a right with what it covers or covered."""
    until: date | None = row.until
    return RightView(
        number=row.number,
        kind=RightKind(row.kind),
        form=Form(row.form) if row.form else None,
        state=State(row.state),
        parcel=row.parcel.code,
        party=party_view(row.party) if row.party else None,
        holder=holders.get(row.holding_id) if row.holding_id else None,
        debtor=party_view(row.debtor) if row.debtor else None,
        amount_fen=row.amount_fen,
        priority_at=row.priority_at,
        served_at=row.served_at,
        until=until,
        transfer_restricted=row.transfer_restricted,
        land=row.land,
        building=row.building,
        fixed_at=row.fixed_at,
        fixed_on=fixed_on(row),
        fixed_fen=row.detail.get(fixing.FEN),
        registration=row.registration,
        document=row.document,
        entry=entry_number(row.parcel.code, entry) if entry else "",
        lots=tuple(coverage_view(one, one.lot) for one in covered),
        detail=row.detail,
    )
