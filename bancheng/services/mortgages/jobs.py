"""Work for the night and the morning."""

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.jobs.public import job
from bancheng.services.mortgages import following
from bancheng.services.mortgages.operations import agreements, serving, supervising


@job("mortgages.remind")
def remind() -> None:
    """Tell of agreements that run out, of requests whose day is over, and of what is late in the archives."""
    today, at = clocks.today(), clocks.now()
    agreements.remind(today=today, at=at)
    serving.escalate(today=today, at=at)
    supervising.supervise(today=today, at=at)


@job("mortgages.tell_bank")
def tell_bank(what: str, application: str, number: str, region: str, unit: str, happened_at: str) -> None:
    following.tell_bank(
        what=what, application=application, number=number, region=region, unit=unit, happened_at=happened_at
    )


@job("mortgages.open_bundle")
def open_bundle(application: str) -> None:
    following.open_bundle(application=application, at=clocks.now())
