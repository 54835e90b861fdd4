"""What ratings take in, what they show to others, and what they announce. Listeners run in the transaction of the fact."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from bancheng.kernel.ratings.rules import Grade, Mode
from bancheng.lib.hooks import Hook
from bancheng.lib.text import Text


@dataclass(frozen=True)
class Served:
    """A service that may be rated: what it was, who did it, for whom. `rater_hash` is empty where nobody is known."""

    about: str  # "case:…" or "visit:…"
    mode: Mode
    service: str
    matter: str
    unit: str
    title: Text
    number: str = ""
    root: UUID | None = None  # of a case: the bundle it belongs to
    rater_hash: bytes = b""
    contact: str = ""  # name and mobile, a line each; sealed as it is kept
    handlers: tuple[str, ...] = ()  # staff who did the work: they never see who rated (R-RT-5)


@dataclass(frozen=True)
class Said:
    """What somebody says of a service. Nothing is filled in for him."""

    grade: int | None
    tags: tuple[str, ...] = ()
    words: str = ""
    contact: str = ""  # on the spot, for whoever wants to be called back
    agent: str = ""  # ref of who says it for the one who was served (P-5); "" when he says it himself


@dataclass(frozen=True)
class Occasion:
    """A service that may be rated, as pages show it to whom it belongs."""

    id: UUID
    region: str
    about: str
    root: UUID | None
    number: str
    service: str
    matter: str
    unit: str
    title: Text
    mode: Mode
    token: str
    opened_at: datetime
    closes_on: date
    grade: Grade | None
    rated_at: datetime | None
    changeable_until: date | None
    excluded: bool


class What(StrEnum):
    """What happened."""

    INVITED = "invited"
    RATED = "rated"
    CALL_BACK = "call_back"
    LATE = "late"
    ANSWERED = "answered"
    APPEALED = "appealed"
    DECIDED = "decided"
    OBJECTED = "objected"


@dataclass(frozen=True)
class Happened:
    """Something happened to a rating: who has to be told is the listener's to work out."""

    what: What
    occasion: UUID
    region: str
    unit: str
    at: datetime
    call_back: UUID | None = None
    appeal: UUID | None = None
    detail: Mapping[str, Any] | None = None


happened = Hook[Happened]("ratings.happened")
