"""Payers inside WeChat: the silent sign-in, and the parameters of its own pay sheet, against the sandbox over HTTP."""

import base64
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from bancheng.kernel.payments import channels
from bancheng.kernel.payments import public as payments
from bancheng.kernel.payments.channels.wechat_payer import WechatPayer
from bancheng.kernel.payments.models import Order
from bancheng.kernel.payments.operations import orders
from bancheng.kernel.payments.tests.conftest import REGION, Sandbox, now
from bancheng.lib import paykeys
from bancheng.lib.refusal import Garbled, Unavailable

BACK = "https://city.example/sockets/wechat/"


@pytest.fixture
def payer(sandbox: Sandbox, settings: Any) -> WechatPayer:
    settings.WECHAT_AUTHORIZE_URL = f"{sandbox.url}/wechat/authorize"
    settings.WECHAT_TOKEN_URL = f"{sandbox.url}/wechat/access_token"
    found = channels.payer()
    assert found
    return found


def came_back(payer: WechatPayer) -> tuple[str, str]:
    """Go through WeChat; return the code and the state it came back with."""
    answer = httpx.get(payer.way(BACK, "st&te"), trust_env=False)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith(BACK)
    said = parse_qs(urlsplit(answer.headers["Location"]).query)
    return said["code"][0], said["state"][0]


def test_the_payer_is_known_without_being_asked_and_a_code_is_good_for_once(payer: WechatPayer) -> None:
    code, state = came_back(payer)
    assert state == "st&te"
    assert payer.openid(code).startswith("o")
    with pytest.raises(Garbled):
        payer.openid(code)


def test_a_wrong_secret_and_a_silent_wechat_tell_nothing(payer: WechatPayer) -> None:
    code, _ = came_back(payer)
    wrong = WechatPayer(payer.http, payer.appid, "another", payer.authorize_url, payer.token_url)
    with pytest.raises(Garbled):
        wrong.openid(code)
    deaf = WechatPayer(payer.http, payer.appid, payer.app_secret, payer.authorize_url, "http://127.0.0.1:9/")
    with pytest.raises(Unavailable) as told:
        deaf.openid(code)
    assert payer.app_secret not in str(told.value)


def test_without_the_app_s_secret_there_is_no_sign_in(settings: Any) -> None:
    settings.WECHAT_APP_SECRET = ""
    assert channels.payer() is None


@pytest.mark.django_db
def test_an_order_of_a_known_payer_is_paid_on_wechat_s_own_sheet(payer: WechatPayer, sandbox: Sandbox) -> None:
    """The page hands over what the merchant signed; who paid is kept no longer than until then."""
    made = payments.order(
        region=REGION,
        key="inside",
        channel="wechat",
        amount_fen=500,
        description="共享电源预付电费",
        about="session:1",
        pay_before=now() + timedelta(minutes=3),
        at=now(),
        openid=payer.openid(came_back(payer)[0]),
    )
    orders.prepare(made.id)
    sheet = payments.sheet(made.id).jsapi
    assert sheet
    assert sheet["package"].startswith("prepay_id=wx")
    signed = f"{sheet['appId']}\n{sheet['timeStamp']}\n{sheet['nonceStr']}\n{sheet['package']}\n"
    key: Any = load_pem_public_key(paykeys.keys(sandbox.var, "wechat").merchant.public.encode())
    key.verify(base64.b64decode(sheet["paySign"]), signed.encode(), PKCS1v15(), SHA256())
    assert Order.objects.get(pk=made.id).openid == ""
    assert sandbox.books()["orders"][-1]["openid"].startswith("o")
