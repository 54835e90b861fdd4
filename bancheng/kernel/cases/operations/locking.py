"""One transaction, one lock (the bundle's row), five reads at most; then what is done is added, and what follows is written.

Everybody locks in one order: the bundle, its clocks, its tasks. The night, which finds clocks first, locks the bundles before it
touches them (`hold`); so nobody waits for each other in a ring.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

from django.db import connection

from bancheng.kernel.cases import flows
from bancheng.kernel.cases.models import Case, Task
from bancheng.kernel.cases.operations.family import Family, One, case_of, read_logs
from bancheng.kernel.cases.operations.following import follow
from bancheng.kernel.cases.operations.writing import write
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.jobs import public as jobs
from bancheng.lib import rows
from bancheng.lib.refusal import Refused

NO_SUCH = Refused(
    "no_such_case", "没有找到这个办件，请核对办件编号。", en="There is no such case; check its number.", status=404
)

LOCK = """
SELECT id FROM cases_case WHERE id IN (SELECT root_id FROM cases_case WHERE id = ANY(%s)) ORDER BY id FOR NO KEY UPDATE
"""


@contextmanager
def locked(case_id: UUID, *, by: str, at: datetime) -> Iterator[Family]:
    """Hold a case and its bundle in one transaction while something is done, then write what follows.

    Raises Refused("no_such_case").
    """
    with jobs.act():
        family = _read(case_id, by=by, at=at)
        yield family
        settle(family)


def settle(family: Family) -> None:
    """Work out and write all that follows from what was added; nothing when nothing was."""
    if family.actions:
        follow(family)
        write(family)


def _read(case_id: UUID, *, by: str, at: datetime) -> Family:
    found = _lock([case_id])
    if not found:
        raise NO_SUCH
    with connection.cursor() as cursor:
        cases = rows.read(cursor, Case, "WHERE root_id = %s ORDER BY received_at, attempt, id", found)
        members = {row.pk: One(row, flows.flow_of(row.flow_id)) for row in cases}
        tasks = rows.read(cursor, Task, "WHERE case_id = ANY(%s) ORDER BY id", [list(members)])
    read_logs(members)
    for one in members.values():
        one.before = one.now
    return Family(members[found[0]], list(members.values()), tasks, by=by, at=at)


def _lock(case_ids: Collection[UUID]) -> list[UUID]:
    """Lock the bundles of the cases in the order of their ids; rows that point to them may still be added by others."""
    with connection.cursor() as cursor:
        cursor.execute(LOCK, [list(case_ids)])
        return [pk for (pk,) in cursor.fetchall()]


def hold(fact: clocks.Acting) -> None:
    """Lock the bundles on whose clocks the night is about to act."""
    case_ids = [case_id for about in fact.abouts if (case_id := case_of(about))]
    if case_ids:
        _lock(case_ids)
