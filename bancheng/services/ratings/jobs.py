"""Work of the service, promised by what happened."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.jobs.public import job
from bancheng.kernel.ratings import public as ratings
from bancheng.services.ratings import inviting, telling


@job("ratings.invite")
def invite(root: str) -> None:
    inviting.invite(root=UUID(root), at=clocks.now())


@job("ratings.tell")
def tell(what: str, occasion: str, call_back: str, appeal: str, detail: Mapping[str, str], happened_at: str) -> None:
    found = ratings.occasion(UUID(occasion))
    telling.tell(
        ratings.Happened(
            ratings.What(what),
            found.id,
            found.region,
            found.unit,
            datetime.fromisoformat(happened_at),
            call_back=UUID(call_back) if call_back else None,
            appeal=UUID(appeal) if appeal else None,
            detail=detail,
        )
    )
