"""Prices change by two people and only ahead: one puts a whole version forward, another approves it. A host never sets one (R1.2)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Max

from bancheng.kernel.audit import public as audit
from bancheng.kernel.identity import public as identity
from bancheng.lib.days import day_of
from bancheng.lib.refusal import Refused
from bancheng.lib.text import Text
from bancheng.services.sockets.models import Plan, Price
from bancheng.services.sockets.rules import tariff
from bancheng.services.sockets.rules.tariff import PlanState, Rate

audit.labels(
    {
        "sockets.plan_proposed": Text("提出新电价", "New prices put forward"),
        "sockets.plan_approved": Text("批准新电价", "New prices approved"),
        "sockets.plan_declined": Text("不批准新电价", "New prices declined"),
    }
)


@dataclass(frozen=True)
class Wanted:
    """A version as somebody puts it forward."""

    price_class: str
    first_on: date
    name: Text
    basis: str
    rates: Sequence[Rate]


def propose(*, wanted: Wanted, region: str, by: identity.Actor, at: datetime) -> Plan:
    """Put a version forward. Raises Refused: plan_not_ahead, plan_has_holes, odd_price, basis_missing."""
    tariff.check_first_day(wanted.first_on, day_of(at))
    tariff.check_plan(wanted.rates)
    if not wanted.basis.strip():
        raise Refused(
            "basis_missing",
            "请写明定价文件，没有保存。",
            en="Name the paper that sets the price; nothing was kept.",
            status=422,
        )
    with transaction.atomic():
        plan = write(wanted, region=region, by=by.ref, at=at, state=PlanState.PROPOSED)
        audit.record("sockets.plan_proposed", who=by.ref, about=f"sockets.plan:{plan.pk}", at=at, region=region)
    return plan


def write(
    wanted: Wanted, *, region: str, by: str, at: datetime, state: PlanState, second: str = "", confirmed: bool = False
) -> Plan:
    """Write the next version of a class with its rows, in the caller's transaction."""
    last = Plan.objects.filter(region=region, price_class=wanted.price_class).aggregate(n=Max("version"))["n"] or 0
    plan = Plan.objects.create(
        region=region,
        price_class=wanted.price_class,
        version=last + 1,
        first_on=wanted.first_on,
        name=wanted.name.zh,
        name_en=wanted.name.en,
        basis=wanted.basis.strip()[:300],
        confirmed=confirmed,
        state=state,
        proposed_by=by,
        proposed_at=at,
        decided_by=second,
        decided_at=at if second else None,
    )
    Price.objects.bulk_create(
        Price(
            region=region,
            plan=plan,
            months=sorted(rate.months),
            days=rate.days,
            first_min=rate.first_min,
            before_min=rate.before_min,
            band=rate.band,
            price=rate.price,
        )
        for rate in wanted.rates
    )
    return plan


def decide(*, plan_id: int, approve: bool, by: identity.Actor, at: datetime) -> Plan:
    """Approve or decline what another put forward. Raises Refused: no_such_plan, plan_decided, own_proposal, plan_not_ahead, plan_taken."""
    with transaction.atomic():
        plan = Plan.objects.select_for_update().filter(pk=plan_id).first()
        if plan is None:
            raise Refused("no_such_plan", "没有这个电价版本。", en="There is no such version.", status=404)
        if plan.state != PlanState.PROPOSED:
            raise Refused(
                "plan_decided", "这个版本已经处理过，没有改动。", en="It was decided already; nothing was changed."
            )
        if plan.proposed_by == by.ref:
            raise Refused(
                "own_proposal",
                "自己提出的电价要由另一人批准，没有改动。",
                en="Prices you put forward yourself are decided by another person; nothing was changed.",
            )
        if approve:
            _check_still_ahead(plan, at)
        plan.state = PlanState.APPROVED if approve else PlanState.DECLINED
        plan.decided_by, plan.decided_at = by.ref, at
        plan.save(update_fields=["state", "decided_by", "decided_at"])
        action = "sockets.plan_approved" if approve else "sockets.plan_declined"
        audit.record(action, who=by.ref, about=f"sockets.plan:{plan.pk}", at=at, region=plan.region)
    return plan


def _check_still_ahead(plan: Plan, at: datetime) -> None:
    tariff.check_first_day(plan.first_on, day_of(at))
    same = Plan.objects.filter(
        region=plan.region, price_class=plan.price_class, first_on=plan.first_on, state=PlanState.APPROVED
    )
    if same.exists():
        raise Refused(
            "plan_taken",
            "同一天已有批准的电价，没有改动；请换起始日期重新提出。",
            en="Another version begins on that day; nothing was changed. Put it forward for another day.",
        )
