"""A restaurant opened from a phone without a script, followed, corrected and decided; the desks that do their part; the counter."""

import re

import pytest

from bancheng.kernel.documents.testing import pdf
from bancheng.kernel.identity.testing import citizen_id
from tests.journeys.conftest import axe, shot, sideways
from tests.journeys.eyes import faults

HOLDER = "zhao-jianjun"
ANSWERS = {
    "premises_right": "leased",
    "lease_until": "2031-12-31",
    "premises_proof": "豫许租2026001",
    "business_address": "许昌市魏都区七一路1号2楼",
    "contact_name": "赵建军",
    "contact_mobile": "13900000007",
    "legal_person_name": "赵建军",
    "food_business_kind": "catering",
    "food_items": "hot",
    "food_delivery": "no",
    "food_officer_name": "李强",
    "kitchen_area": "30",
    "floor_area": "120",
    "seats": "40",
    "wants_sign": "yes",
    "wants_tobacco": "no",
    "sign_text": "老街面馆",
    "sign_position": "lintel",
    "sign_width": "300",
    "sign_height": "80",
    "sign_lit": "no",
}


def fill(page, answers=ANSWERS):
    """Answer every field of the page that is asked for, whatever its control."""
    for name, value in answers.items():
        found = page.locator(f"[name={name}]:not([type=hidden])")
        if found.count() == 0:
            continue
        kind = found.first.evaluate("e => e.tagName === 'SELECT' ? 'select' : e.type")
        if kind in ("radio", "checkbox"):
            page.locator(f"[name={name}][value={value}]").check()
        elif kind == "select":
            found.first.select_option(value)
        else:
            found.first.fill(value)


def apply(page, look=lambda page, name: None):
    """Go from the guide to the receipt, and return the address of the case."""
    page.goto("/onething/open-restaurant/")
    look(page, "guide")
    page.get_by_role("link", name="开始办理").click()
    look(page, "start")
    page.locator("input[name=subject]").first.check()
    page.get_by_role("button", name="开始填写").click()
    draft = page.url
    look(page, "tasks-empty")
    for _ in range(3):
        page.goto(draft)
        for url in [a.get_attribute("href") for a in page.locator(".bc-tasks a[href*='/pages/']").all()]:
            page.goto(url)
            if page.locator("form.bc-panel").count() == 0:
                continue
            look(page, f"page-{url.rstrip('/').rpartition('/')[2]}")
            fill(page)
            page.get_by_role("button", name="保存并继续").click()
            assert page.locator(".bc-field-error").count() == 0, page.locator(".bc-field-error").all_inner_texts()
    page.goto(f"{draft}papers/")
    look(page, "papers-empty")
    for slug in [one.get_attribute("id") for one in page.locator("input[type=file]").all()]:
        box = page.locator(f"#{slug}")
        section = page.locator(f"#p-{slug[2:]}")
        if section.get_by_text("以后补交（容缺）").count():
            section.get_by_text("以后补交（容缺）").click()
            if section.locator("[name=sealed]").count():
                section.locator("[name=sealed]").check()
            section.get_by_role("button", name="我承诺以后补交").click()
            continue
        file = {"name": "平面图.pdf", "mimeType": "application/pdf", "buffer": pdf(text=slug)}
        box.set_input_files(file)
        section.get_by_role("button", name="上传").click()
    look(page, "papers-full")
    page.goto(draft)
    look(page, "tasks-full")
    page.get_by_role("link", name="核对并提交").click()
    look(page, "check")
    page.get_by_role("button", name="提交申请").click()
    assert "sent=1" in page.url, page.locator("[role=alert]").all_inner_texts()
    look(page, "receipt")
    return page.url.partition("?")[0], draft


@pytest.fixture(scope="module")
def sent(town):
    """The case of the holder, sent from a phone without a script, and looked at on the way."""

    def look(page, name):
        for width in (320, 390):
            page.set_viewport_size({"width": width, "height": 844})
            assert sideways(page) == 0, (name, width)
        shot(page, f"onething-{name}-390")

    page = town.visitor(HOLDER, js=False, width=390)
    case, draft = apply(page, look)
    assert page.problems == []
    page.context.close()
    return {"case": case, "draft": draft}


@pytest.mark.parametrize("path", ["/onething/", "/onething/open-restaurant/", "/onething/mine/", "{case}"])
def test_an_applicant_s_page_is_open_to_everyone_s_eyes(town, sent, path):
    """F14.2: 390, 320 and 1280, larger letters, English; axe finds nothing."""
    found = faults(town, HOLDER, path.format(**sent))
    assert not found, "\n".join(map(str, found))


@pytest.mark.parametrize("page_of", ["", "pages/applicant/", "papers/", "check/"])
def test_a_page_of_a_draft_is_open_to_everyone_s_eyes(town, sent, page_of):
    page = town.visitor(HOLDER, js=False, width=390)
    page.goto("/onething/open-business/start/")
    page.locator("input[name=subject]").first.check()
    page.get_by_role("button", name="开始填写").click()
    draft = page.url
    page.context.close()
    found = faults(town, HOLDER, f"{draft}{page_of}")
    assert not found, "\n".join(map(str, found))


def desk_of(town, who, title):
    """Return an officer's page with a case of that title open."""
    page = town.visitor(who)
    page.goto("/onething/desk/")
    page.get_by_role("link", name=re.compile(title)).first.click()
    return page


def test_the_desks_do_their_part_and_the_applicant_sees_it(town, sent):
    """R14.2, R14.3: a correction goes out, is answered, the matter is accepted and granted, the next ones begin."""
    desk = desk_of(town, "market-officer", "核验")
    for width in (390, 1280):
        desk.set_viewport_size({"width": width, "height": 844})
        assert sideways(desk) == 0
        assert axe(desk) == []
    found = faults(town, "market-officer", desk.url)
    assert not found, "\n".join(map(str, found))
    desk.locator("#says1").fill("地址与执照不一致")
    desk.get_by_role("button", name="提出补正").click()
    desk.context.close()
    page = town.visitor(HOLDER, js=False, width=390)
    page.goto(sent["case"])
    page.get_by_role("link", name="去补正").click()
    shot(page, "onething-correct-390")
    assert axe_without_script(town, page.url) == []
    page.get_by_role("button", name="全部改好，一次提交").click()
    assert page.url == sent["case"]
    for who, press in (("market-officer", "受理"), ("market-approver", "准予")):
        desk = desk_of(town, who, "核验")
        desk.get_by_role("button", name=press, exact=True).click()
        desk.context.close()
    page.goto(sent["case"])
    assert page.get_by_text("食品经营许可").count() > 0
    page.context.close()


def axe_without_script(town, url):
    page = town.visitor(HOLDER, width=390)
    page.goto(url)
    found = axe(page)
    page.context.close()
    return found


@pytest.mark.parametrize(
    ("who", "path"),
    [("market-officer", "/onething/desk/"), ("window-clerk", "/onething/counter/?q=1")],
)
def test_a_page_of_the_house_is_open_to_everyone_s_eyes(town, sent, who, path):
    found = faults(town, who, path)
    assert not found, "\n".join(map(str, found))


def premises(town):
    """Return a page with the premises of a new application open, scripts on."""
    page = town.visitor(HOLDER, width=390)
    page.goto("/onething/open-restaurant/start/")
    page.locator("input[name=subject]").last.check()
    page.get_by_role("button", name="开始填写").click()
    page.goto(f"{page.url}pages/premises/")
    return page


def test_what_is_typed_is_kept_by_itself_and_two_tabs_do_not_overwrite_each_other(town):
    """B14.11: type, wait for the word, reload, it is there; the second tab is told, and nothing is lost from its page."""
    page = premises(town)
    page.locator("[name=seats]").fill("41")
    page.locator("#kept time").wait_for()
    assert re.search(r"已保存 \d\d:\d\d", page.locator("#kept").inner_text())
    assert page.locator("#kept").get_attribute("aria-live") == "polite"
    shot(page, "onething-kept-390")
    page.reload()
    assert page.locator("[name=seats]").input_value() == "41"
    other = page.context.new_page()
    other.goto(page.url)
    page.locator("[name=seats]").fill("42")
    page.locator("#kept time").wait_for()
    other.locator("[name=seats]").fill("43")
    other.locator("#kept [role=alert]").wait_for()
    assert "“餐位数”已由赵建军于" in other.locator("#kept").inner_text()
    assert other.locator("[name=seats]").input_value() == "43"
    shot(other, "onething-conflict-390")
    assert axe(other) == []
    assert sideways(other) == 0
    other.reload()
    assert other.locator("[name=seats]").input_value() == "42"
    assert [told for told in page.problems if "422" not in told] == []
    page.locator("[name=seats]").fill("44")
    page.get_by_role("button", name="保存并继续").click()  # the button does not wait for anything
    page.goto(other.url)
    assert page.locator("[name=seats]").input_value() == "44"
    page.context.close()


def test_without_a_script_a_page_is_kept_by_its_button_alone(town):
    page = town.visitor(HOLDER, js=False, width=390)
    page.goto("/onething/move-in/start/")
    page.locator("input[name=subject]").last.check()
    page.get_by_role("button", name="开始填写").click()
    page.goto(f"{page.url}pages/premises/")
    where = page.url
    page.locator("[name=business_address]").fill("许昌市魏都区七一路8号")
    page.get_by_role("button", name="保存并继续").click()
    page.goto(where)
    assert page.locator("[name=business_address]").input_value() == "许昌市魏都区七一路8号"
    assert page.locator("#kept").inner_text() == ""
    page.context.close()


@pytest.mark.parametrize(("who", "path"), [("section-officer", "/corrections/"), (HOLDER, "/corrections/mine/")])
def test_a_page_of_corrections_is_open_to_everyone_s_eyes(town, who, path):
    found = faults(town, who, path)
    assert not found, "\n".join(map(str, found))


def listed(town, js):
    """Return the page of a new company's people."""
    page = town.visitor(HOLDER, js=js, width=390)
    page.goto("/onething/open-business/start/")
    page.locator("input[name=subject]").last.check()
    page.get_by_role("button", name="开始填写").click()
    draft = page.url
    page.goto(f"{draft}pages/applicant/")
    page.locator("[name=entity_type][value=company]").check()
    page.get_by_role("button", name="保存并继续").click()
    page.goto(f"{draft}pages/applicant/")
    return page


@pytest.mark.parametrize("js", [False, True], ids=["without a script", "with one"])
def test_people_are_added_and_removed_row_by_row(town, js):
    """R14.10: by keyboard too; the page stays where it is, and what was typed is kept."""
    page = listed(town, js)
    while page.get_by_role("button", name=re.compile(r"删除\s*第")).count():  # of the test before: one draft
        page.get_by_role("button", name=re.compile(r"删除\s*第")).first.click()
        page.wait_for_load_state()
        page.wait_for_timeout(300)
    for n, name in enumerate(("赵建军", "李强")):
        page.locator("select[name=real_names]").nth(n).select_option("shareholder")
        page.locator("input[name=real_names]").nth(2 * n).fill(name)
        page.locator("input[name=real_names]").nth(2 * n + 1).fill(citizen_id(31 + n))
        page.get_by_role("button", name="加入名单").press("Enter")
        page.get_by_text(f"第{n + 1}行", exact=True).first.wait_for()
    for width in (320, 390):
        page.set_viewport_size({"width": width, "height": 844})
        assert sideways(page) == 0, width
    where = page.url.partition("#")[0]
    page.get_by_role("button", name=re.compile(r"删除\s*第1行")).click()
    page.get_by_text("第2行", exact=True).first.wait_for(state="detached")
    page.get_by_role("button", name="保存并继续").click()
    page.goto(where)
    assert page.locator("input[name=real_names]").first.input_value() == "李强"
    page.context.close()
