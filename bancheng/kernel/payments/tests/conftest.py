"""A sandbox of both channels in a process of its own, and somebody who hears its calls in place of the site."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from typing import Any

import httpx
import pytest

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.payments import channels, hooks
from bancheng.kernel.payments import public as payments
from bancheng.kernel.payments.models import Order, Refund
from bancheng.kernel.payments.operations import orders, refunds
from bancheng.lib import paykeys
from bancheng.site import outside

REGION = "411000"


@dataclass
class Sandbox:
    """The simulated channels: their address, a line to them, and the calls they made."""

    url: str
    var: Path
    http: httpx.Client  # one for all that is asked: to make one takes longer than to ask
    calls: "Queue[tuple[str, dict[str, str], bytes]]" = field(default_factory=Queue)

    def faults(self, **values: Any) -> None:
        """Set the panel's faults."""
        self.http.post(f"{self.url}/pay.json", json=values).raise_for_status()

    def books(self) -> Any:
        """Return what the channels keep."""
        return self.http.get(f"{self.url}/pay.json").json()

    def pays(self, number: str) -> None:
        """Let the payer press pay."""
        code = next(one["code"] for one in self.books()["orders"] if one["number"] == number)
        self.http.post(f"{self.url}/pay/sheet/{code}", data={"press": "pay"})

    def opens(self, sheet: str) -> httpx.Response:
        """Let the payer open a sheet."""
        return self.http.get(sheet, follow_redirects=True)

    def finishes(self, number: str, state: str) -> None:
        """Let the channel's people see to a refund that stayed."""
        self.http.post(f"{self.url}/pay/refunds/{number}", data={"state": state})

    def refunds_of(self, order: str) -> list[dict[str, Any]]:
        """Return what the channel sent back of an order."""
        return [one for one in self.books()["refunds"] if one["order"] == order]

    def call(self, seconds: float = 5) -> tuple[str, dict[str, str], bytes]:
        """Return the next call: path, headers, body. Raises queue.Empty."""
        return self.calls.get(timeout=seconds)

    def quiet(self, seconds: float = 0.5) -> bool:
        """Return whether no call comes."""
        try:
            self.calls.get(timeout=seconds)
        except Empty:
            return True
        return False


@pytest.fixture(scope="session")
def _channels(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    var = tmp_path_factory.mktemp("channels")
    with (
        outside.served("bancheng.sim.tests.pay_app:app", BANCHENG_VAR=str(var)) as origin,
        httpx.Client(trust_env=False) as http,
    ):
        yield Sandbox(origin, var, http)


@pytest.fixture
def sandbox(_channels: Sandbox, settings: Any) -> Iterator[Sandbox]:
    """The channels without a fault, the site's clients pointed at them."""
    fresh = Sandbox(_channels.url, _channels.var, _channels.http)
    listener = ThreadingHTTPServer(("127.0.0.1", 0), _hearing(fresh.calls))
    Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    blank = {name: type(value)() for name, value in fresh.books()["faults"].items()}
    fresh.faults(**blank | {"pace": 1})
    settings.SITE_URL = f"http://127.0.0.1:{listener.server_address[1]}"
    settings.WECHAT_PAY = {
        **settings.WECHAT_PAY,
        **_ours(_channels.var, "wechat"),
        "base_url": f"{fresh.url}/wechatpay",
    }
    settings.WECHAT_PAY["apiv3_key"] = paykeys.keys(_channels.var, "wechat").apiv3
    settings.ALIPAY = {
        **settings.ALIPAY,
        **_ours(_channels.var, "alipay"),
        "base_url": f"{fresh.url}/alipay/gateway.do",
    }
    channels.forget()
    yield fresh
    channels.forget()
    listener.shutdown()
    listener.server_close()


def _ours(var: Path, channel: str) -> dict[str, str]:
    made = paykeys.keys(var, channel)
    return {"private_key": made.merchant.private, "platform_key": made.platform.public}


def _hearing(calls: "Queue[tuple[str, dict[str, str], bytes]]") -> type[BaseHTTPRequestHandler]:
    class Hearing(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            calls.put((self.path, dict(self.headers.items()), body))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"success")

        def log_message(self, *_said: Any) -> None:
            pass

    return Hearing


def now() -> datetime:
    return clocks.real_now()


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What was told of payments and refunds."""
    heard: list[Any] = []
    monkeypatch.setattr(hooks.paid, "_listeners", [heard.append])
    monkeypatch.setattr(hooks.refund_moved, "_listeners", [heard.append])
    return heard


@pytest.fixture
def opened(sandbox: Sandbox, channel: str, told: list[Any], request: Any) -> Order:
    """An order whose sheet is open on the payer's phone."""
    made = payments.order(
        region=REGION,
        key=f"{channel}-{request.node.name}"[:100],
        channel=channel,
        amount_fen=500,
        description="共享电源预付电费",
        about="session:1",
        pay_before=now() + timedelta(minutes=3),
        at=now(),
    )
    orders.prepare(made.id)
    url = payments.sheet(made.id).url
    assert sandbox.opens(url).status_code == 200
    return Order.objects.get(pk=made.id)


def hear(sandbox: Sandbox, channel: str) -> None:
    """Take in the next call."""
    path, headers, body = sandbox.call()
    assert path == f"/payments/{channel}"
    payments.take_call(region=REGION, channel=channel, headers=headers, body=body, heard_at=now(), at=now())


def state(order: Order) -> str:
    return Order.objects.get(pk=order.pk).state


def paid(sandbox: Sandbox, channel: str, order: Order) -> None:
    sandbox.pays(order.number)
    hear(sandbox, channel)


def sent_back(order: Order, fen: int, key: str = "back") -> Refund:
    made = payments.refund(region=REGION, key=key, order_id=order.pk, amount_fen=fen, reason="余额", at=now())
    refunds.carry_on(made.id, at=now() + timedelta(minutes=2))
    return Refund.objects.get(pk=made.id)


def looked_at(row: Refund, later: timedelta = timedelta(hours=1)) -> Refund:
    refunds.carry_on(row.pk, at=now() + later)
    return Refund.objects.get(pk=row.pk)
