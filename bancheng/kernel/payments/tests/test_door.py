"""The door the channels call at, as the web serves it."""

import json
from typing import Any

import pytest
from django.test import Client

from bancheng.kernel.payments import channels
from bancheng.kernel.payments.models import Callback, Order
from bancheng.kernel.payments.tests.conftest import Sandbox, state

pytestmark = [pytest.mark.django_db, pytest.mark.parametrize("channel", ["wechat", "alipay"])]


@pytest.fixture
def call(sandbox: Sandbox, opened: Order, channel: str) -> tuple[dict[str, str], bytes]:
    """A call about a payment, as the channel made it."""
    sandbox.pays(opened.number)
    _path, headers, body = sandbox.call()
    return headers, body


def knock(client: Client, channel: str, call: tuple[dict[str, str], bytes], **changed: str) -> Any:
    headers, body = call
    kept = {name: value for name, value in headers.items() if name.lower().startswith("wechatpay-")}
    return client.post(f"/payments/{channel}", body, content_type=headers["Content-Type"], headers={**kept, **changed})


def test_what_is_true_is_confirmed_in_the_channels_own_way_however_often(
    client: Client, opened: Order, channel: str, call: tuple[dict[str, str], bytes], told: list[Any]
) -> None:
    """X1: WeChat reads the status, Alipay seven letters."""
    for _ in range(3):
        answer = knock(client, channel, call)
        assert (answer.status_code, answer.content) == {"wechat": (204, b""), "alipay": (200, b"success")}[channel]
    assert (state(opened), len(told), Callback.objects.count()) == ("paid", 1, 1)


@pytest.mark.parametrize("fault", ["wrong_signature", "old_call", "wrong_amount"])
def test_what_cannot_be_trusted_is_not_confirmed(
    client: Client, sandbox: Sandbox, opened: Order, channel: str, told: list[Any], fault: str
) -> None:
    sandbox.faults(**{fault: True})
    sandbox.pays(opened.number)
    _path, headers, body = sandbox.call()
    answer = knock(client, channel, (headers, body))
    assert (answer.status_code, answer.content != b"success") == (401, True)
    assert (state(opened), told, Callback.objects.count()) == ("open", [], 0)


def test_a_body_that_was_touched_is_refused(
    client: Client, opened: Order, channel: str, call: tuple[dict[str, str], bytes]
) -> None:
    headers, body = call
    for touched in (body.replace(b"a", b"b", 1), body[:-1], b"", b"{}", b"\xff\x00", b"[" * 9000, b"x" * 200_000):
        assert knock(client, channel, (headers, touched)).status_code == 401
    assert state(opened) == "open"


@pytest.mark.parametrize("whose", ["merchant", "app", "key"])
def test_a_call_for_somebody_else_is_refused(
    client: Client, settings: Any, opened: Order, channel: str, call: tuple[dict[str, str], bytes], whose: str
) -> None:
    """Another merchant, another app, a key that is not the platform's."""
    fields = {
        ("wechat", "merchant"): "mchid",
        ("wechat", "app"): "appid",
        ("wechat", "key"): "platform_serial",
        ("alipay", "merchant"): "seller_id",
        ("alipay", "app"): "app_id",
    }
    if (channel, whose) == ("alipay", "key"):
        settings.ALIPAY = {**settings.ALIPAY, "platform_key": settings.WECHAT_PAY["platform_key"]}
    elif channel == "wechat":
        settings.WECHAT_PAY = {**settings.WECHAT_PAY, fields[channel, whose]: "somebody-else"}
    else:
        settings.ALIPAY = {**settings.ALIPAY, fields[channel, whose]: "somebody-else"}
    channels.forget()
    assert knock(client, channel, call).status_code == 401
    assert state(opened) == "open"


def test_a_probe_and_a_bare_call_are_refused(
    client: Client, opened: Order, channel: str, call: tuple[dict[str, str], bytes]
) -> None:
    """WeChat sends calls with a wrong signature on purpose; whoever takes them is cut off."""
    if channel == "alipay":
        bare = call[1].split(b"&sign=")[0]
        assert knock(client, channel, (call[0], bare)).status_code == 401
        return
    signed = call[0]["Wechatpay-Signature"]
    for signature in ("WECHATPAY/SIGNTEST/" + signed, "", "not base64", signed[:-8]):
        assert knock(client, channel, call, **{"Wechatpay-Signature": signature}).status_code == 401
    answer = client.post("/payments/wechat", call[1], content_type="application/json")
    assert (answer.status_code, json.loads(answer.content)["code"]) == (401, "FAIL")
    assert state(opened) == "open"


def test_there_is_no_door_for_a_channel_that_is_not_set_up(
    client: Client, settings: Any, channel: str, call: tuple[dict[str, str], bytes]
) -> None:
    settings.WECHAT_PAY = settings.ALIPAY = None
    assert knock(client, channel, call).status_code == 404
    assert client.post("/payments/unionpay", b"x", content_type="text/plain").status_code == 404
    assert client.get(f"/payments/{channel}").status_code == 405
