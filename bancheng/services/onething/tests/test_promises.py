"""Each promise of case fourteen can be kept, and can be found broken."""

from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from bancheng.kernel.cases import public as cases
from bancheng.kernel.claims import public as claims
from bancheng.kernel.identity import testing as people
from bancheng.services.onething import before, promises
from bancheng.services.onething.tests.conftest import AT
from bancheng.services.onething.tests.lives import OFFICER, filed, matter, through

pytestmark = pytest.mark.usefixtures("loaded_city")
Case = apps.get_model("cases", "Case")
Submission = apps.get_model("cases", "Submission")
Matter = apps.get_model("catalogue", "Matter")


def value(code: str) -> int:
    return int(promises.PROMISES[code]().number)


def run(sql: str) -> None:
    """Do what no code of ours does."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(sql)
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")


@pytest.fixture
def lived() -> dict[str, Any]:
    """One of each bundle, carried to its end."""
    people.staff("window_clerk", unit="zone-market")
    roots = {code: filed(code, n) for n, code in enumerate(sorted(before.of_pack()))}
    for root in roots.values():
        through(root)
    return roots


def test_the_promises_are_kept_by_what_the_service_does(lived: dict[str, Any]) -> None:
    """F14.1 F14.2 F14.3 F14.4 F14.5 F14.6 F14.7"""
    told = {code: promises.PROMISES[code]() for code in promises.PROMISES}
    assert {code: int(one.number) for code, one in told.items()} == dict.fromkeys(promises.PROMISES, 1), [
        one.detail.zh for one in told.values() if not one.number
    ]


def test_every_promise_of_the_case_has_its_check() -> None:
    """F14.1 F14.2 F14.3 F14.4 F14.5 F14.6 F14.7 F14.8"""
    assert set(promises.PROMISES) == {f"F14.{n}" for n in range(1, 9)}


@pytest.mark.parametrize("code", sorted(promises.PROMISES))
def test_where_nothing_has_happened_a_check_says_so(code: str) -> None:
    with pytest.raises(claims.Cannot) as no:
        promises.PROMISES[code]()
    assert no.value.says.zh
    assert no.value.says.en


def test_a_migration_whose_files_nobody_handed_over_breaks_one_step(lived: dict[str, Any]) -> None:
    """F14.1"""
    run("update cases_caseaction set by = 'person:1' where step = 'archive'")
    assert value("F14.1") == 0


def test_papers_sent_to_one_department_apart_break_one_form(lived: dict[str, Any]) -> None:
    """F14.2 F14.7"""
    one = matter(lived["open-restaurant"], "food-business-new")
    Submission.objects.create(
        region="411000", case_id=one.id, round=1, values={}, sealed=b"", materials={}, by=OFFICER, at=AT
    )
    assert (value("F14.2"), value("F14.7")) == (0, 0)


def test_a_matter_that_no_counter_takes_breaks_the_window(lived: dict[str, Any]) -> None:
    """F14.3"""
    row = Matter.objects.get(code="fire-check")
    row.channels = [one for one in row.channels if one["kind"] != "counter"]
    row.save()
    assert value("F14.3") == 0


@pytest.mark.parametrize(
    ("code", "flow"), [("F14.4", "tax-change"), ("F14.5", "tax-cancellation")], ids=["change", "cancellation"]
)
def test_a_matter_applied_for_apart_breaks_the_bundle(lived: dict[str, Any], code: str, flow: str) -> None:
    """F14.4 F14.5"""
    root = Case.objects.get(pk=lived["close-business"])
    cases.file(
        region=root.region,
        service="onething",
        flow=flow,
        applicant=cases.Applicant(
            "organisation", "x", bytes(root.applicant_hash), bytes(root.applicant_sealed), "uscc"
        ),
        said=cases.Said({}),
        key="apart",
        unit="tax",
        by="person:1",
        at=AT,
    )
    assert value(code) == 0


def test_a_result_that_was_not_served_breaks_the_many_ends(lived: dict[str, Any]) -> None:
    """F14.5"""
    one = matter(lived["close-business"], "tax-cancellation")
    run(f"delete from cases_caseaction where act = 'served' and case_id = '{one.id}'")
    assert value("F14.5") == 0


def test_a_matter_off_the_list_breaks_nothing_off_the_list(lived: dict[str, Any]) -> None:
    """F14.6, R14.9"""
    run("update cases_case set matter = 'secret-approval' where step = 'migration-in'")
    assert value("F14.6") == 0


def test_a_correction_of_what_no_form_asks_breaks_nothing_off_the_list(lived: dict[str, Any]) -> None:
    """F14.6"""
    root = filed("move-in", 50)
    cases.ask_correction(
        case_id=matter(root, "migration-in").id,
        defects=[cases.Defect("field:horoscope", "请填写星座")],
        by=OFFICER,
        at=AT,
    )
    assert value("F14.6") == 0


def test_a_case_that_was_accepted_twice_breaks_no_repeated_review(lived: dict[str, Any]) -> None:
    """F14.7"""
    one = matter(lived["move-in"], "migration-in")
    run(
        "insert into cases_caseaction (region, case_id, seq, act, step, outcome, by, at, reason, law, remedy, document, detail) "
        f"values ('411000', '{one.id}', 99, 'accepted', 'review', '', 'staff:1', now(), '', '', '', '', '{{}}')"
    )
    assert value("F14.7") == 0


def test_a_bundle_that_takes_as_long_as_before_breaks_the_four_aims(lived: dict[str, Any]) -> None:
    """F14.8"""
    run(
        "update cases_case set received_at = closed_at - interval '200 days' where step = '' and id = "
        f"'{lived['open-business']}'"
    )
    assert value("F14.8") == 0
