"""What a helper of the replay runs; it stands apart, because a process reads its settings before it may import anything else."""

import signal
import time
import traceback
from collections.abc import Callable
from datetime import date, datetime
from multiprocessing.connection import Connection
from pathlib import Path

from bancheng.sim import uses
from bancheng.sim.bundles import Year


def help_replay(pipe: Connection, year: Year, at: datetime) -> None:
    """Live the days of one part of the applicants as they come through the pipe, until it is closed."""
    _set_up()
    from bancheng.site.replay import bundles

    hall = bundles.opened(year, at=at)
    _live_each(pipe, lambda day: bundles.live(hall, day))


def help_power(pipe: Connection, year: uses.Year, folder: Path, name: str) -> None:
    """Live the days of one part of the sockets of shared power."""
    _set_up()
    from bancheng.site.replay import posts

    with posts.opened(year, folder=folder, name=name) as city:
        _live_each(pipe, lambda day: posts.Day(city, day).live())


def _set_up() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the replay hears it, and ends us
    import django

    django.setup()


def _live_each(pipe: Connection, live: Callable[[date], int]) -> None:
    while True:
        try:
            day = pipe.recv()
        except EOFError:
            return
        began = time.monotonic()
        try:
            pipe.send((live(day), time.monotonic() - began))
        except Exception:  # told to the replay, which stops and says so
            pipe.send(traceback.format_exc())
