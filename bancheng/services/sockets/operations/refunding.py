"""Refunds of a session: written down with their number before the channel is asked, each with its entry, never more than is left."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from bancheng.kernel.ledger import public as ledger
from bancheng.kernel.payments import public as payments
from bancheng.lib import rows
from bancheng.services.sockets.models import Prepay, Refund, Session
from bancheng.services.sockets.operations import trouble
from bancheng.services.sockets.rules import money

ALL, SURE, REST, LATE = "all", "sure", "rest", "late"
PLANNED = "planned"

# These are asked once the session is held, so that they say how it is now.
NUMBER = "SELECT count(*) FROM sockets_refund WHERE (region, session_id) = (%s, %s)"
PAID = f"""
SELECT {rows.columns(Prepay, "prepay")}, (
    SELECT count(*) FROM sockets_refund AS refund WHERE (refund.region, refund.session_id) = (prepay.region, prepay.session_id)
) FROM sockets_prepay AS prepay WHERE session_id = %s AND counts
"""
STANDS = f"""
SELECT {rows.columns(Refund, "refund")}, EXISTS (
    SELECT FROM sockets_refund AS other WHERE (other.region, other.session_id) = (refund.region, refund.session_id)
        AND other.id <> refund.id AND other.state NOT IN ('success', 'closed')
), EXISTS (
    SELECT FROM sockets_ticket AS ticket WHERE (ticket.region, ticket.cause) = (refund.region, %s) AND ticket.closed_at IS NULL
) FROM sockets_refund AS refund WHERE (refund.region, refund.session_id) = (%s, %s) AND refund.refund_id = %s
"""
GOES_ON = """
UPDATE sockets_refund SET state = %(state)s, done_at = NULL
WHERE (region, refund_id) = (%(region)s, %(refund)s) AND state NOT IN ('success', 'closed')
"""


def post(
    session: Session, key: str, lines: Sequence[ledger.Line], kind: str, at: datetime, *, opens: bool = False
) -> None:
    """Have an entry about a session posted when it is written; `opens`: its account is a new one."""
    session.made.entries.append(
        {
            "region": session.region,
            "key": f"sockets-{session.pk}-{key}",
            "unit": ledger.Unit.FEN,
            "lines": list(lines),
            "kind": kind,
            "about": f"session:{session.pk}",
            "at": at,
            "by": "system",
            "opens": opens,
        }
    )


def refund(session: Session, fen: int, *, kind: str, at: datetime) -> None:
    """Plan a refund of the payment that counts. The caller writes the session; the database refuses more than is left."""
    if fen <= 0:
        return
    with connection.cursor() as cursor:
        cursor.execute(PAID, [session.pk])
        ((prepay, number),) = rows.found_in(cursor, Prepay)
    session.refunded_fen += fen
    _plan(session, prepay, number, fen, kind, at)


def refund_payment(session: Session, prepay: Prepay, *, at: datetime) -> None:
    """Send a payment back whole that came too late or twice: it came in, and it goes out, beside the session's own money."""
    if prepay.paid_at is not None:
        return
    prepay.paid_at = at
    session.made.prepays.append(prepay)
    lines = money.paid(session.pk, channel=prepay.channel, fen=prepay.amount_fen)
    post(session, f"paid-{prepay.pk}", lines, "sockets.paid_too_late", at)
    _plan(session, prepay, _number(session), prepay.amount_fen, LATE, at)


def _number(session: Session) -> int:
    with connection.cursor() as cursor:
        cursor.execute(NUMBER, [session.region, session.pk])
        return int(cursor.fetchone()[0])


def _plan(session: Session, prepay: Prepay, so_far: int, fen: int, kind: str, at: datetime) -> None:
    number = so_far + len(session.made.refunds) + 1
    key = f"{session.pk.hex}-{number}"
    made = payments.refund(
        region=session.region, key=key, order_id=prepay.order_id, amount_fen=fen, reason=REASONS[kind], at=at
    )
    session.made.refunds.append(
        Refund(
            region=session.region,
            session=session,
            number=number,
            prepay=prepay,
            kind=kind,
            amount_fen=fen,
            refund_id=made.id,
            state=PLANNED,
            planned_at=at,
        )
    )
    lines = money.refund_planned(session.pk, channel=prepay.channel, fen=fen)
    post(session, f"refund-{number}", lines, "sockets.refund_planned", at)


REASONS = {
    ALL: "共享电源：未能接通，全额退款",
    SURE: "共享电源：设备离线，先退余额",
    REST: "共享电源：用电结束，退还余额",
    LATE: "共享电源：重复或超时支付，全额退款",
}


def again(session: Session, row: Refund, prepay: Prepay, *, at: datetime) -> None:
    """Plan what a closed refund owed once more, under the next number. What was planned for the session stays the same sum."""
    _plan(session, prepay, _number(session), row.amount_fen, row.kind, at)


def under_way(session: Session) -> bool:
    """Return whether a refund of a session has not succeeded yet."""
    stored = Refund.objects.filter(region=session.region, session=session).exclude(state="success")
    return bool(session.made.refunds) or stored.exists()


def goes_on(refund: payments.RefundView, state: str) -> None:
    """Keep how far a refund is that is neither done nor anybody's work: it moves nothing else."""
    given: dict[str, Any] = {"state": state, "region": refund.region, "refund": refund.id}
    with connection.cursor() as cursor:
        cursor.execute(GOES_ON, given)


def stands(session: Session, refund: payments.RefundView) -> tuple[Refund, bool, bool] | None:
    """Return what a refund is of a session, whether another is under way, and whether finance has a ticket; None for one by hand."""
    with connection.cursor() as cursor:
        cursor.execute(STANDS, [trouble.refund_cause(session), session.region, session.pk, refund.id])
        found = rows.found_in(cursor, Refund)
    return (found[0][0], found[0][1], found[0][2]) if found else None
