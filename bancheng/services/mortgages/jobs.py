"""Work for the night and the morning."""

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.jobs.public import job
from bancheng.services.mortgages.operations import agreements, serving, supervising


@job("mortgages.remind")
def remind() -> None:
    """Tell of agreements that run out, of requests whose day is over, and of what is late in the archives."""
    today, at = clocks.today(), clocks.now()
    agreements.remind(today=today, at=at)
    serving.escalate(today=today, at=at)
    supervising.supervise(today=today, at=at)
