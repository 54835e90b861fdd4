"""The story of a replay: ledgers, accounts, import, day by day, the clock given back. Stopped, it goes on where it was."""

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from datetime import time as moment
from itertools import groupby
from pathlib import Path

from django.conf import settings

from bancheng.kernel.audit import public as audit
from bancheng.kernel.claims import public as claims
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.notices import public as notices
from bancheng.lib.refusal import Refused
from bancheng.services.expiry import figures, queries
from bancheng.services.expiry import operations as expiry
from bancheng.services.expiry.claims import REMINDERS
from bancheng.services.expiry.models import Batch, Inspection, Item, Watch
from bancheng.services.onething import claims as onething_claims
from bancheng.services.onething import figures as onething_figures
from bancheng.services.onething import queries as onething
from bancheng.sim import bundles as sim_bundles
from bancheng.sim import ledgers
from bancheng.site.replay import bundles, cast, days, diary, helpers, peers

MAIN = "tobacco-retail"  # the item whose system holds 17,000 licences
IMPORT = moment(1, 0)
IMPORT_SECONDS = 600.0

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Outcome:
    """What the platform holds after a replay, beside what the plan says must come of it."""

    last: date
    over: bool
    took: float
    bundles_took: float  # of it, the days of one-thing-done-once; they go on beside the alarm's where helpers live them
    found: dict[str, int]
    planned: dict[str, int]
    typed: dict[str, tuple[int, float]]  # bundle: how many applied, and which share of the fields they typed

    @property
    def agrees(self) -> bool:
        return self.found == self.planned


def replay(*, scale: float | None, seed: int | None, until: date | None, stop: threading.Event, tell: Tell) -> Outcome:
    """Replay the year that ends today up to `until` (None: all of it), or go on with the one that was begun.

    `stop` ends it after the day under way; run again it goes on, and nothing is lost or done twice. Raises Refused: see
    `_checked`, and `peers`.
    """
    began = time.monotonic()
    plan = _checked(scale, seed, until)
    city = _ledgers(plan, tell)
    if plan.over or (plan.last and until and plan.last >= until):
        return _outcome(plan, city, plan.last or city.start, plan.over, began, 0.0)
    with peers.peers(city.folder):
        last, over, of_bundles = _play(plan, city, until, stop, tell)
    return _outcome(plan, city, last, over, began, of_bundles)


# -- may it begin, and with what


def _checked(scale: float | None, seed: int | None, until: date | None) -> diary.Diary:
    """Return the replay to go on with, or begin one."""
    diary.check_demo()
    year = timedelta(days=ledgers.YEAR)
    plan = diary.taken_up(lambda today: today - year, scale=scale, seed=seed, until=until, may_begin=_check_empty)
    _check_not_lived_on(plan)
    return plan


def _check_empty() -> None:
    if not Item.objects.filter(code=MAIN, withdrawn_on=None).exists():
        raise Refused(
            "no_pack",
            f"提醒事项目录里没有“{MAIN}”，什么都没有改动。请先运行 bancheng load。",
            en=f"The directory has no item {MAIN!r}; nothing was changed. Run bancheng load first.",
        )
    if Watch.objects.exists() or Batch.objects.exists():
        raise Refused(
            "ledgers_there",
            "这个数据库里已有人上传过台账，回放会把两者混在一起，所以没有开始，什么都没有改动。"
            "请用空数据库回放：BANCHENG_VAR=var/replayed bancheng replay",
            en="Ledgers were uploaded into this database; a replay would mix with them, so nothing was changed. "
            "Replay into an empty one: BANCHENG_VAR=var/replayed bancheng replay",
        )


def _check_not_lived_on(plan: diary.Diary) -> None:
    """Refuse when the nightly inspection has since run on the wall clock: terms of the year have ended unlived."""
    first = plan.last or plan.start
    if (
        not plan.over
        and Inspection.objects.filter(day__gt=first + timedelta(days=1), ran_at__gt=plan.began_at).exists()
    ):
        raise Refused(
            "lived_on",
            "回放中断后时钟回到了今天，并已巡检过：没有回放到的证照已按今天的日期处理，不能再接着回放。没有改动。"
            "请用空数据库重新回放（另设 BANCHENG_VAR）。",
            en="The clock was given back and an inspection has run since: what was not replayed is dealt with as of today. "
            "Nothing was changed. Replay into an empty database (another BANCHENG_VAR).",
        )


def _ledgers(plan: diary.Diary, tell: Tell) -> ledgers.City:
    """Return the city of this replay, written once into the var folder."""
    folder = Path(settings.VAR) / "replay" / f"{plan.start}-{plan.seed}-{plan.scale:g}"
    if ledgers.is_made(folder):
        return ledgers.read(folder)
    tell("正在生成各单位的工作台账… · Writing the units' ledgers…")
    items = [
        ledgers.Item(
            item.code, item.unit, item.name, item.licence_type, item.closes, item.counts_in, item.validity_years
        )
        for item in queries.directory()
    ]
    return ledgers.make(
        folder, items, start=plan.start, main=MAIN, seed=plan.seed, scale=plan.scale, known=cast.known()
    )


# -- the year


def _play(
    plan: diary.Diary, city: ledgers.City, until: date | None, stop: threading.Event, tell: Tell
) -> tuple[date, bool, float]:
    """Play what is left of the year; return the last whole day, whether the year is over, and the seconds that bundles took."""
    at = days.instant(city.start, IMPORT)  # those who work through the year have their roles from its beginning
    audit.open_months(first=city.start, last=city.end)
    staff = cast.staff_of(sorted(city.books), at=at)
    cast.register_people(first=city.start, at=at)
    region = Item.objects.values_list("region", flat=True).get(code=MAIN)
    if plan.last is None:
        _import(city, staff, tell)
    events = {day: list(group) for day, group in groupby(city.events, key=lambda event: event.day)}
    with helpers.crew(_year(plan), at=at) as crew:
        town = days.Town(region, staff, events, city.end, crew=crew)
        last = _live(town, plan.last + timedelta(days=1) if plan.last else city.start, until, stop, tell)
    if last is None or last < city.end:
        return last or plan.last or city.start, False, crew.seconds
    clocks.end_sandbox(by=diary.WHO, reason="回放完毕，回到今天")
    at = clocks.real_now()
    for service in ("expiry", onething.SERVICE):
        claims.fix_period(service, first=city.start, last=city.end, region=region, by=diary.WHO, at=at)
    diary.end(at=at)
    return last, True, crew.seconds


def _import(city: ledgers.City, staff: dict[str, cast.Staff], tell: Tell) -> None:
    """Upload each unit's workbook as its administrator, and see it read: by the worker where there is one, else here."""
    at = days.instant(city.start, IMPORT)
    clocks.set_sandbox(to=at, rate=0, by=diary.WHO, reason=days.BACK)
    worker = peers.worker_is_there()
    if worker:
        time.sleep(peers.CLOCK_READ)
    began = time.monotonic()
    for number, (unit, book) in enumerate(sorted(city.books.items()), start=1):
        batch = Batch.objects.filter(unit=unit, name=book.name).first() or expiry.upload(
            unit=unit, name=book.name, data=book.read_bytes(), by=staff[unit].admin, at=at
        )
        if not worker:
            expiry.read_batch(batch_id=str(batch.pk), at=at)
        if number % 10 == 0:
            tell(f"已上传 {number} 份台账 · {number} ledgers uploaded")
    _wait_until_read(began)
    count, took = Watch.objects.count(), time.monotonic() - began
    tell(
        f"{len(city.books)} 份台账已读入，纳入证照 {count:,} 件，用时 {took:.0f} 秒 · "
        f"{len(city.books)} ledgers read, {count:,} licences under watch, in {took:.0f} s"
    )


def _wait_until_read(began: float) -> None:
    while Batch.objects.filter(state__in=[Batch.State.WAITING, Batch.State.READING]).exists():
        if time.monotonic() - began > IMPORT_SECONDS:
            raise Refused(
                "not_read",
                "台账已上传，但后台任务迟迟没有读完；没有丢失。请确认 bancheng up 在运行，再次运行 bancheng replay。",
                en="The ledgers are uploaded but the worker does not finish reading; nothing is lost. "
                "See that bancheng up is running and run bancheng replay again.",
            )
        time.sleep(0.2)


def _live(town: days.Town, first: date, until: date | None, stop: threading.Event, tell: Tell) -> date | None:
    """Live the days from `first` to the end, or to `until`; tell of each month. Return the last day lived."""
    began, lived, last = time.monotonic(), 0, min(until or town.end, town.end)
    whole = (last - first).days + 1
    done: date | None = None
    for (year, month), of_month in groupby(_days(first, last), key=lambda day: (day.year, day.month)):
        tally = days.Tally()
        for day in of_month:
            if stop.is_set():
                break
            days.live(town, day, tally)
            done, lived = day, lived + 1
        took = time.monotonic() - began
        left = took / max(lived, 1) * (whole - lived)
        tell(
            f"{year}-{month:02d}  提醒 reminders {tally.reminders:>6,}  换证等 renewals {tally.events:>6,}  "
            f"一对一 calls {tally.tasks:>5,}  一件事 bundles {tally.bundles:>4,}  已用 took {took:4.0f} s  约剩 left {left:4.0f} s"
        )
        if stop.is_set():
            break
    return done


def _days(first: date, last: date) -> Iterable[date]:
    return (first + timedelta(days=n) for n in range((last - first).days + 1))


# -- what came of it


def _outcome(plan: diary.Diary, city: ledgers.City, last: date, over: bool, began: float, of_bundles: float) -> Outcome:
    """Read what the platform holds, beside what the plan says of the days up to `last`."""
    rate = figures.rate()
    bad = sum(Batch.objects.values_list("bad", flat=True))
    events = [event for event in city.events if event.day <= last]
    due = sum(event.what == "renewed" for event in events)
    year = _year(plan)
    applied = sum(len(ones) for day, ones in year.by_day.items() if day <= last)
    wanted = {"applications": applied} | ({"openings": year.openings, "migrations": year.migrations} if over else {})
    return Outcome(
        last=last,
        over=over,
        took=time.monotonic() - began,
        bundles_took=of_bundles,
        found={
            "licences": Watch.objects.count(),
            "bad": bad,
            "messages": notices.sent_count(kinds=REMINDERS),
            "renewed": rate.part,
            "should_renew": rate.whole,
        }
        | {name: _done(name) for name in wanted},
        planned={
            "licences": city.good,
            "bad": city.bad,
            "messages": sum(number for day, number in city.messages_on.items() if day <= last),
            "renewed": due,
            "should_renew": due,
        }
        | wanted,
        typed={
            line.name.zh: (line.counted, line.typed) for line in onething_figures.by_bundle() if line.typed is not None
        },
    )


def _year(plan: diary.Diary) -> sim_bundles.Year:
    return bundles.planned(start=plan.start, seed=plan.seed, scale=plan.scale)


def _done(name: str) -> int:
    """Return a figure of one-thing-done-once as the service itself counts it."""
    if name == "applications":
        return sum(line.filed for line in onething_figures.by_bundle())
    try:
        return int(onething_claims.CLAIMS[{"openings": "A14.4", "migrations": "A14.5"}[name]]().number)
    except claims.Cannot:
        return 0
