"""Real parts: a broker in a process of its own, the gateway's threads, devices that speak MQTT."""

import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import paho.mqtt.client as mqtt
import pytest
from django.db import connection
from paho.mqtt.enums import CallbackAPIVersion

from bancheng.kernel.clocks import public as clocks
from bancheng.lib import socketwire as wire
from bancheng.services.sockets.gateway.line import Broker
from bancheng.services.sockets.gateway.process import Process
from bancheng.services.sockets.models import Command, GatewayState, Reading, Session
from bancheng.services.sockets.operations import sessions
from bancheng.services.sockets.rules.sessions import State
from bancheng.services.sockets.tests import walking
from bancheng.services.sockets.tests.broking import broker
from bancheng.services.sockets.tests.walking import Device, socket

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.fault]


class Gateway:
    """A gateway with one socket on a real connection: it obeys, counts, and keeps what it said until it may erase it."""

    def __init__(self, where: Broker, device: Device) -> None:
        self.device = device
        self.stored = 0
        self.commands: list[wire.Command] = []
        self.told: list[wire.TimeTold] = []
        self.client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=device.gateway)
        self.client.on_message = self._heard
        self.client.connect(where.host, where.port)
        for kind in ("ack", "time", "+/cmd"):
            self.client.subscribe(f"pw/1/{device.gateway}/{kind}", 1)
        self.client.loop_start()

    def say(self, message: Any) -> None:
        parcel = wire.write(message)
        self.client.publish(parcel.topic, parcel.payload, qos=1, retain=parcel.retain).wait_for_publish(5)

    def raw(self, topic: str, payload: bytes) -> None:
        self.client.publish(topic, payload, qos=1).wait_for_publish(5)

    def birth(self) -> None:
        self.say(wire.Status(self.device.gateway, True, self.device.boot, "1.0"))

    def _heard(self, client: Any, _: Any, message: Any) -> None:
        said = wire.read(message.topic, message.payload)
        if isinstance(said, wire.Stored):
            self.stored = max(self.stored, said.seqs.get(self.device.wire, 0))
        elif isinstance(said, wire.TimeTold):
            self.told.append(said)
        elif isinstance(said, wire.Command):
            self.commands.append(said)
            threading.Thread(target=self._obey, args=[said]).start()

    def _obey(self, said: wire.Command) -> None:
        now, device = clocks.real_now(), self.device
        repeated = [one.command for one in self.commands].count(said.command) > 1
        if not repeated and said.op is wire.Op.START:
            device.session = said.session
            self.say(device.event(now, wire.EventKind.CLOSED, "start", closed=True).message)
        elif not repeated and said.op is wire.Op.STOP:
            for each in device.open(now):
                self.say(each.message)
        self.say(
            wire.CommandAck(
                device.gateway, device.wire, said.command, wire.Result.DONE, device.closed, device.e_10wh, device.boot, device.seq
            )
        )


@pytest.fixture
def where() -> Iterator[Broker]:
    with broker() as one:
        yield one


@pytest.fixture
def process(where: Broker) -> Iterator[Process]:
    made = Process(where, partitions=2)
    thread = threading.Thread(target=lambda: (made.run(), connection.close()))
    thread.start()
    yield made
    made.stopping.set()
    thread.join(20)


def wait(until: Callable[[], object], seconds: float = 15) -> None:
    end = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.02)


def test_scan_pay_use_stop_by_real_messages(where: Broker, process: Process) -> None:
    """F1.8 to F1.12: from the payment to the bill by MQTT, and the device may erase what the database has."""
    socket()
    now = clocks.real_now()
    device = Device(began=now - timedelta(hours=1))
    wait(lambda: process.lines and all(line._client.is_connected() for line in process.lines.values()))
    wait(lambda: process.mine())
    time.sleep(0.3)
    gateway = Gateway(where, device)
    gateway.birth()
    session = walking.reserve(at=clocks.now())
    began = time.monotonic()
    walking.paid(session, clocks.now())
    wait(lambda: Session.objects.get(pk=session.pk).state == State.ACTIVE)
    took = time.monotonic() - began
    for _ in range(5):
        gateway.say(device.reading(clocks.real_now()).message)
    wait(lambda: gateway.stored >= 6)
    sessions.stop(session_id=session.pk, by="payer", at=clocks.now())
    wait(lambda: Session.objects.get(pk=session.pk).state == State.REFUNDING)
    found = Session.objects.get(pk=session.pk)
    assert (found.cost_fen, found.refunded_fen) == (0, 500)
    assert Reading.objects.count() == device.seq
    wait(lambda: Command.objects.filter(op="start").get().state == "done")
    assert took < 2
    gateway.say(wire.TimeAsked(device.gateway, 1, 5, 1000))
    wait(lambda: gateway.told)
    gateway.raw(f"pw/1/{device.gateway}/1/reading", b"x" * 20_000)
    gateway.raw(f"pw/1/{device.gateway}/1/reading", b"not json")
    gateway.raw(f"pw/1/{device.gateway}/9/reading", wire.write(device.reading(clocks.real_now()).message).payload)
    wait(lambda: (row := GatewayState.objects.get()) and (row.garbled, row.foreign) == (2, 1))
    assert GatewayState.objects.get().online
