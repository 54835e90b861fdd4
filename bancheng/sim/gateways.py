"""The machine doors of the simulated message gateways, and the pump that brings their receipts back.

`POST /sms/v1/messages` and `POST /push/v1/messages` take signed batches, dated by their `at` (milliseconds; without it, by
the wall clock), so that a replayed year has its messages and receipts in their own months; `GET …/status?ids=a,b` tells what became of
them. Receipts are posted, signed, to `BANCHENG_RECEIPTS_URL` (default: the site's own door) + `/<channel>`, in batches,
until they are confirmed.
"""

import asyncio
import contextlib
import json
import logging
import random
import secrets
from collections.abc import AsyncIterator, Callable
from typing import Any
from urllib.parse import urlsplit

import httpx
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from bancheng.lib import signing
from bancheng.lib.refusal import Garbled
from bancheng.sim.state import BATCH, CHANNELS, World, now

log = logging.getLogger("bancheng.sim")
LARGEST_BODY = 1_000_000
LAST_INSTANT = 4_000_000_000_000  # milliseconds; the year 2096
SENDERS = 2  # receipt batches under way at the same time, for each channel


class Cut(Response):
    """An answer that breaks off: the client never learns that its messages were taken."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1000")]})
        await send({"type": "http.response.body", "body": b"{", "more_body": True})
        raise ConnectionAbortedError("dropped by the fault panel")


class Door:
    """One gateway's doors over the shared `world`."""

    def __init__(self, channel: str, world: Callable[[], World]) -> None:
        self.channel = channel
        self.world = world
        self.seen = signing.Nonces(now)

    async def messages(self, request: Request) -> Response:
        world = self.world()
        faults = world.faults[self.channel]
        body = await request.body()
        if no := await self._trouble(request, body):
            return no
        try:
            sent = json.loads(body)
            items, at = sent["messages"], sent.get("at")
        except (ValueError, KeyError, TypeError, AttributeError):
            return _no(422, "bad_json")
        if at is not None and not (type(at) is int and 0 < at < LAST_INSTANT):
            return _no(422, "bad_instant")
        if not isinstance(items, list) or not 0 < len(items) <= BATCH:
            return _no(422, "bad_batch")
        answers = world.take(self.channel, items, at=at and at / 1000)
        if random.random() < faults.drop_rate:
            return Cut()
        return JSONResponse({"results": answers})

    async def status(self, request: Request) -> Response:
        if no := await self._trouble(request, b""):
            return no
        world = self.world()
        ids = request.query_params.get("ids", "").split(",")
        found = [message for each in ids if (message := world.messages.get((self.channel, each)))]
        return JSONResponse(
            {"results": [_receipt(world, self.channel, message.id, message.state) for message in found]}
        )

    async def _trouble(self, request: Request, body: bytes) -> Response | None:
        world = self.world()
        faults = world.faults[self.channel]
        if faults.slow_ms:
            await asyncio.sleep(faults.slow_ms / 1000)
        if faults.down:
            return _no(503, "down")
        if random.random() < faults.error_rate:
            return _no(500, "internal")
        if len(body) > LARGEST_BODY:
            return _no(413, "too_large")
        path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        try:
            signing.verify(
                secret=world.secret,
                method=request.method,
                path=path,
                body=body,
                headers=request.headers,
                now=int(now()),
                seen=self.seen,
            )
        except Garbled as garbled:
            return _no(401, str(garbled))
        return None


def routes(world: Callable[[], World]) -> list[Route]:
    """Return both gateways' doors."""
    made: list[Route] = []
    for channel in CHANNELS:
        door = Door(channel, world)
        made.append(Route(f"/{channel}/v1/messages", door.messages, methods=["POST"]))
        made.append(Route(f"/{channel}/v1/status", door.status, methods=["GET"]))
    return made


@contextlib.asynccontextmanager
async def pumping(world: World, *, receipts_url: str) -> AsyncIterator[None]:
    """Bring receipts to `receipts_url`/<channel> for as long as the block runs."""
    async with httpx.AsyncClient(timeout=10, trust_env=False) as client:
        tasks = [
            asyncio.create_task(_pump(world, channel, client, f"{receipts_url}/{channel}"))
            for channel in CHANNELS
            for _ in range(SENDERS)
        ]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def _pump(world: World, channel: str, client: httpx.AsyncClient, url: str) -> None:
    pause = 0.2
    while True:
        receipts = world.due(channel)
        if not receipts:
            await asyncio.sleep(0.02)
            continue
        if await _post(world, channel, client, url, receipts):
            world.told(channel, receipts)
            pause = 0.2
        else:
            world.owe_again(channel, receipts, after=pause)
            await asyncio.sleep(pause)
            pause = min(pause * 2, 5.0)


async def _post(
    world: World, channel: str, client: httpx.AsyncClient, url: str, receipts: list[tuple[str, str]]
) -> bool:
    told = [_receipt(world, channel, message_id, state) for message_id, state in receipts]
    body = json.dumps({"receipts": told}, separators=(",", ":")).encode()
    secret = secrets.token_bytes(32) if world.faults[channel].forge else world.secret
    head = signing.sign(
        secret=secret,
        method="POST",
        path=urlsplit(url).path,
        body=body,
        at=int(now()),
        nonce=secrets.token_hex(12),
    )
    try:
        answer = await client.post(url, content=body, headers={**head, "Content-Type": "application/json"})
    except httpx.HTTPError:
        return False
    return answer.is_success


def _receipt(world: World, channel: str, message_id: str, state: str) -> dict[str, Any]:
    message = world.messages[channel, message_id]
    at = message.read_at if state == "read" else message.at
    return {"id": message_id, "ref": message.ref, "state": state, "at": int(at * 1000), "reason": message.reason}


def _no(status: int, code: str) -> JSONResponse:
    return JSONResponse({"code": code}, status_code=status)
