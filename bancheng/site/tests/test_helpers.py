"""Helpers of a replay: each thing is lived once by whoever is free, and one that fails is heard of."""

import pytest

from bancheng.site.replay import helpers
from bancheng.site.tests.halving import halve


def test_every_thing_is_lived_once_and_the_next_is_asked_for_when_somebody_is_free():
    asked = []

    def things():
        for number in range(2, 22, 2):
            asked.append(number)
            yield number

    with helpers.shared(halve, [(), ()]) as crew:
        spread = crew.spread(things())
        over = [next(spread)]
        assert asked == [2, 4]
        over += spread
    assert sorted(over) == asked == list(range(2, 22, 2))


@pytest.mark.parametrize(("number", "says"), [(3, "it has no half"), (0, "it ended with 7")])
def test_a_helper_that_fails_or_ends_is_told(number, says):
    with helpers.shared(halve, [()]) as crew, pytest.raises(RuntimeError, match=says):
        list(crew.spread([2, number, 4]))
