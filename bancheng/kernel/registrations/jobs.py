"""Work that is promised: certificates after a recording, suspensions after a seizure."""

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.jobs.public import job
from bancheng.kernel.registrations.operations import booking, certifying, night, stopping


@job(booking.CERTIFY)
def certify(region: str, registry: str) -> None:
    certifying.certify(region=region, registry=registry, at=clocks.now())


@job(night.SUSPEND)
def suspend(region: str, right: str) -> None:
    stopping.suspend_for_court(region=region, right=right, at=clocks.now())
