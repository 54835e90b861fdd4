"""The doorkeeper before the embedded broker: whom it lets in, and what each may say and hear.

rumqttd knows passwords and nothing else: everybody who is in may say anything under anybody's name. So gateways come to us. We
know each by its password and client name, look at the head of each packet they send, pass on what is theirs and drop the rest, which is
counted, logged and told to the platform. What the broker sends goes through unread; so does all of the platform's own traffic.

A refused message is acknowledged, as MQTT 3.1.1 has it: a gateway that errs must not say it for ever. Who sends malformed packets or
very large ones is thrown out. Who says too much is read more slowly, and nothing of it is lost.
"""

import asyncio
import hmac
import logging
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from bancheng.lib import socketwire as wire
from bancheng.lib.brokerkeys import Book
from bancheng.lib.refusal import Garbled
from bancheng.site.broker import packets, rules
from bancheng.site.broker.packets import Kind
from bancheng.site.broker.rules import Why

log = logging.getLogger("bancheng.broker")
PLATFORM = "platform"
CONNECT_SECONDS = 10.0
TELL_SECONDS = 5.0
SILENT_SECONDS = 15.0  # the broker has not answered for so long: it is dead, whatever its process says
TOPICS = 1_024  # judged and remembered for one connection
MOST_CONNECTIONS = 4_000


@dataclass
class House:
    """What all connections share."""

    book: Book
    platform_password: str
    inner_host: str
    inner_port: int
    inner_user: str
    inner_password: str
    refused: dict[str, Counter[str]] = field(default_factory=dict)
    connections: int = 0

    def refuse(self, gateway: str, why: Why) -> None:
        """Count a refusal. Names nobody was enrolled under are counted together: anybody may invent some."""
        self.refused.setdefault(gateway, Counter())[str(why)] += 1

    def take_refused(self) -> dict[str, Counter[str]]:
        """Return what was refused since the last time, and begin anew."""
        taken, self.refused = self.refused, {}
        return taken


class Inner(asyncio.Protocol):
    """Our connection to the broker on behalf of one client: what it says goes out as it is."""

    def __init__(self, outer: "Outer") -> None:
        self._outer = outer

    def data_received(self, data: bytes) -> None:
        self._outer.write(data)

    def connection_lost(self, error: Exception | None) -> None:
        self._outer.close()

    def pause_writing(self) -> None:
        self._outer.hold(True)

    def resume_writing(self) -> None:
        self._outer.hold(False)


class Outer(asyncio.Protocol):
    """One client: a gateway, or the platform."""

    def __init__(self, house: House, now: Callable[[], float] = time.monotonic) -> None:
        self._house, self._now = house, now
        self._buffer = bytearray()
        self._gateway = ""
        self._platform = False
        self._transport: asyncio.Transport | None = None
        self._inner: asyncio.Transport | None = None
        self._task: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._bucket = rules.Bucket(at=now())
        self._judged: dict[tuple[bytes, bool], Why | None] = {}
        self._held, self._throttled = False, False

    # --- the connection

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._house.connections += 1
        if self._house.connections > MOST_CONNECTIONS:
            transport.abort()
            return
        self._timer = asyncio.get_running_loop().call_later(CONNECT_SECONDS, self.close)

    def connection_lost(self, error: Exception | None) -> None:
        self._house.connections -= 1
        if self._timer:
            self._timer.cancel()
        if self._task:
            self._task.cancel()
        if self._inner:
            self._inner.close()

    def pause_writing(self) -> None:
        if self._inner:
            self._inner.pause_reading()

    def resume_writing(self) -> None:
        if self._inner and not self._inner.is_closing():
            self._inner.resume_reading()

    def write(self, data: bytes) -> None:
        if self._transport and not self._transport.is_closing():
            self._transport.write(data)

    def close(self) -> None:
        if self._transport:
            self._transport.close()

    def hold(self, held: bool) -> None:
        """Read no more until the broker has room."""
        self._held = held
        self._read_or_wait()

    def _read_or_wait(self) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        if self._held or self._throttled:
            self._transport.pause_reading()
        else:
            self._transport.resume_reading()

    def data_received(self, data: bytes) -> None:
        if self._platform and self._inner:
            self._inner.write(data)
            return
        self._buffer += data
        if self._inner:
            self._work()
        elif self._task is None:
            self._meet()
        elif len(self._buffer) > 4 * rules.LARGEST_PACKET:  # much, before he is let in
            self.close()

    # --- letting in

    def _meet(self) -> None:
        try:
            found = packets.size(self._buffer, 0)
            if found is None:
                return
            head, whole = found
            if self._buffer[0] >> 4 != Kind.CONNECT or whole > rules.LARGEST_PACKET:
                raise Garbled("no CONNECT")
            if len(self._buffer) < whole:
                return
            asked = packets.connect(bytes(self._buffer[head:whole]))
        except Garbled:
            self._house.refuse("", Why.MALFORMED)
            self.close()
            return
        del self._buffer[:whole]
        if no := self._judge(asked):
            self.write(no)
            self.close()
            return
        self._task = asyncio.ensure_future(self._let_in(asked))

    def _judge(self, asked: packets.Connect) -> bytes:
        """Return what to answer somebody who may not come in, nothing for somebody who may."""
        if asked.level != packets.LEVEL:
            return packets.WRONG_LEVEL
        if asked.user == PLATFORM:
            mine = self._house.platform_password
            self._platform = bool(mine) and hmac.compare_digest(mine.encode(), asked.password.encode())
            if not self._platform:
                self._house.refuse("", Why.PASSWORD)
            return b"" if self._platform else packets.BAD_CREDENTIALS
        if not self._house.book.admits(asked.user, asked.password):
            self._house.refuse(asked.user if self._house.book.knows(asked.user) else "", Why.PASSWORD)
            return packets.BAD_CREDENTIALS
        will = asked.will_topic
        if asked.client != asked.user or (will and will != wire.topic(asked.user, "status")):
            self._house.refuse(asked.user, Why.NAME)
            return packets.NOT_ALLOWED
        if len(asked.will_payload) > wire.LARGEST_PAYLOAD:
            self._house.refuse(asked.user, Why.LARGE)
            return packets.NOT_ALLOWED
        self._gateway = asked.user
        return b""

    async def _let_in(self, asked: packets.Connect) -> None:
        """Connect to the broker in his place, under the one name the broker knows."""
        house = self._house
        try:
            inner, _ = await asyncio.get_running_loop().create_connection(
                lambda: Inner(self), house.inner_host, house.inner_port
            )
        except OSError:
            self.close()
            return
        if self._transport is None or self._transport.is_closing():
            inner.close()
            return
        self._inner = inner
        inner.write(replace(asked, user=house.inner_user, password=house.inner_password).encode())
        if self._timer:
            self._timer.cancel()
        if self._platform:
            inner.write(bytes(self._buffer))
            self._buffer.clear()
        else:
            self._work()

    # --- what a gateway sends

    def _work(self) -> None:
        """Pass on the whole packets that are here; what is his goes in one piece."""
        buffer, at, said = self._buffer, 0, 0
        passed: list[bytes] = []
        try:
            while (found := packets.size(buffer, at)) is not None:
                head, whole = found
                if whole > rules.LARGEST_PACKET:
                    raise _Large
                if at + whole > len(buffer):
                    break
                first = buffer[at]
                said += first >> 4 == Kind.PUBLISH
                if self._packet(first, bytes(buffer[at + head : at + whole])):
                    passed.append(bytes(buffer[at : at + whole]))
                at += whole
        except (_Large, Garbled) as wrong:
            self._house.refuse(self._gateway, Why.LARGE if isinstance(wrong, _Large) else Why.MALFORMED)
            self.close()
        del buffer[:at]
        if self._inner and passed:
            self._inner.write(b"".join(passed))
        if said:
            self._slow_down(self._bucket.take(said, self._now()))

    def _packet(self, first: int, body: bytes) -> bool:
        """Return whether a packet is passed on; answer one that is not."""
        kind = first >> 4
        if kind == Kind.PUBLISH:
            return self._publish(first, body)
        if kind == Kind.SUBSCRIBE:
            number, wanted = packets.filters(body)
            if all(rules.may_hear(self._gateway, one) for one in wanted):
                return True
            self._house.refuse(self._gateway, Why.FOREIGN)
            self.write(packets.declined(number, len(wanted)))
            return False
        if kind in (Kind.PUBACK, Kind.UNSUBSCRIBE, Kind.PINGREQ, Kind.DISCONNECT):
            return True
        raise Garbled("nothing a gateway sends")

    def _publish(self, first: int, body: bytes) -> bool:
        said = packets.publish(first, body)
        if said.qos == 2:
            raise Garbled("QoS 2")  # the wire has none, and half of it would stay with the broker
        key = (said.topic, said.retain)
        known = key in self._judged and said.size <= wire.LARGEST_PAYLOAD
        no = self._judged[key] if known else self._may_say(said)
        if no is None:
            return True
        self._house.refuse(self._gateway, no)
        if said.qos:
            self.write(packets.acknowledged(said.number))
        return False

    def _may_say(self, said: packets.Publish) -> Why | None:
        topic = said.topic.decode("utf-8", "replace")
        no = rules.may_say(self._gateway, topic, retain=said.retain, size=said.size)
        if no is not Why.LARGE and len(self._judged) < TOPICS:
            self._judged[said.topic, said.retain] = no
        return no

    def _slow_down(self, seconds: float) -> None:
        if not seconds or self._throttled:
            return
        self._throttled = True
        self._house.refuse(self._gateway, Why.FLOODED)
        asyncio.get_running_loop().call_later(seconds, self._go_on)
        self._read_or_wait()

    def _go_on(self) -> None:
        self._throttled = False
        self._read_or_wait()


class _Large(Exception):
    """A packet that is not even read."""


class Teller(asyncio.Protocol):
    """Our own connection to the broker: tells the platform what was refused, and notices when the broker answers no more."""

    def __init__(self, house: House, now: Callable[[], float] = time.monotonic) -> None:
        self._house, self._now = house, now
        self._transport: asyncio.Transport | None = None
        self.heard_at = now()
        self.lost = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._transport.write(
            packets.Connect(
                packets.LEVEL, "bancheng-door", self._house.inner_user, self._house.inner_password, 60, clean=True
            ).encode()
        )

    def data_received(self, data: bytes) -> None:
        self.heard_at = self._now()

    def connection_lost(self, error: Exception | None) -> None:
        self.lost.set()

    def tell(self) -> None:
        """Say what was refused, in the log and to the platform, and ask whether the broker is there."""
        assert self._transport
        self._transport.write(packets.PING)
        for gateway, counts in self._house.take_refused().items():
            said = ", ".join(f"{why} {count}" for why, count in sorted(counts.items()))
            log.warning("拒收 · refused: %s: %s", gateway or "（未登记 · unknown）", said)
            if gateway:
                parcel = wire.write(wire.Refusals(gateway, dict(counts)))
                self._transport.write(packets.said(parcel.topic, parcel.payload, 1))

    @property
    def is_dead(self) -> bool:
        """Return whether the broker has fallen silent."""
        return self.lost.is_set() or self._now() - self.heard_at > SILENT_SECONDS


async def keep(house: House, host: str, port: int, stopping: asyncio.Event) -> bool:
    """Keep the door until told to stop; return False when the broker behind it has died."""
    loop = asyncio.get_running_loop()
    _, teller = await loop.create_connection(lambda: Teller(house), house.inner_host, house.inner_port)
    server = await loop.create_server(lambda: Outer(house), host, port, backlog=1024)
    async with server:
        while not stopping.is_set() and not teller.is_dead:
            try:
                await asyncio.wait_for(stopping.wait(), TELL_SECONDS)
            except TimeoutError:
                teller.tell()
    return not teller.is_dead
