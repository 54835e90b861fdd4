"""MQTT 3.1.1 on the wire, as far as a doorkeeper must understand it. Pure; raises Garbled for what is malformed."""

from dataclasses import dataclass
from enum import IntEnum

from bancheng.lib.refusal import Garbled


class Kind(IntEnum):
    """The kinds of packets, the high half of the first byte."""

    CONNECT = 1
    CONNACK = 2
    PUBLISH = 3
    PUBACK = 4
    SUBSCRIBE = 8
    SUBACK = 9
    UNSUBSCRIBE = 10
    PINGREQ = 12
    PINGRESP = 13
    DISCONNECT = 14


LEVEL = 4  # of the protocol: 3.1.1
CONNECTED = b"\x20\x02\x00\x00"
WRONG_LEVEL, BAD_CREDENTIALS, NOT_ALLOWED = (bytes([0x20, 2, 0, code]) for code in (1, 4, 5))
PING = b"\xc0\x00"
FAILURE = 0x80  # of one filter in a SUBACK


@dataclass(frozen=True)
class Connect:
    """What somebody who comes says of himself."""

    level: int
    client: str
    user: str
    password: str
    keepalive: int
    clean: bool
    will_topic: str = ""
    will_payload: bytes = b""
    will_qos: int = 0
    will_retain: bool = False

    def encode(self) -> bytes:
        """Return the packet."""
        flags = 0xC0 | (0x02 if self.clean else 0)
        body = _text(self.client)
        if self.will_topic:
            flags |= 0x04 | self.will_qos << 3 | (0x20 if self.will_retain else 0)
            body += _text(self.will_topic) + _bytes(self.will_payload)
        body += _text(self.user) + _text(self.password)
        head = _text("MQTT") + bytes([self.level, flags]) + self.keepalive.to_bytes(2, "big")
        return packet(Kind.CONNECT, 0, head + body)


@dataclass(frozen=True)
class Publish:
    """A message, without its content."""

    topic: bytes
    qos: int
    retain: bool
    number: int  # 0 with QoS 0
    size: int  # of the payload


def size(buffer: bytes | bytearray, at: int) -> tuple[int, int] | None:
    """Return length of head and of the whole packet at `at`, None while its length is not all here."""
    length = 0
    for n in range(4):
        if at + 1 + n >= len(buffer):
            return None
        byte = buffer[at + 1 + n]
        length |= (byte & 0x7F) << 7 * n
        if not byte & 0x80:
            return 2 + n, 2 + n + length
    raise Garbled("a length without end")


def packet(kind: Kind, flags: int, body: bytes) -> bytes:
    """Return a packet."""
    length, head = len(body), bytearray([kind << 4 | flags])
    while True:
        length, byte = length >> 7, length & 0x7F
        head.append(byte | (0x80 if length else 0))
        if not length:
            return bytes(head) + body


def connect(body: bytes) -> Connect:
    """Return what a CONNECT says."""
    reading = _Reading(body)
    if reading.text() not in ("MQTT", "MQIsdp"):
        raise Garbled("another protocol")
    level, flags, keepalive = reading.byte(), reading.byte(), reading.number()
    if level != LEVEL:
        return Connect(level, "", "", "", keepalive, clean=True)
    client = reading.text()
    will_topic, will_payload = (reading.text(), reading.data()) if flags & 0x04 else ("", b"")
    user = reading.text() if flags & 0x80 else ""
    password = reading.text() if flags & 0x40 else ""
    return Connect(
        level,
        client,
        user,
        password,
        keepalive,
        bool(flags & 0x02),
        will_topic,
        will_payload,
        flags >> 3 & 3 if will_topic else 0,
        bool(flags & 0x20) and bool(will_topic),
    )


def publish(first: int, body: bytes) -> Publish:
    """Return what a PUBLISH says but for its content."""
    qos = first >> 1 & 3
    if len(body) < 2:
        raise Garbled("cut short")
    end = 2 + (body[0] << 8 | body[1])
    start = end + (2 if qos else 0)
    if start > len(body) or qos == 3:
        raise Garbled("cut short")
    number = body[end] << 8 | body[end + 1] if qos else 0
    return Publish(body[2:end], qos, bool(first & 1), number, len(body) - start)


def filters(body: bytes) -> tuple[int, list[str]]:
    """Return number and filters of a SUBSCRIBE."""
    reading, found = _Reading(body), []
    number = reading.number()
    while not reading.done():
        found.append(reading.text())
        reading.byte()
    if not found:
        raise Garbled("subscribes to nothing")
    return number, found


def said(topic: str, payload: bytes, number: int) -> bytes:
    """Return a PUBLISH with QoS 1."""
    return packet(Kind.PUBLISH, 0x02, _text(topic) + number.to_bytes(2, "big") + payload)


def acknowledged(number: int) -> bytes:
    """Return the PUBACK for a message."""
    return packet(Kind.PUBACK, 0, number.to_bytes(2, "big"))


def declined(number: int, count: int) -> bytes:
    """Return the SUBACK that refuses all filters."""
    return packet(Kind.SUBACK, 0, number.to_bytes(2, "big") + bytes([FAILURE]) * count)


def _bytes(data: bytes) -> bytes:
    return len(data).to_bytes(2, "big") + data


def _text(text: str) -> bytes:
    return _bytes(text.encode())


class _Reading:
    """Takes fields off the front of a packet."""

    def __init__(self, body: bytes) -> None:
        self._body, self._at = body, 0

    def done(self) -> bool:
        return self._at >= len(self._body)

    def byte(self) -> int:
        return self._take(1)[0]

    def number(self) -> int:
        return int.from_bytes(self._take(2), "big")

    def data(self) -> bytes:
        return self._take(self.number())

    def text(self) -> str:
        try:
            return self.data().decode()
        except UnicodeDecodeError as wrong:
            raise Garbled("no text") from wrong

    def _take(self, count: int) -> bytes:
        end = self._at + count
        if end > len(self._body):
            raise Garbled("cut short")
        taken, self._at = self._body[self._at : end], end
        return taken
