"""An open-loop load generator: requests leave when their moment comes, whether or not the ones before were answered.

Run as a program with the name of a plan, which is JSON: {"address", "rate", "seconds", "connections", "kinds": {name: {"share", "asks":
[[method, path, cookie, body, signer]], "once"}}, "keys": {signer: [id, hex, algorithm]}}. A request counts from the moment it was due, so a server that stands
still is seen standing still. What is `once` is asked once, the rest in turn. Prints what it saw as JSON.
"""

import asyncio
import json
import random
import secrets
import sys
import time
from itertools import cycle
from pathlib import Path
from typing import Any

from bancheng.lib import httpsig

GOOD = (b"200", b"201", b"202", b"302")
SHOWN = 5  # of what went wrong
LINGER = 30.0  # seconds in which late answers may still come


class Kind:
    """What is asked of one kind, and how it went."""

    def __init__(self, told: dict[str, Any]) -> None:
        self.asks = iter(told["asks"]) if told["once"] else cycle(told["asks"])
        self.share: float = told["share"]
        self.took: list[float] = []
        self.bad: list[str] = []


class Load:
    """One run."""

    def __init__(self, plan: dict[str, Any]) -> None:
        self.plan = plan
        self.kinds = {name: Kind(told) for name, told in plan["kinds"].items()}
        self.due: asyncio.Queue[tuple[float, str, list[Any]] | None] = asyncio.Queue()

    async def run(self) -> None:
        """Ask for the plan's seconds, then wait for the last answers."""
        workers = [asyncio.create_task(self._work()) for _ in range(self.plan["connections"])]
        await self._schedule()
        for _ in workers:
            self.due.put_nowait(None)
        await asyncio.wait(workers, timeout=LINGER)

    async def _schedule(self) -> None:
        chance = random.Random(1)
        names, shares = list(self.kinds), [kind.share for kind in self.kinds.values()]
        began, rate = time.perf_counter(), self.plan["rate"]
        for number in range(round(rate * self.plan["seconds"])):
            moment = began + number / rate
            if (wait := moment - time.perf_counter()) > 0:
                await asyncio.sleep(wait)
            name = chance.choices(names, shares)[0]
            if ask := next(self.kinds[name].asks, None):
                self.due.put_nowait((moment, name, ask))

    async def _work(self) -> None:
        door: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        while (told := await self.due.get()) is not None:
            moment, name, ask = told
            kind = self.kinds[name]
            try:
                if door is None:
                    host, _, port = self.plan["address"].partition(":")
                    door = await asyncio.open_connection(host, int(port))
                door[1].write(self._request(ask))
                status = await answer(door[0])
            except (OSError, asyncio.IncompleteReadError) as error:
                kind.bad.append(repr(error))
                door = None
                continue
            kind.took.append(time.perf_counter() - moment)
            if status not in GOOD:
                kind.bad.append(f"{ask[0]} {ask[1]} {status.decode()}")

    def _request(self, ask: list[Any]) -> bytes:
        method, path, cookie, body, signer = ask
        data = body.encode()
        headers = {"Host": self.plan["address"]}
        if cookie:
            headers |= {"Cookie": cookie}
        if data:
            headers |= {"Content-Type": "application/json" if signer else "application/x-www-form-urlencoded"}
            headers |= {"Content-Length": str(len(data))}
        if signer:
            headers |= self._signature(method, path, data, signer)
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        whole: bytes = f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + data
        return whole

    def _signature(self, method: str, path: str, data: bytes, signer: str) -> dict[str, str]:
        key_id, key, algorithm = self.plan["keys"][signer]
        own = {"Idempotency-Key": secrets.token_hex(8)} if data else {}
        message = httpsig.Message.to(method, f"http://{self.plan['address']}{path}", body=data, headers=own)
        moment = int(time.time())  # noqa: TID251  a signature bears the real time
        nonce = secrets.token_hex(8)
        return own | httpsig.sign(
            message, key_id=key_id, key=bytes.fromhex(key), at=moment, nonce=nonce, algorithm=algorithm
        )

    def said(self) -> dict[str, Any]:
        """Return what was seen, in milliseconds."""
        kinds = {name: {**percentiles(kind.took), "bad": len(kind.bad)} for name, kind in self.kinds.items()}
        took = [each for kind in self.kinds.values() for each in kind.took]
        bad = [each for kind in self.kinds.values() for each in kind.bad]
        cpu = time.process_time()
        unanswered = self.due.qsize()
        return {**percentiles(took), "bad": len(bad) + unanswered, "wrong": bad[:SHOWN], "cpu": cpu, "kinds": kinds}


async def answer(reader: asyncio.StreamReader) -> bytes:
    """Read one whole answer, by its length or in chunks, and return its status."""
    head = await reader.readuntil(b"\r\n\r\n")
    lines = head.lower().split(b"\r\n")
    lengths = [int(line.split(b":")[1]) for line in lines if line.startswith(b"content-length")]
    if lengths:
        await reader.readexactly(lengths[0])
    elif b"transfer-encoding: chunked" in lines:
        while size := int(await reader.readline(), 16):
            await reader.readexactly(size + 2)
        await reader.readexactly(2)
    status: bytes = head.split(b" ", 2)[1]
    return status


def percentiles(took: list[float]) -> dict[str, float]:
    """Return how many there were, and the p50, p95 and p99 in milliseconds."""
    ordered = sorted(took)
    at = {f"p{p}": ordered[min(len(ordered) - 1, len(ordered) * p // 100)] * 1000 for p in (50, 95, 99) if ordered}
    return {"count": len(ordered), **at}


def main(plan: str) -> None:
    load = Load(json.loads(Path(plan).read_text(encoding="utf-8")))
    began = time.process_time()
    asyncio.run(load.run())
    said = load.said()
    said["cpu"] -= began
    sys.stdout.write(json.dumps(said) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
