"""Reads the city's own files of a pack into facts, and says everything that is wrong with them.

city.toml            [city] and its [[domain]]s, [box] around the map
areas.csv            codes of the division list with their days
units.toml           [[unit]]
licence_types.csv    kinds of licences
outlets.csv          places with a door
matters/*.toml       [[matter]]: the guides
elements.toml        [[element]], and forms/*.toml [[form]]: what matters ask, read by `pack.forms`
flows/*.toml         [[flow]]: how matters are handled, read by `pack.flows`
services/<code>/     each service's section, read by the service
"""

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

from bancheng.kernel.catalogue import public as catalogue
from bancheng.lib import identifiers
from bancheng.lib.text import Text
from bancheng.pack.reader import Entry, Notes, document, rows, tables

ALLOWED = {".toml", ".csv", ".md", ".json", ".geojson", ".svg", ".png"}
FILES = {"city.toml", "areas.csv", "units.toml", "licence_types.csv", "outlets.csv", "elements.toml"}
FOLDERS = {"matters", "forms", "flows", "services", "claims"}
CODE = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
SHORT_NUMBER = re.compile(r"1\d{2,4}|9\d{4,5}|[48]00-?\d{3}-?\d{4}")
AREA_COLUMNS = ("code", "name", "name_en", "kind", "parent", "since", "until", "successor")
OUTLET_COLUMNS = (
    "code", "unit", "name", "name_en", "address", "address_en", "hours", "phone", "area", "channels", "longitude",
    "latitude", "datum", "aliases",
)  # fmt: skip

Fact = TypeVar("Fact")


@dataclass
class Reading:
    """What was read: facts, and the entry each stands in."""

    notes: Notes
    entries: dict[tuple[str, str], Entry] = field(default_factory=dict)

    def take(self, kind: str, entries: Iterable[Entry], make: Callable[[Entry], Fact]) -> tuple[Fact, ...]:
        """Return the facts made of `entries`, noting codes that stand twice and keys nobody knows."""
        facts = []
        for entry in entries:
            fact = make(entry)
            code = getattr(fact, "code", "")
            if first := self.entries.get((kind, code)):
                where = f"{self.notes.name(first.path)}:{first.line}"
                entry.wrong("code", f"“{code}”重复，先见于{where}。", f"“{code}” stands twice, first in {where}.")
            elif code:
                self.entries[kind, code] = entry
            entry.finish()
            facts.append(fact)
        return tuple(facts)

    def refers(self, kind: str, code: str, field_name: str, value: str, known: Collection[str], what: Text) -> None:
        """Note that `value` names something that is not there."""
        if value and value not in known and (entry := self.entries.get((kind, code))):
            entry.wrong(field_name, f"{what.zh}“{value}”不存在。", f"There is no {what.en} “{value}”.")


def read(folder: Path, *, notes: Notes, sections: Collection[str] = ()) -> catalogue.Catalogue | None:
    """Return the catalogue of the pack in `folder`; problems go to `notes`. None when there is no city in it.

    `sections` are the folders that others read, such as "services/expiry".
    """
    if not folder.is_dir():
        notes.add(folder, 1, "没有这个文件夹。", "There is no such folder.")
        return None
    check_files(folder, notes=notes, sections=sections)
    reading = Reading(notes)
    top = document(folder / "city.toml", notes=notes)
    city, box = _city(top), _box(top)
    domains = reading.take("domain", top.tables("domain", required=True), _domain)
    top.finish()
    whole = catalogue.Catalogue(
        city=city,
        domains=domains,
        areas=reading.take("area", rows(folder / "areas.csv", AREA_COLUMNS, notes=notes), _area),
        units=reading.take("unit", tables(folder / "units.toml", "unit", notes=notes), _unit),
        licence_types=reading.take(
            "licence_type", rows(folder / "licence_types.csv", ("code", "name", "name_en"), notes=notes), _licence_type
        ),
        outlets=reading.take("outlet", rows(folder / "outlets.csv", OUTLET_COLUMNS, notes=notes), _outlet(box)),
        matters=reading.take("matter", _matter_entries(folder, notes), _matter),
    )
    _check_references(reading, whole)
    _check_guides(reading, whole.matters)
    return whole


def check_files(folder: Path, *, notes: Notes, sections: Collection[str]) -> None:
    """Note files that do not belong in a pack: code, unknown kinds, sections that no service reads."""
    tops = {section.split("/")[0] for section in sections} | FOLDERS
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        if path.is_symlink():
            notes.add(path, 1, "资料包里不能有链接文件。", "A pack holds no links.")
        elif path.is_dir():
            known = len(name.parts) > 2 or name.parts[0] in tops
            if len(name.parts) == 2 and name.parts[0] == "services" and name.as_posix() not in sections:
                known = False
            if not known and len(name.parts) <= 2:
                notes.add(
                    path, 1, "没有服务认领这个文件夹，请核对名称。", "No service reads this folder; check its name."
                )
        elif path.name == ".gitkeep":
            continue
        elif path.suffix not in ALLOWED:
            zh = f"资料包只放数据，不能有“{path.suffix or path.name}”文件。"
            notes.add(path, 1, zh, f"A pack is data only: no “{path.suffix or path.name}” files.")
        elif len(name.parts) == 1 and path.suffix != ".md" and path.name not in FILES:
            notes.add(path, 1, "不认识的文件，请核对名称。", "This file is not known; check its name.")


def _matter_entries(folder: Path, notes: Notes) -> list[Entry]:
    return [entry for path in sorted(folder.glob("matters/*.toml")) for entry in tables(path, "matter", notes=notes)]


def _city(top: Entry) -> catalogue.City:
    entry = top.table("city", required=True) or Entry(top.path, 1, {}, Notes(top.notes.root))
    region = entry.text("region")
    if region and not re.fullmatch(r"\d{6}", region):
        entry.wrong("region", "“region”应为六位区划代码。", "“region” must be a code of six digits.")
    city = catalogue.City(
        region=region,
        name=entry.text("name", longest=40),
        name_en=entry.text("name_en", longest=80),
        help_phone=phone(entry, "help_phone"),
        help_hours=hours(entry, "help_hours"),
        complaint_phone=phone(entry, "complaint_phone"),
        languages=entry.texts("languages", required=True),
    )
    entry.finish()
    return city


def _box(top: Entry) -> tuple[Decimal, ...] | None:
    """Return west, east, south, north of the city: a point outside it is a slip (B4.4)."""
    entry = top.table("box")
    if entry is None:
        return None
    sides = [entry.decimal(side, required=True) for side in ("west", "east", "south", "north")]
    entry.finish()
    return tuple(side for side in sides if side is not None) if None not in sides else None


def _code(entry: Entry) -> str:
    code = entry.text("code", longest=64)
    if code and not CODE.fullmatch(code):
        entry.wrong(
            "code",
            "代码用小写英文字母、数字和连字符，以字母开头。",
            "A code is lower-case letters, digits and hyphens, beginning with a letter.",
        )
    return code


def _domain(entry: Entry) -> catalogue.Domain:
    return catalogue.Domain(_code(entry), entry.text("name"), entry.text("name_en"))


def _licence_type(entry: Entry) -> catalogue.LicenceType:
    return catalogue.LicenceType(_code(entry), entry.text("name", longest=120), entry.text("name_en", longest=160))


def _area(entry: Entry) -> catalogue.Area:
    area = catalogue.Area(
        code=entry.text("code"),
        name=entry.text("name", longest=120),
        name_en=entry.text("name_en", longest=160),
        kind=entry.choice("kind", catalogue.AreaKind),
        parent=entry.text("parent", required=False),
        since=entry.day("since"),
        until=entry.day("until"),
        successor=entry.text("successor", required=False),
    )
    if area.code and not re.fullmatch(r"\d{6}|\d{9}", area.code):
        entry.wrong("code", "区划代码应为六位或九位数字。", "An area code has six or nine digits.")
    if area.since and area.until and area.since > area.until:
        entry.wrong("until", "截止日早于起始日。", "“until” is before “since”.")
    return area


def _unit(entry: Entry) -> catalogue.Unit:
    return catalogue.Unit(
        code=_code(entry),
        name=entry.text("name", longest=120),
        name_en=entry.text("name_en", longest=160),
        kind=entry.choice("kind", catalogue.UnitKind),
        uscc=_checked(entry, "uscc", identifiers.check_uscc),
        area_code=entry.text("area"),
        areas=tuple(sorted(set(entry.texts("areas", required=True)))),
        domain=entry.text("domain"),
        phone=phone(entry, "phone"),
        phone_office=phone(entry, "phone_office"),
        demo=entry.flag("demo"),
    )


def _outlet(box: tuple[Decimal, ...] | None) -> Callable[[Entry], catalogue.Outlet]:
    def make(entry: Entry) -> catalogue.Outlet:
        outlet = catalogue.Outlet(
            code=_code(entry),
            unit=entry.text("unit"),
            name=entry.text("name", longest=120),
            name_en=entry.text("name_en", longest=160),
            address=entry.text("address", longest=200),
            address_en=entry.text("address_en", longest=240),
            hours=hours(entry, "hours"),
            phone=phone(entry, "phone"),
            area_code=entry.text("area"),
            channels=entry.texts("channels"),
            longitude=entry.decimal("longitude"),
            latitude=entry.decimal("latitude"),
            datum=entry.text("datum", required=False),
            aliases=entry.texts("aliases"),
        )
        _check_point(entry, outlet, box)
        return outlet

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


def _matter(entry: Entry) -> catalogue.Matter:
    fee = entry.table("fee")
    fen = fee.whole("fen") if fee else None
    fee_basis = fee.text("basis", required=False) if fee else ""
    if fee:
        fee.finish()
    return catalogue.Matter(
        code=_code(entry),
        implementing_code=entry.text("implementing_code"),
        unit=entry.text("unit"),
        domain=entry.text("domain"),
        name=entry.text("name", longest=120),
        name_en=entry.text("name_en", longest=160),
        basis=tuple(_each(entry, "basis", _basis)),
        conditions=tuple(_each(entry, "conditions", _sentence)),
        statutory=entry.length("statutory", required=False),  # what is missing is told by the guide's own rule
        promised=entry.length("promised", required=False),
        fee_fen=fen,
        fee_basis=fee_basis,
        materials=tuple(_each(entry, "materials", _material)),
        channels=tuple(_each(entry, "channels", _channel)),
        outlets=entry.texts("outlets"),
        phone=phone(entry, "phone", required=False),
        licence_type=entry.text("licence_type", required=False),
        audience=entry.text("audience", required=False, longest=40),
        keywords=entry.texts("keywords"),
        concerns=entry.choices("concerns", catalogue.Concern),
    )


def _each(entry: Entry, key: str, make: Callable[[Entry], Fact]) -> list[Fact]:
    facts = []
    for inner in entry.tables(key):
        facts.append(make(inner))
        inner.finish()
    return facts


def _basis(entry: Entry) -> catalogue.Basis:
    return catalogue.Basis(entry.text("law"), entry.text("article"))


def _sentence(entry: Entry) -> Text:
    return Text(entry.text("zh"), entry.text("en"))


def _material(entry: Entry) -> catalogue.Material:
    copies = entry.whole("copies", required=False)
    return catalogue.Material(
        name=entry.text("name"),
        name_en=entry.text("name_en"),
        main=entry.flag("main"),
        source=entry.choice("source", catalogue.Source),
        copies=1 if copies is None else copies,
        gap=_gap(entry),
    )


def _gap(entry: Entry) -> catalogue.GapTerms | None:
    inner = entry.table("gap")
    if inner is None:
        return None
    terms = catalogue.GapTerms(
        ground=inner.choice("ground", catalogue.GapGround),
        waits=inner.flag("waits"),
        days=inner.whole("days") or 0,
        law=inner.text("law", required=False),
    )
    inner.finish()
    return terms


def _channel(entry: Entry) -> catalogue.Channel:
    return catalogue.Channel(
        kind=entry.choice("kind", catalogue.ChannelKind),
        name=entry.text("name"),
        name_en=entry.text("name_en"),
        url=entry.text("url", required=False),
    )


def phone(entry: Entry, key: str, *, required: bool = True) -> str:
    """Return a landline, a mobile or a short number (B4.6)."""
    written = entry.text(key, required=required)
    if not written or SHORT_NUMBER.fullmatch(written):
        return written
    for check in (identifiers.check_landline, identifiers.check_mobile):
        try:
            return check(written)
        except identifiers.Invalid:
            continue
    entry.wrong(
        key,
        f"“{key}”不是电话号码，应如0374-2960000、13812345678或12345。",
        f"“{key}” is not a phone number such as 0374-2960000, 13812345678 or 12345.",
    )
    return written


def hours(entry: Entry, key: str) -> str:
    """Return opening hours as written, when they can be read."""
    written = entry.text(key)
    if written:
        try:
            catalogue.hours(written)
        except catalogue.BadHours:
            entry.wrong(
                key,
                f"“{key}”应如“工作日 09:00-12:00 13:00-17:00；周六 09:00-12:00”。",
                f"“{key}” must be like “工作日 09:00-12:00 13:00-17:00；周六 09:00-12:00”.",
            )
    return written


def _checked(entry: Entry, key: str, check: Callable[[str], str]) -> str:
    written = entry.text(key)
    if not written:
        return ""
    try:
        return check(written)
    except identifiers.Invalid as no:
        entry.wrong(key, f"{no.says}。", f"{no.en}.")
        return written


def _check_references(reading: Reading, whole: catalogue.Catalogue) -> None:
    areas = {area.code for area in whole.areas}
    units = {unit.code for unit in whole.units}
    domains = {domain.code for domain in whole.domains}
    outlets = {outlet.code for outlet in whole.outlets}
    licences = {licence.code for licence in whole.licence_types}
    area_word, unit_word = Text("区划代码", "area code"), Text("单位", "unit")
    domain_word = Text("领域", "domain")
    for area in whole.areas:
        reading.refers("area", area.code, "parent", area.parent, areas, area_word)
        reading.refers("area", area.code, "successor", area.successor, areas - {area.code}, area_word)
    for unit in whole.units:
        reading.refers("unit", unit.code, "area", unit.area_code, areas, area_word)
        for code in unit.areas:
            reading.refers("unit", unit.code, "areas", code, areas, area_word)
        reading.refers("unit", unit.code, "domain", unit.domain, domains, domain_word)
    for outlet in whole.outlets:
        reading.refers("outlet", outlet.code, "unit", outlet.unit, units, unit_word)
        reading.refers("outlet", outlet.code, "area", outlet.area_code, areas, area_word)
    for matter in whole.matters:
        reading.refers("matter", matter.code, "unit", matter.unit, units, unit_word)
        reading.refers("matter", matter.code, "domain", matter.domain, domains, domain_word)
        reading.refers(
            "matter", matter.code, "licence_type", matter.licence_type, licences, Text("证照类型", "kind of licence")
        )
        for code in matter.outlets:
            reading.refers("matter", matter.code, "outlets", code, outlets, Text("网点", "outlet"))
    _check_unique(reading, "unit", [(unit.code, unit.uscc) for unit in whole.units], "uscc")
    _check_unique(reading, "matter", [(one.code, one.implementing_code) for one in whole.matters], "implementing_code")
    _check_implementing_codes(reading, whole)


def _check_unique(reading: Reading, kind: str, values: Sequence[tuple[str, str]], key: str) -> None:
    seen: dict[str, str] = {}
    for code, value in values:
        if value and seen.get(value, code) != code:
            says = f"与“{seen[value]}”的“{key}”相同。"
            reading.entries[kind, code].wrong(key, says, f"“{key}” is the same as that of “{seen[value]}”.")
        seen.setdefault(value, code)


def _check_implementing_codes(reading: Reading, whole: catalogue.Catalogue) -> None:
    """Note codes that are not the unit's credit code, one digit, and a basic code of twelve."""
    uscc = {unit.code: unit.uscc for unit in whole.units}
    for matter in whole.matters:
        code = matter.implementing_code
        if not code or matter.unit not in uscc:
            continue
        if not re.fullmatch(r"[0-9A-Z]{31}", code) or not code.startswith(uscc[matter.unit]):
            reading.entries["matter", matter.code].wrong(
                "implementing_code",
                "实施编码应为31位：实施主体的统一社会信用代码18位，加13位事项编码。",
                "An implementing code has 31 characters: the unit's credit code and 13 more.",
            )


def _check_guides(reading: Reading, matters: Iterable[catalogue.Matter]) -> None:
    """Note every fault of every guide on the line of its field; R-OT-3."""
    for matter in matters:
        entry = reading.entries.get(("matter", matter.code))
        if entry is None:
            continue
        for fault in catalogue.faults(matter):
            if fault.field in entry.values or fault.field not in ("statutory", "promised"):
                entry.wrong(fault.field, fault.says.zh, fault.says.en, *_element(entry, fault))
            else:
                entry.wrong(fault.field, fault.says.zh, fault.says.en)


def _element(entry: Entry, fault: catalogue.Fault) -> tuple[int, ...]:
    """Return which element of the list the fault quotes, so that its own line is named."""
    value = entry.values.get(fault.field)
    if not isinstance(value, list):
        return ()
    for i, one in enumerate(value):
        if any(isinstance(text, str) and text and f"“{text}”" in fault.says.zh for text in one.values()):
            return (i,)
    return ()
