"""What the library announces. Listeners run in the transaction that made it true.

Every fact has `ids`, so a listener that works on sets need not ask whether it got one licence or sixty thousand.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from bancheng.kernel.licences.rules import Status
from bancheng.lib.hooks import Hook


@dataclass(frozen=True)
class Fact:
    """One licence was issued, changed, ended or ran out; `old_valid_to` is None for 长期 and for a new licence."""

    id: int
    region: str
    number: str
    licence_type: str
    unit: str
    old_valid_to: date | None
    valid_to: date | None
    status: Status
    version: int
    at: datetime

    @property
    def ids(self) -> Sequence[int]:
        """Return the one id."""
        return (self.id,)


@dataclass(frozen=True)
class Batch:
    """Many licences at once: the same hook, one call."""

    ids: Sequence[int]
    at: datetime
    unit: str = ""  # empty: of several units
    batch: str = ""


@dataclass(frozen=True)
class Due:
    """Licences whose term ran out before `today` and which are about to be marked expired."""

    ids: Sequence[int]
    today: date


issued: Hook[Fact | Batch] = Hook("licences.issued")
changed: Hook[Fact | Batch] = Hook(
    "licences.changed"
)  # renewed, corrected, suspended, reinstated or replaced: see `status`
revoked: Hook[Fact | Batch] = Hook("licences.revoked")  # revoked or cancelled: see `status`
expired: Hook[Fact | Batch] = Hook("licences.expired")
# a listener answers the ids that must not expire: 行政许可法 第五十条, an undecided renewal counts as granted
due_to_expire: Hook[Due] = Hook("licences.due_to_expire")


def held_back(ids: Sequence[int], today: date) -> set[int]:
    """Return those of `ids` that a service keeps from running out before `today`."""
    return {pk for answer in due_to_expire.fire(Due(ids, today)) for pk in answer or ()}
