"""Sessions: the row, its account, what the account may do and whom it acts for come by one statement.

They are Django's, extended as Django provides for: how a session begins, gets another key, runs out and ends is Django's alone. A request
costs one statement in place of four. Others may have something of their own read along (`bring_along`).
"""

import json
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import auth
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.sessions.backends.db import SessionStore as DjangoStore
from django.db import connection
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare
from django.utils.functional import SimpleLazyObject, cached_property
from django.utils.timezone import localdate

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.identity import queries, rules
from bancheng.kernel.identity.models import Session, User
from bancheng.kernel.identity.rules import AccountKind, Actor, Grant

# grants as in queries.ACTOR, agencies as in queries.HASHES
READ = """
SELECT {columns}, s.session_data, s.expire_date, p.name, p.citizen_id_hash,
    g.role, g.unit, g.area, g.service, g.since, g.before, a.agencies{along}
FROM identity_session s
LEFT JOIN identity_user u ON u.id = s.account_id
LEFT JOIN identity_person p ON p.id = u.person_id
LEFT JOIN LATERAL (
    SELECT array_agg(role ORDER BY id) AS role, array_agg(unit ORDER BY id) AS unit, array_agg(area ORDER BY id) AS area,
        array_agg(service ORDER BY id) AS service, array_agg(since ORDER BY id) AS since, array_agg(before ORDER BY id) AS before
    FROM identity_rolegrant
    WHERE user_id = u.id AND closed_at IS NULL AND in_force AND since <= %(at)s AND (before IS NULL OR before > %(at)s)
) g ON true
LEFT JOIN LATERAL (
    SELECT json_agg(json_build_array(encode(hash, 'hex'), services, matters) ORDER BY hash)::text AS agencies FROM (
        SELECT coalesce(pp.citizen_id_hash, po.uscc_hash) AS hash, services, matters FROM identity_agency
        LEFT JOIN identity_person pp ON pp.id = principal_person_id
        LEFT JOIN identity_organisation po ON po.id = principal_organisation_id
        WHERE agent_id = u.person_id AND ended_at IS NULL AND first <= %(on)s AND (last IS NULL OR last >= %(on)s)
    ) AS of
) a ON true
WHERE s.session_key = %(key)s AND s.expire_date > %(now)s
"""
FIELDS = [field.attname for field in User._meta.concrete_fields]
COLUMNS = ", ".join(f'u."{field.column}"' for field in User._meta.concrete_fields)

_along: dict[str, Callable[[Any], None]] = {}


def bring_along(expression: str, put: Callable[[Any], None]) -> None:
    """Read an expression with each session, and hand its value over: for what nearly every request of who is signed in would ask."""
    _along[expression] = put


class SessionStore(DjangoStore):
    """Django's store; `account` is whom the row names, with `acts_as` on it, None until a session that names one was read."""

    account: User | None = None

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    @cached_property
    def model(self) -> type[Session]:
        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        row = super().create_model_instance(data)
        assert isinstance(row, Session)
        row.account_id = int(data[auth.SESSION_KEY]) if auth.SESSION_KEY in data else None
        return row

    def _get_session_from_db(self) -> Session | None:
        assert self.session_key
        at = clocks.now()
        asked: dict[str, Any] = {"key": self.session_key, "now": clocks.real_now(), "at": at, "on": localdate(at)}
        along = "".join(f", {expression}" for expression in _along)
        with connection.cursor() as cursor:
            cursor.execute(READ.format(columns=COLUMNS, along=along), asked)
            found = cursor.fetchone()
        if found is None:
            self._session_key = None
            return None
        columns, rest = found[: len(FIELDS)], found[len(FIELDS) :]
        data, expires, name, own, *grants, agencies = rest[:11]
        for put, value in zip(_along.values(), rest[11:], strict=True):
            put(value)
        if columns[0] is not None:
            self.account = User.from_db("default", FIELDS, columns)
            hashes = rules.Hashes(localdate(at), _scopes(own, agencies))
            self.account.acts_as = _acts_as(self.account, name, grants, hashes)
        return Session(session_key=self.session_key, session_data=data, expire_date=expires)


def _scopes(own: Any, agencies: str | None) -> tuple[tuple[bytes, tuple[str, ...], tuple[str, ...]], ...]:
    listed = json.loads(agencies or "[]")
    others = tuple((bytes.fromhex(hash_), tuple(services), tuple(matters)) for hash_, services, matters in listed)
    return ((bytes(own), (), ()), *others) if own is not None else others


def _acts_as(account: User, name: str, grants: list[Any], hashes: rules.Hashes) -> Actor:
    if not account.is_active:
        return rules.NOBODY
    if account.kind == AccountKind.CITIZEN:
        assert account.person_id
        return queries.citizen(account.pk, account.person_id, name, hashes)
    held = tuple(Grant(*columns) for columns in zip(*grants, strict=True)) if grants[0] else ()
    return queries.of_account(account.pk, account.kind, account.display_name, account.unit, account.title, held)


class AccountMiddleware(AuthenticationMiddleware):
    """Django's, but for the account: the one read with the session, where nothing speaks against it."""

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        request.user = SimpleLazyObject(lambda: account_of(request))  # type: ignore[assignment]  # as Django does


def account_of(request: HttpRequest) -> Any:
    """Return who has signed in.

    The account read with the session counts when the session says the same account, in a way of signing in that is still open, and its password is
    the one it was signed in with. Anything else is Django's to judge: it reads the account again, renews the session, or ends it.
    """
    session: Any = request.session
    said = session.get(auth.SESSION_KEY)  # reads the row
    account: User | None = session.account
    if (
        account is not None
        and account.is_active
        and said == str(account.pk)
        and session.get(auth.BACKEND_SESSION_KEY) in settings.AUTHENTICATION_BACKENDS
        and constant_time_compare(session.get(auth.HASH_SESSION_KEY, ""), account.get_session_auth_hash())
    ):
        return account
    return auth.get_user(request)
