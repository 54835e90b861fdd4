"""Following: what the stored log of a socket means for the session that runs on it.

Run it as often as you like and from any process: it takes the session's row, goes on where the last one ended, and stops at the first gap. So
nothing hangs on who stored an entry, nor on whether he lived to tell.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from bancheng.kernel.jobs import public as jobs
from bancheng.lib.socketwire import Op
from bancheng.services.sockets.models import Session
from bancheng.services.sockets.operations import commands, locking, raising, refunding, settling, trouble, writing
from bancheng.services.sockets.operations.happening import Told, happen
from bancheng.services.sockets.queries import logs, places, tariffs
from bancheng.services.sockets.rules import bills, following, readings, sessions
from bancheng.services.sockets.rules.following import Entry, Sign, Standing, Step
from bancheng.services.sockets.rules.readings import BELIEVED, Point, Verdict
from bancheng.services.sockets.rules.sessions import ENDING, SWITCHED_ON, Cause, Event, State

FOLLOWED = frozenset({State.PAID, State.STARTING}) | SWITCHED_ON | ENDING


def follow(session_id: UUID, *, at: datetime, entries: Sequence[Entry] | None = None) -> State:
    """Follow the log of a session's socket; return where the session then stands. Raises Refused("no_such_session").

    `entries` are what stood behind it when somebody looked; None: they are read. What was followed since that look is passed over, and what was
    stored since is for whoever stored it.
    """
    with jobs.act():
        session = locking.locked(session_id)
        if State(session.state) not in FOLLOWED:
            return State(session.state)
        log = logs.after(session) if entries is None else entries
        new = [entry for entry in log if entry.point.place > (session.boot, session.seq)]
        meters = _meters(session, new)
        for entry in new:
            session.boot, session.seq = entry.point.place
            _apply(session, entry, meters, at)
            if State(session.state) not in FOLLOWED:
                break
        if new:
            raising.consider(session, at=at)
            writing.keep(session)
        return State(session.state)


def _meters(session: Session, entries: Sequence[Entry]) -> tuple[str, ...]:
    """Return the meters the socket has had, where the log names more than one."""
    named = {entry.point.meter for entry in entries} | {session.meter}
    return tuple(places.meters_since(session)) if len(named - {""}) > 1 else ()


def recount(session: Session) -> None:
    """Count a session that runs anew from what was followed of its log, now that it is known which meters counted it.

    The caller holds the session's row and keeps it. One that has not begun, or whose relay has opened, stays as it is.
    """
    if State(session.state) not in SWITCHED_ON | ENDING or session.first_seq is None or session.cut_10wh is not None:
        return
    followed = [one.point for one in logs.of_session(session) if one.point.place <= (session.boot, session.seq)]
    found = readings.sort_out(followed, most_w=session.most_w, meters=places.meters_of(session))
    if found.last is None:
        return
    now = bills.bill(found, tariffs.prices(session.plan_id))
    session.bill, session.used_wh, session.spent_nano = now.rows, now.wh, now.nano
    session.aside = len(found.aside)
    _stand_at(session, found.last)


def standing(session: Session, meters: tuple[str, ...] = ()) -> Standing:
    """Return where a session stands in its socket's log."""
    last = cut = None
    if session.e_10wh is not None:
        assert session.good_boot is not None
        assert session.up_ms is not None
        assert session.last_at is not None
        last = Point(session.good_boot, 0, session.up_ms, session.last_at, session.e_10wh, session.meter)
    if session.cut_10wh is not None and last is not None:
        assert session.cut_boot is not None
        assert session.cut_seq is not None
        cut = Point(session.cut_boot, session.cut_seq, last.up_ms, last.at, session.cut_10wh, session.meter)
    return Standing(session.pk.hex, State(session.state), last, session.meter, cut, meters)


def _apply(session: Session, entry: Entry, meters: tuple[str, ...], at: datetime) -> None:
    before = standing(session, meters)
    step = following.follow(before, entry, most_w=session.most_w)
    if step.sign is None:
        return
    if step.verdict is not None and step.verdict not in BELIEVED:
        _set_aside(session, step, at)
    elif step.verdict is not None:
        _count(session, before.last if step.sign is not Sign.STARTED else None, entry.point, step.verdict)
    SIGNS[step.sign](session, entry, step, at)


def _count(session: Session, last: Point | None, point: Point, verdict: Verdict) -> None:
    """Count what a believed reading adds, for the live page and the quota; the bill is worked out anew from the log."""
    if last is not None:
        now = bills.added(bills.Bill.of_rows(session.bill), last, point, tariffs.prices(session.plan_id), verdict)
        session.bill, session.used_wh, session.spent_nano = now.rows, now.wh, now.nano
    _stand_at(session, point)
    session.clock_suspect |= point.clock_suspect


def _stand_at(session: Session, point: Point) -> None:
    session.good_boot, session.up_ms, session.e_10wh, session.last_at = point.boot, point.up_ms, point.e_10wh, point.at
    session.meter = point.meter


def _set_aside(session: Session, step: Step, at: datetime) -> None:
    """Leave a reading out that cannot be; the first one calls for somebody to look at the meter (B1.6)."""
    session.aside += 1
    if session.aside == 1:
        trouble.odd_meter(session, str(step.verdict), at=at)


# --- what each sign brings about ---


def _started(session: Session, entry: Entry, step: Step, at: datetime) -> None:
    commands.prove(session, Op.START)
    happen(session, Event.STARTED, Told(at, point=entry.point))
    if session.cause:  # somebody ended it while it was being switched on
        happen(session, Event.STOP, Told(at, by=session.ended_by, cause=Cause(session.cause)))


def _used(session: Session, entry: Entry, step: Step, at: datetime) -> None:
    if session.cut_seq is not None:  # its last step behind the cut
        _cut_at(session, entry)
        return
    if not entry.is_reading:
        return
    if following.is_idle(entry.point.p_w, idle_w=session.idle_w):
        session.idle_since = session.idle_since or entry.point.at
        if entry.point.at - session.idle_since >= timedelta(seconds=sessions.IDLE_SECONDS) and session.idle_w:
            _stop(session, Cause.IDLE, "", at)
    else:
        session.idle_since = None


def _cut(session: Session, entry: Entry, step: Step, at: datetime) -> None:
    _cut_at(session, entry)
    assert step.cause is not None
    _stop(session, step.cause, step.code if step.cause is Cause.TRIP else "", at)
    if step.cause is Cause.TRIP:
        trouble.tripped(session, step.code, at=at)
    commands.prove(session, Op.STOP)
    # the readings that prove it are asked for, not waited for
    commands.promise(session, Op.REPORT, at=at, seconds=sessions.STOP_SECONDS)


def _cut_at(session: Session, entry: Entry) -> None:
    session.cut_boot, session.cut_seq, session.cut_10wh = entry.point.boot, entry.point.seq, entry.point.e_10wh


def _stop(session: Session, cause: Cause, code: str, at: datetime) -> None:
    if State(session.state) in SWITCHED_ON:
        happen(session, Event.STOP, Told(at, by=f"device:{session.gateway}", cause=cause, code=code))


def _wanted_off(session: Session, entry: Entry, step: Step, at: datetime) -> None:
    assert step.cause is not None
    _stop(session, step.cause, "", at)


def _tripped_by_grid(session: Session, entry: Entry, step: Step, at: datetime) -> None:
    session.tripped = step.code
    session.due_at = at + timedelta(seconds=sessions.GRID_SECONDS)


def _came_back(session: Session, entry: Entry, step: Step, at: datetime) -> None:
    session.tripped = ""


def _metered(session: Session, entry: Entry, step: Step, at: datetime) -> None:
    meter(session, Told(at, point=entry.point))


def _welded(session: Session, entry: Entry, step: Step, at: datetime) -> None:
    """The relay says open and current flows: our fault, the cost is up to the cut only (X12)."""
    trouble.welded(session, at=at)
    assert session.cut_boot is not None
    assert session.cut_seq is not None
    assert step.standing.cut is not None
    meter(session, Told(at, point=step.standing.cut))


def meter(session: Session, told: Told) -> None:
    """Take a session from its final register to the refund of the rest, in one go."""
    commands.unsay(session, Op.REPORT)  # what was to be asked for has been said
    _end(session, Event.OPEN, told)


def meter_after_silence(session: Session, told: Told) -> None:
    """Settle on the last verified reading after a day without a word, in the user's favour."""
    _end(session, Event.SILENT_FOR_A_DAY, told)


def _end(session: Session, event: Event, told: Told) -> None:
    happen(session, event, told)
    happen(session, Event.SETTLE, told)
    goes_back = settling.left_fen(session) or refunding.under_way(session)
    happen(session, Event.REFUND_PLANNED if goes_back else Event.NOTHING_LEFT, told)


def _nothing(session: Session, entry: Entry, step: Step, at: datetime) -> None:
    """It is counted, or set aside, and that is all."""


SIGNS = {
    Sign.STARTED: _started,
    Sign.USED: _used,
    Sign.ASIDE: _nothing,
    Sign.CUT: _cut,
    Sign.WANTED_OFF: _wanted_off,
    Sign.TRIPPED_BY_GRID: _tripped_by_grid,
    Sign.CAME_BACK: _came_back,
    Sign.METERED: _metered,
    Sign.WELDED: _welded,
}
