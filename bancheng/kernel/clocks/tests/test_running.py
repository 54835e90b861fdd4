"""Clocks on matters: paused, extended, ended, and the silence that acts."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from bancheng.kernel.audit import testing as audit
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.clocks.models import ClockPause, RunningClock
from bancheng.kernel.clocks.operations import running
from bancheng.kernel.clocks.testing import heard, loaded
from bancheng.kernel.jobs import public as jobs
from bancheng.kernel.jobs import testing as jobs_testing
from bancheng.lib.refusal import Refused

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 2, 9, tzinfo=clocks.SHANGHAI)
WHO: dict[str, Any] = {"by": "staff:7", "at": AT}
MONDAY = date(2026, 3, 2)


def start(rule: str = "C-02.decide", *, about: str = "case:1", on: date = MONDAY, **more: Any) -> clocks.Clock:
    return clocks.start(region="411000", about=about, rule=rule, started_on=on, **WHO, **more)


def paused(clock_id: int, *, cause: str = "expert_review", served: bool = True) -> clocks.Clock:
    clock = clocks.pause(
        clock_id=clock_id,
        cause=cause,
        basis="行政许可法 第四十五条",
        first=date(2026, 3, 9),
        planned_last=date(2026, 3, 13),
        document="许评审〔2026〕1号",
        approver="张局长",
        **WHO,
    )
    if served:
        clock = clocks.serve(clock_id=clock_id, served_on=date(2026, 3, 9), notice="告知书1号", **WHO)
    return clock


def test_a_started_clock_has_both_dates_and_one_audit_line() -> None:
    """R-CLK-8: the law's twenty working days, the city's five."""
    clock = start(promised=clocks.Length(5, clocks.Unit.WD))
    assert clock.due.on == date(2026, 3, 30)
    assert clock.decision.promised is not None
    assert clock.decision.promised.on == date(2026, 3, 9)
    assert [event.about for event in audit.recorded("clocks.started")] == ["case:1"]
    assert clocks.clocks_of(region="411000", about="case:1") == [clocks.clock(clock.id)]


def test_the_same_clock_is_not_started_twice_on_a_matter() -> None:
    start()
    with pytest.raises(Refused) as refused:
        start()
    assert refused.value.code == "clock_runs_already"
    start("C-04")  # R-CLK-1: another clock on the same matter runs beside it


def test_a_promise_longer_than_the_law_starts_nothing() -> None:
    """R-CLK-8."""
    with pytest.raises(Refused, match="长于法定时限"):
        start(promised=clocks.Length(21, clocks.Unit.WD))
    assert clocks.clocks_of(region="411000", about="case:1") == []


def test_a_window_before_an_event_is_no_running_clock() -> None:
    with pytest.raises(ValueError, match="before"):
        start("C-05.apply")
    with pytest.raises(ValueError, match="instant"):
        start("C-36.urgent")


def test_a_clock_in_hours_runs_to_its_hour() -> None:
    """R-CLK-1: 48 hours from 10:20."""
    clock = start("C-36.urgent", on=datetime(2026, 3, 2, 10, 20, tzinfo=clocks.SHANGHAI))
    assert clock.due.at == datetime(2026, 3, 4, 11, tzinfo=clocks.SHANGHAI)


def test_a_pause_counts_only_once_its_notice_is_served() -> None:
    """R-CLK-5: unserved, the clock runs on as if it never happened."""
    clock = start(promised=clocks.Length(10, clocks.Unit.WD))
    unserved = paused(clock.id, served=False)
    assert (unserved.state, unserved.due.on) == ("running", date(2026, 3, 30))
    served = clocks.serve(clock_id=clock.id, served_on=date(2026, 3, 9), notice="告知书1号", **WHO)
    assert (served.state, served.due.on, served.due.provisional) == ("paused", date(2026, 4, 7), True)
    resumed = clocks.resume(clock_id=clock.id, last=date(2026, 3, 11), document="评审意见", **WHO)
    assert (resumed.state, resumed.due.on, resumed.due.provisional) == ("running", date(2026, 4, 2), False)
    assert resumed.decision.promised is not None
    assert resumed.decision.promised.on == date(2026, 3, 19)  # R-CLK-8: both paused together
    row = ClockPause.objects.get()
    assert (row.approver, row.start_document, row.end_document) == ("张局长", "许评审〔2026〕1号", "评审意见")


def test_a_cause_that_is_not_on_the_list_pauses_nothing() -> None:
    """R-CLK-4: 公示."""
    clock = start()
    with pytest.raises(Refused, match="不能使"):
        paused(clock.id, cause="publicity")
    assert ClockPause.objects.count() == 0


def test_a_second_pause_waits_for_the_first_to_end() -> None:
    clock = start()
    paused(clock.id)
    with pytest.raises(Refused) as refused:
        paused(clock.id, cause="testing")
    assert refused.value.code == "paused_already"


def test_a_pause_without_papers_is_refused() -> None:
    """R-CLK-5: basis, document, approver."""
    clock = start()
    with pytest.raises(Refused, match="依据、文书和批准人"):
        clocks.pause(
            clock_id=clock.id,
            cause="testing",
            basis="",
            first=MONDAY,
            planned_last=MONDAY,
            document="x",
            approver="y",
            **WHO,
        )


def test_a_notice_served_after_the_end_saves_nothing() -> None:
    """R-CLK-5."""
    clock = start()
    paused(clock.id, served=False)
    with pytest.raises(Refused) as refused:
        clocks.serve(clock_id=clock.id, served_on=date(2026, 3, 31), notice="告知书", **WHO)
    assert refused.value.code == "clock_ran_out"


def test_resuming_what_is_not_paused_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        clocks.resume(clock_id=start().id, last=MONDAY, document="x", **WHO)
    assert refused.value.code == "not_paused"


def extended(clock_id: int, n: int = 10, decided_on: date = date(2026, 3, 30)) -> clocks.Clock:
    return clocks.extend(
        clock_id=clock_id,
        length=clocks.Length(n, clocks.Unit.WD),
        decided_on=decided_on,
        approver="张局长",
        reason="材料复杂",
        served_on=decided_on,
        **WHO,
    )


def test_an_extension_is_given_once_in_time_and_no_longer_than_the_law_says() -> None:
    """R-CLK-6: 行政许可法 第四十二条: ten working days more."""
    clock = start()
    with pytest.raises(Refused, match="最多延长10个工作日"):
        extended(clock.id, 11)
    with pytest.raises(Refused, match="届满后不能再延长"):
        extended(clock.id, 10, date(2026, 3, 31))
    assert extended(clock.id).due.on == date(2026, 4, 14)
    with pytest.raises(Refused) as refused:
        extended(clock.id, 1)
    assert refused.value.code == "extended_already"


def test_finishing_records_both_latenesses() -> None:
    """R-CLK-8."""
    clock = start(promised=clocks.Length(5, clocks.Unit.WD))
    done = clocks.finish(clock_id=clock.id, on=date(2026, 4, 1), **WHO)
    assert done.state == "done"
    detail = audit.recorded("clocks.finished")[0].detail
    assert (detail["late_days"], detail["promise_late_days"]) == (2, 23)
    with pytest.raises(Refused) as refused:
        clocks.finish(clock_id=clock.id, on=date(2026, 4, 1), **WHO)
    assert refused.value.code == "clock_ended"


def test_a_cancelled_clock_frees_the_matter_for_a_new_one() -> None:
    clocks.cancel(clock_id=start().id, on=MONDAY, **WHO)
    assert start().state == "running"


def test_silence_acts_once_and_records_that_nobody_acted() -> None:
    """R-CLK-7: 行政复议法 第三十条: the review lapses, the application is accepted."""
    clock = start("C-21")
    assert clock.due.on == date(2026, 3, 9)
    with heard(clocks.silence) as facts:
        assert clocks.fire_due(today=date(2026, 3, 9), at=AT).silences == 0  # the last day is still his
        assert clocks.fire_due(today=date(2026, 3, 10), at=AT).silences == 1
        assert clocks.fire_due(today=date(2026, 3, 10), at=AT).silences == 0
        assert clocks.fire_due(today=date(2026, 3, 11), at=AT).silences == 0
    assert [(fact.about, fact.effect.outcome, fact.due_on) for fact in facts] == [
        ("case:1", "accepted", date(2026, 3, 9))
    ]
    assert clocks.clock(clock.id).state == "lapsed"
    recorded = audit.recorded("clocks.silence")
    assert [(event.who, event.detail["law"], event.detail["nobody_acted"]) for event in recorded] == [
        ("system", "行政复议法 第三十条", True)
    ]


def test_each_of_the_six_silences_acts() -> None:
    """R-CLK-7: accepted, renewed, accepted, waived, accepted, no evidence."""
    for effect in clocks.effects().values():
        for rule in effect.rules:
            start(rule, about=f"case:{rule}")
    with heard(clocks.silence) as facts:
        clocks.fire_due(today=date(2026, 4, 30), at=AT)
    assert {fact.effect.code for fact in facts} == set(clocks.effects())
    assert {fact.rule: fact.effect.outcome for fact in facts}["C-05.decide"] == "renewed"


def test_somebody_acting_in_time_leaves_silence_nothing_to_do() -> None:
    """R-CLK-7."""
    clocks.finish(clock_id=start("C-21").id, on=date(2026, 3, 9), **WHO)
    with heard(clocks.silence) as facts:
        clocks.fire_due(today=date(2026, 4, 30), at=AT)
    assert facts == []


def test_a_provisional_date_has_no_legal_effect_until_its_year_is_loaded() -> None:
    """R-CLK-9: a Monday-to-Friday guess makes nobody's application accepted."""
    clock = start("C-21", on=date(2026, 12, 29))
    with heard(clocks.silence) as facts:
        fired = clocks.fire_due(today=date(2027, 2, 1), at=AT)
        assert (fired.silences, fired.waiting) == (0, 1)
        loaded(2027)
        assert clocks.fire_due(today=date(2027, 2, 1), at=AT).silences == 1
    assert [fact.clock_id for fact in facts] == [clock.id]


def test_a_paused_clock_does_not_run_out() -> None:
    """R-CLK-4 R-CLK-7: not before it is resumed."""
    clock = start()
    RunningClock.objects.filter(pk=clock.id).update(effect="review_lapsed")
    paused(clock.id)
    with heard(clocks.silence) as facts:
        clocks.fire_due(today=date(2026, 6, 30), at=AT)
        clocks.resume(clock_id=clock.id, last=date(2026, 3, 13), document="x", **WHO)
        assert facts == []
        clocks.fire_due(today=date(2026, 6, 30), at=AT)
    assert len(facts) == 1


def test_a_listener_that_fails_undoes_its_own_silence_and_no_other() -> None:
    """R-CLK-7: the others' rights take effect; the failed one is tried again."""
    good, bad = start("C-21").id, start("C-21", about="case:2").id
    answers: list[int] = []

    def listen(fact: clocks.Silence) -> None:
        if fact.clock_id == bad and len(answers) < 2:
            answers.append(-1)
            raise RuntimeError("not now")
        answers.append(fact.clock_id)

    clocks.silence.connect(listen)
    try:
        with pytest.raises(ExceptionGroup):
            clocks.fire_due(today=date(2026, 3, 31), at=AT)
        assert (clocks.clock(good).state, clocks.clock(bad).state) == ("lapsed", "running")
        assert len(audit.recorded("clocks.silence")) == 1
        clocks.fire_due(today=date(2026, 3, 31), at=AT)
    finally:
        clocks.silence._listeners.remove(listen)
    assert answers == [good, -1, bad]


def test_a_paper_posted_in_time_undoes_the_silence_that_acted_meanwhile() -> None:
    """R-CLK-2 R-CLK-7: the supplement was in the post when the ten days ended."""
    clock = start("C-22.supply")
    clocks.fire_due(today=date(2026, 3, 17), at=AT)
    late = {"clock_id": clock.id, "on": date(2026, 3, 18), **WHO}
    with heard(clocks.silence_undone) as undone:
        with pytest.raises(Refused):
            clocks.finish(posted_on=date(2026, 3, 17), **late)
        done = clocks.finish(posted_on=date(2026, 3, 16), **late)
    assert (done.state, done.ended_on) == ("done", date(2026, 3, 16))
    assert [fact.clock_id for fact in undone] == [clock.id]


def test_overdue_and_a_missed_promise_are_told_once_and_apart() -> None:
    """R-CLK-8: the promise on 10 March, the law on 31 March."""
    start(promised=clocks.Length(5, clocks.Unit.WD))
    with heard(clocks.overdue) as facts:
        clocks.fire_due(today=date(2026, 3, 10), at=AT)
        clocks.fire_due(today=date(2026, 3, 20), at=AT)
        clocks.fire_due(today=date(2026, 4, 1), at=AT)
        clocks.fire_due(today=date(2026, 4, 2), at=AT)
    assert [(fact.kind, fact.due_on) for fact in facts] == [
        ("promised", date(2026, 3, 9)),
        ("statutory", date(2026, 3, 30)),
    ]


def test_a_clock_that_ends_on_a_given_day_says_so_and_warns_in_its_own_time() -> None:
    """R-CLK-7 R10.2: the licence's last day, a Sunday, does not move; seven working days before it, on a working day."""
    sunday = date(2026, 3, 22)
    clock = start("C-05.decide", on=sunday)
    assert (clock.due.on, clock.due.provisional) == (sunday, False)
    assert clock.due.explain.zh == "依据《行政许可法》第五十条，最迟应当在2026年3月22日（周日）作出。"
    assert clock.due.explain.en.endswith("this is to be done by Sunday 22 March 2026 at the latest.")
    start(about="case:2", on=date(2026, 2, 20))  # another rule, due on 20 March, is warned of as all others
    with heard(clocks.due_soon) as facts:
        assert clocks.warn_due_soon(today=date(2026, 3, 11), working_days=3, at=AT) == 0
        assert clocks.warn_due_soon(today=date(2026, 3, 12), working_days=3, at=AT) == 1
        assert clocks.warn_due_soon(today=date(2026, 3, 16), working_days=3, at=AT) == 0
        assert clocks.warn_due_soon(today=date(2026, 3, 17), working_days=3, at=AT) == 1
    assert [(fact.rule, fact.about) for fact in facts] == [("C-05.decide", "case:1"), ("C-02.decide", "case:2")]


def test_a_near_deadline_is_told_once_and_again_when_it_has_moved() -> None:
    clock = start()
    with heard(clocks.due_soon) as facts:
        assert clocks.warn_due_soon(today=date(2026, 3, 24), working_days=3, at=AT) == 0
        assert clocks.warn_due_soon(today=date(2026, 3, 25), working_days=3, at=AT) == 1
        assert clocks.warn_due_soon(today=date(2026, 3, 26), working_days=3, at=AT) == 0
        extended(clock.id)
        assert clocks.warn_due_soon(today=date(2026, 4, 13), working_days=3, at=AT) == 1
    assert [fact.due_on for fact in facts] == [date(2026, 3, 30), date(2026, 4, 14)]


def test_the_nightly_scan_takes_the_same_statements_however_many_clocks_are_not_due(
    django_assert_num_queries: Any,
) -> None:
    with django_assert_num_queries(8):
        clocks.fire_due(today=MONDAY, at=AT)
    for n in range(30):
        start("C-21", about=f"case:{n}")
    with django_assert_num_queries(8):
        clocks.fire_due(today=MONDAY, at=AT)


def test_the_database_itself_refuses_a_second_open_clock_and_a_backward_pause() -> None:
    clock = start()
    row = RunningClock.objects.get(pk=clock.id)
    row.pk = None
    with pytest.raises(IntegrityError, match="one_open_clock_per_rule_and_matter"), transaction.atomic():
        row.save(force_insert=True)
    with pytest.raises(IntegrityError, match="a_pause_ends_after_it_begins"), transaction.atomic():
        ClockPause.objects.create(
            region="411000", clock_id=clock.id, first=MONDAY, last=MONDAY - timedelta(days=1), planned_last=MONDAY
        )


def test_a_clock_that_is_not_there_is_not_found() -> None:
    with pytest.raises(ObjectDoesNotExist):
        clocks.clock(0)


def test_the_nightly_and_the_morning_job_do_their_scans() -> None:
    """R-CLK-7: a matter that ran out years ago lapses at the next run, and a missed night is caught up."""
    start("C-21")
    start("C-04", about="case:2", on=clocks.today())
    with heard(clocks.silence) as facts:
        jobs.later("clocks.fire_due")
        jobs.later("clocks.warn_due_soon")
        assert jobs_testing.run_all() == 2
    assert len(facts) == 1


def test_many_clocks_end_at_once_each_with_its_lateness() -> None:
    """R-CLK-8: those somebody acted on are done, the others cancelled; lateness is on record apart."""
    late, other = start("C-01", about="case:1"), start("C-04", about="case:2")
    clocks.end_many([(late, True), (other, False)], on=date(2026, 3, 11), by="staff:7", at=AT)
    assert [clocks.clock(each.id).state for each in (late, other)] == ["done", "cancelled"]
    assert [event.detail["late_days"] for event in audit.recorded("clocks.finished")] == [2]
    assert [event.about for event in audit.recorded("clocks.cancelled")] == ["case:2"]
    with pytest.raises(ValueError, match="only 0"):
        clocks.end_many([(late, True)], on=date(2026, 3, 11), by="staff:7", at=AT)


def test_a_clock_goes_on_when_the_act_that_ended_it_is_taken_back() -> None:
    """R-CLK-5: with its pause, as if nothing had been."""
    clock = paused(start().id)
    clocks.resume(clock_id=clock.id, last=date(2026, 3, 10), document="结束1号", **WHO)
    before = clocks.finish(clock_id=clock.id, on=date(2026, 3, 12), **WHO)
    after = clocks.reopen(region="411000", about="case:1", rule="C-02.decide", **WHO)
    assert after is not None
    assert (after.state, after.ended_on, after.due) == ("running", None, before.due)
    clocks.cancel(clock_id=clock.id, on=date(2026, 3, 12), **WHO)
    assert clocks.reopen(region="411000", about="case:1", rule="C-02.decide", **WHO) is None


def test_a_pause_whose_notice_is_not_named_does_not_count() -> None:
    """R-CLK-5."""
    clock = paused(start().id, served=False)
    with pytest.raises(Refused, match="not_told"):
        clocks.serve(clock_id=clock.id, served_on=date(2026, 3, 9), notice="", **WHO)
    assert clocks.clock(clock.id).due.on == date(2026, 3, 30)


def test_who_owns_a_matter_hears_of_the_night_before_its_clocks_are_locked() -> None:
    """So that the matter is locked first, as by everybody who acts on it."""
    start("C-01")
    start("C-02.decide", about="case:2", promised=clocks.Length(5, clocks.Unit.WD))
    with heard(clocks.before_acting) as facts:
        clocks.fire_due(today=date(2026, 3, 31), at=AT)
    assert [fact.abouts for fact in facts] == [("case:1",), ("case:2",), ("case:2",)]


def test_more_overdue_clocks_than_are_told_at_once_are_all_told_once() -> None:
    """R-CLK-8."""
    for n in range(120):
        start(about=f"case:{n}")
    with heard(clocks.overdue) as facts:
        assert clocks.fire_due(today=date(2026, 4, 1), at=AT).overdue == 120
        assert clocks.fire_due(today=date(2026, 4, 1), at=AT).overdue == 0
    assert len({fact.clock_id for fact in facts}) == len(facts) == 120


def test_what_the_night_promises_comes_last_when_all_its_matters_are_locked() -> None:
    """A keyed promise waits for whoever promised the same: nothing may be locked after it."""

    def promise(fact: clocks.Overdue) -> None:
        jobs.later("clocks.fire_due", key="shared")

    for n in range(2):
        start(about=f"case:{n}")
    clocks.overdue.connect(promise)
    try:
        with CaptureQueriesContext(connection) as asked:
            assert clocks.fire_due(today=date(2026, 4, 1), at=AT).overdue == 2
    finally:
        clocks.overdue._listeners.remove(promise)
    [promised] = [n for n, row in enumerate(asked) if "INSERT INTO procrastinate_jobs" in row["sql"]]
    assert asked[promised + 1]["sql"].startswith("RELEASE")  # the end of the transaction


def test_clocks_that_are_started_together_have_every_column_but_what_comes_later() -> None:
    later = {
        "id", "extension_n", "extension_decided_on", "extension_served_on", "ended_on", "soon_for", "overdue_for", "promise_missed_for",
    }  # fmt: skip
    assert set(running.CLOCK) == {field.column for field in RunningClock._meta.concrete_fields} - later
