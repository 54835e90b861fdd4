"""What is asked of registers and what they say; the hook by which whoever knows something answers."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from bancheng.lib.hooks import Hook
from bancheng.services.onething.registers.rules import Entry, Purpose, Register


@dataclass(frozen=True)
class Asked:
    """A question: about whom, for which application and purpose, by whom; and the number of the lease that the form names."""

    region: str
    holder_hash: bytes
    uscc: str = field(repr=False)  # "" for a person: no register of enterprises is asked
    lease: str
    purpose: Purpose | None
    about: str  # "draft:…", "case:…"
    by: str
    at: datetime


@dataclass(frozen=True)
class Known:
    """What one register or exchange of registers knows; `unverified` are those that did not answer."""

    entries: tuple[Entry, ...] = ()
    source: str = ""
    as_of: datetime | None = None
    question: UUID | None = None  # under which it is kept
    unverified: tuple[Register, ...] = ()
    leased_dm2: int | None = None


registers_asked: Hook[Asked] = Hook("onething.registers_asked")
