"""Clocks on matters: started, paused, resumed, extended, ended."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, connection, transaction

from bancheng.kernel.audit import public as audit
from bancheng.kernel.clocks import shipped
from bancheng.kernel.clocks.facts import Silence, silence_undone
from bancheng.kernel.clocks.models import ClockPause, RunningClock
from bancheng.kernel.clocks.operations.recompute import put
from bancheng.kernel.clocks.queries import Clock, calendar, extension_of, pause_of, rule_of, view, work_out
from bancheng.kernel.clocks.rules.deadline import Extension, check_extension_in_time
from bancheng.kernel.clocks.rules.decision import check_extension, check_promise
from bancheng.kernel.clocks.rules.explain import CAUSES
from bancheng.kernel.clocks.rules.law import Length, Rule, Unit, check_cause
from bancheng.lib import unnest
from bancheng.lib.days import day_of
from bancheng.lib.refusal import Refused

OPEN = ("running", "paused")


def start(
    *,
    region: str,
    about: str,
    rule: str,
    started_on: date,
    by: str,
    at: datetime,
    promised: Length | None = None,
    notified: bool = False,
) -> Clock:
    """Start the clock `rule` on the matter `about`; the day (for hours: give a datetime) of the start is not counted.

    A rule that ends on a given day (`Rule.given`) takes that day as `started_on`: it is the last one.
    `notified`: the party was told the date, which from then on may become later but never earlier (R-CLK-9).
    Raises Refused: promise_too_long, clock_runs_already; KeyError for a rule that is not in the clock
    table, NotInForce for one that was not law yet.
    """
    start = Start(region, about, rule, started_on, promised, notified)
    given, row = _row(start)
    try:
        with transaction.atomic():
            row.save()
            _record("clocks.started", row, by=by, at=at)
    except IntegrityError as error:
        if "one_open_clock_per_rule_and_matter" not in str(error):
            raise
        raise Refused(
            "clock_runs_already",
            f"该事项的“{given.name.zh}”期限已在计算，未重复开始。",
            en=f"The period “{given.name.en}” is running on this matter already; it was not started twice.",
        ) from error
    return view(row)


@dataclass(frozen=True)
class Start:
    """A clock to be started: what `start` takes, for many at once."""

    region: str
    about: str
    rule: str
    started_on: date
    promised: Length | None = None
    notified: bool = False


CLOCK = {
    "region": "text", "about": "text", "rule": "text", "side": "text", "effect": "text", "started_on": "date", "started_at": "timestamptz",
    "length_n": "smallint", "length_unit": "text", "promised_n": "smallint", "promised_unit": "text", "extension_by": "text",
    "extension_reason": "text", "due_on": "date", "due_at": "timestamptz", "provisional": "boolean", "promised_on": "date",
    "notified": "boolean", "calendar_version": "text", "state": "text",
}  # fmt: skip
START_MANY = f"{unnest.insert('clocks_runningclock', CLOCK)} RETURNING id"


def start_many(starts: Sequence[Start], *, by: str, at: datetime) -> list[Clock]:
    """Start clocks of matters that are new, two statements for all of them; as `start`, but a clock that runs is a bug."""
    rows = [_row(start)[1] for start in starts]
    with connection.cursor() as cursor:
        cursor.execute(START_MANY, unnest.arrays(rows, CLOCK))
        for row, (pk,) in zip(rows, cursor.fetchall(), strict=True):
            row.pk, row.was_paused = pk, False
    audit.record_many(_event("clocks.started", row, by=by, at=at) for row in rows)
    return [view(row) for row in rows]


def _row(start: Start) -> tuple[Rule, RunningClock]:
    """Return the rule and the clock that `start` asks for, its dates worked out, not saved."""
    given, instant = _startable(start.rule, start.started_on, start.promised)
    effect, promised = shipped.effect_of(start.rule), start.promised
    row = RunningClock(
        region=start.region,
        about=start.about,
        rule=start.rule,
        side=given.side,
        effect=effect.code if effect else "",
        started_on=_day(start.started_on),
        started_at=instant,
        length_n=given.length.n,
        length_unit=given.length.unit,
        promised_n=promised.n if promised else None,
        promised_unit=promised.unit if promised else "",
        notified=start.notified,
    )
    put(row)
    return given, row


def _startable(rule: str, started_on: date, promised: Length | None) -> tuple[Rule, datetime | None]:
    """Return the rule as it was law on that day, and the instant when it counts hours."""
    given = shipped.rule(rule, on=_day(started_on))
    if given.back:
        raise ValueError(f"{rule} is counted back from an event: ask before(), there is nothing to run")
    instant = started_on if isinstance(started_on, datetime) else None
    if given.length.unit is Unit.HOUR and instant is None:
        raise ValueError(f"{rule} counts hours: give the instant it starts")
    if promised is not None:
        check_promise(given, promised, started_on=started_on, calendar=calendar())
    return given, instant


def pause(
    *,
    clock_id: int,
    cause: str,
    basis: str,
    first: date,
    planned_last: date,
    document: str,
    approver: str,
    by: str,
    at: datetime,
) -> Clock:
    """Record that the count stops from `first` for one of the rule's causes (R-CLK-4).

    It takes effect when the notice that says how long is served (`serve`); until then the clock runs on (R-CLK-5).
    Raises Refused: pause_not_allowed, pause_unfounded, pause_backwards, paused_already, clock_ended, clock_ran_out.
    """
    with transaction.atomic():
        row = _open(clock_id)
        check_cause(rule_of(row), cause, causes=CAUSES)
        if not (basis.strip() and document.strip() and approver.strip()):
            raise Refused(
                "pause_unfounded",
                "暂停须写明依据、文书和批准人，期限照常计算。",
                en="A pause needs its basis, its document and its approver; the period keeps running.",
                status=422,
            )
        if row.pauses.filter(last=None).exists():
            raise Refused(
                "paused_already",
                "该期限已有一项暂停尚未结束，请先恢复计时。",
                en="A pause of this period has not ended yet; resume it first.",
            )
        if first > row.due_on:
            raise _ran_out(row)
        paused = ClockPause(
            region=row.region,
            clock=row,
            cause=cause,
            basis=basis,
            first=first,
            planned_last=planned_last,
            start_document=document,
            approver=approver,
        )
        pause_of(paused)  # refuses a planned end before the start
        paused.save()
        _record("clocks.paused", row, by=by, at=at, cause=cause, first=str(first), planned_last=str(planned_last))
        return _settle(row)


def serve(*, clock_id: int, served_on: date, notice: str, by: str, at: datetime) -> Clock:
    """Record that the party was told in writing of the open pause and its length: from now on it counts (R-CLK-5).

    Raises Refused: not_told, not_paused, clock_ran_out, clock_ended.
    """
    if not notice.strip():
        raise Refused(
            "not_told",
            "暂停须书面告知当事人所需时间，请写明告知书，期限照常计算。",
            en="A pause counts only when the party was told in writing how long: name the notice. The period keeps running.",
            status=422,
        )
    with transaction.atomic():
        row = _open(clock_id)
        paused = _open_pause(row)
        if served_on > row.due_on:
            raise _ran_out(row)
        paused.served_on, paused.notice = served_on, notice
        paused.save(update_fields=["served_on", "notice"])
        row.state = "paused"
        _record("clocks.pause_served", row, by=by, at=at, served_on=str(served_on), notice=notice)
        return _settle(row)


def resume(*, clock_id: int, last: date, document: str, by: str, at: datetime) -> Clock:
    """End the open pause: `last` is the last day not counted.

    Raises Refused: not_paused, pause_backwards, clock_ended.
    """
    with transaction.atomic():
        row = _open(clock_id)
        paused = _open_pause(row)
        paused.last, paused.end_document = last, document
        pause_of(paused)  # refuses an end before the start
        paused.save(update_fields=["last", "end_document"])
        row.state = "running"
        _record("clocks.resumed", row, by=by, at=at, last=str(last))
        return _settle(row)


def extend(
    *,
    clock_id: int,
    length: Length,
    decided_on: date,
    approver: str,
    reason: str,
    served_on: date | None,
    by: str,
    at: datetime,
) -> Clock:
    """Extend the clock: once, before it ends, at most by what the law says; it counts once the reasons are served.

    R-CLK-6: 行政许可法 第四十二条, 行政复议法 第六十二条.
    Raises Refused: extended_already, extension_not_allowed, extension_too_long, extension_unfounded,
    extension_too_late, clock_ended.
    """
    with transaction.atomic():
        row = _open(clock_id)
        if extension_of(row) is not None:
            raise Refused(
                "extended_already",
                "该期限已延长过一次，不能再次延长。",
                en="This period was extended once already and cannot be extended again.",
                law=rule_of(row).law,
            )
        extension = Extension(length, decided_on, approver, reason, served_on)
        check_extension(rule_of(row), extension)
        check_extension_in_time(extension, ends_on=work_out(row, calendar()).statutory.on)
        row.extension_n, row.extension_decided_on = length.n, decided_on
        row.extension_by, row.extension_reason, row.extension_served_on = approver, reason, served_on
        _record("clocks.extended", row, by=by, at=at, by_n=length.n, unit=str(length.unit), served_on=str(served_on))
        return _settle(row)


def notify(*, clock_id: int, by: str, at: datetime) -> Clock:
    """Record that the party was told the date as it stands; a new calendar may then only make it later (R-CLK-9)."""
    with transaction.atomic():
        row = _open(clock_id)
        row.notified = True
        _record("clocks.notified", row, by=by, at=at, due_on=str(row.due_on))
        return _settle(row, worked_out=True)


def finish(*, clock_id: int, on: date, by: str, at: datetime, posted_on: date | None = None) -> Clock:
    """End the clock because somebody acted on `on`; lateness against law and promise is recorded apart (R-CLK-8).

    A paper posted before the end is in time though it arrives later (R-CLK-2, 民事诉讼法 第八十五条): `posted_on`
    decides, and it undoes a silence that has acted meanwhile (`silence_undone`).
    Raises Refused("clock_ended").
    """
    acted_on = min(on, posted_on or on)
    with transaction.atomic():
        row = RunningClock.objects.select_for_update().get(pk=clock_id)
        if row.state == "lapsed" and posted_on is not None and posted_on <= row.due_on:
            silence_undone.fire(
                Silence(
                    row.pk,
                    row.region,
                    row.about,
                    row.rule,
                    shipped.effects()[row.effect],
                    row.started_on,
                    row.due_on,
                    at,
                )
            )
            row.state = "running"
        return _end(row, "done", acted_on, by, at)


def cancel(*, clock_id: int, on: date, by: str, at: datetime) -> Clock:
    """End the clock because its matter ended otherwise: withdrawn, transferred, terminated."""
    with transaction.atomic():
        return _end(_open(clock_id), "cancelled", on, by, at)


# in the order of their ids, as a calendar that is loaded locks them
END_MANY = """
UPDATE clocks_runningclock SET state = CASE WHEN id = ANY(%s) THEN 'done' ELSE 'cancelled' END, ended_on = %s
WHERE id IN (SELECT id FROM clocks_runningclock WHERE id = ANY(%s) AND state IN ('running', 'paused') ORDER BY id FOR UPDATE)
"""


def end_many(ended: Sequence[tuple[Clock, bool]], *, on: date, by: str, at: datetime) -> None:
    """End clocks in the caller's transaction: those that somebody acted on (True, as `finish`) and the others (as `cancel`).

    The caller holds their matters and has just read them: two statements for all. A clock that has ended meanwhile is a bug.
    """
    done = [clock.id for clock, acted in ended if acted]
    with connection.cursor() as cursor:
        cursor.execute(END_MANY, [done, on, [clock.id for clock, _ in ended]])
        if cursor.rowcount != len(ended):
            raise ValueError(f"of {len(ended)} clocks only {cursor.rowcount} were running")
    audit.record_many(_end_event(clock, acted, on=on, by=by, at=at) for clock, acted in ended)


def _end_event(clock: Clock, acted: bool, *, on: date, by: str, at: datetime) -> audit.Event:
    late, promise_late = clock.decision.late(on)
    told = {
        "clock": clock.id,
        "rule": clock.rule.id,
        "on": str(on),
        "late_days": late,
        "promise_late_days": promise_late,
    }
    return audit.Event(
        action="clocks.finished" if acted else "clocks.cancelled",
        who=by,
        about=clock.about,
        at=at,
        region=clock.region,
        detail=told,
    )


def reopen(*, region: str, about: str, rule: str, by: str, at: datetime) -> Clock | None:
    """Let the clock of an act that is taken back go on as if it had not ended, its pauses and extension with it.

    None when the last clock of that rule on the matter was not finished.
    """
    with transaction.atomic():
        rows = RunningClock.objects.select_for_update().filter(region=region, about=about, rule=rule).order_by("-pk")
        row = rows.first()
        if row is None or row.state != "done":
            return None
        row.state, row.ended_on = "running", None
        _record("clocks.reopened", row, by=by, at=at)
        return _settle(row)


def _end(row: RunningClock, state: str, on: date, by: str, at: datetime) -> Clock:
    _check_open(row)
    late = view(row).decision.late(on)
    row.state, row.ended_on = state, on
    action = {"done": "clocks.finished", "cancelled": "clocks.cancelled"}[state]
    _record(action, row, by=by, at=at, on=str(on), late_days=late[0], promise_late_days=late[1])
    return _settle(row, worked_out=True)


def _open(clock_id: int) -> RunningClock:
    row = RunningClock.objects.select_for_update().get(pk=clock_id)
    _check_open(row)
    return row


def _check_open(row: RunningClock) -> None:
    if row.state not in OPEN:
        raise Refused(
            "clock_ended",
            f"该期限已结束（{row.get_state_display()}），未作改动。",
            en=f"This period has ended ({row.state}); nothing was changed.",
        )


def _open_pause(row: RunningClock) -> ClockPause:
    paused = row.pauses.filter(last=None).first()
    if paused is None:
        raise Refused("not_paused", "该期限没有进行中的暂停。", en="No pause of this period is going on.")
    return paused


def _ran_out(row: RunningClock) -> Refused:
    return Refused(
        "clock_ran_out",
        f"期限已于{row.due_on}届满，届满后不能再暂停。",
        en=f"The period ended on {row.due_on}; it cannot be paused afterwards.",
    )


def _day(moment: date) -> date:
    return day_of(moment) if isinstance(moment, datetime) else moment


def _settle(row: RunningClock, *, worked_out: bool = False) -> Clock:
    if not worked_out:
        put(row)
    row.save()
    return view(row)


def _record(action: str, row: RunningClock, *, by: str, at: datetime, **detail: Any) -> None:
    event = _event(action, row, by=by, at=at, **detail)
    audit.record(action, who=by, about=event.about, at=at, region=event.region, detail=event.detail)


def _event(action: str, row: RunningClock, *, by: str, at: datetime, **detail: Any) -> audit.Event:
    told = {"clock": row.pk, "rule": row.rule, **detail}
    return audit.Event(action=action, who=by, about=row.about, at=at, region=row.region, detail=told)
