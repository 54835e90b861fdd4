"""From a unit's workbook to a message, a task and a figure."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.apps import apps

from bancheng.kernel.audit import testing as audit
from bancheng.kernel.audit.public import timeline
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.identity import public as identity
from bancheng.kernel.identity import testing as people
from bancheng.kernel.jobs import testing as jobs
from bancheng.kernel.licences import public as licences
from bancheng.lib import identifiers
from bancheng.lib.refusal import Refused
from bancheng.services.expiry import figures, operations, queries
from bancheng.services.expiry.models import BadRow, Batch, Inspection, Item, Reminder, Task, Term, Watch
from bancheng.services.expiry.operations import ledger
from bancheng.services.expiry.rules import Reach, State, stage_now
from bancheng.services.expiry.tests.books import book, row
from bancheng.services.expiry.tests.conftest import AT, UNIT

REGION = "411000"
Licence = apps.get_model("licences", "Licence")
Message = apps.get_model("notices", "Message")
TODAY = date(2026, 3, 2)


def at(day: date, hour: int = 2) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


def take_in(admin: identity.Actor, *rows: list[object], when: datetime = AT) -> Batch:
    batch = operations.upload(unit=UNIT, name="台账.xlsx", data=book(*rows), by=admin, at=when)
    return operations.read_batch(batch_id=str(batch.pk), at=when)


def licence(number: int, last: date, **cells: object) -> list[object]:
    """Return a row of the ledger with a holder and a phone of its own."""
    person = identifiers.make_citizen_id("411002", date(1978, 5, 12), number)
    return row(
        **{
            "证照编号": f"JY{number:06d}",
            "证件号码": person,
            "手机号": identifiers.make_mobile(number),
            "有效期至": last.isoformat(),
        }
        | cells
    )


def renew(watch: Watch, until: date, when: datetime) -> None:
    source = licences.Source(UNIT, licences.Channel.SYSTEM, "test")
    licences.change(
        licence_id=watch.licence_id, source=source, by="unit", at=when, valid_to=until, issued_on=when.date()
    )


def test_the_pack_brings_37_units_and_58_items_and_their_words(city: None) -> None:
    """A10.2 A10.3 F10.1 F10.2 F10.10 F10.11 F10.15"""
    assert Item.objects.values("unit").distinct().count() == 37
    assert Item.objects.count() == 58
    assert {"market", "health", "transport", "tobacco"} <= set(Item.objects.values_list("domain", flat=True))


def test_good_rows_go_in_and_bad_rows_come_back(admin: identity.Actor) -> None:
    """B10.9 F10.3 F10.4: nothing of a bad row is in the library, every reason is kept."""
    rows = [licence(n, date(2027, 1, 31)) for n in range(20)]
    batch = take_in(admin, *rows, licence(21, date(2027, 1, 31), 手机号="1"))
    assert (batch.state, batch.added, batch.bad) == ("done", 20, 1)
    assert Watch.objects.count() == 20
    ((line, cells, reasons),) = queries.bad_rows(batch)
    assert (line, cells[1]) == (23, "JY000021")
    assert "手机号" in reasons


def test_the_same_ledger_again_changes_nothing(admin: identity.Actor) -> None:
    rows = [licence(n, date(2027, 1, 31)) for n in range(5)]
    take_in(admin, *rows)
    again = take_in(admin, *rows)
    assert (again.added, again.changed, again.same) == (0, 0, 5)
    assert Watch.objects.count() == 5


def test_no_identifier_and_no_phone_is_stored_in_plain_text(admin: identity.Actor) -> None:
    """F10.9 P-9"""
    mine = licence(7, date(2027, 1, 31))
    take_in(admin, mine, licence(8, date(2027, 1, 31), 手机号="1"))
    stored = (
        repr(list(Licence.objects.values())) + repr(list(BadRow.objects.values())) + repr(list(Batch.objects.values()))
    )
    assert str(mine[4]) not in stored
    assert str(mine[6]) not in stored
    assert all(str(mine[4]) not in repr(event) for event in audit.recorded())


def test_a_file_is_forgotten_when_it_has_been_read(admin: identity.Actor) -> None:
    """R10.8"""
    batch = take_in(admin, licence(1, date(2027, 1, 31)))
    assert Batch.objects.get(pk=batch.pk).sealed is None


def test_endless_and_expired_licences_get_no_plan(admin: identity.Actor) -> None:
    """B10.1 B10.2"""
    batch = take_in(admin, licence(1, TODAY, 有效期至="长期"), licence(2, TODAY - timedelta(days=9)))
    assert (batch.endless, batch.expired) == (1, 1)
    assert sorted(Watch.objects.values_list("state", flat=True)) == ["endless", "lapsed"]
    assert operations.inspect(today=TODAY, at=AT, region=REGION).messages == 0


def test_of_the_same_licence_twice_the_newest_by_issue_date_counts(admin: identity.Actor) -> None:
    """B10.3"""
    batch = take_in(
        admin,
        licence(1, date(2027, 1, 31)),
        licence(1, date(2026, 1, 31), 发证日期="2021-01-01", 有效期自="2021-01-01"),
    )
    assert (batch.added, batch.older) == (1, 1)
    assert Watch.objects.get().expires_on == date(2027, 1, 31)


def test_the_window_counts_back_in_the_unit_of_the_item(admin: identity.Actor) -> None:
    """R10.1: food business, 15 working days before 30 November 2026, on the published calendar."""
    take_in(admin, licence(1, date(2026, 11, 30)))
    watch = Watch.objects.get()
    assert watch.closes_on == clocks.calendar().back(date(2026, 11, 30), 15) == date(2026, 11, 9)
    assert "15" in queries.dates(watch).explain.zh


def test_each_stage_speaks_once_from_the_close_of_the_window_to_expiry(admin: identity.Actor) -> None:
    """F10.5 F10.6 F10.7 R10.1: walked day by day, each day inspected twice."""
    last = date(2026, 6, 30)
    take_in(admin, licence(1, last))
    closes = Watch.objects.get().closes_on
    assert closes is not None
    for n in range(70, -1, -1):
        day = last - timedelta(days=n)
        operations.inspect(today=day, at=at(day), region=REGION)
        assert operations.inspect(today=day, at=at(day), region=REGION).messages == 0
    said = dict(Reminder.objects.values_list("stage", "day"))
    assert set(said) == {"w30", "w7", "w3", "t30", "t7", "t3"}
    assert said["w30"] == closes - timedelta(days=30)
    assert said["t7"] == last - timedelta(days=7)
    assert Message.objects.count() == 4
    assert Task.objects.filter(kind=Task.Kind.ONE_ON_ONE).count() == 2


def test_missed_nights_are_caught_up_with_the_latest_word_only(admin: identity.Actor) -> None:
    """F10.5: the window's seven days (1 June) came after the thirty before expiry (31 May)."""
    take_in(admin, licence(1, date(2026, 6, 30)))
    closes = Watch.objects.get().closes_on
    assert closes == date(2026, 6, 8)
    operations.inspect(today=closes - timedelta(days=31), at=AT, region=REGION)
    operations.inspect(today=closes - timedelta(days=5), at=at(closes - timedelta(days=5)), region=REGION)
    assert list(Reminder.objects.filter(reach="message").values_list("stage", flat=True)) == ["w7"]


def test_a_newcomer_whose_stages_are_past_is_told_at_once(admin: identity.Actor) -> None:
    take_in(admin, licence(1, TODAY + timedelta(days=6)))
    done = operations.inspect(today=TODAY, at=AT, region=REGION)
    assert done.messages == 1
    assert Reminder.objects.get(reach="message").stage == "t7"
    assert Message.objects.get().kind == "expiry.expiring"


def test_of_newcomers_each_has_the_stage_that_the_rule_names(admin: identity.Actor) -> None:
    """R10.1: the query and `rules.stage_now` are the same rule."""
    take_in(admin, *[licence(days, TODAY + timedelta(days=days)) for days in range(61)])
    operations.inspect(today=TODAY, at=AT, region=REGION)
    calendar = clocks.calendar()
    for watch in Watch.objects.all():
        told = dict(Reminder.objects.filter(watch=watch).values_list("reach", "stage"))
        named = {
            reach: stage
            for reach in Reach
            if (stage := stage_now(reach, watch.closes_on, watch.expires_on, TODAY, calendar))
        }
        assert told == named, (watch.closes_on, watch.expires_on)


def test_the_message_holds_the_item_s_own_words_and_waits_for_the_morning(admin: identity.Actor) -> None:
    """F10.11 F10.12 B10.11 N-5"""
    take_in(admin, licence(1, TODAY + timedelta(days=31)))
    night = at(TODAY, hour=18)  # two in the morning in Shanghai
    operations.inspect(today=TODAY + timedelta(days=1), at=night, region=REGION)
    message = Message.objects.get()
    assert message.values["licence"] == "食品经营许可证"
    assert message.values["materials"]
    assert message.values["phone"]
    assert message.not_before.astimezone(clocks.SHANGHAI).hour == 8


def test_whoever_has_renewed_applied_or_given_up_is_left_in_peace(admin: identity.Actor) -> None:
    """R10.5 B10.8: asked again in the second before sending."""
    take_in(admin, *[licence(n, TODAY + timedelta(days=7)) for n in range(1, 5)])
    operations.inspect(today=TODAY, at=AT, region=REGION)
    renewed, applied, given_up, live = Watch.objects.order_by("licence__number")
    subjects = tuple(Message.objects.order_by("id").values_list("subject", flat=True))
    renew(renewed, TODAY + timedelta(days=900), AT)
    operations.accept_application(watch_id=applied.pk, on=TODAY, by="unit", at=AT)
    operations.answer(watch_id=given_up.pk, says=State.GIVEN_UP, by="person", at=AT)
    from bancheng.kernel.notices.public import Check

    unwanted = operations.still_wanted(Check("expiry.expiring", subjects, AT))
    assert set(subjects) - unwanted == {f"expiry:{live.pk}:{live.expires_on}"}


def test_an_undecided_application_warns_the_agency_and_then_counts_as_renewed(admin: identity.Actor) -> None:
    """R10.2 R-CLK-7: and the licence itself does not run out in the library."""
    last = TODAY + timedelta(days=12)
    take_in(admin, licence(1, last))
    watch = Watch.objects.get()
    operations.accept_application(watch_id=watch.pk, on=TODAY, by="unit", at=AT)
    clocks.warn_due_soon(today=last - timedelta(days=9), working_days=3, at=AT)
    assert Task.objects.filter(kind=Task.Kind.AGENCY).count() == 1
    clocks.fire_due(today=last + timedelta(days=1), at=at(last + timedelta(days=1)))
    operations.inspect(today=last + timedelta(days=1), at=at(last + timedelta(days=1)), region=REGION)
    assert licences.expire_due(today=last + timedelta(days=1), at=AT) == 0
    watch.refresh_from_db()
    assert watch.state == "deemed"
    assert Term.objects.get().outcome == "deemed"
    assert Task.objects.filter(kind=Task.Kind.DEEMED).count() == 1


def test_the_renewal_rate_is_recomputed_from_how_terms_ended(admin: identity.Actor) -> None:
    """R10.6 R10.3 A10.6"""
    last = TODAY + timedelta(days=20)
    take_in(admin, *[licence(n, last) for n in range(1, 5)])
    renewed, given_up, revoked, _lapsed = Watch.objects.order_by("licence__number")
    renew(renewed, last + timedelta(days=900), AT)
    operations.answer(watch_id=given_up.pk, says=State.GIVEN_UP, by="person", at=AT)
    licences.revoke(
        licence_id=revoked.licence_id, source=licences.Source(UNIT, licences.Channel.SYSTEM, "t"), by="unit", at=AT
    )
    operations.inspect(today=last + timedelta(days=1), at=AT, region=REGION)
    assert figures.rate() == figures.Share(1, 2)


def test_a_holder_s_word_never_changes_the_licence(admin: identity.Actor) -> None:
    """R10.7: 已经办了 asks the unit to check."""
    take_in(admin, licence(1, TODAY + timedelta(days=20)))
    watch = Watch.objects.get()
    before = Licence.objects.values().get()
    operations.answer(watch_id=watch.pk, says=State.SAYS_DONE, by="person", at=AT)
    assert Licence.objects.values().get() == before
    assert Task.objects.get().kind == Task.Kind.VERIFY


def test_a_t3_task_is_taken_reached_and_closed(admin: identity.Actor) -> None:
    """F10.7 F10.14 P-3: only whoever took it sees the number, and each look is on record."""
    take_in(admin, licence(1, TODAY + timedelta(days=3)))
    operations.inspect(today=TODAY, at=AT, region=REGION)
    task = Task.objects.get(kind=Task.Kind.ONE_ON_ONE)
    officer = people.actor(people.staff("section_officer", unit=UNIT), at=AT)
    with pytest.raises(Refused, match="not_yours"):
        operations.reveal_contact(task_id=task.pk, by=officer, at=AT)
    operations.take(task_id=task.pk, by=officer, at=AT)
    _, number = operations.reveal_contact(task_id=task.pk, by=officer, at=AT)
    assert number == identifiers.make_mobile(1)
    assert audit.recorded("identity.revealed")
    operations.close(task_id=task.pk, method="call", result="told", note="", by=officer, at=AT)
    with pytest.raises(Refused, match="task_closed"):
        operations.close(task_id=task.pk, method="call", result="told", note="", by=officer, at=AT)


def test_a_renewal_settles_the_open_task(admin: identity.Actor) -> None:
    """F10.14"""
    take_in(admin, licence(1, TODAY + timedelta(days=3)))
    operations.inspect(today=TODAY, at=AT, region=REGION)
    renew(Watch.objects.get(), TODAY + timedelta(days=900), AT)
    assert Task.objects.get().result == Task.Result.SETTLED


def test_a_colleague_s_task_cannot_be_taken(admin: identity.Actor) -> None:
    take_in(admin, licence(1, TODAY + timedelta(days=3)))
    operations.inspect(today=TODAY, at=AT, region=REGION)
    first, second = (people.actor(people.staff("section_officer", unit=UNIT), at=AT) for _ in range(2))
    task = Task.objects.get()
    operations.take(task_id=task.pk, by=first, at=AT)
    with pytest.raises(Refused, match="task_taken"):
        operations.take(task_id=task.pk, by=second, at=AT)


def test_a_task_given_back_is_a_colleague_s_to_take(admin: identity.Actor) -> None:
    """F10.7 P-3: only its own officer gives it back; the contact is closed to him again, and all is on record."""
    take_in(admin, licence(1, TODAY + timedelta(days=3)))
    operations.inspect(today=TODAY, at=AT, region=REGION)
    first, second = (people.actor(people.staff("section_officer", unit=UNIT), at=AT) for _ in range(2))
    task = Task.objects.get()
    operations.take(task_id=task.pk, by=first, at=AT)
    with pytest.raises(Refused, match="not_yours"):
        operations.give_back(task_id=task.pk, by=second, at=AT)
    given = operations.give_back(task_id=task.pk, by=first, at=AT)
    assert (given.assignee_id, given.assigned_at) == (None, None)
    assert [(event.who, event.detail) for event in audit.recorded("expiry.given_back")] == [
        (first.ref, {"task": task.pk})
    ]
    with pytest.raises(Refused, match="not_yours"):
        operations.reveal_contact(task_id=task.pk, by=first, at=AT)
    operations.take(task_id=task.pk, by=second, at=AT)
    operations.close(task_id=task.pk, method="call", result="told", note="", by=second, at=AT)
    with pytest.raises(Refused, match="task_closed"):
        operations.give_back(task_id=task.pk, by=second, at=AT)


def test_the_quarter_s_review_is_on_record(admin: identity.Actor) -> None:
    """F10.13"""
    operations.review_quarter(unit=UNIT, note="无增减", by=admin, at=AT)
    assert [line.reviewed for line in figures.silent(TODAY) if line.unit.code == UNIT] == [True]


def test_the_green_channel_is_asked_for_and_left(admin: identity.Actor) -> None:
    """F10.8"""
    take_in(admin, licence(1, TODAY + timedelta(days=90), 绿色通道="是"))
    watch = Watch.objects.get()
    assert watch.special
    operations.ask_for_help(watch_id=watch.pk, wanted=False, by="person", at=AT)
    watch.refresh_from_db()
    assert not watch.special


def test_a_day_with_nothing_due_writes_its_day_and_nothing_else(admin: identity.Actor) -> None:
    operations.inspect(today=TODAY, at=AT, region=REGION)
    assert Inspection.objects.count() == 1
    assert Reminder.objects.count() == 0
    assert jobs.promised("notices.dispatch") == []


def test_a_ledger_of_a_unit_without_items_is_refused(admin: identity.Actor) -> None:
    with pytest.raises(Refused, match="no_items"):
        operations.upload(unit="nobody", name="x.xlsx", data=book(), by=admin, at=AT)


def test_what_a_holder_takes_back_leaves_the_unit_nothing_to_check(admin: identity.Actor) -> None:
    """R10.7"""
    take_in(admin, licence(1, TODAY + timedelta(days=90)))
    watch = Watch.objects.get()
    for says, still_open in ((State.SAYS_DONE, 1), (State.LIVE, 0), (State.SAYS_DONE, 1), (State.GIVEN_UP, 0)):
        operations.answer(watch_id=watch.pk, says=says, by="person", at=AT)
        assert Task.objects.filter(kind=Task.Kind.VERIFY, closed_at=None).count() == still_open
    assert Task.objects.count() == 1


def test_a_number_in_a_file_s_name_is_kept_nowhere(admin: identity.Actor) -> None:
    """F10.9 P-9"""
    batch = operations.upload(unit=UNIT, name="许昌411099197102030771与13800000001.xlsx", data=book(), by=admin, at=AT)
    assert batch.name == "许昌******************与***********.xlsx"
    assert "4110991971" not in str([event.detail for event in timeline(f"expiry.batch:{batch.pk}")])
    assert ledger.shown_name("台账20261123.xlsx") == "台账20261123.xlsx"
