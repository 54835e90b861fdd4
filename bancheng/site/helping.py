"""What a helper of the replay runs; it stands apart, because a process reads its settings before it may import anything else."""

import signal
import time
import traceback
from collections.abc import Callable
from datetime import datetime
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

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


def help_land(pipe: Connection) -> None:
    """Record the estates that come through the pipe."""
    _set_up()
    from bancheng.site.replay import land

    _live_each(pipe, land.live)


def help_office(pipe: Connection, part: str) -> None:
    """Do a part of what the house's worker does behind the officers of a registry, as their calls come; None asks whether all of it is done."""
    _set_up()
    from bancheng.site.replay import office

    failed = ""
    while calls := _come(pipe):
        try:
            if not failed:
                office.PARTS[part]([call for call in calls if call])
        except Exception:  # told when it is asked
            failed = traceback.format_exc()
        if None in calls:
            pipe.send(failed or (0, 0.0))


def _come(pipe: Connection) -> list[Any]:
    """Return what has come through the pipe, at least one thing; nothing when it was closed."""
    try:
        calls = [pipe.recv()]
        while pipe.poll():
            calls.append(pipe.recv())
    except EOFError:
        return []
    return calls


def _set_up() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the replay hears it, and ends us
    import django

    django.setup()


def _live_each(pipe: Connection, live: Callable[[Any], int]) -> None:
    """Live each thing that comes, a day or an estate, and answer with how much there was to do, and how many seconds it took."""
    while True:
        try:
            thing = pipe.recv()
        except EOFError:
            return
        began = time.monotonic()
        try:
            pipe.send((live(thing), time.monotonic() - began))
        except Exception:  # told to the replay, which stops and says so
            pipe.send(traceback.format_exc())
