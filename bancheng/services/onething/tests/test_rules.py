"""The rules of bundles, line by line."""

from datetime import date

import pytest

from bancheng.kernel.catalogue.public import Source
from bancheng.kernel.clocks import public as clocks
from bancheng.services.onething import rules
from bancheng.services.onething.rules import Way

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("name", "asked", "way"),
    [
        ("营业执照", [(Source.SHARED, True), (Source.SHARED, False)], Way.FETCHED),
        ("经营场所使用证明", [(Source.GAP, False), (Source.GAP, False)], Way.MAY_FOLLOW),
        ("经营场所使用证明", [(Source.GAP, False), (Source.OWN, False)], Way.BROUGHT),
        ("场所平面图", [(Source.GAP, True)], Way.BROUGHT),
        ("食品经营许可申请书", [(Source.OWN, True)], Way.FORM),
        ("场所平面图", [(Source.OWN, True)], Way.BROUGHT),
    ],
)
def test_a_paper_comes_the_way_every_matter_lets_it(name: str, asked: list[tuple[Source, bool]], way: Way) -> None:
    """R-OT-4, R-RQ-1, R14.3: fetched where all can, later only where all let it and it is secondary."""
    assert rules.way(name, asked) is way


@pytest.mark.parametrize(
    ("today", "stage"),
    [
        (date(2026, 3, 2), "publicity"),
        (date(2026, 3, 22), "publicity"),  # a Sunday: the twentieth day, and it runs on to Monday
        (date(2026, 3, 23), "publicity"),
        (date(2026, 3, 24), "open"),
        (date(2026, 4, 13), "open"),
        (date(2026, 4, 14), "over"),
    ],
)
def test_objections_count_to_the_last_day_and_applications_too(today: date, stage: str) -> None:
    """B14.7, B14.8: an objection on the last day counts, on the day after not; twenty days later it starts again."""
    assert rules.simplified_stage(date(2026, 3, 2), today, clocks.calendar()) == stage


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("许昌市王记饭店（个体工商户）", "许昌市王记饭店(个体工商户)", True),
        ("许昌市 王记饭店", "许昌市王记饭店", True),
        ("许昌市王记饭店", "许昌市王记面馆", False),
    ],
)
def test_a_name_is_the_same_however_it_is_typed(one: str, other: str, same: bool) -> None:
    """B14.10: the restaurant's name is compared with the licence's."""
    assert rules.same_name(one, other) is same


@pytest.mark.parametrize(
    ("typed", "leased", "same"), [(12000, 12000, True), (12000, 12080, True), (12000, 9000, False)]
)
def test_an_area_is_compared_with_the_lease_by_the_square_metre(typed: int, leased: int, same: bool) -> None:
    """B14.2: area in the form against the lease."""
    assert rules.same_area(typed, leased) is same
