"""The named people of the demonstration, as the identity provider knows them and the ledgers list them."""

import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from bancheng.lib.identifiers import make_citizen_id, make_mobile, make_uscc
from bancheng.lib.text import Text

AREA = "411002"


@dataclass(frozen=True)
class Organisation:
    """A shop or company that belongs to a named person."""

    name: str
    uscc: str


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
    holds: tuple[str, ...] = ()  # domains of licences in his own name or his shop's
    agent_for: int = 0  # how many shops he acts for


def _person(row: dict[str, Any]) -> DemoPerson:
    shop, born = row.get("organisation"), row["born"]
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
        organisation=shop and Organisation(shop["name"], make_uscc(AREA, shop["serial"], kind=shop["kind"])),
        holds=tuple(row.get("holds", ())),
        agent_for=row.get("agent_for", 0),
    )


def _read() -> tuple[DemoPerson, ...]:
    path = Path(__file__).parent / "data" / "people.toml"
    return tuple(_person(row) for row in tomllib.loads(path.read_text(encoding="utf-8"))["person"])


DEMO_PEOPLE = _read()
