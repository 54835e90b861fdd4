"""What ships with the software, read from `data/`: calendars, the clock table, units, causes of pause, deemed
effects.

Each file is read once and parsed into the types of `rules`; a broken file stops the program with the file's name.
"""

import tomllib
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from bancheng.kernel.clocks.rules.calendar import Calendar, Year, check_notice
from bancheng.kernel.clocks.rules.explain import CAUSES
from bancheng.kernel.clocks.rules.law import Effect, Length, Rule, Unit, Units
from bancheng.lib.dated import Row, in_force
from bancheng.lib.text import Text

DATA = Path(__file__).parent / "data"


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((DATA / name).read_text(encoding="utf-8"))


@cache
def years() -> tuple[Year, ...]:
    """Return the shipped calendar years, first to last."""
    return tuple(_year(path) for path in sorted((DATA / "calendar").glob("*.toml")))


def _year(path: Path) -> Year:
    table = _read(f"calendar/{path.name}")
    names: dict[date, str] = {}
    for span in table["rest"]:
        for n in range((span["last"] - span["first"]).days + 1):
            names[span["first"] + timedelta(days=n)] = span["name"]
    year = check_notice(
        year=table["year"], rest=list(names), work=table["work"], source=table["source"], version=table["version"]
    )
    return Year(year.number, year.rest, year.work, year.source, year.version, names)


@cache
def calendar() -> Calendar:
    """Return the calendar of the shipped years alone, for where there is no database."""
    return Calendar(years())


@cache
def _rule_rows() -> dict[str, list[Row[Rule]]]:
    causes = {code: frozenset(row["causes"]) for code, row in _read("pauses.toml").items()}
    if unknown := frozenset().union(*causes.values()) - set(CAUSES):
        raise ValueError(f"pauses.toml: unknown causes {sorted(unknown)}")
    rows: dict[str, list[Row[Rule]]] = {}
    for row in _read("limits.toml")["limit"]:
        known = rows.setdefault(row["id"], [])
        since = row.get("since", date.min)
        if any(each.since == since for each in known):
            raise ValueError(f"limits.toml: {row['id']} stands there twice since {since}")
        known.append(Row(since, _rule(row, causes), row["law"]))
    return rows


def _rule(row: dict[str, Any], causes: dict[str, frozenset[str]]) -> Rule:
    unit = Unit(row["unit"])
    return Rule(
        id=row["id"],
        name=Text(row["name"], row["name_en"]),
        length=Length(row["n"], unit),
        law=row["law"],
        source=row["source"],
        extension=Length(row["extension"], unit) if "extension" in row else None,
        side=row.get("side", "agency"),
        back=row.get("back", False),
        rolls=row.get("rolls", unit is not Unit.HOUR and not row.get("back", False)),
        causes=causes[row["pauses"]] if "pauses" in row else frozenset(),
        given=row.get("given", False),
        warn=row.get("warn"),
    )


def rules() -> dict[str, Rule]:
    """Return the clock table by identifier ("C-02.decide"), each rule in its latest text."""
    return {code: max(rows, key=lambda row: row.since).value for code, rows in _rule_rows().items()}


def rule(code: str, *, on: date | None = None) -> Rule:
    """Return one rule of the clock table in its latest text, or as in force `on`.

    Raises KeyError for a code that is not in the table, NotInForce for a day before its first row.
    """
    rows = _rule_rows()[code]
    return max(rows, key=lambda row: row.since).value if on is None else in_force(rows, on).value


@cache
def effects() -> dict[str, Effect]:
    """Return the deemed effects of silence by code."""
    return {
        row["code"]: Effect(
            row["code"], tuple(row["rules"]), Text(row["name"], row["name_en"]), row["outcome"], row["law"]
        )
        for row in _read("effects.toml")["effect"]
    }


def effect_of(code: str) -> Effect | None:
    """Return what the law makes of silence at the end of the clock `code`, or None."""
    return next((effect for effect in effects().values() if code in effect.rules), None)


@cache
def units() -> dict[str, tuple[Row[Units], ...]]:
    """Return, by statute, the dated rows that say which of its days are working days."""
    rows: dict[str, list[Row[Units]]] = {}
    for row in _read("units.toml")["unit"]:
        days = row["working_days"]
        value = Units(days == "all", frozenset() if days == "all" else frozenset(days))
        rows.setdefault(row["statute"], []).append(Row(row["since"], value, row["law"]))
    return {statute: tuple(found) for statute, found in rows.items()}
