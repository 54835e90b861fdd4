"""Real parts for tests: the embedded broker in a process of its own on a free port of loopback, and a gateway that speaks to it."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from bancheng.kernel.clocks import public as clocks
from bancheng.lib import loopback
from bancheng.lib import socketwire as wire
from bancheng.services.sockets.gateway.line import Broker
from bancheng.services.sockets.tests.walking import Device

RUN = "import sys, iotcore; iotcore.IotCoreBroker(listen='127.0.0.1', port=int(sys.argv[1])).run_forever()"


@contextmanager
def broker() -> Iterator[Broker]:
    """Run a broker, and end it."""
    port = loopback.spare_port()
    process = subprocess.Popen(
        [sys.executable, "-c", RUN, str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        wait(lambda: loopback.answers(port))
        yield Broker(loopback.HOST, port)
    finally:
        process.kill()
        process.wait()


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
                device.gateway,
                device.wire,
                said.command,
                wire.Result.DONE,
                device.closed,
                device.e_10wh,
                device.boot,
                device.seq,
            )
        )


def wait(until: Callable[[], object], seconds: float = 15, stands: Callable[[], object] = lambda: "") -> None:
    """Wait for something; when it does not come, fail with how it `stands`."""
    end = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < end, f"it did not come to that: {stands()}"
        time.sleep(0.02)
