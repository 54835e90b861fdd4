"""The shipped calendars against two other witnesses, and what a calendar answers."""

from datetime import date, timedelta

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bancheng.kernel.clocks import shipped
from bancheng.kernel.clocks.rules.calendar import Calendar, check_notice
from bancheng.kernel.clocks.testing import calendar_of
from bancheng.lib.refusal import Refused

CALENDAR = shipped.calendar()
ONE = timedelta(days=1)


def span(first: date, last: date) -> set[date]:
    return {first + ONE * n for n in range((last - first).days + 1)}


def typed(year: int, days: str) -> list[date]:
    return [date(year, *map(int, day.split("-"))) for day in days.split()]


# the published notices of the three years a case may still be about, typed in by hand from their text
NOTICES = {
    2024: (
        "1-1 1-1  2-10 2-17  4-4 4-6  5-1 5-5  6-10 6-10  9-15 9-17  10-1 10-7",
        "2-4 2-18 4-7 4-28 5-11 9-14 9-29 10-12",
        251,
    ),
    2025: (
        "1-1 1-1  1-28 2-4  4-4 4-6  5-1 5-5  5-31 6-2  10-1 10-8",
        "1-26 2-8 4-27 9-28 10-11",
        248,
    ),
    2026: (
        "1-1 1-3  2-15 2-23  4-4 4-6  5-1 5-5  6-19 6-21  9-25 9-27  10-1 10-7",
        "1-4 2-14 2-28 5-9 9-20 10-10",
        248,
    ),
}


@pytest.mark.parametrize("year", range(2004, 2027))
def test_the_shipped_days_agree_with_the_chinesecalendar_package(year: int) -> None:
    """R-CLK-9: day by day, 2004 to 2026."""
    for day in sorted(span(date(year, 1, 1), date(year, 12, 31))):
        assert CALENDAR.is_working(day) == chinese_calendar.is_workday(day), day


@pytest.mark.parametrize("year", NOTICES)
def test_the_shipped_days_are_those_of_the_published_notice(year: int) -> None:
    spans, work, working_days = NOTICES[year]
    ends = typed(year, spans)
    rest = set().union(*(span(first, last) for first, last in zip(ends[::2], ends[1::2], strict=True)))
    notice = CALENDAR.years[year]
    assert notice.rest == rest
    assert notice.work == set(typed(year, work))
    assert CALENDAR.working_days(date(year, 1, 1), date(year, 12, 31)) == working_days


def test_every_shipped_year_names_its_source() -> None:
    assert list(CALENDAR.years) == list(range(2004, 2027))
    assert CALENDAR.years[2026].source == "国办发明电〔2025〕7号"
    assert CALENDAR.years[2020].version == 2  # the Spring Festival of 2020 was lengthened
    assert all(year.source for year in CALENDAR.years.values())


def test_a_notice_may_move_the_last_days_of_the_december_before() -> None:
    assert date(2018, 12, 29) in CALENDAR.years[2019].work
    assert CALENDAR.is_working(date(2018, 12, 29))
    assert not CALENDAR.is_working(date(2018, 12, 31))


def test_the_version_names_the_contents() -> None:
    assert CALENDAR.version == Calendar(shipped.years()).version
    assert CALENDAR.version != Calendar(shipped.years()[:-1]).version
    assert calendar_of(rest=[date(2026, 3, 2)]).version != calendar_of(rest=[date(2026, 3, 3)]).version


def test_beyond_the_loaded_years_monday_to_friday_is_guessed_and_known_as_a_guess() -> None:
    """R-CLK-9: for showing only."""
    assert CALENDAR.is_working(date(2027, 1, 1))  # a guess: surely a rest day, but no notice says so yet
    assert not CALENDAR.knows(date(2026, 12, 31), date(2027, 1, 1))
    assert CALENDAR.add(date(2060, 1, 1), 3) == date(2060, 1, 6)
    assert CALENDAR.back(date(1999, 1, 4), 1) == date(1999, 1, 1)
    assert CALENDAR.add(date(2003, 12, 31), 1) == date(2004, 1, 2)


def test_a_gap_in_the_loaded_years_ends_what_is_known() -> None:
    gap = calendar_of(years=(2026, 2028))
    assert gap.known_until == date(2026, 12, 31)
    assert gap.knows(date(2028, 1, 1), date(2028, 12, 31))
    assert not gap.knows(date(2026, 12, 1), date(2028, 1, 31))


@given(st.dates(date(2000, 1, 1), date(2040, 1, 1)), st.integers(0, 300))
def test_adding_and_going_back_agree_with_walking(day: date, n: int) -> None:
    forward, backward, left = day, day, n
    while left:
        forward += ONE
        left -= CALENDAR.is_working(forward)
    left = n
    while left:
        backward -= ONE
        left -= CALENDAR.is_working(backward)
    assert CALENDAR.add(day, n) == forward
    assert CALENDAR.back(day, n) == backward
    assert CALENDAR.working_days(day + ONE, forward) == n


@given(st.dates(date(2000, 1, 1), date(2040, 1, 1)))
def test_next_and_previous_keep_a_working_day(day: date) -> None:
    """B10.12: tasks that would fall on a rest day move to the working day before."""
    ahead, behind = CALENDAR.next_working(day), CALENDAR.previous_working(day)
    assert behind <= day <= ahead
    assert CALENDAR.is_working(ahead)
    assert CALENDAR.is_working(behind)
    assert CALENDAR.is_working(day) == (ahead == behind == day)


def test_counting_backwards_with_add_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="backward with back"):
        CALENDAR.add(date(2026, 1, 5), -1)


REST = [date(2027, 1, 1), date(2027, 5, 1), date(2027, 10, 1), date(2027, 10, 2), date(2027, 10, 3)]


@pytest.mark.parametrize(
    ("rest", "work", "source", "says"),
    [
        ([*REST, date(2026, 5, 2)], [], "文号", "2026年5月2日不属于2027年的安排"),
        ([*REST, date(2027, 1, 1)], [], "文号", "2027年1月1日列了两次"),
        ([*REST, date(2027, 2, 6)], [date(2027, 2, 6)], "文号", "2027年2月6日既列为放假又列为上班"),
        (REST, [date(2027, 2, 8)], "文号", "2027年2月8日是星期一，本来就上班"),
        (REST, [date(2027, 2, 6), date(2027, 2, 6)], "文号", "2027年2月6日列了两次"),
        (REST[1:], [], "文号", "缺少法定节假日2027年1月1日"),
        ([], [], "文号", "没有列出任何放假日"),
        (REST, [], "  ", "请填写放假安排的文号或来源"),
    ],
)
def test_a_notice_that_cannot_be_right_is_refused_with_the_reason(
    rest: list[date], work: list[date], source: str, says: str
) -> None:
    """R-CLK-9: a typing slip in a calendar would move thousands of dates."""
    with pytest.raises(Refused) as refused:
        check_notice(year=2027, rest=rest, work=work, source=source)
    assert refused.value.code == "bad_notice"
    assert says in refused.value.says
    assert refused.value.en


def test_a_notice_with_the_end_of_the_december_before_is_accepted() -> None:
    year = check_notice(year=2027, rest=[*REST, date(2026, 12, 31)], work=[date(2026, 12, 26)], source="文号")
    assert date(2026, 12, 26) in year.work
