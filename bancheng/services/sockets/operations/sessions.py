"""What people and payments do to a session: reserve and order, pay, end it, and what the channel says of refunds.

Devices are followed (`following`), time is looked for (`scanning`). All of them carry out the one table of states (`happening`).
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from bancheng.kernel.jobs import public as jobs
from bancheng.kernel.payments import public as payments
from bancheng.lib import identifiers
from bancheng.lib.refusal import Refused
from bancheng.services.sockets import telling
from bancheng.services.sockets.models import Prepay, Refund, Session
from bancheng.services.sockets.operations import handwork, locking, refunding, trouble, writing
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
    session.boot, session.seq = ground.log  # what stands there already is not this session's
    enter(session, State.CREATED, at)
    with jobs.act():
        prepay = _order(session, 1, channel, openid, at, payer_ip)
        happen(session, Event.PREPAY_ACCEPTED, Told(at, by=PAYER))
        writing.begin(session, prepay)
    return Reserved(session, secret, prepay.order_id)


def _order(session: Session, number: int, channel: str, openid: str, at: datetime, payer_ip: str = "") -> Prepay:
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
    return Prepay(
        region=session.region,
        session=session,
        order_id=made.id,
        channel=channel,
        amount_fen=session.prepay_fen,
        created_at=at,
    )


def pay_otherwise(*, session_id: UUID, channel: str, at: datetime, openid: str = "") -> UUID:
    """Order the same prepayment by another channel; of two that are paid one goes back (X2). Raises Refused: not_waiting."""
    with jobs.act():
        session = locking.locked(session_id)
        if State(session.state) is not State.PAYING:
            raise Refused(
                "not_waiting",
                "这次用电已不在等待支付，没有再下单；请看页面上的最新状态。",
                en="This session no longer waits for payment, so nothing was ordered. The page shows where it stands.",
            )
        open_ = session.prepays.filter(channel=channel, paid_at=None).first()
        if open_ is None:
            open_ = _order(session, session.prepays.count() + 1, channel, openid, at)
            open_.save(force_insert=True)
        order_id: UUID = open_.order_id
        return order_id


def look_for_payment(session: Session, *, at: datetime) -> None:
    """Have the channel asked, while somebody waits for it, whether his payment came in: its call may be lost, he need not be."""
    for prepay in session.prepays.filter(paid_at=None):
        payments.query(prepay.order_id, at)


def note_paid(paid: payments.Paid) -> None:
    """Take in a verified payment, by callback or query, in the transaction that verified it.

    The first that comes in time counts and starts the socket; any other goes back whole, with a number of its own (X1, X2).
    """
    held = locking.held(paid.held)
    if held is None or held.prepay.paid_at is not None:
        return  # an order of another service, or told already
    happen(held.session, Event.PAID, Told(paid.at, by=f"channel:{held.prepay.channel}", prepay=held.prepay))
    writing.keep(held.session)


def stop(*, session_id: UUID, by: str, at: datetime, cause: Cause = Cause.USER) -> State:
    """End a session: as often as anybody likes, the first cause stands. Raises Refused("no_such_session")."""
    with jobs.act():
        session = locking.locked(session_id)
        state = State(session.state)
        if state is State.PAYING:  # nothing was paid yet
            happen(session, Event.PAY_TIMED_OUT, Told(at, by=by))
        elif state in sessions.STOPPABLE:
            happen(session, Event.STOP, Told(at, by=by, cause=cause))
        writing.keep(session)
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
    if moved.state not in payments.ENDS:
        refunding.goes_on(moved.refund, str(moved.state))
        return
    held = locking.held(moved.held)
    if held is None:
        return  # of another service
    found = refunding.stands(held.session, moved.refund)
    if found is None:
        handwork.note_refund(moved)
        return
    row, others, called = found
    if row.state in ("success", "closed") or row.state == str(moved.state):
        return
    row.state, row.done_at = str(moved.state), moved.at if moved.state is payments.RefundState.SUCCESS else None
    held.session.made.moved.append(row)
    if moved.state is payments.RefundState.SUCCESS:
        _went_back(held, row, moved.at, last=not others)
    elif moved.state is payments.RefundState.CLOSED:
        _try_anew(held, row, moved.at)
    else:
        _stuck(held.session, moved.at)
    writing.keep(held.session)
    if called:
        trouble.refunds_done(held.session, at=moved.at)


def _went_back(held: locking.Held, row: Refund, at: datetime, *, last: bool) -> None:
    lines = money.refund_done(channel=held.prepay.channel, fen=row.amount_fen)
    refunding.post(held.session, f"refund-{row.number}-done", lines, "sockets.refund_done", at)
    if last and State(held.session.state) in (State.REFUNDING, State.ATTENTION):
        happen(held.session, Event.REFUNDED, Told(at, by="channel"))


def _try_anew(held: locking.Held, row: Refund, at: datetime) -> None:
    """A refund that the channel closed was never carried out: it is owed again, and goes under a new number (X15)."""
    session = held.session
    lines = money.refund_failed(session.pk, channel=held.prepay.channel, fen=row.amount_fen)
    refunding.post(session, f"refund-{row.number}-failed", lines, "sockets.refund_failed", at)
    refunding.again(session, row, held.prepay, at=at)


def _stuck(session: Session, at: datetime) -> None:
    """Finance is called whatever the session does: a part that is sure goes back before the bill, a late payment after the end."""
    if State(session.state) in (State.REFUNDING, State.ATTENTION):
        happen(session, Event.REFUND_STUCK, Told(at, by="channel"))
    trouble.call_finance(session, at=at)
