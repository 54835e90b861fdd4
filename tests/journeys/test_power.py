"""A passer-by, from the scan to refund and rating, through the whole house: simulated meters on MQTT, the gateway process, the channels' own pay
sheet. Once on a phone with scripts, in Chinese; at the same time once without, in English."""

import re
from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal

from playwright import sync_api

from tests.journeys.conftest import axe, shot, sideways
from tests.journeys.eyes import strangers
from tests.journeys.town import Town, until

FIRST, SECOND, CHARGER = ("gw-0001", "XC01-01"), ("gw-0002", "XC02-01"), "XC42-09"
WATTS = "3400"  # as much as a 16 A socket gives: a step of the register every eleven seconds
PREPAID = Decimal("5.00")


class Passer:
    """Somebody with a phone at a socket."""

    def __init__(self, town: Town, place: tuple[str, str], *, english: bool, js: bool = True) -> None:
        self.town, (self.gateway, self.code), self.english = town, place, english
        self.page, self.js = town.visitor(width=390, english=english, js=js), js
        self.name = "en" if english else "zh"
        self.use = ""

    def says(self, zh: str, en: str) -> str:
        return en if self.english else zh

    def look(self, what: str) -> None:
        """Hold the page in hand to what every page is held to, and keep a picture."""
        shot(self.page, f"power-{what}-{self.name}")
        barriers = axe(self.page) if self.js else []  # axe is a script
        found = barriers, sideways(self.page), strangers(self.page, self.english), self.page.problems
        assert (what, *found) == (what, [], 0, [], [])

    def waits(self, there: Callable[[], bool], seconds: float = 30) -> None:
        """Look at the page until it shows what is waited for: with scripts it renews itself, without it is opened anew."""

        def look() -> bool:
            if not self.js:
                self.page.goto(self.use)
            with suppress(sync_api.Error):  # the page has just become another
                return there()
            return False

        assert until(look, seconds), self.page.inner_text("main")

    def is_called(self, zh: str, en: str) -> bool:
        return bool(self.page.locator("h1").all_inner_texts() == [self.says(zh, en)])

    def scans(self) -> None:
        self.town.meters(self.gateway, do="plug", socket=str(int(self.code[-2:])), value=WATTS)
        self.page.goto(f"/sockets/s/{self.code}/")
        assert self.code in self.page.inner_text("main")
        self.look("scan")
        assert self.page.locator("input[name=fen]:checked").get_attribute("value") == "500"
        self.page.get_by_role("button", name=self.says("微信支付并通电", "Pay by WeChat")).click()
        self.page.wait_for_url("**/sockets/u/*/")
        self.use = self.page.url
        self.look("pay")

    def pays(self) -> None:
        """Follow to the channel's sheet, which opens by itself once the channel has answered, and press pay there."""
        self.page.locator("main a.btn-primary").click()
        self.page.wait_for_url(f"{self.town.sim}/pay/sheet/**", timeout=30_000)
        self.page.get_by_role("button", name="确认付款").click()
        self.page.wait_for_url(f"{self.town.url}/**")
        self.page.goto(self.use)
        self.waits(lambda: self.is_called("用电中", "In use"))

    def uses(self) -> None:
        """Wait until the live page shows that the meter has moved."""

        self.waits(lambda: Decimal(self.page.locator(".bc-live-figures dd").first.inner_text()) > 0, 45)
        self.look("live")

    def ends(self) -> None:
        self.page.get_by_role("button", name=self.says("结束用电", "End")).click()
        self.waits(lambda: self.is_called("账单", "The bill"))
        back = self.says("已退回原支付账户", "Back in the account you paid from")
        self.waits(lambda: back in self.page.inner_text("main"), 45)
        self.look("bill")
        prepaid, charged, sent_back = self.amounts()
        assert (prepaid, charged > 0, charged + sent_back) == (PREPAID, True, PREPAID)

    def amounts(self) -> list[Decimal]:
        """Return what the bill says was prepaid, charged and sent back."""
        panel = self.page.locator("section", has=self.page.get_by_role("heading", name=self.says("金额", "Amounts")))
        return [Decimal(re.sub(r"[^\d.]", "", one)) for one in panel.locator("dd").all_inner_texts()]

    def rates(self) -> None:
        """Rate it: nothing is chosen beforehand, nothing chosen is refused, and the bill then says what was said."""
        self.page.get_by_role("button", name=self.says("评价这次用电", "Rate this use")).click()
        self.page.wait_for_url("**/ratings/**")
        assert self.page.locator("input[name=grade]:checked").count() == 0
        self.look("rate")
        self.page.get_by_label(self.says("非常满意", "Very satisfied"), exact=True).check()
        self.page.get_by_role("button", name=self.says("提交评价", "Send")).click()
        self.look("rated")
        self.page.goto(self.use)
        assert self.says("非常满意", "Very satisfied") in self.page.inner_text("main")


def test_from_the_scan_to_refund_and_rating(town: Town) -> None:
    """F1.5, F1.8 to F1.13, F1.16, F1.21, R1.5, R1.8: two people at once, every page of the way, every fen accounted for."""
    town.power(FIRST[0], SECOND[0])
    people = (Passer(town, FIRST, english=False), Passer(town, SECOND, english=True, js=False))
    steps: tuple[Callable[[Passer], None], ...] = (Passer.scans, Passer.pays, Passer.uses, Passer.ends, Passer.rates)
    for step in steps:
        for person in people:
            step(person)
    for person in people:
        person.page.goto("/sockets/mine/")
        assert person.code in person.page.inner_text("main")
        person.look("mine")
        person.page.context.close()


def test_a_charge_point_says_that_less_may_be_prepaid(town: Town) -> None:
    """F1.8: in both languages."""
    for english, says in ((False, "充电桩一次最多预付"), (True, "At a charge point at most")):
        person = Passer(town, ("", CHARGER), english=english)
        person.page.goto(f"/sockets/s/{CHARGER}/")
        assert says in person.page.inner_text("main")
        person.look("charger")
        person.page.context.close()


def test_the_meters_fault_panel_on_a_phone_by_keyboard_and_in_both_languages(town: Town) -> None:
    """F1.19: no barrier, nothing sideways, no word of the other language; a plug is put in without a mouse and without a script."""
    town.power("gw-0003")
    page = town.visitor(width=390)
    for address in ("/meters/", "/meters/gw-0003/"):
        for english in (False, True):
            page.goto(f"{town.sim}{address}{'?lang=en' if english else ''}")
            for width in (320, 390, 1280):
                page.set_viewport_size({"width": width, "height": 844})
                assert (address, width, sideways(page)) == (address, width, 0)
                if width != 320:
                    shot(page, f"meters-{address.strip('/').replace('/', '-')}-{width}{'-en' if english else ''}")
            assert (address, english, axe(page), strangers(page, english)) == (address, english, [], [])
    assert page.problems == []
    page.context.close()
    page = town.visitor(width=390, js=False)
    page.goto(f"{town.sim}/meters/gw-0003/")
    field = page.get_by_label("电器功率（瓦）").first
    for _ in range(40):
        page.keyboard.press("Tab")
        if field.evaluate("one => one === document.activeElement"):
            break
    assert field.evaluate("one => one.matches(':focus-visible')")
    page.keyboard.press("Control+A")
    page.keyboard.type("1234")
    page.keyboard.press("Enter")
    page.wait_for_url("**/meters/gw-0003/?*#s1")
    assert field.input_value() == "1234"
    assert town.meters("gw-0003")["gateway"]["each"][0]["load_w"] == 1234
    assert page.problems == []
    page.context.close()
