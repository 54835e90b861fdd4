"""A gateway on the wire: one MQTT connection, and all that can go wrong with it."""

import contextlib
import logging
import random
import socket as sockets
import ssl
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from bancheng.lib import socketwire as wire
from bancheng.lib.refusal import Garbled
from bancheng.lib.text import Text
from bancheng.sim.meters.firmware import Socket
from bancheng.sim.state import now

log = logging.getLogger("bancheng.sim")
RESEND_SECONDS, TIME_SECONDS = 10, 3600
BY_THE_CLOCK = (wire.Result.LATE, wire.Result.NO_CLOCK)
BACK_OFF_SECONDS = 60  # who has lost the broker, or power, comes back after a random while up to this
KEEP_ALIVE = 30
FIRMWARE = "sim-1.1"
KINDS = ("ack", "time", "+/cmd")
REMEMBERED = 200  # messages that can be replayed
SHUFFLED = 6  # so many are held back until they are said in any order


def ms() -> int:
    """Return the simulated outside's own clock."""
    return int(now() * 1000)


@dataclass
class Troubles:
    """What is switched to go wrong on the way between a gateway and the platform."""

    drop_acks: bool = False  # it never hears that something is stored
    lose_answers: bool = False  # its answers to commands get lost
    twice: bool = False  # it says everything twice
    shuffle: bool = False  # readings and events out of order
    late_commands_s: int = 0  # commands come so late
    garble_645: bool = False  # its meters answer with a broken byte


class Gateway:
    """One terminal with its sockets. Commands come on the client's thread, time on ours: `lock` keeps them apart."""

    def __init__(
        self,
        name: str,
        held: Sequence[Socket],
        *,
        site: str = "",
        site_name: Text | None = None,
        back_off_s: int = BACK_OFF_SECONDS,
        keep: Callable[["Gateway"], None] = lambda _: None,
    ) -> None:
        self.name, self.site, self.site_name = name, site, site_name or Text(site, site)
        self.sockets = {socket.wire: socket for socket in held}
        self.lock = threading.Lock()
        self.troubles = Troubles()
        self.silent = False  # the antenna is off
        self.back_off_s = back_off_s
        self._keep = (
            keep  # what is said stands in flash before: whoever is killed then has not said what he no longer knows
        )
        self.client: mqtt.Client | None = None
        self.moved_at = self.asked_at = 0.0
        self._asked_ms = -1  # what it said the time was when it last asked and was not answered yet
        self._where = ("", "")
        self._back_at: float | None = None  # when it goes to the broker
        self._recent: deque[Any] = deque(maxlen=REMEMBERED)
        self._held: list[Any] = []
        self._late: list[tuple[float, wire.Command]] = []

    @property
    def boot(self) -> int:
        """Return the number of this boot."""
        return max(socket.boot for socket in self.sockets.values())

    @property
    def powered(self) -> bool:
        """Return whether there is power."""
        return all(socket.world.powered for socket in self.sockets.values())

    @property
    def connected(self) -> bool:
        """Return whether the broker is reached."""
        return self.client is not None and self.client.is_connected()

    @property
    def unsaid(self) -> int:
        """Return how much of what it said nobody has confirmed."""
        return sum(len(socket.said) for socket in self.sockets.values())

    # --- coming and going ---

    def connect(self, url: str, password: str, *, within_s: float = 0) -> None:
        """Go to the broker under its own name after a random moment."""
        self._where = (url, password)
        self._back_at = now() + random.random() * within_s

    def leave(self) -> None:
        """Say goodbye."""
        self._back_at = None
        if self.client is not None:
            self.client.disconnect()
            self.client.loop_stop()
            self.client = None

    def lose(self) -> None:
        """Be cut off without a word: the broker says the last will."""
        client, self.client, self._back_at = self.client, None, None
        if client is None:
            return
        client.on_disconnect = None
        found = client.socket()
        if isinstance(found, sockets.socket):
            with contextlib.suppress(OSError):  # gone already
                found.shutdown(sockets.SHUT_RDWR)
        client.loop_stop()

    def come_back(self) -> None:
        """Go to the broker again after a random while, so that a whole market does not come in the same second."""
        if not self.silent and self.powered and self._where[0]:
            self._back_at = now() + random.uniform(min(1, self.back_off_s), self.back_off_s)

    def silence(self, silent: bool) -> None:
        """Take the antenna off, or put it back."""
        self.silent = silent
        if silent:
            self.lose()
        else:
            self.come_back()

    def power(self, on: bool) -> None:
        """Cut the power of the site, or restore it."""
        with self.lock:
            for socket in self.sockets.values():
                (socket.restore_power if on else socket.cut_power)(ms())
        if on:
            self.come_back()
        else:
            self.lose()

    def _go(self) -> None:
        """Open a connection of this boot; when it is refused or lost, the next attempt follows after another random while."""
        self._back_at = None
        url, password = self._where
        parts = urlsplit(url)
        client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=self.name, clean_session=True)
        client.username_pw_set(self.name, password)
        if parts.scheme == "mqtts":
            client.tls_set(cert_reqs=ssl.CERT_REQUIRED)
        will = wire.write(wire.Status(self.name, False, self.boot, FIRMWARE))
        client.will_set(will.topic, will.payload, 1, retain=will.retain)
        client.max_queued_messages_set(100)  # what does not go out stays in flash
        client.on_connect, client.on_message = self._connected, self._heard
        client.on_connect_fail = client.on_disconnect = lambda lost, *_: self._wait_a_while(lost)
        self._wait_a_while(client)
        self.client = client
        client.connect_async(parts.hostname or "127.0.0.1", parts.port or 1883, KEEP_ALIVE)
        client.loop_start()

    def _wait_a_while(self, client: mqtt.Client) -> None:
        client.reconnect_delay_set(random.randint(1, max(1, self.back_off_s)), max(1, self.back_off_s))

    # --- time passes ---

    def step(self, passed_ms: int) -> None:
        """Let time pass at every socket and say what there is to say; what stays unconfirmed is said again."""
        with self.lock:
            said = [message for socket in self.sockets.values() for message in socket.step(passed_ms, ms())]
            said += self._obey_late()
            if now() - self.moved_at > RESEND_SECONDS:
                said += self._flash()
        if self._back_at is not None and now() >= self._back_at:
            self._go()
        if self.connected:
            if now() - self.asked_at > TIME_SECONDS:
                said.append(self._time())
            self._say(said)

    def _time(self) -> wire.TimeAsked:
        self.asked_at = now()
        first = next(iter(self.sockets.values()))
        self._asked_ms = first.clock_ms(ms())
        return wire.TimeAsked(self.name, self.boot, first.up_ms, self._asked_ms)

    def _flash(self) -> list[Any]:
        self.moved_at = now()
        return [message for socket in self.sockets.values() for message in list(socket.said.values())[:100]]

    def replay(self) -> int:
        """Say again what was said of late, stored or not; return how much."""
        with self.lock:
            again = [each for each in self._recent if isinstance(each, wire.Reading | wire.Event)]
        self._publish(again)
        return len(again)

    # --- the client's thread ---

    def _connected(self, client: Any, _data: Any, _flags: Any, reason: Any, _more: Any) -> None:
        if reason.is_failure:
            log.warning("%s was not let in: %s", self.name, reason)
            return
        client.subscribe([(f"{wire.ROOT}/{self.name}/{kind}", 1) for kind in KINDS])
        with self.lock:
            said = [wire.Status(self.name, True, self.boot, FIRMWARE), *self._flash()]
            said += [socket.state(ms()) for socket in self.sockets.values()]
            said.append(self._time())
        self._say(said)

    def _heard(self, _client: Any, _data: Any, message: mqtt.MQTTMessage) -> None:
        try:
            said = wire.read(message.topic, bytes(message.payload))
        except Garbled as no:
            log.warning("%s cannot read %s: %s", self.name, message.topic, no)
            return
        if isinstance(said, wire.Command):
            if not message.retain:  # a retained command is a live wire
                self._commanded(said)
        elif isinstance(said, wire.Stored) and not self.troubles.drop_acks:
            self._stored(said)
        elif isinstance(said, wire.TimeTold) and said.ts_ms == self._asked_ms:
            self._asked_ms = -1  # an answer to an older question would set the clock a second time
            with self.lock:
                for socket in self.sockets.values():
                    socket.set_clock(said.now_ms - said.ts_ms, ms())

    def _stored(self, said: wire.Stored) -> None:
        with self.lock:
            erased = [
                self.sockets[name].stored(said.boot, seq) for name, seq in said.seqs.items() if name in self.sockets
            ]
            if any(erased):
                self.moved_at = now()

    def _commanded(self, said: wire.Command) -> None:
        with self.lock:
            if self.troubles.late_commands_s:
                self._late.append((now() + self.troubles.late_commands_s, said))
                return
            answer = self._obey(said)
            if any(isinstance(one, wire.CommandAck) and one.result in BY_THE_CLOCK for one in answer):
                answer.append(self._time())  # it may be its own clock that is wrong
        self._say(answer)

    def _obey(self, said: wire.Command) -> list[Any]:
        socket = self.sockets.get(said.socket)
        return socket.obey(said, ms()) if socket and socket.world.powered else []

    def _obey_late(self) -> list[Any]:
        due = [said for at, said in self._late if at <= now()]
        self._late = [(at, said) for at, said in self._late if at > now()]
        return [answer for said in due for answer in self._obey(said)]

    # --- saying ---

    def _say(self, messages: Sequence[Any]) -> None:
        """Say it, with the troubles that are switched on."""
        told = [each for each in messages if not (self.troubles.lose_answers and isinstance(each, wire.CommandAck))]
        with self.lock:
            if told:
                self._keep(self)
            self._recent += told
            if self.troubles.shuffle or self._held:
                told = self._shuffled(told)
        self._publish([each for each in told for _ in range(2 if self.troubles.twice else 1)])

    def _shuffled(self, messages: Sequence[Any]) -> list[Any]:
        log_entries = [each for each in messages if isinstance(each, wire.Reading | wire.Event)]
        self._held += log_entries
        now_said = [each for each in messages if each not in log_entries]
        if len(self._held) >= SHUFFLED or not self.troubles.shuffle:
            random.shuffle(self._held)
            now_said, self._held = now_said + self._held, []
        return now_said

    def _publish(self, messages: Sequence[Any]) -> None:
        if (client := self.client) is None:
            return
        for message in messages:
            parcel = wire.write(message)
            client.publish(parcel.topic, parcel.payload, 1, retain=parcel.retain)
