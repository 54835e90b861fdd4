"""The dashboard's figures, recomputed from rows each time. No identities stand here (P-6)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import Count, Exists, F, Max, OuterRef, QuerySet, Sum
from django.db.models.functions import TruncMonth

from bancheng.kernel.catalogue import public as catalogue
from bancheng.kernel.notices import public as notices
from bancheng.lib.share import Share
from bancheng.lib.text import Text
from bancheng.services.expiry import rules
from bancheng.services.expiry.models import Batch, Item, Reminder, Review, Task, Term, Watch

EVER = date(2000, 1, 1)
KINDS = ("expiry.window", "expiry.expiring")
ACT_WITHIN_DAYS = 7


@dataclass(frozen=True)
class Delivery:
    """How far the reminders of the whole city came; each figure holds those behind it."""

    accepted: int
    sent: int
    delivered: int
    read: int
    waiting: int
    stopped: int  # answered, renewed or opted out before it left
    failed: int  # every channel failed: a person's task


def delivery(today: date) -> Delivery:
    """Return how far reminders came, over both kinds; staff notices are not in it."""
    found = [notices.stats(first=EVER, last=today, kind=kind) for kind in KINDS]
    return Delivery(
        accepted=sum(each.accepted for each in found),
        sent=sum(each.underway + each.reached + each.exhausted for each in found),
        delivered=sum(each.reached for each in found),
        read=sum(each.read for each in found),
        waiting=sum(each.waiting for each in found),
        stopped=sum(each.suppressed for each in found),
        failed=sum(each.exhausted for each in found),
    )


# A term counts once. Acting is renewing, applying, or answering; a term is left out while its seven days still run.
_ACTED = """
    with told as (
        select watch_id, expires_on, min(day) as first from expiry_reminder
         where reach = 'message' and (%(units)s::text[] is null or unit = any(%(units)s)) group by 1, 2
    ), seen as (
        select r.watch_id, r.expires_on, told.first,
               t.ended_on between r.day and r.day + %(days)s::int
               or w.applied_on between r.day and r.day + %(days)s::int
               or (w.answered_at at time zone 'Asia/Shanghai')::date between r.day and r.day + %(days)s::int as acted
          from expiry_reminder r join told using (watch_id, expires_on)
          left join expiry_term t on t.watch_id = r.watch_id and t.expires_on = r.expires_on and t.outcome <> 'lapsed'
          left join expiry_watch w on w.id = r.watch_id and w.expires_on = r.expires_on
         where r.reach = 'message'
    ), terms as (
        select bool_or(coalesce(acted, false)) as acted, min(first) as first from seen group by watch_id, expires_on
    )
    select count(*) filter (where acted), count(*) from terms where acted or first + %(days)s::int < %(today)s::date
"""


def acted(today: date, units: Sequence[str] | None = None) -> Share:
    """Return how many reminded terms were acted upon within seven days of a message."""
    with connection.cursor() as cursor:
        params = {"units": None if units is None else list(units), "days": ACT_WITHIN_DAYS, "today": today}
        cursor.execute(_ACTED, params)
        return Share(*cursor.fetchone())


def closed_in_time(today: date, **mine: Any) -> Share:
    """Return how many one-on-one tasks were closed by their day, of those that are closed or past it."""
    tasks = Task.objects.filter(kind=Task.Kind.ONE_ON_ONE, **mine)
    in_time = tasks.filter(closed_at__date__lte=F("due_on")).count()
    return Share(in_time, tasks.exclude(closed_at=None, due_on__gte=today).count())


@dataclass(frozen=True)
class Saved:
    """Suspensions the alarm spared: renewals after a reminder × the share that had run out before there was one."""

    renewed: int  # terms renewed in time after at least one reminder
    before: Share  # licences already over when their ledger first came in, of those with a last day

    @property
    def value(self) -> int | None:
        return None if self.before.value is None else round(self.renewed * self.before.value)


def saved(**mine: Any) -> Saved:
    """Return the estimate. It is one, and its parts are shown: nobody can count what did not happen."""
    told = messages(watch=OuterRef("watch"), expires_on=OuterRef("expires_on"))
    ended_well = Term.objects.filter(outcome__in=[rules.Outcome.RENEWED, rules.Outcome.DEEMED], **mine)
    renewed = ended_well.filter(Exists(told)).count()
    rows = Batch.objects.filter(**mine).aggregate(
        over=Sum("expired"), read=Sum("read"), bad=Sum("bad"), end=Sum("endless")
    )
    counted = (rows["read"] or 0) - (rows["bad"] or 0) - (rows["end"] or 0)
    return Saved(renewed, Share(rows["over"] or 0, counted))


@dataclass(frozen=True)
class DomainLine:
    """One domain: what it has and what became of it."""

    code: str
    name: Text
    items: int
    licences: int
    reminders: int
    rate: Share


def by_domain(**mine: Any) -> list[DomainLine]:
    """Return each domain with items or licences, those with most licences first."""
    items = dict(Item.objects.filter(withdrawn_on=None, **mine).values_list("domain").annotate(Count("pk")))
    licences = dict(Watch.objects.filter(**mine).values_list("item__domain").annotate(Count("pk")))
    told = dict(messages(**mine).values_list("watch__item__domain").annotate(Count("pk")))
    ended: dict[str, dict[rules.Outcome, int]] = {}
    for domain, outcome, number in (
        Term.objects.filter(**mine).values_list("item__domain", "outcome").annotate(Count("pk"))
    ):
        ended.setdefault(domain, {})[rules.Outcome(outcome)] = number
    lines = [
        DomainLine(
            domain.code,
            Text(domain.name, domain.name_en),
            items.get(domain.code, 0),
            licences.get(domain.code, 0),
            told.get(domain.code, 0),
            Share(*rules.renewal_rate(ended.get(domain.code, {}))),
        )
        for domain in catalogue.domains()
        if domain.code in items or domain.code in licences
    ]
    return sorted(lines, key=lambda line: -line.licences)


def rate(**mine: Any) -> Share:
    """Return how many terms were renewed in time, of those that should have been (R10.6)."""
    counted = Term.objects.filter(**mine).values_list("outcome").annotate(Count("pk"))
    return Share(*rules.renewal_rate({rules.Outcome(outcome): number for outcome, number in counted}))


def messages(**where: Any) -> QuerySet[Reminder]:
    """Return the reminders that went out as messages."""
    return Reminder.objects.filter(reach=rules.Reach.MESSAGE, **where)


@dataclass(frozen=True)
class SilentUnit:
    """A unit of which nothing was heard this quarter: no ledger, no review, or neither."""

    unit: catalogue.Unit
    uploaded_on: date | None
    reviewed: bool


def silent(today: date) -> list[SilentUnit]:
    """Return the units that sent no ledger or made no review this quarter, those silent for longest first."""
    first = rules.quarter_first(today)
    reviewed = set(Review.objects.filter(quarter=rules.quarter(today)).values_list("unit", flat=True))
    last = dict(Batch.objects.values_list("unit").annotate(Max("uploaded_at__date")))
    codes = set(Item.objects.filter(withdrawn_on=None).values_list("unit", flat=True))
    lines = [
        SilentUnit(unit, last.get(code), code in reviewed)
        for code, unit in catalogue.units_by_code(codes).items()
        if code not in reviewed or last.get(code, date.min) < first
    ]
    return sorted(lines, key=lambda line: (line.uploaded_on or date.min, line.unit.code))


@dataclass(frozen=True)
class Board:
    """The dashboard as of now, of some units or of the whole city; `delivery` and `silent` are the city's alone."""

    units: int
    tasks_opened: int
    rate: Share  # R10.6
    acted: Share
    in_time: Share
    saved: Saved
    domains: Sequence[DomainLine]
    by_month: Sequence[tuple[date, int]]  # first of month, reminders
    delivery: Delivery | None
    silent: Sequence[SilentUnit]

    @property
    def items(self) -> int:
        return sum(line.items for line in self.domains)

    @property
    def licences(self) -> int:
        return sum(line.licences for line in self.domains)

    @property
    def reminders(self) -> int:
        return sum(line.reminders for line in self.domains)

    @property
    def months(self) -> list[tuple[str, int]]:
        return [(f"{month:%Y-%m}", count) for month, count in self.by_month]

    @property
    def busy(self) -> list[DomainLine]:
        return [line for line in self.domains if line.licences]

    @property
    def quiet(self) -> list[DomainLine]:
        return [line for line in self.domains if not line.licences]


def board(today: date, units: Sequence[str] | None = None) -> Board:
    """Return the dashboard of some units (None: the whole city)."""
    mine: dict[str, Any] = {} if units is None else {"unit__in": list(units)}
    months = messages(**mine).annotate(month=TruncMonth("day")).values_list("month")
    return Board(
        units=Item.objects.filter(withdrawn_on=None, **mine).values("unit").distinct().count(),
        tasks_opened=Task.objects.filter(kind=Task.Kind.ONE_ON_ONE, **mine).count(),
        rate=rate(**mine),
        acted=acted(today, units),
        in_time=closed_in_time(today, **mine),
        saved=saved(**mine),
        domains=by_domain(**mine),
        by_month=list(months.annotate(Count("pk")).order_by("month")),
        delivery=delivery(today) if units is None else None,
        silent=silent(today) if units is None else (),
    )


def lines(board: Board) -> list[tuple[Text, Any, Text]]:
    """Return the dashboard as rows of (figure, value, how it is counted), for the download and for whoever checks."""
    found = [
        (Text("执法单位", "Units"), board.units, Text("有已公布提醒事项的单位", "units with published items")),
        (Text("提醒事项", "Items"), board.items, Text("已公布、未撤下", "published and not withdrawn")),
        (Text("纳入证照", "Licences"), board.licences, Text("每件一次", "each once")),
        (Text("已写提醒", "Reminders"), board.reminders, Text("每件证照每个阶段一次", "one a licence and stage")),
        (Text("按时续证率", "Renewed in time"), board.rate, RATE),
        (Text("7天内行动", "Acted within 7 days"), board.acted, ACTED),
        (Text("一对一按期办结", "One-on-one in time"), board.in_time, IN_TIME),
        (Text("避免停业估算", "Suspensions spared (estimate)"), board.saved.value, SAVED),
    ]
    if board.delivery:
        sent = board.delivery
        found += [
            (Text("已发出", "Sent"), sent.sent, Text("渠道已接收", "taken by a channel")),
            (Text("已送达", "Delivered"), sent.delivered, Text("有送达回执", "with a receipt")),
            (Text("已读", "Read"), sent.read, Text("打开过，短信没有已读回执", "opened; an SMS has no such receipt")),
            (Text("转人工", "Handed to a person"), sent.failed, Text("各渠道均未送达", "no channel arrived")),
        ]
    return found


RATE = Text(
    "到期前已续证÷到期应续，不含主动放弃、注销和撤销",
    "renewed before expiry ÷ due for renewal, without those given up, deregistered or revoked",
)
ACTED = Text(
    "收到消息后7天内续证、申请或回答的÷已提醒且满7天的，每个有效期一次",
    "renewed, applied or answered within 7 days of a message ÷ reminded terms whose 7 days are over, each once",
)
IN_TIME = Text("期限内办结÷已办结或已过期限的任务", "closed by their day ÷ tasks closed or past their day")
SAVED = Text(
    "提醒后按时续证件数×台账导入时已过期的占比",
    "renewals after a reminder × share already expired when the ledgers came in",
)
