"""Many gateways in one process, few words each: CONNECT, SUBSCRIBE, a birth with QoS 1. Used by the bench of those that come back.

`python -m bancheng.site.bench._returning PORT COUNT PASSWORDS` prints how long until the last birth was acknowledged.
"""

import asyncio
import json
import sys
import time
from pathlib import Path

from bancheng.lib import socketwire as wire
from bancheng.site.bench._sockets import name
from bancheng.site.broker import packets

LONGEST_SECONDS = 60.0
CONNACK, PUBACK, SUBACK = 2, 4, 9


class Gateway(asyncio.Protocol):
    """One that comes back; `done` is set when its birth is acknowledged."""

    def __init__(self, who: str, user: str, password: str) -> None:
        self.who, self.user, self.password = who, user, password
        self.done: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self._buffer = bytearray()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        asked = packets.Connect(packets.LEVEL, self.who, self.user, self.password, 60, clean=True)
        transport.write(asked.encode())

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (found := packets.size(self._buffer, 0)) is not None and len(self._buffer) >= found[1]:
            head, whole = found
            kind, body = self._buffer[0] >> 4, bytes(self._buffer[head:whole])
            del self._buffer[:whole]
            self._heard(kind, body)

    def connection_lost(self, error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(error or ConnectionError("turned away"))

    def _heard(self, kind: int, body: bytes) -> None:
        assert self._transport
        if kind == CONNACK and body[1] == 0:
            self._transport.write(_subscribe(f"{wire.ROOT}/{self.who}/+/cmd"))
        elif kind == CONNACK:
            self._transport.close()
        elif kind == SUBACK:
            birth = wire.write(wire.Status(self.who, True, 1, "bench"))
            self._transport.write(packets.said(birth.topic, birth.payload, 1))
        elif kind == PUBACK and not self.done.done():
            self.done.set_result(time.monotonic())


def _subscribe(wanted: str) -> bytes:
    topic = wanted.encode()
    body = b"\x00\x02" + len(topic).to_bytes(2, "big") + topic + b"\x01"
    return bytes([0x82, len(body)]) + body


async def _all(port: int, count: int, passwords: dict[str, tuple[str, str]]) -> dict[str, float]:
    loop = asyncio.get_running_loop()
    everybody = [Gateway(name(n), *passwords[name(n)]) for n in range(count)]
    began = time.monotonic()

    async def one(gateway: Gateway) -> float:
        await loop.create_connection(lambda: gateway, "127.0.0.1", port)
        return await asyncio.wait_for(gateway.done, LONGEST_SECONDS)

    ends = await asyncio.gather(*(one(each) for each in everybody), return_exceptions=True)
    back = [end - began for end in ends if isinstance(end, float)]
    return {"in": len(back), "took": time.monotonic() - began, "slowest": max(back, default=LONGEST_SECONDS)}


if __name__ == "__main__":
    known = json.loads(Path(sys.argv[3]).read_text(encoding="utf-8"))
    print(json.dumps(asyncio.run(_all(int(sys.argv[1]), int(sys.argv[2]), known))), flush=True)  # noqa: T201  a program's answer
