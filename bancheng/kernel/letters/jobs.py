"""The work that is promised: writing one letter."""

from uuid import UUID

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.jobs.public import job
from bancheng.kernel.letters import operations


@job(operations.MAKE)
def make(case: str, seq: int) -> None:
    operations.make(case_id=UUID(case), seq=seq, at=clocks.now())
