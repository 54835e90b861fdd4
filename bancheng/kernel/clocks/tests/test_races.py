"""Two workers at the same midnight, two administrators with the same notice: real commits on several connections."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import pytest

from bancheng.kernel.audit import testing as audit
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.clocks import queries
from bancheng.kernel.clocks.models import CalendarDay, CalendarYear
from bancheng.kernel.clocks.testing import heard, loaded
from bancheng.kernel.jobs import testing as jobs
from bancheng.lib.refusal import Refused

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]
AT = datetime(2026, 3, 31, 0, 5, tzinfo=clocks.SHANGHAI)


@pytest.fixture(autouse=True)
def _clean() -> Iterator[None]:
    queries.forget()
    yield
    queries.forget()


def test_four_workers_let_each_silence_act_once() -> None:
    """R-CLK-7: exactly once per clock, whoever comes."""
    for n in range(40):
        clocks.start(region="411000", about=f"case:{n}", rule="C-21", started_on=date(2026, 3, 2), by="staff:7", at=AT)
        clocks.start(
            region="411000", about=f"case:{n}", rule="C-02.decide", started_on=date(2026, 2, 2), by="staff:7", at=AT
        )
    with heard(clocks.silence) as silences, heard(clocks.overdue) as overdue:
        fired = jobs.together(*[lambda: clocks.fire_due(today=date(2026, 3, 31), at=AT)] * 4)
    assert sum(each.silences for each in fired) == 40
    assert sorted(fact.about for fact in silences) == sorted(f"case:{n}" for n in range(40))
    assert len({fact.clock_id for fact in overdue}) == len(overdue) == 40
    assert len(audit.recorded("clocks.silence")) == 40


def test_an_action_and_silence_at_the_same_moment_are_never_both_true() -> None:
    """R-CLK-7: either somebody acted or nobody did."""
    ids = [
        clocks.start(
            region="411000", about=f"case:{n}", rule="C-21", started_on=date(2026, 3, 2), by="staff:7", at=AT
        ).id
        for n in range(20)
    ]
    turn = iter([True, False])

    def work() -> Any:
        if next(turn):
            return clocks.fire_due(today=date(2026, 3, 31), at=AT).silences
        done = 0
        for clock_id in reversed(ids):
            try:
                clocks.finish(clock_id=clock_id, on=date(2026, 3, 31), by="staff:7", at=AT)
                done += 1
            except Refused:
                pass
        return done

    with heard(clocks.silence) as silences:
        counts = jobs.together(work, work)
    assert sum(counts) == 20
    states = [clocks.clock(clock_id).state for clock_id in ids]
    assert states.count("lapsed") == len(silences) == 20 - states.count("done")


def test_a_year_loaded_by_four_administrators_is_loaded_once() -> None:
    try:
        with heard(clocks.calendar_loaded) as facts:
            jobs.together(*[lambda: loaded(2027)] * 4)
        assert len(facts) == 1
        assert clocks.calendar().known_until == date(2027, 12, 31)
    finally:
        CalendarDay.objects.filter(calendar_year__year=2027).delete()
        CalendarYear.objects.filter(year=2027).delete()


def test_a_year_loaded_by_another_process_is_seen_at_the_next_check(monkeypatch: pytest.MonkeyPatch) -> None:
    assert clocks.calendar().known_until == date(2026, 12, 31)
    kept = queries._kept
    try:
        loaded(2027)
        queries._kept = kept  # as a process sees it that did not load the year
        assert clocks.calendar().known_until == date(2026, 12, 31)
        monkeypatch.setattr(queries, "RECHECK_SECONDS", 0.0)
        assert clocks.calendar().known_until == date(2027, 12, 31)
    finally:
        CalendarDay.objects.filter(calendar_year__year=2027).delete()
        CalendarYear.objects.filter(year=2027).delete()
