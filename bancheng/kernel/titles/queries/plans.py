"""The share plan as it is shown (量化计划表)."""

from bancheng.kernel.titles.answers import PlanRowView, PlanView
from bancheng.kernel.titles.models import SharePlan
from bancheng.kernel.titles.rules.words import LotKind, PlanReason, PlanState, SurveyStage


def plan(region: str, parcel: str, version: int | None = None) -> PlanView | None:
    """Return a version of a parcel's plan, by default the one in force; None when there is none."""
    rows = SharePlan.objects.filter(region=region, parcel__code=parcel).select_related("parcel")
    rows = rows.filter(state=PlanState.APPROVED.value) if version is None else rows.filter(version=version)
    row = rows.order_by("-version").first()
    return plan_view(row) if row else None


def plans(region: str, parcel: str) -> list[PlanView]:
    """Return all versions of a parcel's plan, the newest first, without their lines."""
    rows = SharePlan.objects.filter(region=region, parcel__code=parcel).select_related("parcel").order_by("-version")
    return [plan_view(row, lines=False) for row in rows]


def plan_view(row: SharePlan, *, lines: bool = True) -> PlanView:
    """Return a version of the plan with its lines in the order of their codes."""
    found = row.rows.order_by("lot") if lines else []
    return PlanView(
        row.parcel.code,
        row.version,
        PlanReason(row.reason),
        PlanState(row.state),
        row.weight_dm2,
        row.approval,
        row.drafted_at,
        row.approved_at,
        tuple(
            PlanRowView(
                each.lot,
                LotKind(each.level),
                each.floor_dm2,
                SurveyStage(each.source),
                each.num,
                each.den,
                each.dm2,
                each.before_dm2,
            )
            for each in found
        ),
    )
