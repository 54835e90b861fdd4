"""Work of the service that runs by the clock."""

from datetime import datetime
from uuid import UUID

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.jobs.public import job
from bancheng.services.onething import telling


@job("onething.warn_of_gaps")
def warn_of_gaps() -> None:
    telling.warn_of_gaps(today=clocks.today(), at=clocks.now())


@job("onething.tell")
def tell(root: str, since: str) -> None:
    telling.tell(root=UUID(root), since=datetime.fromisoformat(since), at=clocks.now())
