"""The share plan (量化计划表): drafted from the surveys, approved into shares, adjusted at the end (SPLIT, RESPLIT, REPLAN, ADJUST, MERGE)."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Unpack

from django.db import connection, transaction
from django.db.models import Max

from bancheng.kernel.audit import public as audit
from bancheng.kernel.titles.answers import PlanView
from bancheng.kernel.titles.facts import Recorded, Said
from bancheng.kernel.titles.models import Coverage, Lot, PlanRow, SharePlan
from bancheng.kernel.titles.operations.pen import Pen
from bancheng.kernel.titles.operations.writing import locked, pen_for, record
from bancheng.kernel.titles.queries.plans import plan_view
from bancheng.kernel.titles.queries.views import floor_of
from bancheng.kernel.titles.rules import refusals, shares
from bancheng.kernel.titles.rules.matrix import Given
from bancheng.kernel.titles.rules.shares import Floor
from bancheng.kernel.titles.rules.words import (
    Act,
    Category,
    LotKind,
    PlanReason,
    PlanState,
    Residue,
    RightKind,
    SurveyStage,
)
from bancheng.lib import rows
from bancheng.lib.identifiers import uuid7


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
            _sold(pen, lot),
        )


def _sold(pen: Pen, lot: Lot) -> bool:
    """Return whether a lot is a buyer's: claimed, or transferred."""
    return lot.open and (lot.holding_id != pen.parcel.developer_id or pen.ground.claim(lot) is not None)


def _locks(pen: Pen, lot: Lot) -> bool:
    """Return whether a lot locks its building's envelope: presold, mortgaged by a buyer, transferred or seized (§4.4)."""
    return _sold(pen, lot) or bool(pen.ground.of(lot, RightKind.PRE_MORTGAGE, RightKind.SEIZURE))


@dataclass(frozen=True)
class Target:
    """What a lot is to hold, and the plan's line that says why."""

    lot: Lot
    floor: Floor
    dm2: int
    before: int | None


def draft_plan(*, parcel: str, reason: PlanReason | None = None, approval: str = "", **said: Unpack[Said]) -> PlanView:
    """Work the plan out from the surveys in force and keep it as a draft; shares stay as they are.

    Raises Refused: title_nothing_to_plan, title_share_sum, title_envelope_locked, title_residue_negative.
    """
    with transaction.atomic():
        row = locked(said["region"], parcel)
        drafted = SharePlan.objects.filter(parcel=row, state=PlanState.DRAFT.value).order_by("-version").first()
        pen = pen_for(said, "plan.draft", row)
        tree = _tree(pen)
        why = reason or _reason(pen, tree)
        targets = _targets(pen, tree, why)
        if drafted is not None:
            drafted.state = PlanState.SUPERSEDED.value
            drafted.save(update_fields=["state"])
        plan = _kept(pen, tree, why, targets, approval)
        about = {"version": plan.version, "reason": why.value}
        audit.record(
            "titles.plan_drafted", who=said["by"], about=f"parcel:{parcel}", at=pen.at, region=row.region, detail=about
        )
        return plan_view(plan)


def approve_plan(
    *, parcel: str, version: int, consents: Collection[str] = (), explanation: str = "", **said: Unpack[Said]
) -> Recorded:
    """Post the shares of a drafted plan. `consents` are the numbers of rights whose holders agreed in writing, and codes of lots whose owners did;
    `explanation` says why the floor areas fall short of the plan permit.

    Raises Refused: title_stale (the register no longer gives the drafted shares), title_permit_short, title_consent_missing; Blocked.
    """

    def write(pen: Pen) -> None:
        plan = SharePlan.objects.filter(parcel=pen.parcel, version=version, state=PlanState.DRAFT.value).first()
        if plan is None:
            raise refusals.stale()
        tree, why = _tree(pen), PlanReason(plan.reason)
        _check_scale(pen, tree, explanation)
        targets = _targets(pen, tree, why)
        drawn = dict(PlanRow.objects.filter(plan=plan).values_list("lot", "dm2"))
        if drawn != {each.lot.code: each.dm2 for each in targets}:
            raise refusals.stale()
        _apply(pen, tree, targets, why, frozenset(consents))
        _approve(pen, plan)

    return record(said, "plan.approve", parcel, write)


def quantify(
    *,
    parcel: str,
    reason: PlanReason | None = None,
    approval: str = "",
    consents: Collection[str] = (),
    explanation: str = "",
    **said: Unpack[Said],
) -> Recorded:
    """Draft and approve at once: what follows from surveys that were approved one by one. `explanation` says why the floor areas fall short of
    the plan permit. Raises as both do, and Refused: title_permit_short.
    """

    def write(pen: Pen) -> None:
        tree = _tree(pen)
        _check_scale(pen, tree, explanation)
        divide(pen, reason, frozenset(consents), approval=approval, tree=tree)

    return record(said, "plan.approve", parcel, write)


def finalise(
    *,
    parcel: str,
    approval: str = "",
    consents: Collection[str] = (),
    explanation: str = "",
    **said: Unpack[Said],
) -> Recorded:
    """Compare every share with the measured floor areas of all and post the difference as one entry (ADJUST).

    Raises Refused: title_unmeasured, title_permit_short (without an explanation), title_permit_differs, title_residue_negative; Blocked.
    """

    def write(pen: Pen) -> None:
        tree = _tree(pen)
        for building in tree.buildings:
            if building.measured_dm2 is None or not tree.units[building.code]:
                raise refusals.unmeasured(building.code)
        _check_scale(pen, tree, explanation)
        divide(pen, PlanReason.FINAL, frozenset(consents), approval=approval, tree=tree)
        pen.parcel.plan_final, pen.stage = True, 5

    return record(said, "plan.finalise", parcel, write)


def _check_scale(pen: Pen, tree: Tree, explanation: str) -> None:
    """Hold the floor areas against the plan permit: more is refused, less is explained from a check of the survey (B7.1)."""
    permit, total = pen.parcel.permit_dm2, sum(floor_of(building)[0] for building in tree.buildings)
    if permit is not None and total > permit:
        raise refusals.permit_differs(total, permit)
    if permit is not None and total < permit:
        if not explanation:
            raise refusals.permit_short(total, permit)
        pen.content |= {"permit": permit, "total": total, "explanation": explanation}


def divide(
    pen: Pen, reason: PlanReason | None, consents: frozenset[str], *, approval: str = "", tree: Tree | None = None
) -> None:
    """Work a plan out, keep it as approved and post its shares."""
    tree = tree or _tree(pen)
    why = reason or _reason(pen, tree)
    targets = _targets(pen, tree, why)
    plan = _kept(pen, tree, why, targets, approval)
    _apply(pen, tree, targets, why, consents)
    _approve(pen, plan)


# --- working it out ---


def _tree(pen: Pen) -> Tree:
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


def _reason(pen: Pen, tree: Tree) -> PlanReason:
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


def _targets(pen: Pen, tree: Tree, why: PlanReason) -> list[Target]:
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


def _weight(tree: Tree, targets: Iterable[Target]) -> int:
    """Return W: the floor area of all units that are known, and of the buildings whose units are not."""
    return sum(
        each.floor.floor_dm2 for each in targets if each.lot.kind == LotKind.UNIT.value or not tree.units[each.lot.code]
    )


def projected(pen: Pen, tree: Tree) -> dict[str, int]:
    """Return what each unit, or building without units, would hold if all were final today (§4.5)."""
    leaves = [lot for building in tree.buildings for lot in (tree.units[building.code] or [building])]
    return shares.apportion(pen.parcel.area_dm2, {lot.code: tree.floor(pen, lot).floor_dm2 for lot in leaves})


# --- writing it ---


def _kept(pen: Pen, tree: Tree, why: PlanReason, targets: list[Target], approval: str) -> SharePlan:
    version = (SharePlan.objects.filter(parcel=pen.parcel).aggregate(last=Max("version"))["last"] or 0) + 1
    whole = _weight(tree, targets)
    plan = SharePlan.objects.create(
        id=uuid7(pen.at),
        region=pen.parcel.region,
        parcel=pen.parcel,
        version=version,
        reason=why.value,
        state=PlanState.DRAFT.value,
        weight_dm2=whole,
        approval=approval,
        based_on=pen.parcel.version,
        drafted_at=pen.at,
        drafted_by=pen.said["by"],
    )
    lines = [
        {
            "region": pen.parcel.region,
            "plan_id": plan.id,
            "lot": each.lot.code,
            "level": each.lot.kind,
            "category": each.lot.category,
            "floor_dm2": each.floor.floor_dm2,
            "source": each.floor.stage.value,
            "num": each.floor.floor_dm2,
            "den": whole,
            "dm2": each.dm2,
            "before_dm2": each.before,
        }
        for each in targets
    ]
    with connection.cursor() as cursor:  # a line for each unit of a parcel
        cursor.execute(rows.insert(PlanRow, "%s::jsonb", numbered=True), [rows.text(lines)])
    return plan


def _approve(pen: Pen, plan: SharePlan) -> None:
    SharePlan.objects.filter(parcel=pen.parcel, state=PlanState.APPROVED.value).update(state=PlanState.SUPERSEDED.value)
    SharePlan.objects.filter(pk=plan.pk).update(state=PlanState.APPROVED.value, approved_at=pen.at)
    pen.parcel.plan_version = plan.version
    pen.content |= {"plan": plan.version, "reason": plan.reason}
    pen.stage = max(pen.stage, 2)


def _apply(pen: Pen, tree: Tree, targets: list[Target], why: PlanReason, consents: frozenset[str]) -> None:
    moved = [each.lot for each in targets if each.lot.open and each.dm2 != each.lot.dm2]
    act = Act.REPLAN if why is PlanReason.REPLAN else Act.RESPLIT
    pen.refuse_blocked(moved, act, Given(consents=consents, final=why is PlanReason.FINAL))
    if why is PlanReason.REPLAN:
        _refuse_losses(pen, tree, consents)
    _tell(pen, targets)
    opened: dict[str, list[Lot]] = {}
    for each in targets:
        _set(pen, tree, each, opened)
    if tree.root.open:
        _close(pen, tree.root, opened.pop(tree.root.code, []))
    for building in tree.buildings:
        if under := opened.get(building.code):
            _close(pen, building, under)


def _refuse_losses(pen: Pen, tree: Tree, consents: frozenset[str]) -> None:
    """Raise Refused title_consent_missing, when a buyer would finally hold less by more than the tolerance and has not agreed (§4.5)."""
    then = projected(pen, tree)
    losing = []
    for inside in tree.units.values():
        for unit in inside:
            if _sold(pen, unit) and shares.loses_too_much(unit.dm2, then[unit.code]):
                claim = pen.ground.claim(unit)
                if not consents & {unit.code, claim.right.number if claim else unit.code}:
                    losing.append(unit.code)
    if losing:
        raise refusals.consent_missing(losing)


def _set(pen: Pen, tree: Tree, each: Target, opened: dict[str, list[Lot]]) -> None:
    """Give a lot its share; one that had none is opened under the lot that had it."""
    lot = each.lot
    if lot.kind == LotKind.BUILDING.value:
        lot.envelope_dm2 = each.dm2
        pen.change(lot)
        if tree.units[lot.code]:
            return  # its units hold it
        parent = tree.root
    else:
        parent = next(one for one in tree.buildings if one.id == lot.parent_id)
    if not lot.open:
        source = parent if parent.open else tree.root
        lot.open, lot.holding_id = True, _holder_of(pen, source, parent)
        lot.registered = parent.registered
        opened.setdefault(source.code if source.open else parent.code, []).append(lot)
    lot.dm2 = each.dm2
    pen.change(lot)


def _holder_of(pen: Pen, source: Lot, parent: Lot) -> int:
    return source.holding_id or parent.holding_id or pen.parcel.developer_id


def _close(pen: Pen, lot: Lot, children: list[Lot]) -> None:
    """Close a lot whose share its children have; they inherit every right with rank, place and dates (I8)."""
    for one in pen.ground.of(lot):
        for child in children:
            _inherit(pen, one, child)
        one.open = False
        pen.cover(one)
    lot.open, lot.dm2, lot.holding_id = False, 0, None
    pen.change(lot)


def _inherit(pen: Pen, one: Coverage, child: Lot) -> None:
    copy = Coverage(
        id=pen.new_id(),
        region=one.region,
        parcel=pen.parcel,
        right=one.right,
        lot=child,
        kind=one.kind,
        state=one.state,
        rank=one.rank,
        pre=one.pre,
        contested=one.contested,
        since=one.since,
        until=one.until,
    )
    pen.ground.on.setdefault(child.id, []).append(copy)
    pen.cover(copy)


def _tell(pen: Pen, targets: Iterable[Target]) -> None:
    """Take note whose amount changes: banks, courts and buyers hear of it."""
    for each in targets:
        if each.lot.open and each.dm2 != each.lot.dm2:
            for one in pen.ground.of(each.lot):
                pen.tell("amount_changed", one.right, each.lot.code)


def merge(*, building: str, **said: Unpack[Said]) -> Recorded:
    """Make the units of a building one lot again (MERGE): same holder, same burdens. Raises Refused: title_cannot_merge; Blocked."""

    def write(pen: Pen) -> None:
        top = Lot.objects.filter(parcel=pen.parcel, code=building, kind=LotKind.BUILDING.value).first()
        codes = list(Lot.objects.filter(parent=top, open=True).values_list("code", flat=True)) if top else []
        if top is None or not codes:
            raise refusals.no_lot(building)
        pen.known([top])
        lots = pen.load(codes)
        burdens = {frozenset(_burden(one) for one in pen.ground.of(lot)) for lot in lots}
        if len(burdens) > 1 or len({lot.holding_id for lot in lots}) > 1 or any(_sold(pen, lot) for lot in lots):
            raise refusals.cannot_merge()
        for one in pen.ground.of(lots[0]):
            _inherit(pen, one, top)
        top.open, top.dm2, top.holding_id = True, sum(lot.dm2 for lot in lots), lots[0].holding_id
        for lot in lots:
            _close(pen, lot, [])
        pen.change(top)

    return record(said, "plan.merge", building[:19], write)


def _burden(one: Coverage) -> tuple[object, ...]:
    return (one.right_id, one.kind, one.state, one.rank, one.pre, one.contested, one.since, one.until)
