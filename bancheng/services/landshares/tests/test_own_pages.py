"""Developers see their own parcels, buyers their own flats, leaders figures; the map and the exchange file hold no person."""

import json
from collections.abc import Callable
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from django.test import Client

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.identity import public as identity
from bancheng.kernel.identity import testing as people
from bancheng.kernel.titles import public as titles
from bancheng.lib.identifiers import make_uscc
from bancheng.services.landshares import figures
from bancheng.services.landshares.claims import CLAIMS
from bancheng.services.landshares.promises import PROMISES

Desk = Callable[..., Client]
REGION, LUMING, WENMIAO = "411000", "411002001001GB00011", "411025001001GB00001"


def developer() -> Client:
    user = people.citizen("孙志远", serial=909, born=date(1970, 6, 16))
    company = identity.register_organisation(
        region=REGION,
        name="许昌市鹿鸣置业有限公司（示例）",
        uscc=make_uscc("411002", 800_000_004),
        by="t",
        at=clocks.now(),
    )
    identity.link_agent(
        principal=company,
        agent=user.person,
        document="x",
        first=date(2025, 1, 1),
        legal_representative=True,
        by="t",
        at=clocks.now(),
    )
    return people.client_for(user)


def test_a_developer_sees_what_is_left_of_his_own_and_nobody_else_s(loaded_city: None) -> None:
    """R7.10, F7.10"""
    client = developer()
    page = client.get("/landshares/mine/estates/").content.decode()
    assert "鹿鸣园" in page
    assert "文庙雅苑" not in page
    assert "现在可以销售" in client.get(f"/landshares/mine/estates/{LUMING}/").content.decode()
    assert client.get(f"/landshares/mine/estates/{WENMIAO}/").status_code == 404
    assert people.client_for(None).get("/landshares/mine/estates/").status_code == 302


def test_a_buyer_sees_the_land_that_goes_with_his_flat(loaded_city: None) -> None:
    """F7.6"""
    page = (
        people.client_for(people.citizen("赵建军", serial=901, born=date(1978, 5, 12)))
        .get("/landshares/mine/")
        .content.decode()
    )
    for word in ("文庙雅苑", "已登记到您名下", "鹿鸣园", "已预购"):
        assert word in page
    other = people.client_for(people.citizen("别人", serial=7)).get("/landshares/mine/").content.decode()
    assert "您名下还没有量化登记的房屋" in other


def test_the_map_has_its_list_and_its_outlines_with_the_datum(desk: Desk) -> None:
    client = desk("land_group")
    assert "鹿鸣园" in client.get("/landshares/map/").content.decode()
    found = json.loads(client.get("/landshares/map.geojson").content)
    assert found["datum"] == "CGCS2000"
    assert {each["properties"]["kind"] for each in found["features"]} == {"parcel", "building"}
    own = json.loads(desk("surveyor", "xiangcheng-registry").get("/landshares/map.geojson").content)
    assert all(each["id"].startswith("411025") for each in own["features"])
    assert desk("bank_clerk", "boc").get("/landshares/map/").status_code == 403


def test_a_parcel_goes_out_in_the_names_of_the_international_model(desk: Desk) -> None:
    """§16: fractions as integers, areas whole, and no person's name"""
    answer = desk("surveyor").get(f"/landshares/parcels/{LUMING}/ladm.json")
    found = json.loads(answer.content)
    assert (
        sum(
            Fraction(one["shareOfParcel"]["numerator"], one["shareOfParcel"]["denominator"])
            for one in found["LA_Right"]
        )
        == 1
    )
    assert {one["type"] for one in found["LA_Restriction"]} >= {"seizure", "claim"}
    assert found["LA_Mortgage"][0]["ranking"] == 1
    assert "赵建军" not in answer.content.decode()


def test_leaders_see_figures_and_the_file_says_the_same(desk: Desk) -> None:
    client = desk("supervisor")
    page = client.get("/landshares/board/").content.decode()
    assert "解决办证的楼盘" in page
    assert "鹿鸣园" in client.get("/landshares/board.csv").content.decode()
    assert desk("surveyor").get("/landshares/board/").status_code == 403


def test_the_figures_of_the_case_are_counted_from_the_book(loaded_city: None) -> None:
    """A7.1, A7.2, A7.3, A7.4, A7.5, A7.6"""
    found = {code: CLAIMS[code]() for code in CLAIMS}
    assert (found["A7.1"].number, found["A7.2"].number) == (2, 4)
    assert found["A7.3"].number == Fraction(12_866_67, 100)
    assert (found["A7.4a"].number, found["A7.4b"].number) == (1, 80_000_000)
    assert (found["A7.5"].number, found["A7.6"].number) == (5, 4)


def test_the_board_s_sums_are_those_of_the_sheets_in_a_fixed_number_of_questions(
    loaded_city: None, django_assert_num_queries: Any
) -> None:
    """F7.9: one statement for the city says what each sheet says"""
    with django_assert_num_queries(5):
        board = figures.board()
    for line in board.lines:
        sheet = titles.sheet(REGION, line.head.code).total
        for name in figures.AMOUNTS:
            assert getattr(line.total, name) == getattr(sheet, name), (line.head.code, name)


def test_every_promise_is_kept_and_can_be_found_broken(loaded_city: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """F7.1 to F7.12"""
    assert {code: PROMISES[code]().number for code in PROMISES} == dict.fromkeys(PROMISES, 1)
    broken = titles.SheetLine("x", registered=1)
    monkeypatch.setattr(titles, "sheet", lambda *a, **k: titles.Sheet("x", None, None, broken, (broken,), {}, {}))
    for code in ("F7.6", "F7.8", "F7.9"):
        assert PROMISES[code]().number == 0
