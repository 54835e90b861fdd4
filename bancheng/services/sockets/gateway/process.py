"""A gateway process: takes its share of the partitions, sends what the outbox holds, looks at the time.

A partition is held by an advisory lock on a connection of its own: when the process dies the lock goes with it and another takes over. The lock shares
the work out and nothing more; that nothing is lost or done twice hangs on the broker's session, the unique log and the sessions' row locks.
"""

import logging
import threading
import time
from collections.abc import Mapping

import psycopg
from django.db import Error as DatabaseError
from django.db import close_old_connections, connection, connections

from bancheng.kernel.clocks import public as clocks
from bancheng.lib.socketwire import Command
from bancheng.services.sockets.gateway.line import Broker, Line
from bancheng.services.sockets.gateway.outbox import Outbox, parameters
from bancheng.services.sockets.operations import gateways, progressing, scanning
from bancheng.services.sockets.queries import registry
from bancheng.services.sockets.queries.registry import Registered
from bancheng.services.sockets.rules import sharing

logger = logging.getLogger("bancheng.sockets")
LOCKS = 0x73636B  # "sck": our class of advisory locks
MEMBER = 1000
LOOK = 1.0  # seconds between two looks at partitions and time
REGISTRY = 10.0  # and at the registry

MEMBERS = """SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = %s AND objid = %s AND granted
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"""


def running() -> int:
    """Return how many processes serve the devices of this database now."""
    with connection.cursor() as cursor:
        cursor.execute(MEMBERS, [LOCKS, MEMBER])
        (count,) = cursor.fetchone()
    return int(count)


class Leases:
    """The partitions this process holds, by locks on a connection that serves nothing else."""

    def __init__(self, partitions: int) -> None:
        self.partitions = partitions
        self.held: set[int] = set()
        self._own: psycopg.Connection[tuple[int]] | None = None

    def look(self) -> set[int]:
        """Take what is free up to a fair share, give up what is beyond it, and return what is held. Nothing, when the connection died."""
        try:
            own = self._connection()
            members = _one(own, MEMBERS, LOCKS, MEMBER)
            share = sharing.fair(self.partitions, members)
            for number in sharing.surplus(self.held, share):
                self.held.discard(number)
                _one(own, "SELECT pg_advisory_unlock(%s, %s)::int", LOCKS, number)
            for number in range(self.partitions):
                if len(self.held) >= share:
                    break
                if number not in self.held and _one(own, "SELECT pg_try_advisory_lock(%s, %s)::int", LOCKS, number):
                    self.held.add(number)
        except psycopg.Error as error:
            logger.warning("the locks are gone (%s); other processes may take over", type(error).__name__)
            self.held, self._own = set(), None
        return set(self.held)

    def _connection(self) -> psycopg.Connection[tuple[int]]:
        if self._own is None or self._own.closed:
            self.held = set()
            self._own = psycopg.connect(**parameters(), autocommit=True)
            _one(self._own, "SELECT 1 FROM pg_advisory_lock_shared(%s, %s)", LOCKS, MEMBER)
        return self._own

    def release(self) -> None:
        """Give everything up."""
        if self._own is not None:
            self._own.close()
        self.held, self._own = set(), None


def _one(own: "psycopg.Connection[tuple[int]]", statement: str, *params: int) -> int:
    row = own.execute(statement, params).fetchone()
    return row[0] if row else 0


class Process:
    """The whole of `bancheng gateway`."""

    def __init__(self, broker: Broker, *, partitions: int = sharing.PARTITIONS) -> None:
        self.broker = broker
        self.leases = Leases(partitions)
        self.lines: dict[int, Line] = {}
        self.stopping = threading.Event()
        self._known: Mapping[str, Registered] = {}
        self._know_again = 0.0
        self._lock = threading.Lock()

    def run(self) -> int:
        """Work until told to stop."""
        connections["default"].settings_dict["OPTIONS"].pop("pool", None)  # one connection a thread, for good
        outbox = Outbox(self.mine, self._say)
        sender = threading.Thread(target=outbox.run, args=[self.stopping], name="outbox", daemon=True)
        sender.start()
        while not self.stopping.wait(LOOK):
            self.look()
        for line in list(self.lines.values()):
            line.stop()
        self.leases.release()
        sender.join(timeout=5)
        return 0

    def look(self) -> None:
        """Do once what is done every second. A database that is away is waited for."""
        try:
            self._know()
            self._hold(self.leases.look())
            at = clocks.now()
            scanning.scan(at=at)
            progressing.follow_all(self.mine(), at=at)
            self._count_refused()
        except DatabaseError as error:
            logger.warning("the gateway lost its database (%s) and tries again", type(error).__name__)
            close_old_connections()

    def _know(self) -> None:
        """Read who is registered, every ten seconds."""
        if time.monotonic() >= self._know_again:
            self._known = registry.gateways()
            self._know_again = time.monotonic() + REGISTRY

    def mine(self) -> list[str]:
        """Return the gateways of the partitions that are held."""
        with self._lock:
            held = set(self.lines)
        return [name for name in self._known if sharing.partition(name, self.leases.partitions) in held]

    def _hold(self, held: set[int]) -> None:
        for number in set(self.lines) - held:
            with self._lock:
                line = self.lines.pop(number)
            line.stop()
        for number in sorted(held):
            theirs = {
                name: each
                for name, each in self._known.items()
                if sharing.partition(name, self.leases.partitions) == number
            }
            if number in self.lines:
                self.lines[number].know(theirs)
                continue
            line = Line(number, self.broker)
            line.start(theirs)
            with self._lock:
                self.lines[number] = line

    def _count_refused(self) -> None:
        for line in list(self.lines.values()):
            refused = {name: each for name, each in line.hearing.take_refused().items() if name in self._known}
            while refused:
                name = next(iter(refused))
                try:
                    gateways.count_refused({name: refused[name]}, region=self._known[name].region, at=clocks.now())
                except DatabaseError:
                    line.hearing.give_back(refused)
                    raise
                del refused[name]

    def _say(self, message: Command) -> None:
        with self._lock:
            line = self.lines.get(sharing.partition(message.gateway, self.leases.partitions))
        if line is not None:
            line.say(message)
