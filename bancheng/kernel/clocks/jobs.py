"""What clocks do by themselves: every night silence acts, every morning the near deadlines are told."""

from bancheng.kernel.clocks import clock
from bancheng.kernel.clocks.operations import calendars, scans
from bancheng.kernel.jobs import public as jobs

SCHEDULE = {"clocks.fire_due": "5 0 * * *", "clocks.warn_due_soon": "0 8 * * *"}
NEAR_WORKING_DAYS = 3


@jobs.job("clocks.fire_due")
def fire_due() -> None:
    calendars.load_shipped(at=clock.now())  # a release may bring a year without a migration
    scans.fire_due(today=clock.today(), at=clock.now())


@jobs.job("clocks.warn_due_soon")
def warn_due_soon() -> None:
    scans.warn_due_soon(today=clock.today(), working_days=NEAR_WORKING_DAYS, at=clock.now())
