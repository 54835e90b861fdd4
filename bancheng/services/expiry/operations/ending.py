"""When a permit has run out and was not renewed: the agency must cancel it, the holder must change or deregister (R10.3).

Set-based like the inspection that calls it (decision 0010).
"""

from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.notices import public as notices
from bancheng.services.expiry import rules

LAPSED = "expiry.lapsed"
REGISTER = "C-10"


def register_by(expired_on: date, calendar: clocks.Calendar) -> clocks.Deadline:
    """Return until when a holder whose permit ran out on `expired_on` must change or cancel its registration.

    市场主体登记管理条例 第二十六条: thirty days from the permit's end.
    """
    return clocks.decide(rule=clocks.rule(REGISTER), started_on=expired_on, calendar=calendar).statutory


def close_terms(
    cursor: Any, region: str, last_run: date | None, today: date, at: datetime, calendar: clocks.Calendar
) -> tuple[int, int]:
    """End the terms whose last day is over and give the unit its work; return (terms lapsed, tasks opened).

    An application under way is not among them: the kernel's clock says what becomes of it (`applications`). Who said he
    would not renew ended his term himself, but his permit too is to be cancelled (行政许可法 第七十条).
    """
    facts = {
        "region": region,
        "since": last_run or today - timedelta(days=1),
        "today": today,
        "due": calendar.add(today, rules.CANCEL_WORKING_DAYS),
        "at": at,
    }
    cursor.execute(_OVER, facts)
    first, given_up = cursor.fetchone()
    if first is None and not given_up:
        return 0, 0
    cursor.execute(_CLOSE, facts | {"first": first or today})
    lapsed, opened = cursor.fetchone()
    return lapsed, opened


# On most days nothing is over. The order by the day lets the scan of what is open answer, in two pages; without a first day the
# planner takes the years of lapsed licences for what is over, and reads them all.
_OVER = """
    select (select expires_on from expiry_watch
             where region = %(region)s and expires_on < %(today)s and state in ('live', 'says_done')
             order by expires_on limit 1),
           exists (select from expiry_term where region = %(region)s and outcome = 'given_up'
                                             and expires_on >= %(since)s and expires_on < %(today)s)
"""
_CLOSE = """
    with over as (
        update expiry_watch set updated_at = %(at)s, state = 'lapsed'
         where region = %(region)s and expires_on >= %(first)s and expires_on < %(today)s
           and state in ('live', 'says_done')
        returning id, item_id, unit, expires_on
    ), ended as (
        insert into expiry_term (region, watch_id, item_id, unit, expires_on, outcome, ended_on)
        select %(region)s, id, item_id, unit, expires_on, 'lapsed', expires_on + 1 from over
        on conflict do nothing
    ), unrenewed as (
        select id, unit, expires_on from over
        union all
        select w.id, w.unit, w.expires_on from expiry_term t join expiry_watch w on w.id = t.watch_id
         where t.region = %(region)s and t.outcome = 'given_up' and t.expires_on >= %(since)s
           and t.expires_on < %(today)s and w.state = 'given_up' and w.expires_on = t.expires_on
    ), owed as (
        insert into expiry_task (region, watch_id, unit, kind, expires_on, due_on, opened_at)
        select %(region)s, id, unit, 'cancel', expires_on, %(due)s, %(at)s from unrenewed
        on conflict do nothing
        returning 1
    )
    select (select count(*) from over), (select count(*) from owed)
"""


def tell_holders(*, region: str, at: datetime, calendar: clocks.Calendar) -> int:
    """Tell the holders whose cancellation was opened at `at` what follows; return how many.

    The inbox alone: a word after the end is no reminder, and contact data serve reminders only (R10.8).
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "select distinct expires_on from expiry_task where region = %s and opened_at = %s and kind = 'cancel'",
            [region, at],
        )
        ends = [day for (day,) in cursor.fetchall()]
    if not ends:
        return 0
    return notices.accept_select(
        kind=LAPSED,
        at=at,
        sql=_VALUES,
        params={
            "region": region,
            "opened_at": at,
            "site": settings.SITE_URL,
            "ends": ends,
            "until": [register_by(day, calendar).on for day in ends],
        },
    )


_VALUES = """
    select t.region, 'expiry-lapsed-' || t.watch_id || '-' || t.expires_on as key,
           'expiry:' || t.watch_id || ':' || t.expires_on as subject,
           null::bytea as mobile_sealed, null::bytea as mobile_hash, l.holder_hash,
           jsonb_build_object(
               'licence', i.name, 'licence_en', i.name_en, 'number_tail', right(l.number, 4), 'holder', l.holder_name,
               'expires_on', t.expires_on, 'register_by', e.until, 'phone', i.phone,
               'link', %(site)s || '/expiry/mine/' || t.watch_id || '/'
           ) as values
      from expiry_task t
      join unnest(%(ends)s::date[], %(until)s::date[]) as e (expires_on, until) on e.expires_on = t.expires_on
      join expiry_watch w on w.id = t.watch_id
      join expiry_item i on i.id = w.item_id
      join licences_licence l on l.id = w.licence_id
     where t.region = %(region)s and t.opened_at = %(opened_at)s and t.kind = 'cancel'
"""
