"""Work of the service that runs by the clock or was promised by an operation."""

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.jobs.public import job
from bancheng.services.expiry import operations, queries


@job("expiry.inspect")
def inspect() -> None:
    for region in queries.regions():
        operations.inspect(today=clocks.today(), at=clocks.now(), region=region)


@job("expiry.read_batch")
def read_batch(batch_id: str) -> None:
    batch = operations.read_batch(batch_id=batch_id, at=clocks.now())
    operations.tell_of_bad_rows(batch=batch, at=clocks.now())


@job("expiry.tell_staff")
def tell_staff() -> None:
    for region in queries.regions():
        operations.tell_staff(today=clocks.today(), at=clocks.now(), region=region)


@job("expiry.rewatch")
def rewatch(item_id: int) -> None:
    operations.rewatch(item_id=item_id, at=clocks.now())


@job("expiry.forget_bad_rows")
def forget_bad_rows() -> None:
    operations.forget_bad_rows(at=clocks.now())
