"""The parcel's pages: what they show, to whom, and as of which day."""

from collections.abc import Callable
from typing import Any

from django.test import Client

Desk = Callable[..., Client]
WENMIAO, LUMING, CHUNQIU, XIN = (
    "411025001001GB00001",
    "411002001001GB00011",
    "411002001003GB00013",
    "411002001002GB00012",
)
SHEET_AT_MOST = 25  # statements of the parcel's page, sessions and doors included


def text(client: Client, path: str, status: int = 200, **query: Any) -> str:
    answer = client.get(f"/landshares/{path}", query)
    assert answer.status_code == status, answer.content.decode()[:400]
    return answer.content.decode()


def test_the_list_shows_every_parcel_of_the_unit_and_finds_by_name(desk: Desk) -> None:
    """F7.11"""
    assert "鹿鸣园" in text(desk("surveyor"), "parcels/")
    found = text(desk("registry_reviewer"), "parcels/", q="文庙")
    assert "文庙雅苑" in found
    assert "鹿鸣园" not in found
    assert "鹿鸣园" not in text(desk("registry_booker", "xiangcheng-registry"), "parcels/")
    first = text(desk("surveyor"), "parcels/", stage="1")
    assert "颍河名邸" in first
    assert "鹿鸣园" not in first


def test_a_parcel_shows_shares_fractions_rights_and_a_drawing_with_words(desk: Desk) -> None:
    """F7.6, F7.10"""
    page = text(desk("surveyor"), f"parcels/{LUMING}/")
    assert "15,600.50" in page
    for word in ("已预售", "查封", "轮候", "抵押", "许昌市鹿鸣置业有限公司"):
        assert word in page
    assert "<rect" in page
    assert 'role="img"' in page
    assert "赵建军" not in page  # a buyer is masked


def test_a_past_day_is_shown_as_it_was_known_on_another(desk: Desk) -> None:
    """F7.9: what is true for date V, by what was recorded on date R"""
    client = desk("registry_acceptor")
    before = text(client, f"parcels/{LUMING}/", valid="2024-02-01", known="2024-02-01")
    assert "整宗地" in before
    assert "1幢" not in before
    later = text(client, f"parcels/{LUMING}/", valid="2024-12-01", known="2024-12-01")
    assert "已预售" in later
    assert "（2025）豫10执118号" not in later
    text(client, f"parcels/{LUMING}/", status=422, valid="2099-01-01")
    text(client, f"parcels/{LUMING}/", status=422, valid="yesterday")


def test_another_county_and_another_role_do_not_find_it(desk: Desk) -> None:
    """R7.10"""
    stranger = desk("registry_acceptor", "xiangcheng-registry")
    for path in ("", "plan/", "plan.csv", "sheet/", "sheet.pdf", "history/", "steps/"):
        text(stranger, f"parcels/{LUMING}/{path}", status=404)
        text(desk("bank_clerk", "boc"), f"parcels/{LUMING}/{path}", status=403)
    text(desk("surveyor"), "parcels/411002009009GB09999/", status=404)


def test_the_plan_is_a_table_and_a_file_and_every_version_stays(desk: Desk) -> None:
    """F7.7"""
    client = desk("surveyor")
    page = text(client, f"parcels/{WENMIAO}/plan/")
    assert "建设用地使用权共有份额量化计划表" in page
    assert "实测" in page
    assert "第1版" in page
    assert "预测" in text(client, f"parcels/{WENMIAO}/plan/", version="1")
    rows = text(client, f"parcels/{WENMIAO}/plan.csv").splitlines()
    assert "建筑面积（平方米）" in rows[0]
    assert len(rows) > 40
    assert "还没有量化计划表" in text(client, "parcels/411025001002GB00002/plan/")
    text(client, "parcels/411025001002GB00002/plan.csv", status=404)


def test_the_sheet_is_derived_and_each_line_leads_to_its_entry(desk: Desk) -> None:
    """F7.9"""
    client = desk("land_group")
    page = text(client, f"parcels/{LUMING}/sheet/")
    assert "15,600.50" in page
    assert f"history/?lot={LUMING}" in page
    assert "中国工商银行" in page
    pdf = client.get(f"/landshares/parcels/{LUMING}/sheet.pdf")
    assert pdf["Content-Type"] == "application/pdf"
    assert pdf.content.startswith(b"%PDF")


def test_the_history_keeps_every_entry(desk: Desk) -> None:
    """B7.10, F7.12"""
    page = text(desk("registry_reviewer"), f"parcels/{CHUNQIU}/history/")
    assert "存量导入" in page
    one = text(desk("registry_reviewer"), f"parcels/{CHUNQIU}/history/", lot=f"{CHUNQIU}F00010001")
    assert f"{CHUNQIU}F00010002" not in one


def test_the_big_page_asks_a_fixed_number_of_questions(desk: Desk, django_assert_max_num_queries: Any) -> None:
    client = desk("surveyor")
    text(client, f"parcels/{WENMIAO}/")
    with django_assert_max_num_queries(SHEET_AT_MOST):
        text(client, f"parcels/{LUMING}/")
