"""People who come and go, before a platform played by the test: what they open, how they end, and that they hold back when it is busy."""

import random
import re
import threading
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs

import httpx
import pytest

from bancheng.lib.socketwire import Command, Op
from bancheng.sim.meters.field import Field, usual_w
from bancheng.sim.meters.gateway import ms
from bancheng.sim.meters.passersby import Busy, Crowd, Fate, Habits, Person, Unexpected

QUICK = Habits(use_s=(0, 0.01), watts=(900, 900), look_s=0.01)
TOKEN = '<input type="hidden" name="csrfmiddlewaretoken" value="t0">'


@pytest.fixture
def field(tmp_path: Path) -> Field:
    (tmp_path / "units.csv").write_text(
        "gateway,site,sockets,amps,first_meter\ngw-1,XC01,1,16,202611070001\n", encoding="utf-8"
    )
    return Field(tmp_path / "units.csv", tmp_path / "meters")


class Platform:
    """The public pages and the channel's sheet, as far as a phone sees them; it switches the socket as the real one does."""

    def __init__(self, field: Field) -> None:
        self.socket = field.gateways["gw-1"].sockets["1"]
        self.phase, self.free, self.answers = "pay", True, {}
        self.seen: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path, form = request.url.path, parse_qs(request.content.decode())
        self.seen.append(f"{request.method} {path}")
        if path in self.answers:
            return self.answers[path]
        if path == "/sockets/places/XC01/":
            return httpx.Response(200, text='<a href="/sockets/s/XC01-01/">' if self.free else "")
        if path == "/sockets/s/XC01-01/" and request.method == "POST":
            assert (form["csrfmiddlewaretoken"], form["channel"][0] in ("wechat", "alipay")) == (["t0"], True)
            return httpx.Response(302, headers={"location": "/sockets/u/secret/"})
        if path == "/sockets/s/XC01-01/":
            return httpx.Response(200, text=TOKEN + '<button name="channel">')
        if path == "/sockets/u/secret/pay/":
            return httpx.Response(302, headers={"location": "http://sim/pay"})
        if path == "/pay":
            return httpx.Response(302, headers={"location": "http://sim/sheet"})
        if path == "/sheet" and request.method == "POST" and form["press"] == ["pay"]:
            self.socket.obey(Command("gw-1", "1", "c1", Op.START, ms() + 9_000, "s1", 100, 60, ms() + 60_000), ms())
            self.phase = "live"
        if path == "/sockets/u/secret/stop/":
            self.phase = "bill"
        if self.phase == "live" and (not self.socket.closed or self._pulled()):
            self.phase = "bill"
        return httpx.Response(200, text=f'{TOKEN}<div hx-get="/sockets/u/secret/live/?phase={self.phase}&amp;state=x">')

    def _pulled(self) -> bool:
        return any(getattr(one, "kind", "") == "unplugged" for one in self.socket.said.values())


def person(field: Field, platform: Callable[[httpx.Request], httpx.Response], fate: Fate) -> Person:
    phone = httpx.Client(base_url="http://site", transport=httpx.MockTransport(platform))
    habits = Habits(QUICK.use_s, QUICK.watts, QUICK.look_s, (fate,))
    return Person(phone, field, habits, random.Random(1), lambda seconds: bool(time.sleep(seconds)))


@pytest.mark.parametrize("fate", [Fate.STOP, Fate.UNPLUG])
def test_a_person_scans_pays_plugs_in_uses_and_ends(fate: Fate, field: Field) -> None:
    """F1.8: by the pages and the sheet, in the order of a phone; the plug goes along."""
    platform = Platform(field)
    one = person(field, platform, fate)
    assert one.live() == str(fate)
    assert platform.socket.world.load_w == (900 if fate is Fate.STOP else 0)
    steps = [step for step in platform.seen if not re.search(r"GET /sockets/u/secret/$", step)]
    assert steps[:6] == [
        "GET /sockets/places/XC01/",
        "GET /sockets/s/XC01-01/",
        "POST /sockets/s/XC01-01/",
        "GET /sockets/u/secret/pay/",
        "GET /pay",
        "GET /sheet",
    ]
    assert ("POST /sockets/u/secret/stop/" in steps) is (fate is Fate.STOP)
    one.goes()
    assert platform.socket.world.load_w == usual_w(202611070001)


def test_a_person_lets_the_money_run_out(field: Field) -> None:
    platform = Platform(field)
    stopping = threading.Event()

    def flow() -> None:
        while not stopping.wait(0.01):
            platform.socket.step(60_000, ms())

    meter = threading.Thread(target=flow)
    meter.start()
    try:
        assert person(field, platform, Fate.RUN_OUT).live() == "run_out"
    finally:
        stopping.set()
        meter.join()
    assert "POST /sockets/u/secret/stop/" not in platform.seen


def test_nothing_free_is_nothing_done(field: Field) -> None:
    platform = Platform(field)
    platform.free = False
    assert person(field, platform, Fate.STOP).live() == "found_none"
    assert len(platform.seen) == 1


def test_a_socket_that_somebody_took_meanwhile_turns_him_away(field: Field) -> None:
    """X13."""
    platform = Platform(field)
    platform.answers["/sockets/s/XC01-01/"] = httpx.Response(200, text="现在不能用")
    assert person(field, platform, Fate.STOP).live() == "turned_away"


@pytest.mark.parametrize(("status", "says"), [(429, "90"), (503, ""), (502, "later")])
def test_a_busy_platform_is_left_in_peace(status: int, says: str, field: Field) -> None:
    platform = Platform(field)
    headers = {"retry-after": says} if says else {}
    platform.answers["/sockets/places/XC01/"] = httpx.Response(status, headers=headers)
    with pytest.raises(Busy) as busy:
        person(field, platform, Fate.STOP).live()
    assert busy.value.seconds == (90 if says == "90" else 0)


def test_the_crowd_holds_back_longer_each_time_and_comes_not_at_all_at_pace_0(field: Field) -> None:
    crowd = Crowd("http://127.0.0.1:1", field, pace=3600, habits=QUICK)
    waits = []
    for told in (0, 0, 200, 0):
        crowd._hold_back(told)
        waits.append(round(crowd.quiet_until - time.monotonic()))
    assert waits == [30, 60, 200, 240]
    stopping = threading.Event()
    threading.Timer(1.5, stopping.set).start()
    crowd.run(stopping)
    assert (crowd.here(), crowd.told()) == (0, {})
    crowd.set_pace(0)
    assert crowd._gap() == 2.0
    for wrong in (-1, 3601, "5", True, None):
        crowd.set_pace(wrong)
    assert crowd.pace == 0


def test_a_platform_that_is_not_there_costs_nobody_anything(field: Field) -> None:
    crowd = Crowd("http://127.0.0.1:1", field, pace=1, habits=QUICK)
    crowd.comes().join(10)
    assert crowd.told() == {"gave_up": 1}


def test_a_page_that_cannot_be_understood_is_given_up(field: Field) -> None:
    platform = Platform(field)
    platform.answers["/sockets/s/XC01-01/"] = httpx.Response(200, text='name="channel"')
    with pytest.raises(Unexpected):
        person(field, platform, Fate.STOP).live()
