"""One partition's connection to the broker: a named persistent session. A message is acknowledged after the commit that stored it.

Two threads: the client's own takes messages off the wire, ours works them by batches. The broker has at most a hundred under way to one
connection, so a batch is never larger, and the next is collected while one is committed.
"""

import logging
import queue
import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import unquote, urlsplit

import paho.mqtt.client as mqtt
from django.db import Error as DatabaseError
from django.db import close_old_connections, connection
from paho.mqtt.enums import CallbackAPIVersion

from bancheng.kernel.clocks import public as clocks
from bancheng.lib import socketwire as wire
from bancheng.services.sockets.gateway.hearing import Hearing, hear
from bancheng.services.sockets.queries.registry import Registered

logger = logging.getLogger("bancheng.sockets")
BATCH = 100
LINGER = 0.2  # seconds a batch of readings waits to fill: a commit for each few would cost more than they do
PATIENT = ("/reading", "/state")  # what may wait so long; anything else is worked at once, with what has come before it
KEEPALIVE = 20
QOS = 1


@dataclass(frozen=True)
class Broker:
    """Where the broker is, and as whom we come."""

    host: str
    port: int
    user: str = ""
    password: str = ""
    tls: bool = False

    @classmethod
    def of(cls, url: str) -> "Broker":
        """Return the broker of "mqtt://user:password@host:port", "mqtts://…" for TLS."""
        parts = urlsplit(url)
        tls = parts.scheme == "mqtts"
        return cls(
            parts.hostname or "127.0.0.1",
            parts.port or (8883 if tls else 1883),
            unquote(parts.username or ""),
            unquote(parts.password or ""),
            tls,
        )


def client(broker: Broker, name: str, *, keep: bool) -> mqtt.Client:
    """Return a client that acknowledges by hand; `keep`: the broker keeps its session while it is away."""
    made = mqtt.Client(
        CallbackAPIVersion.VERSION2, client_id=name, clean_session=not keep, manual_ack=True, reconnect_on_failure=True
    )
    if broker.user:
        made.username_pw_set(broker.user, broker.password)
    if broker.tls:
        made.tls_set()
    made.max_inflight_messages_set(BATCH)
    made.reconnect_delay_set(1, 30)
    return made


def filters(gateway: str) -> list[str]:
    """Return what is listened to of one gateway; never all below its name, for the embedded broker chokes on what we say ourselves."""
    return [
        f"{wire.ROOT}/{gateway}/status",
        f"{wire.ROOT}/{gateway}/time",
        f"{wire.ROOT}/{gateway}/refused",
        *(f"{wire.ROOT}/{gateway}/+/{kind}" for kind in ("state", "reading", "event", "cmdack")),
    ]


class Line:
    """The connection of one partition and the thread that works what comes by it."""

    def __init__(self, number: int, broker: Broker, *, now: Callable[[], datetime] = clocks.now) -> None:
        self.number = number
        self.gateways: Mapping[str, Registered] = {}
        self.hearing = Hearing()
        self._now = now
        self._broker = broker
        self._waiting: queue.SimpleQueue[mqtt.MQTTMessage | None] = queue.SimpleQueue()
        self._stopping = threading.Event()
        self._client = client(broker, f"bancheng-acq-{number}", keep=True)
        self._client.on_connect = self._on_connect
        self._client.on_message = self._on_message
        self._worker = threading.Thread(target=self._work, name=f"line-{number}", daemon=True)

    def start(self, gateways: Mapping[str, Registered]) -> None:
        """Connect and listen to `gateways`; a broker that is away is waited for."""
        self.gateways = dict(gateways)
        self._client.connect_async(self._broker.host, self._broker.port, keepalive=KEEPALIVE)
        self._client.loop_start()
        self._worker.start()

    def stop(self) -> None:
        """Work what is under way and leave; the broker keeps the rest for whoever comes next."""
        self._stopping.set()
        self._waiting.put(None)
        if self._worker.is_alive():
            self._worker.join(timeout=10)
        self._client.disconnect()
        self._client.loop_stop()

    def know(self, gateways: Mapping[str, Registered]) -> None:
        """Listen to gateways that are new."""
        new = [name for name in gateways if name not in self.gateways]
        self.gateways = dict(gateways)
        self._subscribe(new)

    def say(self, message: wire.Message) -> bool:
        """Hand a message to the broker; return whether it is connected."""
        parcel = wire.write(message)
        if not self._client.is_connected():
            return False
        self._client.publish(parcel.topic, parcel.payload, qos=QOS, retain=parcel.retain)
        return True

    # -- the client's thread

    def _on_connect(self, made: mqtt.Client, _: Any, flags: Any, reason: Any, properties: Any) -> None:
        if reason.is_failure:
            logger.warning("the broker refuses line %d: %s", self.number, reason)
            return
        self._subscribe(list(self.gateways))  # a broker that was killed has forgotten

    def _subscribe(self, gateways: Collection[str]) -> None:
        wanted = [(each, QOS) for gateway in gateways for each in filters(gateway)]
        for first in range(0, len(wanted), BATCH):
            self._client.subscribe(wanted[first : first + BATCH])

    def _on_message(self, made: mqtt.Client, _: Any, message: mqtt.MQTTMessage) -> None:
        self._waiting.put(message)

    # -- our thread

    def _work(self) -> None:
        try:
            while True:
                batch = self._collect()
                if batch:
                    self._until_done(batch)
                elif self._stopping.is_set():
                    return
        finally:
            connection.close()

    def _collect(self) -> list[mqtt.MQTTMessage]:
        """Return what came: the first is waited for, then a moment for more, unless one is in a hurry."""
        batch: list[mqtt.MQTTMessage] = []
        wait, end = 1.0, None
        while len(batch) < BATCH and not (batch and self._stopping.is_set()):
            try:
                more = self._waiting.get(timeout=wait)
            except queue.Empty:
                break
            if more is None:
                break
            batch.append(more)
            end = end or time.monotonic() + LINGER
            if not more.topic.endswith(PATIENT):
                end = time.monotonic()
            wait = max(0.0, end - time.monotonic())
        return batch

    def _until_done(self, batch: Sequence[mqtt.MQTTMessage]) -> None:
        """Work a batch until the database has it; nothing is acknowledged before."""
        wait = 0.2
        while not self._once(batch):
            if self._stopping.wait(wait):
                return
            wait = min(wait * 2, 10)

    def _once(self, batch: Sequence[mqtt.MQTTMessage]) -> bool:
        try:
            answers = hear(
                [(message.topic, bytes(message.payload)) for message in batch],
                gateways=self.gateways,
                hearing=self.hearing,
                at=self._now(),
            )
        except DatabaseError as error:
            logger.warning("line %d lost its database (%s) and tries again", self.number, type(error).__name__)
            close_old_connections()
            return False
        for message in batch:
            self._client.ack(message.mid, message.qos)
        for answer in answers:
            self.say(answer)
        return True
