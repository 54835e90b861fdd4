"""Accounts: opened, closed, opened again."""

from datetime import datetime

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from bancheng.kernel.audit import public as audit
from bancheng.kernel.identity import rules
from bancheng.kernel.identity.models import Person, User
from bancheng.kernel.identity.rules import Actor
from bancheng.lib.identifiers import normalise_name
from bancheng.lib.refusal import Refused


def open_staff_account(
    *,
    username: str,
    name: str,
    region: str,
    unit: str = "",
    title: str = "",
    password: str = "",
    by: Actor,
    at: datetime,
) -> User:
    """Open a staff account; without a password it can only be entered after one is set. Raises Refused."""
    _check_keeps_accounts(by)
    if password:
        check_password_strength(password)
    with transaction.atomic():
        if User.objects.filter(username=username).exists():
            raise _taken()
        user = User.objects.create(
            username=username,
            password=make_password(password or None),
            display_name=normalise_name(name),
            unit=unit,
            title=title,
            date_joined=at,
        )
        audit.record("identity.account_opened", who=by.ref, about=f"staff:{user.pk}", at=at, region=region)
    return user


def open_machine_account(*, username: str, name: str, region: str, by: Actor, at: datetime) -> User:
    """Open the account of another organisation's system (P-7): nobody signs in with it, its requests are signed. Raises Refused."""
    _check_keeps_accounts(by)
    with transaction.atomic():
        if User.objects.filter(username=username).exists():
            raise _taken()
        user = User.objects.create(
            username=username,
            password=make_password(None),
            kind=rules.AccountKind.MACHINE,
            display_name=normalise_name(name),
            date_joined=at,
        )
        audit.record("identity.account_opened", who=by.ref, about=f"machine:{user.pk}", at=at, region=region)
    return user


def _taken() -> Refused:
    return Refused("username_taken", "这个用户名已被使用，请换一个。", en="This user name is taken: choose another.")


def set_account_active(*, user_id: int, active: bool, region: str, by: Actor, at: datetime) -> None:
    """Close an account to its holder, or open it again; its sessions end with the next request. Raises Refused."""
    _check_keeps_accounts(by)
    if by.user_id == user_id:
        raise Refused(
            "own_account", "不能停用自己的账号，请由另一人办理。", en="Ask another operator to do it.", status=403
        )
    with transaction.atomic():
        changed = User.objects.filter(pk=user_id, is_active=not active).update(is_active=active)
        if changed:
            action = "identity.account_reopened" if active else "identity.account_closed"
            audit.record(action, who=by.ref, about=f"staff:{user_id}", at=at, region=region)


def _check_keeps_accounts(by: Actor) -> None:
    if by.ref != rules.PLATFORM and not by.has("operator"):
        raise Refused(
            "may_not_keep_accounts",
            "账号由平台运维管理，请联系他们。",
            en="Operators keep accounts: ask them.",
            status=403,
        )


def check_password_strength(password: str) -> None:
    """Raise Refused when a password is too short or too common."""
    try:
        validate_password(password)
    except ValidationError:
        raise Refused(
            "weak_password",
            "密码至少10位且不能是常用密码，请换一个。",
            en="At least 10 characters, and not a common one.",
            status=422,
        ) from None


def citizen_account(*, person: Person, at: datetime) -> User:
    """Return the account of `person`, opened when he signs in for the first time; it has no password."""
    user, _ = User.objects.get_or_create(
        person=person,
        defaults={
            "username": f"citizen-{person.pk}",
            "kind": rules.AccountKind.CITIZEN.value,
            "password": make_password(None),
            "date_joined": at,
        },
    )
    return user
