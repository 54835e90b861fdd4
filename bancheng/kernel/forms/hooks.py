"""What forms announces and asks. Listeners run in the transaction that makes it true."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from bancheng.kernel.forms.facts import Subject
from bancheng.lib.hooks import Hook


@dataclass(frozen=True)
class Asked:
    """What a form would like to know of a subject already."""

    region: str
    subject: Subject
    sources: frozenset[str]  # "organisation.name", "licence.food-business.number"
    at: datetime
    service: str = ""  # that takes the application: within its scope an agent may know what is personal


@dataclass(frozen=True)
class Forgotten:
    """Drafts that are no more: deleted, or kept their time. Whatever was handed in with them alone ends with them."""

    ids: Sequence[UUID]
    by: str
    at: datetime


@dataclass(frozen=True)
class Decided:
    """A unit answered a correction. Whoever keeps the datum hears it; the values are read by `open_item`."""

    id: UUID
    region: str
    owner: str
    element: str
    ref: str
    accepted: bool
    at: datetime


# A listener answers {source: Offered} for the sources it knows; the first to answer for a source is taken.
prefill_asked: Hook[Asked] = Hook("forms.prefill")
correction_decided: Hook[Decided] = Hook("forms.correction_decided")
drafts_forgotten: Hook[Forgotten] = Hook("forms.drafts_forgotten")
