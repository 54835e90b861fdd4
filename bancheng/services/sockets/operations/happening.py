"""What happens to a session: the table of states carried out. The caller holds the session's row; nobody else writes its state.

Each event is one audit line. What an action does is below it, one function an action, all in the caller's transaction: rows, entries of the
ledger, commands in the outbox, refunds that the payments kernel promises to carry out.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bancheng.kernel.audit import public as audit
from bancheng.kernel.payments import public as payments
from bancheng.lib.socketwire import Op
from bancheng.services.sockets import telling
from bancheng.services.sockets.models import Prepay, Session
from bancheng.services.sockets.operations import commands, refunding, settling, trouble
from bancheng.services.sockets.rules import money, sessions
from bancheng.services.sockets.rules.readings import Point
from bancheng.services.sockets.rules.sessions import Action, Cause, Event, State

SYSTEM = "system"


@dataclass(frozen=True)
class Told:
    """What is known of an event."""

    at: datetime
    by: str = SYSTEM
    cause: Cause | None = None
    code: str = ""
    prepay: Prepay | None = None  # of a payment
    point: Point | None = None  # the register it is about


def happen(session: Session, event: Event, told: Told) -> State:
    """Move a locked session by `event` and do what goes with it; return its state. The caller has it written (`writing.keep`)."""
    before = State(session.state)
    found = sessions.move(before, event)
    if found.to is not before:
        enter(session, found.to, told.at)
    for action in found.actions:
        ACTIONS[action](session, told)
    detail: dict[str, Any] = {"from": str(before), "to": str(found.to)}
    if told.cause:
        detail["cause"] = str(told.cause)
    if Action.FLAG in found.actions:
        detail["late"] = True
    audit.record(
        f"sockets.session_{event}", who=told.by, about=about(session), at=told.at, region=session.region, detail=detail
    )
    return found.to


def about(session: Session) -> str:
    """Return how audit names a session."""
    return f"session:{session.pk}"


def enter(session: Session, state: State, at: datetime) -> None:
    """Put a session into `state`, to be looked at when that has lasted too long."""
    session.state, session.since = str(state), at
    wait = sessions.WAITS.get(state)
    session.due_at = at + timedelta(seconds=wait.seconds) if wait else None
    if state in (State.ACTIVE, State.SUSPENDED):
        session.due_at = at + timedelta(seconds=sessions.LOOK_SECONDS)
    if state in sessions.FINAL:
        session.closed_at = at


# --- the actions ---


def _nothing(session: Session, told: Told) -> None:
    """Being in the state is all there is to it: the unique index reserves and frees the socket, the audit line flags."""


def _post_payment(session: Session, told: Told) -> None:
    prepay = told.prepay
    assert prepay is not None
    prepay.paid_at, prepay.counts = told.at, True
    session.made.prepays.append(prepay)
    session.paid_fen, session.paid_at = prepay.amount_fen, told.at
    lines = money.paid(session.pk, channel=prepay.channel, fen=prepay.amount_fen)
    refunding.post(session, f"paid-{prepay.pk}", lines, "sockets.paid", told.at, opens=True)


def _promise_start(session: Session, told: Told) -> None:
    commands.start(session, at=told.at)


def _promise_stop(session: Session, told: Told) -> None:
    if session.cut_seq is None:
        commands.promise(session, Op.STOP, at=told.at, seconds=commands.STOP_SECONDS)


def _ask_then_close(session: Session, told: Told) -> None:
    for prepay in session.prepays.filter(paid_at=None):
        payments.close(prepay.order_id)


def _open_segment(session: Session, told: Told) -> None:
    point = told.point
    assert point is not None
    session.started_at, session.meter = told.at, point.meter
    session.first_boot, session.first_seq = point.boot, point.seq


def _keep_cause(session: Session, told: Told) -> None:
    assert told.cause is not None
    if not session.cause:
        session.cause, session.cause_code, session.ended_by = str(told.cause), told.code, told.by
        session.stopped_at = told.at


def _block(session: Session, told: Told) -> None:
    trouble.block(session, at=told.at)


def _tell(session: Session, told: Told) -> None:
    telling.moved(session, at=told.at)


def _refund_all(session: Session, told: Told) -> None:
    session.cost_fen = 0
    if not session.cause:
        session.cause, session.stopped_at = str(told.cause or Cause.NOT_STARTED), told.at
    refunding.refund(session, session.paid_fen - session.refunded_fen, kind=refunding.ALL, at=told.at)


def _refund_sure(session: Session, told: Told) -> None:
    fen = settling.sure_fen(session, at=told.at)
    if fen:
        refunding.refund(session, fen, kind=refunding.SURE, at=told.at)


def _refund_rest(session: Session, told: Told) -> None:
    refunding.refund(session, settling.left_fen(session), kind=refunding.REST, at=told.at)


def _refund_payment(session: Session, told: Told) -> None:
    assert told.prepay is not None
    refunding.refund_payment(session, told.prepay, at=told.at)


def _keep_final(session: Session, told: Told) -> None:
    if told.point is not None:
        session.end_boot, session.end_seq = told.point.boot, told.point.seq
    if session.stopped_at is None:
        session.stopped_at = told.at


def _post_cost(session: Session, told: Told) -> None:
    settling.settle(session, at=told.at)


def _call_finance(session: Session, told: Told) -> None:
    trouble.call_finance(session, at=told.at)


ACTIONS: dict[Action, Callable[[Session, Told], None]] = {
    Action.RESERVE: _nothing,
    Action.FREE_SOCKET: _nothing,
    Action.FLAG: _nothing,
    Action.POST_PAYMENT: _post_payment,
    Action.PROMISE_START: _promise_start,
    Action.PROMISE_STOP: _promise_stop,
    Action.ASK_THEN_CLOSE_ORDER: _ask_then_close,
    Action.OPEN_SEGMENT: _open_segment,
    Action.KEEP_CAUSE: _keep_cause,
    Action.BLOCK_SOCKET: _block,
    Action.TELL: _tell,
    Action.REFUND_ALL: _refund_all,
    Action.REFUND_SURE_PART: _refund_sure,
    Action.REFUND_REST: _refund_rest,
    Action.REFUND_PAYMENT: _refund_payment,
    Action.KEEP_FINAL: _keep_final,
    Action.KEEP_LAST_VERIFIED: _nothing,
    Action.POST_COST: _post_cost,
    Action.CALL_FINANCE: _call_finance,
}
