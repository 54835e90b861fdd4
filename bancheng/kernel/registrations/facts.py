"""What registrations take in, what they show, and what they announce. Listeners run in the transaction of the fact."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.registrations.rules import evidence
from bancheng.kernel.registrations.rules.kinds import Kind, Role
from bancheng.kernel.registrations.rules.letters import TITLES
from bancheng.kernel.registrations.rules.numbers import Gives
from bancheng.kernel.registrations.rules.words import Act, Standing, State
from bancheng.lib.hooks import Hook
from bancheng.lib.text import Text


@dataclass(frozen=True)
class Party:
    """Somebody named in an application that is filed; `identifier` is plain here and sealed as it is kept."""

    role: Role
    kind: str  # "person", "organisation" or "unit"
    name: str
    identifier: str = ""  # citizen ID or credit code; none for a unit
    unit: str = ""  # the code of a unit
    married: bool = False
    spouse_of: str = ""


@dataclass(frozen=True)
class Paper:
    """A paper that is filed: the SHA-256 of its scan, and where the file is kept, if it is kept here."""

    material: str
    name: str
    digest: str
    pages: int = 1
    use_id: UUID | None = None


@dataclass(frozen=True)
class Request:
    """What is filed: one kind of registration for some lots, by whom, and what the kind needs to know."""

    region: str
    kind: str
    channel: str
    parties: tuple[Party, ...]
    lots: tuple[str, ...]
    payload: Mapping[str, Any]
    papers: tuple[Paper, ...] = ()
    loan_no: str = ""
    acting_for_unit: str = ""


@dataclass(frozen=True)
class Filed:
    """What became of filing. `again`: the same had been filed before, and this is that case (B13.1)."""

    id: UUID
    number: str
    state: State
    again: bool = False


@dataclass(frozen=True)
class Registry:
    """One registration office of the city: its unit, how its certificates are numbered, and whose land is in its book."""

    unit: str
    province: str
    place: str
    areas: tuple[str, ...]


@dataclass(frozen=True)
class PartyView:
    """Somebody named, as pages show him: masked unless the reader works on the case."""

    id: int
    role: Role
    kind: str
    name: str
    identifier: str  # masked
    unit: str
    married: bool
    spouse_of: str
    asked: bool
    says: str  # "", "given", "declined", "objected"
    said_at: datetime | None
    channel: str


@dataclass(frozen=True)
class PaperView:
    """A paper of a case."""

    material: str
    name: str
    digest: str
    pages: int
    use: UUID | None
    at: datetime


@dataclass(frozen=True)
class PaperConsent:
    """A consent given on paper: to which right (or lot) it belongs, the day it was signed, and its scan."""

    right: str
    dated: date
    scan: PaperView


@dataclass(frozen=True)
class LineView:
    """One line of the log."""

    seq: int
    act: Act
    state: State
    by: str
    at: datetime
    channel: str
    law: str
    words: str
    detail: Mapping[str, Any]


@dataclass(frozen=True)
class Brief:
    """One application in a list."""

    id: UUID
    region: str
    number: str
    kind: Kind
    state: State
    stopped: str
    channel: str
    unit: str
    registry: str
    lots: tuple[str, ...]
    loan_no: str
    filed_at: datetime
    accepted_at: datetime | None
    recorded_at: datetime | None
    due_on: date | None
    late_at: datetime | None
    cursor: int
    right: str = ""


@dataclass(frozen=True)
class View:
    """One application, whole."""

    brief: Brief
    payload: Mapping[str, Any]
    filed_by: str
    accepted_by: str
    reviewed_by: str
    recorded_by: str
    submitted_at: datetime | None
    accept_seq: int | None
    entries: tuple[str, ...]
    parties: tuple[PartyView, ...]
    papers: tuple[PaperView, ...]
    lines: tuple[LineView, ...]
    clocks: tuple[clocks.Clock, ...]
    certificates: tuple["CertificateView", ...]
    letters: tuple["LetterView", ...]

    @property
    def id(self) -> UUID:
        """Return the application's id."""
        return self.brief.id

    @property
    def state(self) -> State:
        """Return how far it is."""
        return self.brief.state

    @property
    def waiting_for(self) -> tuple[PartyView, ...]:
        """Return who has still to agree."""
        return tuple(each for each in self.parties if each.asked and each.says != "given")

    @property
    def paper_consents(self) -> tuple[PaperConsent, ...]:
        """Return the consents that were given on paper, each with its day and scan."""
        return paper_consents(self.payload, self.papers)

    @property
    def corrections(self) -> tuple[str, ...]:
        """Return the one complete list of what was to be corrected, empty when nothing was."""
        for line in reversed(self.lines):
            if line.act is Act.CORRECTION:
                return tuple(line.words.split("\n"))
        return ()

    @property
    def correct_by(self) -> date | None:
        """Return the day by which it is to be corrected; None when nothing was asked, or no day named."""
        named = next((line.detail.get("due_on") for line in self.lines if line.act is Act.CORRECTION), None)
        return date.fromisoformat(named) if named else None


def paper_consents(payload: Mapping[str, Any], papers: Iterable[PaperView]) -> tuple[PaperConsent, ...]:
    """Return the consents on paper that stand in a payload and are shown by papers."""
    scans = {each.digest: each for each in papers if each.material == evidence.CONSENT}
    return tuple(
        PaperConsent(str(each["right"]), date.fromisoformat(each["dated"]), scans[each["digest"]])
        for each in evidence.given(payload)
        if each.get("digest") in scans
    )


@dataclass(frozen=True)
class CertificateView:
    """One certificate and what it is worth now. `said` is what it prints: for its holder and the registry alone."""

    id: UUID
    region: str
    application: UUID
    registry: str
    kind: Gives
    number: str
    code: str
    subject: str
    lots: tuple[str, ...]
    unit: str
    standing: Standing
    allotted_at: datetime
    ended_at: datetime | None
    digest: bytes | None  # of the file; None while it is being made
    size: int
    sample: bool
    made_at: datetime | None
    said: Mapping[str, Any] = field(default_factory=dict)

    @property
    def right(self) -> str:
        """Return the number of the right it proves, "" for a title."""
        return self.subject.removeprefix("right:") if self.subject.startswith("right:") else ""


@dataclass(frozen=True)
class Examined:
    """What an uploaded file turned out to be: byte for byte ours or not, its seal, and what the certificate is worth."""

    certificate: CertificateView
    same: bool
    seal_holds: bool

    @property
    def holds(self) -> bool:
        """Return whether the file may be relied on at this second."""
        return self.same and self.seal_holds and self.certificate.standing is Standing.ISSUED


@dataclass(frozen=True)
class LetterView:
    """One letter of the office: not accepted, corrections, refused."""

    id: UUID
    application: UUID
    line: int
    registry: str
    kind: Act
    number: str
    code: str
    dated: date
    digest: bytes | None  # of the file; None while it is being made
    sample: bool

    @property
    def name(self) -> Text:
        """Return what the letter is called."""
        return TITLES[self.kind]


@dataclass(frozen=True)
class ExaminedLetter:
    """What an uploaded file turned out to be: byte for byte our letter or not, and its seal."""

    letter: LetterView
    same: bool
    seal_holds: bool

    @property
    def holds(self) -> bool:
        """Return whether the file is the letter, under a seal that holds."""
        return self.same and self.seal_holds


@dataclass(frozen=True)
class Difference:
    """One thing in an application beside what the book says of it."""

    lot: str
    name: Text
    filed: str
    book: str

    @property
    def differs(self) -> bool:
        """Return whether the two are not the same."""
        return self.filed != self.book


class What(StrEnum):
    """What happened: an act of the log, as others hear of it."""

    FILED = "filed"
    CONSENTED = "consented"
    DECLINED = "declined"
    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    CORRECTION_REQUIRED = "correction_required"
    SUPPLEMENTED = "supplemented"
    NOT_ACCEPTED = "not_accepted"
    OBJECTED = "objected"
    SUSPENDED = "suspended"
    RESUMED = "resumed"
    REVIEWED = "reviewed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    RECORDED = "recorded"
    CERTIFIED = "certified"
    CERTIFICATE_ENDED = "certificate_ended"
    DELIVERED = "delivered"
    ARCHIVED = "archived"
    LATE = "late"


@dataclass(frozen=True)
class Happened:
    """Something happened to an application: who has to be told is the listener's to work out."""

    what: What
    application: UUID
    number: str
    region: str
    kind: str
    unit: str
    registry: str
    lots: tuple[str, ...]
    at: datetime
    by: str
    detail: Mapping[str, Any] = field(default_factory=dict)


happened = Hook[Happened]("registrations.happened")
