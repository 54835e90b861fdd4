"""Reads the sample estates of a pack (estates.toml): who is there, what stands where, and what happened, in order."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from math import cos, radians
from pathlib import Path
from typing import Any

from bancheng.kernel.titles import public as titles
from bancheng.lib.identifiers import make_citizen_id, make_uscc
from bancheng.pack.reader import Entry, Notes, document
from bancheng.services.landshares.rules import amounts

AREA = "411002"  # of the made-up numbers, as the demo's identity provider makes them
METRES_A_DEGREE = 111_320
FINE = Decimal("0.0000001")
COMMON = 9001  # the first number of a building's common rooms
ACTS = (
    "survey",
    "plan",
    "sell",
    "notice",
    "hand",
    "mortgage",
    "premortgage",
    "release",
    "first",
    "transfer",
    "seize",
    "lift",
    "finalise",
)

Ring = list[list[str]]


@dataclass(frozen=True)
class Building:
    """A building with the areas of its units, by code, in dm²; common rooms apart."""

    code: str
    name: str
    floors: int
    predicted: Mapping[str, int]
    measured: Mapping[str, int]
    common: Mapping[str, int]
    planned_dm2: int | None
    ring: Ring


@dataclass(frozen=True)
class Act:
    """Something that happened on a day; `said` are its own words, checked by whoever records it."""

    number: int
    on: date
    do: str
    said: Mapping[str, Any]


@dataclass(frozen=True)
class Sample:
    """One estate with everything that happened to it."""

    parcel: str
    name: str
    name_en: str
    address: str
    address_en: str
    area_dm2: int
    use: str
    term_until: date | None
    origin: str
    developer: titles.Party
    opened_on: date
    datum: str
    ring: Ring
    buildings: Mapping[str, Building]
    acts: tuple[Act, ...]
    people: Mapping[str, titles.Party]


def read(folder: Path, notes: Notes) -> tuple[Sample, ...]:
    """Return the samples; what is wrong is noted with file and line."""
    whole = document(folder / "estates.toml", notes=notes)
    datum = whole.text("datum")
    developers = {entry.text("code"): _developer(entry) for entry in whole.tables("developer")}
    people = {entry.text("code"): _person(entry) for entry in whole.tables("person")}
    found = tuple(_sample(entry, datum, developers, people) for entry in whole.tables("estate"))
    whole.finish()
    return found


def _developer(entry: Entry) -> titles.Party:
    found = titles.organisation(entry.text("name"), make_uscc(AREA, entry.whole("serial") or 0))
    entry.finish()
    return found


def _person(entry: Entry) -> titles.Party:
    born = entry.day("born", required=True) or date.min
    found = titles.person(entry.text("name"), make_citizen_id(AREA, born, entry.whole("serial") or 0))
    entry.finish()
    return found


def _sample(
    entry: Entry, datum: str, developers: Mapping[str, titles.Party], people: Mapping[str, titles.Party]
) -> Sample:
    parcel, corner = entry.text("parcel"), entry.texts("corner", required=True)
    asked = entry.text("developer")
    if asked not in developers:
        entry.wrong("developer", f"没有企业“{asked}”。", f"There is no developer “{asked}”.")
    at = (Decimal(corner[0]), Decimal(corner[1])) if len(corner) == 2 else (Decimal(0), Decimal(0))
    east, north = [*_numbers(entry, "size_m"), 0, 0][:2]
    found = Sample(
        parcel=parcel,
        name=entry.text("name"),
        name_en=entry.text("name_en"),
        address=entry.text("address"),
        address_en=entry.text("address_en"),
        area_dm2=_area(entry, "area_m2"),
        use=entry.text("use"),
        term_until=entry.day("term_until"),
        origin=str(entry.choice("origin", titles.Origin)),
        developer=developers.get(asked) or titles.organisation(asked, ""),
        opened_on=entry.day("opened_on", required=True) or date.min,
        datum=datum,
        ring=_ring(at, (0, 0, east, north)),
        buildings={b.code[-4:]: b for b in (_building(each, parcel, at) for each in entry.tables("building"))},
        acts=tuple(_act(n, each) for n, each in enumerate(entry.tables("act"), 1)),
        people=people,
    )
    entry.finish()
    return found


def _building(entry: Entry, parcel: str, corner: tuple[Decimal, Decimal]) -> Building:
    code, floors = f"{parcel}F{entry.text('code')}", entry.whole("floors") or 1
    places = [*_numbers(entry, "at_m"), 0, 0, 1, 1][:4]
    planned = entry.text("planned", required=False)
    found = Building(
        code,
        entry.text("name"),
        floors,
        _floors(entry, "predicted", code, floors),
        _floors(entry, "measured", code, floors),
        {f"{code}{COMMON + n}": dm2 for n, dm2 in enumerate(_areas(entry, "common"))},
        amounts.read(planned) if planned else None,
        _ring(corner, (places[0], places[1], places[2], places[3])),
    )
    entry.finish()
    return found


def _floors(entry: Entry, key: str, code: str, floors: int) -> dict[str, int]:
    """Return the areas of one floor as often as there are floors, numbered through."""
    return {f"{code}{n:04d}": dm2 for n, dm2 in enumerate(_areas(entry, key) * floors, 1)}


def _areas(entry: Entry, key: str) -> list[int]:
    found = [amounts.read(written) for written in entry.texts(key)]
    if None in found:
        entry.wrong(
            key, "面积应为加引号的平方米数，最多两位小数。", "Areas are m² in quotes, with two decimals at most."
        )
    return [dm2 or 0 for dm2 in found]


def _area(entry: Entry, key: str) -> int:
    found = amounts.read(entry.text(key))
    if not found:
        entry.wrong(
            key, "面积应为加引号的平方米数，最多两位小数。", "An area is m² in quotes, with two decimals at most."
        )
    return found or 1


def _numbers(entry: Entry, key: str) -> list[int]:
    entry.asked.add(key)
    written = entry.values.get(key, [])
    if not isinstance(written, list) or not all(type(one) is int for one in written):
        entry.wrong(key, f"“{key}”应为整数的列表。", f"“{key}” is a list of whole numbers.")
        return []
    return written


def _act(number: int, entry: Entry) -> Act:
    do = entry.text("do")
    if do not in ACTS:
        entry.wrong("do", f"“{do}”应为{'、'.join(ACTS)}之一。", f"“{do}” is none of {', '.join(ACTS)}.")
    on = entry.day("on", required=True) or date.min
    return Act(number, on, do, {key: value for key, value in entry.values.items() if key not in ("on", "do")})


def _ring(corner: tuple[Decimal, Decimal], box: tuple[int, int, int, int]) -> Ring:
    """Return a closed rectangle in degrees: metres east, metres north, width, height from a corner."""
    west, south = corner
    x, y, width, height = box
    east_m = Decimal(round(METRES_A_DEGREE * cos(radians(float(south)))))
    points = [(x, y), (x + width, y), (x + width, y + height), (x, y + height), (x, y)]
    return [
        [str((west + e / east_m).quantize(FINE)), str((south + Decimal(n) / METRES_A_DEGREE).quantize(FINE))]
        for e, n in points
    ]
