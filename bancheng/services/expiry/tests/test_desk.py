"""What staff are told at nine: who, when, how often, and at what cost."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.identity import public as identity
from bancheng.kernel.identity import testing as people
from bancheng.kernel.jobs import testing as jobs
from bancheng.kernel.notices import public as notices
from bancheng.services.expiry import operations
from bancheng.services.expiry.models import Item, Task, Watch
from bancheng.services.expiry.rules import State
from bancheng.services.expiry.tests.books import book
from bancheng.services.expiry.tests.conftest import AT, UNIT
from bancheng.services.expiry.tests.test_operations import REGION, TODAY, licence, take_in

Message = apps.get_model("notices", "Message")
FRIDAY = date(2026, 3, 6)


def nine(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 9, tzinfo=clocks.SHANGHAI)


def tell(day: date) -> int:
    return operations.tell_staff(today=day, at=nine(day), region=REGION)


def inspect(day: date) -> None:
    operations.inspect(today=day, at=nine(day) - timedelta(hours=6), region=REGION)


def said_to(actor: identity.Actor, language: str = "zh") -> list[notices.Item]:
    return notices.inbox(identity.mailboxes(actor, AT), language=language)


def by_kind(actor: identity.Actor) -> dict[str, str]:
    return {item.kind: item.body for item in said_to(actor)}


def staff(role: str, **more: Any) -> Any:
    """Return an account that has held `role` since the day before."""
    return people.staff(role, since=AT - timedelta(days=1), **more)


@pytest.fixture
def admin(city: None) -> identity.Actor:
    return people.actor(staff("unit_admin", unit=UNIT), at=AT)


@pytest.fixture
def officer(city: None) -> identity.Actor:
    return people.actor(staff("section_officer", unit=UNIT), at=AT)


@pytest.fixture
def stranger(city: None) -> identity.Actor:
    """The administrator of another unit."""
    return people.actor(staff("unit_admin", unit="tobacco"), at=AT)


def test_at_nine_the_unit_s_administrators_have_the_list_and_nobody_else(
    admin: identity.Actor, officer: identity.Actor, stranger: identity.Actor
) -> None:
    """F10.7 F10.14 P-3: counts and a link, no holder in it."""
    take_in(admin, *[licence(n, TODAY + timedelta(days=3)) for n in range(1, 4)])
    inspect(TODAY)
    assert tell(TODAY) == 1
    (item,) = said_to(admin)
    assert item.kind == "expiry.tasks"
    assert "有3件证照" in item.body
    assert "2026年3月2日" in item.body
    assert item.page.endswith("/expiry/tasks/")
    assert "赵建军" not in item.body
    assert said_to(admin, "en")[0].body.startswith("Xuchang")
    assert said_to(officer) == said_to(stranger) == []


def test_a_second_run_of_the_day_says_nothing_and_the_next_day_says_it_anew(admin: identity.Actor) -> None:
    """N-4"""
    take_in(admin, licence(1, TODAY + timedelta(days=3)))
    inspect(TODAY)
    assert (tell(TODAY), tell(TODAY)) == (1, 0)
    inspect(TODAY + timedelta(days=1))
    assert tell(TODAY + timedelta(days=1)) == 1
    assert [item.kind for item in said_to(admin)] == ["expiry.overdue", "expiry.tasks"]


def test_on_a_rest_day_nobody_is_told_and_the_working_day_before_answers_for_it(admin: identity.Actor) -> None:
    """B10.12"""
    sunday = FRIDAY + timedelta(days=2)
    take_in(admin, licence(1, sunday + timedelta(days=3)))
    inspect(FRIDAY)
    assert tell(FRIDAY) == 1
    for day in (FRIDAY + timedelta(days=1), sunday):
        inspect(day)
        assert tell(day) == 0
    assert tell(date(2026, 2, 14)) == 0  # a Saturday that is worked, with nothing to say
    assert not clocks.calendar().is_working(date(2026, 2, 16))


def test_a_quiet_day_says_nothing(admin: identity.Actor) -> None:
    assert tell(TODAY) == 0


def test_what_the_unit_s_silence_is_about_to_renew_is_said_every_day_until_it_is_decided(admin: identity.Actor) -> None:
    """R10.2"""
    last = TODAY + timedelta(days=8)
    take_in(admin, licence(1, last))
    watch = Watch.objects.get()
    operations.accept_application(watch_id=watch.pk, on=TODAY, by="unit", at=AT)
    clocks.warn_due_soon(today=TODAY, working_days=3, at=AT)
    assert (tell(TODAY), tell(TODAY + timedelta(days=1))) == (1, 1)
    body = by_kind(admin)["expiry.agency"]
    assert "第五十条" in body
    assert "2026年3月10日" in body
    operations.withdraw_application(watch_id=watch.pk, by="unit", at=AT)
    assert tell(TODAY + timedelta(days=2)) == 0


def test_other_tasks_are_named_when_they_are_new_or_due_and_not_in_between(admin: identity.Actor) -> None:
    """R10.7: a check is due in three working days; the day after it is not said again."""
    take_in(admin, licence(1, TODAY + timedelta(days=60)))
    operations.answer(watch_id=Watch.objects.get().pk, says=State.SAYS_DONE, by="person", at=nine(TODAY))
    due = Task.objects.get().due_on
    tomorrow = TODAY + timedelta(days=1)
    assert due == TODAY + timedelta(days=3)
    assert [tell(tomorrow), tell(TODAY + timedelta(days=2)), tell(due)] == [1, 0, 1]
    assert "今天没有须一对一提醒的证照；有1项" in by_kind(admin)["expiry.tasks"]


def test_an_account_of_several_units_hears_of_all_in_one_message(admin: identity.Actor) -> None:
    take_in(admin, licence(1, TODAY + timedelta(days=3)))
    inspect(TODAY)
    account = staff("unit_admin", unit=UNIT)
    people.grant(account, "unit_admin", unit="tobacco", since=AT - timedelta(days=1))
    Task.objects.create(
        region=REGION,
        watch=Watch.objects.get(),
        unit="tobacco",
        kind=Task.Kind.ONE_ON_ONE,
        stage="w3",
        expires_on=TODAY + timedelta(days=3),
        due_on=TODAY,
        opened_at=AT,
    )
    assert tell(TODAY) == 2
    (item,) = said_to(people.actor(account, at=AT))
    assert "有2件证照" in item.body
    assert "、" in item.body.partition("：")[0]


def test_whose_grant_has_ended_is_told_nothing(admin: identity.Actor) -> None:
    """P-1"""
    take_in(admin, licence(1, TODAY + timedelta(days=3)))
    inspect(TODAY)
    gone = people.actor(staff("unit_admin", unit=UNIT, before=nine(TODAY)), at=AT)
    other = people.actor(staff("unit_admin", unit=UNIT, service="guides"), at=AT)
    tell(TODAY)
    assert said_to(gone) == said_to(other) == []


def test_the_morning_takes_as_many_statements_for_one_task_as_for_forty(
    admin: identity.Actor, django_assert_num_queries: Any
) -> None:
    take_in(admin, licence(1, TODAY + timedelta(days=3)))
    inspect(TODAY)
    with CaptureQueriesContext(connection) as alone:
        tell(TODAY)
    tomorrow = TODAY + timedelta(days=1)
    take_in(admin, *[licence(n, tomorrow + timedelta(days=3)) for n in range(2, 42)])
    for _ in range(5):
        staff("unit_admin", unit=UNIT)
    Task.objects.all().delete()
    inspect(tomorrow)
    assert Task.objects.filter(kind=Task.Kind.ONE_ON_ONE).count() == 40
    with django_assert_num_queries(len(alone)):
        assert tell(tomorrow) == 6


def test_rows_that_came_back_are_said_at_once_and_once(admin: identity.Actor, stranger: identity.Actor) -> None:
    """B10.9: by the job that read the ledger, to the unit's administrators; until when the rows are kept."""
    data = book(licence(1, date(2027, 1, 31)), licence(2, date(2027, 1, 31), 手机号="1"))
    batch = operations.upload(unit=UNIT, name="台账.xlsx", data=data, by=admin, at=AT)
    jobs.run_all()
    batch.refresh_from_db()
    assert operations.tell_of_bad_rows(batch=batch, at=AT) == 0
    (item,) = said_to(admin)
    assert (item.kind, item.page[-50:]) == ("expiry.batch", f"/expiry/ledgers/{batch.pk}/"[-50:])
    assert "1行有误" in item.body
    assert said_to(stranger) == []


def test_a_ledger_without_bad_rows_says_nothing(admin: identity.Actor) -> None:
    batch = take_in(admin, licence(1, date(2027, 1, 31)))
    assert operations.tell_of_bad_rows(batch=batch, at=AT) == 0


def test_a_review_is_asked_for_once_in_the_quarter_s_last_two_weeks(
    admin: identity.Actor, stranger: identity.Actor
) -> None:
    """F10.13: from 18 March on, the first working day that finds it undone."""
    assert tell(date(2026, 3, 17)) == 0
    operations.review_quarter(unit="tobacco", note="", by=stranger, at=AT)
    assert [tell(date(2026, 3, 18)), tell(date(2026, 3, 19))] == [1, 0]
    body = by_kind(admin)["expiry.quarter"]
    assert "2026Q1" in body
    assert "2026年3月31日" in body
    assert said_to(stranger) == []


def test_supervisors_hear_once_how_many_units_are_silent(admin: identity.Actor) -> None:
    """F10.13 P-6: in the quarter's last week; figures, no names of holders."""
    supervisor = people.actor(staff("supervisor", unit="justice"), at=AT)
    take_in(admin, licence(1, date(2027, 1, 31)))
    for unit in Item.objects.values_list("unit", flat=True).distinct()[:30]:
        operations.review_quarter(unit=unit, note="", by=admin, at=AT)
    tell(date(2026, 3, 24))
    assert said_to(supervisor) == []
    tell(date(2026, 3, 25))
    tell(date(2026, 3, 26))
    (item,) = said_to(supervisor)
    assert "7家单位没有完成梳理，36家没有报送台账" in item.body
    assert item.page.endswith("/expiry/board/")


def test_the_job_tells_and_stands_in_the_schedule(admin: identity.Actor) -> None:
    from bancheng.services.expiry.jobs import tell_staff
    from bancheng.services.expiry.service import SERVICE

    assert SERVICE.schedule["expiry.tell_staff"] == "0 9 * * *"
    tell_staff()
    assert Message.objects.filter(kind="expiry.tasks").count() == 0


def test_the_phone_stays_silent(admin: identity.Actor) -> None:
    """The inbox alone: nothing waits to be sent."""
    take_in(admin, licence(1, TODAY + timedelta(days=3)))
    inspect(TODAY)
    tell(TODAY)
    message = Message.objects.get(kind="expiry.tasks")
    assert (message.stage, message.channel, message.mobile_sealed) == (notices.Stage.REACHED, "", None)
