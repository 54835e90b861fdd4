"""Real parts: a broker in a process of its own, the gateway's threads, devices that speak MQTT."""

import threading
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection

from bancheng.kernel.clocks import public as clocks
from bancheng.lib import socketwire as wire
from bancheng.services.sockets.gateway.line import Broker
from bancheng.services.sockets.gateway.process import Process
from bancheng.services.sockets.models import Command, GatewayState, Reading, Session
from bancheng.services.sockets.operations import sessions
from bancheng.services.sockets.rules.sessions import State
from bancheng.services.sockets.tests import walking
from bancheng.services.sockets.tests.broking import Gateway, broker, wait
from bancheng.services.sockets.tests.walking import Device, socket

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.fault]


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
