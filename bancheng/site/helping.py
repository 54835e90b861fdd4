"""What a helper of the replay runs; it stands apart, because a process reads its settings before it may import anything else."""

import signal
import traceback
from datetime import datetime
from multiprocessing.connection import Connection

from bancheng.sim.bundles import Year


def help_replay(pipe: Connection, year: Year, at: datetime) -> None:
    """Live the days of one part of the applicants as they come through the pipe, until it is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the replay hears it, and ends us
    import django

    django.setup()
    from bancheng.site.replay import bundles

    hall = bundles.opened(year, at=at)
    while True:
        try:
            day = pipe.recv()
        except EOFError:
            return
        try:
            pipe.send(bundles.live(hall, day))
        except Exception:  # told to the replay, which stops and says so
            pipe.send(traceback.format_exc())
