"""The sample estates of the reference pack stand in the book as the file says, exactly."""

import pytest

from bancheng.kernel.titles import public as titles
from bancheng.services.landshares.models import Estate, Matter, Outline

pytestmark = pytest.mark.usefixtures("loaded_city")
REGION = "411000"


def test_every_sample_is_in_the_book_and_the_book_verifies() -> None:
    """A7.5, A7.6, F7.3, F7.4"""
    found = {each.code: each for each in titles.parcels(REGION)}
    assert len(found) >= 8
    assert {each.stage for each in found.values()} >= {1, 2, 3, 4}
    assert {each.origin.value for each in found.values()} >= {"new", "e1", "e2", "e3", "e4", "industrial"}
    assert not list(titles.verify())
    for parcel in found:
        total = titles.sheet(REGION, parcel).total
        assert total.with_buyers + total.with_public + total.presold + total.disposable == total.registered
        assert total.registered == found[parcel].area_dm2


def test_outlines_are_drawn_and_meetings_written() -> None:
    """F7.1, F7.5"""
    assert Estate.objects.get(parcel="411002001001GB00011").ring[0] == ["113.8330000", "34.0310000"]
    assert Outline.objects.filter(estate__parcel="411002001001GB00011").count() == 4
    assert Matter.objects.get(parcel="411002001003GB00013").kind == "e3"
