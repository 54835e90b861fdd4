"""The office at work: accepted, corrected once, reviewed and recorded by three people; stopped, taken back, refused; silence and lateness."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.clocks import testing as heard_clocks
from bancheng.kernel.identity import public as identity
from bancheng.kernel.identity import testing as people
from bancheng.kernel.jobs import testing as jobs
from bancheng.kernel.registrations import facts, testing
from bancheng.kernel.registrations.facts import What
from bancheng.kernel.registrations.operations import booking, consenting, filing, handling, stopping
from bancheng.kernel.registrations.queries import reading
from bancheng.kernel.registrations.queries.differences import differences
from bancheng.kernel.registrations.rules.words import Act, Cause, State
from bancheng.kernel.registrations.testing import (
    AT,
    HOME,
    REGION,
    Office,
    accepted,
    consented,
    later,
    papers,
    recorded,
    reviewed,
    seized,
)
from bancheng.kernel.titles import public as titles
from bancheng.lib.refusal import Refused

pytestmark = pytest.mark.django_db
WHY = {"reason": "材料不一致", "law": "不动产登记暂行条例 第二十二条"}


def test_three_people_take_a_mortgage_into_the_book(office: Office) -> None:
    """R7.1, R13.2: the right exists from recording and not before; R13.4: it covers the home's own share."""
    made = reviewed(office)
    assert titles.rights_on(REGION, [HOME]) == []
    with heard_clocks.heard(facts.happened) as heard:
        done = booking.book_in(application_id=made, by=office.booker, at=later(hours=3))
    found = reading.view(made)
    assert (found.state, found.brief.right) == (State.RECORDED, found.brief.number)
    (covered,) = titles.rights_on(REGION, [HOME])
    assert (covered.right, covered.kind) == (found.brief.number, titles.RightKind.MORTGAGE)
    right = titles.right(REGION, found.brief.number)
    assert (right.amount_fen, right.party.unit if right.party else "") == (60_000_000, "boc")
    assert done.entries
    assert found.entries == done.entries
    assert [fact.what for fact in heard] == [What.RECORDED]
    assert not found.brief.due_on


def test_four_eyes_and_the_right_desk(office: Office) -> None:
    made = accepted(office)
    with pytest.raises(Refused, match="not_your_registry"):
        handling.review(application_id=made, by=office.acceptor, at=AT)
    for role in (handling.REVIEWER, handling.BOOKER):
        people.grant(_account(office.acceptor), role, unit=testing.REGISTRY)
    both = people.actor(_account(office.acceptor))
    with pytest.raises(Refused, match="four_eyes"):
        handling.review(application_id=made, by=both, at=AT)
    handling.review(application_id=made, by=office.reviewer, at=AT)
    with pytest.raises(Refused, match="four_eyes"):
        booking.book_in(application_id=made, by=both, at=AT)
    other = people.actor(people.staff(handling.BOOKER, unit="registry"))
    with pytest.raises(Refused, match="not_your_registry"):
        booking.book_in(application_id=made, by=other, at=AT)


def test_what_an_act_promises_is_its_last_statement(office: Office) -> None:
    """Who waits for another's promise of the same key holds locks by then: with one more to take afterwards two of them never end."""
    with CaptureQueriesContext(connection) as captured:
        made = recorded(office)
    asked = [each["sql"] for each in captured]
    promises = [place for place, sql in enumerate(asked) if "INSERT INTO procrastinate_jobs" in sql]
    assert made
    assert len(promises) >= 3
    assert all(asked[place + 1].startswith("RELEASE SAVEPOINT") for place in promises)


def _account(actor: identity.Actor) -> Any:
    return get_user_model().objects.get(pk=actor.user_id)


def test_an_accepted_application_holds_its_lots_and_has_its_place(office: Office) -> None:
    """§6: accepted and not finished; priority by time and sequence."""
    first = accepted(office)
    assert titles.check(REGION, titles.Act.OWNER_MORTGAGE, [HOME])
    with pytest.raises(Refused, match="lot_blocked"):
        consented(office, "k2", loan_no="LOAN-2")
    handling.withdraw(application_id=first, reason="", by=office.banker, at=later(hours=1))
    assert not titles.check(REGION, titles.Act.OWNER_MORTGAGE, [HOME])
    second = accepted(office, "k2", loan_no="LOAN-2", at=later(hours=2))
    assert reading.view(first).accept_seq < reading.view(second).accept_seq  # type: ignore[operator]


def test_the_days_explain_themselves(office: Office) -> None:
    """R7.9: 30 by law, 3 at the window, 1 promised."""
    found = reading.view(accepted(office))
    ends = {clock.rule.id: clock for clock in found.clocks}
    assert ends["C-13"].due.on == date(2026, 4, 14)
    assert ends["C-13.henan"].due.on == date(2026, 3, 5)
    assert ends["C-13.henan"].decision.promised.on == date(2026, 3, 3)  # type: ignore[union-attr]
    assert "不动产登记暂行条例" in ends["C-13"].due.explain.zh
    assert found.brief.due_on == date(2026, 3, 3)


def test_silence_on_the_day_accepts(office: Office) -> None:
    """条例 第十七条."""
    made = consented(office)
    clocks.fire_due(today=date(2026, 3, 3), at=later(days=1))
    found = reading.view(made)
    assert found.state is State.ACCEPTED
    assert [line.act for line in found.lines][-1] is Act.DEEMED_ACCEPTED
    assert found.accepted_by == "platform"
    assert titles.check(REGION, titles.Act.OWNER_MORTGAGE, [HOME])  # it holds its lots as any accepted one


def test_lateness_is_escalated_once_for_each_limit(office: Office) -> None:
    made = accepted(office)
    for _ in range(2):
        clocks.fire_due(today=date(2026, 3, 4), at=later(days=2))
    found = reading.view(made)
    assert found.brief.late_at
    (late,) = [line for line in found.lines if line.act is Act.LATE]
    assert (late.detail["rule"], late.detail["limit"]) == ("C-13.henan", "promised")


def test_corrections_are_told_once_and_as_one_list(office: Office) -> None:
    made = consented(office)
    items = ["抵押合同缺第3页", "借款合同未盖章"]
    handling.ask_corrections(application_id=made, items=items, law="条例 第十七条", by=office.acceptor, at=AT)
    found = reading.view(made)
    assert (found.state, found.corrections) == (State.CORRECTION, tuple(items))
    clocks.fire_due(today=date(2026, 3, 9), at=later(days=7))
    assert reading.view(made).state is State.CORRECTION  # silence accepts nothing that was answered in writing
    handling.supplement(application_id=made, by=office.banker, at=later(days=7), papers=papers("mortgage_contract"))
    assert reading.view(made).state is State.SUBMITTED
    with pytest.raises(Refused, match="corrections_asked_already"):
        handling.ask_corrections(application_id=made, items=["再补一页"], law="", by=office.acceptor, at=later(days=7))


def test_nobody_changes_alone_what_all_have_agreed_to(office: Office) -> None:
    """R13.1"""
    made = consented(office)
    handling.ask_corrections(application_id=made, items=["金额不符"], law="", by=office.acceptor, at=AT)
    with pytest.raises(Refused, match="consent_binds"):
        handling.supplement(application_id=made, by=office.banker, at=AT, payload={"principal_fen": 90_000_000})
    with pytest.raises(Refused, match="no_such_application"):
        handling.supplement(application_id=made, by="unit:icbc", at=AT)
    assert (
        handling.supplement(application_id=made, by="unit:boc", at=AT, payload={"location": "七一路2号"})
        is State.SUBMITTED
    )


def test_a_seizure_between_acceptance_and_recording_stops_it_and_names_the_court(office: Office) -> None:
    """B13.5"""
    made = reviewed(office)
    seized(at=later(hours=1), found=office)
    with pytest.raises(Refused) as no:  # the book itself refuses, before anybody has suspended anything
        booking.book_in(application_id=made, by=office.booker, at=later(hours=2))
    assert "豫10执保12号" in no.value.says
    for _, args in jobs.promised("registrations.suspend"):
        assert stopping.suspend_for_court(**args, at=later(hours=2)) == 1
        assert stopping.suspend_for_court(**args, at=later(hours=2)) == 0
    assert reading.view(made).state is State.SUSPENDED
    with pytest.raises(Refused, match="suspended") as no:
        booking.book_in(application_id=made, by=office.booker, at=later(hours=3))
    assert "豫10执保12号" in no.value.says
    handling.refuse(application_id=made, by=office.booker, at=later(hours=4), **WHY)
    assert reading.view(made).state is State.REFUSED
    assert [each.kind for each in titles.rights_on(REGION, [HOME])] == [titles.RightKind.SEIZURE]


def test_an_owner_s_objection_stops_it_until_the_office_has_looked(office: Office) -> None:
    made = accepted(office)
    consenting.object_to(application_id=made, reason="签字不是我的", by=office.owner, channel="app", at=later(hours=1))
    found = reading.view(made)
    assert (found.state, found.brief.stopped) == (State.SUSPENDED, Cause.DISPUTE)
    assert {clock.state for clock in found.clocks if clock.rule.id != "C-13.refuse"} == {"paused"}
    with pytest.raises(Refused, match="application_moved_on"):
        handling.review(application_id=made, by=office.reviewer, at=later(hours=2))
    stopping.resume(application_id=made, reason="本人到场核实", by=office.reviewer, at=later(days=7))
    assert reading.view(made).state is State.ACCEPTED
    assert reading.view(made).brief.due_on == date(2026, 3, 10)  # the days of the stop do not count


def test_an_announcement_s_days_do_not_count(office: Office) -> None:
    """R7.9, 实施细则 第十七条."""
    made = accepted(office)
    basis = "首次登记公告"
    stopping.announce(application_id=made, working_days=15, basis=basis, by=office.reviewer, at=later(hours=1))
    assert reading.view(made).state is State.ANNOUNCING
    clocks.fire_due(today=date(2026, 3, 12), at=later(days=10))
    assert not reading.view(made).brief.late_at
    stopping.go_on(application_id=made, by=office.reviewer, at=later(days=21))
    assert reading.view(made).state is State.ACCEPTED


def test_a_recorded_application_is_not_taken_back(office: Office) -> None:
    """R13.1: 条例 第十五条."""
    made = recorded(office)
    with pytest.raises(Refused, match="application_moved_on"):
        handling.withdraw(application_id=made, reason="", by=office.banker, at=later(days=1))
    with pytest.raises(Refused, match="no_such_application"):
        handling.withdraw(application_id=made, reason="", by="unit:icbc", at=later(days=1))


def test_a_no_says_why_and_by_which_article(office: Office) -> None:
    """条例 第二十二条."""
    made = accepted(office)
    with pytest.raises(Refused, match="reason_missing"):
        handling.refuse(application_id=made, reason=" ", law="x", by=office.reviewer, at=AT)
    handling.refuse(application_id=made, by=office.reviewer, at=AT, **WHY)
    last = reading.view(made).lines[-1]
    assert (last.words, last.law) == (WHY["reason"], WHY["law"])
    again = consented(office, "k2")  # what was refused may be asked for again
    handling.not_accept(application_id=again, by=office.acceptor, at=AT, **WHY)
    assert reading.view(again).state is State.NOT_ACCEPTED


def test_a_booker_sends_back_what_is_not_ready(office: Office) -> None:
    made = reviewed(office)
    handling.send_back(application_id=made, reason="份额未核", by=office.booker, at=AT)
    found = reading.view(made)
    assert (found.state, found.reviewed_by) == (State.ACCEPTED, "")


def test_the_reviewer_sees_where_the_book_says_otherwise(office: Office) -> None:
    made = accepted(office)
    assert not any(each.differs for each in differences(made))
    seized(at=later(hours=1), found=office)
    (one,) = [each for each in differences(made) if each.differs]
    assert "豫10执保12号" in one.book


def test_a_cancellation_is_the_mortgagee_s_alone_and_promised_for_the_same_day(office: Office) -> None:
    """F13.10, R13.6, B13.7"""
    mortgage = reading.view(recorded(office)).brief.number
    cancel = {
        "kind": "mortgage.cancel",
        "parties": (testing.bank_party(),),
        "lots": (),
        "payload": {"right": mortgage, "reason": "paid"},
        "papers": papers("release_statement"),
    }
    other = people.actor(people.staff("bank_approver", unit="icbc"))
    stranger = {"acting_for_unit": "icbc", "parties": (testing.bank_party("icbc", "工商银行"),)}
    asked = testing.request(office, **cancel | stranger)
    with pytest.raises(Refused, match="not_the_mortgagee"):
        filing.file(asked, key="c0", by=other, at=AT)
    made = testing.filed(office, "c1", **cancel)
    assert made.state is State.SUBMITTED  # nobody else has to agree
    told = reading.asked_hashes(made.id)
    assert told == [bytes(office.owner_user.person.citizen_id_hash)]  # … but the owner hears of it
    handling.accept(application_id=made.id, by=office.acceptor, at=AT)
    assert reading.view(made.id).brief.due_on == AT.date()
    handling.review(application_id=made.id, by=office.reviewer, at=AT)
    booking.book_in(application_id=made.id, by=office.booker, at=AT)
    assert titles.rights_on(REGION, [HOME]) == []


def test_whoever_follows_sees_each_move_once(office: Office) -> None:
    made = consented(office)
    (one,) = reading.of_unit("boc", region=REGION)
    assert reading.of_unit("boc", region=REGION, after=one.cursor) == []
    handling.accept(application_id=made, by=office.acceptor, at=AT)
    (moved,) = reading.of_unit("boc", region=REGION, after=one.cursor)
    assert moved.state is State.ACCEPTED
    assert reading.of_unit("icbc", region=REGION) == []


def test_the_desk_has_what_runs_out_first_on_top(office: Office) -> None:
    made = accepted(office)
    rows = reading.desk(registries={testing.REGISTRY}, states=[State.ACCEPTED])
    assert [one.id for one in reading.briefs(rows)] == [made]
    assert not reading.desk(registries={"registry"}, states=[State.ACCEPTED])
    assert reading.desk(registries=None, states=[State.ACCEPTED], late=AT.date() + timedelta(days=9)).count() == 1
