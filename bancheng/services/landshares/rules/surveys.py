"""Reads the results of a survey (测绘成果): the units of one building with their floor areas, as CSV or GeoJSON.

    unit,area,category            不动产单元代码,建筑面积,用途类别
    411025001001GB00001F00010001,100.01,saleable
    total,310.06

Areas are decimal text with two decimals at most; a number is taken as it is written and never becomes a float (B7.8). Every bad row is
named with its line and what is wrong with it; nothing of a survey with a bad row is taken.
"""

import csv
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bancheng.lib.refusal import Refused
from bancheng.lib.text import Text
from bancheng.services.landshares.rules import amounts

CATEGORIES = {
    "saleable": Text("可售", "for sale"),
    "kept": Text("自持", "kept by the developer"),
    "handed": Text("移交", "handed to a public body"),
    "common": Text("业主共有", "common to the owners"),
    "shelter": Text("人防", "civil defence"),
}
WRITTEN_ZH = {text.zh: code for code, text in CATEGORIES.items()}
COLUMNS = {
    "unit": "unit",
    "area": "area",
    "category": "category",
    "不动产单元代码": "unit",
    "建筑面积": "area",
    "用途类别": "category",
}
TOTALS = ("total", "合计")
DATUMS = ("CGCS2000", "WGS-84")
MOST_ROWS = 3000
PLACE = re.compile(r"-?[0-9]{1,3}(?:\.[0-9]{1,12})?")

Check = Callable[[str], object]  # raises Refused for a code that cannot be one
Ring = tuple[tuple[str, str], ...]  # longitude and latitude as they are written


@dataclass(frozen=True)
class Bad:
    """A row that cannot be taken, and why."""

    line: int
    says: Text


@dataclass(frozen=True)
class Row:
    """A unit of the building."""

    line: int
    unit: str
    floor_dm2: int
    category: str


@dataclass(frozen=True)
class Survey:
    """What a file says: its units in the order of their codes, the total it states, the outlines it draws, and every row that is wrong."""

    rows: tuple[Row, ...]
    total_dm2: int | None
    bad: tuple[Bad, ...]
    outlines: Mapping[str, Ring]

    @property
    def sum_dm2(self) -> int:
        """Return the sum of the units, which is what the total has to be."""
        return sum(row.floor_dm2 for row in self.rows)


def read(data: bytes, *, check: Check) -> Survey:
    """Return what a file says, a GeoJSON one if it begins with a brace. `check` judges a unit's code. Nothing is raised: see `Survey.bad`."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return _nothing(
            data[: error.start].count(b"\n") + 1,
            "文件不是UTF-8编码，请另存为UTF-8。",
            "The file is not UTF-8; save it as UTF-8.",
        )
    return _geojson(text, check) if text.lstrip().startswith("{") else _csv(text, check)


def _nothing(line: int, zh: str, en: str) -> Survey:
    return Survey((), None, (Bad(line, Text(zh, en)),), {})


# --- CSV ---


def _csv(text: str, check: Check) -> Survey:
    lines = [(number, cells) for number, cells in enumerate(csv.reader(text.splitlines()), 1) if any(cells)]
    if not lines:
        return _nothing(1, "文件是空的。", "The file is empty.")
    head = [COLUMNS.get(cell.strip(), "") for cell in lines[0][1]]
    if {"unit", "area"} - set(head):
        return _nothing(
            1, "首行应列出：不动产单元代码、建筑面积、用途类别。", "The first line names unit, area and category."
        )
    found = _Reading(check)
    for number, cells in lines[1:]:
        values = dict(zip(head, (cell.strip() for cell in cells), strict=False))
        found.take(number, values.get("unit", ""), values.get("area", ""), values.get("category", ""))
    return found.survey()


# --- GeoJSON ---


def _geojson(text: str, check: Check) -> Survey:
    """Read a FeatureCollection; its numbers stay the text they are written as. The line of a feature is its place, from 1."""
    try:
        whole = json.loads(text, parse_float=str, parse_int=str, parse_constant=str)
    except (json.JSONDecodeError, RecursionError) as error:
        line = getattr(error, "lineno", 1)
        return _nothing(
            line, "GeoJSON格式有误，请核对括号和逗号。", "This is not valid GeoJSON: check brackets and commas."
        )
    features = whole.get("features") if isinstance(whole, dict) else None
    if not isinstance(features, list):
        return _nothing(1, "文件里没有要素（features）。", "The file has no features.")
    found = _Reading(check)
    if whole.get("datum") not in DATUMS:
        found.wrong(
            1, f"坐标系（datum）应写明{'、'.join(DATUMS)}之一。", f"The datum has to be one of {', '.join(DATUMS)}."
        )
    for number, feature in enumerate(features, 1):
        said = feature.get("properties") if isinstance(feature, dict) else None
        said = said if isinstance(said, dict) else {}
        unit = _said(said, "unit")
        found.take(number, unit, _said(said, "area"), _said(said, "category"))
        if geometry := feature.get("geometry") if isinstance(feature, dict) else None:
            found.draw(number, unit, geometry)
    if "total" in whole:
        found.take(len(features) + 1, TOTALS[0], str(whole["total"]), "")
    return found.survey()


def _said(said: Mapping[str, Any], name: str) -> str:
    value = said.get(name, "")
    return value if isinstance(value, str) else ""


# --- both ---


class _Reading:
    """The rows taken so far, and what was wrong."""

    def __init__(self, check: Check) -> None:
        self.check = check
        self.rows: dict[str, Row] = {}
        self.total: int | None = None
        self.bad: list[Bad] = []
        self.outlines: dict[str, Ring] = {}

    def wrong(self, line: int, zh: str, en: str) -> None:
        self.bad.append(Bad(line, Text(zh, en)))

    def take(self, line: int, unit: str, area: str, category: str) -> None:
        dm2 = amounts.read(area)
        if dm2 is None:
            self.wrong(
                line,
                f"面积“{area}”应为平方米数，最多两位小数。",
                f"The area “{area}” has to be m² with two decimals at most.",
            )
        if unit in TOTALS:
            self.total = dm2
            return
        kind = WRITTEN_ZH.get(category, category or "saleable")
        if kind not in CATEGORIES:
            allowed = "、".join(WRITTEN_ZH)
            self.wrong(
                line,
                f"用途类别“{category}”应为{allowed}之一。",
                f"The category “{category}” has to be one of {', '.join(CATEGORIES)}.",
            )
        elif dm2 == 0 and kind in ("saleable", "kept"):
            self.wrong(line, "可售或自持的户面积不能为零。", "A unit for sale or kept has an area.")
        try:
            self.check(unit)
        except Refused as no:
            self.wrong(line, f"“{unit}”：{no.says}", f"“{unit}”: {no.en}")
            return
        if before := self.rows.get(unit):
            self.wrong(
                line, f"“{unit}”在第{before.line}行已经写过。", f"“{unit}” stands on line {before.line} already."
            )
        elif dm2 is not None and kind in CATEGORIES:
            self.rows[unit] = Row(line, unit, dm2, kind)

    def draw(self, line: int, unit: str, geometry: object) -> None:
        ring = _ring(geometry)
        if ring is None:
            self.wrong(line, "图形应为一个闭合的多边形。", "The geometry has to be one closed polygon.")
        else:
            self.outlines[unit] = ring

    def survey(self) -> Survey:
        rows = tuple(sorted(self.rows.values(), key=lambda row: row.unit))
        if not rows and not self.bad:
            self.wrong(1, "文件里没有任何一户。", "The file has no unit.")
        if len(rows) > MOST_ROWS:
            self.wrong(rows[-1].line, f"一次最多{MOST_ROWS}户。", f"A survey has {MOST_ROWS} units at most.")
        found = Survey(rows, self.total, tuple(sorted(self.bad, key=lambda bad: bad.line)), self.outlines)
        return found if self.bad else _checked(found)


def _ring(geometry: object) -> Ring | None:
    if not isinstance(geometry, dict) or geometry.get("type") != "Polygon":
        return None
    try:
        ((*points,),) = geometry["coordinates"]
        ring = tuple((x, y) for x, y in points)
    except (KeyError, TypeError, ValueError):
        return None
    closed = len(ring) >= 4 and ring[0] == ring[-1]
    written = all(isinstance(one, str) and PLACE.fullmatch(one) for point in ring for one in point)
    return ring if closed and written else None


def _checked(found: Survey) -> Survey:
    """Return the survey; a total that is not the sum of its units is one more thing wrong (B7.1)."""
    bad = tuple(_differences(found))
    return Survey(found.rows, found.total_dm2, bad, found.outlines)


def _differences(found: Survey) -> Iterator[Bad]:
    if found.total_dm2 is not None and found.total_dm2 != found.sum_dm2:
        stated, added = amounts.shown(found.total_dm2), amounts.shown(found.sum_dm2)
        yield Bad(
            found.rows[-1].line + 1,
            Text(
                f"合计写的是{stated}平方米，各户相加是{added}平方米，请查明差在哪里。",
                f"The total says {stated} m², the units add up to {added} m²: find the difference.",
            ),
        )


def against(found: Survey, *, expected: Mapping[str, int], permit_dm2: int | None) -> list[Text]:
    """Return what an officer has to see before he hands it in: units that come or go against what the book has, and a permit that is
    exceeded: `permit_dm2` is what it leaves for this building (B7.1)."""
    said, units = [], {row.unit for row in found.rows}
    if expected and (more := sorted(units - set(expected))):
        said.append(Text(f"比计划表多{len(more)}户：{more[0]}等", f"{len(more)} units more than planned: {more[0]} …"))
    if less := sorted(set(expected) - units):
        said.append(Text(f"比计划表少{len(less)}户：{less[0]}等", f"{len(less)} units fewer than planned: {less[0]} …"))
    if permit_dm2 is not None and found.sum_dm2 > permit_dm2:
        shown, over = amounts.shown(permit_dm2), amounts.shown(found.sum_dm2 - permit_dm2)
        said.append(
            Text(
                f"本幢面积之和超过规划许可余下的{shown}平方米，多{over}平方米；请先核查测绘成果。",
                f"The building exceeds the {shown} m² that the plan permit leaves by {over} m²: check the survey first.",
            )
        )
    return said
