"""Many at once: a batch is taken in, each of it worked off and answered for itself (land register §13.3)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from ninja import Field, Router, Status

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.exchange import public as exchange
from bancheng.lib.refusal import Refused
from bancheng.services.mortgages import banking
from bancheng.services.mortgages.api import filing
from bancheng.services.mortgages.api.shapes import ActIn, MortgageIn, Number
from bancheng.web.api import Shape, partner
from bancheng.web.doors import Request

router = Router()
KNOWN_AS = "bancheng_services_mortgages_api_filing"  # so the API document names them, and clients made from it
WORKER = "mortgages.item"


class ItemIn(Shape):
    """One of a batch: an application, or an act on a mortgage."""

    application: MortgageIn | None = None
    act: Literal["release", "change", "transfer", "cancellation", "fixing"] | None = None
    mortgage: Number = ""
    body: ActIn | None = None


class BatchIn(Shape):
    """Up to five hundred. `atomic`: all or none, for the partial release of one building only."""

    items: list[ItemIn] = Field(min_length=1, max_length=500)
    atomic: bool = False


class TakenOut(Shape):
    """A batch that is worked off."""

    id: UUID
    count: int
    status: str


class ItemOut(Shape):
    """What became of an item."""

    number: int
    status: int | None = Field(description="空为尚未处理 · null: not yet")
    said: dict[str, Any] | None


class BatchOut(Shape):
    """How far a batch is."""

    id: UUID
    count: int
    done: int
    made_at: datetime
    done_at: datetime | None
    items: list[ItemOut]


@router.post(
    "batches",
    auth=partner("submit"),
    response={202: TakenOut},
    operation_id=f"{KNOWN_AS}_take",
    summary="批量申报|Batch",
    description="1至500件，逐件办理、逐件答复；atomic只用于同一幢楼的部分解押。|1 to 500, each done and answered for itself; `atomic` is for the partial "
    "release of one building only.",
)
def take(request: Request, given: BatchIn) -> Any:
    banking.bank_of(request.caller)
    items = [_as_one(given.items)] if given.atomic else given.items
    dumped = [item.model_dump(mode="json", exclude_none=True) for item in items]
    made = exchange.take_batch(request.caller, worker=WORKER, items=dumped, at=clocks.now())
    return Status(202, {"id": made, "count": len(dumped), "status": f"/api/v1/mortgages/batches/{made}"})


def _as_one(items: list[ItemIn]) -> ItemIn:
    """Return the releases of one building as a single one, which is recorded whole or not at all."""
    bodies = [item.body for item in items if item.act == "release" and item.body and item.mortgage == items[0].mortgage]
    lots = [lot for body in bodies for lot in body.lots]
    if len(bodies) != len(items) or not lots or len({lot[:24] for lot in lots}) != 1:
        raise Refused(
            "not_atomic",
            "atomic只用于同一抵押、同一幢楼的部分解押，没有收下。",
            en="`atomic` is for the partial release of one building from one mortgage; nothing was taken in.",
            status=422,
        )
    return items[0].model_copy(update={"body": bodies[0].model_copy(update={"lots": sorted(set(lots))})})


def work(caller: exchange.Caller, asked: Mapping[str, Any], key: str, at: datetime) -> exchange.ItemAnswer:
    """Work an item of a batch."""
    item = ItemIn.model_validate(asked)
    if item.application is not None:
        asked_for = filing.filing_of(item.application)
    elif item.act is not None and item.mortgage:
        asked_for = filing.act_of(item.act, item.mortgage, item.body or ActIn.model_validate({}))
    else:
        raise Refused("nothing_asked", "这一件没有内容。", en="This item asks for nothing.", status=422)
    filed = banking.file(caller, asked_for, key=key, at=at)
    said = {"id": str(filed.id), "number": filed.number, "state": str(filed.state), "again": filed.again}
    return exchange.ItemAnswer(200 if filed.again else 202, said)


exchange.batch_worker(WORKER, work)


@router.get(
    "batches/{uuid:batch_id}",
    auth=partner("submit"),
    response=BatchOut,
    operation_id=f"{KNOWN_AS}_batch",
    summary="一批的进度|A batch",
)
def batch(request: Request, batch_id: UUID) -> Any:
    return exchange.batch(request.caller, batch_id)
