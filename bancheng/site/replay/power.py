"""The year of shared power: 34,335 uses of 46 sites, or ten times as many, from the scan to the refund that arrived. Stopped, it goes on where it was.

Needs nobody beside it: devices and payment channels are played in this process, so the house must not run meanwhile, whose worker and gateway
process would have a part in it.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Count, Sum

from bancheng.kernel.audit import public as audit
from bancheng.kernel.claims import public as claims
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.jobs import public as jobs
from bancheng.kernel.ledger import public as ledger
from bancheng.kernel.payments.operations import bills
from bancheng.lib.days import start_of
from bancheng.lib.refusal import Refused
from bancheng.lib.text import Text
from bancheng.services.sockets.models import Session, Socket, SocketState
from bancheng.services.sockets.operations import keeping
from bancheng.services.sockets.queries import tariffs
from bancheng.services.sockets.rules import places
from bancheng.services.sockets.rules.places import Protocol
from bancheng.services.sockets.rules.places import SocketState as Sold
from bancheng.services.sockets.rules.sessions import Cause, State
from bancheng.sim import uses
from bancheng.sim.meters.field import Field
from bancheng.sim.meters.firmware import MWS_IN_10WH
from bancheng.site import helping, house
from bancheng.site.replay import diary, helpers, peers, posts

SERVICE, ABOUT = "sockets", "replay.sockets"
DONE_HERE = ("payments.prepare", "payments.ask", "payments.close", "payments.refund", "sockets.tell_assigned")
BACK = "回放共享电源一年：从一年前开始"
MORNING = timedelta(hours=34, minutes=30)  # half past ten on the next day: the channels' bills are there

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Outcome:
    """What the platform holds after a replay, beside what the plan says must come of it."""

    last: date
    over: bool
    took: float
    lived: int  # scans of this run
    found: dict[str, int]
    planned: dict[str, int]

    @property
    def agrees(self) -> bool:
        return self.found == self.planned


def replay(*, scale: float | None, seed: int | None, until: date | None, stop: threading.Event, tell: Tell) -> Outcome:
    """Replay the year that ended yesterday up to `until` (None: all of it), or go on with the one that was begun.

    `stop` ends it after the day under way; run again it goes on, and nothing is lost or done twice. Raises Refused: see `_checked`.
    """
    began = time.monotonic()
    plan = _checked(scale, seed, until)
    tell("正在排出一年的扫码用电… · Planning a year of uses…")
    year = planned(plan)
    if plan.over or (plan.last and until and plan.last >= until):
        return _outcome(year, plan.last or year.start, plan.over, 0, began)
    last, lived = _play(plan, year, until, stop, tell)
    over = last == year.end
    if over:
        _end(year)
    return _outcome(year, last or plan.last or year.start, over, lived, began)


# -- may it begin, and with what


def _checked(scale: float | None, seed: int | None, until: date | None) -> diary.Diary:
    """Return the replay to go on with, or begin one."""
    diary.check_demo()
    _check_alone()
    plan = diary.taken_up(
        lambda today: today - timedelta(days=uses.YEAR_DAYS),
        scale=scale,
        seed=seed,
        until=until,
        about=ABOUT,
        of=Text("共享电源", " of shared power"),
        may_begin=_check_empty,
    )
    if not plan.over and SocketState.objects.filter(boot__gt=uses.BOOT).exists():
        raise Refused(
            "lived_on",
            "回放中断后设备已重新上线，不能再接着回放，没有改动。请用空数据库重新回放（另设 BANCHENG_VAR）。",
            en="Since the replay stopped the devices have come up again: it cannot go on. Nothing was changed. "
            "Replay into an empty database (another BANCHENG_VAR).",
        )
    return plan


def _check_alone() -> None:
    peers.check_alone()
    other = diary.read()
    if other and not other.over:
        raise Refused(
            "other_replay_under_way",
            "许证闹钟和一件事的回放还没有走完，两者共用一个沙盒时钟；没有改动。请先运行 bancheng replay 走完它。",
            en="The replay of the licence alarm and the bundles is not over, and both use one sandbox clock; nothing was changed. "
            "Finish it first: bancheng replay.",
        )


def _check_empty() -> None:
    if not Socket.objects.filter(state=Sold.ON_SALE).exists():
        raise Refused(
            "no_pack",
            "还没有载入共享电源站点，什么都没有改动。请先运行 bancheng load。",
            en="No sites of shared power are loaded; nothing was changed. Run bancheng load first.",
        )
    if Session.objects.exists() or SocketState.objects.exists():
        raise Refused(
            "sockets_used",
            "这个数据库里的插座已经有人用过或设备已上线，回放会把两者混在一起，所以没有开始，什么都没有改动。"
            "请用空数据库回放：BANCHENG_VAR=var/replayed bancheng replay sockets",
            en="Sockets of this database have been used, or devices have come up; a replay would mix with that, so nothing was changed. "
            "Replay into an empty one: BANCHENG_VAR=var/replayed bancheng replay sockets",
        )


# -- the plan


def planned(plan: diary.Diary) -> uses.Year:
    """Return the year of a diary: sites and prices are the city's, the rest follows from seed and scale."""
    sockets = Socket.objects.exclude(state__in=[Sold.REGISTERED, Sold.RETIRED]).select_related("unit__site")
    rows = sockets.filter(meters__removed_at=None, unit__protocol=Protocol.MQTT).order_by("code").values_list(
        "code", "unit__site__code", "unit__gateway", "wire", "meters__address", "unit__site__scenario", "rated_ma", "phase", "unit__site__price_class"
    )  # fmt: skip
    found = [
        uses.Place(code, site, gateway, wire, meter, scenario, ma * places.VOLTS * places.phases(phase) // 1000, of)
        for code, site, gateway, wire, meter, scenario, ma, phase, of in rows
    ]
    return uses.make(start=plan.start, places=found, prices=prices, seed=plan.seed, scale=plan.scale)


def prices(price_class: str, since: datetime, before: datetime) -> Sequence[Any]:
    """Return what applies from one instant to another."""
    return tariffs.prices(_plan(price_class, since.date()))(since, before)


@lru_cache(maxsize=4096)
def _plan(price_class: str, day: date) -> int:
    return tariffs.plan_of(settings.REGION, price_class, at=start_of(day) + timedelta(hours=12))


# -- the year


def _play(
    plan: diary.Diary, year: uses.Year, until: date | None, stop: threading.Event, tell: Tell
) -> tuple[date | None, int]:
    """Live the days that are left; return the last whole one and how many scans there were."""
    folder = Path(settings.VAR) / "replay" / f"sockets-{plan.start}-{plan.seed}-{plan.scale:g}"
    folder.mkdir(parents=True, exist_ok=True)
    audit.open_months(first=year.start, last=year.end)
    with posts.opened(year, folder=folder, name="all") as city:
        if plan.last is None:
            posts.births(city, start_of(year.start))
        first = plan.last + timedelta(days=1) if plan.last else year.start
        with _crew(city, folder) as crew:
            return _live(city, crew, first, until, stop, tell)


@contextmanager
def _crew(city: posts.Field, folder: Path) -> Iterator[helpers.Crew]:
    """Keep whoever lives the days: helpers, as many as there are processors, or nobody else."""
    number = helpers.worth(len(city.year.uses))
    if number < 2:
        yield Alone(city)
        return
    parts = [(city.year.part(part, number), folder, str(part)) for part in range(number)]
    with helpers.shared(helping.help_power, parts) as crew:
        yield crew


class Alone:
    """The replay's own process."""

    def __init__(self, city: posts.Field) -> None:
        self.city, self.scans, self.seconds = city, 0, 0.0

    def begin(self, day: date) -> None:
        began = time.monotonic()
        self.scans = posts.Day(self.city, day).live()
        self.seconds += time.monotonic() - began

    def finish(self) -> int:
        return self.scans


def _live(
    city: posts.Field, crew: helpers.Crew, first: date, until: date | None, stop: threading.Event, tell: Tell
) -> tuple[date | None, int]:
    began, lived, last = time.monotonic(), 0, min(until or city.year.end, city.year.end)
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    whole = sum(len(city.year.by_day.get(day, ())) for day in days)
    done: date | None = None
    for (year, month), of_month in groupby(days, key=lambda day: (day.year, day.month)):
        scans = 0
        for day in of_month:
            if stop.is_set():
                break
            scans += _live_day(city, crew, day)
            done = day
        lived += scans
        took = time.monotonic() - began
        tell(
            f"{year}-{month:02d}  扫码 scans {scans:>6,}  已用 took {took:5.0f} s  每秒 a second {lived / max(took, 0.001):5.1f}  "
            f"约剩 left {took / max(lived, 1) * (whole - lived):5.0f} s"
        )
        if stop.is_set():
            break
    return done, lived


def _live_day(city: posts.Field, crew: helpers.Crew, day: date) -> int:
    """Live one day to its end, and compare the channels' bills of it. Living it again adds nothing: what is done is found done."""
    clocks.set_sandbox(to=start_of(day), rate=0, by=diary.WHO, reason=BACK)
    keeping.keep_log(today=day)
    crew.begin(day)
    scans = crew.finish()
    jobs.take(*DONE_HERE)
    at = start_of(day) + MORNING
    for name in city.tills:
        bills.settle_day(region=settings.REGION, channel=name, day=day, by=diary.WHO, at=at)
    diary.end_day(day, at=at, about=ABOUT)
    return scans


def _end(year: uses.Year) -> None:
    """Give the clock back, fix the period the figures speak of, and leave the devices as the year has left them."""
    _leave_flash(year)
    clocks.end_sandbox(by=diary.WHO, reason="回放完毕，回到今天")
    at = clocks.real_now()
    claims.fix_period(SERVICE, first=year.start, last=year.end, region=settings.REGION, by=diary.WHO, at=at)
    keeping.keep_log(today=clocks.today())
    diary.end(at=at, about=ABOUT)


def _leave_flash(year: uses.Year) -> None:
    """Write what the simulated devices hold in flash: they go on with the next boot, from the registers of the year's end."""
    field = Field(settings.PACK / "services" / "sockets" / "units.csv", house.var() / "sim" / "meters")
    for meter, register in year.registers.items():
        if found := field.meter(meter):
            _, socket = found
            socket.boot, socket.energy_mws = max(socket.boot, uses.BOOT), register * MWS_IN_10WH
    field.save()


# -- what came of it


def _outcome(year: uses.Year, last: date, over: bool, lived: int, began: float) -> Outcome:
    """Read what the platform holds, beside what the plan says of the uses up to `last`."""
    lived_through = [one for one in year.uses if one.at.date() <= last]
    used = [one for one in lived_through if one.used]
    ends = Counter(one.ending for one in lived_through)
    rows = Session.objects.filter(region=settings.REGION, created_at__lt=start_of(last + timedelta(days=1)))
    settled = rows.exclude(settled_at=None).aggregate(n=Count("pk"), wh=Sum("used_wh"), fen=Sum("cost_fen"))
    causes = dict(rows.values_list("cause").annotate(n=Count("pk")).order_by())
    back = sum(one.prepay_fen for one in lived_through if one.ending is not uses.Ending.UNPAID)
    fen = sum(uses.cost_fen(one, prices) for one in used)
    accounts, balanced = ledger.sums_below(settings.REGION, "sockets/session/")
    return Outcome(
        last=last,
        over=over,
        took=time.monotonic() - began,
        lived=lived,
        found={
            "uses": settled["n"],
            "wh": settled["wh"] or 0,
            "fen": settled["fen"] or 0,
            "refunded_fen": rows.filter(state=State.CLOSED).aggregate(fen=Sum("refunded_fen"))["fen"] or 0,
            "unpaid": rows.filter(state=State.EXPIRED).count(),
            "not_started": causes.get(Cause.NOT_STARTED, 0),
            "trips": causes.get(Cause.TRIP, 0),
            "emptied": causes.get(Cause.QUOTA, 0),
            "accounts": accounts,
            "balanced": balanced,
        },
        planned={
            "uses": len(used),
            "wh": sum(one.energy_10wh for one in used) * uses.STEP_WH,
            "fen": fen,
            "refunded_fen": back - fen,
            "unpaid": ends[uses.Ending.UNPAID],
            "not_started": ends[uses.Ending.NOT_STARTED],
            "trips": ends[uses.Ending.TRIP],
            "emptied": ends[uses.Ending.QUOTA],
            "accounts": len(lived_through) - ends[uses.Ending.UNPAID],
            "balanced": len(lived_through) - ends[uses.Ending.UNPAID],
        },
    )
