"""The pages of guides: each works, in both languages, and says no with a way on."""

import csv
import io
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils.html import escape

from bancheng.kernel.catalogue import public as catalogue
from bancheng.kernel.catalogue import testing
from bancheng.kernel.clocks import public as clocks
from bancheng.services.guides import queries
from bancheng.services.guides.service import SERVICE

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture(autouse=True)
def _city() -> None:
    testing.city()
    testing.domain()
    testing.outlet("hall", "政务服务大厅", aliases=("市民之家",))
    testing.matter("food-business", outlets=("hall",), keywords=("开饭店",))
    testing.matter(
        "driving",
        name="机动车驾驶证期满换证",
        name_en="Renewal of the driving licence",
        licence_type="driving",
        fee_fen=1000,
        fee_basis="每证10元",
        materials=(
            catalogue.Material("身份证", "ID card", main=True, source=catalogue.Source.SHARED),
            catalogue.Material("照片", "Photograph", main=False, source=catalogue.Source.GAP, copies=2),
        ),
    )


def get(client: Client, address: str, *, status: int = 200, english: bool = False, **query: str) -> str:
    if english:
        client.cookies["django_language"] = "en"
    answer = client.get(address, query)
    assert answer.status_code == status
    return answer.content.decode()


ADDRESSES = [
    "/guides/",
    "/guides/units/",
    "/guides/units/market/",
    "/guides/domains/market/",
    "/guides/outlets/hall/",
    "/guides/food-business/",
    "/guides/guides.csv",
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_page_opens_for_anybody(client: Client, address: str) -> None:
    get(client, address)


@pytest.mark.parametrize("address", ADDRESSES[:-1])
def test_every_page_has_one_heading_and_speaks_english(client: Client, address: str) -> None:
    shown = get(client, address, english=True)
    assert shown.count("<h1") == 1
    assert 'lang="en"' in shown
    assert "Guides" in shown
    assert "style=" not in shown.split("<main")[1].split("</main>")[0]


def test_a_guide_says_all_that_a_person_needs(client: Client) -> None:
    """R-OT-3 R4.2: 行政许可法 第三十条"""
    shown = get(client, "/guides/driving/")
    for words in (
        "机动车驾驶证期满换证", "许可证在有效期内", "身份证", "免交", "照片", "可容缺", "20个工作日", "5个工作日", "10.00元", "每证10元",
        "河南政务服务网", "0374-2000000", "《行政许可法》第五十条", "清单之外的材料，窗口不得要求您提供",
    ):  # fmt: skip
        assert words in shown, words
    english = get(client, "/guides/driving/", english=True)
    for words in (
        "Renewal of the driving licence",
        "no need to bring",
        "may follow later",
        "20 working days",
        "10.00 yuan",
    ):
        assert words in english, words


def test_a_guide_without_fee_says_so_and_names_its_outlet(client: Client) -> None:
    shown = get(client, "/guides/food-business/")
    assert "不收费" in shown
    assert "政务服务大厅" in shown
    assert "工作日09:00—12:00、13:00—17:00" in shown


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/guides/nothing/", 404),
        ("/guides/units/nothing/", 404),
        ("/guides/domains/nothing/", 404),
        ("/guides/outlets/nothing/", 404),
    ],
)
def test_what_is_not_there_is_refused_with_a_way_on(client: Client, address: str, status: int) -> None:
    assert "请" in get(client, address, status=status)


def test_nothing_can_be_written_here(client: Client) -> None:
    for address in ADDRESSES:
        assert client.post(address).status_code in (403, 405)


@pytest.mark.parametrize(
    ("asked", "code"),
    [("驾照", "driving"), ("驾驶", "driving"), ("换证", "driving"), ("饭店", "food-business"), ("jsz", "driving")],
)
def test_two_characters_pinyin_and_the_word_people_use_find_the_guide(client: Client, asked: str, code: str) -> None:
    """R4.1 D1b"""
    shown = get(client, "/guides/", q=asked)
    assert f'href="/guides/{code}/"' in shown
    assert "项" in shown


def test_a_whole_question_brings_the_nearest_and_a_person_to_call(client: Client) -> None:
    """B4.3 R4.1"""
    shown = get(client, "/guides/", q="想要办理驾驶证换证，我都需要准备啥？")
    assert "没有完全相符的，这些最接近" in shown
    assert 'href="/guides/driving/"' in shown
    assert 'href="tel:12345"' in shown


def test_no_result_names_the_hotline_and_the_fields(client: Client) -> None:
    """B4.3"""
    shown = get(client, "/guides/", q="火箭发射")
    assert "没有找到“火箭发射”" in shown
    assert 'href="tel:12345"' in shown
    assert "/guides/domains/market/" in shown


def test_a_script_in_a_question_is_shown_as_words(client: Client) -> None:
    """B4.9"""
    asked = "<script>alert(1)</script>"
    shown = get(client, "/guides/", q=asked)
    assert asked not in shown
    assert escape(asked) in shown


def test_a_very_long_question_is_cut_and_answered(client: Client) -> None:
    get(client, "/guides/", q="驾" * 5000)


def test_an_outlet_lists_everything_it_does(client: Client) -> None:
    """F4.6"""
    shown = get(client, "/guides/outlets/hall/")
    assert "food-business" in shown
    assert "driving" not in shown


def test_open_doors_come_first_and_closed_ones_say_when() -> None:
    """R4.3 R4.6 B4.8: 14 February 2026 is a Saturday that is worked, 15 February begins the Spring Festival"""
    testing.outlet("sunday", "周日窗口", hours="周日 09:00-12:00")
    places = catalogue.outlets(codes=["sunday", "hall"])
    worked = queries.doors(places, at=datetime(2026, 2, 14, 10, 0, tzinfo=SHANGHAI))
    assert [(door.outlet.code, door.is_open) for door in worked] == [("hall", True), ("sunday", False)]
    assert worked[1].opens_at == datetime(2026, 2, 15, 9, 0, tzinfo=SHANGHAI)
    festival = queries.doors(places, at=datetime(2026, 2, 16, 10, 0, tzinfo=SHANGHAI))
    assert not any(door.is_open for door in festival)
    assert {door.outlet.code: door.opens_at for door in festival} == {
        "sunday": datetime(2026, 2, 22, 9, 0, tzinfo=SHANGHAI),
        "hall": datetime(2026, 2, 24, 9, 0, tzinfo=SHANGHAI),
    }


def test_all_guides_can_be_downloaded(client: Client) -> None:
    answer = client.get("/guides/guides.csv")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    text = answer.content.decode()
    assert text.startswith("\ufeff")
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert [row["事项"] for row in rows] == ["机动车驾驶证期满换证", "食品经营许可延续"]
    assert rows[0]["收费（元）"] == "10.00"
    assert rows[0]["材料"] == "身份证（免交）；照片（可容缺）"
    assert rows[1]["办理地点"] == "政务服务大厅，试验路1号"


def test_a_guide_asks_the_database_little(client: Client, django_assert_max_num_queries: object) -> None:
    clocks.calendar()  # held in the process
    with django_assert_max_num_queries(11):  # type: ignore[operator]
        get(client, "/guides/food-business/")
    for number in range(20):
        testing.matter(f"more-{number}", name=f"事项{number}", name_en="x", licence_type="")
    with django_assert_max_num_queries(11):  # type: ignore[operator]
        get(client, "/guides/units/market/")


def test_every_page_of_the_service_is_public() -> None:
    assert {page.who for page in SERVICE.pages} == {("public",)}
    assert {page.methods for page in SERVICE.pages} == {("GET",)}
    assert len(SERVICE.pages) == len(ADDRESSES)
