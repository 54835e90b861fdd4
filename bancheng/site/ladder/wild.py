"""A gateway that somebody got hold of: it speaks under another's name, says old things again, floods, sends a megabyte and what is no JSON."""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from itertools import cycle

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from bancheng.lib import brokerkeys
from bancheng.lib import socketwire as wire
from bancheng.site.ladder.houses import House

NAME, WIRE = "gw-wild", "1"
METER = "209911070001"
MEGABYTE = 1_000_000
FLOOD, EVERY = 4_000, 20  # messages, and in each so many-th round of its deeds
REPEATS = 30
PAUSE_SECONDS = 0.7
REGISTER = """
WITH unit AS (
    INSERT INTO sockets_unit (region, site_id, gateway, serial, form, protocol, firmware, fingerprint)
    SELECT region, site_id, %s, '', form, protocol, '', '' FROM sockets_unit WHERE gateway = %s RETURNING id, region
)
INSERT INTO sockets_socket (region, unit_id, code, wire, number, phase, rated_ma, state, reason, reason_en, tested_by, checks)
SELECT region, id, 'WILD-01', %s, 1, 'A', 16000, 'registered', '', '', '', '[]' FROM unit RETURNING id
"""


class Wild:
    """It is enrolled and registered as any other, and does what it must not until told to stop."""

    def __init__(self, house: House, victim: str) -> None:
        self.house, self.victim = house, victim
        house.ask(REGISTER, NAME, victim, WIRE)
        book = brokerkeys.Book(house.folder / "broker" / "passwords")
        self._password = book.enrol([NAME])[NAME]
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._seq = 0

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End."""
        self._stopping.set()
        self._thread.join(30)

    def _run(self) -> None:
        deeds: list[Callable[[mqtt.Client], None]] = [
            self._another, self._own, self._replay, self._no_json, self._megabyte
        ]  # fmt: skip
        for deed in cycle([*deeds, self._flood, *deeds * (EVERY - 1)]):
            if self._stopping.wait(PAUSE_SECONDS):
                return
            with suppress(OSError, ValueError, RuntimeError):  # the broker is killed under it too
                self._once(deed)

    def _once(self, deed: Callable[[mqtt.Client], None]) -> None:
        """Come in, do it, and go: whoever sends a megabyte is thrown out."""
        client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=NAME, reconnect_on_failure=False)
        client.username_pw_set(NAME, self._password)
        host, _, port = self.house.mqtt.rpartition(":")
        client.connect(host, int(port), 30)
        client.loop_start()
        try:
            for _ in range(20):
                if client.is_connected():
                    break
                time.sleep(0.1)
            deed(client)
            time.sleep(0.3)
        finally:
            client.disconnect()
            client.loop_stop()

    def _another(self, client: mqtt.Client) -> None:
        said = wire.write(self._reading(self.victim))
        client.publish(said.topic, said.payload, 1)
        client.publish(f"{wire.ROOT}/{self.victim}/status", b'{"on":0,"boot":99}', 1, retain=True)

    def _own(self, client: mqtt.Client) -> None:
        self._seq += 1
        said = wire.write(self._reading(NAME))
        client.publish(said.topic, said.payload, 1)

    def _replay(self, client: mqtt.Client) -> None:
        said = wire.write(self._reading(NAME))
        for _ in range(REPEATS):
            client.publish(said.topic, said.payload, 1)

    def _no_json(self, client: mqtt.Client) -> None:
        for payload in (b"no JSON", b"\xff\x00", b"[1,2]", b'{"boot":"x"}'):
            client.publish(f"{wire.ROOT}/{NAME}/{WIRE}/reading", payload, 1)

    def _megabyte(self, client: mqtt.Client) -> None:
        client.publish(f"{wire.ROOT}/{NAME}/{WIRE}/reading", b"x" * MEGABYTE, 1)

    def _flood(self, client: mqtt.Client) -> None:
        said = wire.write(self._reading(NAME))
        for _ in range(FLOOD):
            client.publish(said.topic, said.payload, 0)
        time.sleep(2)

    def _reading(self, gateway: str) -> wire.Reading:
        now_ms = time.time_ns() // 1_000_000
        return wire.Reading(
            gateway, WIRE, 1, max(1, self._seq), max(1, self._seq) * 1000, now_ms, METER, "", 5_000, 2231, 0, 0, 310, 0
        )
