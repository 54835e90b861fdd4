"""How many statements things take: constant in the size of a bundle, in the scope of an officer, in the page."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bancheng.kernel.cases import public as cases
from bancheng.kernel.cases import testing
from bancheng.kernel.cases.public import Flow
from bancheng.kernel.cases.queries import lists
from bancheng.kernel.cases.testing import accepted, decided, filed, later, matter, of, text
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.identity import public as identity

pytestmark = pytest.mark.usefixtures("flows")


def bundle_of(n: int) -> None:
    steps = tuple(replace(matter(f"m{k}", unit="market"), flow="m0") for k in range(n))
    testing.flows_loaded(Flow(f"bundle{n}", text("一件事"), steps), testing.matter_flow("m0"))
    filed(f"bundle{n}", key=f"warm{n}")  # each flow is read once in a process


@contextmanager
def at_most(most: int) -> Iterator[None]:
    """Count statements but those that a test's own transaction makes of the real BEGIN and COMMIT."""
    with CaptureQueriesContext(connection) as asked:
        yield
    told = [query["sql"] for query in asked if "SAVEPOINT" not in query["sql"]]
    assert len(told) <= most, f"{len(told)}:\n" + "\n".join(sql[:160] for sql in told)


def count(work: Callable[[], Any]) -> int:
    with CaptureQueriesContext(connection) as asked:
        work()
    return sum("SAVEPOINT" not in query["sql"] for query in asked)


@pytest.mark.parametrize("n", [1, 40, 1000])
def test_a_bundle_is_filed_in_the_same_few_statements_whatever_its_matters(n: int) -> None:
    """Issue 3, numbers: create a case ≤ 12, constant."""
    bundle_of(n)
    with at_most(6):
        filed(f"bundle{n}", key="counted")


def test_a_single_matter_is_filed_in_no_more() -> None:
    filed("sign", key="warm")
    with at_most(5):
        filed("sign", key="counted")


@pytest.mark.parametrize("n", [1, 40, 1000])
def test_a_case_is_read_with_its_timeline_and_clocks_in_three(n: int) -> None:
    """Issue 3, numbers: read one with its timeline ≤ 4, constant; the fourth are pauses, where there are any."""
    bundle_of(n)
    root = filed(f"bundle{n}", key="counted")
    with at_most(3):
        found = cases.view(root.id)
    assert found is not None
    assert len(found.matters) == n


@pytest.mark.parametrize(
    "grants",
    [
        [identity.Grant("case_officer", "market")],
        [identity.Grant("case_officer")],
        [identity.Grant("case_officer", f"u{n}", service="sample") for n in range(30)]
        + [identity.Grant("case_officer", "market"), identity.Grant("approver")],
    ],
    ids=["one unit", "every unit", "thirty grants"],
)
def test_a_page_of_a_hundred_tasks_is_one_statement_whatever_the_scope(grants: list[identity.Grant]) -> None:
    """Issue 3, numbers: a page ≤ 3, for a narrowly scoped worker as for one with every unit."""
    bundle_of(1000)
    filed("bundle1000", key="q")
    officer = identity.Actor("staff:1", grants=tuple(grants))
    with at_most(1):
        assert len(cases.queue(officer)) == 101


def test_a_page_of_tasks_is_worked_out_once_whatever_the_planner_takes_the_tables_for() -> None:
    """Without statistics it takes them for empty, and reads them as if they were."""
    bundle_of(40)
    filed("bundle40", key="q")
    asked = {"roles": ["case_officer"], "units": ["market"], "services": [""], "mine": "", "first": 0, "most": 101}
    with connection.cursor() as cursor:
        for way in ("hashagg", "hashjoin", "mergejoin", "sort", "material", "memoize"):
            cursor.execute(f"SET LOCAL enable_{way} = off")
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {lists.QUEUE}", asked)
        (((plan,),),) = cursor.fetchall()
    assert [node["Actual Loops"] for node in _nodes(plan["Plan"]) if node.get("Alias") == "covered"] == [1]


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for below in node.get("Plans", ()):
        yield from _nodes(below)


@pytest.mark.parametrize("n", [1, 40])
def test_a_decision_takes_as_many_statements_in_a_bundle_of_forty_as_in_one(n: int) -> None:
    """What they reach: taking 7, accepting 9, deciding 9; one of each of the latter promises to tell the applicant."""
    bundle_of(n)
    root = filed(f"bundle{n}", key="counted").id
    first = of(root, "m0")
    with at_most(7):
        cases.take(case_id=first, step="review", by=testing.OFFICER, at=later(hours=1))
    with at_most(9):
        accepted(first)
    with at_most(9):
        decided(first)


def test_a_bundle_is_withdrawn_in_as_many_statements_with_forty_matters_as_with_one() -> None:
    counts = []
    for n in (1, 40):
        bundle_of(n)
        root = filed(f"bundle{n}", key=f"counted{n}").id
        counts.append(
            count(lambda root=root: cases.withdraw(case_id=root, reason="", by="person:1", at=later(hours=1)))  # type: ignore[misc]
        )
    assert counts[0] == counts[1] <= 15


def test_a_year_of_logs_is_verified_in_a_few_statements() -> None:
    bundle_of(40)
    filed("bundle40", key="counted")
    assert not clocks.fire_due(today=later().date(), at=later()).silences
    with at_most(6):
        assert list(cases.verify()) == []


def test_a_queue_shows_what_a_grant_covers_and_nothing_of_other_services_or_units() -> None:
    """P-1: role, unit and service of each grant."""
    filed("sign", key="a")
    filed("sign", key="b", unit="urban")
    accepted(filed("sign", key="c").id)

    def shown(*grants: identity.Grant, service: str = "") -> list[tuple[str, str]]:
        found = cases.queue(identity.Actor("staff:1", grants=grants), service=service)
        return sorted((task.unit, task.step) for task in found)

    officer = identity.Grant("case_officer", "market")
    assert shown(officer) == [("market", "review")]
    assert shown(identity.Grant("case_officer")) == [("market", "review"), ("urban", "review")]
    assert shown(identity.Grant("case_officer", service="expiry")) == []
    assert shown(officer, identity.Grant("approver")) == [("market", "decide"), ("market", "review")]
    assert shown(officer, service="expiry") == shown() == []
    assert shown(identity.Grant("case_officer", "market", service="sample"), officer) == [("market", "review")]
