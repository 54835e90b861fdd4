"""The book of the land: a transfer ÷ pgbench's TPC-B-like transaction, over many parcels and on one; and a whole city opened, divided, checked, read.

A transfer is the operation with its checks, register entries, chain and ledger entry, durable, eight connections each. The city is as large
as the source's (A7.1–A7.3), each parcel with seven or eight buildings of sixty units. Where django-hordak is installed its transfer is measured too.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from random import Random
from statistics import median
from time import perf_counter
from typing import TypeVar

from django.db import connection

from bancheng.kernel.ledger import testing as ledger
from bancheng.kernel.titles import public as titles
from bancheng.kernel.titles import testing
from bancheng.lib.identifiers import make_citizen_id, make_uscc
from bancheng.site.bench import Figure, _hordak, _pgbench

CLIENTS, SECONDS, ROUNDS = 8, 6, 3
PARCELS, BUILDINGS, UNITS = 114, 845, 60
LAND_DM2 = 346_000_000
PEOPLE = 200
BUILDERS = os.cpu_count() or 1  # a parcel is nobody else's, so the city is built by as many as there are processors
REGION, COUNTY = "411000", "411025"
OPENED = datetime(2023, 3, 1, 2, 0, tzinfo=UTC)
NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
TWO_YEARS = timedelta(days=730)
GOAL, HOT_GOAL, HORDAK_GOAL, SHARES_GOAL = 0.5, 0.25, 3, 2_000
CITY_SECONDS, VERIFY_SECONDS, SHEET_SECONDS, AS_OF = 60.0, 15.0, 0.05, 2.0
T = TypeVar("T")
HELPER = """
import sys
import django
django.setup()
from bancheng.site.bench import land
getattr(land, sys.argv[1])(*map(float, sys.argv[2:]))
"""


def run(scale: float) -> list[Figure]:
    """Build the city, read it, sell in it, and look whether it is still whole."""
    testing.wipe()  # a city that an earlier run left would be found, not built
    ledger.wipe()
    parcels = [code for code, _ in plan(scale)]
    built, units = _timed(
        lambda: sum(map(int, _helped([("builder", scale, part, BUILDERS) for part in range(BUILDERS)])))
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    units_of = _by_building(parcels[0])
    batch, shares = _timed(lambda: _hand_over(parcels[0], units_of))
    seconds = max(1, round(SECONDS * scale))
    many = _figure(len(parcels), seconds, scale_of_tpcb=16)
    against = _against_hordak(many[0], seconds) if _hordak.is_there() else []
    hot = _figure(1, seconds, scale_of_tpcb=1)
    now, then = _read(parcels)
    verified, _ = _timed(_verify)
    told = f"{CLIENTS} clients, durable; "
    city = f"{len(parcels)} parcels, {units:,} units"
    return [
        Figure("land.transfer", *many, GOAL, "/s", told + f"units of {city}; TPC-B-like of scale 16"),
        *against,
        Figure("land.transfer, hot", *hot, HOT_GOAL, "/s", told + "units of one parcel; TPC-B-like of scale 1"),
        Figure("land.batch", shares / batch, SHARES_GOAL, 1, "shares/s", "a building's units handed to their buyers at once, durable"),
        Figure("land.city", built, CITY_SECONDS * scale, 1, "s", f"{city} opened, surveyed, divided, posted by {BUILDERS} processes; the goal, at this scale"),
        Figure("land.verify", verified, VERIFY_SECONDS * scale, 1, "s", "every share, chain, entry and right recomputed; the goal, at this scale"),
        Figure("land.sheet", now, SHEET_SECONDS, 1, "s", "restriction sheet of a parcel, p95; the goal"),
        Figure("land.sheet as of", then, now, AS_OF, "s", "the same of a day two years back, p95 ÷ today's"),
    ]  # fmt: skip


def _timed(do: Callable[[], T]) -> tuple[float, T]:
    began = perf_counter()
    found = do()
    return perf_counter() - began, found


# --- the city ---


def plan(scale: float) -> Iterator[tuple[str, list[int]]]:
    """Yield parcels and the numbers of their buildings."""
    parcels = max(2, round(PARCELS * scale))
    buildings = round(BUILDINGS * scale)
    for n in range(parcels):
        yield f"{COUNTY}001099GB{n + 1:05}", [*range(1, 1 + (buildings + n) // parcels)]


def _said(key: str, at: datetime) -> titles.Said:
    return titles.Said(region=REGION, key=key, registration=f"bench-{key}", by="system", at=at)


def builder(scale: float, part: float, parts: float) -> None:
    """Build a part of the city in a process of its own; print how many units it has."""
    sys.stdout.write(f"{build(scale, part=int(part), parts=int(parts))}\n")


def build(scale: float, *, part: int = 0, parts: int = 1) -> int:
    """Open, survey, divide and register the city, or every so many parcels of it; return how many units there are."""
    built = 0
    for n, (code, buildings) in enumerate(plan(scale)):
        if n % parts != part:
            continue
        draw = Random(n)
        developer = titles.organisation(f"样例置业{n}", make_uscc("411099", 700_000 + n))
        area = LAND_DM2 // PARCELS + n
        titles.open_parcel(parcel=code, area_dm2=area, holder=titles.sole(developer), **_said(f"open-{n}", OPENED))
        for number in buildings:
            building = f"{code}F{number:04}"
            units = [titles.UnitArea(f"{building}{u + 1:04}", draw.randint(6_000, 20_000)) for u in range(UNITS)]
            said = _said(f"survey-{n}-{number}", OPENED)
            titles.accept_survey(
                building=building, stage=titles.SurveyStage.MEASURED, units=units, approval="样例", **said
            )
            built += len(units)
        titles.quantify(parcel=code, approval="样例", **_said(f"plan-{n}", OPENED))
        for number in buildings:
            said = _said(f"first-{n}-{number}", OPENED)
            titles.first_register(building=f"{code}F{number:04}", acceptance="样例", **said)
    return built


def _by_building(parcel: str) -> dict[str, list[str]]:
    """Return the units of each building of a parcel."""
    found: dict[str, list[str]] = {}
    for lot in titles.lots(REGION, parcel):
        if lot.kind == titles.LotKind.UNIT:
            found.setdefault(lot.parent, []).append(lot.code)
    return found


def _hand_over(parcel: str, units_of: Mapping[str, Sequence[str]]) -> int:
    """Hand every building of a parcel to buyers, each by one act; return how many shares moved."""
    people = _people()
    for building, units in units_of.items():
        items = [titles.Transfer(code, titles.sole(people[n % PEOPLE])) for n, code in enumerate(units)]
        titles.transfer_many(parcel=parcel, items=items, **_said(f"hand-over-{building}", NOW))
    return sum(map(len, units_of.values()))


def _people() -> list[titles.Party]:
    return [titles.person(f"购房人{n}", make_citizen_id("411002", OPENED.date(), n)) for n in range(PEOPLE)]


# --- who buys ---


def _figure(parcels: int, seconds: int, *, scale_of_tpcb: int) -> tuple[float, float]:
    _pgbench.run("-i", "-q", "-s", str(scale_of_tpcb))
    rounds = [(_sold(parcels, seconds), _tpcb(seconds)) for _ in range(ROUNDS)]
    _pgbench.run("-i", "-I", "d")
    return median(ours for ours, _ in rounds), median(limit for _, limit in rounds)


def _against_hordak(ours: float, seconds: int) -> list[Figure]:
    """Return our transfers beside those of a double-entry package on the same server, which has neither checks nor a register."""
    with _hordak.peer():
        theirs = median(_hordak.transfers(CLIENTS, seconds) for _ in range(ROUNDS))
    return [Figure("land.transfer ÷ django-hordak", ours, theirs, HORDAK_GOAL, "/s", f"{CLIENTS} clients; two legs between {_hordak.ACCOUNTS:,} accounts")]  # fmt: skip


def _sold(parcels: int, seconds: int) -> float:
    return sum(map(float, _helped([("buyer", parcels, seconds)] * CLIENTS)))


def _helped(asked: Sequence[tuple[str, *tuple[float, ...]]]) -> list[str]:
    """Let processes of their own do what is asked, all at once; return what each printed."""
    running = [
        subprocess.Popen([sys.executable, "-c", HELPER, *map(str, each)], stdout=subprocess.PIPE, text=True)
        for each in asked
    ]
    return [one.communicate()[0] for one in running]


def _tpcb(seconds: int) -> float:
    return _pgbench.tps(_pgbench.run("-n", "-M", "prepared", f"-c{CLIENTS}", "-j2", f"-T{seconds}"))


def buyer(parcels: float, seconds: float) -> None:
    """Transfer units of the first `parcels` parcels for so many seconds, in a process of its own; print how many a second stood."""
    draw, people, done = Random(os.getpid()), _people(), 0
    codes = [parcel.code for parcel in titles.parcels(REGION, most=int(parcels))]
    units = [lot.code for code in codes for lot in titles.lots(REGION, code) if lot.kind == titles.LotKind.UNIT]
    start = perf_counter()
    while perf_counter() - start < seconds:
        said = _said(f"sale-{os.getpid()}-{start}-{done}", NOW)
        titles.transfer(lot=draw.choice(units), to=titles.sole(draw.choice(people)), **said)
        done += 1
    sys.stdout.write(f"{done / (perf_counter() - start)}\n")


# --- who reads ---


def _read(parcels: list[str]) -> tuple[float, float]:
    """Return the 95th of a hundred readings of the sheet, of today and of two years ago, in turn."""
    now, then = [], []
    for code in (parcels * 100)[:100]:
        now.append(_timed(partial(titles.sheet, REGION, code))[0])
        then.append(_timed(partial(titles.sheet, REGION, code, valid_at=NOW - TWO_YEARS))[0])
    return sorted(now)[94], sorted(then)[94]


def _verify() -> None:
    if found := next(iter(titles.verify()), None):
        raise RuntimeError(f"the book is not whole: {found}")
