"""The made-up city of estates is as large as the source says, and its own reckoning holds together."""

from bancheng.sim import estates
from bancheng.sim.estates import Kind, apportion, make, reckon, shares


def test_the_whole_city_is_what_the_source_says() -> None:
    """A7.1, A7.2, A7.3, A7.4"""
    city = make()
    assert city.figures["estates"] == 114
    assert city.figures["buildings"] == 845
    assert city.figures["area_dm2"] == 346_000_000
    assert (city.figures["enterprises"], city.figures["raised_fen"]) == (3, 63_000_000_000)
    assert 50_000 < city.figures["units"] < 52_000
    assert {each.stage for each in city.estates} == {1, 2, 3, 4, 5}
    assert {each.kind for each in city.estates} == set(Kind)
    codes = [unit.code for each in city.estates for unit in each.units]
    assert len(codes) == len(set(codes))
    assert all(len(code) == 28 for code in codes)
    assert all(unit.measured_dm2 > 60 * 100 * 0.99 for each in city.estates for unit in each.units if not unit.common)


def test_every_estate_adds_up_to_its_land() -> None:
    """R7.7"""
    for each in make(scale=0.1).estates:
        assert sum(shares(each).values()) == each.area_dm2
        found = reckon(each)
        assert found.with_buyers + found.presold + found.disposable == found.area
        assert found.free <= found.disposable


def test_the_same_seed_is_the_same_city_and_another_is_another() -> None:
    assert make(seed=7, scale=0.1) == make(seed=7, scale=0.1)
    assert make(seed=7, scale=0.1) != make(seed=8, scale=0.1)


def test_what_a_pack_has_already_is_left_out() -> None:
    city = make(estates=110, buildings=830, land_dm2=340_000_000, enterprises=1, raised_fen=33_000_000_000)
    assert (city.figures["estates"], city.figures["buildings"], city.figures["area_dm2"]) == (110, 830, 340_000_000)
    assert (city.figures["enterprises"], city.figures["raised_fen"]) == (1, 33_000_000_000)


def test_the_left_over_goes_to_the_largest_remainders() -> None:
    assert apportion(10_000, {"a": 1, "b": 1, "c": 1}) == {"a": 3334, "b": 3333, "c": 3333}
    assert apportion(48_442, {"1": 10_001, "2": 12_002, "3": 9_003}) == {"1": 15_625, "2": 18_751, "3": 14_066}


def test_outlines_are_closed_and_lie_near_the_city() -> None:
    for each in make(scale=0.1).estates:
        for ring in (each.ring, *(building.ring for building in each.buildings)):
            assert ring[0] == ring[-1]
            assert all(113 < x < 115 and 33 < y < 35 for x, y in ring)
    assert estates.DATUM == "CGCS2000"
