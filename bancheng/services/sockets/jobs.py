"""Work of the service that runs by the clock."""

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.jobs.public import job
from bancheng.services.sockets.operations import keeping


@job("sockets.keep_log")
def keep_log() -> None:
    """Make the days of the log ahead of time, and let go of those that are over."""
    keeping.keep_log(today=clocks.today())
