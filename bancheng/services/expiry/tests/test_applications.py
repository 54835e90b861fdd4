"""The agency's silence on an application, and what is owed when a permit ran out."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bancheng.kernel.audit import testing as audit
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.identity import public as identity
from bancheng.kernel.identity import testing as people
from bancheng.kernel.licences import public as licences
from bancheng.lib.refusal import Refused
from bancheng.services.expiry import operations, queries
from bancheng.services.expiry.models import Task, Term, Watch
from bancheng.services.expiry.rules import State
from bancheng.services.expiry.tests.conftest import AT, UNIT
from bancheng.services.expiry.tests.test_operations import REGION, TODAY, at, licence, renew, take_in

LAST = date(2026, 3, 22)  # a Sunday: the licence's own last day, which no rest day moves
WARNED = date(2026, 3, 12)  # seven working days before it, and a working day
Message = apps.get_model("notices", "Message")
SOURCE = licences.Source(UNIT, licences.Channel.SYSTEM, "test")


@pytest.fixture
def watch(admin: identity.Actor) -> Watch:
    take_in(admin, licence(1, LAST))
    return Watch.objects.get()


@pytest.fixture
def applied(watch: Watch) -> Watch:
    return operations.accept_application(watch_id=watch.pk, on=TODAY, by="unit", at=AT)


def clock_of(watch: Watch) -> clocks.Clock:
    (clock,) = clocks.clocks_of(region=REGION, about=f"expiry:{watch.pk}")
    return clock


def warn(day: date) -> None:
    clocks.warn_due_soon(today=day, working_days=3, at=at(day))


def night_after(day: date) -> clocks.Fired:
    return clocks.fire_due(today=day + timedelta(days=1), at=at(day + timedelta(days=1)))


def inspect(day: date) -> operations.Inspected:
    return operations.inspect(today=day, at=at(day), region=REGION)


def open_tasks(kind: str) -> int:
    return Task.objects.filter(kind=kind, closed_at=None).count()


def test_an_accepted_application_runs_until_the_licence_s_own_last_day(applied: Watch) -> None:
    """R10.2 P-4: not so many days from the application, and the sentence names the article."""
    clock = clock_of(applied)
    assert (clock.state, clock.due.on, clock.due.provisional) == ("running", LAST, False)
    assert clock.due.explain.zh == "依据《行政许可法》第五十条，最迟应当在2026年3月22日（周日）作出。"


def test_the_unit_is_warned_once_on_a_working_day_before_its_silence_renews(applied: Watch) -> None:
    """R10.2 B10.12"""
    warn(WARNED - timedelta(days=1))
    assert open_tasks(Task.Kind.AGENCY) == 0
    warn(WARNED)
    warn(WARNED + timedelta(days=1))
    task = Task.objects.get(kind=Task.Kind.AGENCY)
    assert (task.due_on, task.unit) == (LAST, UNIT)
    assert "第五十条" in queries.why_due(task).zh


def test_silence_renews_the_day_after_and_never_before(applied: Watch) -> None:
    """R10.2 R-CLK-7: it is on record that nobody acted; the paper is owed within ten working days."""
    warn(WARNED)
    assert night_after(LAST - timedelta(days=1)).silences == 0
    assert night_after(LAST).silences == 1
    assert night_after(LAST).silences == 0
    applied.refresh_from_db()
    assert applied.state == State.DEEMED
    assert Term.objects.get().outcome == "deemed"
    assert [(event.about, event.detail["nobody_acted"]) for event in audit.recorded("clocks.silence")] == [
        (f"expiry:{applied.pk}", True)
    ]
    assert open_tasks(Task.Kind.AGENCY) == 0  # too late to warn
    owed = Task.objects.get(kind=Task.Kind.DEEMED)
    assert owed.due_on == clocks.calendar().add(LAST, 10)
    assert "第四十四条" in queries.why_due(owed).zh
    assert inspect(LAST + timedelta(days=1)).lapsed == 0
    assert licences.get(applied.licence_id, on=LAST + timedelta(days=1)).status is licences.Status.VALID


def test_the_inspection_leaves_an_application_under_way_to_its_clock(applied: Watch) -> None:
    """R10.2: one way down, whatever of the night runs first."""
    assert inspect(LAST + timedelta(days=1)).lapsed == 0
    applied.refresh_from_db()
    assert applied.state == State.PENDING
    assert operations.hold_undecided(licences.Due([applied.licence_id], LAST + timedelta(days=1)))


def test_a_withdrawn_application_ends_the_clock_and_made_again_is_warned_of_again(applied: Watch) -> None:
    """R10.2 R10.5"""
    warn(WARNED)
    operations.withdraw_application(watch_id=applied.pk, by="unit", at=AT)
    assert (clock_of(applied).state, open_tasks(Task.Kind.AGENCY)) == ("cancelled", 0)
    operations.accept_application(watch_id=applied.pk, on=WARNED, by="unit", at=at(WARNED))
    warn(WARNED + timedelta(days=1))
    assert open_tasks(Task.Kind.AGENCY) == 1
    assert night_after(LAST).silences == 1


@pytest.mark.parametrize(
    ("end", "clock", "action"),
    [
        (operations.withdraw_application, "cancelled", "expiry.application_withdrawn"),
        (operations.refuse_application, "done", "expiry.application_refused"),
    ],
)
def test_taken_back_cancels_the_clock_and_refused_finishes_it(
    applied: Watch, end: Any, clock: str, action: str
) -> None:
    """R10.2 R10.5: a refusal is the decision the law asked for; the record tells the two apart, silence finds neither."""
    warn(WARNED)
    end(watch_id=applied.pk, by="unit", at=at(WARNED))
    assert (clock_of(applied).state, clock_of(applied).ended_on) == (clock, WARNED)
    assert [event.about for event in audit.recorded(action)] == [f"expiry:{applied.pk}"]
    applied.refresh_from_db()
    assert (applied.state, applied.applied_on) == (State.LIVE, None)
    assert open_tasks(Task.Kind.AGENCY) == 0
    assert night_after(LAST).silences == 0
    assert inspect(LAST + timedelta(days=1)).lapsed == 1


def test_a_renewed_licence_finishes_the_clock_and_silence_finds_nothing(applied: Watch) -> None:
    """R10.2"""
    renew(applied, LAST + timedelta(days=900), AT)
    assert clock_of(applied).state == "done"
    assert night_after(LAST).silences == 0
    applied.refresh_from_db()
    assert applied.state == State.LIVE


def test_a_cancelled_licence_cancels_the_clock(applied: Watch) -> None:
    licences.cancel(licence_id=applied.licence_id, source=SOURCE, by="unit", at=AT)
    assert clock_of(applied).state == "cancelled"


def test_a_change_that_leaves_the_term_alone_leaves_the_clock_running(applied: Watch) -> None:
    licences.suspend(licence_id=applied.licence_id, source=SOURCE, by="unit", at=AT)
    assert clock_of(applied).state == "running"
    applied.refresh_from_db()
    assert applied.state == State.PENDING


def test_following_many_licences_costs_one_question_however_many(
    admin: identity.Actor, django_assert_num_queries: Any
) -> None:
    """No clock is asked about where no application is under way."""
    take_in(admin, *[licence(n, LAST) for n in range(1, 30)])
    ids = list(Watch.objects.values_list("licence_id", flat=True))
    with CaptureQueriesContext(connection) as few:
        operations.follow_licences(licences.Batch(ids[:1], AT))
    with django_assert_num_queries(len(few)):
        operations.follow_licences(licences.Batch(ids, AT))


def test_what_has_run_out_is_not_renewed_by_applying_now(watch: Watch) -> None:
    """R10.2: an application after the last day starts no clock and no silence renews it."""
    late = LAST + timedelta(days=1)
    with pytest.raises(Refused, match="term_over"):
        operations.accept_application(watch_id=watch.pk, on=late, by="unit", at=at(late))
    watch.refresh_from_db()
    assert watch.state == State.LIVE
    assert clocks.clocks_of(region=REGION, about=f"expiry:{watch.pk}") == []


def test_a_holder_s_word_undoes_neither_an_application_nor_an_end(applied: Watch) -> None:
    """R10.5 R10.7: what the unit has accepted, revoked or seen run out is not the holder's to take back."""
    assert not queries.may_answer(applied, State.LIVE)
    with pytest.raises(Refused, match="not_renewable"):
        operations.answer(watch_id=applied.pk, says=State.LIVE, by="person", at=AT)
    licences.revoke(licence_id=applied.licence_id, source=SOURCE, by="unit", at=AT)
    with pytest.raises(Refused, match="not_renewable"):
        operations.answer(watch_id=applied.pk, says=State.LIVE, by="person", at=AT)


def test_only_an_application_under_way_can_end(watch: Watch) -> None:
    operations.answer(watch_id=watch.pk, says=State.GIVEN_UP, by="person", at=AT)
    with pytest.raises(Refused, match="not_renewable"):
        operations.withdraw_application(watch_id=watch.pk, by="unit", at=AT)


def test_somebody_else_s_clock_is_left_alone(applied: Watch) -> None:
    clocks.start(region=REGION, about="case:1", rule="C-05.decide", started_on=LAST, by="x", at=AT)
    clocks.start(region=REGION, about=f"expiry:{applied.pk}", rule="C-21", started_on=TODAY, by="x", at=AT)
    warn(WARNED)
    assert night_after(LAST).silences == 3
    assert Task.objects.filter(kind=Task.Kind.AGENCY).count() == 1


def test_the_holder_sees_when_the_decision_is_due_and_what_silence_means(applied: Watch) -> None:
    """P-4 R10.2"""
    page = people.client_for(people.citizen(serial=1, born=date(1978, 5, 12)))
    shown = page.get(f"/expiry/mine/{applied.pk}/").content.decode()
    assert "最迟应当在2026年3月22日（周日）作出" in shown
    assert "视为准予延续" in shown
    assert "撤回，继续提醒我" not in shown


# -- R10.3


def test_what_ran_out_gives_the_unit_its_cancellation_once(watch: Watch) -> None:
    """R10.3: 行政许可法 第七十条; caught up after missed nights, a repeated one adds nothing."""
    inspect(LAST)
    assert open_tasks(Task.Kind.CANCEL) == 0
    day = LAST + timedelta(days=5)
    assert inspect(day).tasks == 1
    assert inspect(day).tasks == 0
    task = Task.objects.get(kind=Task.Kind.CANCEL)
    assert (task.due_on, task.expires_on) == (clocks.calendar().add(day, 20), LAST)
    assert "第七十条" in queries.why_due(task).zh


def test_who_gave_up_is_to_be_cancelled_too_whichever_nights_were_missed(admin: identity.Actor) -> None:
    """R10.3 R10.5: his word ended the term, not the permit."""
    take_in(admin, *[licence(n, LAST + timedelta(days=n)) for n in range(4)])
    for each in Watch.objects.all():
        operations.answer(watch_id=each.pk, says=State.GIVEN_UP, by="person", at=AT)
    assert inspect(LAST).tasks == 0
    assert inspect(LAST + timedelta(days=3)).tasks == 3
    assert inspect(LAST + timedelta(days=4)).tasks == 1
    assert inspect(LAST + timedelta(days=5)).tasks == 0


def test_a_night_with_nothing_due_asks_four_questions_and_changes_nothing(watch: Watch) -> None:
    """The day claimed, what is over, what has come, the audit's line: each more is time on every night of every year."""
    inspect(LAST - timedelta(days=60))
    with CaptureQueriesContext(connection) as asked:
        assert inspect(LAST - timedelta(days=59)) == operations.Inspected(LAST - timedelta(days=59), 0, 0, 0)
    own = [each["sql"] for each in asked if "SAVEPOINT" not in each["sql"] and "clocks_" not in each["sql"]]
    assert len(own) == 4, own
    assert Watch.objects.get().state == State.LIVE


@pytest.mark.parametrize("end", ["cancel", "renew"])
def test_the_licence_itself_settles_the_cancellation(watch: Watch, end: str) -> None:
    """R10.3: cancelled, or renewed late after all."""
    inspect(LAST + timedelta(days=1))
    if end == "cancel":
        licences.cancel(licence_id=watch.licence_id, source=SOURCE, by="unit", at=AT)
    else:
        renew(watch, LAST + timedelta(days=900), at(LAST + timedelta(days=3)))
    assert Task.objects.get(kind=Task.Kind.CANCEL).result == Task.Result.SETTLED


def test_a_cancellation_is_closed_by_hand_only_with_a_reason(watch: Watch) -> None:
    """R10.3: a call to the holder does not cancel a permit."""
    inspect(LAST + timedelta(days=1))
    task = Task.objects.get(kind=Task.Kind.CANCEL)
    officer = people.actor(people.staff("section_officer", unit=UNIT), at=AT)
    operations.take(task_id=task.pk, by=officer, at=AT)
    close: dict[str, Any] = {"task_id": task.pk, "by": officer, "at": AT}
    with pytest.raises(Refused, match="result_unknown"):
        operations.close(method="call", result="told", note="", **close)
    with pytest.raises(Refused, match="reason_missing"):
        operations.close(method="", result="reason", note="  ", **close)
    assert operations.close(method="", result="reason", note="许市监注〔2026〕7号", **close).closed_at


def test_the_holder_s_thirty_days_are_worked_out_and_explained(admin: identity.Actor) -> None:
    """R10.3 C-10: 18 January and thirty days end in the spring festival and move behind it."""
    last = date(2026, 1, 18)
    take_in(admin, licence(1, last))
    watch = Watch.objects.get()
    found = queries.register_by(watch, TODAY)
    assert found is not None
    assert found.on == date(2026, 2, 24)
    assert "《市场主体登记管理条例》第二十六条" in found.explain.zh
    assert queries.register_by(watch, last) is None
    page = people.client_for(people.citizen(serial=1, born=date(1978, 5, 12)))
    assert "变更或注销登记" in page.get(f"/expiry/mine/{watch.pk}/").content.decode()


def test_the_holder_is_told_once_in_his_inbox_what_follows_and_until_when(admin: identity.Actor) -> None:
    """R10.3 R10.4 R10.8: the thirty days of each end by themselves, no phone rings; a renewed one hears nothing."""
    take_in(admin, *[licence(n, LAST + timedelta(days=n)) for n in range(1, 4)])
    renew(Watch.objects.get(expires_on=LAST + timedelta(days=3)), LAST + timedelta(days=900), AT)
    day = LAST + timedelta(days=4)
    inspect(day)
    inspect(day)
    told = Message.objects.filter(kind="expiry.lapsed").order_by("values__expires_on")
    assert [(each.values["expires_on"], each.values["register_by"]) for each in told] == [
        ("2026-03-23", "2026-04-22"),
        ("2026-03-24", "2026-04-23"),
    ]
    assert {each.channel for each in told} == {""}
    page = people.client_for(people.citizen(serial=1, born=date(1978, 5, 12)))
    shown = page.get(f"/mine/messages/{told[0].pk}/").content.decode()
    assert "最晚2026年4月22日（周三）" in shown
    assert "不是法律文书的送达" in shown
