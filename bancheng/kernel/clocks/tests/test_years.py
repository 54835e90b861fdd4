"""Loading a year, correcting it, and what that does to dates that were worked out before."""

from collections.abc import Iterator
from datetime import date, datetime

import pytest
from django.db import transaction

from bancheng.kernel.audit import testing as audit
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.clocks import queries
from bancheng.kernel.clocks.operations.calendars import correct_year, load_year
from bancheng.kernel.clocks.testing import heard, loaded, shipped_calendar
from bancheng.lib.refusal import Refused

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 25, 9, tzinfo=clocks.SHANGHAI)
REST = [date(2027, 1, 1), date(2027, 5, 1), *(date(2027, 10, day) for day in (1, 2, 3))]
SPRING = [date(2027, 2, day) for day in range(5, 12)]


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    queries.forget()
    yield
    queries.forget()


def test_the_shipped_years_are_in_the_database_and_give_the_shipped_calendar() -> None:
    assert clocks.calendar().version == shipped_calendar().version
    assert clocks.loaded_years()[0].year == 2026
    assert clocks.loaded_years()[0].loaded_by == "shipped"
    assert clocks.load_shipped(at=AT) == 0


def test_loading_a_year_announces_it_and_moves_the_end_of_what_is_known() -> None:
    """R-CLK-9: the administrator types the notice in, everything else follows."""
    with heard(clocks.calendar_loaded) as facts:
        load_year(year=2027, rest=dict.fromkeys(REST, "假"), work=[], source="文号", by="staff:7", at=AT)
    assert facts == [clocks.CalendarLoaded(2027, 1, "文号")]
    assert clocks.calendar().known_until == date(2027, 12, 31)
    assert not clocks.calendar().is_working(date(2027, 1, 1))
    assert audit.recorded("clocks.calendar_loaded")[0].about == "calendar:2027"


def test_loading_the_same_notice_again_changes_nothing() -> None:
    loaded(2027)
    with heard(clocks.calendar_loaded) as facts:
        loaded(2027)
    assert facts == []
    assert len([year for year in clocks.loaded_years() if year.year == 2027]) == 1


def test_other_days_for_a_loaded_year_are_refused_and_a_correction_is_a_new_version() -> None:
    loaded(2027)
    with pytest.raises(Refused) as refused:
        loaded(2027, rest=SPRING)
    assert refused.value.code == "calendar_year_loaded"
    corrected = correct_year(year=2027, rest=[*REST, *SPRING], work=[], source="更正文号", by="staff:7", at=AT)
    assert corrected.version == 2
    assert not clocks.calendar().is_working(SPRING[0])
    versions = [(year.version, year.current) for year in clocks.loaded_years() if year.year == 2027]
    assert versions == [(2, True), (1, False)]
    explained = clocks.due(
        started_on=date(2027, 2, 4), length=clocks.Length(1, clocks.Unit.WD), calendar=clocks.calendar()
    ).explain.zh
    assert "2027年放假安排（更正文号，第2版）" in explained


def test_a_correction_that_changes_nothing_or_has_nothing_to_correct_is_refused() -> None:
    with pytest.raises(Refused, match="尚未载入"):
        correct_year(year=2027, rest=REST, work=[], source="文号", by="staff:7", at=AT)
    loaded(2027)
    with pytest.raises(Refused, match="相同"):
        correct_year(year=2027, rest=REST, work=[], source="文号", by="staff:7", at=AT)


def test_a_year_too_far_ahead_is_refused() -> None:
    rest = [day.replace(year=2029) for day in REST]
    with pytest.raises(Refused, match="只能载入2027年及以前"):
        load_year(year=2029, rest=rest, work=[], source="文号", by="staff:7", at=AT)


def test_a_refused_notice_leaves_no_trace() -> None:
    with pytest.raises(Refused):
        load_year(year=2027, rest=REST, work=[date(2027, 2, 8)], source="文号", by="staff:7", at=AT)
    assert clocks.calendar().known_until == date(2026, 12, 31)
    assert audit.recorded("clocks.calendar_loaded") == []


def test_a_rolled_back_year_is_not_seen_afterwards() -> None:
    with transaction.atomic():
        loaded(2027)
        assert clocks.calendar().known_until == date(2027, 12, 31)
        transaction.set_rollback(True)
    assert clocks.calendar().known_until == date(2026, 12, 31)


def started(about: str, *, rule: str = "C-02.decide", on: date = date(2026, 12, 21), notified: bool = False) -> int:
    return clocks.start(
        region="411000", about=about, rule=rule, started_on=on, by="staff:7", at=AT, notified=notified
    ).id


def test_provisional_dates_are_worked_out_again_when_their_year_is_loaded() -> None:
    """R-CLK-9: 1 January was guessed to be worked; the notice moves the date and makes it certain."""
    clock_id = started("case:1")
    assert clocks.clock(clock_id).due.on == date(2027, 1, 18)
    assert clocks.clock(clock_id).due.provisional
    with heard(clocks.deadline_moved) as moved:
        loaded(2027, rest=[date(2027, 1, 4)])
    after = clocks.clock(clock_id).due
    assert (after.on, after.provisional) == (date(2027, 1, 20), False)
    assert [(fact.old_on, fact.new_on) for fact in moved] == [(date(2027, 1, 18), date(2027, 1, 20))]


def test_a_party_who_was_told_a_date_keeps_it_when_the_new_one_is_earlier() -> None:
    """R-CLK-9: the make-up Saturday would shorten; one who was not told simply gets the new date."""
    told = started("case:2", rule="C-22.supply", on=date(2027, 1, 4), notified=True)
    untold = started("case:3", rule="C-22.supply", on=date(2027, 1, 4))
    assert clocks.clock(told).due.on == date(2027, 1, 18)
    loaded(2027, work=[date(2027, 1, 9)])
    assert clocks.clock(told).due.on == date(2027, 1, 18)
    assert "仍以已告知的日期为准" in clocks.clock(told).due.explain.zh
    assert clocks.clock(untold).due.on == date(2027, 1, 15)


def test_clocks_that_a_year_cannot_touch_are_left_alone() -> None:
    clock_id = started("case:4", on=date(2026, 3, 2))
    with heard(clocks.deadline_moved) as moved:
        loaded(2027)
    assert moved == []
    assert clocks.clock(clock_id).due.on == date(2026, 3, 30)


def test_asking_for_the_calendar_again_costs_no_statement(django_assert_num_queries: object) -> None:
    clocks.calendar()
    with django_assert_num_queries(0):  # type: ignore[operator]
        clocks.calendar()
