"""Events: pulled by number, acknowledged, or brought by a webhook with the same numbers (land register §13.4)."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from ninja import Field, Query, Router, Status

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.exchange import public as exchange
from bancheng.services.mortgages.announcing import SERVICE
from bancheng.web.api import Shape, partner
from bancheng.web.doors import Request

router = Router()
LARGEST = 2**63 - 1


class BankEventOut(Shape):
    """Something that happened. Codes, numbers and states; no person."""

    seq: int = Field(description="贵行的事件编号，从1起，不跳号 · your own number, from 1, without a gap")
    kind: str = Field(description="application.accepted, certificate.issued, seizure.registered …")
    about: str
    at: datetime
    data: dict[str, Any]


class BankFeedOut(Shape):
    """The next events, in the one order."""

    items: list[BankEventOut]
    next: int = Field(description="下次从这里接着读 · go on from here")


class AckIn(Shape):
    """Up to where the bank has everything."""

    seq: int = Field(ge=0, le=LARGEST)


class StandingOut(Shape):
    """How far the stream is."""

    seq: int = Field(description="已编到 · numbered so far")
    acked: int = Field(description="贵行确认到 · acknowledged so far")
    acked_at: datetime | None


@router.get(
    "events",
    auth=partner("events"),
    response=BankFeedOut,
    summary="事件流|Events",
    description="从编号after之后接着读；编号不跳，少一个即为遗漏。保留90天。|From behind the number `after`; a number that is missing was lost. Kept for 90 days.",
)
def events(
    request: Request,
    after: Annotated[int, Query(ge=0, le=LARGEST)] = 0,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> Any:
    exchange.settle()
    found = exchange.numbered_feed(request.caller, service=SERVICE, after=after, limit=limit)
    return {"items": found, "next": found[-1].seq if found else after}


@router.post(
    "events/ack",
    auth=partner("events"),
    response=StandingOut,
    summary="确认收到事件|Acknowledge events",
    description="确认到某一编号为止均已入账，只进不退。|Say up to which number you have everything; it goes forward only.",
)
def acknowledge(request: Request, given: AckIn) -> Any:
    return exchange.acknowledge(request.caller, service=SERVICE, seq=given.seq, at=clocks.real_now())


class BankWebhookIn(Shape):
    """Where events are to be brought."""

    url: str = Field(max_length=500)


class BankWebhookOut(Shape):
    """A webhook, and how far it is."""

    id: UUID
    url: str
    made_at: datetime
    halted_at: datetime | None = Field(
        description="72小时不通，暂停待处理 · in vain for 72 hours; a person looks at it"
    )


class BankMadeWebhookOut(Shape):
    """A new webhook: what is brought is signed by the house's key, there is no secret."""

    id: UUID


@router.get("webhooks", auth=partner("events"), response=list[BankWebhookOut], summary="推送地址|Webhooks")
def webhooks(request: Request) -> Any:
    return exchange.subscriptions(request.caller.partner_id, service=SERVICE)


@router.post(
    "webhooks",
    auth=partner("events"),
    response={201: BankMadeWebhookOut},
    summary="登记推送地址|Make a webhook",
    description="此后的事件带同样的编号逐件推送，由本站公钥（/.well-known/bancheng-keys）验签；失败按10秒、1分、5分、30分、2小时、每6小时重试至72小时。"
    "|Events from now on with the same numbers, signed by this site's key (/.well-known/bancheng-keys); tried again after 10 s, 1, 5, 30 min, 2 h, "
    "then six-hourly to 72 h.",
)
def subscribe(request: Request, given: BankWebhookIn) -> Any:
    made = exchange.subscribe(request.caller, service=SERVICE, url=given.url, at=clocks.real_now(), own_numbers=True)
    return Status(201, made)


@router.delete(
    "webhooks/{uuid:webhook_id}", auth=partner("events"), response={204: None}, summary="撤销推送地址|End a webhook"
)
def unsubscribe(request: Request, webhook_id: UUID) -> Any:
    exchange.unsubscribe(request.caller, webhook_id, service=SERVICE, at=clocks.real_now())
    return Status(204, None)
