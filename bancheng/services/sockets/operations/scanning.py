"""Time: what has lasted too long in a state. One indexed scan, run every second by the gateway processes; running it twice changes nothing."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection

from bancheng.kernel.jobs import public as jobs
from bancheng.services.sockets import telling
from bancheng.services.sockets.models import Session
from bancheng.services.sockets.operations import following, locking, raising, trouble, writing
from bancheng.services.sockets.operations.happening import Told, happen
from bancheng.services.sockets.rules import quota, sessions
from bancheng.services.sockets.rules.sessions import Cause, Event, State

LIMIT, ALONE, TOGETHER = 1000, 200, 200  # looked at by one scan: in all, one by one; put off by one statement
PUT_OFF = """
UPDATE sockets_session AS session SET due_at = %(later)s FROM (
    SELECT id FROM sockets_session WHERE id = ANY(%(ids)s) AND due_at <= %(at)s AND state = 'active' FOR UPDATE SKIP LOCKED
) AS free WHERE session.id = free.id
"""
CALM = (
    "state",
    "started_at",
    "last_at",
    "lease_until",
    "longest_s",
    "plan_id",
    "tripped",
    "paid_fen",
    "spent_nano",
    "used_wh",
    "quota_wh",
)


def scan(*, at: datetime, limit: int = LIMIT) -> int:
    """Look at every session whose time has come; return how many.

    Those in use for which there is nothing to do are looked at together, the others in one transaction each: none waits for another's trouble.
    """
    due = list(Session.objects.filter(due_at__lte=at).order_by("due_at").values_list("pk", flat=True)[:limit])
    calm = _look_at_calm(due, at) if due else set()
    for pk in [pk for pk in due if pk not in calm][:ALONE]:
        look(pk, at=at)
    return len(due)


def _look_at_calm(due: Sequence[UUID], at: datetime) -> set[UUID]:
    """Put off the next look at the sessions in use that need nothing; return them.

    They are read without a lock: whoever follows a reading meanwhile would wait for all of them. One that somebody is at, or that has moved on, is
    left as it is and looked at again.
    """
    rows = Session.objects.filter(pk__in=due, state=str(State.ACTIVE)).only(*CALM)
    calm = [row.pk for row in rows if not _wants(row, at)]
    later = at + timedelta(seconds=sessions.LOOK_SECONDS)
    with connection.cursor() as cursor:
        for first in range(0, len(calm), TOGETHER):
            cursor.execute(PUT_OFF, {"ids": calm[first : first + TOGETHER], "at": at, "later": later})
    return set(calm)


def look(session_id: UUID, *, at: datetime) -> State | None:
    """Do what is due for one session now; None when somebody else is at it, or nothing is due any more."""
    with jobs.act():
        session = locking.one(session_id, wait=False)
        if session is None or session.due_at is None or session.due_at > at:
            return None
        DUE[State(session.state)](session, at)
        writing.keep(session)
        return State(session.state)


def _pay_timed_out(session: Session, at: datetime) -> None:
    """The channel was asked every minute; it is asked once more before its order is closed, and what was paid after all goes back whole."""
    happen(session, Event.PAY_TIMED_OUT, Told(at))


def _start_timed_out(session: Session, at: datetime) -> None:
    """B1.3: after 15 s it is called off; once no start can act any more, all of it goes back."""
    assert session.paid_at is not None
    over = session.paid_at + timedelta(seconds=sessions.GIVE_UP_SECONDS)
    if at >= over:
        happen(session, Event.NOT_STARTED, Told(at, cause=Cause.NOT_STARTED))
        happen(session, Event.REFUND_PLANNED, Told(at))
    else:
        happen(session, Event.START_TIMED_OUT, Told(at))
        session.due_at = over


def _in_use(session: Session, at: datetime) -> None:
    """A session in use ends by its time, by its lease, or by a trip of the grid that did not come back."""
    session.due_at = at + timedelta(seconds=sessions.LOOK_SECONDS)
    if _grid_is_gone(session, at):
        happen(session, Event.STOP, Told(at, cause=Cause.TRIP, code=session.tripped))
        trouble.tripped(session, session.tripped, at=at)
    elif _lease_is_over(session, at):
        cause = Cause.LEASE if State(session.state) is State.SUSPENDED else Cause.MAX_TIME
        happen(session, Event.STOP, Told(at, cause=cause))
    else:
        telling.low(session, at=at)
        raising.consider(session, at=at)  # what was dear an hour ago may be cheap now


def _wants(session: Session, at: datetime) -> bool:
    """Return whether `_in_use` would do more than put off the next look."""
    return (
        _grid_is_gone(session, at)
        or _lease_is_over(session, at)
        or quota.is_low(paid_fen=session.paid_fen, spent_nano=session.spent_nano)
        or raising.worth(session, at=at) is not None
    )


def _grid_is_gone(session: Session, at: datetime) -> bool:
    return bool(session.tripped) and at - (session.last_at or at) >= timedelta(seconds=sessions.GRID_SECONDS)


def _lease_is_over(session: Session, at: datetime) -> bool:
    return session.lease_until is not None and at >= session.lease_until + timedelta(seconds=sessions.LOOK_SECONDS)


def _stop_timed_out(session: Session, at: datetime) -> None:
    happen(session, Event.STOP_TIMED_OUT, Told(at))


def _silent(session: Session, at: datetime) -> None:
    happen(session, Event.SILENT, Told(at))


def _silent_for_a_day(session: Session, at: datetime) -> None:
    following.meter_after_silence(session, Told(at))


def _refund_slow(session: Session, at: datetime) -> None:
    happen(session, Event.REFUND_STUCK, Told(at))


def _nothing(session: Session, at: datetime) -> None:
    session.due_at = None


DUE: Mapping[State, Callable[[Session, datetime], None]] = {
    **dict.fromkeys(State, _nothing),
    State.CREATED: _pay_timed_out,
    State.PAYING: _pay_timed_out,
    State.PAID: _start_timed_out,
    State.STARTING: _start_timed_out,
    State.ACTIVE: _in_use,
    State.SUSPENDED: _in_use,
    State.STOPPING: _stop_timed_out,
    State.UNCONFIRMED: _silent,
    State.PROVISIONAL: _silent_for_a_day,
    State.REFUNDING: _refund_slow,
}
