"""What people and payments do to a session: reserve and order, pay, end it, and what the channel says of refunds.

Devices are followed (`following`), time is looked for (`scanning`). All of them carry out the one table of states (`happening`).
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction

from bancheng.kernel.payments import public as payments
from bancheng.lib import identifiers
from bancheng.lib.refusal import Refused
from bancheng.services.sockets import telling
from bancheng.services.sockets.models import Prepay, Refund, Session, SocketState
from bancheng.services.sockets.operations import handwork, refunding, trouble
from bancheng.services.sockets.operations.happening import Told, about, enter, happen
from bancheng.services.sockets.queries import grounds
from bancheng.services.sockets.rules import money, offers, quota, sessions
from bancheng.services.sockets.rules.sessions import HOLDS_SOCKET, Cause, Event, State

PAYER = "payer"  # whoever scanned: he has no account, and the record does not name him


@dataclass(frozen=True)
class Reserved:
    """A session that waits for its payment, with the secret that makes it the payer's."""

    session: Session
    secret: str
    order_id: UUID


def secret_hash(secret: str) -> bytes:
    """Return what is kept of a payer's secret."""
    return hashlib.sha256(secret.encode()).digest()


def reserve(
    *,
    code: str,
    prepay_fen: int,
    channel: str,
    at: datetime,
    language: str = "zh",
    openid: str = "",
    payer_ip: str = "",
) -> Reserved:
    """Reserve a socket for three minutes and order its prepayment.

    Raises Refused: no_such_socket, socket_not_open, meter_expired, no_tariff, gateway_offline, socket_faulty, bad_amount, socket_busy.
    """
    ground = grounds.of(code, at=at)
    offers.check_amount(prepay_fen, most=ground.most_fen)
    secret = secrets.token_urlsafe(24)
    longest = at + timedelta(seconds=ground.longest_s)
    session = Session(
        id=identifiers.uuid7(at),
        region=ground.region,
        socket_id=ground.socket_id,
        site_id=ground.site_id,
        gateway=ground.gateway,
        wire=ground.wire,
        token_hash=secret_hash(secret),
        language=language,
        created_at=at,
        prepay_fen=prepay_fen,
        plan_id=ground.plan_id,
        highest_price=ground.highest(at, longest),
        most_w=ground.most_w,
        idle_w=ground.idle_w,
        longest_s=ground.longest_s,
    )
    session.quota_wh = quota.first(prepay_fen, highest=session.highest_price)
    enter(session, State.CREATED, at)
    with transaction.atomic():
        session.boot, session.seq = _stands_at(session)
        try:
            with transaction.atomic():
                session.save(force_insert=True)
        except IntegrityError as taken:
            if "one_open_session_per_socket" in str(taken):
                raise offers.busy() from None
            raise
        order_id = _order(session, channel, openid, at, payer_ip)
        happen(session, Event.PREPAY_ACCEPTED, Told(at, by=PAYER))
        session.save()
    return Reserved(session, secret, order_id)


def _stands_at(session: Session) -> tuple[int, int]:
    """Return how far the socket's log is: what stands there already is not this session's."""
    row = (
        SocketState.objects.filter(region=session.region, gateway=session.gateway, wire=session.wire)
        .order_by("-boot")
        .values_list("boot", "stored")
        .first()
    )
    return row or (0, 0)


def _order(session: Session, channel: str, openid: str, at: datetime, payer_ip: str = "") -> UUID:
    number = session.prepays.count() + 1
    made = payments.order(
        region=session.region,
        key=f"{session.pk.hex[-28:]}-{number}",
        channel=channel,
        amount_fen=session.prepay_fen,
        description="共享电源预付电费",
        about=about(session),
        pay_before=session.created_at + timedelta(seconds=sessions.RESERVE_SECONDS),
        at=at,
        openid=openid,
        return_url=telling.back_from_paying(),
        payer_ip=payer_ip,
    )
    Prepay.objects.create(
        region=session.region,
        session=session,
        order_id=made.id,
        channel=channel,
        amount_fen=session.prepay_fen,
        created_at=at,
    )
    order_id: UUID = made.id
    return order_id


def pay_otherwise(*, session_id: UUID, channel: str, at: datetime, openid: str = "") -> UUID:
    """Order the same prepayment by another channel; of two that are paid one goes back (X2). Raises Refused: not_waiting."""
    with transaction.atomic():
        session = locked(session_id)
        if State(session.state) is not State.PAYING:
            raise Refused(
                "not_waiting",
                "这次用电已不在等待支付，没有再下单；请看页面上的最新状态。",
                en="This session no longer waits for payment, so nothing was ordered. The page shows where it stands.",
            )
        open_ = session.prepays.filter(channel=channel, paid_at=None).first()
        return open_.order_id if open_ else _order(session, channel, openid, at)


def look_for_payment(session: Session, *, at: datetime) -> None:
    """Have the channel asked, while somebody waits for it, whether his payment came in: its call may be lost, he need not be."""
    for prepay in session.prepays.filter(paid_at=None):
        payments.query(prepay.order_id, at)


def locked(session_id: UUID) -> Session:
    """Return the session, its row held until the transaction ends. Raises Refused("no_such_session")."""
    found = Session.objects.select_for_update(of=("self",)).filter(pk=session_id).first()
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


def note_paid(paid: payments.Paid) -> None:
    """Take in a verified payment, by callback or query, in the transaction that verified it.

    The first that comes in time counts and starts the socket; any other goes back whole, with a number of its own (X1, X2).
    """
    prepay = Prepay.objects.filter(order_id=paid.order.id).first()
    if prepay is None:
        return  # an order of another service
    session = locked(prepay.session_id)
    prepay.refresh_from_db()
    if prepay.paid_at is not None:
        return
    happen(session, Event.PAID, Told(paid.at, by=f"channel:{prepay.channel}", prepay=prepay))
    if State(session.state) not in sessions.FINAL:
        session.save()


def stop(*, session_id: UUID, by: str, at: datetime, cause: Cause = Cause.USER) -> State:
    """End a session: as often as anybody likes, the first cause stands. Raises Refused("no_such_session")."""
    with transaction.atomic():
        session = locked(session_id)
        state = State(session.state)
        if state is State.PAYING:  # nothing was paid yet
            happen(session, Event.PAY_TIMED_OUT, Told(at, by=by))
            session.save()
        elif state in sessions.STOPPABLE:
            happen(session, Event.STOP, Told(at, by=by, cause=cause))
            session.save()
        return State(session.state)


def force_off(*, code: str, by: str, at: datetime) -> State:
    """Let a dispatcher switch a socket off that somebody uses: off at any time, on never. Raises Refused("not_in_use")."""
    session = Session.objects.filter(socket__code=code, state__in=HOLDS_SOCKET).first()
    if session is None:
        raise Refused(
            "not_in_use",
            "这个插座没有人在用，不需要断电。",
            en="Nobody uses this socket; there is nothing to switch off.",
        )
    return stop(session_id=session.pk, by=by, at=at, cause=Cause.OPERATOR)


def note_refund(moved: payments.RefundMoved) -> None:
    """Take in what the channel says of a refund, with its entry; the last of a session closes it."""
    row = Refund.objects.filter(refund_id=moved.refund.id).select_related("prepay").first()
    if row is None:
        handwork.note_refund(moved)
        return
    session = locked(row.session_id)
    row.refresh_from_db()
    state = str(moved.state)
    if row.state in ("success", "closed") or row.state == state:
        return
    at = moved.at
    row.state = state
    row.done_at = at if state == "success" else None
    row.save(update_fields=["state", "done_at"])
    if state == "success":
        lines = money.refund_done(channel=row.prepay.channel, fen=row.amount_fen)
        refunding.post(session, f"refund-{row.number}-done", lines, "sockets.refund_done", at)
        _close_when_all_went_back(session, at)
        trouble.refunds_done(session, at=at)
    elif state == "closed":
        _try_anew(session, row, at)
    elif state == "abnormal":
        _stuck(session, at)


def _close_when_all_went_back(session: Session, at: datetime) -> None:
    if State(session.state) not in (State.REFUNDING, State.ATTENTION):
        return
    if not session.refunds.exclude(state__in=["success", "closed"]).exists():
        happen(session, Event.REFUNDED, Told(at, by="channel"))
        session.save()


def _try_anew(session: Session, row: Refund, at: datetime) -> None:
    """A refund that the channel closed was never carried out: it is owed again, and goes under a new number (X15)."""
    lines = money.refund_failed(session.pk, channel=row.prepay.channel, fen=row.amount_fen)
    refunding.post(session, f"refund-{row.number}-failed", lines, "sockets.refund_failed", at)
    refunding.again(session, row, at=at)


def _stuck(session: Session, at: datetime) -> None:
    """Finance is called whatever the session does: a part that is sure goes back before the bill, a late payment after the end."""
    if State(session.state) in (State.REFUNDING, State.ATTENTION):
        happen(session, Event.REFUND_STUCK, Told(at, by="channel"))
        session.save()
    trouble.call_finance(session, at=at)
