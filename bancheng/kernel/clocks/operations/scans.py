"""What the night finds: silence that acts, matters overdue, promises missed, deadlines near.

Each scan reads one partial index and may run as often as one likes: a missed day is caught up, a repeated one adds
nothing, and two workers never do the same clock twice.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection

from bancheng.kernel.audit import public as audit
from bancheng.kernel.clocks import shipped
from bancheng.kernel.clocks.facts import (
    Acting,
    DueSoon,
    Overdue,
    Silence,
    before_acting,
    due_soon,
    overdue,
    silence,
)
from bancheng.kernel.clocks.models import RunningClock
from bancheng.kernel.clocks.queries import calendar, waiting_for_calendar
from bancheng.kernel.jobs import public as jobs

NOBODY = "system"
BATCH = 500
TOLD_AT_ONCE = 50  # overdue clocks in a transaction, in which their matters are locked
Row = tuple[int, str, str, str, date]  # id, region, about, rule, the date it was marked for

# marks a batch and returns it in one statement: whoever marks is who tells
MARK = """
UPDATE clocks_runningclock SET {mark} = {date}
WHERE id IN (
    SELECT id FROM clocks_runningclock
    WHERE state = 'running' AND {when} AND {mark} IS DISTINCT FROM {date}
    ORDER BY {date}, id LIMIT %s FOR UPDATE SKIP LOCKED
)
RETURNING id, region, about, rule, {date}
"""
# what will be marked, not locked yet: its matters are locked before it
FIND = """
SELECT id, about FROM clocks_runningclock
WHERE state = 'running' AND {when} AND {mark} IS DISTINCT FROM {date} AND id <> ALL(%s) ORDER BY {date}, id LIMIT %s
"""
LATE_WHEN = {"mark": "overdue_for", "date": "due_on", "when": "effect = '' AND NOT provisional AND due_on < %s"}
BROKEN_WHEN = {"mark": "promise_missed_for", "date": "promised_on", "when": "NOT provisional AND promised_on < %s"}
NEAR = MARK.format(mark="soon_for", date="due_on", when="due_on BETWEEN %s AND %s AND rule <> ALL(%s)")
NEAR_OWN = MARK.format(mark="soon_for", date="due_on", when="due_on BETWEEN %s AND %s AND rule = %s")


@dataclass(frozen=True)
class Fired:
    """What one scan did; `waiting` clocks are past a provisional date and wait for their year to be loaded."""

    silences: int
    overdue: int
    promises_missed: int
    waiting: int


def fire_due(*, today: date, at: datetime) -> Fired:
    """Let silence act on every clock that ran out before `today`, and tell who is overdue (R-CLK-7, R-CLK-8).

    A provisional date has no legal effect and waits (R-CLK-9); a paused clock does not run out. Each silence has
    its own transaction, which records that nobody acted; when listeners fail, theirs is undone and the others
    stand, and all failures are raised together at the end, so that the next run tries just those again.
    """
    silences = _silences(today, at)
    late = _tell(LATE_WHEN, today, "statutory", at)
    missed = _tell(BROKEN_WHEN, today, "promised", at)
    return Fired(silences, late, missed, waiting_for_calendar(today=today))


def warn_due_soon(*, today: date, working_days: int, at: datetime) -> int:
    """Fire `due_soon` once for every date of a clock that ends from `today` on within `working_days`; return how many.

    A rule with a warning of its own (`Rule.warn`) is told within that. Counted in working days, the warning for an end
    on a rest day falls on a working day before it.
    """

    def tell(row: Row) -> None:
        due_soon.fire(DueSoon(*row, at))

    own = {code: rule.warn for code, rule in shipped.rules().items() if rule.warn is not None}
    told = _mark(NEAR, [today, calendar().add(today, working_days), list(own)], tell)
    return told + sum(_mark(NEAR_OWN, [today, calendar().add(today, days), code], tell) for code, days in own.items())


def _silences(today: date, at: datetime) -> int:
    done, failures, last = 0, [], 0
    due = RunningClock.objects.filter(state="running", provisional=False, due_on__lt=today).exclude(effect="")
    while ids := list(due.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH]):
        for pk in ids:
            try:
                done += _let_act(pk, today, at)
            except Exception as error:  # one listener's fault must not keep the others' rights from taking effect
                error.add_note(f"while silence acted on clock {pk}")
                failures.append(error)
        last = ids[-1]
    if failures:
        raise ExceptionGroup(f"{len(failures)} silences could not act; {done} did", failures)
    return done


def _let_act(pk: int, today: date, at: datetime) -> bool:
    """Return whether this call let silence act on the clock; another worker may have it, or somebody acted
    meanwhile."""
    with jobs.act():
        _before_acting(RunningClock.objects.filter(pk=pk).values_list("about", flat=True))
        row = (
            RunningClock.objects.select_for_update(skip_locked=True)
            .filter(pk=pk, state="running", provisional=False, due_on__lt=today)
            .first()
        )
        if row is None:
            return False
        effect = shipped.effects()[row.effect]
        row.state, row.ended_on = "lapsed", today
        row.save(update_fields=["state", "ended_on"])
        audit.record(
            "clocks.silence",
            who=NOBODY,
            about=row.about,
            at=at,
            region=row.region,
            detail={
                "clock": pk,
                "rule": row.rule,
                "effect": effect.code,
                "law": effect.law,
                "due_on": str(row.due_on),
                "nobody_acted": True,
            },
        )
        silence.fire(Silence(pk, row.region, row.about, row.rule, effect, row.started_on, row.due_on, at))
    return True


def _before_acting(abouts: Iterable[str]) -> None:
    before_acting.fire(Acting(tuple(abouts)))


def _tell(which: Mapping[str, str], today: date, kind: str, at: datetime) -> int:
    """Tell of every clock that ran out before `today`, some at a time, so that nobody's matter stays locked for long."""

    def one(row: Row) -> None:
        pk, region, about, rule, due_on = row
        audit.record(
            "clocks.overdue",
            who=NOBODY,
            about=about,
            at=at,
            region=region,
            detail={"clock": pk, "rule": rule, "kind": kind, "due_on": str(due_on)},
        )
        overdue.fire(Overdue(pk, region, about, rule, kind, due_on, at))

    told, tried = 0, list[int]()
    mark = MARK.format(**dict(which) | {"when": f"{which['when']} AND id = ANY(%s)"})
    while True:
        with jobs.act(), connection.cursor() as cursor:
            cursor.execute(FIND.format(**which), [today, tried, TOLD_AT_ONCE])
            found = cursor.fetchall()
            if not found:
                return told
            ids = [pk for pk, _ in found]
            _before_acting(about for _, about in found)
            cursor.execute(mark, [today, ids, len(ids)])
            rows: list[Row] = cursor.fetchall()
            for row in rows:
                one(row)
        told += len(rows)
        tried += ids


def _mark(sql: str, params: list[Any], tell: Callable[[Row], object]) -> int:
    """Mark batch after batch, each in one transaction with what is told of it; return how many were marked."""
    marked = 0
    while True:
        with jobs.act(), connection.cursor() as cursor:
            cursor.execute(sql, [*params, BATCH])
            rows: list[Row] = cursor.fetchall()
            for row in rows:
                tell(row)
        marked += len(rows)
        if not rows:
            return marked
