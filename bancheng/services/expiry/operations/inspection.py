"""The nightly inspection (自动巡检): who is due today, whatever nights were missed.

Written as SQL on purpose: cost follows the rows that are due, not the licences that are watched (docs/benchmarks.md).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from bancheng.kernel.audit import public as audit
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.identity import public as identity
from bancheng.kernel.jobs import public as jobs
from bancheng.kernel.notices import public as notices
from bancheng.services.expiry import rules
from bancheng.services.expiry.models import Watch
from bancheng.services.expiry.operations.ending import close_terms, tell_holders
from bancheng.services.expiry.rules import Reach, Stage

WINDOW = "expiry.window"  # the renewal window is open or still to come
EXPIRING = "expiry.expiring"  # the window has closed or there is none, the licence is still valid

RANK = {stage: rank for rank, stage in enumerate(Stage)}


@dataclass(frozen=True)
class Inspected:
    """What one inspection did. A repeated day gives zeros."""

    day: date
    messages: int
    tasks: int
    lapsed: int


def inspect(*, today: date, at: datetime, region: str) -> Inspected:
    """Write what is due by `today`: reminders to send, T-3 tasks, terms that ended and what the unit then owes.

    Run it as often as you like: a missed day is caught up, a repeated one adds nothing. What is caught up late speaks
    once, with the stage of the latest day. Messages wait for the end of the quiet hours by themselves.
    """
    calendar = clocks.calendar()
    with transaction.atomic(), connection.cursor() as cursor:
        last_run = _claim_day(cursor, region, today, at)
        lapsed, tasks = close_terms(cursor, region, last_run, today, at, calendar)
        said, called = _write_reminders(cursor, region, rules.spans(last_run, today, calendar), today, at, calendar)
        tasks += called
        if lapsed or tasks:
            tell_holders(region=region, at=at, calendar=calendar)
        messages = _ask_for_messages(region, today, at) if said else 0
        done = Inspected(today, messages, tasks, lapsed)
        if messages or tasks or lapsed:
            _note(cursor, region, done)
        audit.record(
            "expiry.inspected",
            who="system:expiry",
            about=f"expiry.day:{today}",
            at=at,
            region=region,
            detail={"messages": messages, "tasks": tasks, "lapsed": done.lapsed},
        )
    return done


def record_request(*, by: identity.Actor, region: str, at: datetime) -> None:
    """Record that somebody asked for an inspection outside the nightly one, and promise it."""
    with transaction.atomic():
        audit.record("expiry.inspection_asked", who=by.ref, about="expiry.inspection", at=at, region=region)
        jobs.later("expiry.inspect", key="expiry-inspect")


def still_wanted(fact: notices.Check) -> set[str]:
    """Return the subjects that need no word any more: renewed, applied, answered or gone since (B10.8, R10.5)."""
    if fact.kind not in (WINDOW, EXPIRING):
        return set()
    live = {
        f"expiry:{pk}:{day}"
        for pk, day in Watch.objects.filter(
            pk__in={int(subject.split(":")[1]) for subject in fact.subjects}, state=rules.State.LIVE
        ).values_list("pk", "expires_on")
    }
    return set(fact.subjects) - live


def _claim_day(cursor: Any, region: str, today: date, at: datetime) -> date | None:
    """Take the day's row, so that two inspections at once run one after the other; return the day inspected before."""
    cursor.execute(
        """
        insert into expiry_inspection (region, day, ran_at, messages, tasks, lapsed)
        values (%(region)s, %(today)s, %(at)s, 0, 0, 0) on conflict (region, day) do update set ran_at = excluded.ran_at
        returning (select max(day) from expiry_inspection where region = %(region)s and day < %(today)s)
        """,
        {"region": region, "today": today, "at": at},
    )
    before: date | None = cursor.fetchone()[0]
    return before


def _write_reminders(
    cursor: Any, region: str, spans: Iterable[rules.Span], today: date, at: datetime, calendar: clocks.Calendar
) -> tuple[int, int]:
    """Write the latest message and the latest call each watch has come to, and a task for every call.

    Return how many reminders are new, and how many tasks.
    """
    arms, params = [_newcomers()], {"region": region, "today": today, "at": at}
    params |= {f"fresh_{stage}": rules.reaches(stage, today, calendar) for stage in Stage}
    for span in spans:
        point = rules.STAGES[span.stage]
        states = "('live')" if point.reach is Reach.MESSAGE else "('live', 'says_done')"
        arms.append(
            f"select id, '{point.reach}', {RANK[span.stage]}, {point.anchor} - {point.days} from expiry_watch "
            f"where region = %(region)s and state in {states} "
            f"and {point.anchor} between %({span.stage}_first)s and %({span.stage}_last)s"
        )
        params |= {f"{span.stage}_first": span.first, f"{span.stage}_last": span.last}
    names = ", ".join(f"({rank}, '{stage}', '{rules.STAGES[stage].reach}')" for stage, rank in RANK.items())
    cursor.execute(
        f"""
        with due as (
            select distinct on (id, reach) id, rank from ({" union all ".join(arms)}) come
             order by id, reach, stands_on desc, rank
        ), said as (
            insert into expiry_reminder (region, watch_id, unit, stage, reach, expires_on, day)
            select w.region, w.id, w.unit, s.stage, s.reach, w.expires_on, %(today)s
              from due join expiry_watch w using (id) join (values {names}) s (rank, stage, reach) using (rank)
            on conflict (region, watch_id, expires_on, stage) do nothing
            returning watch_id, unit, stage, reach, expires_on
        ), seen as (
            update expiry_watch set fresh = false where fresh and region = %(region)s
        ), called as (
            insert into expiry_task (region, watch_id, unit, kind, stage, expires_on, due_on, opened_at)
            select %(region)s, watch_id, unit, 'one_on_one', stage, expires_on, %(due)s, %(at)s
              from said where reach = 'person'
            on conflict do nothing
            returning 1
        )
        select (select count(*) from said), (select count(*) from called)
        """,
        params | {"due": calendar.next_working(today)},
    )
    written, called = cursor.fetchone()
    return written, called


def _newcomers() -> str:
    """Return the query for those that came when a stage had already passed: what `rules.stage_now` chooses from, for all at once."""
    rows = ", ".join(
        f"('{point.reach}', {RANK[stage]}, {point.anchor} - {point.days}, {point.anchor}, %(fresh_{stage})s::date)"
        for stage, point in rules.STAGES.items()
    )
    return (
        "select id, reach, rank, stands_on from expiry_watch "
        f"cross join lateral (values {rows}) s (reach, rank, stands_on, anchor, reached) "
        "where fresh and region = %(region)s and state = 'live' and expires_on >= %(today)s "
        "and anchor between %(today)s and reached"
    )


# What a message is filled with. Materials, channel and phone are the item's own words (F10.11).
_VALUES = """
    select r.region as region, 'expiry-' || r.watch_id || '-' || r.expires_on || '-' || r.stage as key,
           'expiry:' || r.watch_id || ':' || r.expires_on as subject,
           l.mobile_sealed, l.mobile_hash, l.holder_hash,
           jsonb_build_object(
               'licence', i.name, 'licence_en', i.name_en, 'number_tail', right(l.number, 4), 'holder', l.holder_name,
               'expires_on', w.expires_on, 'apply_by', coalesce(w.closes_on, w.expires_on),
               'days_left', w.expires_on - %(today)s::date, 'materials', i.bring, 'materials_en', i.bring_en,
               'channel', i.channel, 'channel_en', i.channel_en, 'phone', i.phone,
               'link', %(site)s || '/expiry/mine/' || w.id || '/'
           ) as values, i.licence_type as variant
      from expiry_reminder r
      join expiry_watch w on w.id = r.watch_id
      join expiry_item i on i.id = w.item_id
      join licences_licence l on l.id = w.licence_id
     where r.region = %(region)s and r.day = %(today)s and r.reach = 'message'
"""


def _ask_for_messages(region: str, today: date, at: datetime) -> int:
    """Ask the kernel to send what was written for today; its key makes a repeated question harmless."""
    params = {"region": region, "today": today, "site": settings.SITE_URL}
    in_time = notices.accept_select(
        kind=WINDOW, at=at, sql=_VALUES + " and w.closes_on >= %(today)s", params=params, variant=True
    )
    late = notices.accept_select(
        kind=EXPIRING,
        at=at,
        sql=_VALUES + " and (w.closes_on is null or w.closes_on < %(today)s)",
        params=params,
        variant=True,
    )
    return in_time + late


def _note(cursor: Any, region: str, done: Inspected) -> None:
    cursor.execute(
        "update expiry_inspection set messages = messages + %s, tasks = tasks + %s, lapsed = lapsed + %s "
        "where region = %s and day = %s",
        [done.messages, done.tasks, done.lapsed, region, done.day],
    )
