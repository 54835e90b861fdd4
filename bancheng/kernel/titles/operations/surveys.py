"""Surveys of buildings, accepted building by building: planned, predicted, measured floor areas."""

from collections.abc import Iterable, Sequence
from typing import Unpack
from uuid import UUID

from django.db.models import Q

from bancheng.kernel.titles.facts import Recorded, Said, UnitArea
from bancheng.kernel.titles.models import Lot, Survey
from bancheng.kernel.titles.operations.pen import Pen
from bancheng.kernel.titles.operations.writing import record
from bancheng.kernel.titles.queries.views import floor_of
from bancheng.kernel.titles.rules import codes, refusals, shares
from bancheng.kernel.titles.rules.words import Category, LotKind, SurveyStage


def accept_survey(
    *,
    building: str,
    stage: SurveyStage,
    units: Sequence[UnitArea] = (),
    total_dm2: int | None = None,
    approval: str = "",
    explanation: str = "",
    **said: Unpack[Said],
) -> Recorded:
    """Take in the floor areas of a building; a planned one may have no units yet. Shares move only by a plan.

    Raises Refused: unit_code_…, title_area, title_units_differ (without an explanation), title_permit_differs.
    """
    parcel = codes.parcel_of(building)
    codes.check_building(building, parcel=parcel)
    for each in units:
        codes.check_unit(each.unit, building=building)
        shares.area(each.floor_dm2)
    whole = sum(each.floor_dm2 for each in units) if units else shares.area(total_dm2)
    if (
        len({each.unit for each in units}) < len(units)
        or (total_dm2 is not None and total_dm2 != whole)
        or (not units and stage is not SurveyStage.PLANNED)
    ):
        raise refusals.units_differ(building)

    def write(pen: Pen) -> None:
        tops = Q(kind=LotKind.ROOT.value) | Q(kind=LotKind.BUILDING.value)
        rows = {lot.code: lot for lot in Lot.objects.filter(tops | Q(parent__code=building), parcel=pen.parcel)}
        pen.known(rows.values())
        top = rows.get(building) or _added(pen, building, LotKind.BUILDING, rows[codes.land(parcel)])
        there = {code: lot for code, lot in rows.items() if lot.parent_id == top.id}
        known = {each.unit for each in units}
        if units and there and known != set(there) and not explanation:
            raise refusals.units_differ(building)
        _set_floors(pen, top, there, units, stage)
        setattr(top, f"{stage.value}_dm2", _weighed(units) if units else whole)
        pen.change(top)
        _check_permit(pen, [lot for lot in pen.ground.lots.values() if lot.kind == LotKind.BUILDING.value])
        floors = {each.unit: each.floor_dm2 for each in units}
        pen.content = {
            "building": building,
            "stage": stage.value,
            "total": whole,
            "units": floors,
            "approval": approval,
        }
        pen.then.append(lambda act: _keep(pen, act, building, stage, whole, approval, explanation, units))

    return record(said, "survey.accept", parcel, write)


def _set_floors(pen: Pen, top: Lot, there: dict[str, Lot], units: Sequence[UnitArea], stage: SurveyStage) -> None:
    given = {each.unit: each for each in units}
    for code, each in given.items():
        unit = there.get(code) or _added(pen, code, LotKind.UNIT, top)
        unit.category = each.category.value
        setattr(unit, f"{stage.value}_dm2", each.floor_dm2)
        pen.change(unit)
    for code, unit in there.items() if units else ():
        if code not in given:  # explained: it is no more
            setattr(unit, f"{stage.value}_dm2", 0)
            pen.change(unit)


def _weighed(units: Iterable[UnitArea]) -> int:
    return sum(shares.weight(each.category, each.floor_dm2) for each in units)


def _added(pen: Pen, code: str, kind: LotKind, parent: Lot) -> Lot:
    parcel = pen.parcel
    category = Category.SALEABLE.value if kind is LotKind.UNIT else ""
    lot = Lot(
        id=pen.new_id(),
        region=parcel.region,
        parcel=parcel,
        parent=parent,
        code=code,
        kind=kind.value,
        category=category,
        open=False,
    )
    pen.add(lot)
    return lot


def _check_permit(pen: Pen, buildings: Iterable[Lot]) -> None:
    """Raise Refused title_permit_differs, when the buildings are larger together than the plan permit allows (B7.1)."""
    total = sum(floor_of(lot)[0] for lot in buildings)
    if pen.parcel.permit_dm2 is not None and total > pen.parcel.permit_dm2:
        raise refusals.permit_differs(total, pen.parcel.permit_dm2)


def _keep(
    pen: Pen,
    act: UUID,
    building: str,
    stage: SurveyStage,
    whole: int,
    approval: str,
    explanation: str,
    units: Sequence[UnitArea],
) -> None:
    Survey.objects.create(
        region=pen.parcel.region,
        parcel=pen.parcel,
        act_id=act,
        building=building,
        stage=stage.value,
        total_dm2=whole,
        approval=approval,
        explanation=explanation,
        units={each.unit: [each.floor_dm2, each.category.value] for each in units},
    )
