"""The rules of ratings, line by line."""

from datetime import date

import pytest

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.ratings import rules
from bancheng.kernel.ratings.rules import Mode, Route, Ruling, State, Terms
from bancheng.lib.refusal import Refused

DAY = date(2026, 3, 2)


def test_there_are_five_grades_and_the_last_two_are_bad() -> None:
    """R-RT-1: 非常满意 to 非常不满意; 差评 are the last two."""
    assert [rules.GRADES[grade].zh for grade in rules.Grade] == ["非常满意", "满意", "基本满意", "不满意", "非常不满意"]
    assert sorted(rules.BAD) == [1, 2]


@pytest.mark.parametrize("nothing", [None, 0, 6])
def test_a_rating_without_a_grade_is_refused_and_none_is_put_in_its_place(nothing: int | None) -> None:
    """R-RT-6: never 满意 by default."""
    with pytest.raises(Refused) as no:
        rules.check_said(nothing, "")
    assert no.value.code == "no_grade"


def test_words_that_are_too_long_are_refused() -> None:
    assert rules.check_said(3, "字" * rules.MOST_WORDS) == 3
    with pytest.raises(Refused) as no:
        rules.check_said(3, "字" * (rules.MOST_WORDS + 1))
    assert no.value.code == "too_long"


@pytest.mark.parametrize(
    ("mode", "rated", "today", "may"),
    [
        (Mode.ONLINE, False, date(2026, 4, 1), True),
        (Mode.ONLINE, False, date(2026, 4, 2), False),
        (Mode.ONLINE, True, date(2026, 3, 7), True),
        (Mode.ONLINE, True, date(2026, 3, 8), False),
        (Mode.ON_SITE, False, DAY, True),
        (Mode.ON_SITE, True, DAY, False),
    ],
)
def test_until_when_one_may_rate_and_change(mode: Mode, rated: bool, today: date, may: bool) -> None:
    """R-RT-2: online may be changed for five days, on the spot each service is rated once."""
    terms = Terms()
    assert (
        rules.may_rate(
            mode=mode,
            rated=rated,
            closes_on=rules.closes_on(DAY, terms),
            changeable_until=rules.changeable_until(DAY, terms) if rated else None,
            today=today,
        )
        is may
    )


def test_every_state_has_its_place_in_the_tables() -> None:
    assert set(rules.NEXT) == set(State) == set(rules.STATES)
    assert set(rules.APPEAL_NEXT) == set(Ruling) == set(rules.RULINGS)
    assert set(rules.AFTER_CHECK) == set(Route) == set(rules.ROUTES)
    assert {state for state in State if not rules.NEXT[state]} == rules.OVER


def test_every_way_of_a_call_back_ends_with_an_answer() -> None:
    """R-RT-3: feedback always; nothing is closed without it."""
    before_the_end = {state for state in State if State.CLOSED in rules.NEXT[state]}
    assert before_the_end == {State.EXPLAINED, State.SETTLED}
    for route in Route:
        state = rules.AFTER_CHECK[route]
        assert state in before_the_end or State.SETTLED in rules.NEXT[state]


def test_each_part_of_a_call_back_has_its_clock() -> None:
    """R-RT-7, C-93: one working day, five, fifteen unless the city says otherwise."""
    terms = Terms()
    of = {route: rules.clock_of(State.OPEN, route, terms) for route in (None, *Route)}
    assert of[None] == ("C-93.contact", clocks.Length(1, clocks.Unit.WD))
    assert of[Route.FIX] == of[Route.NO_BASIS] == ("C-93.fix", clocks.Length(5, clocks.Unit.WD))
    assert of[Route.COMPLEX] == ("C-93.complex", clocks.Length(15, clocks.Unit.WD))
    assert rules.clock_of(State.CLOSED, Route.FIX, terms) is None
    for rule, length in filter(None, of.values()):
        assert clocks.rule(rule).length == length


def test_no_legal_basis_is_said_with_its_article() -> None:
    """R-RT-3: no legal basis: explained."""
    rules.check_reason("按规定须先办登记", "市场主体登记管理条例 第三条", Route.NO_BASIS)
    for words, law in (("按规定", ""), ("", "行政许可法 第三十二条")):
        with pytest.raises(Refused) as no:
            rules.check_reason(words, law, Route.NO_BASIS)
        assert no.value.code == "say_what"


@pytest.mark.parametrize(
    ("by", "unit"), [("staff:1", "justice"), ("staff:2", "justice"), ("staff:3", "justice"), ("staff:9", "market")]
)
def test_nobody_reviews_who_did_the_work_asked_decided_before_or_is_of_the_unit(by: str, unit: str) -> None:
    """R-RT-4, P-2: who is rated does not handle the appeal."""
    with pytest.raises(Refused) as no:
        rules.check_reviewer(by, unit, rated_unit="market", rated=["staff:1"], others=["staff:2", "staff:3"])
    assert no.value.code == "not_your_review"
    rules.check_reviewer("staff:9", "justice", rated_unit="market", rated=["staff:1"], others=["staff:2", ""])
