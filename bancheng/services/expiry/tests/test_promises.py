"""Each promise of case ten can be kept, and can be found broken."""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection

from bancheng.kernel.claims import public as claims
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.identity import public as identity
from bancheng.kernel.identity import testing as people
from bancheng.services.expiry import operations, promises
from bancheng.services.expiry.models import Batch, Inspection, Item, Reminder, Review, Task, Term, Watch
from bancheng.services.expiry.tests.conftest import AT, UNIT
from bancheng.services.expiry.tests.test_operations import REGION, licence, take_in

Licence = apps.get_model("licences", "Licence")
Template = apps.get_model("notices", "Template")


def value(code: str) -> int:
    return int(promises.PROMISES[code]().number)


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=clocks.SHANGHAI)


@pytest.fixture
def today() -> date:
    return clocks.today()


@pytest.fixture
def running(admin: identity.Actor, today: date) -> Watch:
    """Three licences: three days, twenty days and a year from their end; inspected yesterday and today."""
    before = today - timedelta(days=1)
    rows = [licence(n, today + timedelta(days=left)) for n, left in ((1, 3), (2, 20), (3, 400))]
    take_in(admin, *rows, when=noon(before))
    for day in (before, today):
        operations.inspect(today=day, at=noon(day) + timedelta(hours=1), region=REGION)
    return Watch.objects.order_by("expires_on")[0]


KEPT = ("F10.2", "F10.3", "F10.4", "F10.5", "F10.6", "F10.7", "F10.9", "F10.10", "F10.11", "F10.15")


def test_the_promises_are_kept_by_what_the_service_does(running: Watch) -> None:
    """F10.2 F10.3 F10.4 F10.5 F10.6 F10.7 F10.9 F10.10 F10.11 F10.15"""
    Task.objects.update(
        assignee=people.staff("section_officer", unit=UNIT)
    )  # on a Saturday Friday's task is past its day
    assert {code: value(code) for code in KEPT} == dict.fromkeys(KEPT, 1)


def test_every_promise_of_the_case_has_its_check() -> None:
    """F10.1 F10.2 F10.3 F10.4 F10.5 F10.6 F10.7 F10.8 F10.9 F10.10 F10.11 F10.12 F10.13 F10.14 F10.15"""
    assert set(promises.PROMISES) == {f"F10.{n}" for n in range(1, 16)}


@pytest.mark.parametrize("code", sorted(set(promises.PROMISES) - {"F10.1"}))
def test_where_nothing_has_happened_a_check_says_so(code: str, db: None) -> None:
    with pytest.raises(claims.Cannot) as no:
        promises.PROMISES[code]()
    assert no.value.says.zh
    assert no.value.says.en


def test_the_mechanism_is_told_in_four_parts_on_a_public_page(settings: Any, tmp_path: Path) -> None:
    """F10.1"""
    settings.PACK = tmp_path
    found = promises.mechanism()
    assert found.number == 0
    assert "工作目标" in found.detail.zh


def test_a_licence_left_out_of_the_inspection_breaks_the_one_platform(running: Watch) -> None:
    """F10.2"""
    _forget(running)
    assert value("F10.2") == 0


def _forget(watch: Watch) -> None:
    Task.objects.filter(watch=watch).delete()
    Reminder.objects.filter(watch=watch).delete()
    watch.delete()


def test_a_licence_from_another_units_ledger_breaks_who_issues_verifies(running: Watch) -> None:
    """F10.3"""
    Batch.objects.update(unit="health")
    assert value("F10.3") == 0


def test_a_row_that_vanished_breaks_the_base_database(running: Watch) -> None:
    """F10.4"""
    Batch.objects.update(rows=99)
    assert value("F10.4") == 0
    Batch.objects.update(rows=99, added=99)
    assert value("F10.4") == 0


def test_a_night_not_caught_up_breaks_the_inspection(running: Watch, today: date) -> None:
    """F10.5"""
    Inspection.objects.filter(day=today).delete()
    assert value("F10.5") == 1
    Inspection.objects.update(day=today - timedelta(days=2))
    assert value("F10.5") == 0


def test_somebody_within_thirty_days_and_not_told_breaks_the_reminding(running: Watch) -> None:
    """F10.6"""
    Reminder.objects.filter(reach="message", watch=running).delete()
    assert value("F10.6") == 0


def test_somebody_who_lapsed_without_a_word_breaks_the_reminding(running: Watch, today: date) -> None:
    """F10.6"""
    Inspection.objects.create(region=REGION, day=today - timedelta(days=60), ran_at=AT, messages=0, tasks=0, lapsed=0)
    day = today - timedelta(days=9)
    made = {"region": REGION, "watch": running, "item": running.item, "unit": UNIT, "expires_on": day}
    term = Term.objects.create(**made, outcome="lapsed", ended_on=day + timedelta(days=1))
    assert value("F10.6") == 0
    Term.objects.filter(pk=term.pk).update(outcome="given_up")
    assert value("F10.6") == 1


def test_somebody_at_three_days_without_a_task_breaks_one_on_one(running: Watch) -> None:
    """F10.7"""
    Task.objects.all().delete()
    assert value("F10.7") == 0


def test_a_task_past_its_day_that_is_nobodys_breaks_one_on_one(running: Watch, today: date) -> None:
    """F10.7"""
    Task.objects.update(due_on=today - timedelta(days=1))
    assert value("F10.7") == 0
    Task.objects.update(assignee=people.staff("section_officer", unit=UNIT))
    assert value("F10.7") == 1


def test_a_special_group_is_visited_and_not_only_called(running: Watch) -> None:
    """F10.8"""
    Watch.objects.update(special=True)
    for result in ("told", "home_service"):
        Task.objects.update(method="visit", result=result, closed_at=AT)
        assert value("F10.8") == 1
    Task.objects.update(method="call", result="told")
    assert value("F10.8") == 0


def test_a_call_that_only_asked_for_a_visit_proves_none(running: Watch) -> None:
    """F10.8"""
    Watch.objects.update(special=True)
    Task.objects.update(method="call", result="home_service", closed_at=AT)
    with pytest.raises(claims.Cannot):
        value("F10.8")


def test_a_plain_citizen_id_in_any_column_is_found(running: Watch) -> None:
    """F10.9: also inside a longer text and in a column called sealed; a longer number is none."""
    for wrap, kept in (("{}", 0), ("身份证{}，请核对", 0), ("{}X", 1)):
        Licence.objects.filter(pk=running.licence_id).update(contact_name=wrap.format(people.citizen_id(5)))
        assert value("F10.9") == kept
    with connection.cursor() as cursor:
        cursor.execute("UPDATE licences_licence SET holder_sealed = %s", [people.citizen_id(5).encode()])
    assert value("F10.9") == 0


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("13800000001", 0),
        ("联系人138 0000 0001，请勿外传", 0),
        ("+86-138-0000-0001", 0),
        ("8613800000001", 0),
        ("JY13800000001", 1),  # part of a longer number
        ("138000000012", 1),
        ("12800000001", 1),
        ("0374-2960001", 1),
    ],
)
def test_a_plain_mobile_number_in_any_column_is_found(running: Watch, written: str, kept: int) -> None:
    """F10.9 P-9"""
    Licence.objects.filter(pk=running.licence_id).update(contact_name=written)
    assert value("F10.9") == kept


def test_a_mobile_number_in_a_column_called_sealed_is_found(running: Watch) -> None:
    """F10.9"""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE licences_licence SET mobile_sealed = %s", [b"13800000001"])
    assert value("F10.9") == 0


def test_a_unit_s_published_phone_and_a_licence_s_number_are_nobody_s_mobile(
    running: Watch, admin: identity.Actor, today: date
) -> None:
    """F10.9: a duty phone is public; a licence is numbered by its area, and Shanxi's begin with 14."""
    take_in(admin, licence(9, today + timedelta(days=400), 证照编号="14010012345"), when=noon(today))
    Item.objects.filter(pk=running.item_id).update(phone="13800000001")
    Licence.objects.filter(pk=running.licence_id).update(contact_name="值班13800000001")
    assert value("F10.9") == 1


def test_a_unit_with_licences_and_no_published_item_breaks_the_directory(running: Watch, today: date) -> None:
    """F10.10"""
    Item.objects.filter(unit=UNIT).update(withdrawn_on=today)
    assert value("F10.10") == 0


def test_a_template_that_leaves_out_the_phone_breaks_the_templates(running: Watch) -> None:
    """F10.11"""
    Item.objects.filter(pk=running.item_id).update(phone="")
    assert value("F10.11") == 0


def test_an_item_without_any_published_text_breaks_the_templates(running: Watch) -> None:
    """F10.11"""
    Template.objects.filter(kind="expiry.expiring").update(state="retired")
    assert value("F10.11") == 0


def test_an_item_without_an_online_way_breaks_one_visit(running: Watch) -> None:
    """F10.12"""
    Item.objects.update(online="https://example.invalid/")
    assert value("F10.12") == 1
    Item.objects.filter(pk=running.item_id).update(online="")
    assert value("F10.12") == 0


def test_a_quarter_without_a_review_breaks_the_quarterly_combing(running: Watch, today: date) -> None:
    """F10.13"""
    Item.objects.exclude(pk=running.item_id).update(withdrawn_on=today)
    last_quarter = clocks.add_months(today, -3)
    Item.objects.filter(pk=running.item_id).update(published_on=last_quarter)
    assert value("F10.13") == 0
    by = people.staff("unit_admin", unit=UNIT)
    quarter = f"{last_quarter.year}Q{(last_quarter.month + 2) // 3}"
    Review.objects.create(region=REGION, unit=UNIT, quarter=quarter, added=0, removed=0, done_by=by, done_at=AT)
    assert value("F10.13") == 1


def test_a_unit_owes_reviews_from_its_first_ledger_on(running: Watch, today: date) -> None:
    """F10.13: also when the directory it uses was loaded anew since."""
    Item.objects.exclude(unit=UNIT).update(withdrawn_on=today)
    Item.objects.filter(unit=UNIT).update(published_on=today)
    with pytest.raises(claims.Cannot):
        value("F10.13")
    Batch.objects.update(uploaded_at=noon(clocks.add_months(today, -3)))
    assert value("F10.13") == 0


def test_a_reminder_of_a_term_that_ended_without_an_outcome_breaks_the_loop(running: Watch, today: date) -> None:
    """F10.14"""
    later = today + timedelta(days=5)
    operations.inspect(today=later, at=noon(later), region=REGION)
    assert value("F10.14") == 1
    Term.objects.all().delete()
    assert value("F10.14") == 0


def test_a_field_without_an_item_breaks_the_four_fields(running: Watch, today: date) -> None:
    """F10.15"""
    Item.objects.filter(domain="tobacco").update(withdrawn_on=today)
    assert value("F10.15") == 0


def test_the_checks_only_read(running: Watch) -> None:
    claims.load(settings.PACK / "claims", region=REGION, by="test", at=AT)
    proving = claims.prove(at=clocks.now(), service="S10")
    found = {proof.code: proof for proof in proving.proofs if proof.code.startswith("F")}
    assert [
        code for code, proof in found.items() if "查询出错" in proof.detail.zh or "没有登记" in proof.detail.zh
    ] == []
