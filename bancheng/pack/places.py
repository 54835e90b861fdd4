"""Reads where a city is and who works in it: city.toml, areas.csv, units.toml, outlets.csv."""

import re
from collections.abc import Callable
from decimal import Decimal

from bancheng.kernel.catalogue import public as catalogue
from bancheng.lib import identifiers
from bancheng.pack import reading as written
from bancheng.pack.reader import Entry, Notes


def city(top: Entry) -> catalogue.City:
    entry = top.table("city", required=True) or Entry(top.path, 1, {}, Notes(top.notes.root))
    region = entry.text("region")
    if region and not re.fullmatch(r"\d{6}", region):
        entry.wrong("region", "“region”应为六位区划代码。", "“region” must be a code of six digits.")
    made = catalogue.City(
        region=region,
        name=entry.text("name", longest=40),
        name_en=entry.text("name_en", longest=80),
        help_phone=written.phone(entry, "help_phone"),
        help_hours=written.hours(entry, "help_hours"),
        complaint_phone=written.phone(entry, "complaint_phone"),
        languages=entry.texts("languages", required=True),
    )
    entry.finish()
    return made


def box(top: Entry) -> tuple[Decimal, ...] | None:
    """Return west, east, south, north of the city: a point outside it is a slip (B4.4)."""
    entry = top.table("box")
    if entry is None:
        return None
    sides = [entry.decimal(side, required=True) for side in ("west", "east", "south", "north")]
    entry.finish()
    return tuple(side for side in sides if side is not None) if None not in sides else None


def area(entry: Entry) -> catalogue.Area:
    made = catalogue.Area(
        code=entry.text("code"),
        name=entry.text("name", longest=120),
        name_en=entry.text("name_en", longest=160),
        kind=entry.choice("kind", catalogue.AreaKind),
        parent=entry.text("parent", required=False),
        since=entry.day("since"),
        until=entry.day("until"),
        successor=entry.text("successor", required=False),
    )
    if made.code and not re.fullmatch(r"\d{6}|\d{9}", made.code):
        entry.wrong("code", "区划代码应为六位或九位数字。", "An area code has six or nine digits.")
    if made.since and made.until and made.since > made.until:
        entry.wrong("until", "截止日早于起始日。", "“until” is before “since”.")
    return made


def unit(entry: Entry) -> catalogue.Unit:
    return catalogue.Unit(
        code=written.code(entry),
        name=entry.text("name", longest=120),
        name_en=entry.text("name_en", longest=160),
        kind=entry.choice("kind", catalogue.UnitKind),
        uscc=written.checked(entry, "uscc", identifiers.check_uscc),
        area_code=entry.text("area"),
        areas=tuple(sorted(set(entry.texts("areas", required=True)))),
        domain=entry.text("domain"),
        phone=written.phone(entry, "phone"),
        phone_office=written.phone(entry, "phone_office"),
        demo=entry.flag("demo"),
    )


def outlet(box: tuple[Decimal, ...] | None) -> Callable[[Entry], catalogue.Outlet]:
    def make(entry: Entry) -> catalogue.Outlet:
        made = catalogue.Outlet(
            code=written.code(entry),
            unit=entry.text("unit"),
            name=entry.text("name", longest=120),
            name_en=entry.text("name_en", longest=160),
            address=entry.text("address", longest=200),
            address_en=entry.text("address_en", longest=240),
            hours=written.hours(entry, "hours"),
            phone=written.phone(entry, "phone"),
            area_code=entry.text("area"),
            channels=entry.texts("channels"),
            longitude=entry.decimal("longitude"),
            latitude=entry.decimal("latitude"),
            datum=entry.text("datum", required=False),
            aliases=entry.texts("aliases"),
        )
        _check_point(entry, made, box)
        return made

    return make


def _check_point(entry: Entry, outlet: catalogue.Outlet, box: tuple[Decimal, ...] | None) -> None:
    longitude, latitude = outlet.longitude, outlet.latitude
    if longitude is None and latitude is None and not outlet.datum:
        return
    if longitude is None or latitude is None:
        entry.wrong("longitude", "经度和纬度要一起写。", "Longitude and latitude go together.")
        return
    if outlet.datum not in ("WGS-84", "GCJ-02"):
        entry.wrong(
            "datum", "坐标必须注明坐标系：WGS-84 或 GCJ-02。", "A coordinate names its datum: WGS-84 or GCJ-02."
        )
    if box and not (box[0] <= longitude <= box[1] and box[2] <= latitude <= box[3]):
        swapped = box[0] <= latitude <= box[1] and box[2] <= longitude <= box[3]
        zh, en = ("，经度和纬度可能写反了", "; longitude and latitude look swapped") if swapped else ("", "")
        entry.wrong("longitude", f"坐标不在本市范围内{zh}。", f"The point is outside the city{en}.")
