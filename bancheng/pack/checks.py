"""Reads the city's own files of a pack into facts, and says everything that is wrong with them.

city.toml            [city] and its [[domain]]s, [box] around the map
areas.csv            codes of the division list with their days
units.toml           [[unit]]
licence_types.csv    kinds of licences
outlets.csv          places with a door
matters/*.toml       [[matter]]: the guides, read by `pack.guides`
elements.toml        [[element]], and forms/*.toml [[form]]: what matters ask, read by `pack.forms`
flows/*.toml         [[flow]]: how matters are handled, read by `pack.flows`
services/<code>/     each service's section, read by the service
"""

from collections.abc import Collection, Sequence
from pathlib import Path

from bancheng.kernel.catalogue import public as catalogue
from bancheng.lib.text import Text
from bancheng.pack import guides, places
from bancheng.pack import reading as written
from bancheng.pack.reader import Entry, Notes, document, rows, tables
from bancheng.pack.reading import Reading

ALLOWED = {".toml", ".csv", ".md", ".json", ".geojson", ".svg", ".png"}
FILES = {"city.toml", "areas.csv", "units.toml", "licence_types.csv", "outlets.csv", "elements.toml"}
FOLDERS = {"matters", "forms", "flows", "services", "claims"}
AREA_COLUMNS = ("code", "name", "name_en", "kind", "parent", "since", "until", "successor")
OUTLET_COLUMNS = (
    "code", "unit", "name", "name_en", "address", "address_en", "hours", "phone", "area", "channels", "longitude",
    "latitude", "datum", "aliases",
)  # fmt: skip


def read(
    folder: Path, *, notes: Notes, sections: Collection[str] = (), reading: Reading | None = None
) -> catalogue.Catalogue | None:
    """Return the catalogue of the pack in `folder`; problems go to `notes`. None when there is no city in it.

    `sections` are the folders that others read, such as "services/expiry"; `reading` keeps where each fact stands, for what is
    checked once forms are read too.
    """
    if not folder.is_dir():
        notes.add(folder, 1, "没有这个文件夹。", "There is no such folder.")
        return None
    check_files(folder, notes=notes, sections=sections)
    reading = Reading(notes) if reading is None else reading
    top = document(folder / "city.toml", notes=notes)
    city, box = places.city(top), places.box(top)
    domains = reading.take("domain", top.tables("domain", required=True), _domain)
    top.finish()
    whole = catalogue.Catalogue(
        city=city,
        domains=domains,
        areas=reading.take("area", rows(folder / "areas.csv", AREA_COLUMNS, notes=notes), places.area),
        units=reading.take("unit", tables(folder / "units.toml", "unit", notes=notes), places.unit),
        licence_types=reading.take(
            "licence_type", rows(folder / "licence_types.csv", ("code", "name", "name_en"), notes=notes), _licence_type
        ),
        outlets=reading.take("outlet", rows(folder / "outlets.csv", OUTLET_COLUMNS, notes=notes), places.outlet(box)),
        matters=reading.take("matter", guides.entries(folder, notes), guides.matter),
    )
    _check_references(reading, whole)
    guides.check(reading, whole.matters)
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
    guides.check_implementing_codes(reading, whole)


def _check_unique(reading: Reading, kind: str, values: Sequence[tuple[str, str]], key: str) -> None:
    seen: dict[str, str] = {}
    for code, value in values:
        if value and seen.get(value, code) != code:
            says = f"与“{seen[value]}”的“{key}”相同。"
            reading.entries[kind, code].wrong(key, says, f"“{key}” is the same as that of “{seen[value]}”.")
        seen.setdefault(value, code)


def _domain(entry: Entry) -> catalogue.Domain:
    return catalogue.Domain(written.code(entry), entry.text("name"), entry.text("name_en"))


def _licence_type(entry: Entry) -> catalogue.LicenceType:
    return catalogue.LicenceType(
        written.code(entry), entry.text("name", longest=120), entry.text("name_en", longest=160)
    )
