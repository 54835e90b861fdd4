"""Every read: what holders, units and the supervisor see. Owner checks stand here, so that no page can forget one."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.http import Http404

from bancheng.kernel.catalogue import public as catalogue
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.identity import public as identity
from bancheng.kernel.licences import public as licences
from bancheng.lib.refusal import Refused
from bancheng.lib.text import Text
from bancheng.services.expiry import rules, words
from bancheng.services.expiry.models import BadRow, Batch, Inspection, Item, Reminder, Review, Task, Watch
from bancheng.services.expiry.operations import ending
from bancheng.services.expiry.operations.applications import decide_by as decide_by
from bancheng.services.expiry.operations.applications import deliver_by
from bancheng.services.expiry.operations.ledger import FILE
from bancheng.services.expiry.operations.watches import window_end

SERVICE = "expiry"  # an agent sees what his writing lets him see in this service (P-5)


# -- the public directory


def directory(*, domain: str = "", unit: str = "", words: str = "") -> QuerySet[Item]:
    """Return the published items of the city, by unit (F10.10); `words` looks in the names of items and units."""
    items = Item.objects.filter(withdrawn_on=None).order_by("unit", "code")
    for word in words.split():
        low = word.lower()
        units = [each.code for each in catalogue.units() if low in each.name.lower() or low in each.name_en.lower()]
        items = items.filter(Q(name__icontains=word) | Q(name_en__icontains=word) | Q(unit__in=units))
    return items.filter(**{name: value for name, value in (("domain", domain), ("unit", unit)) if value})


def by_domain(items: Iterable[Item]) -> list[tuple[catalogue.Domain, list[Item]]]:
    """Return the items under their domains, in the city's own order of domains."""
    found: dict[str, list[Item]] = {}
    for each in items:
        found.setdefault(each.domain, []).append(each)
    return [(domain, found[domain.code]) for domain in catalogue.domains() if domain.code in found]


def places(item: Item) -> list[catalogue.Outlet]:
    """Return the outlets where an item's licence is renewed, both languages and addresses."""
    return [catalogue.outlet(code) for code in catalogue.matter(item.matter).outlets] if item.matter else []


def item(code: str) -> Item:
    """Return a published item, or raise Http404."""
    found = Item.objects.filter(code=code, withdrawn_on=None).first()
    if found is None:
        raise Http404
    return found


def domains() -> list[tuple[catalogue.Domain, int]]:
    """Return the domains that have published items, with how many."""
    counts = dict(directory().order_by().values_list("domain").annotate(Count("pk")))
    return [(domain, counts[domain.code]) for domain in catalogue.domains() if domain.code in counts]


def regions() -> list[str]:
    """Return the regions that have items: each is inspected by itself."""
    return list(Item.objects.order_by().values_list("region", flat=True).distinct())


@dataclass(frozen=True)
class Dates:
    """The last day to apply, and the sentence that explains it."""

    apply_by: date | None
    explain: Text


def dates(watch: Watch) -> Dates:
    """Return the last day to apply for a watch, explained."""
    if watch.closes_on is None or watch.expires_on is None or watch.item.closes is None:
        return Dates(None, Text("", ""))
    return Dates(
        watch.closes_on, window_end(watch.item, watch.item.closes, watch.expires_on, clocks.calendar()).explain
    )


def register_by(watch: Watch, today: date) -> clocks.Deadline | None:
    """Return until when the holder of a permit that ran out must change or cancel its registration, or None (R10.3)."""
    ended = watch.state in (rules.State.LAPSED, rules.State.GIVEN_UP)
    if not ended or watch.expires_on is None or watch.expires_on >= today:
        return None
    return ending.register_by(watch.expires_on, clocks.calendar())


CANCEL_LAW = Text(
    f"依据《行政许可法》第七十条，有效期届满未延续的，应当依法办理注销手续；法律没有规定天数，本市按{rules.CANCEL_WORKING_DAYS}个工作日办理。",
    "Administrative Licensing Law, art. 70: what ran out and was not renewed is to be cancelled. The law names no days; the "
    f"city's own limit is {rules.CANCEL_WORKING_DAYS} working days.",
)


def why_due(task: Task) -> Text:
    """Return the sentence behind the day of a task that some law or rule sets, or nothing."""
    if task.kind == Task.Kind.AGENCY:
        clock = decide_by(task.watch)
        return clock.due.explain if clock else Text("", "")
    if task.kind == Task.Kind.DEEMED:
        return deliver_by(task.expires_on).explain
    return CANCEL_LAW if task.kind == Task.Kind.CANCEL else Text("", "")


@dataclass(frozen=True)
class Example:
    """What an item's reminders would be for a licence that runs out in half a year."""

    expires_on: date
    events: Sequence[dict[str, Any]]
    explain: Text


def example(item: Item, today: date) -> Example | None:
    """Return an example of an item's schedule, or None for one that never runs out."""
    if item.validity_years == 0:
        return None
    expires_on = today + timedelta(days=180)
    closes = window_end(item, item.closes, expires_on, clocks.calendar()) if item.closes is not None else None
    anchors = {rules.Anchor.CLOSE: closes.on if closes else None, rules.Anchor.EXPIRY: expires_on}
    days = [
        (anchor - timedelta(days=point.days), stage)
        for stage, point in rules.STAGES.items()
        if (anchor := anchors[point.anchor])
    ]
    events = [{"what": words.STAGES[stage], "at": day, "state": ""} for day, stage in sorted(days)]
    return Example(expires_on, events, closes.explain if closes else Text("", ""))


# -- the holder


@dataclass(frozen=True)
class Mine:
    """One licence of the holder who asks, with what he should do."""

    watch: Watch
    licence: licences.View
    unit: catalogue.Unit
    today: date

    @property
    def item(self) -> Item:
        return self.watch.item

    @property
    def renewing(self) -> bool:
        """Return whether how to renew is still of use: not after an application, nor once its term is over."""
        return rules.State(self.watch.state) in (rules.State.LIVE, rules.State.SAYS_DONE, rules.State.GIVEN_UP) and (
            self.watch.expires_on is None or self.watch.expires_on >= self.today
        )

    @property
    def status(self) -> Text:
        return words.STATES[rules.State(self.watch.state)][1]

    @property
    def advice(self) -> Text:
        return words.advice(rules.State(self.watch.state), self.watch.closes_on, self.watch.expires_on, self.today)

    @property
    def card(self) -> dict[str, Any]:
        """Return what the licence card shows."""
        watch, state = self.watch, rules.State(self.watch.state)
        kind, status, counted = words.STATES[state][0], self.status, dict[str, Any]()
        if state is rules.State.LIVE and watch.expires_on:
            lead, lead_on = words.lead(watch.closes_on, watch.expires_on, self.today)
            kind, status = words.urgency(watch.opens_on, watch.closes_on or watch.expires_on, self.today)
            counted = {"lead": lead, "lead_on": lead_on}
        elif state is rules.State.DEEMED:
            counted = {"lead": words.OWED}  # its last day has passed and it has not run out: no days to count
        return counted | {
            "name": Text(self.item.name, self.item.name_en),
            "number": self.licence.number,
            "until": self.watch.expires_on,
            "issuer": self.unit.title,
            "kind": kind,
            "status": status,
        }


def mine(actor: identity.Actor, *, today: date) -> list[Mine]:
    """Return the watched licences of the actor and of those he acts for, soonest end first."""
    hashes = identity.person_hashes(actor, service=SERVICE)
    watches = {
        watch.licence_id: watch
        for watch in Watch.objects.filter(licence__holder_hash__in=hashes).select_related("item").order_by("expires_on")
    }
    held = {view.id: view for view in licences.held_by(hashes, on=today)}
    units = catalogue.units_by_code(watch.unit for watch in watches.values())
    return [Mine(watch, held[pk], units[watch.unit], today) for pk, watch in watches.items() if pk in held]


def my_watch(actor: identity.Actor, watch_id: int, *, today: date) -> Mine:
    """Return one of the actor's own watches, or raise Http404: what is not his does not exist for him."""
    hashes = identity.person_hashes(actor, service=SERVICE)
    watch = Watch.objects.filter(pk=watch_id, licence__holder_hash__in=hashes).select_related("item").first()
    if watch is None:
        raise Http404
    shown = licences.get(watch.licence_id, on=today, masked=False)
    return Mine(watch, shown, catalogue.unit(watch.unit), today)


def reminders(watch: Watch) -> QuerySet[Reminder]:
    """Return what this watch has been told, latest first."""
    return Reminder.objects.filter(watch=watch).order_by("-day", "-pk")


def may_answer(watch: Watch, says: rules.State) -> bool:
    """Return whether the holder may say so now."""
    return rules.may_answer(rules.State(watch.state), says)


# -- the unit


def bad_rows(batch: Batch) -> Iterator[tuple[int, list[str], str]]:
    """Yield (line, cells as typed, reasons) for the workbook that goes back; the caller has found `batch` by its owner."""
    file = identity.sealer(FILE)
    for row in BadRow.objects.filter(batch=batch).order_by("line").iterator():
        yield row.line, file.open(row.sealed).split("\x1f"), row.reasons


def bad_lines(batch: Batch) -> QuerySet[BadRow]:
    """Return the bad rows: line and reasons, no cells; the caller has found `batch` by its owner."""
    return BadRow.objects.filter(batch=batch).only("line", "reasons").order_by("line")


def bad_preview(batch: Batch, most: int = 10) -> QuerySet[BadRow]:
    """Return the first bad rows."""
    return bad_lines(batch)[:most]


def unit_watch(actor: identity.Actor, watch_id: int) -> Watch:
    """Return one watch of the actor's own units, or raise Http404."""
    found = Watch.objects.filter(pk=watch_id, unit__in=units_of(actor, "unit_admin")).first()
    if found is None:
        raise Http404
    return found


def officers(actor: identity.Actor) -> list[identity.StaffLine]:
    """Return the active accounts of the actor's units, to whom a task can be given."""
    return [line for unit in units_of(actor, "unit_admin") for line in identity.staff(unit=unit) if line.active]


def task_counts(actor: identity.Actor, show: str) -> list[dict[str, Any]]:
    """Return the tabs over the task list, with how many stand behind each."""
    kinds = (
        ("", Text("待办", "Open"), tasks(actor)),
        ("own", Text("我的", "Mine"), tasks(actor, own=True)),
        ("closed", Text("已办结", "Closed"), tasks(actor, closed=True)),
    )
    return [
        {
            "url": f"?show={code}" if code else "?",
            "words": word,
            "count": which.count(),
            "current": show == code,
        }
        for code, word, which in kinds
    ]


def reviews(units: Sequence[str], today: date) -> list[dict[str, Any]]:
    """Return each unit with this quarter's review (or None), its items, and what was added and withdrawn so far."""
    quarter, first = rules.quarter(today), rules.quarter_first(today)
    done = {review.unit: review for review in Review.objects.filter(unit__in=units, quarter=quarter)}
    named, listed = catalogue.units_by_code(units), defaultdict(list)
    for item in Item.objects.filter(unit__in=units).annotate(watched=OPEN_WATCHES).order_by("code"):
        listed[item.unit].append(item)
    return [
        {
            "unit": named[code],
            "quarter": quarter,
            "review": done.get(code),
            "items": [item for item in listed[code] if item.withdrawn_on is None],
            "withdrawn": [item for item in listed[code] if item.withdrawn_on],
            "added": sum(item.published_on >= first for item in listed[code]),
            "removed": sum(item.withdrawn_on is not None and item.withdrawn_on >= first for item in listed[code]),
        }
        for code in units
    ]


OPEN = (rules.State.LIVE, rules.State.PENDING, rules.State.SAYS_DONE)
OPEN_WATCHES = Count("watch", filter=Q(watch__state__in=OPEN))


def open_watches(item: Item) -> int:
    """Return how many licences of an item are still being watched: while there are any it cannot be withdrawn."""
    return Watch.objects.filter(item=item, state__in=OPEN).count()


def unit_item(actor: identity.Actor, code: str, *, withdrawn: bool = False) -> Item:
    """Return an item of the actor's own units, published or withdrawn, or raise Http404."""
    found = Item.objects.filter(
        code=code, unit__in=units_of(actor, "unit_admin"), withdrawn_on__isnull=not withdrawn
    ).first()
    if found is None:
        raise Http404
    return found


def units_of(actor: identity.Actor, *roles: str) -> tuple[str, ...]:
    """Return the units for which the actor holds one of `roles` in this service."""
    return tuple(sorted({unit for role in roles for unit in actor.units(role) if unit}))


def own_unit(actor: identity.Actor, unit: str) -> str:
    """Return `unit` when the actor is its administrator; raises Refused("not_your_unit")."""
    if unit not in units_of(actor, "unit_admin"):
        raise Refused(
            "not_your_unit",
            "您不是该单位的管理员，没有作任何改动。",
            en="You are not that unit's administrator; nothing was changed.",
            status=403,
        )
    return unit


def batches(actor: identity.Actor) -> QuerySet[Batch]:
    """Return the ledgers of the actor's own units, latest first."""
    return Batch.objects.filter(unit__in=units_of(actor, "unit_admin")).defer("sealed").order_by("-uploaded_at")


def batch(actor: identity.Actor, batch_id: str) -> Batch:
    """Return one ledger of the actor's own units, or raise Http404."""
    found = batches(actor).filter(pk=batch_id).first()
    if found is None:
        raise Http404
    return found


def watches(actor: identity.Actor, *, number: str = "", state: str = "", item_code: str = "") -> QuerySet[Watch]:
    """Return the watches of the actor's own units, soonest end first."""
    found = Watch.objects.filter(unit__in=units_of(actor, "unit_admin")).select_related("item", "licence")
    if number:
        found = found.filter(licence__number__startswith=number)
    if state:
        found = found.filter(state=state)
    if item_code:
        found = found.filter(item__code=item_code)
    return found.order_by(F("expires_on").asc(nulls_last=True), "pk")


def tasks(actor: identity.Actor, *, closed: bool = False, own: bool = False, number: str = "") -> QuerySet[Task]:
    """Return the tasks of the actor's own units, what runs out first on top; `number`: how the licence's number begins."""
    found = Task.objects.filter(unit__in=units_of(actor, "unit_admin", "section_officer"))
    found = found.filter(closed_at__isnull=not closed).select_related("watch__item", "watch__licence", "assignee")
    if own:
        found = found.filter(assignee_id=actor.user_id)
    if number:
        found = found.filter(watch__licence__number__startswith=number)
    return found.order_by("-closed_at" if closed else "due_on", "pk")


def task(actor: identity.Actor, task_id: int) -> Task:
    """Return one task of the actor's own units, or raise Http404."""
    found = (
        Task.objects.filter(pk=task_id, unit__in=units_of(actor, "unit_admin", "section_officer"))
        .select_related("watch__item", "watch__licence", "assignee")
        .first()
    )
    if found is None:
        raise Http404
    return found


# -- the supervisor


def board_units(actor: identity.Actor) -> tuple[str, ...] | None:
    """Return the units whose figures the actor may see: None for the whole city."""
    city = any(actor.has(role, service="expiry") for role in ("supervisor", "auditor"))
    return None if city else units_of(actor, "unit_admin")


def last_inspection() -> datetime | None:
    """Return when the inspection last ran, or None."""
    return Inspection.objects.order_by("-day").values_list("ran_at", flat=True).first()
