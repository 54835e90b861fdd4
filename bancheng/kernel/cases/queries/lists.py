"""Lists: a worker's queue, an applicant's cases."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import F, Q, QuerySet

from bancheng.kernel.cases import flows
from bancheng.kernel.cases.models import Case, Task
from bancheng.kernel.cases.rules.words import Kind, State
from bancheng.kernel.identity import public as identity
from bancheng.lib import rows
from bancheng.lib.text import Text


@dataclass(frozen=True)
class Waiting:
    """One task of a queue."""

    id: int
    case: UUID
    number: str
    title: Text
    applicant_name: str
    step: str
    step_name: Text
    kind: Kind
    unit: str
    role: str
    taken_by: str
    opened_at: datetime
    due_on: date | None
    escalated: bool


def queue(
    actor: identity.Actor, *, service: str = "", mine: bool = False, first: int = 0, size: int = 100
) -> list[Waiting]:
    """Return the open tasks `actor` may do, what runs out first on top: one statement, whatever his scope.

    `mine`: only those he has taken. Asks for one more than `size`, so that the caller knows whether there is another page.
    """
    scopes = _scopes(actor, service)
    if not scopes:
        return []
    # each grant reads its own index in order and stops at the end of the page: as fast for one unit as for every one
    pages = [_tasks(scope, actor.ref if mine else "").values("pk")[: first + size + 1] for scope in scopes]
    ids = pages[0].union(*pages[1:]) if len(pages) > 1 else pages[0]
    found = Task.objects.filter(pk__in=ids).order_by(*SOONEST).values(*SHOWN)[first : first + size + 1]
    return [_waiting(row) for row in found]


CASE = ("number", "title", "title_en", "applicant_name", "flow_id")
TASK = ("pk", "case_id", "step", "kind", "unit", "role", "taken_by", "opened_at", "due_on", "escalated_at")
SHOWN = (*TASK, *(f"case__{name}" for name in CASE))  # columns, not rows: twice as fast, and no sealed bytes are read


SOONEST = (F("due_on").asc(nulls_last=True), F("pk"))


def _tasks(scope: Q, taken_by: str) -> QuerySet[Task]:
    tasks = Task.objects.filter(scope, state=Task.OPEN).order_by(*SOONEST)
    return tasks.filter(taken_by=taken_by) if taken_by else tasks


def _scopes(actor: identity.Actor, service: str) -> list[Q]:
    """Return which tasks each grant of `actor` covers: of its role, its unit, its service."""
    found = []
    for role, unit, of in sorted({(grant.role, grant.unit, grant.service or service) for grant in actor.grants}):
        if service in ("", of):
            scope = Q(role=role, unit=unit) if unit else Q(role=role)
            found.append(scope & Q(case__service=of) if of else scope)
    return found


def _waiting(row: Mapping[str, Any]) -> Waiting:
    return Waiting(
        row["pk"],
        row["case_id"],
        row["case__number"],
        Text(row["case__title"], row["case__title_en"]),
        row["case__applicant_name"],
        row["step"],
        flows.flow_of(row["case__flow_id"]).by_code[row["step"]].name,
        Kind(row["kind"]),
        row["unit"],
        row["role"],
        row["taken_by"],
        row["opened_at"],
        row["due_on"],
        row["escalated_at"] is not None,
    )


@dataclass(frozen=True)
class Brief:
    """A bundle or single case in a list."""

    id: UUID
    number: str
    title: Text
    state: State
    received_at: datetime
    closed_at: datetime | None
    applicant_name: str


def of_applicants(hashes: Collection[bytes], *, service: str = "", size: int = 100) -> list[Brief]:
    """Return the bundles and single cases of the holders of `hashes`, newest first."""
    with connection.cursor() as cursor:
        return of_applicants_question(hashes, service=service, size=size).alone(cursor)


OF_APPLICANTS = (
    "WHERE applicant_hash = ANY(%s) AND step = '' AND %s IN ('', service) ORDER BY received_at DESC LIMIT %s"
)


def of_applicants_question(
    hashes: Collection[bytes], *, service: str = "", size: int = 100
) -> rows.Question[list[Brief]]:
    """Return the question that `of_applicants` asks, to be asked with others'."""
    return rows.question(Case, OF_APPLICANTS, [list(hashes), service, size]).then(
        lambda found: [
            Brief(
                r.pk, r.number, Text(r.title, r.title_en), State(r.state), r.received_at, r.closed_at, r.applicant_name
            )
            for r in found
        ]
    )
