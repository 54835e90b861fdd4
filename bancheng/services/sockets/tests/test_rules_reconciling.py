"""What has to agree every day, without a database."""

from datetime import timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as some

from bancheng.kernel.payments.public import Match
from bancheng.lib.refusal import Refused
from bancheng.services.sockets.rules import handwork, reconciling
from bancheng.services.sockets.rules.handwork import HandState
from bancheng.services.sockets.rules.readings import WRAP
from bancheng.services.sockets.rules.reconciling import Loss, Span
from bancheng.services.sockets.rules.sessions import State


def test_a_key_agrees_differs_or_stands_on_one_side() -> None:
    equal, odd = reconciling.compare(
        [("a", 5), ("b", 7), ("c", 1), ("d", 2), ("d", 3)], [("a", 5), ("b", 8), ("d", 5), ("e", -4)]
    )
    assert equal == 2
    assert [(one.key, one.match, one.ours_fen, one.theirs_fen) for one in odd] == [
        ("b", Match.AMOUNT, 7, 8),
        ("c", Match.OURS_ONLY, 1, None),
        ("e", Match.THEIRS_ONLY, None, -4),
    ]


@given(
    start=some.integers(0, WRAP - 1),
    uses=some.lists(some.tuples(some.integers(0, 400), some.integers(0, 3)), max_size=12),
    cuts=some.tuples(some.integers(0, 3000), some.integers(0, 3000)),
)
def test_over_a_wrap_and_over_midnight_each_step_belongs_to_a_session_or_to_nobody(
    start: int, uses: list[tuple[int, int]], cuts: tuple[int, int]
) -> None:
    """Section 9: the oracle is a list with one mark for each step of the register."""
    marks: list[bool] = []
    spans = []
    for used, idle in uses:
        spans.append(Span((start + len(marks)) % WRAP, (start + len(marks) + used) % WRAP))
        marks += [True] * used + [False] * idle
    first, last = sorted(min(cut, len(marks)) for cut in cuts)
    day = Span((start + first) % WRAP, (start + last) % WRAP)
    assert sum(reconciling.within(day, one) for one in spans) == sum(marks[first:last])
    assert reconciling.idle_10wh(day, spans) == marks[first:last].count(False)


def test_one_step_either_way_is_the_register_and_two_are_not() -> None:
    assert [reconciling.idle_is_odd(idle) for idle in (-2, -1, 0, 1, 2)] == [True, False, False, False, True]
    day = Span(100, 200)
    assert reconciling.idle_10wh(day, [Span(90, 150), Span(140, 205)]) == -10  # charged twice


def test_a_register_that_was_reset_is_no_day_of_use() -> None:
    """B1.6: 3.52 kW for 25 hours at 1.2 times is 105.6 kWh."""
    assert not reconciling.day_is_odd(Span(0, 10_560), most_w=3520)
    assert reconciling.day_is_odd(Span(0, 10_561), most_w=3520)
    assert reconciling.day_is_odd(Span(500_000, 3), most_w=3520)


@pytest.mark.parametrize(
    ("master", "sockets", "odd"),
    [
        (10_000, 10_000, False),
        (10_000, 9_700, False),
        (10_000, 9_691, False),  # 3 % and the nine steps that eight sockets and a master meter may be off
        (10_000, 9_690, True),
        (10_000, 10_009, False),
        (10_000, 10_010, True),
        (0, 0, False),
        (0, 10, True),
    ],
)
def test_between_nothing_and_three_percent_may_be_lost(master: int, sockets: int, odd: bool) -> None:
    """Section 9."""
    assert Loss(master, sockets, 8).is_odd == odd


def test_what_people_read() -> None:
    assert [reconciling.kwh(steps) for steps in (0, 7_816_212, -5)] == ["0.00", "78,162.12", "-0.05"]
    shares = (None, Fraction(0), Fraction(1, 3), Fraction(-1, 8), Fraction(1, 20_000))
    assert [reconciling.percent(share) for share in shares] == ["–", "0.00%", "33.33%", "-12.50%", "0.01%"]


def test_what_may_lie_about_for_how_long() -> None:
    """Section 9: paying 10 min, starting 1 min, unconfirmed 10 min, refunding 1 h, a stuck one not at all."""
    for state, minutes in ((State.PAYING, 10), (State.STARTING, 1), (State.UNCONFIRMED, 10), (State.REFUNDING, 60)):
        assert not reconciling.is_too_old(state, timedelta(minutes=minutes))
        assert reconciling.is_too_old(state, timedelta(minutes=minutes, seconds=1))
    assert reconciling.is_too_old(State.ATTENTION, timedelta(seconds=1))
    assert not reconciling.is_too_old(State.ACTIVE, timedelta(days=1))


@pytest.mark.parametrize(("fen", "code"), [(0, "bad_amount"), (-1, "bad_amount"), (81, "bad_amount"), (80, "")])
def test_never_goes_back_more_than_was_charged(fen: int, code: str) -> None:
    """B1.8"""
    if not code:
        handwork.check_amount(fen, charged_fen=100, given_back_fen=20)
        return
    with pytest.raises(Refused) as no:
        handwork.check_amount(fen, charged_fen=100, given_back_fen=20)
    assert no.value.code == code


def test_every_state_of_a_refund_by_hand_is_in_the_table() -> None:
    assert set(handwork.NEXT) == set(handwork.STATES) == set(HandState)
