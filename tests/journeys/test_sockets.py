"""A passer-by's pages in a real browser: dark outdoors, in one hand, by keyboard, without JavaScript, in both languages and all sizes."""

from datetime import timedelta
from typing import Any

import pytest

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.payments import testing as payments
from bancheng.services.sockets.operations import sessions
from bancheng.services.sockets.tests import walking
from tests.journeys.conftest import axe, shot, sideways

pytestmark = pytest.mark.django_db(transaction=True)


def check(page: Any, name: str) -> None:
    shot(page, f"sockets-{name}")
    assert (name, axe(page), page.problems, sideways(page)) == (name, [], [], 0)


def uses() -> dict[str, str]:
    """Bring one session to each page; return their addresses."""
    now = clocks.now()
    found = {}
    for n, phase in enumerate(("pay", "wait", "live", "ending", "bill", "trip"), 1):
        walking.socket(f"XC000{n}", str(n))
        made = sessions.reserve(code=f"XC000{n}", prepay_fen=500, channel="wechat", at=now - timedelta(seconds=30))
        found[phase] = f"/sockets/u/{made.secret}/"
        if phase == "pay":
            continue
        session = walking.paid(made.session, now - timedelta(seconds=25))
        if phase == "wait":
            continue
        device = walking.Device(wire=str(n), began=now - timedelta(hours=1))
        walking.tell(device.close(session, now - timedelta(seconds=20)))
        steps = [device.reading(now - timedelta(seconds=18 - s), more_10wh=1) for s in range(0, 18, 6)]
        walking.tell(steps)
        if phase == "ending":
            sessions.stop(session_id=session.pk, by="payer", at=now)
        if phase in ("bill", "trip"):
            trip = ("OC", walking.EventKind.TRIPPED) if phase == "trip" else ("stop", walking.EventKind.OPENED)
            walking.tell(device.open(now, *trip))
    return found


def test_each_page_of_a_use(open_page) -> None:
    """F1.5, F1.8: every phase at 390 px."""
    found = uses()
    for phase, path in {"socket": "/sockets/s/XC0005/", "busy": "/sockets/s/XC0003/", **found}.items():
        page = open_page(path)
        check(page, phase)
        page.context.close()
    for phase, path in {"mine": "/sockets/mine/", "receipt": f"{found['bill']}receipt/"}.items():
        check(open_page(path), phase)
    for width, size, english in ((320, "max", False), (390, "elder", False), (1280, "", True), (320, "", True)):
        for phase in ("live", "bill"):
            page = open_page(found[phase], width=width, size=size, english=english)
            check(page, f"{phase}-{width}{size}{'-en' if english else ''}")
            page.context.close()
        page = open_page("/sockets/s/XC0005/", width=width, size=size, english=english)
        check(page, f"socket-{width}{size}{'-en' if english else ''}")
        page.context.close()


def test_a_whole_use_without_javascript(open_page) -> None:
    """F1.8: plain forms."""
    walking.socket("XC0001", "1")
    page = open_page("/sockets/s/XC0001/", js=False)
    page.get_by_text("10.00元").click()
    page.get_by_role("button", name="微信支付并通电").click()
    assert page.get_by_role("heading", level=1).inner_text() == "等待支付"
    page.get_by_role("button", name="不用了，取消").click()
    assert "没有支付，也没有扣款" in page.content()


BRIDGE = """
window.paid = [];
window.WeixinJSBridge = {invoke: (name, asked, done) => {
  window.paid.push([name, asked]);
  window.closeSheet = () => done({err_msg: "get_brand_wcpay_request:ok"});
}};
"""


@pytest.mark.parametrize("english", [False, True])
def test_inside_wechat_its_own_pay_sheet_opens_by_itself_and_again_on_a_press(open_page, english: bool) -> None:
    """F1.5: WeChat's browser stands outside and is played by its bridge."""
    walking.socket("XC0001", "1")
    made = sessions.reserve(code="XC0001", prepay_fen=500, channel="wechat", at=clocks.now())
    payments.opened_inside(made.order_id, {"package": "prepay_id=wx1", "signType": "RSA"})
    page = open_page("/sockets/", english=english)
    page.add_init_script(BRIDGE)
    page.goto(f"/sockets/u/{made.secret}/pay/")
    check(page, "wechat-en" if english else "wechat")
    page.get_by_role("button", name="Open WeChat Pay" if english else "打开微信支付").click()
    asked = ["getBrandWCPayRequest", {"package": "prepay_id=wx1", "signType": "RSA"}]
    assert page.evaluate("window.paid") == [asked, asked]
    page.evaluate("window.closeSheet()")
    page.wait_for_url(f"**/sockets/u/{made.secret}/")
