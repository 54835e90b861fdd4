"""The tables of orders and refunds, and the comparison of a day."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as some

from bancheng.kernel.payments import rules
from bancheng.kernel.payments.rules import Match, Movement, OrderState, RefundState


def test_every_state_is_in_its_table_and_final_ones_lead_nowhere() -> None:
    assert set(rules.ORDER_NEXT) == set(OrderState)
    assert set(rules.REFUND_NEXT) == set(RefundState)
    assert all(not rules.REFUND_NEXT[state] for state in rules.FINAL)
    reached, todo = set(), [RefundState.PLANNED]
    while todo:
        state = todo.pop()
        reached.add(state)
        todo += [after for after in rules.REFUND_NEXT[state] if after not in reached]
    assert reached == set(RefundState)


def test_a_refund_is_looked_at_soon_and_then_slower() -> None:
    waits = [rules.next_look(n, RefundState.PROCESSING) for n in range(1, 12)]
    assert waits == sorted(waits)
    assert (waits[0], waits[-1]) == (timedelta(minutes=1), timedelta(minutes=30))
    assert rules.next_look(99, RefundState.UNKNOWN) == timedelta(minutes=5)


SIDES = some.lists(some.builds(Movement, some.sampled_from(["a", "b", "c"]), some.integers(-9, 9)), max_size=8)


@given(ours=SIDES, theirs=SIDES)
def test_each_number_is_in_one_class_and_the_sums_are_kept(ours: list[Movement], theirs: list[Movement]) -> None:
    compared = rules.compare(ours, theirs)
    assert [one.number for one in compared] == sorted({one.number for one in [*ours, *theirs]})
    assert sum(one.ours_fen or 0 for one in compared) == sum(one.fen for one in ours)
    for one in compared:
        mine = [each.fen for each in ours if each.number == one.number]
        other = [each.fen for each in theirs if each.number == one.number]
        expected = Match.OURS_ONLY if not other else Match.THEIRS_ONLY if not mine else None
        assert one.match is (expected or (Match.EQUAL if sum(mine) == sum(other) else Match.AMOUNT))
