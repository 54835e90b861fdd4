"""What the alarm says to the people of the units: one message an account, kind and day, with counts and a link.

Inbox only: staff read their desk. Each kind is one statement however many tasks, units and accounts there are, and its key makes a
second run of the same day harmless. Nobody is told on a rest day (B10.12).
"""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction

from bancheng.kernel.catalogue import public as catalogue
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.identity import public as identity
from bancheng.kernel.notices import public as notices
from bancheng.lib.days import day_of, start_of
from bancheng.services.expiry import rules
from bancheng.services.expiry.models import Batch
from bancheng.services.expiry.operations.ledger import KEEP_BAD_ROWS_DAYS

NINE = time(9, tzinfo=clocks.SHANGHAI)  # when the day's word is given; what came after the last one is new

# who reads for which unit; an account that stands for several units hears of all in one message
READERS = """
    select * from unnest(%(accounts)s::bigint[], %(hashes)s::bytea[], %(units)s::text[], %(names)s::text[],
                         %(names_en)s::text[]) as r (account, holder_hash, unit, name, name_en)
"""
MESSAGE = """
    select %(region)s::text as region, %(kind)s || '-' || r.account || '-' || %(when)s as key,
           %(kind)s || ':' || %(when)s as subject, null::bytea as mobile_sealed, null::bytea as mobile_hash, r.holder_hash,
           jsonb_build_object('link', %(link)s::text, 'unit', string_agg(distinct r.name, '、' order by r.name),
                              'unit_en', string_agg(distinct r.name_en, ', ' order by r.name_en)) || ({values}) as values,
           case when sum(w.number) = 0 then 'others' else '' end as variant  -- no call to make, but other work
      from ({readers}) r join ({work}) w on w.unit = r.unit group by r.account, r.holder_hash
"""
COUNTED = "jsonb_build_object('number', sum(w.number)::int, 'others', sum(w.others)::int, 'due_on', min(w.due_on))"

# T-3 is today's work until it is past its day; of other tasks those that are new since the last word, or end today
TASKS = """
    select * from (
        select unit, count(*) filter (where kind = 'one_on_one') as number,
               count(*) filter (where kind <> 'one_on_one' and (due_on = %(today)s or opened_at >= %(since)s)) as others,
               coalesce(min(due_on) filter (where kind = 'one_on_one'), %(today)s) as due_on
          from expiry_task
         where region = %(region)s and closed_at is null and due_on >= %(today)s and kind <> 'agency' group by unit
    ) open where number + others > 0
"""
OVERDUE = """
    select unit, count(*) as number, 0 as others, min(due_on) as due_on from expiry_task
     where region = %(region)s and closed_at is null and due_on < %(today)s group by unit
"""
AGENCY = """
    select unit, count(*) as number, 0 as others, min(due_on) as due_on from expiry_task
     where region = %(region)s and closed_at is null and due_on >= %(today)s and kind = 'agency' group by unit
"""
NOT_REVIEWED = """
    select distinct i.unit, 1 as number, 0 as others, %(last)s::date as due_on from expiry_item i
     where i.region = %(region)s and i.withdrawn_on is null and not exists (
        select from expiry_review v where v.region = i.region and v.unit = i.unit and v.quarter = %(quarter)s)
"""
# a supervisor reads figures of the whole city: `unit` is his own and joins nothing but the one row of figures
SILENT = f"""
    select r.unit, f.* from (select distinct unit from ({READERS}) all_readers) r, (
        select count(*) filter (where not exists (select from expiry_review v
                 where v.region = %(region)s and v.unit = u.unit and v.quarter = %(quarter)s)) as number,
               count(*) filter (where not exists (select from expiry_batch b
                 where b.region = %(region)s and b.unit = u.unit and b.state <> 'refused' and b.uploaded_at >= %(first)s)
               ) as others, %(today)s::date as due_on
          from (select distinct unit from expiry_item where region = %(region)s and withdrawn_on is null) u
    ) f where f.number + f.others > 0
"""


def tell_staff(*, today: date, at: datetime, region: str) -> int:
    """Tell unit administrators and supervisors of `region` what the day holds for them; return how many messages that made.

    Each working day: the T-3 list with what else is new, what is overdue, which applications the unit's silence is about to
    renew. From the first working day of a quarter's last two weeks the review that is still due, once; in its last week, to the
    supervisors, how many units have not reviewed or sent a ledger, once. On a rest day nothing.
    """
    calendar = clocks.calendar()
    if not calendar.is_working(today):
        return 0
    quarter, last = rules.quarter(today), rules.quarter_last(today)
    yesterday = calendar.previous_working(today - timedelta(days=1))
    facts: dict[str, Any] = {
        "region": region,
        "today": today,
        "since": datetime.combine(yesterday, NINE),
        "quarter": quarter,
        "first": start_of(rules.quarter_first(today)),
        "last": calendar.previous_working(last),
    }
    admins, day = _readers("unit_admin", at), {**facts, "when": str(today)}
    with transaction.atomic():
        told = _tell("expiry.tasks", TASKS, COUNTED, "/expiry/tasks/", admins, day, at)
        told += _tell("expiry.overdue", OVERDUE, COUNTED, "/expiry/tasks/", admins, day, at)
        told += _tell("expiry.agency", AGENCY, COUNTED, "/expiry/tasks/", admins, day, at)
        once = {**facts, "when": quarter}
        if today > last - timedelta(days=rules.REVIEW_DAYS):
            asked = f"{COUNTED} || jsonb_build_object('quarter', %(quarter)s::text)"
            told += _tell("expiry.quarter", NOT_REVIEWED, asked, "/expiry/review/", admins, once, at)
        if today > last - timedelta(days=rules.SILENT_DAYS):
            told += _tell("expiry.silent", SILENT, COUNTED, "/expiry/board/", _readers("supervisor", at), once, at)
    return told


def tell_of_bad_rows(*, batch: Batch, at: datetime) -> int:
    """Tell the unit's administrators at once that rows of a ledger came back; return how many messages that made."""
    if batch.state != Batch.State.DONE or not batch.bad or batch.finished_at is None:
        return 0
    kept_until = day_of(batch.finished_at) + timedelta(days=KEEP_BAD_ROWS_DAYS)
    work = "select %(unit)s::text as unit, %(bad)s::int as number, 0 as others, %(due)s::date as due_on"
    facts = {"region": batch.region, "unit": batch.unit, "bad": batch.bad, "due": kept_until, "when": str(batch.pk)}
    readers = _readers("unit_admin", at)
    return _tell("expiry.batch", work, COUNTED, f"/expiry/ledgers/{batch.pk}/", readers, facts, at)


def _readers(role: str, at: datetime) -> dict[str, Sequence[Any]]:
    """Return every holder of `role` with his units, as the columns of READERS: two questions for the whole city."""
    held = identity.role_holders(role=role, service="expiry", at=at)
    units = {unit.code: unit for unit in catalogue.units()}
    return {
        "accounts": [account for account, _ in held],
        "hashes": [identity.staff_hash(account) for account, _ in held],
        "units": [unit for _, unit in held],
        "names": [units[unit].name if unit in units else unit for _, unit in held],
        "names_en": [units[unit].name_en if unit in units else unit for _, unit in held],
    }


def _tell(
    kind: str,
    work: str,
    values: str,
    path: str,
    readers: dict[str, Sequence[Any]],
    facts: dict[str, Any],
    at: datetime,
) -> int:
    """Accept one message for each reader of a unit that `work` names; what was accepted before adds nothing."""
    sql = MESSAGE.format(readers=READERS, work=work, values=values)
    return notices.accept_select(
        kind=kind,
        at=at,
        sql=sql,
        params={**facts, **readers, "kind": kind, "link": settings.SITE_URL + path},
        variant=True,
    )
