"""Working a share plan out: what each lot of a parcel is to hold, and why."""

from collections.abc import Iterable
from dataclasses import dataclass

from bancheng.kernel.titles.models import Lot, PlanRow
from bancheng.kernel.titles.operations.pen import Pen
from bancheng.kernel.titles.queries.views import floor_of
from bancheng.kernel.titles.rules import refusals, shares
from bancheng.kernel.titles.rules.shares import Floor
from bancheng.kernel.titles.rules.words import Category, LotKind, PlanReason, Residue, RightKind, SurveyStage


@dataclass
class Tree:
    """A parcel's lots by building, what they weigh and which are sold."""

    root: Lot
    buildings: list[Lot]
    units: dict[str, list[Lot]]  # by building's code, those that weigh

    def floor(self, pen: Pen, lot: Lot) -> Floor:
        """Return a lot as the rules of shares see it; a buyer's is locked."""
        area, stage = floor_of(lot)
        category = Category(lot.category) if lot.category else None
        return Floor(
            lot.code,
            shares.weight(category, area),
            stage or SurveyStage.PLANNED,
            lot.dm2 if lot.open else None,
            is_sold(pen, lot),
        )


@dataclass(frozen=True)
class Target:
    """What a lot is to hold, and the plan's line that says why."""

    lot: Lot
    floor: Floor
    dm2: int
    before: int | None


def tree_of(pen: Pen) -> Tree:
    """Read a parcel's lots by building, what rests on the open ones with them."""
    rows = list(Lot.objects.filter(parcel=pen.parcel).order_by("code"))
    if any(row.open for row in rows):
        pen.load()  # of the open ones, what rests on them
    pen.known(row for row in rows if not row.open)
    lots = {row.code: pen.ground.lots[row.code] for row in rows}
    buildings = [lot for lot in lots.values() if lot.kind == LotKind.BUILDING.value]
    units: dict[str, list[Lot]] = {building.code: [] for building in buildings}
    by_id = {building.id: building.code for building in buildings}
    for lot in lots.values():
        if lot.kind == LotKind.UNIT.value and lot.parent_id is not None and _weighs(lot):
            units[by_id[lot.parent_id]].append(lot)
    root = next(lot for lot in lots.values() if lot.kind == LotKind.ROOT.value)
    return Tree(root, buildings, units)


def _weighs(lot: Lot) -> bool:
    return lot.open or shares.weight(Category(lot.category), floor_of(lot)[0]) > 0


def reason_of(pen: Pen, tree: Tree) -> PlanReason:
    """Return why a plan is due: the parcel was never divided, a building's units are new, or a survey says otherwise."""
    if tree.root.open:
        if not tree.buildings:
            raise refusals.nothing_to_plan()
        return PlanReason.FIRST
    if any(building.open and tree.units[building.code] for building in tree.buildings):
        return PlanReason.UNITS
    last = _last_rows(pen)
    for building in tree.buildings:
        for unit in tree.units[building.code]:
            floor = tree.floor(pen, unit)
            if building.envelope_dm2 is not None and last.get(unit.code) != (floor.floor_dm2, floor.stage.value):
                return PlanReason.RESURVEY
    raise refusals.nothing_to_plan()


def _last_rows(pen: Pen) -> dict[str, tuple[int, str]]:
    rows = PlanRow.objects.filter(plan__parcel=pen.parcel, plan__version=pen.parcel.plan_version)
    return {lot: (floor, source) for lot, floor, source in rows.values_list("lot", "floor_dm2", "source")}


def targets_of(pen: Pen, tree: Tree, why: PlanReason) -> list[Target]:
    """Return what each lot that the plan names is to hold, buildings before their units. Raises Refused as `shares` does, and title_unmeasured."""
    if why is PlanReason.FINAL:
        return _final_targets(pen, tree)
    found: list[Target] = []
    given = _envelopes(pen, tree, why)
    residue = Residue(pen.parcel.residue)
    for building in tree.buildings:
        if building.code not in given:
            continue
        envelope, inside = given[building.code], tree.units[building.code]
        found.append(Target(building, tree.floor(pen, building), envelope, building.envelope_dm2))
        if inside:
            floors = [tree.floor(pen, unit) for unit in inside]
            # a locked envelope whose surveys are the same divides into what it is divided into
            split = shares.units(envelope, floors, residue)
            found += [
                Target(unit, floor, split[unit.code], unit.dm2 if unit.open else None)
                for unit, floor in zip(inside, floors, strict=True)
            ]
    return found


def _envelopes(pen: Pen, tree: Tree, why: PlanReason) -> dict[str, int]:
    if why in (PlanReason.UNITS, PlanReason.RESURVEY):
        return {one.code: one.envelope_dm2 for one in tree.buildings if one.envelope_dm2 is not None}
    floors = [
        Floor(
            building.code,
            floor_of(building)[0],
            floor_of(building)[1] or SurveyStage.PLANNED,
            building.envelope_dm2,
            why is PlanReason.REPLAN and any(_locks(pen, lot) for lot in (building, *tree.units[building.code])),
        )
        for building in tree.buildings
    ]
    return shares.envelopes(pen.parcel.area_dm2, floors)


def _final_targets(pen: Pen, tree: Tree) -> list[Target]:
    floors = {unit.code: tree.floor(pen, unit) for inside in tree.units.values() for unit in inside}
    for code, floor in floors.items():
        if floor.stage is not SurveyStage.MEASURED:
            raise refusals.unmeasured(code)
    split = shares.final(pen.parcel.area_dm2, list(floors.values()), Residue(pen.parcel.residue))
    found = []
    for building in tree.buildings:
        inside = tree.units[building.code]
        envelope = sum(split[unit.code] for unit in inside)
        found.append(Target(building, tree.floor(pen, building), envelope, building.envelope_dm2))
        found += [Target(unit, floors[unit.code], split[unit.code], unit.dm2) for unit in inside]
    return found


def weight_of(tree: Tree, targets: Iterable[Target]) -> int:
    """Return W: the floor area of all units that are known, and of the buildings whose units are not."""
    return sum(
        each.floor.floor_dm2 for each in targets if each.lot.kind == LotKind.UNIT.value or not tree.units[each.lot.code]
    )


def projected(pen: Pen, tree: Tree) -> dict[str, int]:
    """Return what each unit, or building without units, would hold if all were final today (§4.5)."""
    leaves = [lot for building in tree.buildings for lot in (tree.units[building.code] or [building])]
    return shares.apportion(pen.parcel.area_dm2, {lot.code: tree.floor(pen, lot).floor_dm2 for lot in leaves})


def is_sold(pen: Pen, lot: Lot) -> bool:
    """Return whether a lot is a buyer's: claimed, or transferred."""
    return lot.open and (lot.holding_id != pen.parcel.developer_id or pen.ground.claim(lot) is not None)


def _locks(pen: Pen, lot: Lot) -> bool:
    """Return whether a lot locks its building's envelope: presold, mortgaged by a buyer, transferred or seized (§4.4)."""
    return is_sold(pen, lot) or bool(pen.ground.of(lot, RightKind.PRE_MORTGAGE, RightKind.SEIZURE))
