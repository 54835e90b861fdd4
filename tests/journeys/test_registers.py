"""A firm whose equity is frozen wants to move: stopped with the court's number; and what is seen while the exchange is silent."""

import httpx
import pytest

from bancheng.kernel.documents.testing import pdf
from tests.journeys.conftest import axe, shot, sideways
from tests.journeys.eyes import faults
from tests.journeys.test_onething import desk_of, fill
from tests.journeys.town import until

HOLDER, LISTED = "zhang-wei", "zhao-jianjun"  # whose firms' entries stand in sim/data/registers.toml
MOVE = {
    "old_office": "郑州市金水区市场监督管理局",
    "old_address": "郑州市金水区花园路1号",
    "premises_right": "owned",
    "premises_proof": "豫许房产第000001号",
    "business_address": "许昌市示范区建安大道1号",
    "contact_name": "张伟",
    "contact_mobile": "13900000008",
    "legal_person_name": "张伟",
}


def ready(page):
    """Fill in a move with its papers and return the address of the draft."""
    page.goto("/onething/move-in/start/")
    page.locator("input[name=subject]").first.check()
    page.get_by_role("button", name="开始填写").click()
    draft = page.url
    for _ in range(2):
        page.goto(draft)
        for url in [a.get_attribute("href") for a in page.locator(".bc-tasks a[href*='/pages/']").all()]:
            page.goto(url)
            if page.locator("form.bc-panel").count():
                fill(page, MOVE)
                page.get_by_role("button", name="保存并继续").click()
    page.goto(f"{draft}papers/")
    for slug in [one.get_attribute("id") for one in page.locator("input[type=file]").all()]:
        file = {"name": "材料.pdf", "mimeType": "application/pdf", "buffer": pdf(text=slug)}
        page.locator(f"#{slug}").set_input_files(file)
        page.locator(f"#p-{slug[2:]}").get_by_role("button", name="上传").click()
    return draft


def send(page, draft):
    page.goto(f"{draft}check/")
    page.get_by_role("button", name="提交申请").click()


def test_the_move_stops_with_the_court_s_number_and_whom_to_turn_to(town):
    """B14.1: from a phone without a script."""
    page = town.visitor(HOLDER, js=False, width=390)
    draft = ready(page)
    send(page, draft)
    alert = page.locator(".bc-note--bad[role=alert]").inner_text()
    assert "（2026）豫1002执保12号" in alert
    assert "请与许昌市魏都区人民法院联系" in alert
    shot(page, "onething-frozen-390")
    assert sideways(page) == 0
    found = faults(town, HOLDER, f"{draft}check/")
    assert not found, "\n".join(map(str, found))
    page.context.close()


@pytest.fixture
def silent(town):
    """The exchange of registers, switched off."""
    with httpx.Client(base_url=town.sim, trust_env=False) as panel:
        panel.post("/registers.json", json={"down": True}).raise_for_status()
        yield panel
        panel.post("/registers.json", json={"down": False}).raise_for_status()


def test_while_the_exchange_is_silent_the_case_says_so_and_goes_on(town, silent):
    page = town.visitor(LISTED, js=False, width=390)
    send(page, ready(page))
    assert "sent=1" in page.url, page.locator("[role=alert]").all_inner_texts()
    shot(page, "onething-unverified-390")
    assert sideways(page) == 0
    found = faults(town, LISTED, page.url.partition("?")[0])
    assert not found, "\n".join(map(str, found))
    desk = desk_of(town, "market-officer", "迁入变更登记")
    for width in (390, 1280):
        desk.set_viewport_size({"width": width, "height": 900})
        assert sideways(desk) == 0
        shot(desk, f"onething-desk-unverified-{width}")
    assert "未核验" in desk.locator("main").inner_text()
    silent.post("/registers.json", json={"down": False}).raise_for_status()
    town.run("jobs", "run", "onething.ask_registers")

    def verified():
        desk.reload()
        return "许市监列异〔2026〕第31号" in desk.locator("main").inner_text()

    assert until(verified, 30)
    assert axe(desk) == []
    shot(desk, "onething-desk-verified-1280")
