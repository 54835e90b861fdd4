"""What a survey says, and every way in which it cannot be taken."""

import json

import pytest

from bancheng.lib.refusal import Refused
from bancheng.services.landshares.rules import amounts, surveys

BUILDING = "411025001001GB00001F0001"
UNITS = [f"{BUILDING}{n:04d}" for n in (1, 2, 3)]
CSV = f"unit,area,category\n{UNITS[0]},100.01,saleable\n{UNITS[1]},120.02,saleable\n{UNITS[2]},90.03,saleable\ntotal,310.06,\n"


def check(code: str) -> None:
    if not code.startswith(BUILDING) or len(code) != 28:
        raise Refused("unit_code_form", "户代码不属于这一幢。", en="The code lies under another building.")


def read(text: str) -> surveys.Survey:
    return surveys.read(text.encode(), check=check)


def test_a_survey_is_read_to_the_hundredth_of_a_square_metre() -> None:
    """F7.7"""
    found = read(CSV)
    assert [row.floor_dm2 for row in found.rows] == [10001, 12002, 9003]
    assert (found.total_dm2, found.sum_dm2, found.bad) == (31006, 31006, ())


def test_chinese_headings_and_categories_are_read_alike() -> None:
    found = read(f"不动产单元代码,建筑面积,用途类别\n{UNITS[0]},100.01,可售\n{UNITS[1]},20,业主共有\n合计,120.01,\n")
    assert [row.category for row in found.rows] == ["saleable", "common"]
    assert not found.bad


@pytest.mark.parametrize("area", ["100.015", "1e2", "-3", "100,5", "", "NaN", "1.", "0100.1", "１００"])
def test_an_area_that_is_no_decimal_of_two_places_is_named_with_its_line(area: str) -> None:
    """B7.8"""
    found = read(CSV.replace("120.02", area if "," not in area else f'"{area}"'))
    assert [bad.line for bad in found.bad] == [3]
    assert "两位小数" in found.bad[0].says.zh


def test_each_bad_row_is_named_and_not_only_the_first() -> None:
    """B7.9"""
    text = (
        CSV.replace(UNITS[1], UNITS[0]).replace("90.03,saleable", "90.03,garden")
        + "411025001001GB00002F00010001,5.00,saleable\n"
    )
    found = read(text)
    assert [bad.line for bad in found.bad] == [3, 4, 6]
    assert "第2行已经写过" in found.bad[0].says.zh
    assert "不属于这一幢" in found.bad[2].says.zh


def test_a_total_that_misses_one_hundredth_is_noticed() -> None:
    """B7.1"""
    (bad,) = read(CSV.replace("310.06", "310.05")).bad
    assert "310.05" in bad.says.zh
    assert "310.06" in bad.says.zh


def geojson(area: str = "100.01", datum: str = "CGCS2000", close: bool = True) -> str:
    ring = [[113.82, 34.02], [113.821, 34.02], [113.821, 34.021], [113.82, 34.02 if close else 34.03]]
    feature = {
        "type": "Feature",
        "properties": {"unit": UNITS[0], "area": "AREA", "category": "saleable"},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
    whole = {"type": "FeatureCollection", "datum": datum, "total": "AREA", "features": [feature]}
    return json.dumps(whole).replace('"AREA"', area)


def test_a_number_of_geojson_is_taken_as_it_is_written() -> None:
    """B7.8: 100.01 is 10001 dm², and no float was in between"""
    found = read(geojson())
    assert [row.floor_dm2 for row in found.rows] == [10001]
    assert found.outlines[UNITS[0]][0] == ("113.82", "34.02")
    assert not found.bad
    assert read(geojson("100.0099999999999909")).bad
    assert read(geojson("1.0001e2")).bad


def test_geojson_without_datum_or_with_an_open_ring_is_refused() -> None:
    assert "坐标系" in read(geojson(datum="GCJ-02")).bad[0].says.zh
    assert "多边形" in read(geojson(close=False)).bad[0].says.zh
    assert read('{"features": [').bad
    assert read("{}").bad


def test_nothing_and_another_encoding_are_said_so() -> None:
    assert read("").bad
    assert read("unit,area\n").bad
    assert "UTF-8" in surveys.read("不动产".encode("gbk"), check=check).bad[0].says.zh


def test_an_officer_sees_what_differs_from_the_plan_and_the_permit() -> None:
    """B7.1"""
    found = read(CSV)
    told = surveys.against(found, expected={UNITS[0]: 1, "x": 1}, permit_dm2=31000)
    assert ["多2户" in told[0].zh, "少1户" in told[1].zh, "0.06" in told[2].zh] == [True, True, True]
    assert not surveys.against(found, expected={}, permit_dm2=31006)


def test_amounts_are_written_with_two_decimals() -> None:
    assert [amounts.shown(n) for n in (0, 5, 123456, -7, None)] == ["0.00", "0.05", "1,234.56", "-0.07", "—"]
    assert amounts.read(amounts.plain(34_600_000_000)) == 34_600_000_000
