"""The only place that reads the wall clock, and the sandbox clock that a demonstration may put before it.

The sandbox is honoured when DEMO and SANDBOX_CLOCK are on and PRODUCTION is off. Its row is read at most once a
second, on a connection of its own: a read inside the business transaction would fail with it, and count among its
statements.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from threading import Lock
from time import monotonic
from typing import Any

from django.conf import settings
from django.db import Error, connection

from bancheng.lib.days import SHANGHAI

FRESH_SECONDS = 1.0
log = logging.getLogger("bancheng.clocks")


@dataclass(frozen=True)
class Sandbox:
    """`base_virtual` was shown at `base_real`; since then `rate` virtual seconds pass in a real one (0: none)."""

    base_real: datetime
    base_virtual: datetime
    rate: int

    def at(self, real: datetime) -> datetime:
        """Return what the sandbox shows at the real instant `real`."""
        return (self.base_virtual + (real - self.base_real) * self.rate).astimezone(SHANGHAI)


_reading = Lock()  # one thread reads, the others wait for what it reads
_seen: tuple[float, Sandbox | None] = (float("-inf"), None)  # when it was read, and what stood there


def now() -> datetime:
    """Return the instant it is, in Asia/Shanghai; in a demonstration, the one its sandbox clock shows."""
    real = real_now()
    if honoured():
        sandbox = current()
        if sandbox is not None:
            return sandbox.at(real)
    return real


def today() -> date:
    """Return the day it is in Asia/Shanghai; in a demonstration, the sandbox clock's."""
    return now().date()


def real_now() -> datetime:
    """Return the wall clock's instant, whatever the sandbox shows: for measuring, never for a legal effect."""
    return datetime.now(SHANGHAI)  # noqa: TID251  the one reading of the wall clock


def honoured() -> bool:
    """Return whether a sandbox clock may be looked at in this process."""
    return settings.DEMO and not settings.PRODUCTION and getattr(settings, "SANDBOX_CLOCK", False)


def current() -> Sandbox | None:
    """Return the sandbox clock as of at most a second ago; an unreachable database leaves the last one in force."""
    global _seen
    if _stale():
        with _reading:
            if _stale():
                sandbox = _seen[1]
                try:
                    sandbox = _read()
                except Error as error:
                    log.warning("sandbox clock not read: %s", error)
                _seen = (monotonic(), sandbox)
    return _seen[1]


def _stale() -> bool:
    return monotonic() - _seen[0] >= FRESH_SECONDS


def forget() -> None:
    """Read the sandbox clock afresh at the next question."""
    global _seen
    _seen = (float("-inf"), None)


def _read() -> Sandbox | None:
    with beside() as cursor:
        cursor.execute("SELECT base_real, base_virtual, rate FROM clocks_sandboxclock")
        row = cursor.fetchone()
    return Sandbox(*row) if row else None


@contextmanager
def beside() -> Iterator[Any]:
    """Give a cursor outside any transaction of the caller, on a connection of its own that is none of the pool's.

    Eight requests that held the pool's eight connections and asked it for a ninth would all wait until they failed.
    """
    own = connection.copy()
    own.settings_dict["OPTIONS"].pop("pool", None)
    try:
        with own.cursor() as cursor:
            yield cursor
    finally:
        own.close()
