"""The promises of case ten, each asked of the service's own rows; every one of them can be found broken.

Where nothing has happened yet there is nothing to keep or break: `Cannot`, with the sentence that says so. `detail` always
says how many were looked at and how many break the promise.
"""

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Min
from psycopg import sql

from bancheng.kernel.claims import public as claims
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.notices import public as notices
from bancheng.lib import identifiers
from bancheng.lib.manifest import PUBLIC
from bancheng.lib.text import Text
from bancheng.services.expiry import notice, rules
from bancheng.services.expiry.models import Batch, Inspection, Item, Review, Watch
from bancheng.web import entrances

NO_LICENCES = ("还没有载入证照，无从检验", "No licences are held yet")
NO_ITEMS = ("还没有公布提醒事项，无从检验", "No items are published yet")
NOT_INSPECTED = ("还没有巡检过，无从检验", "Nothing has been inspected yet")
PARTS_OF_THE_NOTICE = ("工作目标", "工作内容", "工作重点", "工作要求")
# what a citizen ID looks like inside a longer text; a hit counts only when its check digit fits
LOOKS_LIKE_AN_ID = r"[1-9]\d{5}(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx]"
# a mobile number as people write it: 13800000000, 138-0000-0000, +86 138 0000 0000
LOOKS_LIKE_A_MOBILE = r"(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}"
# eleven digits here are a number of the licence: in Hebei, Shanxi and Inner Mongolia area codes begin as mobile numbers do
NUMBERED_LIKE_A_MOBILE = {("licences_licence", "number")}


def kept(broken: int, zh: str, en: str) -> claims.Value:
    """Return 1 when nothing breaks the promise, else 0."""
    return claims.Value(int(not broken), detail=Text(zh, en))


def _row(query: str, *params: Any) -> tuple[Any, ...]:
    with connection.cursor() as cursor:
        cursor.execute(query, list(params))
        return tuple(cursor.fetchone())


def _public(name: str) -> bool:
    return any(door.name == name and PUBLIC in door.who for door in entrances.every())


def _inspected() -> None:
    if not Inspection.objects.exists():
        raise claims.Cannot(*NOT_INSPECTED)


def _items() -> list[Item]:
    found = list(Item.objects.filter(withdrawn_on=None))
    if not found:
        raise claims.Cannot(*NO_ITEMS)
    return found


def mechanism() -> claims.Value:
    """F10.1: the notice of the mechanism, with its four parts, is in the pack and on a page open to everybody."""
    told = notice.read(Path(settings.PACK) / "services" / "expiry")
    parts = {part.title.zh for part in told.parts if part.points} if told else set()
    missing = [title for title in PARTS_OF_THE_NOTICE if title not in parts]
    shown = _public("expiry:notice")
    return kept(
        len(missing) + (not shown),
        f"公开页面{'有' if shown else '没有'}；通知缺少的部分：{'、'.join(missing) or '无'}",
        f"public page: {'yes' if shown else 'no'}; {len(missing)} of the four parts missing",
    )


def one_platform() -> claims.Value:
    """F10.2: every licence under a published item, whatever the unit, is watched by the one inspection."""
    _inspected()
    held, unwatched, units = _row(
        """
        select count(*), count(*) filter (where w.id is null), count(distinct i.unit)
          from licences_licence l
          join expiry_item i on i.region = l.region and i.unit = l.unit and i.licence_type = l.licence_type
                            and i.withdrawn_on is null
          left join expiry_watch w on w.licence_id = l.id
        """
    )
    if not held:
        raise claims.Cannot(*NO_LICENCES)
    return kept(
        unwatched,
        f"{units}家单位的{held}件证照中，{unwatched}件未纳入巡检",
        f"{held} licences of {units} units, {unwatched} not under watch",
    )


def issuer_verifies() -> claims.Value:
    """F10.3: no licence was entered by another unit's ledger, and none is watched for another unit."""
    held, foreign = _row(
        """
        select count(*), count(*) filter (where w.unit <> l.unit or i.unit <> l.unit or b.unit <> l.unit)
          from expiry_watch w
          join licences_licence l on l.id = w.licence_id
          join expiry_item i on i.id = w.item_id
          left join expiry_batch b on b.id::text = l.source_batch
        """
    )
    if not held:
        raise claims.Cannot(*NO_LICENCES)
    return kept(
        foreign,
        f"{held}件证照中，{foreign}件的来源不是制发单位",
        f"of {held} licences {foreign} come from a unit that did not issue them",
    )


def base_database() -> claims.Value:
    """F10.4: every row of a ledger that was read is accounted for, and what was added is in the library."""
    ledgers = Batch.objects.filter(state=Batch.State.DONE).count()
    if not ledgers:
        raise claims.Cannot("还没有读完的台账，无从检验", "No ledger has been read yet")
    rows, lost, absent = _row(
        """
        select sum(rows), sum(abs(rows - added - changed - same - older - bad)),
               (select count(*) from (
                    select unit, sum(added) as added from expiry_batch where state = 'done' group by unit) told
                 where told.added > (select count(*) from licences_licence l where l.unit = told.unit))
          from expiry_batch where state = 'done'
        """
    )
    return kept(
        lost + absent,
        f"{ledgers}份台账共{rows}行，{lost}行去向不明，{absent}家单位的入库数少于台账",
        f"{ledgers} ledgers of {rows} rows: {lost} rows unaccounted for, {absent} units hold less than they sent",
    )


def inspected_nightly() -> claims.Value:
    """F10.5: every region is inspected up to yesterday; nights that were missed are caught up by the next one."""
    _inspected()
    late, nights, missed = _row(
        """
        select count(*) filter (where last < %s), sum(n), sum(last - first + 1 - n)
          from (select region, min(day) as first, max(day) as last, count(*) as n from expiry_inspection group by region) r
        """,
        clocks.today() - timedelta(days=1),
    )
    return kept(
        late,
        f"已巡检{nights}天，补检{missed}天；尚未检到昨天的地区{late}个",
        f"{nights} days inspected, {missed} caught up; {late} regions are behind yesterday",
    )


def reminded() -> claims.Value:
    """F10.6: whoever is within 30 days, and whoever lapsed since inspections began, was told, or had said it was done."""
    _inspected()
    due, untold = _row(
        """
        with last as (select region, min(day) as first, max(day) as day, max(ran_at) as ran_at
                        from expiry_inspection group by region),
        owed as (
            select w.region, w.id, w.expires_on from expiry_watch w join last on last.region = w.region
             where w.state = 'live' and not w.fresh and w.updated_at <= last.ran_at
               and w.expires_on between last.day and last.day + 30
            union all
            select t.region, t.watch_id, t.expires_on
              from expiry_term t join last on last.region = t.region join expiry_watch w on w.id = t.watch_id
             where t.outcome = 'lapsed' and t.ended_on = t.expires_on + 1 and t.expires_on > last.first
               and w.answered_at is null
        )
        select count(*), count(*) filter (where not exists (
                   select from expiry_reminder r
                    where r.region = owed.region and r.watch_id = owed.id and r.expires_on = owed.expires_on
                      and r.reach = 'message'))
          from owed
        """
    )
    if not due:
        raise claims.Cannot("还没有证照进入到期前30天，无从检验", "No licence has come within 30 days of its end yet")
    return kept(untold, f"应提醒{due}件，未提醒{untold}件", f"{due} were due a reminder, {untold} had none")


def nobody_missed() -> claims.Value:
    """F10.7: everybody still unrenewed three days before has a task, and no task is past its day without an officer."""
    _inspected()
    due, without, unassigned, ever = _row(
        """
        with last as (select region, max(day) as day, max(ran_at) as ran_at from expiry_inspection group by region)
        select count(*), count(*) filter (where not exists (
                   select from expiry_task t where t.region = w.region and t.watch_id = w.id
                      and t.expires_on = w.expires_on and t.kind = 'one_on_one')),
               (select count(*) from expiry_task
                 where kind = 'one_on_one' and closed_at is null and assignee_id is null and due_on < %s),
               (select count(*) from expiry_task where kind = 'one_on_one')
          from expiry_watch w join last on last.region = w.region
         where w.state in ('live', 'says_done') and not w.fresh and w.updated_at <= last.ran_at
           and w.expires_on between last.day and last.day + 3
        """,
        clocks.today(),
    )
    if not ever and not due:
        raise claims.Cannot("还没有证照进入到期前3天，无从检验", "No licence has come within three days of its end yet")
    return kept(
        without + unassigned,
        f"到期前3天仍未办的{due}件，无任务{without}件；过期未分派的任务{unassigned}项（累计任务{ever}项）",
        f"{due} unrenewed at three days, {without} without a task; {unassigned} tasks overdue without an officer, of {ever}",
    )


def green_channel() -> claims.Value:
    """F10.8: a task of a special group ends by a visit; a call may only arrange one, and is then no task of theirs yet."""
    done, called = _row(
        """
        select count(*), count(*) filter (where t.method <> 'visit')
          from expiry_task t join expiry_watch w on w.id = t.watch_id
         where w.special and t.kind = 'one_on_one' and t.closed_at is not null
           and t.result <> 'settled' and not (t.method = 'call' and t.result = 'home_service')
        """
    )
    if not done:
        raise claims.Cannot("还没有办结过特殊群体的任务，无从检验", "No task of a special group has been closed yet")
    return kept(
        called,
        f"特殊群体任务{done}项，其中未上门{called}项",
        f"{done} tasks of special groups, {called} without a visit",
    )


def identifiers_sealed() -> claims.Value:
    """F10.9: no citizen ID and no mobile number stands in any column of the licence, expiry, identity and notice tables.

    Columns called sealed are searched too. The phones that items publish for their units are nobody's own.
    """
    if not Watch.objects.exists():
        raise claims.Cannot(*NO_LICENCES)
    columns = list(_columns())
    published = {number for item in Item.objects.all() for number in _mobiles(f"{item.phone} {item.offline}")}
    ids = mobiles = 0
    for table, column, kind in columns:
        for text in _suspects(table, column, kind):
            found = set(_mobiles(text))
            if not found:
                ids += _is_id(text)
            elif (table, column) not in NUMBERED_LIKE_A_MOBILE:
                mobiles += bool(found - published)
    return kept(
        ids + mobiles,
        f"检查了{len(columns)}列，明文身份证号{ids}处，明文手机号{mobiles}处",
        f"{len(columns)} columns searched, {ids} plain citizen IDs, {mobiles} plain mobile numbers",
    )


def _mobiles(text: str) -> list[str]:
    """Return the mobile numbers in `text`, eleven digits each."""
    found = re.findall(rf"(?<![0-9A-Za-z]){LOOKS_LIKE_A_MOBILE}(?![0-9A-Za-z])", text)
    return [re.sub(r"\D", "", number)[-11:] for number in found]


def _columns() -> Iterator[tuple[str, str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            r"""
            select table_name, column_name, data_type from information_schema.columns
             where table_schema = current_schema() and table_name similar to '(licences|expiry|identity|notices)\_%'
               and data_type in ('text', 'character varying', 'jsonb', 'bytea')
             order by 1, 2
            """
        )
        yield from cursor.fetchall()


def _suspects(table: str, column: str, kind: str) -> list[str]:
    """Return all that looks like a citizen ID or a mobile number in a column."""
    shown = sql.SQL("encode({}, 'escape')" if kind == "bytea" else "{}::text").format(sql.Identifier(column))
    looks = rf"(?<![0-9A-Za-z])({LOOKS_LIKE_AN_ID}|{LOOKS_LIKE_A_MOBILE})(?![0-9A-Za-z])"
    query = sql.SQL("select (regexp_matches({}, {}, 'g'))[1] from {}").format(
        shown, sql.Literal(looks), sql.Identifier(table)
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        return [text for (text,) in cursor.fetchall()]


def _is_id(text: str) -> bool:
    try:
        identifiers.check_citizen_id(text, today=clocks.today())
    except identifiers.Invalid:
        return False
    return True


def directory_public() -> claims.Value:
    """F10.10: anybody may open the directory, and no unit has licences under watch without a published item."""
    listed = {item.unit for item in _items()}
    hidden = set(Watch.objects.values_list("unit", flat=True).distinct()) - listed
    shown = _public("expiry:directory")
    return kept(
        len(hidden) + (not shown),
        f"目录{'公开' if shown else '未公开'}，列出{len(listed)}家单位；有证照而无公布事项的单位{len(hidden)}家",
        f"the directory is {'public' if shown else 'not public'} and lists {len(listed)} units; {len(hidden)} are missing",
    )


def templates_whole() -> claims.Value:
    """F10.11: what is said for every item names the exact date, channels, materials and phone, and the item has them."""
    items = [item for item in _items() if item.validity_years]
    wanting = [item.code for item in items if not (_facts(item) and _said(item))]
    return kept(
        len(wanting),
        f"{len(items)}个会到期的事项，模板或要素不全的{len(wanting)}个{'：' if wanting else ''}{'、'.join(wanting[:5])}",
        f"{len(items)} items that expire, {len(wanting)} without a whole template",
    )


def _facts(item: Item) -> bool:
    return all((item.materials, item.channel, item.offline, item.phone))


def _said(item: Item) -> bool:
    """Return whether the published texts of an item hold all they must, in both languages."""
    wanted = {"expires_on", "materials", "channel", "phone"}
    draft = notices.published_draft(kind="expiry.expiring", variant=item.licence_type) or notices.published_draft(
        kind="expiry.expiring"
    )
    if draft is None:
        return False
    rows = " ".join(value for _, value in draft.rows)
    return all(
        f"{{{name}}}" in (said := " ".join(text[language] for text in draft.texts.values()) + rows)
        or f"{{{name}_en}}" in said
        for name in wanted
        for language in ("zh", "en")
    )


def one_visit() -> claims.Value:
    """F10.12: every item can be renewed online or with a single visit; one whose guide has no online way may need two."""
    items = _items()
    twice = [item.code for item in items if not item.online]
    return kept(
        len(twice),
        f"{len(items)}个事项中，不能网上申请、可能要跑两次的{len(twice)}个{'：' if twice else ''}{'、'.join(twice[:5])}",
        f"of {len(items)} items {len(twice)} cannot be applied for online and may need two visits",
    )


def reviewed_quarterly() -> claims.Value:
    """F10.13: every unit has a review for each quarter that ended since its first item was published, or its first ledger came."""
    first: dict[str, date] = dict(Batch.objects.values_list("unit").annotate(Min("uploaded_at__date")))
    for item in _items():
        first[item.unit] = min(first.get(item.unit, item.published_on), item.published_on)
    owed = {(unit, quarter) for unit, day in first.items() for quarter in _ended_quarters(day, clocks.today())}
    if not owed:
        raise claims.Cannot(
            "事项公布以来还没有一个季度结束，无从检验", "No quarter has ended since the items were published"
        )
    missing = owed - set(Review.objects.values_list("unit", "quarter"))
    return kept(
        len(missing),
        f"应有{len(owed)}次季度梳理，缺{len(missing)}次",
        f"{len(owed)} quarterly reviews were due, {len(missing)} are missing",
    )


def _ended_quarters(first: date, today: date) -> Iterator[str]:
    """Yield the quarters that began on or after the one of `first` and ended before `today`."""
    start = date(first.year, first.month - (first.month - 1) % 3, 1)
    while (after := clocks.add_months(start, 3)) <= today:
        yield rules.quarter(start)
        start = after


def closed_loop() -> claims.Value:
    """F10.14: every reminder of a term that is over has an outcome."""
    _inspected()
    over, open_ = _row(
        """
        with last as (select region, max(day) as day from expiry_inspection group by region)
        select count(*), count(*) filter (where t.id is null)
          from expiry_reminder r join last on last.region = r.region and r.expires_on < last.day
          left join expiry_term t on t.region = r.region and t.watch_id = r.watch_id and t.expires_on = r.expires_on
        """
    )
    if not over:
        raise claims.Cannot(
            "提醒过的证照还没有到期的，无从检验", "No licence that was reminded of has reached its end yet"
        )
    return kept(
        open_,
        f"已到期的提醒{over}条，没有结果的{open_}条",
        f"{over} reminders of terms that are over, {open_} without an outcome",
    )


def four_fields() -> claims.Value:
    """F10.15: market regulation, health, transport and tobacco each have items."""
    found = {item.domain for item in _items()}
    missing = {"market", "health", "transport", "tobacco"} - found
    return kept(
        len(missing),
        f"有提醒事项的领域{len(found)}个，四个指定领域缺{len(missing)}个",
        f"{len(found)} fields have items; {len(missing)} of the four named ones are missing",
    )


PROMISES: dict[str, Callable[[], claims.Value]] = {
    "F10.1": mechanism,
    "F10.2": one_platform,
    "F10.3": issuer_verifies,
    "F10.4": base_database,
    "F10.5": inspected_nightly,
    "F10.6": reminded,
    "F10.7": nobody_missed,
    "F10.8": green_channel,
    "F10.9": identifiers_sealed,
    "F10.10": directory_public,
    "F10.11": templates_whole,
    "F10.12": one_visit,
    "F10.13": reviewed_quarterly,
    "F10.14": closed_loop,
    "F10.15": four_fields,
}
