"""A parcel in the names of the international model (ISO 19152, LADM), for exchange: fractions as integers, areas as whole dm².

LADM has no place for a share plan, a claim that takes a lot out of a later seizure, or a place in a queue: these are carried as extensions.
"""

from collections.abc import Iterable
from typing import Any

from bancheng.kernel.titles import public as titles
from bancheng.services.landshares.models import Estate, Outline
from bancheng.services.landshares.queries import doors

RESTRICTIONS = (titles.RightKind.SEIZURE, titles.RightKind.OBJECTION, titles.RightKind.CLAIM)


def ladm(code: str) -> dict[str, Any]:
    """Return a parcel with its lots, holders and what rests on them. Persons are named by the book's own id and not by name (P-10)."""
    region = doors.region()
    found = titles.parcel(region, code)
    lots = titles.lots(region, code, open_only=True)
    rights = titles.rights_on(region, [lot.code for lot in lots])
    plan = titles.plan(region, code)
    return {
        "model": "ISO 19152:2012 LADM",
        "version": found.version,
        "LA_SpatialUnit": [_parcel(found), *_buildings(code)],
        "LA_BAUnit": [_unit(lot) for lot in lots],
        "LA_Party": _parties(lots, rights),
        "LA_Right": [right for lot in lots for right in _rights(lot)],
        "LA_Mortgage": [_mortgage(one) for one in rights if one.kind not in RESTRICTIONS],
        "LA_Restriction": [_restriction(one) for one in rights if one.kind in RESTRICTIONS],
        "extension": {
            "sharePlan": {"version": plan.version, "weight_dm2": plan.weight_dm2, "state": plan.state.value}
            if plan
            else None,
            "stage": found.stage,
            "origin": found.origin.value,
        },
    }


def _parcel(found: titles.ParcelView) -> dict[str, Any]:
    estate = Estate.objects.filter(region=found.region, parcel=found.code).first()
    return {
        "suID": found.code,
        "type": "parcel",
        "area_dm2": found.area_dm2,
        "datum": estate.datum if estate else None,
        "ring": estate.ring if estate else [],
        "beginLifespanVersion": found.recorded_at.isoformat(),
    }


def _buildings(code: str) -> list[dict[str, Any]]:
    rows = Outline.objects.filter(region=doors.region(), estate__parcel=code).order_by("building")
    return [
        {"suID": each.building, "type": "LA_LegalSpaceBuildingUnit", "name": each.name, "ring": each.ring}
        for each in rows
    ]


def _unit(lot: titles.LotView) -> dict[str, Any]:
    return {
        "uID": lot.code,
        "type": lot.kind.value,
        "floor_dm2": lot.floor_dm2,
        "share_dm2": lot.dm2,
        "registered": lot.registered,
    }


def _parties(lots: Iterable[titles.LotView], rights: Iterable[titles.CoverageView]) -> list[dict[str, Any]]:
    found = {member.party.id: member.party for lot in lots if lot.holder for member in lot.holder.members}
    found |= {one.party.id: one.party for one in rights if one.party}
    return [
        {"pID": each.id, "type": each.kind.value, "name": None if each.kind is titles.PartyKind.PERSON else each.name}
        for each in sorted(found.values(), key=lambda each: each.id)
    ]


def _rights(lot: titles.LotView) -> list[dict[str, Any]]:
    if lot.holder is None:
        return []
    return [
        {
            "baUnit": lot.code,
            "party": member.party.id,
            "type": "ownership" if lot.registered else "landUse",
            "share": {"numerator": member.num, "denominator": member.den} if member.num else None,
            "shareOfParcel": {"numerator": lot.num, "denominator": lot.den},
            "joint": lot.holder.joint,
        }
        for member in lot.holder.members
    ]


def _mortgage(one: titles.CoverageView) -> dict[str, Any]:
    return {**_restriction(one), "ranking": one.rank}


def _restriction(one: titles.CoverageView) -> dict[str, Any]:
    return {
        "rID": one.right,
        "type": one.kind.value,
        "baUnit": one.lot,
        "party": one.party.id if one.party and one.kind is not titles.RightKind.CLAIM else None,
        "state": one.state.value,
        "area_dm2": one.dm2,
        "beginLifespanVersion": one.since.isoformat() if one.since else None,
        "extension": {"queuePlace": one.rank} if one.kind is titles.RightKind.SEIZURE else {},
    }
