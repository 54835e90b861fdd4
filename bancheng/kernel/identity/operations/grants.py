"""Roles: given, confirmed by a second person, taken back."""

from datetime import datetime

from django.db import transaction

from bancheng.kernel.audit import public as audit
from bancheng.kernel.identity import rules
from bancheng.kernel.identity.models import RoleGrant, User
from bancheng.kernel.identity.rules import Actor
from bancheng.lib.refusal import Refused


def grant(
    *,
    user_id: int,
    role: str,
    region: str,
    unit: str = "",
    area: str = "",
    service: str = "",
    since: datetime | None = None,
    before: datetime | None = None,
    by: Actor,
    at: datetime,
) -> RoleGrant:
    """Give a role to a staff or machine account; one that needs a second person waits for `approve_grant`.

    Giving an open grant again returns it as it is. Raises Refused.
    """
    _check_may_grant(by, role, unit=unit, user_id=user_id)
    since = since or at
    _check_grant(role, unit, since, before, at)
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=user_id)
        if user.kind == rules.AccountKind.CITIZEN:
            raise Refused(
                "citizen_account",
                "个人账号不能担任工作角色，请使用工作账号。",
                en="A citizen's account cannot hold a staff role.",
            )
        given, made = RoleGrant.objects.get_or_create(
            region=region,
            user=user,
            role=role,
            unit=unit,
            area=area,
            service=service,
            closed_at=None,
            defaults={
                "since": since,
                "before": before,
                "granted_by": by.ref,
                "granted_at": at,
                "in_force": not rules.role(role).needs_second,
            },
        )
        if made:
            _about_grant("identity.role_granted" if given.in_force else "identity.role_asked", given, who=by.ref, at=at)
    return given


def _check_grant(role: str, unit: str, since: datetime, before: datetime | None, at: datetime) -> None:
    if rules.role(role).needs_unit and not unit:
        raise Refused(
            "grant_without_unit", "这个角色须指定单位，请先选择单位。", en="This role needs a unit: choose one."
        )
    if before is not None and before <= max(since, at):
        raise Refused(
            "grant_already_over",
            "授权的结束时间已过或早于开始时间，请核对。",
            en="The grant would be over before it begins.",
        )


def approve_grant(*, grant_id: int, by: Actor, at: datetime) -> RoleGrant:
    """Confirm, as a second person, a grant that moves clocks, fees or accounts (P-2). Raises Refused."""
    with transaction.atomic():
        given = RoleGrant.objects.select_for_update().get(pk=grant_id)
        _check_may_grant(by, given.role, unit=given.unit, user_id=given.user_id)
        if given.closed_at is not None:
            raise Refused(
                "grant_closed", "这项授权已经撤销，请重新发起。", en="This grant was withdrawn: ask for it again."
            )
        if given.granted_by == by.ref:
            raise Refused(
                "second_person_needed",
                "这项授权须由另一人确认，请联系另一位管理员。",
                en="A second person must confirm this grant.",
            )
        if not given.in_force:
            given.second_by, given.in_force = by.ref, True
            given.save(update_fields=["second_by", "in_force"])
            _about_grant("identity.role_granted", given, who=by.ref, at=at)
    return given


def revoke(*, grant_id: int, by: Actor, at: datetime) -> None:
    """Take a role back, or turn down one that waits; from the next request on it is gone. Twice changes nothing."""
    with transaction.atomic():
        given = RoleGrant.objects.select_for_update().get(pk=grant_id)
        _check_may_grant(by, given.role, unit=given.unit)
        if given.closed_at is None:
            _close(given, "identity.role_revoked", who=by.ref, at=at)


def expire_grants(*, at: datetime) -> int:
    """Close the grants whose time is over and return how many; they have had no force since `before` anyway."""
    with transaction.atomic():
        over = RoleGrant.objects.select_for_update(skip_locked=True).filter(closed_at=None, before__lte=at)
        return sum(_close(given, "identity.role_expired", who=rules.PLATFORM, at=at) for given in over)


def appoint_first_operators(*, first_id: int, second_id: int, region: str, at: datetime) -> None:
    """Make two accounts the first operators of a new city. Raises Refused when there are any: operators appoint operators."""
    if first_id == second_id:
        raise Refused("second_person_needed", "须有两个不同的运维账号。", en="Two different accounts are needed.")
    with transaction.atomic():
        if RoleGrant.objects.filter(role="operator", closed_at=None).exists():
            raise Refused(
                "operators_exist",
                "平台已有运维人员，新的运维授权请由他们办理。",
                en="There are operators already: ask them.",
            )
        for user_id, other in ((first_id, second_id), (second_id, first_id)):
            given = RoleGrant.objects.create(
                region=region, user_id=user_id, role="operator", since=at, in_force=True,
                granted_by=rules.PLATFORM, granted_at=at, second_by=f"staff:{other}",
            )  # fmt: skip
            _about_grant("identity.role_granted", given, who=rules.PLATFORM, at=at)


def _check_may_grant(by: Actor, role: str, *, unit: str, user_id: int | None = None) -> None:
    if role not in rules.ROLES:
        raise Refused("no_such_role", "没有这个角色，请从列表中选择。", en="There is no such role.", status=422)
    if not rules.may_grant(by, role, unit=unit):
        raise Refused(
            "may_not_grant",
            "您没有权限办理这项授权，请联系平台运维。",
            en="You may not give or take this role.",
            status=403,
        )
    if user_id is not None and by.user_id == user_id:
        raise Refused(
            "own_grant", "不能给自己授权，请由另一人办理。", en="Nobody grants a role to himself.", status=403
        )


def _close(given: RoleGrant, action: str, *, who: str, at: datetime) -> int:
    given.closed_at, given.closed_by = at, who
    given.save(update_fields=["closed_at", "closed_by"])
    _about_grant(action, given, who=who, at=at)
    return 1


def _about_grant(action: str, given: RoleGrant, *, who: str, at: datetime) -> None:
    scope = {name: value for name in ("unit", "area", "service") if (value := getattr(given, name))}
    audit.record(
        action,
        who=who,
        about=f"staff:{given.user_id}",
        at=at,
        region=given.region,
        detail={"grant": given.pk, "role": given.role, **scope},
    )
