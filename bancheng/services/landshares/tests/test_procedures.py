"""The five stages and the four types: every step is there, its way in is known, and the checklist reads the book."""

import pytest

from bancheng.kernel.registrations import public as registrations
from bancheng.services.landshares.rules import drawing, maps, procedures
from bancheng.services.landshares.rules.procedures import EXISTING, KINDS, OF_KIND, STAGES, Mark, checklist


def test_there_are_five_stages_and_four_types_each_with_steps() -> None:
    """A7.5, A7.6, F7.3, F7.4"""
    assert [stage.number for stage in STAGES] == [1, 2, 3, 4, 5]
    assert all(stage.steps for stage in STAGES)
    assert set(EXISTING) < set(KINDS) == set(OF_KIND)


def test_every_step_that_is_handed_in_is_of_a_kind_the_office_knows() -> None:
    """F7.8, F7.12"""
    steps = [step for stage in STAGES for step in stage.steps] + [step for steps in OF_KIND.values() for step in steps]
    assert {step.hand_in for step in steps} - {""} <= set(registrations.kinds())


@pytest.mark.parametrize("kind", ["new", *OF_KIND])
def test_the_first_step_that_is_not_done_is_next_and_the_rest_waits(kind: str) -> None:
    lines = checklist(kind, {Mark.OPENED, Mark.DECIDED})
    states = [line.state for line in lines]
    assert states.count("todo") == 1
    assert states == sorted(states, key=["done", "todo", "blocked"].index)
    assert {line.state for line in checklist(kind, set(Mark))} == {"done"}


def test_a_building_is_drawn_with_the_lowest_floor_below() -> None:
    found = drawing.facade(["a", "b", "c", "d", "e"], 3)
    places = {box.code: (box.x, box.y) for box in found.boxes}
    assert places["a"][1] == places["b"][1] > places["c"][1] > places["e"][1]
    assert drawing.facade([], 0).boxes == ()


def test_outlines_fit_on_their_drawing() -> None:
    ring = [["113.80", "34.00"], ["113.81", "34.00"], ["113.81", "34.01"], ["113.80", "34.00"]]
    found = maps.draw({"p": ring})
    assert found is not None
    assert all(0 <= float(n) <= 640 for pair in found.polygons[0].points.split() for n in pair.split(","))
    assert maps.draw({}) is None
    assert maps.feature("p", ring, kind="parcel")["geometry"] == {
        "type": "Polygon",
        "coordinates": [[[113.8, 34.0], [113.81, 34.0], [113.81, 34.01], [113.8, 34.0]]],
    }
    assert procedures.kind_words("new") is procedures.NEW
