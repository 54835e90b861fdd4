"""Cases that look like one (K23): who decides sees what was asked before, by the same applicant or for the same thing.

Services answer `similar_asked` with what they know to be alike; the engine itself knows one likeness: the same applicant and matter.
Nothing is decided by it, and nothing is told of a case but its number, title, unit and state.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from bancheng.kernel.cases.models import Case
from bancheng.kernel.cases.queries.reading import View, said
from bancheng.kernel.cases.rules.words import State
from bancheng.lib.conditions import Value
from bancheng.lib.hooks import Hook
from bancheng.lib.text import Text

WITHIN = timedelta(days=365)
MOST = 10
SAME_APPLICANT = Text("同一申请人、同一事项", "same applicant, same matter")


@dataclass(frozen=True)
class Looked:
    """The case that is looked at, with the open answers of its last round."""

    case: UUID
    root: UUID
    region: str
    service: str
    matter: str
    applicant_hash: bytes
    values: Mapping[str, Value]
    at: datetime


@dataclass(frozen=True)
class Alike:
    """A case that looks like it, and in what."""

    case: UUID
    number: str
    title: Text
    unit: str
    state: State
    why: Text


similar_asked: Hook[Looked] = Hook("cases.similar_asked")


def similar(view: View, case_id: UUID, *, at: datetime) -> list[Alike]:
    """Return the cases that look like one of a bundle, each once, at most `MOST`."""
    one, content = view.of(case_id), said(view.case.id)
    if one is None:
        return []
    looked = Looked(
        case_id,
        view.case.id,
        view.region,
        view.service,
        one.matter,
        view.applicant_hash,
        content.values if content else {},
        at,
    )
    found: dict[UUID, Alike] = {}
    for answer in similar_asked.fire(looked):
        for alike in answer or ():
            found.setdefault(alike.case, alike)
    return list(found.values())[:MOST]


def of_same_applicant(looked: Looked) -> Sequence[Alike]:
    """Return what the same applicant asked of the same kind within a year, in other bundles."""
    rows = (
        Case.objects.filter(
            root__applicant_hash=looked.applicant_hash,
            root__step="",
            matter=looked.matter,
            received_at__gte=looked.at - WITHIN,
        )
        .exclude(root_id=looked.root)
        .order_by("-received_at")[:MOST]
    )
    return [alike(row, SAME_APPLICANT) for row in rows]


def alike(row: Case, why: Text) -> Alike:
    """Return a row as one that looks like another."""
    return Alike(row.pk, row.number, Text(row.title, row.title_en), row.unit, State(row.state), why)
