"""One day of the replay: the night's clocks and inspection, the morning's messages, what holders and units do, the officers' work.

The day of one-thing-done-once stands in `bundles`; it goes on beside the alarm's, and leaves the ledgers alone.
"""

import time as stopwatch
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from django.db import transaction

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.licences import public as licences
from bancheng.kernel.licences.models import Licence
from bancheng.kernel.notices import gateway
from bancheng.kernel.notices.models import Message
from bancheng.kernel.notices.operations import sending, stepping
from bancheng.kernel.notices.rules.states import Stage
from bancheng.lib.refusal import Refused
from bancheng.services.expiry import operations as expiry
from bancheng.services.expiry import rules
from bancheng.services.expiry.models import Review, Task, Watch
from bancheng.services.expiry.rules import State
from bancheng.sim.ledgers import Event
from bancheng.site.replay import bundles, diary, helpers
from bancheng.site.replay.cast import Staff

MIDNIGHT, NIGHT, MORNING, DESK = time(0, 5), time(2, 30), time(8, 5), time(9, 0)
COUNTER, LADDER, REVIEW, CALLS = time(10, 0), time(10, 10), time(14, 0), time(15, 0)
NEAR_WORKING_DAYS = 3  # as the worker warns
LIST_FROM = 4  # renewals of one unit on one day from which they come as a list
REVIEWING = 8  # working days over which the units' reviews of a quarter are spread
RECEIPT_SECONDS = 20.0  # a receipt that takes longer is taken for lost, and the next channel is tried
BACK = "回放一年：从一年前开始"  # the clock goes back once, and says why


@dataclass
class Tally:
    """What the days of one month did."""

    reminders: int = 0
    events: int = 0
    tasks: int = 0
    bundles: int = 0


@dataclass
class Town:
    """What a day needs to know."""

    region: str
    staff: Mapping[str, Staff]
    events: Mapping[date, Sequence[Event]]
    end: date
    gateways: dict[str, gateway.Gateway] = field(default_factory=gateway.configured)
    crew: helpers.Crew | None = None


def instant(day: date, moment: time) -> datetime:
    """Return that moment of that day in Shanghai."""
    return datetime.combine(day, moment, tzinfo=clocks.SHANGHAI)


def live(town: Town, day: date, tally: Tally) -> None:
    """Live one day to its end, at the hours of the schedule. Living it again adds nothing: what is done is found done."""
    morning = instant(day, MORNING)
    clocks.set_sandbox(to=morning, rate=0, by=diary.WHO, reason=BACK)
    clocks.fire_due(today=day, at=instant(day, MIDNIGHT))
    licences.expire_due(today=day, at=instant(day, MIDNIGHT))
    tally.reminders += expiry.inspect(today=day, at=instant(day, NIGHT), region=town.region).messages
    if town.crew:
        bundles.night()
        town.crew.begin(day)
    clocks.warn_due_soon(today=day, working_days=NEAR_WORKING_DAYS, at=morning)
    _send(town, morning)
    expiry.tell_staff(today=day, at=instant(day, DESK), region=town.region)
    tally.events += _happen(town, day)
    if not _all_told(morning):
        _climb(town, instant(day, LADDER))
    _review(town, day)
    if town.crew:
        tally.bundles += town.crew.finish()
    if day < town.end:  # the last day's calls are left for whoever comes to the desk
        tally.tasks += _call(town, day)
    diary.end_day(day, at=instant(day, CALLS))


# -- messages


def _send(town: Town, at: datetime) -> None:
    while not sending.dispatch(at=at, gateways=town.gateways).idle:
        pass


def _all_told(at: datetime) -> bool:
    """Wait for the receipts of what has left; return whether they have all come."""
    end = stopwatch.monotonic() + RECEIPT_SECONDS
    under_way = Message.objects.filter(stage__in=[Stage.WAITING, Stage.UNDERWAY], not_before__lte=at, step_at__gt=at)
    while under_way.exists():
        if stopwatch.monotonic() > end:
            return False
        stopwatch.sleep(0.01)
    return True


def _climb(town: Town, at: datetime) -> None:
    """Ask for lost receipts and try the next channel (N-6), as the worker does two hours later."""
    sending.reconcile(at=at, gateways=town.gateways)
    while stepping.step(at=at):
        pass
    _send(town, at)
    if not _all_told(at):
        raise Refused(
            "gateways_silent",
            "消息网关没有回执，回放停在这一天；已回放的都已保留。请检查模拟器后再次运行 bancheng replay。",
            en="The gateways send no receipts; the replay stops at this day and keeps what was done. "
            "Look at the simulators and run bancheng replay again.",
        )


# -- what holders and units do


def _happen(town: Town, day: date) -> int:
    """Let a day's events happen, in one transaction, as a unit's system brings its day; return how many there are.

    The unit renews or cancels (R10.7: the platform never does), the holder gives up. What a unit renewed comes one by one, or
    as the day's list where it is long.
    """
    events = town.events.get(day, ())
    numbers = [event.number for event in events]
    found = {
        (licence.licence_type, licence.number): licence
        for licence in Licence.objects.filter(region=town.region, number__in=numbers)
    }
    at = instant(day, COUNTER)
    renewed = Counter(event.unit for event in events if event.what == "renewed")
    listing = {unit for unit, number in renewed.items() if number >= LIST_FROM}
    with transaction.atomic():
        for unit in sorted(listing):
            lines = [
                _line(event, found[event.licence_type, event.number])
                for event in events
                if event.what == "renewed" and event.unit == unit
            ]
            licences.merge(lines, batch=f"replay-{day}-{unit}", unit=unit, at=at, by=town.staff[unit].officer.ref)
        for event in events:
            if event.what != "renewed" or event.unit not in listing:
                _act(town, event, found[event.licence_type, event.number], at)
    return len(events)


def _line(event: Event, licence: Licence) -> licences.Row:
    """Return a renewed licence as its unit lists it: the holder is who he was, the last day is new."""
    return licences.Row(
        region=licence.region,
        licence_type=licence.licence_type,
        number=licence.number,
        holder_kind=licence.holder_kind,
        holder_hash=bytes(licence.holder_hash),
        holder_sealed=bytes(licence.holder_sealed),
        holder_name=licence.holder_name,
        contact_name=licence.contact_name,
        mobile_sealed=bytes(licence.mobile_sealed) if licence.mobile_sealed else None,
        mobile_hash=bytes(licence.mobile_hash) if licence.mobile_hash else None,
        issued_on=event.day,
        valid_from=licence.valid_from,
        valid_to=event.new_last_day,
        identifier_kind=licence.identifier_kind,
    )


def _act(town: Town, event: Event, licence: Licence, at: datetime) -> None:
    source = licences.Source(event.unit, licences.Channel.SYSTEM, f"replay-{event.day}")
    by = town.staff[event.unit].officer.ref
    if event.what == "applied":
        watch = Watch.objects.get(licence_id=licence.pk)
        if watch.state == State.LIVE:
            expiry.accept_application(watch_id=watch.pk, on=event.day, by=by, at=at)
    elif event.what == "renewed" and licence.valid_to != event.new_last_day:
        licences.change(
            licence_id=licence.pk, source=source, by=by, at=at, valid_to=event.new_last_day, issued_on=event.day
        )
    elif event.what == "deregistered" and licence.status != licences.Status.CANCELLED:
        _cancel(town, licence.pk, event.unit, at)
    elif event.what == "given_up":
        watch = Watch.objects.get(licence_id=licence.pk)
        if watch.state != State.GIVEN_UP:
            expiry.answer(watch_id=watch.pk, says=State.GIVEN_UP, by=f"holder:{licence.pk}", at=at)


def _review(town: Town, day: date) -> None:
    """Let units comb their items anew in the last working days of a quarter, each on its own day (F10.13)."""
    last = rules.quarter_last(day)
    if day <= last - timedelta(days=rules.REVIEW_DAYS):
        return
    done = set(Review.objects.filter(quarter=rules.quarter(day)).values_list("unit", flat=True))
    for place, (unit, staff) in enumerate(sorted(town.staff.items())):
        its_day = clocks.calendar().back(last + timedelta(days=1), 1 + place % REVIEWING)
        if day == its_day and unit not in done:
            expiry.review_quarter(unit=unit, note="", by=staff.admin, at=instant(day, REVIEW))


def _call(town: Town, day: date) -> int:
    """Let the officers work their lists on working days: take, call or visit, close; return how many (F10.7, F10.8).

    What ran out and was not renewed they cancel (行政许可法 第七十条), which settles that task.
    """
    if not clocks.calendar().is_working(day):
        return 0
    at = instant(day, CALLS)
    tasks = Task.objects.filter(region=town.region, kind=Task.Kind.ONE_ON_ONE, closed_at=None, due_on__lte=day)
    rows = list(tasks.values_list("pk", "unit", "watch__special", "assignee_id"))
    with transaction.atomic():
        for pk, unit, special, assignee in rows:
            officer = town.staff[unit].officer
            if assignee in (None, officer.user_id):
                expiry.take(task_id=pk, by=officer, at=at)
                method, result = ("visit", "home_service") if special else ("call", "told")
                expiry.close(task_id=pk, method=method, result=result, note="", by=officer, at=at)
        owed = Task.objects.filter(region=town.region, kind=Task.Kind.CANCEL, closed_at=None)
        for licence_id, unit in owed.values_list("watch__licence_id", "unit"):
            _cancel(town, licence_id, unit, at)
    return len(rows)


def _cancel(town: Town, licence_id: int, unit: str, at: datetime) -> None:
    source = licences.Source(unit, licences.Channel.SYSTEM, f"replay-{at.date()}")
    licences.cancel(licence_id=licence_id, source=source, by=town.staff[unit].officer.ref, at=at)
