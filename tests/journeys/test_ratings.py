"""A result rated 不满意 from a phone without a script, called back, put right and answered; a rating at the counter; reviews."""

import re

import pytest

from tests.journeys.conftest import shot, sideways
from tests.journeys.eyes import faults
from tests.journeys.test_onething import apply
from tests.journeys.town import until

HOLDER, CALLER = "li-xiulan", "zone-call-back"


@pytest.fixture(scope="module")
def rated(town):
    """A matter of the holder that was granted and that she rated: where the rating, and its call-back, are."""
    page = town.visitor(HOLDER, js=False, width=390)
    case, _ = apply(page)
    matter = page.request.get(f"/api/v1/onething/mine/{case.rstrip('/').rpartition('/')[2]}").json()["matters"][0]
    for who, press in (("market-officer", "受理"), ("market-approver", "准予")):
        desk = town.visitor(who)
        desk.goto(f"/onething/desk/{matter['id']}/")
        desk.get_by_role("button", name=press, exact=True).click()
        desk.context.close()

    def asked():
        page.goto(case)
        return page.get_by_role("link", name="去评价").count() == 1

    assert until(asked, 60), "nobody was asked to rate"
    shot(page, "ratings-case-390")
    page.get_by_role("link", name="去评价").click()
    rating = page.url
    assert page.locator("input[name=grade]:checked").count() == 0
    look(page, "ratings-rate")
    page.get_by_role("button", name="提交评价").click()
    assert "还没有选择评价等次" in page.locator(".bc-errors").inner_text()
    look(page, "ratings-rate-nothing-chosen")
    page.get_by_label("不满意", exact=True).check()
    page.get_by_label("告知不清楚、不一次说完").check()
    page.locator("#words").fill("跑了两趟才知道还要补一份材料")
    page.get_by_role("button", name="提交评价").click()
    assert page.url == rating
    look(page, "ratings-rated")
    assert all("422" in line for line in page.problems)  # the browser's own line for what was refused above
    page.context.close()
    desk = town.visitor(CALLER)

    def opened():
        desk.goto("/ratings/call-backs/")
        return desk.get_by_role("link", name=re.compile("核验")).count() > 0

    assert until(opened, 30), "no call-back was opened"
    call_back = desk.get_by_role("link", name=re.compile("核验")).first.get_attribute("href")
    desk.context.close()
    return {"rating": rating, "call_back": call_back}


def look(page, name):
    for width in (320, 390):
        page.set_viewport_size({"width": width, "height": 844})
        assert sideways(page) == 0, (name, width)
    shot(page, f"{name}-390")


@pytest.mark.parametrize(
    ("who", "path"),
    [
        ("", "/ratings/"),
        ("", "/ratings/slip/"),
        (HOLDER, "/ratings/mine/"),
        (HOLDER, "{rating}"),
        (CALLER, "/ratings/call-backs/"),
        (CALLER, "{call_back}"),
        ("supervisor", "/ratings/board/"),
        ("supervisor", "/ratings/reviews/"),
        ("window-clerk", "/ratings/counter/"),
    ],
)
def test_a_page_of_ratings_is_open_to_everyone_s_eyes(town, rated, who, path):
    """R-RT-1: 390, 320 and 1280, larger letters, English; axe finds nothing."""
    found = faults(town, who, path.format(**rated))
    assert not found, "\n".join(map(str, found))


def test_a_bad_rating_is_called_back_and_answered_then_contested_and_left_out(town, rated):
    """R-RT-3, R-RT-4, R-RT-5: without a script, from the call to the rater's objection."""
    answered(town, rated)
    contested(town, rated)


def answered(town, rated):
    """Who did the work does not find it; a colleague calls, puts right, answers; the rater reads it."""
    for who in ("market-officer", "market-approver"):
        worker = town.visitor(who)
        assert worker.goto(rated["call_back"]).status == 403
        worker.context.close()
    desk = town.visitor(CALLER, js=False)
    desk.goto(rated["call_back"])
    assert "跑了两趟" in desk.inner_text("main")
    assert "李秀兰" not in desk.inner_text("main")
    desk.get_by_role("button", name="领取回访").click()
    shot(desk, "ratings-call-back-taken-1280")
    desk.get_by_role("button", name="显示联系方式").click()
    assert desk.locator("a[href^='tel:1']").count() > 0
    desk.goto(rated["call_back"])
    desk.get_by_label("情况清楚、诉求合理").check()
    desk.locator("#words").fill("已电话核实，窗口没有一次告知，属实")
    desk.get_by_role("button", name="记录核实").click()
    desk.locator("#words").fill("已在指南和窗口补上这份材料，经办人员重新培训")
    desk.get_by_role("button", name="记录整改").click()
    desk.locator("#words").fill("李女士您好，是我们没有一次说清，已经改正，抱歉让您多跑一趟。")
    desk.get_by_role("button", name="反馈并办结").click()
    for width in (390, 1280):
        desk.set_viewport_size({"width": width, "height": 844})
        assert sideways(desk) == 0
        shot(desk, f"ratings-call-back-closed-{width}")
    desk.context.close()
    page = town.visitor(HOLDER, js=False, width=390)
    page.goto(rated["rating"])
    assert "抱歉让您多跑一趟" in page.inner_text("main")
    look(page, "ratings-answered")
    page.goto("/mine/looks/")
    assert "差评回访" in page.inner_text("main")
    page.context.close()


def test_a_visitor_rates_on_the_counter_s_device_and_the_clerk_sees_nothing(town):
    """R-RT-2, R-RT-5."""
    clerk = town.visitor("window-clerk", js=False)
    clerk.goto("/ratings/counter/")
    clerk.get_by_role("button", name="显示评价二维码").click()
    shot(clerk, "ratings-counter-code-1280")
    found = faults(town, "window-clerk", clerk.url)
    assert not found, "\n".join(map(str, found))
    device = clerk.get_by_role("link", name="在评价设备上打开").get_attribute("href")
    found = faults(town, "", device)
    assert not found, "\n".join(map(str, found))
    before = clerk.inner_text("main")
    page = town.visitor(js=False, width=768)
    page.goto(device)
    shot(page, "ratings-device-768")
    page.get_by_label("非常满意", exact=True).check()
    page.get_by_role("button", name="提交评价").click()
    code = re.search(r"[2-9A-Z]{4}(-[2-9A-Z]{4}){3}", page.inner_text("main"))[0]
    look(page, "ratings-slip")
    page.get_by_role("link", name="记好了，完成").click()
    assert "谢谢" in page.inner_text("main")
    assert code not in page.inner_text("main")
    shot(page, "ratings-device-thanks-768")
    page.goto("/ratings/slip/")
    page.locator("#code").fill(code.lower())
    page.get_by_role("button", name="查询").click()
    assert "没有要答复的事项" in page.inner_text("main")
    look(page, "ratings-slip-answer")
    page.context.close()
    clerk.reload()
    assert clerk.inner_text("main") == before
    clerk.context.close()


def contested(town, rated):
    """Rated worse, it is called back anew; the unit asks for a review, somebody outside looks, the rater objects."""
    page = town.visitor(HOLDER, js=False, width=390)
    page.goto(rated["rating"])
    page.get_by_text("修改评价").click()
    page.get_by_label("非常不满意", exact=True).check()
    page.get_by_role("button", name="保存修改").click()
    page.context.close()
    desk = town.visitor(CALLER, js=False)

    def opened():
        desk.goto("/ratings/call-backs/")
        return desk.get_by_role("link", name=re.compile("核验")).count() > 0

    assert until(opened, 30)
    desk.get_by_role("link", name=re.compile("核验")).first.click()
    desk.get_by_text("认为是误评或恶意差评").click()
    desk.get_by_label("误评").check()
    desk.locator("#appeal-reason").fill("评的是另一个单位的窗口")
    desk.locator("#evidence").fill("取号记录显示当天在城管窗口")
    desk.get_by_role("button", name="申请复核").click()
    desk.context.close()
    review = town.visitor("supervisor", js=False)
    review.goto("/ratings/reviews/")
    shot(review, "ratings-reviews-1280")
    review.get_by_role("link", name=re.compile("核验")).first.click()
    found = faults(town, "supervisor", review.url)
    assert not found, "\n".join(map(str, found))
    review.locator("#reason").fill("取号记录属实，评价对象有误")
    shot(review, "ratings-review-1280")
    review.get_by_role("button", name="不予采纳").click()
    review.context.close()
    page = town.visitor(HOLDER, js=False, width=390)
    page.goto(rated["rating"])
    assert "取号记录属实" in page.inner_text("main")
    look(page, "ratings-left-out")
    found = faults(town, HOLDER, rated["rating"])
    assert not found, "\n".join(map(str, found))
    page.locator("#reason").fill("我那天就是在市场监管窗口办的")
    page.get_by_role("button", name="提出异议").click()
    assert "再次复核" in page.inner_text("main")
    page.context.close()
