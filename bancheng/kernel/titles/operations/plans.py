"""The share plan (量化计划表): drafted from the surveys, approved into shares, adjusted at the end (SPLIT, RESPLIT, REPLAN, ADJUST, MERGE)."""

from collections.abc import Collection
from typing import Unpack

from django.db import transaction

from bancheng.kernel.audit import public as audit
from bancheng.kernel.titles.answers import PlanView
from bancheng.kernel.titles.facts import Recorded, Said
from bancheng.kernel.titles.models import Coverage, Lot, PlanRow, SharePlan
from bancheng.kernel.titles.operations.dividing import apply, approve, close, divide, inherit, keep
from bancheng.kernel.titles.operations.pen import Pen
from bancheng.kernel.titles.operations.targets import Tree, is_sold, reason_of, targets_of, tree_of
from bancheng.kernel.titles.operations.writing import locked, pen_for, record
from bancheng.kernel.titles.queries.plans import plan_view
from bancheng.kernel.titles.queries.views import floor_of
from bancheng.kernel.titles.rules import refusals
from bancheng.kernel.titles.rules.words import LotKind, PlanReason, PlanState


def draft_plan(*, parcel: str, reason: PlanReason | None = None, approval: str = "", **said: Unpack[Said]) -> PlanView:
    """Work the plan out from the surveys in force and keep it as a draft; shares stay as they are.

    Raises Refused: title_nothing_to_plan, title_share_sum, title_envelope_locked, title_residue_negative.
    """
    with transaction.atomic():
        row = locked(said["region"], parcel)
        drafted = SharePlan.objects.filter(parcel=row, state=PlanState.DRAFT.value).order_by("-version").first()
        pen = pen_for(said, "plan.draft", row)
        tree = tree_of(pen)
        why = reason or reason_of(pen, tree)
        targets = targets_of(pen, tree, why)
        if drafted is not None:
            drafted.state = PlanState.SUPERSEDED.value
            drafted.save(update_fields=["state"])
        plan = keep(pen, tree, why, targets, approval)
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
        tree, why = tree_of(pen), PlanReason(plan.reason)
        _check_scale(pen, tree, explanation)
        targets = targets_of(pen, tree, why)
        drawn = dict(PlanRow.objects.filter(plan=plan).values_list("lot", "dm2"))
        if drawn != {each.lot.code: each.dm2 for each in targets}:
            raise refusals.stale()
        apply(pen, tree, targets, why, frozenset(consents))
        approve(pen, plan)

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
        tree = tree_of(pen)
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
        tree = tree_of(pen)
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
        if len(burdens) > 1 or len({lot.holding_id for lot in lots}) > 1 or any(is_sold(pen, lot) for lot in lots):
            raise refusals.cannot_merge()
        for one in pen.ground.of(lots[0]):
            inherit(pen, one, top)
        top.open, top.dm2, top.holding_id = True, sum(lot.dm2 for lot in lots), lots[0].holding_id
        for lot in lots:
            close(pen, lot, [])
        pen.change(top)

    return record(said, "plan.merge", building[:19], write)


def _burden(one: Coverage) -> tuple[object, ...]:
    return (one.right_id, one.kind, one.state, one.rank, one.pre, one.contested, one.since, one.until)
