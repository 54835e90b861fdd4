"""What notices asks of services, and what it tells them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bancheng.kernel.notices.rules.states import Stage
from bancheng.lib.hooks import Hook


@dataclass(frozen=True)
class Check:
    """Asked in the second before sending: which of these `subjects` need no message of this kind any more?"""

    kind: str
    subjects: tuple[str, ...]
    at: datetime


@dataclass(frozen=True)
class Told:
    """One message in a fact: enough for a service to find what it was about."""

    id: int
    region: str
    kind: str
    key: str
    subject: str


@dataclass(frozen=True)
class Exhausted:
    """Messages for which every channel was tried in vain: a person takes over (N-6)."""

    at: datetime
    reason: str
    messages: Sequence[Told]


@dataclass(frozen=True)
class Receipts:
    """Messages that a receipt has just brought further: `stage` is REACHED or READ."""

    at: datetime
    channel: str
    stage: Stage
    messages: Sequence[Told]


# a listener answers with the set of subjects no longer wanted
still_wanted: Hook[Check] = Hook("notices.still_wanted")
exhausted: Hook[Exhausted] = Hook("notices.exhausted")
receipt: Hook[Receipts] = Hook("notices.receipt")
