"""A season of filings by six banks (A13.1): every one through the signed interface of the running web process, by the office's people, to the proof.

The city of estates is recorded first (`land`); `sim.filings` says who files what, and what the banks' systems do wrong with it; `sim.lending` is a
bank's system. Owners agree with their own accounts, three officers accept, review and record, the proofs are sealed, events are brought to the banks'
webhooks, which are down for ten minutes of the second day, the paper's catalogues come back, and each day's file is answered line by line. Messages to
people are left out.
"""

import hashlib
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from datetime import time as clock
from pathlib import Path
from queue import SimpleQueue
from uuid import UUID

import httpx
from django.conf import settings
from django.contrib.auth import get_user_model
from django.db.models import Count, Sum

from bancheng.kernel.audit import public as audit
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.exchange.models import DayFile, Delivery, Difference
from bancheng.kernel.exchange.operations import reconciling
from bancheng.kernel.exchange.rules.words import State
from bancheng.kernel.identity import public as identity
from bancheng.kernel.registrations import public as registrations
from bancheng.kernel.titles import public as titles
from bancheng.lib import bankkeys, identifiers
from bancheng.lib.refusal import Refused
from bancheng.lib.text import Text
from bancheng.services.mortgages.models import Tracked
from bancheng.services.partners import demo
from bancheng.sim import banks, filings
from bancheng.sim.filings import Filing, Kind
from bancheng.sim.lending import Book, Lender
from bancheng.site.replay import cast, diary, land, office, peers

ABOUT, SERVICE = "replay.mortgages", "mortgages"
BACK = "回放银行网办抵押登记：从三个月前开始"
OFFICE = ("registry_acceptor", "registry_reviewer", "registry_booker")
BEFORE = (  # it is recorded; whoever was killed in the middle of a case goes on with it
    registrations.State.DRAFT,
    registrations.State.SUBMITTED,
    registrations.State.ACCEPTED,
    registrations.State.REVIEWED,
)
ARCHIVIST = "bank_archivist"
MORNING, OUTAGE, NIGHT = clock(9), clock(10), clock(23, 50)
OUTAGE_ON, OUTAGE_LASTS = 1, timedelta(minutes=10)  # on the second day of the season
SECOND = timedelta(seconds=1)

ZERO = ("doubled", "refused", "lost", "unbrought", "differ", "differences", "wrong_files")  # what must not be

Tell = land.Tell


@dataclass(frozen=True)
class Outcome:
    """What the office, the book and the banks hold after a replay, beside what the plan reckons."""

    last: date
    over: bool
    took: float
    found: dict[str, int]
    planned: dict[str, int]

    @property
    def agrees(self) -> bool:
        return self.found == self.planned


def replay(*, scale: float | None, seed: int | None, until: date | None, stop: threading.Event, tell: Tell) -> Outcome:
    """Record the estates, then live the season of filings that ended yesterday, or go on with the one that was begun.

    `stop` ends it after the day under way. Raises Refused: no_replay_here, house_runs, another_replay, until_before_start, another_city, and `peers`.
    """
    began = time.monotonic()
    plan = _checked(scale, seed, until)
    built = land.replay(scale=plan.scale, seed=plan.seed, until=None, stop=stop, tell=tell)
    if built.over and not built.agrees and plan.last is None:
        raise Refused(
            "another_city",
            "登记簿里的楼盘与这次回放的规模或种子不符，没有申报任何抵押。请用空数据库回放（另设 BANCHENG_VAR）。",
            en="The estates in the book are not those of this size and seed; nothing was filed. Take an empty database (another BANCHENG_VAR).",
        )
    season = filings.make(
        land.city_of(plan.scale, plan.seed).estates, count=round(filings.FILINGS * plan.scale), seed=plan.seed
    )
    days = _days(plan.start)
    left = [
        (n, day) for n, day in enumerate(days) if (not plan.last or day > plan.last) and (not until or day <= until)
    ]
    if not left or stop.is_set():
        return _outcome(plan, season, days, plan.last or plan.start, began)
    last = _play(plan, season, left, stop, tell) or plan.last or plan.start
    if last == days[-1]:
        clocks.end_sandbox(by=diary.WHO, reason="回放完毕，回到今天")
        diary.end(at=clocks.real_now(), about=ABOUT)
    return _outcome(plan, season, days, last, began)


def _checked(scale: float | None, seed: int | None, until: date | None) -> diary.Diary:
    """Return the replay to go on with, or begin one."""
    diary.check_demo()
    peers.check_alone()
    return diary.taken_up(
        lambda today: clocks.calendar().back(today, filings.DAYS),
        scale=scale,
        seed=seed,
        until=until,
        about=ABOUT,
        of=Text("银行网办", " of filings"),
    )


def _days(start: date) -> list[date]:
    """Return the working days of the season."""
    calendar = clocks.calendar()
    found = [start + timedelta(days=n) for n in range(2 * filings.DAYS + 30)]
    return [day for day in found if calendar.is_working(day)][: filings.DAYS]


# --- the season


@dataclass
class Hall:
    """Who takes part: the banks' systems, the people of each registry, and the address of the webhooks."""

    season: filings.Season
    lenders: dict[str, Lender]
    sim: httpx.Client
    folder: Path
    worker: office.Worker
    keepers: dict[str, str] = field(default_factory=dict)  # user names of the banks' archivists
    officers: dict[str, tuple[identity.Actor, ...]] = field(default_factory=dict)

    def of_registry(self, unit: str, at: datetime) -> tuple[identity.Actor, ...]:
        """Return who accepts, reviews and records in a registry."""
        if unit not in self.officers:
            self.officers[unit] = tuple(cast.at_desk(unit, role, at) for role in OFFICE)
        return self.officers[unit]


def _play(
    plan: diary.Diary, season: filings.Season, left: Sequence[tuple[int, date]], stop: threading.Event, tell: Tell
) -> date | None:
    """Live the days that are left; return the last whole one."""
    folder = _folder(plan)
    folder.mkdir(parents=True, exist_ok=True)
    first = left[0][1]
    audit.open_months(first=first, last=left[-1][1])
    clocks.set_sandbox(to=_at(first, MORNING), rate=0, by=diary.WHO, reason=BACK)
    demo.open_banks(settings.VAR, region=settings.REGION, at=_at(plan.start, clock(0)))
    began, done, lived = time.monotonic(), None, 0
    with peers.peers(folder), _opened(season, folder) as hall:
        for n, day in left:
            if stop.is_set():
                break
            lived += _live(hall, n, day)
            done = day
            took = time.monotonic() - began
            tell(f"{day}  申报 filings {lived:>6,}  已用 took {took:5.0f} s  每秒 a second {lived / took:5.1f}")
    return done


@contextmanager
def _opened(season: filings.Season, folder: Path) -> Iterator[Hall]:
    """Keep the banks' systems with their books and their webhooks."""
    with ExitStack() as stack:
        sim = stack.enter_context(httpx.Client(base_url=f"http://{settings.SIM_ADDRESS}", timeout=60, trust_env=False))
        hall = Hall(season, {}, sim, folder, stack.enter_context(office.worker(len(season.filings))))
        for bank in bankkeys.BANKS:
            web = httpx.Client(base_url=f"http://{settings.WEB_ADDRESS}", timeout=60, trust_env=False)
            wire = banks.Wire(
                stack.enter_context(web), bankkeys.held(settings.VAR, bank), bankkeys.key_id(settings.VAR, bank.unit)
            )
            hook = f"http://{settings.SIM_ADDRESS}/partner/webhooks/{bank.unit}"
            banks.subscribe(wire, hook)
            book = Book.read(folder / f"{bank.unit}.json")
            book.brought = 0  # the receiver was started with us
            hall.lenders[bank.unit] = Lender(wire, book, hook=hook)
            hall.keepers[bank.unit] = _archivist(bank.unit)
        yield hall


def _archivist(bank: str) -> str:
    """Return the user name of who keeps a bank's paper, opening the account when there is none."""
    keeper = cast.at_desk(bank, ARCHIVIST, clocks.now())
    return str(get_user_model()._default_manager.values_list("username", flat=True).get(pk=keeper.user_id or 0))


def _live(hall: Hall, n: int, day: date) -> int:
    """Live one day to its file; return how many filings there were. Living it again files nothing twice."""
    clocks.set_sandbox(to=_at(day, MORNING), rate=0, by=diary.WHO, reason=BACK)
    time.sleep(peers.CLOCK_READ)
    lived = _file_and_work(hall, n, day)
    if n == OUTAGE_ON:
        _outage(hall, day)
    office.bring(_at(day, clock(12)))
    _each(hall, lambda lender: lender.hear())
    _each(hall, lambda lender: lender.file_away(hall.keepers[lender.wire.held.bank.unit]))
    at = _at(day, NIGHT)
    reconciling.make_all(day=day, at=at)
    _each(hall, lambda lender: lender.reconcile(day))
    for unit, lender in hall.lenders.items():
        lender.book.save(hall.folder / f"{unit}.json")
    diary.end_day(day, at=at, about=ABOUT)
    return lived


def _at(day: date, moment: clock) -> datetime:
    return datetime.combine(day, moment, clocks.SHANGHAI)


def _each(hall: Hall, do: Callable[[Lender], object]) -> None:
    """Let every bank do something, all at once."""
    with ThreadPoolExecutor(len(hall.lenders)) as threads:
        for done in [threads.submit(do, lender) for lender in hall.lenders.values()]:
            done.result()


def _file_and_work(hall: Hall, n: int, day: date) -> int:
    """Let the banks file, all at once, and the office work what came, as it comes; return how much that was."""
    came: SimpleQueue[tuple[Filing, str] | None] = SimpleQueue()

    def file(unit: str, lender: Lender) -> None:
        try:
            mine = [one for one in hall.season.by_day.get(n, ()) if one.bank == unit]
            lender.repeat([one for one in hall.season.by_day.get(n - 1, ()) if one.bank == unit], day)
            for each in lender.live(mine, day):
                came.put(each)
        finally:
            came.put(None)

    at, worked, filing = _at(day, MORNING), 0, len(hall.lenders)
    with ThreadPoolExecutor(filing) as threads:
        done = [threads.submit(file, unit, lender) for unit, lender in hall.lenders.items()]
        while filing:
            each = came.get()
            if each is None:
                filing -= 1
                continue
            at += SECOND
            _work(hall, *each, at=at)
            hall.worker.call(office.Call(registrations.registry_of(each[0].home.lot).unit, at, tell=n != OUTAGE_ON))
            worked += 1
        for one in done:
            one.result()
    hall.worker.rest()
    return worked


def _work(hall: Hall, one: Filing, application: str, *, at: datetime) -> None:
    """Let the owner agree and three officers work; what was done before is left."""
    case = UUID(application)
    state = registrations.brief(case).state
    if state is registrations.State.DRAFT:
        registrations.consent(application_id=case, by=_owner(one, at), channel="app", at=at)
    acceptor, reviewer, booker = hall.of_registry(registrations.registry_of(one.home.lot).unit, at)
    if state in BEFORE[:2]:
        registrations.accept(application_id=case, by=acceptor, at=at)
    if state in BEFORE[:3]:
        registrations.review(application_id=case, by=reviewer, at=at)
    if state in BEFORE:
        registrations.book(application_id=case, by=booker, at=at)


def _owner(one: Filing, at: datetime) -> identity.Actor:
    """Return the owner of a home, signed in as the city's identity provider would have him."""
    home = one.home
    mobile = identifiers.make_mobile(int(hashlib.sha256(home.identifier.encode()).hexdigest()[:6], 16))
    person = identity.register_person(
        region=settings.REGION, name=home.owner, citizen_id=home.identifier, mobile=mobile, by=diary.WHO, at=at
    )
    identity.prove_identity(person=person, method="city", by=diary.WHO, at=at)
    return identity.Actor(f"person:{person.pk}", person.name, person_id=str(person.pk))


def _outage(hall: Hall, day: date) -> None:
    """Let the banks' receivers be down for ten minutes, the worker trying as it does: at once, after ten seconds, one minute, five, thirty."""
    hall.sim.post("/partner.json", json={"down": True}).raise_for_status()
    start, brought = _at(day, OUTAGE), 0
    for second in range(0, int(OUTAGE_LASTS.total_seconds()), 5):
        brought += office.bring(start + second * SECOND)
    hall.sim.post("/partner.json", json={"down": False}).raise_for_status()
    if brought:
        raise RuntimeError(f"{brought} events were taken by receivers that were down")
    office.bring(start + timedelta(minutes=40))


# --- what came of it


def _outcome(plan: diary.Diary, season: filings.Season, days: Sequence[date], last: date, began: float) -> Outcome:
    """Read what office, book and banks hold, beside what the plan says of the filings up to `last`."""
    lived = filings.Season(tuple(one for one in season.filings if days[one.day] <= last))
    return Outcome(
        last=last,
        over=last == days[-1],
        took=time.monotonic() - began,
        found=_of_office(days[0], last) | _of_banks(plan, season),
        planned=lived.figures | dict.fromkeys(("lines", "away"), len(lived.filings)) | dict.fromkeys(ZERO, 0),
    )


def _of_office(first: date, last: date) -> dict[str, int]:
    """Return what was recorded, and what stands in the files of the days."""
    rows = Tracked.objects.filter(region=settings.REGION, channel="bank", recorded_at__date__range=(first, last))
    kinds = dict(rows.values_list("kind").annotate(n=Count("pk")))
    files = DayFile.objects.filter(service=SERVICE, day__range=(first, last))
    told = files.aggregate(lines=Sum("count"), fen=Sum("sum_fen"))
    return {
        "filed": sum(kinds.values()),
        "set_up": kinds.get(Kind.SET_UP, 0),
        "before_handover": kinds.get(Kind.PRE, 0),
        "cancelled": kinds.get(Kind.CANCEL, 0),
        "secured_fen": told["fen"] or 0,
        "lines": told["lines"] or 0,
        "differences": Difference.objects.filter(file__in=files).count(),
        "wrong_files": sum(1 for _ in reconciling.verify()),
    }


def _of_banks(plan: diary.Diary, season: filings.Season) -> dict[str, int]:
    """Return what the banks noticed, and how many mortgages each has on a home of the season."""
    books, standing = [Book.read(path) for path in _folder(plan).glob("*.json")], _standing(season)
    brought = Delivery.objects.filter(state=State.DONE, subscription__service=SERVICE).count()
    return {
        "standing": len(standing),
        "away": sum(entry.away for book in books for entry in book.entries.values()),
        "again": sum(book.again for book in books),
        "forged": sum(book.forged for book in books),
        "doubled": sum(book.doubled for book in books) + sum(number - 1 for number in standing.values()),
        "refused": sum(len(book.refused) for book in books),
        "lost": sum(book.lost for book in books),
        "unbrought": sum(len(book.seen) for book in books) - brought,
        "differ": sum(book.differ for book in books),
    }


def _folder(plan: diary.Diary) -> Path:
    """Return where the books of the banks are kept."""
    return Path(settings.VAR) / "replay" / f"mortgages-{plan.start}-{plan.seed}-{plan.scale:g}"


def _standing(season: filings.Season) -> Counter[tuple[str, str]]:
    """Return how many mortgages and pre-mortgages each bank has on each home of the season."""
    lots = sorted({one.home.lot for one in season.filings})
    found: Counter[tuple[str, str]] = Counter()
    for n in range(0, len(lots), 1000):
        for each in titles.rights_on(settings.REGION, lots[n : n + 1000]):
            if each.party and each.kind in (titles.RightKind.MORTGAGE, titles.RightKind.PRE_MORTGAGE):
                found[each.lot, each.party.unit] += 1
    return found
