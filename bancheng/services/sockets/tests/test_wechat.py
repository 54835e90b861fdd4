"""A passer-by who scans with WeChat: he is known to it before he pays, silently, and nothing depends on it."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from bancheng.kernel.payments import testing as payments
from bancheng.services.sockets.models import Session
from bancheng.services.sockets.tests.walking import socket

pytestmark = pytest.mark.django_db
AGENT = "Mozilla/5.0 (iPhone) MicroMessenger/8.0.50 NetType/WIFI Language/zh_CN"
HERE = "/sockets/s/XC0001/"


@pytest.fixture
def wechat(settings: Any) -> Iterator[list[str]]:
    """WeChat's door for codes: says what is in the list."""
    says = ['{"openid": "o6_bmjrPTlm6_2sgVt7hMZOPfL2M"}']

    class Door(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(says[0].encode())

        def log_message(self, *_said: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Door) as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        settings.WECHAT_TOKEN_URL = f"http://127.0.0.1:{server.server_address[1]}/"
        yield says
        server.shutdown()


@pytest.fixture
def phone(wechat: list[str]) -> Client:
    socket()
    return Client(headers={"user-agent": AGENT})


def round_trip(phone: Client) -> Any:
    """Scan, go through WeChat and come back; return the answer to coming back."""
    way = urlsplit(phone.get(HERE)["Location"])
    asked = parse_qs(way.query)
    assert (asked["scope"], asked["redirect_uri"][0].endswith("/sockets/wechat/")) == (["snsapi_base"], True)
    return phone.get("/sockets/wechat/", {"code": "c", "state": asked["state"][0]})


def paying(phone: Client) -> Session:
    answer = phone.post(HERE, {"fen": "500", "channel": "wechat"})
    assert answer.status_code == 302, answer.content.decode()
    return Session.objects.latest("created_at")


def test_who_scans_with_wechat_pays_on_its_own_sheet(phone: Client) -> None:
    """F1.5."""
    assert round_trip(phone)["Location"] == HERE
    assert phone.get(HERE).status_code == 200  # asked once
    order = paying(phone).prepays.get().order_id
    assert payments.payer_of(order) == "o6_bmjrPTlm6_2sgVt7hMZOPfL2M"
    payments.opened_inside(order, {"package": 'prepay_id=wx"1'})
    mine = phone.get("/sockets/mine/").content.decode()
    secret = mine.split("/sockets/u/")[1].split("/")[0]
    page = phone.get(f"/sockets/u/{secret}/pay/").content.decode()
    assert "prepay_id=wx\\&quot;1" in page
    assert "http-equiv" not in page  # nothing reloads under the open sheet


@pytest.mark.parametrize("said", ['{"errcode": 40029}', "no json", '{"openid": "<script>"}', "[]"])
def test_when_wechat_does_not_say_who_he_is_he_pays_as_outside(phone: Client, wechat: list[str], said: str) -> None:
    wechat[0] = said
    round_trip(phone)
    page = phone.get(HERE).content.decode()  # not sent round again
    assert "在浏览器打开" in page
    assert payments.payer_of(paying(phone).prepays.get().order_id) == ""


def test_another_s_way_back_makes_nobody_another(phone: Client) -> None:
    """A state made for one browser does nothing in another."""
    state = parse_qs(urlsplit(phone.get(HERE)["Location"]).query)["state"][0]
    other = Client(headers={"user-agent": AGENT})
    other.get("/sockets/wechat/", {"code": "c", "state": state})
    assert other.get(HERE).status_code == 302  # still unknown
    assert other.get("/sockets/wechat/", {"state": "forged"})["Location"] == "/sockets/"


def test_outside_of_wechat_nobody_is_asked(phone: Client, settings: Any) -> None:
    assert Client().get(HERE).status_code == 200
    settings.WECHAT_APP_SECRET = ""
    assert phone.get(HERE).status_code == 200
