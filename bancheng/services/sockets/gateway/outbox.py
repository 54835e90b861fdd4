"""The outbox's thread: hears of new commands at once, looks now and then for those to say again, and hands each to whoever can say it."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

import psycopg
from django.db import Error as DatabaseError
from django.db import close_old_connections, connection

from bancheng.kernel.clocks import public as clocks
from bancheng.lib.socketwire import Command
from bancheng.services.sockets.operations import commands
from bancheng.services.sockets.operations.writing import CHANNEL

logger = logging.getLogger("bancheng.sockets")
LOOK = 0.2  # seconds between two looks, when nobody says that there is something new


def parameters() -> dict[str, Any]:
    """Return how a connection of our own is opened."""
    params = connection.get_connection_params()
    return {
        name: params[name] for name in ("dbname", "user", "password", "host", "port", "sslmode") if params.get(name)
    }


class Outbox:
    """What is due to the gateways that are ours, said by `say`."""

    def __init__(self, mine: Callable[[], Sequence[str]], say: Callable[[Command], object]) -> None:
        self._mine = mine
        self._say = say

    def run(self, stopping: threading.Event) -> None:
        """Send until told to stop; a database that is away is waited for."""
        listening: psycopg.Connection[tuple[int]] | None = None
        while not stopping.is_set():
            try:
                if listening is None or listening.closed:
                    listening = psycopg.connect(**parameters(), autocommit=True)
                    listening.execute(f"LISTEN {CHANNEL}")
                self.send_due()
                for _ in listening.notifies(timeout=LOOK, stop_after=1):
                    pass
            except (psycopg.Error, DatabaseError) as error:
                logger.warning("the outbox lost its database (%s) and tries again", type(error).__name__)
                close_old_connections()
                listening = None
                time.sleep(LOOK)
        if listening is not None:
            listening.close()
        connection.close()

    def send_due(self) -> int:
        """Send what is due to the gateways that are ours; return how many commands left."""
        ours = self._mine()
        if not ours:
            return 0
        said = commands.to_send(ours, at=clocks.now())
        for _, message in said:
            self._say(message)
        return len(said)
