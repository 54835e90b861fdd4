"""The licence alarm as people walk it, in one house with a real worker and real gateways: ledger, message, answer, call, board."""

import io
import re
from datetime import timedelta

import pytest
from openpyxl import load_workbook
from playwright.sync_api import expect

from tests.journeys.conftest import axe, shot, sideways
from tests.journeys.eyes import faults
from tests.journeys.town import KINDS, PERSON, TODAY, book, of_person, row, spoiled, until

CHECK_PAGE = re.compile("核验页|The check page")
# page -> who opens it; {…} are addresses that `addresses` finds
PAGES = {
    "/expiry/": "",
    "/expiry/?words=nothing": "",
    "/expiry/notice/": "",
    "/expiry/items/food-business/": "",
    "/expiry/mine/": "li-xiulan",
    "{licence}": "li-xiulan",
    "{licence}show/": "li-xiulan",
    "{licence}show/ > 核验页": "li-xiulan",
    "/expiry/mine/?nobody": "liu-qiang",
    "/expiry/ledgers/": "unit-admin",
    "{ledger}": "unit-admin",
    "/expiry/tasks/": "unit-admin",
    "/expiry/tasks/?show=own": "section-officer",
    "{task}": "section-officer",
    "/expiry/licences/": "unit-admin",
    "/expiry/review/": "unit-admin",
    "/expiry/review/items/medical-device/": "unit-admin",
    "/expiry/review/items/food-business/": "unit-admin",
    "/expiry/board/": "supervisor",
    "/expiry/board/?unit": "unit-admin",
}


@pytest.fixture(scope="module")
def addresses(town):
    """The addresses of one ledger with bad rows, one licence, and one task that is an officer's own."""
    admin, holder, officer = town.visitor("unit-admin"), town.visitor("li-xiulan"), town.visitor("section-officer")
    soon = TODAY + timedelta(days=26)
    rows = [of_person("li-xiulan", KINDS[0][0], "JY14110022700001", soon, 绿色通道="是"), *spoiled(TODAY)]
    ledger = town.upload(admin, "李秀兰的台账.xlsx", book(rows))
    holder.goto("/expiry/mine/")
    licence = holder.get_by_role("link", name="看看怎么办").get_attribute("href")
    officer.goto("/expiry/tasks/?number=SC1")
    officer.locator("td a[href*='/tasks/']").last.click()
    officer.get_by_role("button", name="领取任务").click()
    task = officer.url
    for page in (admin, holder, officer):
        page.context.close()
    return {"licence": licence, "ledger": ledger, "task": task}


@pytest.mark.parametrize("js", [True, False], ids=["scripts", "no-scripts"])
def test_a_ledger_becomes_a_message_an_answer_a_call_and_a_figure(town, js):
    """F10.3 F10.5 F10.6 F10.7 F10.14 B10.9: from the unit's workbook to the supervisor's board."""
    who, mark = ("zhao-jianjun", "1") if js else ("zhang-wei", "2")
    number, called = f"JY1411002281000{mark}", f"JY1411002282000{mark}"
    read_the_ledger(town, js, who, number, called)
    link = inspect_and_get_the_message(town, js, who)
    answer_on_the_phone(town, js, who, link)
    work_the_call(town, js, called)
    read_the_board(town, js)


def read_the_ledger(town, js, who, number, called):
    page = town.visitor("unit-admin", js=js)
    page.goto("/")
    page.goto("/expiry/board/")
    page.get_by_role("link", name="工作台账").click()
    kind, _, years, _ = KINDS[0]
    rows = [
        row(kind, f"JY14110{2 if js else 3}29{n:05d}", 1000 + n, TODAY + timedelta(days=400 + n), years)
        for n in range(300)
    ]
    rows += [of_person(who, kind, number, TODAY + timedelta(days=28))]
    rows += [row(kind, called, 1500 + js, TODAY + timedelta(days=3))]
    page.set_input_files(
        "input[type=file]",
        {"name": f"台账{js}.xlsx", "mimeType": "application/zip", "buffer": book([*rows, *spoiled(TODAY)])},
    )
    page.get_by_role("button", name="上传并导入").click()
    if js:  # the bar moves without a reload
        expect(page.get_by_text("读完310行")).to_be_visible(timeout=20_000)
        assert page.evaluate("performance.getEntriesByType('navigation')[0].type") == "navigate"
    else:  # without scripts the page fetches itself anew, or the reader presses
        assert until(lambda: page.get_by_text("读完310行").count() == 1, 20), page.inner_text("main")
    main = page.inner_text("main")
    assert re.search(r"新增\s*302", main), main
    assert re.search(r"退回\s*8", main), main
    with page.expect_download() as download:
        page.get_by_role("link", name="下载退回的行").click()
    sheet = load_workbook(io.BytesIO(download.value.path().read_bytes()), read_only=True).active
    back = list(sheet.iter_rows(values_only=True))
    assert back[0][0] == "原因"
    assert len(back) == 9
    assert all(line[0] for line in back[1:])
    assert "JY941" not in main
    shot(page, f"expiry-walk-ledger-{js}")
    page.context.close()


def inspect_and_get_the_message(town, js, who):
    page = town.visitor("supervisor", js=js)
    town.inspect(page)
    page.context.close()
    phone = town.visitor(width=390, js=js)
    address = f"{town.sim}/phone/?n={PERSON[who].mobile}"

    def came():
        phone.goto(address)
        return phone.get_by_text("食品经营许可证").count() > 0

    assert until(came, 30), phone.inner_text("main")
    card = phone.locator("article", has_text="食品经营许可证").last
    expect(card).to_contain_text("11月30日")  # the last day to apply, not the last day of the licence
    shot(phone, f"expiry-walk-phone-{js}")
    card.get_by_role("button", name="查看详情").click()
    phone.wait_for_url(f"{town.url}/**")
    assert "/sign-in/" in phone.url  # whoever finds the phone sees nothing yet
    link = re.search(r"next=([^&]+)", phone.url)
    phone.context.close()
    assert link
    return link[1].replace("%2F", "/")


def answer_on_the_phone(town, js, who, link):
    page = town.visitor(who, width=390, js=js)
    page.goto(link)
    main = page.locator("main")
    expect(page.get_by_role("heading", level=1)).to_have_text("食品经营许可证怎么续")
    expect(main).to_contain_text(re.compile(r"距最晚申请日\s*还有\s*7\s*天"))
    page.get_by_text("这个日期怎么算的").click()
    expect(main.get_by_text("向前推算15个工作日")).to_be_visible()
    assert sideways(page) == 0
    shot(page, f"expiry-walk-licence-{js}")
    for says, noted in (("已经办了", "发证单位正在核实"), ("不再续办", "您说不再续办")):
        page.get_by_role("button", name=says).click()
        expect(main).to_contain_text(noted)
        page.get_by_role("button", name="撤回，继续提醒我").click()
        expect(main).to_contain_text("已恢复提醒")
        expect(page.get_by_role("button", name="已经办了")).to_be_visible()
    page.get_by_role("link", name="我的证照").first.click()
    expect(main).to_contain_text("抓紧申请")
    page.context.close()


def work_the_call(town, js, called):
    page = town.visitor("section-officer", js=js)
    page.goto("/expiry/tasks/")
    page.get_by_label("证号开头").fill(called)
    page.get_by_role("button", name="查找").click()
    page.get_by_role("link", name="一对一提醒").click()
    expect(page.get_by_text(called)).to_be_visible()
    mobile = page.locator("main a[href^='tel:1']")
    expect(mobile).to_have_count(0)
    page.get_by_role("button", name="领取任务").click()
    page.get_by_role("button", name="显示联系方式").click()
    expect(mobile).to_have_text(re.compile(r"^1\d{10}$"))
    expect(page.get_by_text("本次查看已记录")).to_be_visible()
    shot(page, f"expiry-walk-task-{js}")
    page.get_by_label("电话", exact=True).check()
    page.get_by_label("已告知本人，将去办理").check()
    page.get_by_role("button", name="办结任务").click()
    expect(page.locator("main")).to_contain_text("已办结，结果已记录")
    page.context.close()


def read_the_board(town, js):
    page = town.visitor("supervisor", js=js)
    page.goto("/expiry/board/")
    for words in ("按时续证率", "7天内行动", "一对一按期办结", "避免停业", "已送达", "市场监管", "这些数字怎么算"):
        expect(page.locator("main")).to_contain_text(words)
    assert PERSON["zhao-jianjun"].name not in page.content()
    with page.expect_download() as download:
        page.get_by_role("link", name="下载（CSV）").click()
    assert "按时续证率" in download.value.path().read_text(encoding="utf-8-sig")
    shot(page, f"expiry-walk-board-{js}")
    page.context.close()


def test_an_item_is_withdrawn_after_a_second_question_and_put_back(town):
    """F10.13"""
    page = town.visitor("unit-admin", js=False)
    page.goto("/expiry/review/")
    page.get_by_role("link", name=re.compile("^撤下.*医疗器械")).click()
    page.get_by_role("button", name="确认撤下").click()
    expect(page.locator("main")).to_contain_text("新增0项，撤下1项")
    everybody = town.visitor()
    everybody.goto("/expiry/?words=医疗器械")
    expect(everybody.locator("main")).not_to_contain_text("第三类医疗器械")
    page.get_by_role("button", name=re.compile("^恢复.*医疗器械")).click()
    expect(page.locator("main")).to_contain_text("撤下0项")
    page.get_by_role("link", name=re.compile("^撤下.*食品经营")).click()
    expect(page.locator("main")).to_contain_text("现在不能撤下")
    expect(page.get_by_role("button", name="确认撤下")).to_have_count(0)
    for each in (page, everybody):
        each.context.close()


def test_a_wrong_file_is_refused_beside_the_form(town):
    page = town.visitor("unit-admin", width=390)
    page.goto("/expiry/ledgers/")
    page.set_input_files(
        "input[type=file]", {"name": "台账.xlsx", "mimeType": "application/pdf", "buffer": b"%PDF-1.7"}
    )
    page.get_by_role("button", name="上传并导入").click()
    expect(page.get_by_role("alert")).to_contain_text("未导入任何数据")
    expect(page.get_by_role("button", name="上传并导入")).to_be_visible()
    assert axe(page) == []
    page.context.close()


def test_the_holder_s_page_prints_without_its_furniture(town, addresses):
    page = town.visitor("li-xiulan")
    page.goto(addresses["licence"])
    page.emulate_media(media="print")
    expect(page.get_by_role("button", name="已经办了")).to_be_hidden()
    expect(page.get_by_role("heading", name="怎么续", exact=True)).to_be_visible()
    shot(page, "expiry-licence-print")
    page.context.close()


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_open_to_everyone_s_eyes(town, addresses, path):
    """Both languages, three widths, three letter sizes: no barrier, nothing sideways, no words of the other language."""
    address, _, link = path.format(**addresses).partition(" > ")
    found = faults(town, PAGES[path], address, link=CHECK_PAGE if link else None)
    assert not found, "\n".join(map(str, found))
