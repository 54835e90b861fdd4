"""Clients that others wrote, unchanged, against our sandboxes; and our signatures under their eyes.

wechatpayv3 and python-alipay-sdk know the real channels. What they accept from the sandbox, and what they sign as we do, is not our own
reading of the papers. PKCS#1 v1.5 signs the same text the same way, so signatures can be compared.
"""

import gzip
import hashlib
import json
import re
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import alipay as alipay_sdk
import httpx
import pytest
import wechatpayv3
import wechatpayv3.utils

from bancheng.kernel.payments import channels
from bancheng.kernel.payments.channels.wechat import read_bill
from bancheng.kernel.payments.models import Order
from bancheng.kernel.payments.rules import Movement, Trade
from bancheng.kernel.payments.tests.conftest import Sandbox, now, paid, state
from bancheng.lib.days import day_of
from bancheng.lib.refusal import Garbled

pytestmark = pytest.mark.django_db


@pytest.fixture
def wechat(sandbox: Sandbox, settings: Any, monkeypatch: pytest.MonkeyPatch) -> wechatpayv3.WeChatPay:
    """Somebody else's client of WeChat Pay, with our merchant's keys."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    ours = settings.WECHAT_PAY
    peer = wechatpayv3.WeChatPay(
        wechatpay_type=wechatpayv3.WeChatPayType.NATIVE,
        mchid=ours["mchid"],
        private_key=ours["private_key"],
        cert_serial_no=ours["serial"],
        appid=ours["appid"],
        apiv3_key=ours["apiv3_key"],
        notify_url=f"{settings.SITE_URL}/payments/wechat",
        public_key=ours["platform_key"],
        public_key_id=ours["platform_serial"],
        timeout=(5, 5),
    )
    peer._core._gate_way = ours["base_url"]
    return peer


@pytest.fixture
def alipay(sandbox: Sandbox, settings: Any, monkeypatch: pytest.MonkeyPatch) -> alipay_sdk.AliPay:
    """Somebody else's client of Alipay, with our app's keys."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    ours = settings.ALIPAY
    peer = alipay_sdk.AliPay(
        appid=ours["app_id"],
        app_notify_url=f"{settings.SITE_URL}/payments/alipay",
        app_private_key_string=ours["private_key"],
        alipay_public_key_string=ours["platform_key"],
    )
    peer._gateway = ours["base_url"]
    return peer


@pytest.fixture
def channel() -> str:
    return "wechat"


def said(answer: tuple[int, str]) -> dict[str, Any]:
    code, text = answer
    assert code in (200, 204), text
    return json.loads(text) if text else {}


# --- WeChat Pay ---


def test_another_client_orders_hears_refunds_and_closes_at_our_wechat(
    sandbox: Sandbox, wechat: wechatpayv3.WeChatPay
) -> None:
    """X15: the same number is one refund, whoever asks."""
    amount = {"total": 500, "currency": "CNY"}
    kinds = wechatpayv3.WeChatPayType
    assert said(wechat.pay("电费", "peer-native-1", amount))["code_url"].startswith("weixin://")
    jsapi = wechat.pay("电费", "peer-jsapi-1", amount, payer={"openid": "o-1"}, pay_type=kinds.JSAPI)
    assert said(jsapi)["prepay_id"]
    assert said(wechat.query(out_trade_no="peer-native-1"))["trade_state"] == "NOTPAY"
    assert wechat.query(out_trade_no="nobody-1")[0] == 404
    sandbox.pays("peer-native-1")
    _path, headers, body = sandbox.call()
    heard = wechat.callback(headers, body)
    assert (heard["event_type"], heard["resource"]["out_trade_no"]) == ("TRANSACTION.SUCCESS", "peer-native-1")
    assert wechat.callback(headers, body.replace(b"TRANSACTION", b"TRANSACTIOM", 1)) is None
    for _ in range(2):
        back = {"refund": 340, "total": 500, "currency": "CNY"}
        assert said(wechat.refund("peer-native-1-1", back, out_trade_no="peer-native-1"))["status"]
    assert said(wechat.query_refund("peer-native-1-1"))["status"] == "SUCCESS"
    assert [one["fen"] for one in sandbox.refunds_of("peer-native-1")] == [340]
    assert wechat.close("peer-jsapi-1")[0] == 204
    assert said(wechat.query(out_trade_no="peer-jsapi-1"))["trade_state"] == "CLOSED"


def test_another_client_notices_a_wrong_signature_of_our_wechat(
    sandbox: Sandbox, wechat: wechatpayv3.WeChatPay
) -> None:
    wechat.pay("电费", "peer-forged-1", {"total": 500})
    sandbox.faults(wrong_answer_signature=True)
    with pytest.raises(Exception, match="verify the signature"):
        wechat.query(out_trade_no="peer-forged-1")


def test_another_client_reads_what_ours_ordered_and_ours_what_it_ordered(
    sandbox: Sandbox, wechat: wechatpayv3.WeChatPay, opened: Order
) -> None:
    assert said(wechat.query(out_trade_no=opened.number))["amount"]["total"] == 500
    wechat.pay("电费", "peer-theirs-1", {"total": 123, "currency": "CNY"})
    sandbox.pays("peer-theirs-1")
    told = channels.gateway("wechat").query("peer-theirs-1")
    assert (told.state, told.amount_fen) == (Trade.PAID, 123)


def test_our_requests_and_pay_sheets_are_signed_as_another_client_signs(
    wechat: wechatpayv3.WeChatPay, opened: Order
) -> None:
    gateway: Any = channels.gateway("wechat")
    seen: list[httpx.Request] = []
    gateway.http.event_hooks["request"].append(seen.append)
    gateway.query(opened.number)
    gateway.close(opened.number)
    for request in seen:
        scheme, _, rest = request.headers["Authorization"].partition(" ")
        parts = dict(re.findall(r'(\w+)="([^"]*)"', rest))
        path = request.url.raw_path.decode().removeprefix("/wechatpay")
        text = f"{request.method}\n{path}\n{parts['timestamp']}\n{parts['nonce_str']}\n{request.content.decode()}\n"
        assert scheme == "WECHATPAY2-SHA256-RSA2048"
        assert parts["signature"] == wechatpayv3.utils.rsa_sign(wechat._core._private_key, text)
    sheet = gateway.jsapi("wx-prepay-1")
    assert sheet["paySign"] == wechat.sign([sheet[name] for name in ("appId", "timeStamp", "nonceStr", "package")])


def test_a_call_is_opened_alike_by_another_client_and_by_ours(
    sandbox: Sandbox, wechat: wechatpayv3.WeChatPay, opened: Order
) -> None:
    sandbox.pays(opened.number)
    _path, headers, body = sandbox.call()
    theirs = wechat.callback(headers, body)
    ours = channels.gateway("wechat").called(headers, body, now())
    assert (ours.notice, ours.told.number, ours.told.amount_fen) == (
        theirs["id"],
        theirs["resource"]["out_trade_no"],
        theirs["resource"]["amount"]["total"],
    )


def test_another_client_fetches_the_bill_that_ours_reads(
    sandbox: Sandbox, wechat: wechatpayv3.WeChatPay, opened: Order
) -> None:
    """Section 9.1: zipped as it asks for it, the digest is of what is inside."""
    paid(sandbox, "wechat", opened)
    assert state(opened) == "paid"
    sandbox.faults(bill_clock_days=2)
    told = said(wechat.trade_bill(day_of(now()).isoformat()))
    content = wechat.download_bill(told["download_url"])[1]
    bill = gzip.decompress(content)
    assert hashlib.sha1(bill, usedforsecurity=False).hexdigest() == told["hash_value"]
    assert Movement(opened.number, 500) in read_bill(bill)


# --- Alipay ---


def test_another_client_pays_hears_refunds_and_closes_at_our_alipay(
    sandbox: Sandbox, alipay: alipay_sdk.AliPay
) -> None:
    """X15: fund_change=Y once, N after that."""
    for number in ("peer-ali-1", "peer-ali-2"):
        asked = alipay.api_alipay_trade_wap_pay("电费", number, "5.00")
        page = httpx.get(f"{alipay._gateway}?{asked}", follow_redirects=True, trust_env=False)
        assert page.status_code == 200
    assert alipay.api_alipay_trade_query(out_trade_no="peer-ali-1")["trade_status"] == "WAIT_BUYER_PAY"
    sandbox.pays("peer-ali-1")
    _path, _headers, body = sandbox.call()
    fields = dict(parse_qsl(body.decode(), keep_blank_values=True))
    sign = fields.pop("sign")
    assert alipay.verify(dict(fields), sign)
    assert not alipay.verify({**fields, "total_amount": "6.00"}, sign)
    moved = [
        alipay.api_alipay_trade_refund("3.40", out_trade_no="peer-ali-1", out_request_no="peer-ali-1-1")["fund_change"]
        for _ in range(2)
    ]
    assert moved == ["Y", "N"]
    found = alipay.api_alipay_trade_fastpay_refund_query("peer-ali-1-1", out_trade_no="peer-ali-1")
    assert (found["refund_status"], found["refund_amount"]) == ("REFUND_SUCCESS", "3.40")
    assert alipay.api_alipay_trade_close(out_trade_no="peer-ali-2")["code"] == "10000"
    assert channels.gateway("alipay").query("peer-ali-2").state is Trade.CLOSED


def test_another_client_notices_a_wrong_signature_of_our_alipay(sandbox: Sandbox, alipay: alipay_sdk.AliPay) -> None:
    sandbox.faults(wrong_answer_signature=True)
    with pytest.raises(alipay_sdk.exceptions.AliPayValidationError):
        alipay.api_alipay_trade_query(out_trade_no="peer-ali-3")
    with pytest.raises(Garbled):
        channels.gateway("alipay").query("peer-ali-3")


def test_our_alipay_requests_are_signed_as_another_client_signs(alipay: alipay_sdk.AliPay) -> None:
    order = channels.Order("peer-ours-1", 731, "共享电源 预付电费", now(), return_url="https://city.example/mine/")
    url = str(channels.gateway("alipay").prepare(order)["url"])
    fields = dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))
    sign = fields.pop("sign")
    theirs = dict(parse_qsl(alipay.sign_data(fields), keep_blank_values=True))
    assert theirs["sign"] == sign
