"""The passers-by of a year: who scans which socket when, what he plugs in, and how it ends; with every word the socket's device then says.

Sites, sockets and prices are given; uses and energy come out as the source says (A1.2, A1.3), to the last step of the register. Quota
ends lie where no cheaper hour leaves money over, so that what the device gives follows from the prepayment alone. The same seed makes the
same year, and a device's numbers follow from the year alone: lived again, nothing new is said.
"""

from bisect import bisect, insort
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from fractions import Fraction
from functools import cached_property, lru_cache
from itertools import groupby, pairwise
from random import Random
from typing import Any

from bancheng.lib.days import SHANGHAI
from bancheng.lib.socketwire import Cut, EventKind

USES, ENERGY_10WH = 34_335, 7_816_212  # the source: 34335 户次, 78162.12 千瓦时
YEAR_DAYS = 365
LONGEST = timedelta(hours=12)  # a session's bounds, for which a quota is reckoned
BOOT = 1
LEAST, MOST = timedelta(minutes=4), timedelta(hours=9)
NANO_PER_FEN, STEP_WH = 10_000_000, 10
AMOUNTS_FEN = (200, 500, 1000, 2000, 5000)
SPARE = Fraction(3, 4)  # of what a prepayment buys at the highest price; who means to use more pays more
READINGS = 5  # besides those at price edges
CROWDED = 20  # days that somebody tries before he comes when there is room
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
UNPAID, NOT_STARTED, ALIPAY, ENGLISH = Fraction(3, 100), Fraction(1, 500), Fraction(35, 100), Fraction(1, 50)
GROWTH = Fraction(4, 5)  # the last month beside the first: that much more, 稳步增加


class Ending(StrEnum):
    """How a use ends."""

    USER = "user"  # he presses 结束
    UNPLUGGED = "unplugged"
    IDLE = "idle"
    QUOTA = "quota"
    TRIP = "trip"
    UNPAID = "unpaid"
    NOT_STARTED = "not_started"


ENDINGS = ((Ending.USER, 700), (Ending.UNPLUGGED, 180), (Ending.IDLE, 45), (Ending.QUOTA, 60), (Ending.TRIP, 15))
ON_SITE = frozenset({"SC", "RC", "AF", "TP"})  # somebody has to look before it is sold again
GAP, REPAIR = timedelta(minutes=10), timedelta(hours=3)  # before the next one comes
TRIPS = (("OC", 46), ("OT", 16), ("RC", 12), ("SC", 9), ("UV", 8), ("AF", 5), ("TP", 4))
# what a place is for: hours people come at, how long they stay (minutes), how much of the rated power they draw (percent), months
HABITS: Mapping[str, tuple[tuple[int, int], tuple[int, int], tuple[int, int], frozenset[int]]] = {
    "night": ((17, 22), (90, 270), (12, 40), frozenset(range(1, 13))),
    "street": ((8, 20), (60, 240), (12, 35), frozenset(range(1, 13))),
    "stall": ((7, 20), (60, 240), (12, 32), frozenset(range(1, 13))),
    "fair": ((6, 14), (90, 300), (12, 35), frozenset(range(1, 13))),
    "show": ((13, 21), (60, 200), (15, 45), frozenset(range(1, 13))),
    "charging": ((7, 23), (60, 330), (12, 30), frozenset(range(1, 13))),
    "irrigation": ((5, 19), (60, 300), (15, 40), frozenset({3, 4, 5, 6, 7, 8, 9, 10})),
    "drying": ((7, 19), (90, 300), (20, 50), frozenset({5, 6, 9, 10, 11})),
}


@dataclass(frozen=True)
class Place:
    """A socket as the city has it."""

    code: str
    site: str
    gateway: str
    wire: str
    meter: str
    scenario: str
    most_w: int
    prices: str  # its class


Prices = Callable[
    [str, datetime, datetime], Sequence[Any]
]  # class, from, to: pieces with since, before, price (micro-yuan a kWh)
Taken = Mapping[str, list[tuple[datetime, datetime]]]  # by socket: from when until when, in order


@dataclass(frozen=True)
class Word:
    """One message a socket's device numbers and keeps: a reading (`kind` None) or an event."""

    at: datetime
    e_10wh: int
    kind: EventKind | None = None
    code: str = ""
    closed: bool = True
    power_w: int = 0
    edge: bool = False


@dataclass(frozen=True)
class Use:
    """One scan and what comes of it."""

    number: int
    place: Place
    at: datetime
    channel: str
    language: str
    ending: Ending
    code: str  # of a trip: the protection
    power_w: int
    prepay_fen: int = 0
    energy_10wh: int = 0
    seconds: int = 0
    first_seq: int = 1
    from_10wh: int = 0
    edges: tuple[datetime, ...] = ()

    @cached_property
    def paid_at(self) -> datetime:
        return self.at + (8 + self.number % 33) * SECOND

    @cached_property
    def on_at(self) -> datetime:
        return self.paid_at + 2 * SECOND

    @cached_property
    def ends_at(self) -> datetime:
        """Return when it is ended: by the payer, the plug, the firmware."""
        return self.on_at + self.seconds * SECOND

    @property
    def used(self) -> bool:
        return self.ending not in (Ending.UNPAID, Ending.NOT_STARTED)

    @cached_property
    def words(self) -> tuple[Word, ...]:
        """Return all that the device numbers, in order: closed, readings on the way and on price edges, what ended it, the last look."""
        return tuple(_words(self)) if self.used else ()

    def forget(self) -> None:
        """Let go of the words: a year has millions of them, and what was lived is not said again."""
        vars(self).pop("words", None)

    @cached_property
    def over_at(self) -> datetime:
        """Return when its last word is said."""
        return self.ends_at + _last_words(self)[1] if self.used else self.at

    @property
    def free_at(self) -> datetime:
        """Return from when on somebody else may come: later where a person has to look at the socket first."""
        looked_at = self.ending is Ending.NOT_STARTED or self.code in ON_SITE
        return self.over_at + (REPAIR if looked_at else GAP)

    def register(self, at: datetime) -> int:
        """Return what the register says at an instant of the use: a steady load."""
        whole = max(self.seconds, 1)
        passed = min(max((at - self.on_at) // SECOND, 0), whole)
        return (self.from_10wh + self.energy_10wh * passed // whole) % 100_000_000


def _words(use: Use) -> list[Word]:
    closed = Word(use.on_at, use.from_10wh, EventKind.CLOSED, "start")
    on_the_way = [
        Word(at, use.register(at), power_w=use.power_w, edge=edge) for at, edge in sorted(_moments(use).items())
    ]
    return [closed, *on_the_way, *_end(use)]


def _moments(use: Use) -> Mapping[datetime, bool]:
    """Return when it is read on the way, and whether that is the edge of a price."""
    step = timedelta(seconds=use.seconds) / (READINGS + 1)
    moments = {use.on_at + (n + 1) * step: False for n in range(READINGS)} | dict.fromkeys(use.edges, True)
    return {at: edge for at, edge in moments.items() if use.on_at < at < use.ends_at}


def _number_of_words(use: Use) -> int:
    if not use.used:
        return 0
    on_the_way = len(_moments(use)) if use.edges else READINGS
    return 1 + on_the_way + _last_words(use)[0]


def _last_words(use: Use) -> tuple[int, timedelta]:
    """Return how many words are said at the end, and how long the last one comes after it: what `_end` says, without saying it."""
    match use.ending:
        case Ending.QUOTA:
            return 2, SECOND
        case Ending.TRIP:
            return (3, 3 * MINUTE + 2 * SECOND) if use.code == "UV" else (2, SECOND)
        case Ending.UNPLUGGED:
            return 3, 2 * SECOND
        case Ending.IDLE:
            return 5, 10 * MINUTE + 2 * SECOND
    return 2, 2 * SECOND


def _end(use: Use) -> list[Word]:
    """Return what is said at the end: the event, the relay open, and a look at the meter without current."""
    at, last = use.ends_at, use.register(use.ends_at)
    stopped = [Word(at + SECOND, last, EventKind.OPENED, Cut.STOP, False), Word(at + 2 * SECOND, last, closed=False)]
    match use.ending:
        case Ending.QUOTA:
            return [Word(at, last, EventKind.OPENED, Cut.QUOTA, False), Word(at + SECOND, last, closed=False)]
        case Ending.TRIP if use.code != "UV":
            return [Word(at, last, EventKind.TRIPPED, use.code, False), Word(at + SECOND, last, closed=False)]
        case Ending.TRIP:  # by the grid: it may come back by itself, and has not within three minutes
            after = at + 3 * MINUTE
            gone = Word(at, last, EventKind.TRIPPED, use.code, False)
            return [gone, Word(after + SECOND, last, EventKind.OPENED, Cut.STOP, False), Word(after + 2 * SECOND, last, closed=False)]  # fmt: skip
        case Ending.UNPLUGGED:
            return [Word(at, last, EventKind.UNPLUGGED), *stopped]
        case Ending.IDLE:
            waits = [Word(at + n * MINUTE, last) for n in (0, 5, 10)]
            off = at + 10 * MINUTE
            return [*waits, Word(off + SECOND, last, EventKind.OPENED, Cut.STOP, False), Word(off + 2 * SECOND, last, closed=False)]  # fmt: skip
    return stopped


@dataclass(frozen=True)
class Year:
    """All scans of a year, by the day they begin on."""

    start: date
    end: date
    began: datetime  # of the devices' only boot
    uses: Sequence[Use]

    @cached_property
    def by_day(self) -> Mapping[date, Sequence[Use]]:
        return {day: list(ones) for day, ones in groupby(self.uses, key=lambda one: one.at.date())}

    def part(self, part: int, parts: int) -> "Year":
        """Return the uses of one part of the gateways: no two parts have a socket in common."""
        ours = set(self.gateways[part::parts])
        return replace(self, uses=[replace(one) for one in self.uses if one.place.gateway in ours])

    @cached_property
    def gateways(self) -> Sequence[str]:
        return sorted({one.place.gateway for one in self.uses})

    @property
    def registers(self) -> Mapping[str, int]:
        """Return each meter's register at the year's end."""
        return {one.place.meter: one.from_10wh + one.energy_10wh for one in self.uses}


def make(*, start: date, places: Sequence[Place], prices: Prices, seed: int, scale: float) -> Year:
    """Return the year from `start` on."""
    random = Random(seed)
    number, energy = round(USES * scale), round(ENERGY_10WH * scale)
    drawn = _drawn(start, places, number, random)
    sized = _sized(drawn, energy, prices, random)
    placed = _placed(sized, places, start, prices, random)
    extra = _beside(placed, number, random)
    return Year(start, start + timedelta(days=YEAR_DAYS - 1), _moment(start, 0), _numbered([*placed, *extra], prices))


def _moment(day: date, seconds: int) -> datetime:
    return datetime.combine(day, time(), tzinfo=SHANGHAI) + seconds * SECOND


def _drawn(start: date, places: Sequence[Place], number: int, random: Random) -> list[Use]:
    """Return the uses without energy: each site has its share; when people come follows from what the place is for."""
    sites = [list(found) for _, found in groupby(sorted(places, key=lambda one: (one.site, one.code)), key=lambda one: one.site)]  # fmt: skip
    random.shuffle(sites)
    uses = []
    for n in range(number):
        place = random.choice(sites[n % len(sites)])
        uses.append(_draw(n, place, start, random))
    return uses


def _draw(number: int, place: Place, start: date, random: Random) -> Use:
    hours, _, percent, _ = HABITS[place.scenario]
    ending = _weighted(ENDINGS, random)
    at = _moment(_day(place, start, random), random.randint(hours[0] * 3600, hours[1] * 3600 + 1799))
    return Use(
        number=number,
        place=place,
        at=at,
        channel="alipay" if random.random() < ALIPAY else "wechat",
        language="en" if random.random() < ENGLISH else "zh",
        ending=ending,
        code=_weighted(TRIPS, random) if ending is Ending.TRIP else "",
        power_w=place.most_w * random.randint(*percent) // 100,
    )


def _day(place: Place, start: date, random: Random) -> date:
    """Return a day on which somebody comes: more of them towards the end of the year, at weekends, and when the place is in season."""
    months = HABITS[place.scenario][3]
    while True:
        n = random.randrange(YEAR_DAYS)
        day = start + timedelta(days=n)
        if random.random() < _wanted(n, day.weekday() >= 4, day.month in months):
            return day


@lru_cache(maxsize=4 * YEAR_DAYS)
def _wanted(n: int, weekend: bool, season: bool) -> float:
    """Return the share of those who would come that do, on the year's n-th day."""
    wanted = (1 + GROWTH * n / YEAR_DAYS) / (1 + GROWTH)
    return float(wanted * (1 if weekend else Fraction(7, 10)) * (1 if season else Fraction(1, 5)))


def _weighted(table: Sequence[tuple[Any, int]], random: Random) -> Any:
    return random.choices([what for what, _ in table], [weight for _, weight in table])[0]


def _sized(uses: Sequence[Use], energy: int, prices: Prices, random: Random) -> list[Use]:
    """Return the uses with their energy: who runs out of money gets what it buys, the others share the rest, to the last step."""
    quota = {one.number: found for one in uses if one.ending is Ending.QUOTA and (found := _until_empty(one, prices))}
    others = [replace(one, ending=Ending.USER) if one.ending is Ending.QUOTA else one for one in uses if one.number not in quota]  # fmt: skip
    wishes = [one.power_w * random.randint(*HABITS[one.place.scenario][1]) * _short(one, random) for one in others]
    rest = energy - sum(one.energy_10wh for one in quota.values())
    shares = _apportioned(rest, wishes)
    sized = [_lasting(one, share) for one, share in zip(others, shares, strict=True)]
    return sorted([*quota.values(), *sized], key=lambda one: one.number)


def _short(use: Use, random: Random) -> float:
    """Return how much of its time a use gets: one that trips gets less, and some do so in the first minute."""
    if use.ending is not Ending.TRIP:
        return 1.0
    return 0.0 if random.random() < 0.2 else random.uniform(0.05, 0.8)


def _apportioned(whole: int, wishes: Sequence[float]) -> list[int]:
    """Return whole shares in proportion to `wishes` that add up exactly: the largest remainders are rounded up."""
    total = sum(wishes)
    exact = [whole * wish / total for wish in wishes]
    shares = [int(one) for one in exact]
    missing = whole - sum(shares)
    for n in sorted(range(len(exact)), key=lambda n: (shares[n] - exact[n], n))[:missing]:
        shares[n] += 1
    return shares


def _lasting(use: Use, energy_10wh: int) -> Use:
    """Return a use with its energy and the time its load takes for that; a load that would take too long is heavier."""
    seconds = -(-energy_10wh * STEP_WH * 3600 // use.power_w)
    power = use.power_w
    if seconds > MOST // SECOND:
        seconds = MOST // SECOND
        power = -(-energy_10wh * STEP_WH * 3600 // seconds)
    least = 20 if not energy_10wh else LEAST // SECOND
    return replace(use, energy_10wh=energy_10wh, seconds=max(seconds, least), power_w=power)


def _until_empty(use: Use, prices: Prices) -> Use | None:
    """Return a use that runs its money out, where the price stays the highest that can apply; None where it does not."""
    fen = AMOUNTS_FEN[use.number % 2]
    highest = max(one.price for one in prices(use.place.prices, use.at, use.at + LONGEST))
    one = _lasting(use, fen * NANO_PER_FEN // highest // STEP_WH)
    steady = all(each.price == highest for each in prices(use.place.prices, use.at, one.ends_at + MINUTE))
    return replace(one, prepay_fen=fen) if steady and one.power_w < use.place.most_w else None


def _placed(uses: Sequence[Use], places: Sequence[Place], start: date, prices: Prices, random: Random) -> list[Use]:
    """Return the uses on sockets that are free for as long as each takes; where none is, one comes on another day, and in a crowded year at
    another hour too."""
    beside = {site: list(found) for site, found in groupby(sorted(places, key=lambda one: (one.site, one.code)), key=lambda one: one.site)}  # fmt: skip
    taken: Taken = {one.code: [] for one in places}
    last = _moment(start + timedelta(days=YEAR_DAYS), 0) - HOUR
    placed = []
    for use in sorted(uses, key=lambda one: (one.ending is not Ending.QUOTA, one.number)):
        one, tries = use, 0
        while (free := _free(one, beside[one.place.site], taken)) is None or one.over_at >= last:
            tries += 1
            one = _moved(one, _day(one.place, start, random), beside[one.place.site], taken, crowded=tries > CROWDED)
            if one.ending is Ending.QUOTA:  # another moment may have other prices
                one = _until_empty(one, prices) or use
        placed.append(_paying(replace(one, place=free), prices))
        insort(taken[free.code], (one.at, one.free_at))
    return placed


def _moved(use: Use, day: date, places: Sequence[Place], taken: Taken, *, crowded: bool) -> Use:
    """Return a use on another day: at its hour, or, where it is crowded, as soon as one of the sockets is free for long enough."""
    midnight = _moment(day, 0)
    if not crowded:
        return replace(use, at=midnight + (use.at - _moment(use.at.date(), 0)))
    first, last = (midnight + hour * HOUR for hour in HABITS[use.place.scenario][0])
    takes = use.free_at - use.at
    found = [at for one in places if (at := _gap(taken[one.code], first, last, takes))]
    return replace(use, at=min(found, default=first))


def _gap(
    taken: Sequence[tuple[datetime, datetime]], first: datetime, last: datetime, takes: timedelta
) -> datetime | None:
    """Return the first moment between two from which a socket is free for so long."""
    n = bisect(taken, (first, first))
    at = max(first, taken[n - 1][1]) if n else first
    while at <= last and n < len(taken) and taken[n][0] < at + takes:
        at, n = max(at, taken[n][1]), n + 1
    return at if at <= last else None


def _free(use: Use, places: Sequence[Place], taken: Taken) -> Place | None:
    """Return its own socket when it is free, else one beside it."""
    at, end = use.at, use.free_at
    if _is_free(taken[use.place.code], at, end):
        return use.place
    return next((one for one in places if _is_free(taken[one.code], at, end)), None)


def _is_free(taken: Sequence[tuple[datetime, datetime]], at: datetime, end: datetime) -> bool:
    n = bisect(taken, (at, at))
    return (n == 0 or taken[n - 1][1] <= at) and (n == len(taken) or taken[n][0] >= end)


def _paying(use: Use, prices: Prices) -> Use:
    """Return a use with its prepayment: the smallest offered amount that leaves something over, and its price edges."""
    pieces = prices(use.place.prices, use.at, use.at + LONGEST)
    highest = max(one.price for one in pieces)
    fen = use.prepay_fen or next(
        (fen for fen in AMOUNTS_FEN if use.energy_10wh * STEP_WH * highest <= SPARE * fen * NANO_PER_FEN),
        AMOUNTS_FEN[-1],
    )
    edges = tuple(one.since for one in pieces[1:] if use.on_at < one.since < use.ends_at)
    return replace(use, prepay_fen=fen, edges=edges)


def _beside(uses: Sequence[Use], number: int, random: Random) -> list[Use]:
    """Return scans that come to nothing: not paid, or paid and not switched on; after somebody has left the socket, before the next comes."""
    wanted, failed = round(number * (UNPAID + NOT_STARTED)), round(number * NOT_STARTED)
    next_at: dict[int, datetime] = {}
    for _, found in groupby(sorted(uses, key=lambda one: (one.place.code, one.at)), key=lambda one: one.place.code):
        next_at |= {one.number: after.at for one, after in pairwise(found)}
    extra: list[Use] = []
    for before in random.sample(list(uses), len(uses)):
        ending = Ending.NOT_STARTED if len(extra) < failed else Ending.UNPAID
        one = replace(before, number=number + len(extra), at=before.free_at, ending=ending, code="", prepay_fen=500, energy_10wh=0, seconds=0, edges=())  # fmt: skip
        if len(extra) < wanted and one.free_at < next_at.get(before.number, one.at):
            extra.append(one)
    return extra


def _numbered(uses: Sequence[Use], prices: Prices) -> list[Use]:
    """Return the uses in order, each with where its socket's register and log stand when it begins."""
    seqs: dict[str, int] = {}
    registers: dict[str, int] = {}
    found = []
    for use in sorted(uses, key=lambda one: (one.at, one.number)):
        meter = use.place.meter
        start = registers.get(meter, int(meter) * 7919 % 90_000)
        one = replace(use, first_seq=seqs.get(meter, 0) + 1, from_10wh=start)
        seqs[meter] = one.first_seq - 1 + _number_of_words(one)
        registers[meter] = start + one.energy_10wh
        found.append(one)
    return found


def cost_fen(use: Use, prices: Prices) -> int:
    """Return what a use costs, reckoned apart from the platform: its readings, the prices between them, one half-up rounding."""
    yuan = Fraction(0)
    for before, after in pairwise(_words(use)):
        kwh = Fraction((after.e_10wh - before.e_10wh) * STEP_WH, 1000)
        if kwh:
            piece = min(prices(use.place.prices, before.at, after.at), key=lambda one: one.price)
            yuan += kwh * Fraction(piece.price, 1_000_000)
    fen = yuan * 100
    return int((2 * fen.numerator + fen.denominator) // (2 * fen.denominator))
