"""Deadlines against an oracle that knows no table and no index: it walks from day to day with a finger on the law."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bancheng.kernel.clocks import shipped
from bancheng.kernel.clocks.rules.deadline import Extension, Pause, before, due
from bancheng.kernel.clocks.rules.law import Length, Unit
from bancheng.lib.refusal import Refused

SHIPPED = shipped.calendar()
ONE = timedelta(days=1)


def rests(day: date) -> bool:
    """Whether `day` is a rest day, read from the notices one by one."""
    for year in shipped.years():
        if day in year.rest:
            return True
        if day in year.work:
            return False
    return day.isoweekday() > 5


def month_later(day: date, months: int) -> date:
    """Month by month, then the largest day that exists."""
    year, month = day.year, day.month
    for _ in range(months):
        month += 1
        if month == 13:
            year, month = year + 1, 1
    for number in range(day.day, 0, -1):
        try:
            return date(year, month, number)
        except ValueError:
            continue
    raise AssertionError


def stopped(day: date, pauses: list[Pause]) -> bool:
    return any(
        pause.served_on is not None and pause.first <= day <= (pause.last or pause.planned_last or pause.first)
        for pause in pauses
    )


def walk(start: date, n: int, unit: Unit, pauses: list[Pause]) -> tuple[date, date]:
    """Where the count ends, and where it ends after the roll-over."""
    if n == 0:
        return start, start
    day = start
    if unit is Unit.MONTH:
        n = (month_later(start, n) - start).days
    while n:
        day += ONE
        if stopped(day, pauses) or (unit is Unit.WD and rests(day)):
            continue
        n -= 1
    last = day
    while unit is not Unit.WD and (rests(day) or (day > last and stopped(day, pauses))):
        day += ONE
    return last, day


DAYS = st.dates(date(2004, 2, 1), date(2025, 6, 30))
UNITS = st.sampled_from([Unit.WD, Unit.ND, Unit.MONTH])


@st.composite
def timelines(draw: st.DrawFn) -> tuple[date, Length, list[Pause], Extension | None]:
    start = draw(DAYS)
    unit = draw(UNITS)
    most = 6 if unit is Unit.MONTH else 70
    length = Length(draw(st.integers(0, most)), unit)
    pauses = []
    for _ in range(draw(st.integers(0, 4))):
        first = start + ONE * draw(st.integers(-15, 120))
        last = first + ONE * draw(st.integers(0, 25))
        served = draw(st.booleans())
        opened = draw(st.integers(0, 9)) == 0
        pauses.append(
            Pause(first, None if opened else last, "testing", "x", first if served else None, last if opened else None)
        )
    extension = None
    if draw(st.booleans()):
        extension = Extension(
            Length(draw(st.integers(1, 4 if unit is Unit.MONTH else 30)), unit),
            start + ONE * draw(st.integers(0, 120)),
            "局长",
            "复杂",
            start if draw(st.booleans()) else None,
        )
    return start, length, pauses, extension


@settings(max_examples=600, deadline=None)
@given(timelines())
def test_a_deadline_is_where_walking_day_by_day_ends(
    timeline: tuple[date, Length, list[Pause], Extension | None],
) -> None:
    """R-CLK-1 R-CLK-2 R-CLK-4 R-CLK-5 R-CLK-6: any unit, any pauses, served or not, extended or not."""
    start, length, pauses, extension = timeline
    unextended = walk(start, length.n, length.unit, pauses)[1]
    if extension is not None and extension.decided_on > unextended:
        with pytest.raises(Refused, match="extension_too_late"):
            due(started_on=start, length=length, calendar=SHIPPED, pauses=pauses, extension=extension)
        return
    deadline = due(started_on=start, length=length, calendar=SHIPPED, pauses=pauses, extension=extension)
    n = length.n + (extension.length.n if extension and extension.served_on else 0)
    assert (deadline.last_counted, deadline.on) == walk(start, n, length.unit, pauses)
    if deadline.on.year <= 2026 and all(pause.last for pause in pauses):
        assert not deadline.provisional
    assert deadline.explain.zh.endswith("。")
    assert deadline.explain.en.endswith(".")


@settings(max_examples=300, deadline=None)
@given(DAYS, st.integers(0, 120), st.sampled_from([Unit.WD, Unit.ND]))
def test_a_window_closes_where_walking_backwards_ends(event: date, n: int, unit: Unit) -> None:
    """R-CLK-2: backwards, the event not counted, nothing rolled over."""
    day, left = event, n
    while left:
        day -= ONE
        if unit is Unit.ND or not rests(day):
            left -= 1
    assert before(event_on=event, length=Length(n, unit), calendar=SHIPPED).on == day


@settings(max_examples=200, deadline=None)
@given(timelines())
def test_a_pause_more_never_makes_a_period_shorter(
    timeline: tuple[date, Length, list[Pause], Extension | None],
) -> None:
    """R-CLK-4: what is not counted can only lengthen."""
    start, length, pauses, _ = timeline
    dates = [
        due(started_on=start, length=length, calendar=SHIPPED, pauses=pauses[:n]).on for n in range(len(pauses) + 1)
    ]
    assert dates == sorted(dates)
