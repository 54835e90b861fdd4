"""What the store does by itself at night: forget what nobody uses, then sweep blobs whose rows are gone."""

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.documents import operations
from bancheng.kernel.jobs.public import job

SCHEDULE = {"documents.forget_unused": "10 3 * * *", "documents.sweep": "40 3 * * *"}


@job("documents.forget_unused")
def forget_unused() -> None:
    operations.forget_unused(at=clocks.now())


@job("documents.sweep")
def sweep() -> None:
    operations.sweep(at=clocks.real_now())  # a demonstration's clock must not shorten the day that an orphan waits
