"""What audit does by itself: seal every minute and open the months ahead."""

from datetime import timedelta

from bancheng.kernel.audit import operations
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.jobs import public as jobs

SCHEDULE = {"audit.seal": "* * * * *", "audit.open_months": "20 3 * * *"}


@jobs.job("audit.seal")
def seal() -> None:
    operations.seal(at=clocks.now())


@jobs.job("audit.open_months")
def open_months() -> None:
    today = clocks.today()
    operations.open_months(first=today, last=today + timedelta(days=92))
