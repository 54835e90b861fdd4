"""The demonstration's staff: named roles entered by one press. Nothing here works unless BANCHENG_DEMO is on.

Citizens of the demonstration come in as everywhere else, by OpenID Connect, against the simulated identity provider.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

from django.conf import settings
from django.contrib.auth import login
from django.db import transaction
from django.http import HttpRequest

from bancheng.kernel.identity import operations, queries
from bancheng.kernel.identity.models import RoleGrant, User
from bancheng.kernel.identity.rules import MACHINE, ROLES
from bancheng.lib.refusal import Refused
from bancheng.lib.text import Text

DATA = Path(__file__).parent / "data" / "demo_staff.toml"


@dataclass(frozen=True)
class DemoPerson:
    """One door of the demonstration."""

    code: str
    name: str
    title: Text
    says: Text
    icon: str
    unit: str  # key of [units] in the data file
    roles: tuple[str, ...]


@cache
def _read() -> tuple[dict[str, str], tuple[DemoPerson, ...]]:
    data = tomllib.loads(DATA.read_text(encoding="utf-8"))
    people = tuple(
        DemoPerson(
            row["code"],
            row["name"],
            Text(*row["title"].split("|")),
            Text(*row["says"].split("|")),
            row["icon"],
            row["unit"],
            tuple(row["roles"]),
        )
        for row in data["staff"]
    )
    return data["units"], people


def _check_demo() -> None:
    if not settings.DEMO:
        raise Refused("no_demo", "正式环境没有演示登录。", en="There is no demonstration sign-in here.", status=404)


def demo_people() -> tuple[DemoPerson, ...]:
    """Return the doors of the demonstration; none where it is off."""
    return _read()[1] if settings.DEMO else ()


def load_demo(*, at: datetime, units: Mapping[str, str] | None = None) -> int:
    """Open the demonstration's accounts with their roles and return how many were new. Run it as often as you like.

    `units` names the codes of "market", "justice" and "data" where the city's pack has others. Raises Refused outside a demo.
    """
    _check_demo()
    codes, people = _read()
    codes = {**codes, **(units or {})}
    with transaction.atomic():
        made = sum(_open(person, codes[person.unit], at) for person in people)
        accounts = dict(User.objects.exclude(demo_code="").values_list("demo_code", "pk"))
        operators = [accounts[person.code] for person in people if "operator" in person.roles]
        if not RoleGrant.objects.filter(role="operator", closed_at=None).exists():
            operations.appoint_first_operators(
                first_id=operators[0], second_id=operators[1], region=settings.REGION, at=at
            )
        first, second = (queries.actor(pk, at=at) for pk in operators[:2])
        for person in people:
            for role in person.roles:
                if role != "operator":
                    unit = codes[person.unit] if ROLES[role].needs_unit else ""
                    given = operations.grant(
                        user_id=accounts[person.code], role=role, unit=unit, region=settings.REGION, by=first, at=at
                    )
                    if not given.in_force:
                        operations.approve_grant(grant_id=given.pk, by=second, at=at)
    return made


def _open(person: DemoPerson, unit: str, at: datetime) -> bool:
    if User.objects.filter(demo_code=person.code).exists():
        return False
    user = operations.open_staff_account(
        username=f"demo-{person.code}",
        name=person.name,
        region=settings.REGION,
        unit=unit,
        title=person.title.zh,
        by=MACHINE,
        at=at,
    )
    User.objects.filter(pk=user.pk).update(demo_code=person.code)
    return True


def demo_sign_in(request: HttpRequest, code: str) -> None:
    """Sign the browser in as a named role of the demonstration. Raises Refused."""
    _check_demo()
    user = User.objects.filter(demo_code=code, is_active=True).exclude(demo_code="").first()
    if user is None:
        raise Refused(
            "no_such_demo_person",
            "没有这个演示角色，请返回登录页重新选择。",
            en="There is no such demonstration role: go back and choose again.",
            status=404,
        )
    login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
