"""Lists: a worker's queue, an applicant's cases."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection

from bancheng.kernel.cases import flows
from bancheng.kernel.cases.models import Case
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
    grants = sorted({(grant.role, grant.unit, grant.service or service) for grant in actor.grants})
    covers = [one for one in grants if service in ("", one[2])]
    if not covers:
        return []
    roles, units, services = (list(column) for column in zip(*covers, strict=True))
    given: dict[str, Any] = {
        "roles": roles,
        "units": units,
        "services": services,
        "mine": actor.ref if mine else "",
        "first": first,
        "most": first + size + 1,
    }
    with connection.cursor() as cursor:
        cursor.execute(QUEUE, given)
        return [_waiting(row) for row in cursor.fetchall()]


def _page(of: str) -> str:
    return f"""
    SELECT task.id FROM cases_task AS task JOIN cases_case AS bundle ON bundle.id = task.case_id
    WHERE {of} AND task.role = covered.role AND task.state = 'open' AND %(mine)s IN ('', task.taken_by)
        AND covered.service IN ('', bundle.service)
    ORDER BY task.due_on, task.id LIMIT %(most)s"""


# each grant reads its own index in order and stops at the end of the page: as fast for one unit as for every one. Materialized: where nothing
# was analysed yet, the whole of it was worked out anew for each task, a minute for a thousand
QUEUE = f"""
WITH page AS MATERIALIZED (
    SELECT DISTINCT found.id FROM unnest(%(roles)s::text[], %(units)s::text[], %(services)s::text[]) AS covered (role, unit, service)
    CROSS JOIN LATERAL (
        ({_page("covered.unit <> '' AND task.unit = covered.unit")})
        UNION ALL ({_page("covered.unit = ''")})
    ) AS found
)
SELECT task.id, task.case_id, one.number, one.title, one.title_en, one.applicant_name, one.flow_id, task.step, task.kind, task.unit, task.role,
    task.taken_by, task.opened_at, task.due_on, task.escalated_at IS NOT NULL
FROM page JOIN cases_task AS task USING (id) JOIN cases_case AS one ON one.id = task.case_id
ORDER BY task.due_on, task.id OFFSET %(first)s LIMIT %(most)s - %(first)s
"""


def _waiting(row: Sequence[Any]) -> Waiting:
    pk, case, number, title, title_en, applicant, flow, step, kind, *rest = row
    name = flows.flow_of(flow).by_code[step].name
    return Waiting(pk, case, number, Text(title, title_en), applicant, step, name, Kind(kind), *rest)


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
