"""The work that is promised: making one certificate."""

from bancheng.kernel.certificates import operations
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.jobs.public import job


@job(operations.MAKE)
def make(licence_id: int) -> None:
    operations.make(licence_id=licence_id, at=clocks.now())
