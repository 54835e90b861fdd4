"""What the book answers when it is asked: frozen, complete, without a model."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from bancheng.kernel.titles.facts import Blocker
from bancheng.kernel.titles.parties import HolderView, PartyView
from bancheng.kernel.titles.rules.words import (
    Category,
    Form,
    LotKind,
    Origin,
    PlanReason,
    PlanState,
    Residue,
    RightKind,
    State,
    SurveyStage,
)


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
