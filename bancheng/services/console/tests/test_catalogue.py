"""The catalogue on its page: found, filtered, and honest about what guides lack."""

from dataclasses import replace

import pytest

from bancheng.kernel.catalogue import testing as city
from bancheng.kernel.identity import testing as people
from bancheng.services.console import queries

pytestmark = pytest.mark.django_db


@pytest.fixture
def keeper():
    return people.client_for(people.staff("catalogue_admin"))


@pytest.fixture
def matter():
    return city.matter()


def text(answer):
    assert answer.status_code == 200
    return answer.content.decode()


def test_matters_units_and_areas_are_found(keeper, matter):
    assert matter.name in text(keeper.get("/console/catalogue/"))
    assert "没有符合条件的内容" in text(keeper.get("/console/catalogue/?view=units&q=no-such-unit"))
    assert matter.unit in text(keeper.get("/console/catalogue/?view=units"))
    assert keeper.get("/console/catalogue/?view=areas").status_code == 200
    assert keeper.get("/console/catalogue/?view=nonsense&page=zz").status_code == 200


def test_what_a_guide_lacks_is_said(matter):
    """R-OT-3 R-OT-4: a guide without an online way, with nothing fetched, or promising no less than the law says so."""
    poor = replace(matter, channels=(), promised=matter.statutory, keywords=(), materials=matter.materials)
    words = {each.zh for each in queries.gaps(poor)}
    assert {"不能网上申请", "承诺时限没有比法定时限短", "没有检索词"} <= words


def test_only_those_that_lack_something_are_shown(keeper, matter):
    shown = text(keeper.get("/console/catalogue/?lacking=on"))
    assert (matter.name in shown) is bool(queries.gaps(matter))


def test_without_a_pack_the_page_says_so(keeper):
    assert "核对资料包是否已载入" in text(keeper.get("/console/catalogue/"))


def test_the_page_is_complete_in_english(keeper, matter):
    keeper.cookies["django_language"] = "en"
    for view in ("matters", "units", "areas"):
        assert "Catalogue" in text(keeper.get(f"/console/catalogue/?view={view}"))


def test_others_are_refused():
    assert people.client_for(people.staff("operator")).get("/console/catalogue/").status_code == 403
