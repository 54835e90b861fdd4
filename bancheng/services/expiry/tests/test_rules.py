"""When a licence speaks: the schedule, line by line, and an oracle that walks day by day."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bancheng.services.expiry import rules, words
from bancheng.services.expiry.rules import NEXT, STAGES, Anchor, Outcome, Reach, Stage, State


class Weekdays:
    """Monday to Friday, with a long holiday around the first of October."""

    def is_working(self, day: date) -> bool:
        return day.weekday() < 5 and not (day.month == 10 and day.day <= 7)

    def next_working(self, day: date) -> date:
        while not self.is_working(day):
            day += timedelta(days=1)
        return day


CALENDAR = Weekdays()
DAYS = st.dates(date(2025, 1, 1), date(2027, 12, 31))


def test_the_source_s_three_days_stand_before_expiry_and_before_the_close_of_the_window() -> None:
    """F10.6 F10.7 R10.1: 30 and 7 days by message, 3 days one on one, before both ends."""
    assert {(p.anchor, p.days, p.reach) for p in STAGES.values()} == {
        (anchor, days, reach)
        for anchor in Anchor
        for days, reach in ((30, Reach.MESSAGE), (7, Reach.MESSAGE), (3, Reach.PERSON))
    }


def test_every_state_says_what_may_follow() -> None:
    assert set(NEXT) == set(State)
    assert all(set(follow) <= set(State) for follow in NEXT.values())


@pytest.mark.parametrize(
    ("today", "horizon"),
    [
        (date(2026, 11, 18), date(2026, 11, 18)),  # a Wednesday answers for itself
        (date(2026, 11, 20), date(2026, 11, 22)),  # a Friday for the weekend behind it
        (date(2026, 11, 21), date(2026, 11, 22)),  # the weekend adds nothing
        (date(2026, 9, 30), date(2026, 10, 7)),  # the eve of a long holiday for all of it
    ],
)
def test_agency_work_of_a_rest_day_moves_to_the_working_day_before(today: date, horizon: date) -> None:
    """B10.12: the holder's message goes out on the holiday itself, the agency's task comes before it."""
    assert rules.task_horizon(today, CALENDAR) == horizon


def test_a_message_is_due_on_a_holiday_all_the_same() -> None:
    """B10.12"""
    holiday = date(2026, 10, 3)
    assert rules.reaches(Stage.T30, holiday, CALENDAR) == holiday + timedelta(days=30)


def test_three_licences_three_schedules() -> None:
    """R10.1: a tobacco, a food and a 长期 licence speak on different days."""
    expires = date(2027, 3, 31)
    tobacco, food = date(2027, 3, 1), date(2027, 3, 10)
    days = {
        closes: sorted(
            (closes if p.anchor is Anchor.CLOSE else expires) - timedelta(days=p.days) for p in STAGES.values()
        )
        for closes in (tobacco, food)
    }
    assert days[tobacco][0] == date(2027, 1, 30)
    assert days[food][0] == date(2027, 2, 8)
    assert days[tobacco][-1] == days[food][-1] == date(2027, 3, 28)


@given(start=DAYS, gaps=st.lists(st.integers(1, 12), min_size=1, max_size=12), anchor_after=st.integers(0, 80))
def test_whatever_nights_are_missed_each_day_to_come_is_looked_at_exactly_once(
    start: date, gaps: list[int], anchor_after: int
) -> None:
    """F10.5: the oracle counts, for one anchor day, on how many runs a stage finds it."""
    anchor = start + timedelta(days=anchor_after)
    runs, day = [start], start
    for gap in gaps:
        day += timedelta(days=gap)
        runs.append(day)
    for stage in Stage:
        found, last = [], None
        for today in runs:
            found += [
                today
                for span in rules.spans(last, today, CALENDAR)
                if span.stage is stage and span.first <= anchor <= span.last
            ]
            last = today
        reached_before = anchor <= rules.reaches(stage, start - timedelta(days=1), CALENDAR)
        first_to_reach = next((today for today in runs if anchor <= rules.reaches(stage, today, CALENDAR)), None)
        expected = [first_to_reach] if first_to_reach and not reached_before and anchor >= first_to_reach else []
        assert found == expected


@pytest.mark.parametrize(
    ("says", "closes", "expires", "message", "call"),
    [
        # today is Wednesday 18 November 2026; closes and expires count from it
        ("nothing has come", 31, 61, None, None),
        ("the first of the window", 30, 60, "w30", None),
        ("the window's seven days came after the thirty before expiry", 6, 28, "w7", None),
        ("the thirty days before expiry came after the window's seven", 5, 29, "t30", None),
        ("both came on one day: the window is the day that counts", 5, 28, "w7", None),
        ("the window has three days left, expiry seven: seven is of today", 3, 7, "t7", "w3"),
        ("the window closed: only expiry is left to speak of", -1, 20, "t30", None),
        ("the window closes today", 0, 23, "w7", "w3"),
        ("no window", None, 7, "t7", None),
        ("no window, three days left", None, 3, "t7", "t3"),
        ("both ends near", 1, 2, "t7", "t3"),
        ("both ends on one day", 3, 3, "w7", "w3"),
        ("the last day", -5, 0, "t7", "t3"),
        ("over", -5, -1, None, None),
    ],
)
def test_a_newcomer_hears_the_stage_whose_day_is_the_latest(
    says: str, closes: int | None, expires: int, message: str | None, call: str | None
) -> None:
    """R10.1 F10.6 F10.7"""
    today = date(2026, 11, 18)
    closes_on = None if closes is None else today + timedelta(days=closes)
    now = {
        reach: rules.stage_now(reach, closes_on, today + timedelta(days=expires), today, CALENDAR) for reach in Reach
    }
    assert now == {Reach.MESSAGE: message, Reach.PERSON: call}, says


@given(today=DAYS, close_before=st.integers(0, 60), left=st.integers(0, 120))
def test_a_newcomer_hears_one_of_what_has_come_and_nothing_that_came_later_is_passed_over(
    today: date, close_before: int, left: int
) -> None:
    expires = today + timedelta(days=left)
    closes = expires - timedelta(days=close_before)
    anchors = {Anchor.CLOSE: closes, Anchor.EXPIRY: expires}
    days = {stage: anchors[point.anchor] - timedelta(days=point.days) for stage, point in STAGES.items()}
    come = [s for s in Stage if today <= anchors[STAGES[s].anchor] <= rules.reaches(s, today, CALENDAR)]
    for reach in Reach:
        stages = [s for s in come if STAGES[s].reach is reach]
        now = rules.stage_now(reach, closes, expires, today, CALENDAR)
        assert (now in stages) if stages else (now is None)
        assert all(days[s] <= days[now] for s in stages if now)
        assert all(STAGES[now].anchor is Anchor.CLOSE for s in stages if now and s is not now and days[s] == days[now])


def test_the_renewal_rate_leaves_out_who_gave_up_or_is_gone() -> None:
    """R10.6"""
    gone = {Outcome.GIVEN_UP: 3, Outcome.DEREGISTERED: 2, Outcome.REVOKED: 1}
    assert rules.renewal_rate(gone | {Outcome.RENEWED: 8, Outcome.DEEMED: 1, Outcome.LAPSED: 1}) == (9, 10)
    assert rules.renewal_rate(gone) == (0, 0)


def test_quarters() -> None:
    """F10.13"""
    assert [rules.quarter(date(2026, month, 1)) for month in (1, 3, 4, 12)] == ["2026Q1", "2026Q1", "2026Q2", "2026Q4"]


@pytest.mark.parametrize(
    ("day", "first", "last"),
    [
        (date(2026, 1, 1), date(2026, 1, 1), date(2026, 3, 31)),
        (date(2026, 6, 30), date(2026, 4, 1), date(2026, 6, 30)),
        (date(2026, 8, 15), date(2026, 7, 1), date(2026, 9, 30)),
        (date(2026, 12, 31), date(2026, 10, 1), date(2026, 12, 31)),
    ],
)
def test_a_quarter_runs_from_its_first_day_to_its_last(day: date, first: date, last: date) -> None:
    """F10.13"""
    assert (rules.quarter_first(day), rules.quarter_last(day)) == (first, last)


@pytest.mark.parametrize(
    ("left", "zh", "en"),
    [
        (2, "请最晚在2026年11月30日申请续期（还有2天）。", "Apply for renewal by 30 November 2026 (2 days left)."),
        (1, "请最晚在2026年11月30日申请续期（还有1天）。", "Apply for renewal by 30 November 2026 (1 day left)."),
        (
            0,
            "今天（2026年11月30日）是申请续期的最后一天。",
            "Today, 30 November 2026, is the last day to apply for renewal.",
        ),
    ],
)
def test_a_holder_is_told_the_last_day_to_apply_itself_included(left: int, zh: str, en: str) -> None:
    last = date(2026, 11, 30)
    said = words.advice(State.LIVE, last, last + timedelta(days=20), last - timedelta(days=left))
    assert (said.zh, said.en) == (zh, en)


def test_a_holder_s_word_moves_only_what_is_his_to_say() -> None:
    """R10.5 R10.7: applied, revoked, cancelled, run out or renewed by silence are not his to take back."""
    for state in State:
        says = {said for said in State if rules.may_answer(state, said)}
        assert bool(says) is (state in {State.LIVE, State.SAYS_DONE, State.GIVEN_UP})
