"""For partners: hand in for somebody, follow, correct, read events, have them brought."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Field, Path, Query, Router, Status
from pydantic import StringConstraints

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.exchange import public as exchange
from bancheng.kernel.forms import public as forms
from bancheng.services.onething import outside, queries
from bancheng.services.onething.api.shapes import CaseOut, case_out, unfit
from bancheng.web.api import Shape, partner
from bancheng.web.doors import Request

router = Router()
Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
Reference = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
Said = Annotated[str, StringConstraints(max_length=2000)]
Answers = dict[
    Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")],
    Said | Annotated[list[Said], Field(max_length=250)],
]
Paper = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{12}$")]
Papers = dict[Paper, Annotated[list[UUID], Field(max_length=20)]]
READS = ("read", "handle", "decide")
PAPERS = "材料代码 → 上传得到的文件编号，每个文件引用一次 · code of the paper → ids of uploads, each named once"


class ApplicantIn(Shape):
    """For whom it is handed in."""

    kind: Literal["organisation", "person"]
    identifier: str = Field(max_length=40, description="统一社会信用代码或身份证号 · credit code, or citizen ID")
    name: str = Field(min_length=1, max_length=100)


class ApplicationIn(Shape):
    """An application, as one would fill it in on the page."""

    code: Code = Field(description="一件事或事项代码 · code of the bundle, or of a single matter")
    reference: Reference = Field(
        description="贵方的申请编号，同一编号只收一次 · your own number: the same one is taken in once"
    )
    authorisation: str = Field(
        min_length=1, max_length=200, description="申请人书面授权的文号 · the applicant's written power"
    )
    applicant: ApplicantIn
    answers: Answers = Field(
        max_length=300,
        description="数据项代码 → 填写的内容，名单每人一行 · element code → what was typed, a list a line each",
    )
    papers: Papers = Field(default_factory=dict, max_length=100, description=PAPERS)
    promised: list[Paper] = Field(
        default_factory=list,
        max_length=100,
        description="容缺：受理后补交的材料代码；申请人已按公布的承诺书签字，单位并盖章，原件由贵方保存 · papers that follow after "
        "acceptance: the applicant signed the published promise, an organisation sealed it, and you keep the original",
    )
    ask_again: bool = Field(
        default=False,
        description="当天查过的登记信息已有变化（如冻结已解除），请再查一次；十分钟一次，一天六次 · what registers said today has changed: ask them "
        "again, every ten minutes and six times a day at most",
    )


class ReceiptOut(Shape):
    """The receipt."""

    id: UUID
    number: str = Field(description="办件编号 · number of the case")
    again: bool = Field(description="此前已收 · it had been taken in before")


class AnswersIn(Shape):
    """What is said now; what is left out stays as it was."""

    answers: Answers = Field(default_factory=dict, max_length=300)
    papers: Papers = Field(default_factory=dict, max_length=100, description=f"通知要求更换的。{PAPERS}")


def raw(answers: dict[str, str | list[str]]) -> dict[str, list[str]]:
    """Return answers as a form sends them."""
    return {code: said if isinstance(said, list) else [said] for code, said in answers.items()}


@router.post(
    "applications",
    auth=partner("submit", outside=True),
    response={201: ReceiptOut, 200: ReceiptOut},
    summary="代为申报|Submit",
    description="受申请人书面委托，提交一件事或单个事项，材料先上传再引用；缺的、错的、登记机关另有记录的，422一次列全，没有提交。"
    "同一reference再次提交，返回原回执（200）。"
    "|A bundle or a single matter, by the applicant's written power, with papers uploaded before; all that is missing, wrong or in the "
    "way is listed at once (422) and nothing is submitted. The same reference again gives the same receipt (200).",
)
def submit(request: Request, given: ApplicationIn) -> Any:
    applied = outside.Applied(
        given.code,
        given.applicant.kind,
        given.applicant.identifier,
        given.applicant.name,
        raw(given.answers),
        given.reference,
        given.authorisation,
        given.papers,
        given.promised,
        given.ask_again,
    )
    try:
        filed = outside.submit(request.caller, applied, at=clocks.now())
    except forms.Unfinished as no:
        raise unfit(no) from None
    return Status(200 if filed.again else 201, filed)


@router.get(
    "applications/{reference}",
    auth=partner("read"),
    response=CaseOut,
    summary="按贵方编号查办件|A case by your own number",
    description="提交后没有收到答复时用。|For when no answer came to what was sent.",
)
def by_reference(request: Request, reference: Annotated[Reference, Path()]) -> Any:
    return case_out(outside.seen(request.caller, outside.by_reference(request.caller, reference)))


@router.get(
    "cases/{uuid:case_id}",
    auth=partner(*READS, owner="unit"),
    response=CaseOut,
    summary="一个办件|One case",
    description="状态、各事项、时限及其由来、补正事项。本系统代为申报的看全部，其他只看授权单位的事项。"
    "|State, matters, clocks explained, corrections. What you handed in whole; of others your units' matters.",
)
def case(request: Request, case_id: UUID) -> Any:
    return case_out(outside.seen(request.caller, case_id))


@router.post(
    "cases/{uuid:case_id}/corrections",
    auth=partner("submit"),
    response=CaseOut,
    summary="提交补正|Answer corrections",
    description="对一次性补正告知的一次答复，改填写内容和换材料一并提交，只限本系统代为申报的。"
    "|The one answer to the one notice, answers and papers together, for what you handed in.",
)
def correct(request: Request, case_id: UUID, given: AnswersIn) -> Any:
    try:
        outside.correct(request.caller, case_id, raw(given.answers), given.papers, at=clocks.now())
    except forms.Unfinished as no:
        raise unfit(no) from None
    return case_out(outside.seen(request.caller, case_id))


# -- events


class EventOut(Shape):
    """Something that happened. Codes, numbers and states; no person."""

    position: int
    kind: str = Field(description="case.submitted, case.accepted, case.decided …")
    about: str
    unit: str
    at: datetime
    data: dict[str, Any]


class FeedOut(Shape):
    """The next events, in the one order."""

    items: list[EventOut]
    next: int = Field(description="下次从这里接着读 · go on from here")


@router.get(
    "events",
    auth=partner("events", owner="unit"),
    response=FeedOut,
    summary="事件流|Events",
    description="按固定次序，从after之后接着读；先后提交的事务都不会漏读。保留90天。"
    "|In one order, from behind `after`; no late committer is skipped. Kept for 90 days.",
)
def events(
    request: Request,
    after: Annotated[int, Query(ge=0, le=2**63 - 1)] = 0,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> Any:
    exchange.settle()
    found = exchange.feed(request.caller, service=queries.SERVICE, after=after, limit=limit)
    return {"items": found, "next": found[-1].position if found else after}


# -- webhooks


class WebhookIn(Shape):
    """Where events are to be brought."""

    url: str = Field(max_length=500)


class WebhookOut(Shape):
    """A webhook, and how far it is."""

    id: UUID
    url: str
    position: int = Field(description="已送达到这里 · brought so far")
    made_at: datetime
    halted_at: datetime | None = Field(
        description="多次失败，暂停待处理 · tried in vain too often; a person looks at it"
    )


class MadeWebhookOut(Shape):
    """A new webhook. The secret is shown this once."""

    id: UUID
    secret: str = Field(description="Base64，用于验证推送的签名（hmac-sha256） · to verify what is brought")


@router.get("webhooks", auth=partner("events"), response=list[WebhookOut], summary="推送地址|Webhooks")
def webhooks(request: Request) -> Any:

    return exchange.subscriptions(request.caller.partner_id, service=queries.SERVICE)


@router.post(
    "webhooks",
    auth=partner("events"),
    response={201: MadeWebhookOut},
    summary="登记推送地址|Make a webhook",
    description="此后的事件逐件按次序推送，签名，失败重试；同一投递编号可能收到两次，请按编号去重。"
    "|Events from now on, one by one in order, signed, retried; one delivery id may come twice: take it once.",
)
def subscribe(request: Request, given: WebhookIn) -> Any:
    made = exchange.subscribe(request.caller, service=queries.SERVICE, url=given.url, at=clocks.real_now())
    return Status(201, made)


@router.delete(
    "webhooks/{uuid:webhook_id}", auth=partner("events"), response={204: None}, summary="撤销推送地址|End a webhook"
)
def unsubscribe(request: Request, webhook_id: UUID) -> Any:
    exchange.unsubscribe(request.caller, webhook_id, service=queries.SERVICE, at=clocks.real_now())
    return Status(204, None)
