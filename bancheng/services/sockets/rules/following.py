"""Following a socket's log for one session: what each entry means where the session stands.

Entries come in the device's order and without a gap; nothing here depends on when or how often they arrived.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from bancheng.lib.socketwire import PROTECTIONS, Cut, EventKind
from bancheng.services.sockets.rules import readings
from bancheng.services.sockets.rules.readings import Point, Verdict
from bancheng.services.sockets.rules.sessions import ENDING, SWITCHED_ON, Cause, State

NO_CURRENT_MA = 30  # below it nothing flows: what a meter shows of itself
BY_THE_GRID = frozenset({"OV", "UV"})  # these protections may close again by themselves
CODES = frozenset(each.name for each in PROTECTIONS)

CAUSE_OF_CUT: dict[str, Cause] = {
    Cut.STOP: Cause.USER,
    Cut.QUOTA: Cause.QUOTA,
    Cut.DURATION: Cause.MAX_TIME,
    Cut.LEASE: Cause.LEASE,
    Cut.POWER: Cause.POWER_CUT,
    Cut.METER: Cause.METER,
}


@dataclass(frozen=True)
class Entry:
    """One line of a socket's log: a reading (`kind` empty) or an event, with its register and when it was taken."""

    point: Point
    session: str
    kind: str = ""
    code: str = ""
    closed: bool | None = None  # the relay, where the entry says

    @property
    def is_reading(self) -> bool:
        """Return whether it is a look at the meter."""
        return not self.kind


class Sign(StrEnum):
    """What an entry brings about."""

    STARTED = "started"
    USED = "used"
    ASIDE = "aside"
    CUT = "cut"  # the relay opened
    WANTED_OFF = "wanted_off"  # the plug was pulled: the relay is still to open
    TRIPPED_BY_GRID = "tripped_by_grid"
    CAME_BACK = "came_back"
    METERED = "metered"  # open, no current, the register stands still
    WELDED = "welded"  # open, and current flows


@dataclass(frozen=True)
class Standing:
    """Where a session stands in its socket's log."""

    id: str
    state: State
    last: Point | None = None  # the last believed
    meter: str = ""
    cut: Point | None = None  # where the relay opened
    meters: tuple[str, ...] = ()  # that the socket had since the scan, in order; none: nobody had to look


@dataclass(frozen=True)
class Step:
    """What one entry means: its sign, why it ended if it did, and what the register added (`verdict` says how it was judged)."""

    sign: Sign | None
    standing: Standing
    cause: Cause | None = None
    code: str = ""
    verdict: Verdict | None = None


def follow(standing: Standing, entry: Entry, *, most_w: int) -> Step:
    """Return what `entry` means for the session, and where the session then stands in the log."""
    if standing.state in (State.PAID, State.STARTING):
        return _started(standing, entry)
    if standing.cut is not None:
        return _behind_cut(standing, entry, most_w)
    if standing.state not in SWITCHED_ON | ENDING or standing.last is None:
        return Step(None, standing)
    if entry.kind in (EventKind.OPENED, EventKind.TRIPPED) and entry.closed is False:
        return _opened(standing, entry, most_w)
    if entry.session != standing.id:
        return Step(None, standing)
    if entry.kind == EventKind.RECLOSED:
        return Step(Sign.CAME_BACK, _moved(standing, entry, most_w)[0])
    if entry.kind == EventKind.UNPLUGGED:
        moved, verdict = _moved(standing, entry, most_w)
        return Step(Sign.WANTED_OFF, moved, Cause.UNPLUGGED, verdict=verdict)
    moved, verdict = _moved(standing, entry, most_w)
    return Step(Sign.USED if verdict in readings.BELIEVED else Sign.ASIDE, moved, verdict=verdict)


def _started(standing: Standing, entry: Entry) -> Step:
    """The register at close is the session's first: of the event, or of a reading for this session."""
    if entry.session != standing.id or (entry.kind and not (entry.kind == EventKind.CLOSED and entry.closed)):
        return Step(None, standing)
    begun = replace(standing, state=State.ACTIVE, last=entry.point, meter=entry.point.meter)
    return Step(Sign.STARTED, begun, verdict=Verdict.GOOD)


def _moved(standing: Standing, entry: Entry, most_w: int) -> tuple[Standing, Verdict]:
    assert standing.last is not None
    verdict = readings.judge(standing.last, entry.point, most_w=most_w, meters=standing.meters)
    return (replace(standing, last=entry.point) if verdict in readings.BELIEVED else standing), verdict


def _opened(standing: Standing, entry: Entry, most_w: int) -> Step:
    moved, verdict = _moved(standing, entry, most_w)
    if entry.kind == EventKind.TRIPPED and entry.code in BY_THE_GRID and standing.state in SWITCHED_ON:
        return Step(Sign.TRIPPED_BY_GRID, moved, Cause.TRIP, entry.code, verdict)
    cause = Cause.TRIP if entry.kind == EventKind.TRIPPED else CAUSE_OF_CUT.get(entry.code, Cause.OPERATOR)
    return Step(Sign.CUT, replace(moved, cut=entry.point), cause, entry.code, verdict)


def _behind_cut(standing: Standing, entry: Entry, most_w: int) -> Step:
    """The relay is open: a reading without current on the register of the cut proves it, current disproves it."""
    assert standing.cut is not None
    if entry.kind == EventKind.WELDED:
        return Step(Sign.WELDED, standing)
    if not entry.is_reading:
        return Step(None, standing)
    if abs(entry.point.i_ma) >= NO_CURRENT_MA:
        return Step(Sign.WELDED, standing)
    # of whatever meter: the bill asks whose it is, this asks whether it is over
    if entry.point.e_10wh == standing.cut.e_10wh:
        return Step(Sign.METERED, standing)
    verdict = readings.judge(standing.cut, entry.point, most_w=most_w, meters=standing.meters)
    if verdict not in (Verdict.GOOD, Verdict.SWAPPED):
        return Step(Sign.ASIDE, standing, verdict=verdict)
    # the register took its last step, or is another meter's: what it says now is compared with the next
    return Step(Sign.USED, replace(standing, cut=entry.point, last=entry.point), verdict=verdict)


def is_idle(power_w: int, *, idle_w: int) -> bool:
    """Return whether so little is used that a socket is as good as unused."""
    return abs(power_w) < idle_w
