"""Reading: the loaded calendar, the versions of its years, and the clocks that run."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from time import monotonic

from django.db import connection, transaction
from django.db.models import Q, prefetch_related_objects

from bancheng.kernel.clocks import shipped
from bancheng.kernel.clocks.clock import beside
from bancheng.kernel.clocks.models import CalendarDay, CalendarProposal, CalendarYear, ClockPause, RunningClock
from bancheng.kernel.clocks.rules.calendar import Calendar, Year
from bancheng.kernel.clocks.rules.deadline import Deadline, Extension, Pause, due
from bancheng.kernel.clocks.rules.decision import Decision
from bancheng.kernel.clocks.rules.law import Length, Rule, Unit
from bancheng.lib import rows

RECHECK_SECONDS = 30.0  # a year loaded by another process is seen after so long at the latest


@dataclass(frozen=True)
class LoadedYear:
    """One version of a year's notice, as administrators see it."""

    year: int
    version: int
    source: str
    loaded_by: str
    loaded_at: datetime
    current: bool
    rest: tuple[date, ...]
    work: tuple[date, ...]


@dataclass(frozen=True)
class Clock:
    """A clock on a matter: its rule, its state, and both deadlines as they stand."""

    id: int
    region: str
    about: str
    rule: Rule
    effect: str
    state: str
    started_on: date
    decision: Decision
    notified: bool
    ended_on: date | None

    @property
    def due(self) -> Deadline:
        """Return the law's deadline."""
        return self.decision.statutory


class Fresh:
    """The calendar of an open transaction that loaded a year: seen by it at once, by everybody when it commits.

    It stands in Django's list of what to do on commit, which a rollback empties: so a rolled-back year leaves no
    trace.
    """

    def __init__(self) -> None:
        self.calendar, self.marker = _build(), _marker_here()

    def __call__(self) -> None:
        _keep(self.calendar, self.marker)


_kept: tuple[float, int, Calendar] | None = None  # when it was checked, the newest row then, the calendar


def calendar() -> Calendar:
    """Return the loaded calendar, cached in the process."""
    for _, function, _ in reversed(transaction.get_connection().run_on_commit):
        if isinstance(function, Fresh):
            return function.calendar
    if _kept is None:
        return _keep(_build(), _marker_here())
    checked, marker, cached = _kept
    if monotonic() - checked < RECHECK_SECONDS:
        return cached
    newest = _marker_elsewhere()
    return _keep(cached, marker) if newest == marker else _keep(_build(), newest)


def forget() -> None:
    """Build the calendar afresh at the next question."""
    global _kept
    _kept = None


def _keep(built: Calendar, marker: int) -> Calendar:
    global _kept
    _kept = (monotonic(), marker, built)
    return built


def _build() -> Calendar:
    years = {row.pk: row for row in CalendarYear.objects.filter(current=True)}
    days: dict[int, dict[str, dict[date, str]]] = {pk: {"rest": {}, "work": {}} for pk in years}
    for pk, day, kind, name in CalendarDay.objects.filter(calendar_year__current=True).values_list(
        "calendar_year_id", "day", "kind", "name"
    ):
        days[pk][kind][day] = name
    if not years:
        return shipped.calendar()
    return Calendar(
        Year(
            row.year,
            frozenset(days[pk]["rest"]),
            frozenset(days[pk]["work"]),
            row.source,
            row.version,
            days[pk]["rest"],
        )
        for pk, row in years.items()
    )


NEWEST = "SELECT coalesce(max(id), 0) FROM clocks_calendaryear"


def _marker_here() -> int:
    with connection.cursor() as cursor:
        cursor.execute(NEWEST)
        return int(cursor.fetchone()[0])


def _marker_elsewhere() -> int:
    # the check may fall into any transaction, also one that failed or counts statements
    with beside() as cursor:
        cursor.execute(NEWEST)
        return int(cursor.fetchone()[0])


def loaded_years() -> list[LoadedYear]:
    """Return every version of every loaded year, the newest year and version first."""
    rows = CalendarYear.objects.prefetch_related("days").order_by("-year", "-version")
    return [
        LoadedYear(
            row.year,
            row.version,
            row.source,
            row.loaded_by,
            row.loaded_at,
            row.current,
            tuple(sorted(day.day for day in row.days.all() if day.kind == "rest")),
            tuple(sorted(day.day for day in row.days.all() if day.kind == "work")),
        )
        for row in rows
    ]


@dataclass(frozen=True)
class Moves:
    """What a notice would change against the loaded one of its year, or against plain weeks when none is loaded."""

    first: bool  # no notice of that year is loaded yet
    rest_added: tuple[date, ...]
    rest_removed: tuple[date, ...]
    work_added: tuple[date, ...]
    work_removed: tuple[date, ...]
    clocks: int  # running clocks whose stored date falls into the year or is provisional: they are worked out again


def moves(*, year: int, rest: Iterable[date], work: Iterable[date]) -> Moves:
    """Return what loading these days would change; nothing is written."""
    current = CalendarYear.objects.filter(year=year, current=True).first()
    days = list(current.days.values_list("day", "kind")) if current else []
    old_rest, old_work = ({day for day, kind in days if kind == wanted} for wanted in ("rest", "work"))
    rest, work = set(rest), set(work)
    touched = RunningClock.objects.filter(Q(provisional=True) | Q(due_on__year=year), state="running")
    return Moves(
        current is None,
        tuple(sorted(rest - old_rest)),
        tuple(sorted(old_rest - rest)),
        tuple(sorted(work - old_work)),
        tuple(sorted(old_work - work)),
        touched.count(),
    )


@dataclass(frozen=True)
class Proposal:
    """A notice that waits for a second person."""

    id: int
    year: int
    source: str
    rest: Mapping[date, str]
    work: tuple[date, ...]
    proposed_by: str
    proposed_at: datetime
    moves: Moves


def proposals() -> list[Proposal]:
    """Return the notices that wait for a second person, oldest first."""
    return [_proposal(row) for row in CalendarProposal.objects.filter(state=CalendarProposal.WAITING).order_by("pk")]


def _proposal(row: CalendarProposal) -> Proposal:
    rest = {date.fromisoformat(day): name for day, name in row.rest.items()}
    work = tuple(date.fromisoformat(day) for day in row.work)
    found = moves(year=row.year, rest=rest, work=work)
    return Proposal(row.pk, row.year, row.source, rest, work, row.proposed_by, row.proposed_at, found)


def clock(clock_id: int) -> Clock:
    """Return one clock; raises RunningClock.DoesNotExist."""
    return view(RunningClock.objects.prefetch_related("pauses").get(pk=clock_id))


def clocks_of(*, region: str, about: str) -> list[Clock]:
    """Return the clocks of a matter, in the order they were started (R-CLK-1: several run at once)."""
    rows = RunningClock.objects.filter(region=region, about=about).prefetch_related("pauses").order_by("pk")
    return [view(row) for row in rows]


RUNNING = "WHERE region = %s AND about = ANY(%s) AND state IN ('running', 'paused') ORDER BY id"
WAS_PAUSED = "EXISTS (SELECT FROM clocks_clockpause pause WHERE pause.clock_id = clocks_runningclock.id)"


def open_clocks(*, region: str, abouts: Collection[str]) -> list[Clock]:
    """Return the clocks that run or stand on any of the matters, in the order they were started: one statement, two where one was paused."""
    with connection.cursor() as cursor:
        found = rows.read(cursor, RunningClock, RUNNING, [region, list(abouts)], was_paused=WAS_PAUSED)
    prefetch_related_objects([row for row in found if row.was_paused], "pauses")
    return [view(row) for row in found]


def waiting_for_calendar(*, today: date) -> int:
    """Return how many running clocks are past a provisional date and wait for their year to be loaded (R-CLK-9)."""
    return RunningClock.objects.filter(state="running", provisional=True, due_on__lt=today).count()


def rule_of(row: RunningClock) -> Rule:
    """Return the row's rule with the length the law gave when the clock started."""
    return replace(shipped.rule(row.rule, on=row.started_on), length=Length(row.length_n, Unit(row.length_unit)))


def view(row: RunningClock) -> Clock:
    """Return what others may see of `row`; its dates are the stored ones, which may stand by R-CLK-9."""
    decision = work_out(row, calendar())
    on = decision.statutory.on
    if on != row.due_on:
        stored = replace(decision.statutory, on=row.due_on, kept_from=on if on < row.due_on else None)
        decision = replace(decision, statutory=stored)
    return Clock(
        row.pk,
        row.region,
        row.about,
        rule_of(row),
        row.effect,
        row.state,
        row.started_on,
        decision,
        row.notified,
        row.ended_on,
    )


def work_out(row: RunningClock, by: Calendar) -> Decision:
    """Return both deadlines of `row` by the calendar `by`; what was lawful when it was recorded is not judged
    again."""
    pauses = [pause_of(pause) for pause in row.pauses.all()] if row.pk and row.was_paused else []
    rule = rule_of(row)
    start = row.started_at or row.started_on
    statutory = due(
        started_on=start,
        length=rule.length,
        calendar=by,
        pauses=pauses,
        extension=extension_of(row),
        law=rule.law,
        rolls=rule.rolls,
        given=rule.given,
    )
    if row.promised_n is None:
        return Decision(statutory)
    promised = Length(row.promised_n, Unit(row.promised_unit))
    return Decision(statutory, due(started_on=start, length=promised, calendar=by, pauses=pauses, law=rule.law))


def pause_of(row: ClockPause) -> Pause:
    """Return the pause as the rules know it."""
    return Pause(row.first, row.last, row.cause, row.basis, row.served_on, row.planned_last)


def extension_of(row: RunningClock) -> Extension | None:
    """Return the row's extension, if it has one."""
    if row.extension_n is None or row.extension_decided_on is None:
        return None
    length = Length(row.extension_n, Unit(row.length_unit))
    return Extension(length, row.extension_decided_on, row.extension_by, row.extension_reason, row.extension_served_on)
