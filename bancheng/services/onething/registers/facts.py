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
    again: bool = False  # somebody says that what is known of today is not true any more


@dataclass(frozen=True)
class Known:
    """What one register or exchange of registers knows; `unverified` are those that did not answer."""

    entries: tuple[Entry, ...] = ()
    source: str = ""
    as_of: datetime | None = None
    question: UUID | None = None  # under which it is kept
    unverified: tuple[Register, ...] = ()

    @property
    def lease(self) -> Entry | None:
        """Return the lease of the premises, where it is registered with its area."""
        leases = (one for one in self.entries if one.register is Register.LEASE and one.area_dm2 is not None)
        return next(leases, None)


registers_asked: Hook[Asked] = Hook("onething.registers_asked")
