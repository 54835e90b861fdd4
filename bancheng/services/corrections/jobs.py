"""Work of the service that runs by the clock, or was promised by an officer's decision."""

from uuid import UUID

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.jobs.public import job
from bancheng.services.corrections import operations


@job("corrections.tell_applicant")
def tell_applicant(item_id: str) -> None:
    operations.tell_applicant(item_id=UUID(item_id), at=clocks.now())


@job("corrections.tell_staff")
def tell_staff() -> None:
    operations.tell_staff(today=clocks.today(), at=clocks.now())
