"""The picture of a flow: everything right of what it comes after, and the same content in words."""

from typing import Any

from bancheng.kernel.cases import public as cases
from bancheng.services.onething import diagram, queries
from bancheng.services.onething.tests.conftest import Town


def test_every_flow_of_the_city_is_drawn_from_left_to_right_without_two_boxes_in_one_place(town: Town) -> None:
    """A step stands right of every step it comes after; as many lines as there are such pairs."""
    for flow in cases.current_flows(region=queries.region()):
        picture = diagram.drawn(flow)
        where = {box.code: box for box in picture.boxes}
        assert len({(box.x, box.y) for box in picture.boxes}) == len(flow.steps)
        assert all(where[before].x < where[step.code].x for step in flow.steps for before in step.after)
        assert len(picture.lines) == sum(len(step.after) for step in flow.steps)
        assert all(box.x + diagram.WIDE <= picture.width for box in picture.boxes)


def test_the_guide_says_in_words_what_the_picture_draws(town: Town, client: Any) -> None:
    page = client.get("/onething/open-restaurant/").content.decode()
    picture, words = page.split('class="bc-flow-picture"')[1].split("</svg>", 1)
    for step in queries.bundle("open-restaurant").flow.steps:
        assert diagram.words_in_lines(step.name.zh)[0] in picture
        assert step.name.zh in words


def test_a_long_name_is_cut_into_two_lines_and_words_are_not_broken() -> None:
    assert diagram.words_in_lines("现场核查") == ["现场核查"]
    assert len(diagram.words_in_lines("公众聚集场所投入使用、营业前消防安全检查")) == 2
    assert diagram.words_in_lines("Check of the business licence") == ["Check of the", "business licence"]
