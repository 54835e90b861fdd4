"""What the library does by itself: every night what ran out the day before is marked so."""

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.jobs.public import job
from bancheng.kernel.licences import operations

SCHEDULE = {"licences.expire_due": "20 0 * * *"}


@job("licences.expire_due")
def expire_due() -> None:
    operations.expire_due(today=clocks.today(), at=clocks.now())
