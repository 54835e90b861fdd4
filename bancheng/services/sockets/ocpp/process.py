"""The whole of `bancheng ocpp`: the listener, the outbox for the charge points connected here, and a look at their sessions every second.

What lasts too long anywhere is looked for by `bancheng gateway`; a charge point is nobody's partition, it belongs to whoever it is connected to.
"""

import asyncio
import logging
import ssl
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from django.db import Error as DatabaseError
from django.db import close_old_connections, connection, connections

from bancheng.kernel.clocks import public as clocks
from bancheng.lib.brokerkeys import Book
from bancheng.lib.socketwire import Command
from bancheng.services.sockets.gateway.outbox import Outbox
from bancheng.services.sockets.ocpp.door import Door
from bancheng.services.sockets.operations import charging, gateways, progressing
from bancheng.services.sockets.queries import registry
from bancheng.services.sockets.rules.places import Protocol

logger = logging.getLogger("bancheng.sockets")
THREADS = 4
LOOK = 1.0
REGISTRY = 10.0


class Process:
    """A door, its threads, and the loop they share."""

    def __init__(self, book: Book, host: str, port: int, *, tls: ssl.SSLContext | None = None) -> None:
        self.host, self.port = host, port
        self.stopping = threading.Event()
        self.listening = threading.Event()
        self._tls = tls
        self._executor = ThreadPoolExecutor(THREADS, thread_name_prefix="ocpp")
        self.door = Door(book, self._executor)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._know_again = self._look_again = 0.0

    def run(self) -> int:
        """Work until told to stop."""
        connections["default"].settings_dict["OPTIONS"].pop("pool", None)  # one connection a thread, for good
        outbox = Outbox(self.mine, self._say)
        sender = threading.Thread(target=outbox.run, args=[self.stopping], name="outbox", daemon=True)
        try:
            asyncio.run(self._serve(sender))
        finally:
            self.stopping.set()
            if sender.is_alive():
                sender.join(timeout=5)
            self._close_threads()
        return 0

    def mine(self) -> list[str]:
        """Return the charge points that are connected here."""
        return list(self.door.links)

    async def _serve(self, sender: threading.Thread) -> None:
        self._loop = asyncio.get_running_loop()
        await self._loop.run_in_executor(self._executor, self._look)
        async with self.door.listen(self.host, self.port, tls=self._tls) as server:
            self.port = next(iter(server.sockets)).getsockname()[1]
            self.listening.set()
            sender.start()
            while not self.stopping.is_set():
                await asyncio.sleep(0.1)
                if time.monotonic() >= self._look_again:
                    await self._loop.run_in_executor(self._executor, self._look)

    def _look(self) -> None:
        """Do once what is done every second. A database that is away is waited for."""
        self._look_again = time.monotonic() + LOOK
        try:
            if time.monotonic() >= self._know_again:
                self.door.known = registry.gateways(Protocol.OCPP16)
                self._know_again = time.monotonic() + REGISTRY
            at = clocks.now()
            if mine := self.mine():
                progressing.follow_all(mine, at=at)
                charging.bound(mine, at=at)
            for name, counted in self.door.hearing.take_refused().items():
                if name in self.door.known:
                    gateways.count_refused({name: counted}, region=self.door.known[name].region, at=at)
        except DatabaseError as error:
            logger.warning("the OCPP door lost its database (%s) and tries again", type(error).__name__)
            close_old_connections()

    def _say(self, message: Command) -> None:
        """Hand a command to the loop; what is no longer connected is said again later, by whoever then holds it."""
        link = self.door.links.get(message.gateway)
        if link is not None and self._loop is not None:
            self._loop.call_soon_threadsafe(lambda: link.later(link.obey(message)))

    def _close_threads(self) -> None:
        """Close the connection of every thread of the pool: each waits for the others, so none is met twice."""
        together = threading.Barrier(THREADS)

        def close() -> None:
            together.wait(timeout=5)
            connection.close()

        for done in [self._executor.submit(close) for _ in range(THREADS)]:
            done.result()
        self._executor.shutdown()
