"""Random lives of a parcel beside a second book by exact fractions: whatever is recorded, both say the same (LI1–LI9, LI13, LI14, R7.8)."""

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as some

from bancheng.kernel.titles import public as titles
from bancheng.kernel.titles.testing import PARCEL, REGION
from bancheng.kernel.titles.tests.lives import STEPS, Life

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(300)]


@settings(
    max_examples=12,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    some.lists(some.lists(some.integers(5000, 20_000), min_size=1, max_size=4), min_size=1, max_size=3),
    some.lists(
        some.tuples(some.sampled_from(STEPS), some.integers(0, 11), some.integers(0, 11)), min_size=4, max_size=20
    ),
)
def test_whatever_is_recorded_in_whatever_order_both_books_say_the_same(
    buildings: list[list[int]], steps: list[tuple[str, int, int]]
) -> None:
    with transaction.atomic():
        life = Life(buildings)
        for what, first, second in steps:
            life.step(what, first, second)
            life.both_say_the_same()
        assert list(titles.verify()) == []
        transaction.set_rollback(True)


@pytest.mark.parametrize("seed", range(3))
def test_a_long_life_to_its_end(seed: int) -> None:
    """From the first plan to the final adjustment, with everything that can be measured, registered and finished."""
    life = Life([[10001, 12002, 9003], [11000, 11555]])
    draws = [(seed * 7 + n * (seed + 3)) % 97 for n in range(24)]
    plan = [(STEPS[draw % 7], draw, draw // 3) for draw in draws]
    for building in (0, 3):
        plan += [("measure", building, 0), ("register", building, 0)]
    plan += [("transfer", n, 0) for n in range(5)] + [("finish", 0, 0)]
    for what, first, second in plan:
        life.step(what, first, second)
        life.both_say_the_same()
    assert titles.parcel(REGION, PARCEL).plan_final
    assert list(titles.verify()) == []
