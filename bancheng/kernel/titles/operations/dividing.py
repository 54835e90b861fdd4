"""Writing a share plan: its lines, the shares of its lots, and what of the undivided ones goes over to their children."""

from collections.abc import Iterable

from django.db import connection
from django.db.models import Max

from bancheng.kernel.titles.models import Coverage, Lot, PlanRow, SharePlan
from bancheng.kernel.titles.operations.pen import Pen
from bancheng.kernel.titles.operations.targets import (
    Target,
    Tree,
    is_sold,
    projected,
    reason_of,
    targets_of,
    tree_of,
    weight_of,
)
from bancheng.kernel.titles.rules import refusals, shares
from bancheng.kernel.titles.rules.matrix import Given
from bancheng.kernel.titles.rules.words import Act, LotKind, PlanReason, PlanState
from bancheng.lib import rows
from bancheng.lib.identifiers import uuid7


def divide(
    pen: Pen, reason: PlanReason | None, consents: frozenset[str], *, approval: str = "", tree: Tree | None = None
) -> None:
    """Work a plan out, keep it as approved and post its shares."""
    tree = tree or tree_of(pen)
    why = reason or reason_of(pen, tree)
    targets = targets_of(pen, tree, why)
    plan = keep(pen, tree, why, targets, approval)
    apply(pen, tree, targets, why, consents)
    approve(pen, plan)


def keep(pen: Pen, tree: Tree, why: PlanReason, targets: list[Target], approval: str) -> SharePlan:
    """Keep a plan and a line for each of its targets as a draft."""
    version = (SharePlan.objects.filter(parcel=pen.parcel).aggregate(last=Max("version"))["last"] or 0) + 1
    whole = weight_of(tree, targets)
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


def approve(pen: Pen, plan: SharePlan) -> None:
    """Make a kept plan the one in force."""
    SharePlan.objects.filter(parcel=pen.parcel, state=PlanState.APPROVED.value).update(state=PlanState.SUPERSEDED.value)
    SharePlan.objects.filter(pk=plan.pk).update(state=PlanState.APPROVED.value, approved_at=pen.at)
    pen.parcel.plan_version = plan.version
    pen.content |= {"plan": plan.version, "reason": plan.reason}
    pen.stage = max(pen.stage, 2)


def apply(pen: Pen, tree: Tree, targets: list[Target], why: PlanReason, consents: frozenset[str]) -> None:
    """Post the shares of a plan: what moves must not be blocked, and who is touched hears of it. Raises Blocked; Refused: title_consent_missing."""
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
        close(pen, tree.root, opened.pop(tree.root.code, []))
    for building in tree.buildings:
        if under := opened.get(building.code):
            close(pen, building, under)


def _refuse_losses(pen: Pen, tree: Tree, consents: frozenset[str]) -> None:
    """Raise Refused title_consent_missing, when a buyer would finally hold less by more than the tolerance and has not agreed (§4.5)."""
    then = projected(pen, tree)
    losing = []
    for inside in tree.units.values():
        for unit in inside:
            if is_sold(pen, unit) and shares.loses_too_much(unit.dm2, then[unit.code]):
                claim = pen.ground.claim(unit)
                if not consents & {unit.code, claim.right.number if claim else unit.code}:
                    losing.append(unit.code)
    if losing:
        raise refusals.consent_missing(losing)


def _tell(pen: Pen, targets: Iterable[Target]) -> None:
    """Take note whose amount changes: banks, courts and buyers hear of it."""
    for each in targets:
        if each.lot.open and each.dm2 != each.lot.dm2:
            for one in pen.ground.of(each.lot):
                pen.tell("amount_changed", one.right, each.lot.code)


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


def close(pen: Pen, lot: Lot, children: list[Lot]) -> None:
    """Close a lot whose share its children have; they inherit every right with rank, place and dates (I8)."""
    for one in pen.ground.of(lot):
        for child in children:
            inherit(pen, one, child)
        one.open = False
        pen.cover(one)
    lot.open, lot.dm2, lot.holding_id = False, 0, None
    pen.change(lot)


def inherit(pen: Pen, one: Coverage, child: Lot) -> None:
    """Let a right rest on a child as it rests on the lot that is divided."""
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
