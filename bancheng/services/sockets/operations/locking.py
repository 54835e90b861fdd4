"""A session is locked first and whoever else is needed after it: the refund at the payments kernel, its order, a refund by hand, a ticket that is
opened, the accounts, a ticket that is closed. Everybody keeps this order, so nobody waits in a ring; payments asks us before it locks anything of its own (`payments.moving`).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from bancheng.kernel.payments import public as payments
from bancheng.lib import rows
from bancheng.lib.refusal import Refused
from bancheng.services.sockets.models import Prepay, Session
from bancheng.services.sockets.operations import writing

PHONE = "EXISTS (SELECT FROM sockets_contact AS contact WHERE contact.session_id = session.id)"
ONE = f"SELECT {rows.columns(Session, 'session')}, {PHONE} FROM sockets_session AS session WHERE id = %s FOR UPDATE"
ONE_THAT_IS_FREE = f"{ONE} SKIP LOCKED"
# both rows, so that whoever had to wait sees both as they are now
OF_ORDER = f"""
SELECT {rows.columns(Session, "session")}, {rows.columns(Prepay, "prepay")}, {PHONE}
FROM sockets_session AS session JOIN sockets_prepay AS prepay ON prepay.session_id = session.id
WHERE prepay.order_id = %s FOR UPDATE OF session, prepay
"""


@dataclass(frozen=True)
class Held:
    """A session that is locked, with the payment that led to it."""

    session: Session
    prepay: Prepay


def one(session_id: UUID, *, wait: bool = True) -> Session | None:
    """Return a session, its row held until the transaction ends; None when there is none, or, without `wait`, when somebody else holds it."""
    with connection.cursor() as cursor:
        cursor.execute(ONE if wait else ONE_THAT_IS_FREE, [session_id])
        found = rows.found_in(cursor, Session)
    return _read(*found[0]) if found else None


def locked(session_id: UUID) -> Session:
    """Return a session, its row held until the transaction ends. Raises Refused("no_such_session")."""
    found = one(session_id)
    if found is None:
        raise no_such_session()
    return found


def no_such_session() -> Refused:
    """Return the refusal for what is not there, or not the reader's."""
    return Refused(
        "no_such_session",
        "没有找到这次用电，请用付款时的手机打开，或扫插座上的二维码。",
        en="There is no such session here. Open it on the phone that paid, or scan the code on the socket.",
        status=404,
    )


def hold(moving: payments.Moving) -> Held | None:
    """Lock the session of an order that a channel speaks of, before payments locks the order; None for one of another service."""
    with connection.cursor() as cursor:
        cursor.execute(OF_ORDER, [moving.order_id])
        found = rows.found_in(cursor, Session, Prepay)
    return Held(_read(found[0][0], found[0][2]), found[0][1]) if found else None


def held(by: Iterable[object]) -> Held | None:
    """Return what we hold of what all listeners do."""
    return next((one for one in by if isinstance(one, Held)), None)


def _read(session: Session, phone: bool) -> Session:
    session.phone = phone
    session.made.before = writing.columns_of(session)
    return session
