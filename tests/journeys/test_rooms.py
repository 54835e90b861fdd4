"""The other rooms of the house, in the same house as the licence alarm's walks: proof, the operators' console, one's own messages."""

import base64
import re
from datetime import timedelta

import httpx
import pytest
from playwright.sync_api import expect

from bancheng.sim.bank import Bank
from tests.journeys.eyes import faults
from tests.journeys.town import KINDS, TODAY, book, of_person, until

HOLDER = "ayi-guli"
# page -> who opens it; {…} are addresses that `addresses` finds
PAGES = {
    "/proof/": "",
    "/proof/?case=10": "",
    "{claim}": "",
    "/console/roles/": "operator",
    "{account}": "operator",
    "/console/templates/": "notice-admin",
    "{template}": "notice-admin",
    "{template}draft/": "notice-admin",
    "/console/calendars/": "calendar-admin",
    "/console/clock-table/": "calendar-admin",
    "/console/catalogue/": "catalogue-admin",
    "/console/catalogue/?view=units": "catalogue-admin",
    "/console/jobs/": "operator",
    "/console/audit/": "auditor",
    "/console/partners/": "operator",
    "{partner}": "operator",
    "/mine/": HOLDER,
    "{message}": HOLDER,
    "/mine/looks/": HOLDER,
    "/mine/preferences/": HOLDER,
    "/mine/?staff": "unit-admin",
    "{told}": "unit-admin",
}


@pytest.fixture(scope="module")
def addresses(town):
    """One claim, one account, one template, one message of a holder and one of an administrator."""
    admin, supervisor, reader = town.visitor("unit-admin"), town.visitor("supervisor"), town.visitor(HOLDER)
    row = of_person(HOLDER, KINDS[0][0], "JY14110022600001", TODAY + timedelta(days=28))
    town.upload(admin, "阿依古丽的台账.xlsx", book([row]))
    town.inspect(supervisor)
    tell_staff(town)

    def first(page, listed, link):
        page.goto(listed)
        return page.locator(f"main a[href^='{link}']").first

    def has_come(page):
        return until(lambda: first(page, "/mine/", "/mine/messages/").count() > 0, 30)

    assert has_come(reader), "no message came"
    assert has_come(admin), "no word to the unit came"
    visitors = {"claim": "", "account": "operator", "template": "notice-admin", "message": HOLDER, "told": "unit-admin"}
    lists = {
        "claim": ("/proof/?case=10", "/proof/claims/"),
        "account": ("/console/roles/", "/console/roles/1"),
        "template": ("/console/templates/", "/console/templates/1"),
        "message": ("/mine/", "/mine/messages/"),
        "told": ("/mine/", "/mine/messages/"),
    }
    found = {}
    for name, who in visitors.items():
        page = town.visitor(who)
        found[name] = first(page, *lists[name]).get_attribute("href")
        page.context.close()
    for page in (admin, supervisor, reader):
        page.context.close()
    return found | {"partner": connected(town)}


def connected(town):
    """P-7: a partner is let in by plain forms; its program signs and has events brought. Return the partner's page."""
    operator = town.visitor("operator", js=False)
    operator.goto("/console/partners/")
    operator.get_by_label("代码").fill("city-bank")
    operator.get_by_label("名称").fill("许昌样例银行信贷系统")
    operator.get_by_role("button", name="开通").click()
    operator.get_by_label("可以做什么").select_option("events")
    operator.get_by_label("服务").select_option("onething")
    operator.get_by_role("button", name="授权").click()
    operator.get_by_role("button", name="生成密钥").click()
    key_id, secret = operator.get_by_role("alert").locator("code").all_inner_texts()
    address = operator.url.partition("keys/")[0]
    operator.context.close()
    with httpx.Client(base_url=town.url, timeout=20, trust_env=False) as client:
        bank = Bank(client, key_id=key_id, secret=base64.b64decode(secret))
        assert bank.ask("GET", "/events?after=0").status_code == 200
        assert bank.ask("GET", "/desk").status_code == 403
        assert bank.ask("POST", "/webhooks", {"url": f"{town.sim}/partner/webhooks/walk"}).status_code == 201
    return address


def tell_staff(town):
    """Have the operator run the nine o'clock job now."""
    page = town.visitor("operator", js=False)
    page.goto("/console/jobs/")
    page.get_by_role("button", name=re.compile(r"立即执行\s*expiry.tell_staff")).click()
    expect(page.locator("main")).to_contain_text("定时任务已排队")
    page.context.close()


@pytest.mark.parametrize("path", PAGES)
def test_a_room_is_open_to_everyone_s_eyes(town, addresses, path):
    found = faults(town, PAGES[path], path.format(**addresses))
    assert not found, "\n".join(map(str, found))


@pytest.mark.parametrize("english", [False, True], ids=["zh", "en"])
def test_the_document_of_the_interface_speaks_the_reader_s_language(town, english):
    page = town.visitor(english=english)
    assert page.goto("/api/v1/docs").status == 200
    expect(page.locator("html")).to_have_attribute("lang", re.compile("^en" if english else "^zh"))
    page.context.close()


def test_the_rooms_work_without_scripts(town, addresses):
    """A filter, a search, a trial of a draft and a switch of what one receives, by plain forms."""
    public = town.visitor(js=False)
    public.goto("/proof/")
    public.get_by_label("结果").select_option(index=1)
    public.get_by_role("button", name="筛选").click()
    expect(public.locator("main")).to_contain_text(re.compile(r"共\d+条"))
    writer = town.visitor("notice-admin", js=False)
    writer.goto(addresses["template"] + "draft/")
    writer.get_by_role("button", name="试填").click()
    expect(writer.get_by_role("heading", name="用最长的值试填")).to_be_visible()
    operator = town.visitor("operator", js=False)
    operator.goto("/console/roles/")
    operator.locator("main input[name=q]").fill("没有这个人")
    operator.get_by_role("button", name="查找").click()
    expect(operator.locator("main")).to_contain_text("没有符合条件的账号")
    holder = town.visitor(HOLDER, js=False, width=390)
    holder.goto("/mine/preferences/")
    holder.get_by_role("button", name=re.compile("^停止")).first.click()
    expect(holder.locator("main")).to_contain_text("已停止")
    holder.get_by_role("button", name=re.compile("^恢复")).first.click()
    expect(holder.locator("main")).to_contain_text("已恢复发送")
    for page in (public, writer, operator, holder):
        assert page.problems == []
        page.context.close()
