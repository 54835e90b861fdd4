"""One connection of a charge point: frames in, frames out. What it asks is worked one after another, what it is asked waits for its answer."""

import asyncio
import logging
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import Executor
from typing import Any, TypeVar

from django.db import Error as DatabaseError
from django.db import close_old_connections
from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from bancheng.kernel.clocks import public as clocks
from bancheng.lib.refusal import Garbled
from bancheng.lib.socketwire import Command, CommandAck
from bancheng.services.sockets.gateway.hearing import Hearing
from bancheng.services.sockets.ocpp import frames, words
from bancheng.services.sockets.ocpp.charger import Charger
from bancheng.services.sockets.ocpp.frames import Call, Error, Result
from bancheng.services.sockets.queries.registry import Registered
from bancheng.services.sockets.rules.floods import Bucket

logger = logging.getLogger("bancheng.sockets")
PATIENCE = 30.0  # seconds a call of ours waits for its answer
SETTLE = 3.0  # and a new connection before it is set up, so that what it kept comes first
FLOODED, TAKEN_OVER, TOO_LARGE = 1008, 1000, 1009
T = TypeVar("T")


class Link:
    """A charge point's connection, from its first frame to its last."""

    def __init__(self, socket: ServerConnection, registered: Registered, hearing: Hearing, executor: Executor) -> None:
        self.name = registered.gateway
        self._socket = socket
        self._registered = registered
        self._hearing = hearing
        self._executor = executor
        self._bucket = Bucket(at=time.monotonic())
        self._waiting: dict[str, asyncio.Future[Mapping[str, Any] | None]] = {}
        self._asking = asyncio.Lock()  # OCPP: one call of ours at a time
        self._under_way: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.charger: Charger | None = None

    async def run(self) -> None:
        """Listen until the connection is lost; whatever the reason, the platform knows of it afterwards."""
        try:
            self.charger = await self._work(lambda: Charger(self._registered, self._hearing, at=clocks.now()))
            self.later(self._set_up())
            async for raw in self._socket:
                if not await self._hear(raw):
                    break
        except ConnectionClosed as closed:
            if closed.sent is not None and closed.sent.code == TOO_LARGE:
                self._hearing.refuse(self.name, "garbled")
        finally:
            for task in list(self._tasks):
                task.cancel()
            if self.charger is not None:
                charger = self.charger
                await self._work(lambda: charger.gone(at=clocks.now()), always=True)

    async def close(self) -> None:
        """Give the place to a newer connection."""
        await self._socket.close(TAKEN_OVER, "another connection has come")

    def later(self, what: Awaitable[None]) -> None:
        """Do something beside listening."""
        task = asyncio.ensure_future(what)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # -- what comes

    async def _hear(self, raw: str | bytes) -> bool:
        """Take a frame; return whether to go on listening."""
        if not self._bucket.take(time.monotonic()):
            self._hearing.refuse(self.name, "flooded")
            await self._socket.close(FLOODED, "too much")
            return False
        try:
            frame = frames.read(raw)
        except Garbled:
            self._hearing.refuse(self.name, "garbled")
            return True
        if isinstance(frame, Call):
            await self._socket.send(await self._answer(frame))
        elif (waiting := self._waiting.pop(frame.id, None)) and not waiting.done():
            waiting.set_result(frame.payload if isinstance(frame, Result) else None)
            if isinstance(frame, Error):
                logger.info("%s does not take a call: %s", self.name, frame.code)
        return True

    async def _answer(self, call: Call) -> str:
        charger = self.charger
        assert charger is not None
        if not charger.knows(call.action):
            return frames.error(call.id, "NotImplemented")
        try:
            said = await self._work(lambda: charger.answer(call.action, call.payload, at=clocks.now()))
        except Garbled as wrong:
            self._hearing.refuse(self.name, "garbled")
            return frames.error(call.id, "FormationViolation", str(wrong))
        if said.get("idTagInfo", {}).get("status") == "Invalid" and "transactionId" in said:
            self.later(self._stop_unpaid(said["transactionId"]))
        self._hearing.heard += 1
        return frames.result(call.id, said)

    async def _work(self, what: Callable[[], T], *, always: bool = False) -> T:
        """Run something in a thread until the database has it, or, but for `always`, the charge point no longer waits for it."""
        wait = 0.2
        while True:
            try:
                return await asyncio.get_running_loop().run_in_executor(self._executor, what)
            except DatabaseError as error:
                logger.warning("%s: the database is away (%s); tried again", self.name, type(error).__name__)
                await asyncio.get_running_loop().run_in_executor(self._executor, close_old_connections)
                if not always and self._socket.close_code is not None:
                    raise
            await asyncio.sleep(wait)
            wait = min(wait * 2, 5)

    # -- what is asked

    async def ask(self, action: str, payload: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Call the charge point; return what it answers, None for an error or for silence."""
        async with self._asking:
            own = str(uuid.uuid4())
            waiting = self._waiting[own] = asyncio.get_running_loop().create_future()
            try:
                await self._socket.send(frames.call(own, action, dict(payload)))
                return await asyncio.wait_for(waiting, PATIENCE)
            except (TimeoutError, ConnectionClosed):
                return None
            finally:
                self._waiting.pop(own, None)

    async def obey(self, said: Command) -> None:
        """Carry a command out, once at a time however often it is said, and let the platform know what became of it."""
        charger = self.charger
        if charger is None or said.command in self._under_way or said.socket not in charger.logs:
            return
        self._under_way.add(said.command)
        try:
            wanted = await self._work(lambda: charger.request(said))
            ack: CommandAck | None
            if isinstance(wanted, CommandAck):
                ack = wanted
            else:
                told = await self.ask(*wanted)
                ack = None if told is None else charger.answered(said, str(told.get("status", "")))
            if ack is not None:
                found = ack
                await self._work(lambda: charger.take_ack(found, at=clocks.now()))
        finally:
            self._under_way.discard(said.command)

    async def _set_up(self) -> None:
        """Set the charge point up as far as it lets itself be."""
        await asyncio.sleep(SETTLE)
        for key, value in words.SETTINGS.items():
            told = await self.ask("ChangeConfiguration", {"key": key, "value": value})
            if told is None or told.get("status") not in ("Accepted", "RebootRequired"):
                logger.info("%s does not take %s=%s: %s", self.name, key, value, (told or {}).get("status"))

    async def _stop_unpaid(self, transaction: int) -> None:
        await self.ask("RemoteStopTransaction", {"transactionId": transaction})
