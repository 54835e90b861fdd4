"""A made-up city of estates: land, buildings, units, buyers, mortgages and seizures, as many as the source says (A7.1–A7.4), and what must come of it.

Nothing of ours is asked how shares are reckoned: `reckon` divides by fractions of its own, so that a book filled with this city can be held
against it. The same seed makes the same city. Every number is made and belongs to nobody; outlines are plain rectangles near Xuchang.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from functools import cached_property
from math import cos, isqrt, radians
from random import Random

from bancheng.lib.identifiers import make_citizen_id, make_uscc

ESTATES, BUILDINGS, LAND_DM2 = 114, 845, 346_000_000  # the source: 114个楼盘, 845幢, 346万平方米
ENTERPRISES, RAISED_FEN = 3, 63_000_000_000  # 3家企业, 6.3亿元
UNDER_WAY = (1, 1, 1, 2, 2, 2, 3, 3, 3)  # estates beside those of the source, and the stage each has come to
DATUM = "CGCS2000"
COUNTIES = ("411002", "411003", "411025", "411081", "411024")
FIRST_PARCEL = 20_001  # the pack's own parcels are numbered below
FIRST_DEVELOPER = 810_000_001
BANKS = ("boc", "abc", "icbc", "ccb")
COURTS = ("city-court", "weidu-court")
SMALLEST, LARGEST = 6_000, 20_000  # dm² of a unit: 60 to 200 m²
SPREAD = Fraction(1, 200)  # a measured area lies within half a percent of the predicted one
COMMON = 9001  # the number of a building's common room, which weighs nothing
NAMES = ("鹿鸣", "春秋", "文峰", "颍河", "莲城", "曹魏", "东湖", "建安", "灞陵", "许由")
KINDS_OF_PLACE = ("花园", "雅苑", "新城", "名邸", "公馆", "家园", "华庭", "府邸")
SURNAMES, GIVEN = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许", "建国志明秀英海涛丽华永强晓燕文博思远雅琴"
METRES_A_DEGREE = 111_320


class Kind(StrEnum):
    """How a parcel came to be quantified."""

    NEW = "new"
    E1 = "e1"  # houses registered, land not quantified
    E2 = "e2"  # precise seizure of what is left
    E3 = "e3"  # the whole parcel mortgaged, part of it sold
    E4 = "e4"  # the whole parcel seized, part of it sold
    INDUSTRIAL = "industrial"


SOLVED = (
    (Kind.NEW, 5, 44),
    (Kind.NEW, 4, 27),
    (Kind.E1, 4, 13),
    (Kind.E2, 4, 9),
    (Kind.E3, 4, 10),
    (Kind.E4, 4, 8),
    (Kind.INDUSTRIAL, 4, 3),
)


@dataclass(frozen=True)
class Unit:
    """A unit as it is predicted and as it is measured, and who buys it."""

    code: str
    predicted_dm2: int
    measured_dm2: int
    common: bool = False
    buyer: tuple[str, str] | None = None  # name and number
    transferred: bool = False

    @property
    def contract(self) -> str:
        return f"YS{self.code[:19]}{self.code[20:]}"


Ring = tuple[tuple[Decimal, Decimal], ...]


@dataclass(frozen=True)
class Building:
    """A building with its units, in the order of their codes."""

    code: str
    name: str
    floors: int
    units: tuple[Unit, ...]
    ring: Ring

    @cached_property
    def predicted_dm2(self) -> int:
        return sum(unit.predicted_dm2 for unit in self.units if not unit.common)

    @cached_property
    def measured_dm2(self) -> int:
        return sum(unit.measured_dm2 for unit in self.units if not unit.common)


@dataclass(frozen=True)
class Estate:
    """One parcel with its developer and what happens to it."""

    parcel: str
    name: str
    kind: Kind
    stage: int
    area_dm2: int
    developer: tuple[str, str]  # name and credit code
    opened_on: date
    buildings: tuple[Building, ...]
    ring: Ring
    bank: str = ""  # has a mortgage on it, of the whole or of some buildings
    mortgage_fen: int = 0
    mortgaged_buildings: tuple[str, ...] = ()  # of a split mortgage; none: the whole parcel
    court: str = ""
    waits: str = ""  # the court behind it

    @property
    def units(self) -> Iterator[Unit]:
        for building in self.buildings:
            yield from building.units

    @property
    def sold(self) -> tuple[Unit, ...]:
        return tuple(unit for unit in self.units if unit.buyer)


@dataclass(frozen=True)
class Totals:
    """What the book must say of an estate or of the city, in dm²."""

    area: int = 0
    with_buyers: int = 0
    presold: int = 0
    disposable: int = 0
    mortgaged: int = 0
    seized: int = 0
    waiting: int = 0
    free: int = 0

    def __add__(self, other: "Totals") -> "Totals":
        return Totals(*(getattr(self, name) + getattr(other, name) for name in self.__dataclass_fields__))


@dataclass(frozen=True)
class City:
    """The whole plan."""

    estates: tuple[Estate, ...]

    @cached_property
    def solved(self) -> tuple[Estate, ...]:
        return tuple(each for each in self.estates if each.stage >= 4)

    @cached_property
    def totals(self) -> Totals:
        return sum((reckon(each) for each in self.estates), Totals())

    @property
    def figures(self) -> dict[str, int]:
        """Return what has to come of it: as the source counts."""
        split = [each for each in self.estates if each.mortgaged_buildings]
        return {
            "estates": len(self.solved),
            "buildings": sum(len(each.buildings) for each in self.solved),
            "area_dm2": sum(each.area_dm2 for each in self.solved),
            "units": sum(not unit.common for each in self.solved for unit in each.units),
            "enterprises": len({each.developer for each in split}),
            "raised_fen": sum(each.mortgage_fen for each in split),
        }


def make(
    *,
    seed: int = 2024,
    scale: float = 1.0,
    estates: int = ESTATES,
    buildings: int = BUILDINGS,
    land_dm2: int = LAND_DM2,
    enterprises: int = ENTERPRISES,
    raised_fen: int = RAISED_FEN,
) -> City:
    """Return the city at `scale`; the numbers are what is wanted of it at scale 1, less than the source's where a pack has some already."""
    random = Random(seed)
    wanted = max(round(estates * scale), len(SOLVED))
    counts = _parts(random, max(round(buildings * scale), 2 * wanted), wanted, least=2)
    areas = _parts(random, round(land_dm2 * Fraction(scale).limit_denominator(1000)), wanted, least=600_000)
    kinds = _kinds(wanted)
    stages = UNDER_WAY if scale >= 0.2 else UNDER_WAY[::3]
    money = _parts(random, raised_fen, enterprises, least=raised_fen // 5) if enterprises else []
    made = []
    for number, (kind, stage) in enumerate([*kinds, *((Kind.NEW, stage) for stage in stages)]):
        solved = number < wanted
        fen = money.pop() if money and kind is Kind.NEW and stage == 4 else 0
        count = counts[number] if solved else random.randint(3, 6)
        area = areas[number] if solved else random.randrange(1_500_000, 4_500_000)
        made.append(_estate(random, number, kind, stage, count, area, fen))
    return City(tuple(made))


def _kinds(wanted: int) -> list[tuple[Kind, int]]:
    """Return kind and stage of each solved estate, every one of them at least once."""
    shares = apportion(wanted - len(SOLVED), {str(n): share for n, (_, _, share) in enumerate(SOLVED)})
    return [(kind, stage) for n, (kind, stage, _) in enumerate(SOLVED) for _ in range(shares[str(n)] + 1)]


def _parts(random: Random, total: int, count: int, *, least: int) -> list[int]:
    """Return `count` numbers around one another that add up to `total` exactly."""
    weights = {f"{n:04d}": random.randint(60, 140) for n in range(count)}
    shares = apportion(total - least * count, weights)
    return [least + shares[key] for key in sorted(shares)]


# --- one estate ---


def _estate(random: Random, number: int, kind: Kind, stage: int, count: int, area_dm2: int, split_fen: int) -> Estate:
    county = COUNTIES[number % len(COUNTIES)]
    parcel = f"{county}{number // 40 + 1:03d}{number % 40 + 1:03d}GB{FIRST_PARCEL + number:05d}"
    west = Decimal("113.7") + Decimal(number % 12) * Decimal("0.02")
    south = Decimal("33.95") + Decimal(number // 12) * Decimal("0.015")
    side = isqrt(area_dm2 // 100) + 1
    buildings = tuple(
        _building(random, parcel, n, count, (west, south), side, kind, stage) for n in range(1, count + 1)
    )
    whole = kind is Kind.E3
    seized = kind in (Kind.E2, Kind.E4)
    return Estate(
        parcel,
        f"{NAMES[number % len(NAMES)]}{KINDS_OF_PLACE[number // len(NAMES) % len(KINDS_OF_PLACE)]}（示例{number + 1}）",
        kind,
        stage,
        area_dm2,
        (
            f"许昌市{NAMES[number % len(NAMES)]}{number + 1}号置业有限公司（示例）",
            make_uscc("411002", FIRST_DEVELOPER + number),
        ),
        date(2023, 1 + number % 12, 1 + number % 28),
        buildings,
        _ring((west, south), 0, 0, side, side),
        bank=BANKS[number % len(BANKS)] if split_fen or whole else "",
        mortgage_fen=split_fen or (random.randint(20, 90) * 100_000_000 if whole else 0),
        mortgaged_buildings=tuple(b.code for b in buildings[len(buildings) // 2 :]) if split_fen else (),
        court=COURTS[number % 2] if seized else "",
        waits=COURTS[(number + 1) % 2] if kind is Kind.E2 else "",
    )


def _building(
    random: Random,
    parcel: str,
    number: int,
    of: int,
    corner: tuple[Decimal, Decimal],
    side: int,
    kind: Kind,
    stage: int,
) -> Building:
    code = f"{parcel}F{number:04d}"
    floors = random.choice((9, 11, 15, 18))
    units = [_unit(random, f"{code}{n:04d}", number, kind, stage) for n in range(1, random.randint(54, 66) + 1)]
    if number == 1:
        room = random.randrange(3_000, 9_000)
        units.append(Unit(f"{code}{COMMON}", room, room, common=True))
    columns = isqrt(of - 1) + 1
    step = side // (columns + 1)
    x, y = (number - 1) % columns * step + step // 2, (number - 1) // columns * step + step // 2
    return Building(
        code, f"{number}号楼", floors, tuple(units), _ring(corner, x, y, max(step * 7 // 10, 4), max(step * 4 // 10, 3))
    )


SOLD = {Kind.NEW: 74, Kind.E1: 66, Kind.E2: 48, Kind.E3: 55, Kind.E4: 52, Kind.INDUSTRIAL: 30}  # percent of the units


def _unit(random: Random, code: str, building: int, kind: Kind, stage: int) -> Unit:
    predicted = random.randint(SMALLEST, LARGEST)
    most = int(predicted * SPREAD)
    measured = predicted + random.randint(-most, most)
    sold = stage >= 3 and random.randrange(100) < SOLD[kind]
    handed_over = stage >= 4 and random.randrange(100) < 85
    return Unit(code, predicted, measured, buyer=_person(random) if sold else None, transferred=sold and handed_over)


def _person(random: Random) -> tuple[str, str]:
    name = random.choice(SURNAMES) + "".join(random.sample(GIVEN, random.choice((1, 2, 2))))
    born = date(random.randint(1958, 2003), random.randint(1, 12), random.randint(1, 28))
    return name, make_citizen_id("411002", born, random.randrange(1000))


def _ring(corner: tuple[Decimal, Decimal], x: int, y: int, width: int, height: int) -> Ring:
    """Return a closed rectangle, metres east and north of a corner, in degrees with seven decimals."""
    west, south = corner
    a_degree_east = Decimal(round(METRES_A_DEGREE * cos(radians(float(south)))))
    at = [(x, y), (x + width, y), (x + width, y + height), (x, y + height), (x, y)]
    fine = Decimal("0.0000001")
    return tuple(
        ((west + e / a_degree_east).quantize(fine), (south + Decimal(n) / METRES_A_DEGREE).quantize(fine))
        for e, n in at
    )


# --- what must come of it ---


def apportion(total: int, weights: Mapping[str, int]) -> dict[str, int]:
    """Return whole parts of `total` in proportion to the weights; what is left over goes to the largest remainders, of equals to the lower code."""
    whole = sum(weights.values())
    exact = {code: Fraction(total * weight, whole) for code, weight in weights.items()}
    parts = {code: int(share) for code, share in exact.items()}
    for code in sorted(exact, key=lambda code: (parts[code] - exact[code], code))[: total - sum(parts.values())]:
        parts[code] += 1
    return parts


def shares(estate: Estate) -> dict[str, int]:
    """Return the share of each lot in the end: the root's at stage 1, else the units'."""
    if estate.stage == 1:
        return {f"{estate.parcel}W00000000": estate.area_dm2}
    if estate.stage == 5:
        return apportion(estate.area_dm2, {u.code: 0 if u.common else u.measured_dm2 for u in estate.units})
    first_measured = estate.kind in (Kind.E1, Kind.E3, Kind.E4, Kind.INDUSTRIAL)
    envelopes = apportion(
        estate.area_dm2, {b.code: b.measured_dm2 if first_measured else b.predicted_dm2 for b in estate.buildings}
    )
    found: dict[str, int] = {}
    for building in estate.buildings:
        measured = estate.stage >= 4
        weights = {u.code: 0 if u.common else u.measured_dm2 if measured else u.predicted_dm2 for u in building.units}
        found |= apportion(envelopes[building.code], weights)
    return found


def reckon(estate: Estate) -> Totals:
    """Return what the book must say of the estate when everything of the plan has happened."""
    parts = shares(estate)
    units = {unit.code: unit for unit in estate.units}
    own = {code: dm2 for code, dm2 in parts.items() if code not in units or not units[code].buyer}
    with_buyers = _sum(parts, [u.code for u in units.values() if u.transferred])
    presold = _sum(parts, [u.code for u in units.values() if u.buyer and not u.transferred])
    disposable = sum(own.values())
    split = set(estate.mortgaged_buildings)
    mortgaged = set(own) if estate.kind is Kind.E3 else {code for code in own if code[:24] in split}
    seized = set(own) if estate.court else set()
    return Totals(
        area=estate.area_dm2,
        with_buyers=with_buyers,
        presold=presold,
        disposable=disposable,
        mortgaged=_sum(parts, mortgaged),
        seized=_sum(parts, seized),
        waiting=_sum(parts, seized) if estate.waits else 0,
        free=_sum(parts, set(own) - mortgaged - seized),
    )


def _sum(parts: Mapping[str, int], codes: Sequence[str] | set[str]) -> int:
    return sum(parts[code] for code in codes)
