"""Calendars on their page: what is loaded, what a file would change, put forward by one and confirmed by another."""

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.clocks import testing as clocks_testing
from bancheng.kernel.identity import testing as people
from bancheng.lib.refusal import Refused
from bancheng.services.console import yearfile

pytestmark = pytest.mark.django_db
CSV = "日期,类型,名称\n2027-01-01,放假,元旦\n2027-05-01,放假,劳动节\n2027/10/01,放假,国庆节\n2027-10-02,放假,国庆节\n2027-10-03,放假,国庆节\n2027-01-02,上班\n"


@pytest.fixture(autouse=True)
def _2026(monkeypatch):
    """The year that is not published yet must lie one ahead, whenever these tests run."""
    monkeypatch.setattr(clocks, "now", lambda: clocks.real_now().replace(year=2026, month=11, day=20))


@pytest.fixture
def first():
    return people.client_for(people.staff("calendar_admin", name="何静"))


@pytest.fixture
def second():
    return people.client_for(people.staff("calendar_admin", name="曹勇"))


def text(answer):
    return answer.content.decode()


def post(client, act="try", *, days=CSV, file=None, **changed):
    sent = {"year": "2027", "source": "国办发明电〔2026〕9号", "days": days, "act": act, **changed}
    if file is not None:
        sent["file"] = SimpleUploadedFile("2027.csv", file)
    return client.post("/console/calendars/", sent)


def test_the_years_are_shown_with_their_source_and_what_is_not_published(first):
    """R-CLK-9: beyond the last notice every date is provisional, and the page says so."""
    page = text(first.get("/console/calendars/"))
    assert "国办发明电〔2025〕7号" in page
    assert "放假安排已载入到2026-12-31" in page
    assert "尚未载入" in page


def test_a_notice_is_tried_put_forward_and_confirmed_by_another(first, second):
    """P-2 R-CLK-9"""
    tried = text(post(first))
    assert "首次载入" in tried
    assert "2027-10-01" in tried
    assert clocks.proposals() == []
    assert post(first, "propose")["Location"] == "/console/calendars/"
    (waiting,) = clocks.proposals()
    page = text(first.get("/console/calendars/"))
    assert "提交人自己不能确认" in page
    assert f"/calendars/{waiting.id}/confirm/" not in page
    refused = first.post(f"/console/calendars/{waiting.id}/confirm/")
    assert "须由另一人确认" in text(refused)
    assert f"/calendars/{waiting.id}/confirm/" in text(second.get("/console/calendars/"))
    assert "2027年放假安排已生效" in text(second.post(f"/console/calendars/{waiting.id}/confirm/", follow=True))
    assert clocks.calendar().known_until.year == 2027


def test_a_notice_is_turned_down_and_nothing_changes(first, second):
    post(first, "propose")
    (waiting,) = clocks.proposals()
    assert "日历没有改动" in text(second.post(f"/console/calendars/{waiting.id}/turn-down/", follow=True))
    assert clocks.proposals() == []
    again = second.post(f"/console/calendars/{waiting.id}/confirm/")
    assert again.status_code == 409
    assert "已经处理过" in text(again)


def test_a_file_takes_the_place_of_the_lines(first):
    shown = text(post(first, days="", file=CSV.encode("gb18030")))
    assert "2027-01-02,上班" in shown
    assert "提交第二人确认" in shown


def test_the_shipped_file_is_read_as_well(first):
    path = Path(clocks_testing.__file__).parent / "data" / "calendar" / "2026.toml"
    found = yearfile.read(path.read_bytes())
    assert (found.year, found.source) == (2026, "国办发明电〔2025〕7号")
    assert yearfile.read(found.lines.encode()).rest == found.rest
    unchanged = post(first, "propose", file=path.read_bytes(), days="")
    assert "内容与现行的2026年安排" in text(unchanged)


@pytest.mark.parametrize(
    ("days", "says"),
    [
        ("2027-13-01,放假,元旦", "第1行：“2027-13-01”不是日期"),
        ("2027-01-01,休息", "第1行：第二列请写"),
        ("2027-01-01,放假\n2027-01-01,上班", "第2行：2027-01-01写了两次"),
        ("2027-01-01,放假", "缺少法定节假日2027年5月1日"),
        ("", "没有列出任何放假日"),
    ],
)
def test_what_cannot_be_right_is_told_and_kept_in_the_form(first, days, says):
    answer = post(first, "propose", days=days)
    assert answer.status_code == 422
    assert says in text(answer)
    assert clocks.proposals() == []


@pytest.mark.parametrize("data", [b"x" * (yearfile.LARGEST + 1), b"\xff\xff\xff", b"[[rest]]\nname ="])
def test_a_file_that_is_none_is_refused(data):
    with pytest.raises(Refused, match="bad_year_file"):
        yearfile.read(data)


def test_the_table_of_time_limits_is_read_only():
    page = people.client_for(people.staff("auditor")).get("/console/clock-table/")
    assert "C-02.decide" in text(page)
    assert people.client_for(people.staff("auditor")).post("/console/clock-table/").status_code == 405


def test_the_pages_are_complete_in_english(first):
    first.cookies["django_language"] = "en"
    assert "Later dates are provisional" in text(first.get("/console/calendars/"))
    assert "What silence comes to" in text(first.get("/console/clock-table/"))
    assert "loaded for the first time" in text(post(first))


def test_others_read_or_are_refused(first):
    auditor = people.client_for(people.staff("auditor"))
    assert "载入或更正一年" not in text(auditor.get("/console/calendars/"))
    assert post(auditor, "propose").status_code == 403
    assert people.client_for(people.staff("unit_admin", unit="market")).get("/console/calendars/").status_code == 403
