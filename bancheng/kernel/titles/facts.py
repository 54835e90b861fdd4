"""What the book is told, and what it tells: frozen, complete, without a model."""

from dataclasses import dataclass
from datetime import datetime
from typing import NotRequired, TypedDict

from bancheng.kernel.titles.parties import Holder
from bancheng.kernel.titles.rules.words import Category, Standing, Verdict
from bancheng.lib.hooks import Hook
from bancheng.lib.refusal import Refused
from bancheng.lib.text import Text


class Said(TypedDict):
    """Who records what for which registration, and when. The same key records once."""

    region: str
    key: str
    registration: str
    by: str
    at: datetime
    document: NotRequired[str]
    valid_from: NotRequired[datetime | None]  # a court's ruling takes effect earlier (民法典 第二百二十九条)


@dataclass(frozen=True)
class Recorded:
    """What was written: the act's place in the parcel's chain, the numbers of its entries, the parcel's version after it; `again` when it
    stood before this call."""

    parcel: str
    seq: int
    entries: tuple[str, ...]
    version: int
    right: str = ""
    lots: tuple[str, ...] = ()
    again: bool = False


@dataclass(frozen=True)
class UnitArea:
    """A unit of a building as a survey has it."""

    unit: str
    floor_dm2: int
    category: Category = Category.SALEABLE


@dataclass(frozen=True)
class Transfer:
    """One of many transfers: to the buyer of a claim, or to `to`."""

    lot: str
    to: Holder | None = None
    claim: str = ""


@dataclass(frozen=True)
class Blocker:
    """What stands in the way of an act on a lot: what it is, its entry and number, whose it is, and what would clear it."""

    code: str
    lot: str
    standing: Standing
    verdict: Verdict
    number: str
    entry: str
    party: str
    unit: str
    says: Text
    clears: Text


class Blocked(Refused):
    """A refusal that names everything that stands in the way."""

    def __init__(self, blockers: tuple[Blocker, ...], *, code: str = "lot_blocked", status: int = 409) -> None:
        first = blockers[0]
        super().__init__(
            code,
            f"{first.says.zh}{first.clears.zh}没有登簿。",
            en=f"{first.says.en} {first.clears.en} Nothing was recorded.",
            status=status,
        )
        self.blockers = blockers


@dataclass(frozen=True)
class Told:
    """Whom an act touches: `kind` is "mortgage_fixed", "seizure_effective", "amount_changed", "seizure_registered", "mortgage_cancelled",
    "mortgage_converted", "seizure_lapsed" …"""

    kind: str
    right: str
    unit: str
    lot: str = ""


@dataclass(frozen=True)
class Changed:
    """An act was recorded; told inside of its transaction."""

    region: str
    parcel: str
    act: str
    key: str
    registration: str
    seq: int
    version: int
    at: datetime
    lots: tuple[str, ...]
    rights: tuple[str, ...]
    told: tuple[Told, ...]


changed: Hook[Changed] = Hook("titles.changed")
