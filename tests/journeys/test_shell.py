"""The shell in a browser: readable by everyone, at every width, letter size and language, with and without scripts."""

import pytest
from playwright.sync_api import expect

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.identity import public as identity
from tests.journeys.conftest import axe, boxed, shot, sideways

PAGES = ["/", "/sign-in/", "/help/", "/ui/", "/ui/desk/", "/ui/screen/", "/accounts/login/"]
ANSWERS = {
    "/nothing-here/": 404,
    "/ui/refused/": 409,
    "/ui/forbidden/": 403,
    "/ui/sorry/": 500,
    "/ui/busy/": 503,
    "/ui/often/": 429,
    "/ui/expired/": 403,
}
STATUS = ("Failed to load resource: the server responded with a status of",)  # the page's own lawful 4xx or 5xx


def problems(page):
    return [line for line in page.problems if not line.startswith(STATUS)]


def name(path, *more):
    return "-".join([path.strip("/").replace("/", "-") or "home", *more])


@pytest.mark.parametrize("width", [320, 390, 1280])
@pytest.mark.parametrize("path", [*PAGES, *ANSWERS])
def test_a_page_has_no_barrier_and_no_sideways_scrolling(open_page, path, width):
    page = open_page(path, width=width)
    assert page.answer.status == ANSWERS.get(path, 200)
    expect(page.locator("h1")).to_have_count(1)
    shot(page, name(path, str(width)))
    assert axe(page) == []
    assert problems(page) == []
    assert sideways(page) == 0
    assert width > 768 or boxed(page) == []


@pytest.mark.parametrize("size", ["elder", "max"])
@pytest.mark.parametrize("path", [*PAGES, "/ui/forbidden/"])
def test_larger_letters_fit_a_phone(open_page, path, size):
    page = open_page(path, size=size)
    assert page.answer.status == ANSWERS.get(path, 200)
    shot(page, name(path, size))
    assert axe(page) == []
    assert sideways(page) == 0


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("path", [*PAGES, *ANSWERS])
def test_english_is_complete_and_fits(open_page, path, width):
    page = open_page(path, english=True, width=width)
    shot(page, name(path, "en", str(width)))
    assert page.locator("html").get_attribute("lang") == "en"
    words = page.evaluate(
        "() => [...document.querySelectorAll('body *')].filter(e => !e.closest('[lang^=zh]'))"
        ".flatMap(e => [...e.childNodes].filter(n => n.nodeType === 3).map(n => n.data)).join(' ')"
    )
    assert [word for word in words if "一" <= word <= "鿿"] == []
    assert axe(page) == []
    assert sideways(page) == 0


def test_the_switches_work_without_scripts(open_page):
    page = open_page("/help/", js=False)
    page.get_by_role("button", name="长辈版").click()
    assert page.locator("html").get_attribute("data-size") == "elder"
    assert page.url.endswith("/help/")
    page.get_by_role("button", name="特大字").click()
    assert page.locator("html").get_attribute("data-size") == "max"
    page.get_by_role("button", name="标准版").click()
    assert page.locator("html").get_attribute("data-size") == ""
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Not satisfied? Tell us")
    page.get_by_role("button", name="中文").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("不满意请找我")


def test_the_first_tab_stop_skips_to_the_content(open_page):
    page = open_page("/")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="跳到正文")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_the_error_summary_has_the_focus_and_leads_to_the_field(open_page):
    page = open_page("/ui/")
    summary = page.get_by_role("alert").first
    expect(summary).to_be_focused()
    summary.get_by_role("link", name="手机号应为11位数字").click()
    expect(page.locator("#bad_mobile")).to_be_focused()


def test_progress_is_polled_to_its_end(open_page):
    page = open_page("/ui/")
    expect(page.get_by_text("已读完全部台账")).to_have_count(2, timeout=10_000)
    assert problems(page) == []


def test_a_lost_connection_is_said_and_nothing_typed_is_lost(open_page):
    page = open_page("/ui/")
    page.locator("#id_name").fill("赵建军")
    page.context.set_offline(True)
    expect(page.get_by_text("网络不稳")).to_be_visible(timeout=5_000)
    expect(page.locator("#id_name")).to_have_value("赵建军")
    page.context.set_offline(False)


def test_the_home_page_prints_without_its_furniture(open_page):
    page = open_page("/ui/", width=1280)
    page.emulate_media(media="print")
    expect(page.locator(".bc-top")).to_be_hidden()
    expect(page.locator(".bc-receipt-number")).to_be_visible()
    shot(page, "ui-print")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("width", "js"), [(390, False), (1280, True)])
def test_one_press_opens_a_desk_and_one_closes_it(open_page, width, js):
    identity.load_demo(at=clocks.now())
    page = open_page("/sign-in/", width=width, js=js)
    page.get_by_role("button", name="平台运维 ", exact=False).first.click()
    expect(page.get_by_role("heading", name="我的工作台")).to_be_visible()
    shot(page, name("/", "operator", str(width)))
    if js:
        assert axe(page) == []
    page.locator("section[aria-labelledby=desks] a").first.click()
    side = page.get_by_role("navigation", name="工作台栏目")
    fold = side.locator("summary")
    here = side.locator("[aria-current=page]")
    if width < 1024:  # one line, and it says where one is; the list is there when it is asked for, scripts or none
        assert side.bounding_box()["height"] < 60
        assert here.text_content() in fold.text_content()
        expect(here).to_be_hidden()
        fold.press("Enter")
        assert min(link.bounding_box()["height"] for link in [fold, *side.locator("a").all()]) >= 44
    else:
        expect(fold).to_be_hidden()
    expect(here).to_be_visible()
    expect(here).to_have_count(1)
    shot(page, name("/desk", "operator", str(width)))
    assert sideways(page) == 0
    page.get_by_role("button", name="退出").click()
    expect(page.get_by_role("link", name="登录")).to_be_visible()
