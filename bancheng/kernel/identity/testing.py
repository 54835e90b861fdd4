"""People for other parts' tests: staff with a role, citizens, their actors and signed-in clients."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from itertools import count

from django.contrib.auth import get_user
from django.http import HttpRequest
from django.test import Client

from bancheng.kernel.identity import operations, queries
from bancheng.kernel.identity.models import RoleGrant, User
from bancheng.kernel.identity.rules import NOBODY, PLATFORM, ROLES, Actor
from bancheng.lib import identifiers

AT = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
REGION = "411000"
_serial = count(1)


def citizen_id(serial: int = 1, *, born: date = date(1980, 1, 1)) -> str:
    """Return the ID of the `serial`-th invented person."""
    return identifiers.make_citizen_id("411002", born, serial)


def staff(
    role: str = "",
    *,
    unit: str = "",
    area: str = "",
    service: str = "",
    since: datetime = AT,
    before: datetime | None = None,
    name: str = "测试人员",
    password: str | None = None,
) -> User:
    """Return a stored staff account that holds `role` from `since` on (none: an account without a role)."""
    user = User(username=f"staff-{next(_serial)}", display_name=name, unit=unit, date_joined=since)
    user.set_password(password)
    user.save()
    if role:
        grant(user, role, unit=unit, area=area, service=service, since=since, before=before)
    return user


def grant(
    user: User,
    role: str,
    *,
    unit: str = "",
    area: str = "",
    service: str = "",
    since: datetime = AT,
    before: datetime | None = None,
) -> RoleGrant:
    """Return a stored grant in force."""
    return RoleGrant.objects.create(
        region=REGION,
        user=user,
        role=role,
        unit=unit,
        area=area,
        service=service,
        since=since,
        before=before,
        granted_by=PLATFORM,
        granted_at=since,
        second_by="staff:0" if ROLES[role].needs_second else "",
        in_force=True,
    )


def citizen(
    name: str = "赵建军",
    *,
    serial: int = 1,
    born: date = date(1980, 1, 1),
    mobile: str = "",
    special: Sequence[str] = (),
) -> User:
    """Return the account of a stored citizen; the person is `.person`. The same `serial` and birthday is the same person."""
    person = operations.register_person(
        region=REGION,
        name=name,
        citizen_id=citizen_id(serial, born=born),
        mobile=mobile or identifiers.make_mobile(serial),
        special=special,
        by=PLATFORM,
        at=AT,
    )
    operations.prove_identity(person=person, method="city", by=PLATFORM, at=AT)  # as every sign-in does
    return operations.citizen_account(person=person, at=AT)


def actor(user: User, *, at: datetime = AT) -> Actor:
    """Return who `user` acts as at `at`."""
    return queries.actor(user.pk, at=at)


def client_for(user: User | None) -> Client:
    """Return a browser signed in as `user`, or as nobody."""
    client = Client()
    if user is not None:
        client.force_login(user)
    return client


def signed_in(client: Client) -> str:
    """Return the `ref` of whom the site takes `client` for."""
    request = HttpRequest()
    request.session = client.session
    user = get_user(request)
    return queries.actor(user.pk, at=AT).ref if user.is_authenticated else NOBODY.ref
