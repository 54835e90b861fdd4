"""What cases take in and what they announce. Listeners run in the transaction that makes the fact true."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

from bancheng.kernel.cases.rules.words import Act, Outcome, State
from bancheng.lib.conditions import Value
from bancheng.lib.hooks import Hook
from bancheng.lib.text import Text


@dataclass(frozen=True)
class Applicant:
    """For whom a case is filed. The identifier comes sealed and hashed; the name is shown."""

    kind: str  # person | organisation
    name: str
    hash: bytes
    sealed: bytes
    identifier_kind: str  # citizen_id, uscc, passport: the kind it was sealed as


@dataclass(frozen=True)
class Attached:
    """A document attached as one of the materials."""

    id: str
    name: str


@dataclass(frozen=True)
class Said:
    """What a round says: open values, personal values (sealed before they are written), materials by code."""

    values: Mapping[str, Value]
    personal: Mapping[str, Value] = field(default_factory=lambda: MappingProxyType({}))
    materials: Mapping[str, Sequence[Attached]] = field(default_factory=lambda: MappingProxyType({}))
    form: str = ""


@dataclass(frozen=True)
class Filed:
    """A case that was taken in; `again` when this key had been taken in before and nothing was written."""

    id: UUID
    number: str
    again: bool = False


@dataclass(frozen=True)
class Because:
    """Why: for a refusal all three are needed."""

    reason: str
    law: str = ""
    remedy: str = ""
    document: str = ""


@dataclass(frozen=True)
class Defect:
    """One thing to correct: about a field or a material of the form."""

    about: str  # "field:floor_area", "material:premises"
    says: str
    example: str = ""
    law: str = ""


@dataclass(frozen=True)
class Happened:
    """Something was done to a case, the fact that services and the outside listen to."""

    case: UUID
    root: UUID
    region: str
    number: str
    service: str
    matter: str
    unit: str
    title: Text
    act: Act
    state: State
    outcome: Outcome | None
    by: str
    at: datetime
    detail: Mapping[str, Any]
    filed_by: str = ""


happened = Hook[Happened]("cases.happened")
told = Hook[Sequence[Happened]](
    "cases.told"
)  # the same, all of one transaction's at once: for who writes them in one statement
