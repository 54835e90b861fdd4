"""What the queue does for itself at night."""

from datetime import timedelta

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.jobs import sweeper
from bancheng.kernel.jobs.registry import job

SCHEDULE = {"jobs.remove_old": "40 3 * * *"}


@job("jobs.remove_old")
def remove_old() -> None:
    sweeper.remove_old(before=clocks.now() - timedelta(days=90))
