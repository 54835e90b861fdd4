"""What the book is told and what it tells: frozen, complete, without a model."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NotRequired, TypedDict

from bancheng.kernel.titles.rules.words import (
    Act,
    Category,
    Form,
    LotKind,
    Origin,
    PartyKind,
    PlanReason,
    PlanState,
    Residue,
    RightKind,
    Standing,
    State,
    SurveyStage,
    Verdict,
)
from bancheng.lib.hooks import Hook
from bancheng.lib.refusal import Refused
from bancheng.lib.text import Text

# --- who ---


@dataclass(frozen=True)
class Party:
    """Somebody as the caller names him: by his number in the clear, which is sealed here, or by hash and sealed number; a bank, court or
    public body by the code of its unit."""

    kind: PartyKind
    name: str
    number: str = ""
    number_kind: str = "citizen_id"
    unit: str = ""
    hash: bytes = b""
    sealed: bytes = b""


@dataclass(frozen=True)
class Share:
    """A member of a holder with his exact fraction."""

    party: Party
    num: int = 1
    den: int = 1


@dataclass(frozen=True)
class Holder:
    """Who holds together; `joint` is 共同共有, which has no fractions."""

    shares: tuple[Share, ...]
    joint: bool = False


def person(name: str, number: str, number_kind: str = "citizen_id") -> Party:
    """Return a person by his normalised number."""
    return Party(PartyKind.PERSON, name, number=number, number_kind=number_kind)


def known(name: str, hash: bytes, sealed: bytes, number_kind: str = "citizen_id") -> Party:
    """Return a person, or with "uscc" an organisation, by hash and sealed number as identity and cases keep them."""
    kind = PartyKind.ORGANISATION if number_kind == "uscc" else PartyKind.PERSON
    return Party(kind, name, number_kind=number_kind, hash=hash, sealed=sealed)


def organisation(name: str, uscc: str) -> Party:
    """Return an organisation by its credit code."""
    return Party(PartyKind.ORGANISATION, name, number=uscc, number_kind="uscc")


def unit_party(kind: PartyKind, unit: str, name: str) -> Party:
    """Return a bank, court or public body by the code of its unit."""
    return Party(kind, name, number_kind="", unit=unit)


def sole(party: Party) -> Holder:
    """Return the holder that is one party."""
    return Holder((Share(party),))


def jointly(*parties: Party) -> Holder:
    """Return joint holders (共同共有)."""
    return Holder(tuple(Share(party) for party in parties), joint=True)


def by_shares(*shares: Share) -> Holder:
    """Return holders by fractions (按份共有)."""
    return Holder(shares)


@dataclass(frozen=True)
class PartyView:
    """Somebody as the book knows him; his number stays sealed."""

    id: int
    kind: PartyKind
    name: str
    hash: bytes = b""
    unit: str = ""
    number_kind: str = ""


@dataclass(frozen=True)
class Member:
    """A member of a holder; num and den are 0 when the holders hold jointly."""

    party: PartyView
    num: int
    den: int


@dataclass(frozen=True)
class HolderView:
    """All who hold together."""

    id: int
    joint: bool
    members: tuple[Member, ...]

    @property
    def names(self) -> str:
        """Return the names of all members."""
        return "、".join(member.party.name for member in self.members)

    @property
    def hashes(self) -> frozenset[bytes]:
        """Return the keyed hashes of all members that have a number."""
        return frozenset(member.party.hash for member in self.members if member.party.hash)


# --- what every act says ---


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


# --- what stands in the way ---


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


# --- what comes back ---


@dataclass(frozen=True)
class CoverageView:
    """A right as it rests on one lot. `rank` is a mortgage's rank or a seizure's place in the queue."""

    right: str
    kind: RightKind
    lot: str
    dm2: int
    state: State
    rank: int
    pre: bool
    contested: bool
    since: datetime | None
    until: date | None
    open: bool
    party: PartyView | None


@dataclass(frozen=True)
class LotView:
    """A lot; `floor_dm2` by the best survey in force, `num`/`den` its legal fraction of the parcel."""

    code: str
    parcel: str
    kind: LotKind
    parent: str
    category: Category | None
    open: bool
    dm2: int
    floor_dm2: int
    floor_stage: SurveyStage | None
    planned_dm2: int | None
    predicted_dm2: int | None
    measured_dm2: int | None
    envelope_dm2: int | None
    registered: bool
    num: int
    den: int
    holder: HolderView | None
    with_developer: bool


@dataclass(frozen=True)
class Scale:
    """The floor areas of a parcel's buildings by their surveys in force, beside what the plan permit allows, in dm²; None: no permit is known."""

    floors: Mapping[str, int]  # by the code of the building
    permit_dm2: int | None

    @property
    def total_dm2(self) -> int:
        """Return the floor area of all."""
        return sum(self.floors.values())


@dataclass(frozen=True)
class RightView:
    """A right and the lots it covers or covered."""

    number: str
    kind: RightKind
    form: Form | None
    state: State
    parcel: str
    party: PartyView | None
    holder: HolderView | None  # of a claim: the buyer
    debtor: PartyView | None
    amount_fen: int | None
    priority_at: datetime
    served_at: datetime | None
    until: date | None
    transfer_restricted: bool
    land: bool
    building: bool
    fixed_at: datetime | None
    fixed_on: date | None  # of a maximum amount: the day from which no new claim is secured
    fixed_fen: (
        int | None
    )  # what it secures since; `amount_fen` stays the maximum. None where a seizure fixed it and the bank has not said
    registration: str
    document: str
    entry: str
    lots: tuple[CoverageView, ...]
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ParcelView:
    """A parcel as it stands."""

    region: str
    code: str
    area_dm2: int
    use: str
    term_until: date | None
    origin: Origin
    residue: Residue
    permit_dm2: int | None
    stage: int
    version: int
    developer: HolderView
    plan_version: int
    plan_final: bool
    opened_at: datetime
    recorded_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True)
class PlanRowView:
    """One line of the share plan (量化计划表): floor area, where it comes from, fraction, share; `before_dm2` is what stood before."""

    lot: str
    level: LotKind
    floor_dm2: int
    source: SurveyStage
    num: int
    den: int
    dm2: int
    before_dm2: int | None


@dataclass(frozen=True)
class PlanView:
    """A version of the share plan."""

    parcel: str
    version: int
    reason: PlanReason
    state: PlanState
    weight_dm2: int
    approval: str
    drafted_at: datetime
    approved_at: datetime | None
    rows: tuple[PlanRowView, ...]


@dataclass(frozen=True)
class SheetLine:
    """One line of the restriction sheet, in dm² (§11)."""

    lot: str
    registered: int = 0
    with_buyers: int = 0
    with_public: int = 0
    developer_registered: int = 0
    presold: int = 0
    disposable: int = 0
    mortgaged: int = 0
    seized: int = 0
    waiting: int = 0
    free: int = 0
    sellable: int = 0
    mortgageable: int = 0
    seizable: int = 0
    holder: HolderView | None = None
    rights: tuple[CoverageView, ...] = ()
    entry: str = ""


@dataclass(frozen=True)
class Sheet:
    """The restriction sheet of a parcel, as of what is true at `valid_at` by what was known at `recorded_at`."""

    parcel: str
    valid_at: datetime | None
    recorded_at: datetime | None
    total: SheetLine
    lines: tuple[SheetLine, ...]
    mortgaged_by: Mapping[str, int]  # by "bank · number": dm² of the developer's lots
    seized_by: Mapping[str, int]  # by "court · number"


@dataclass(frozen=True)
class QuoteLine:
    """One lot of a quote: who holds it, what rests on it and what would stand in the way."""

    lot: LotView
    rights: tuple[CoverageView, ...]
    blockers: tuple[Blocker, ...]


@dataclass(frozen=True)
class Quote:
    """What the book says of some lots of one parcel; `register_version` tells whether it still stands."""

    parcel: str
    register_version: int
    lots: tuple[QuoteLine, ...]


@dataclass(frozen=True)
class SeizureLine:
    """One lot in a seizure's quote: the seizures before it, the claim that takes it out, the mortgages, which do not."""

    lot: str
    dm2: int
    ahead: tuple[CoverageView, ...] = ()
    claim: str = ""
    claim_at: datetime | None = None
    mortgages: tuple[CoverageView, ...] = ()


@dataclass(frozen=True)
class SeizureQuote:
    """The parcel divided for a seizure against its developer; the four groups add up to the parcel (§8.3)."""

    parcel: str
    register_version: int
    area_dm2: int
    seizable: tuple[SeizureLine, ...]
    would_wait: tuple[SeizureLine, ...]
    presold: tuple[SeizureLine, ...]
    with_others: tuple[SeizureLine, ...]


@dataclass(frozen=True)
class EntryView:
    """An entry of the register with the act that wrote it."""

    number: str
    parcel: str
    seq: int
    act: str
    registration: str
    document: str
    by: str
    kind: str
    subject: str
    lot: str
    right: str
    state: str
    rank: int | None
    dm2: int | None
    holder: HolderView | None
    valid_from: datetime
    valid_until: datetime | None
    recorded_from: datetime
    recorded_until: datetime | None
    detail: Mapping[str, Any]


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

__all__ = [
    "Act", "Blocked", "Blocker", "Changed", "CoverageView", "EntryView", "Holder", "HolderView", "LotView", "Member", "ParcelView", "Party",
    "PartyView", "PlanRowView", "PlanView", "Quote", "QuoteLine", "Recorded", "RightView", "Said", "SeizureLine", "SeizureQuote", "Share",
    "Sheet", "SheetLine", "Told", "Transfer", "UnitArea", "by_shares", "changed", "jointly", "known", "organisation", "person", "sole",
    "unit_party",
]  # fmt: skip
