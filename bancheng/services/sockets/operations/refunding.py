"""Refunds of a session: written down with their number before the channel is asked, each with its entry, never more than is left."""

from collections.abc import Sequence
from datetime import datetime

from bancheng.kernel.ledger import public as ledger
from bancheng.kernel.payments import public as payments
from bancheng.services.sockets.models import Prepay, Refund, Session
from bancheng.services.sockets.rules import money

ALL, SURE, REST, LATE = "all", "sure", "rest", "late"
PLANNED = "planned"


def post(session: Session, key: str, lines: Sequence[ledger.Line], kind: str, at: datetime) -> None:
    """Post an entry about a session; the same key and content again is the first entry."""
    ledger.post(
        region=session.region,
        key=f"sockets-{session.pk}-{key}",
        unit=ledger.Unit.FEN,
        lines=list(lines),
        kind=kind,
        about=f"session:{session.pk}",
        at=at,
        by="system",
    )


def refund(session: Session, fen: int, *, kind: str, at: datetime) -> None:
    """Plan a refund of the payment that counts. The caller saves the session; the database refuses more than is left."""
    if fen <= 0:
        return
    session.refunded_fen += fen
    _plan(session, session.prepays.get(counts=True), fen, kind, at)


def refund_payment(session: Session, prepay: Prepay, *, at: datetime) -> None:
    """Send a payment back whole that came too late or twice: it came in, and it goes out, beside the session's own money."""
    if prepay.paid_at is not None:
        return
    prepay.paid_at = at
    prepay.save(update_fields=["paid_at"])
    lines = money.paid(session.pk, channel=prepay.channel, fen=prepay.amount_fen)
    post(session, f"paid-{prepay.pk}", lines, "sockets.paid_too_late", at)
    _plan(session, prepay, prepay.amount_fen, LATE, at)


def _plan(session: Session, prepay: Prepay, fen: int, kind: str, at: datetime) -> None:
    number = session.refunds.count() + 1
    key = f"{session.pk.hex}-{number}"
    made = payments.refund(
        region=session.region, key=key, order_id=prepay.order_id, amount_fen=fen, reason=REASONS[kind], at=at
    )
    Refund.objects.create(
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
    lines = money.refund_planned(session.pk, channel=prepay.channel, fen=fen)
    post(session, f"refund-{number}", lines, "sockets.refund_planned", at)


REASONS = {
    ALL: "共享电源：未能接通，全额退款",
    SURE: "共享电源：设备离线，先退余额",
    REST: "共享电源：用电结束，退还余额",
    LATE: "共享电源：重复或超时支付，全额退款",
}


def again(session: Session, row: Refund, *, at: datetime) -> None:
    """Plan what a closed refund owed once more, under the next number. What was planned for the session stays the same sum."""
    _plan(session, row.prepay, row.amount_fen, row.kind, at)
