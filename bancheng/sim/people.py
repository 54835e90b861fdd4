"""The named people of the demonstration, as the identity provider knows them and the ledgers list them."""

import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path

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


def _person(row: dict[str, object]) -> DemoPerson:
    shop, born, serial, mobile = row.get("organisation"), row["born"], row["serial"], row["mobile"]
    assert isinstance(born, date)
    assert isinstance(serial, int)
    assert isinstance(mobile, int)
    return DemoPerson(
        code=str(row["code"]),
        name=str(row["name"]),
        name_en=str(row["name_en"]),
        born=born,
        citizen_id=make_citizen_id(AREA, born, serial),
        mobile=make_mobile(mobile),
        says=Text(*str(row["says"]).split("|")),
        icon=str(row["icon"]),
        special=tuple(row.get("special", ())),  # type: ignore[call-overload]  # a list of words in the file
        organisation=Organisation(shop["name"], make_uscc(AREA, shop["serial"], kind=shop["kind"]))
        if isinstance(shop, dict)
        else None,
        holds=tuple(row.get("holds", ())),  # type: ignore[call-overload]  # a list of words in the file
        agent_for=int(str(row.get("agent_for", 0))),
    )


def _read() -> tuple[DemoPerson, ...]:
    path = Path(__file__).parent / "data" / "people.toml"
    return tuple(_person(row) for row in tomllib.loads(path.read_text(encoding="utf-8"))["person"])


DEMO_PEOPLE = _read()
