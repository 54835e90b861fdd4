"""Starts and stops of shared power at twenty a second, by real messages: from the verified payment to the relay, from the press to the refund.

The devices are this process: they obey at once, so what is measured is ours and the broker's.
"""

import threading
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

import paho.mqtt.client as mqtt
from django.db import connection
from paho.mqtt.enums import CallbackAPIVersion

from bancheng.kernel.clocks import public as clocks
from bancheng.lib import socketwire as wire
from bancheng.services.sockets import testing
from bancheng.services.sockets.operations import sessions
from bancheng.site.bench import Figure
from bancheng.site.bench._sockets import METER, house, name

PER_SECOND = 20.0
SOCKETS = 8


def run(scale: float) -> list[Figure]:
    """Measure both; `scale` 1 is 600 sessions, thirty seconds of starts and as many of stops."""
    count = int(600 * scale) or 60
    gateways = -(-count // SOCKETS)
    testing.wipe()
    testing.register([name(n) for n in range(gateways)], SOCKETS)
    try:
        with house() as port:
            devices = _Devices(port)
            begun, made = _start(count, gateways)
            closed = _waits(begun, devices.closed, count)
            ended = _paced(made, lambda pk: sessions.stop(session_id=pk, by="payer", at=clocks.now()))
            refunded = _refunds(ended)
            devices.client.disconnect()
    finally:
        testing.wipe()
    note = f"{count} sessions at {PER_SECOND:.0f}/s, devices that obey at once"
    return [
        Figure("paid to relay closed, p95", _p95(closed, count), 2.0, 1.0, "s", note),
        Figure("stopped to refund planned, p95", _p95(refunded, count), 5.0, 1.0, "s", note),
    ]


class _Devices:
    """Every socket of the bench, obeying."""

    def __init__(self, port: int) -> None:
        self.closed: dict[str, float] = {}
        self._seqs: dict[tuple[str, str], int] = {}
        self._began_ms = time.time_ns() // 1_000_000
        self.client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id="devices")
        self.client.max_inflight_messages_set(100)
        self.client.on_message = self._obey
        self.client.connect("127.0.0.1", port)
        self.client.subscribe(f"{wire.ROOT}/+/+/cmd", 1)
        self.client.loop_start()

    def _obey(self, client: Any, _: Any, message: Any) -> None:
        said = wire.read(message.topic, message.payload)
        assert isinstance(said, wire.Command)
        place = (said.gateway, said.socket)
        if said.op is wire.Op.START and said.session not in self.closed:
            self.closed[said.session] = time.monotonic()
            self._say(self._event(place, wire.EventKind.CLOSED, "start", said.session, closed=True))
        elif said.op is wire.Op.STOP:
            self._say(self._event(place, wire.EventKind.OPENED, "stop", said.session, closed=False))
            self._say(self._reading(place))

    def _stamp(self, place: tuple[str, str]) -> dict[str, Any]:
        self._seqs[place] = seq = self._seqs.get(place, 0) + 1
        now_ms = time.time_ns() // 1_000_000
        stamp = {"gateway": place[0], "socket": place[1], "boot": 1, "seq": seq, "up_ms": now_ms - self._began_ms}
        return stamp | {"ts_ms": now_ms, "meter": METER, "energy_10wh": 1000}

    def _event(self, place: tuple[str, str], kind: wire.EventKind, code: str, session: str, *, closed: bool) -> Any:
        return wire.Event(**self._stamp(place), kind=kind, code=code, session=session, closed=closed, value=0)

    def _reading(self, place: tuple[str, str]) -> Any:
        numbers: dict[str, Any] = {"voltage_dv": 2231, "current_ma": 0, "power_w": 0, "temperature_dc": 300, "flags": 0}
        return wire.Reading(**self._stamp(place), session="", **numbers)

    def _say(self, message: Any) -> None:
        parcel = wire.write(message)
        self.client.publish(parcel.topic, parcel.payload, qos=1)


def _start(count: int, gateways: int) -> tuple[dict[str, float], list[UUID]]:
    """Reserve and pay, twenty a second; return when each was paid."""
    begun: dict[str, float] = {}
    made: list[UUID] = []

    def one(n: int) -> None:
        code = f"{name(n % gateways)}-{n // gateways + 1}"
        session = sessions.reserve(code=code, prepay_fen=500, channel="wechat", at=clocks.now()).session
        began = time.monotonic()
        testing.pay(session, at=clocks.now())
        begun[session.pk.hex] = began
        made.append(session.pk)

    _paced(list(range(count)), one)
    return begun, made


def _paced(things: list[Any], do: Callable[[Any], object]) -> dict[str, float]:
    """Do it with each, twenty a second on four connections; return when each was begun."""
    began, begun = time.monotonic(), {}
    waiting = list(enumerate(things))
    lock = threading.Lock()

    def work() -> None:
        try:
            while True:
                with lock:
                    if not waiting:
                        return
                    n, thing = waiting.pop(0)
                time.sleep(max(0.0, began + n / PER_SECOND - time.monotonic()))
                begun[getattr(thing, "hex", str(thing))] = time.monotonic()
                do(thing)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return begun


def _waits(begun: dict[str, float], ended: dict[str, float], count: int) -> list[float]:
    end = time.monotonic() + 60
    while len(ended) < count and time.monotonic() < end:
        time.sleep(0.05)
    time.sleep(1)  # the last are still to be followed
    return [ended[each] - at for each, at in begun.items() if each in ended]


def _refunds(ended: dict[str, float]) -> list[float]:
    """Return how long each took from the press to the refund: planned by the gateway's clock, which is ours."""
    end = time.monotonic() + 60
    while testing.refunds_planned() < len(ended) and time.monotonic() < end:
        time.sleep(0.05)
    off = clocks.real_now().timestamp() - time.monotonic()
    return [at - off - ended[pk] for pk, at in testing.planned_at().items() if pk in ended]


def _p95(waits: list[float], count: int) -> float:
    """Return the 95th of a hundred; what never came counts as ages."""
    every = sorted([*waits, *[999.0] * (count - len(waits))])
    return every[int(len(every) * 0.95)]
