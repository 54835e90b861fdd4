"""The pen: what one act does to the book of one parcel, on rows in memory. `entering` writes it down."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils.timezone import localdate

from bancheng.kernel.titles.facts import Blocked, Said, Told
from bancheng.kernel.titles.models import Coverage, Lot, Parcel, Right
from bancheng.kernel.titles.queries.ground import Ground, blockers, ground
from bancheng.kernel.titles.rules import refusals
from bancheng.kernel.titles.rules.matrix import Given
from bancheng.kernel.titles.rules.words import Act, State
from bancheng.lib.identifiers import uuid7


@dataclass
class Pen:
    """What one act does to the book of one parcel."""

    said: Said
    kind: str
    parcel: Parcel
    at: datetime
    valid_from: datetime
    ground: Ground
    was: dict[UUID, tuple[Any, ...]] = field(default_factory=dict)
    stood: dict[UUID, State] = field(default_factory=dict)  # of rights and of rights on lots
    touched: dict[UUID, Lot] = field(default_factory=dict)
    covered: dict[UUID, Coverage] = field(default_factory=dict)
    rights: dict[UUID, Right] = field(default_factory=dict)
    fresh: set[UUID] = field(default_factory=set)
    told: list[Told] = field(default_factory=list)
    stage: int = 1  # the parcel is at this stage at least
    content: dict[str, Any] = field(default_factory=dict)
    grant: int = 0  # the parcel's area before this act
    subject: str = ""
    then: list[Callable[[UUID], None]] = field(default_factory=list)

    # --- reading ---

    def load(self, lots: Sequence[str] | None = None) -> list[Lot]:
        """Read lots with what rests on them; None: all open ones. Raises Refused: title_no_lot."""
        part = ground(self.parcel, lots, rights=self.ground.rights)
        found = part.lots
        self.ground.lots |= found
        self.ground.on |= part.on
        self.ground.waits |= part.waits
        self.was |= {lot.id: shape(lot) for lot in found.values()}
        for one in (one for there in part.on.values() for one in there):
            self.stood[one.id] = State(one.state)
            self.stood.setdefault(one.right_id, State(one.right.state))
        return list(found.values())

    def known(self, lots: Iterable[Lot]) -> None:
        """Take note of rows that were read without what rests on them."""
        for lot in lots:
            self.ground.lots[lot.code] = lot
            self.was[lot.id] = shape(lot)

    def refuse_blocked(self, lots: Iterable[Lot], act: Act, given: Given | None = None) -> None:
        """Raise Blocked, which names everything that stands in the way of `act` on the lots."""
        found = blockers(self.ground, lots, act, given or Given(), apart_from=self.said["registration"])
        if found:
            raise Blocked(found)

    def refuse_expired(self) -> None:
        """Raise Refused title_term_over, when the land-use right has run out (B7.6)."""
        if self.parcel.term_until and self.parcel.term_until < localdate(self.at):
            raise refusals.term_over()

    # --- writing ---

    def new_id(self) -> UUID:
        """Return a new row's number."""
        made = uuid7(self.at)
        self.fresh.add(made)
        return made

    def change(self, *lots: Lot) -> None:
        """Take note that lots are otherwise than they were."""
        for lot in lots:
            self.touched[lot.id] = lot
            self.ground.lots[lot.code] = lot

    def add(self, lot: Lot) -> None:
        """Add a lot to the tree."""
        self.was[lot.id] = (0, None, None, None, None)
        self.change(lot)

    def set(self, *rights: Right) -> None:
        """Take note that rights are new or otherwise than they were."""
        for right in rights:
            self.rights[right.id] = right

    def cover(self, *coverages: Coverage) -> None:
        """Take note that rights on lots are new or otherwise than they were."""
        for one in coverages:
            self.covered[one.id] = one

    def covers(
        self,
        right: Right,
        lot: Lot,
        *,
        state: State,
        rank: int = 1,
        since: datetime | None = None,
        until: date | None = None,
    ) -> Coverage:
        """Lay a right on a lot."""
        one = Coverage(
            id=self.new_id(),
            region=self.parcel.region,
            parcel=self.parcel,
            right=right,
            lot=lot,
            kind=right.kind,
            state=state.value,
            rank=rank,
            since=since,
            until=until,
        )
        self.ground.on.setdefault(lot.id, []).append(one)
        self.cover(one)
        return one

    def tell(self, kind: str, right: Right, lot: str = "") -> None:
        """Take note whom this touches."""
        told = Told(kind, right.number, right.party.unit if right.party else "", lot)
        if told not in self.told:
            self.told.append(told)


def shape(lot: Lot) -> tuple[Any, ...]:
    """Return what the register says of a lot."""
    return (lot.dm2, lot.holding_id, lot.open, lot.registered, lot.envelope_dm2)
