"""Work that is promised: certificates after a recording, letters after a decision, suspensions after a seizure."""

from uuid import UUID

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.jobs.public import job
from bancheng.kernel.registrations.operations import booking, certifying, logging, night, stopping, writing


@job(booking.CERTIFY)
def certify(region: str, registry: str) -> None:
    certifying.certify(region=region, registry=registry, at=clocks.now())


@job(logging.WRITE_LETTER)
def write_letter(application: str, line: int) -> None:
    writing.write(application_id=UUID(application), line=line, at=clocks.now())


@job(night.SUSPEND)
def suspend(region: str, right: str) -> None:
    stopping.suspend_for_court(region=region, right=right, at=clocks.now())
