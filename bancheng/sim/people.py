"""The named people of the demonstration, as the identity provider knows them and the ledgers list them."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from bancheng.lib.identifiers import make_citizen_id, make_mobile, make_uscc
from bancheng.lib.text import Text

AREA = "411002"
FIRST_SHOP = 800_000_101  # serial of an agent's first shop
SIGNS = ("春来", "福顺", "永兴", "和记", "老城", "东升", "聚鑫", "万家", "清源", "隆昌", "德胜")
TRADES = ("小吃店", "便利店", "餐馆", "烟酒店", "早餐店", "茶社", "面馆")


@dataclass(frozen=True)
class Organisation:
    """A shop or company that belongs to a named person."""

    name: str
    uscc: str


@dataclass(frozen=True)
class Holding:
    """A licence that must stand in the ledgers of a replayed year; `days_left` counts from the year's last day."""

    licence_type: str
    days_left: int
    shop: Organisation | None = None  # None: it is in the person's own name


@dataclass(frozen=True)
class DemoPerson:
    """One named person; every number is made and belongs to nobody."""

    code: str
    name: str
    name_en: str
    born: date
    citizen_id: str
    mobile: str
    says: Text
    icon: str
    special: tuple[str, ...] = ()
    organisation: Organisation | None = None
    holds: tuple[Holding, ...] = ()
    acts_for: tuple[Holding, ...] = ()  # as an agent; one shop each
    shared: Mapping[str, str] = field(default_factory=dict)  # what units share of his shop, as one would type it


def _person(row: dict[str, Any]) -> DemoPerson:
    shop, born = row.get("organisation"), row["born"]
    own = shop and Organisation(shop["name"], make_uscc(AREA, shop["serial"], kind=shop["kind"]))
    return DemoPerson(
        code=row["code"],
        name=row["name"],
        name_en=row["name_en"],
        born=born,
        citizen_id=make_citizen_id(AREA, born, row["serial"]),
        mobile=make_mobile(row["mobile"]),
        says=Text(*row["says"].split("|")),
        icon=row["icon"],
        special=tuple(row.get("special", ())),
        organisation=own,
        holds=tuple(Holding(each["type"], each["days_left"], own) for each in row.get("holds", ())),
        acts_for=tuple(_shops(row.get("acts_for", ()))),
        shared=row.get("shared", {}),
    )


def _shops(groups: Sequence[dict[str, Any]]) -> Iterator[Holding]:
    """Yield the shops of an agent's groups, named and numbered as they come."""
    serial = 0
    for group in groups:
        for _ in range(group["shops"]):
            name = f"魏都区{SIGNS[serial % len(SIGNS)]}{TRADES[serial % len(TRADES)]}"
            uscc = make_uscc(AREA, FIRST_SHOP + serial, kind="92")
            yield Holding(group["type"], group["days_left"], Organisation(name, uscc))
            serial += 1


def _read() -> tuple[DemoPerson, ...]:
    path = Path(__file__).parent / "data" / "people.toml"
    return tuple(_person(row) for row in tomllib.loads(path.read_text(encoding="utf-8"))["person"])


DEMO_PEOPLE = _read()
