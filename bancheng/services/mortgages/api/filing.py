"""Quotes, applications, what is done to a mortgage, batches, certificates (land register §13.3)."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpResponse
from ninja import Field, Query, Router, Status
from pydantic import StringConstraints

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.exchange import public as exchange
from bancheng.kernel.registrations import public as registrations
from bancheng.lib.refusal import Refused
from bancheng.services.mortgages import banking
from bancheng.web.api import Shape, partner
from bancheng.web.doors import Request

router = Router()
Lot = Annotated[str, StringConstraints(pattern=r"^[0-9]{12}[A-Z]{2}[0-9]{5}[A-Z][0-9]{4}(?:[0-9]{4})?$")]
Lots = Annotated[list[Lot], Field(min_length=1, max_length=500)]
NO_NUL = r"^[^\x00]*$"  # the database keeps none
Words = Annotated[str, StringConstraints(max_length=500, pattern=NO_NUL)]
Number = Annotated[str, StringConstraints(max_length=80, pattern=NO_NUL)]
Value = Words | int | bool | None
Fen = Annotated[int, Field(ge=0, le=2**53, strict=True)]
WORKER = "mortgages.item"
ACTS = {
    "release": "mortgage.release",
    "change": "mortgage.change",
    "transfer": "mortgage.transfer",
    "cancellation": "mortgage.cancel",
    "fixing": "mortgage.fix",
}


class QuoteIn(Shape):
    """Which units, for what, by whose permission."""

    lots: Lots
    kind: Literal["mortgage.set", "mortgage.pre"] = "mortgage.set"
    authorisation: Words = Field(
        min_length=6,
        max_length=200,
        description="权利人书面授权的文号和用途、期限 · the owner's written power: number, purpose, expiry",
    )


class PartyIn(Shape):
    """Somebody named. The mortgagee is the bank that signs and need not be named."""

    role: registrations.Role
    kind: Literal["person", "organisation", "unit"]
    name: Words = Field(min_length=1, max_length=100)
    identifier: Number = Field("", max_length=40)
    unit: Number = Field("", max_length=64)
    married: bool = False
    spouse_of: Words = Field("", max_length=100)


class PaperIn(Shape):
    """A paper the bank keeps: its scan's digest is filed."""

    material: Number = Field(min_length=1, max_length=40)
    name: Words = Field(min_length=1, max_length=200)
    digest: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")] = Field(description="SHA-256")
    pages: int = Field(1, ge=1, le=10_000)


class PayloadIn(Shape):
    """What the mortgage is. Amounts are whole fen, areas dm² (0.01 m²)."""

    principal_fen: Fen
    currency: Number = Field("CNY", max_length=3)
    first: date
    last: date
    maximum: bool = False
    scope: Words = ""
    location: Words = ""
    transfer_restricted: bool = False
    contract_no: Number = ""
    claim: Number = Field("", description="预告：买卖合同号 · pre-mortgage: number of the sale's contract")
    areas: dict[Lot, int] = Field(default_factory=dict, max_length=500)


class MortgageIn(Shape):
    """A mortgage to set up, or one of a home that is being built."""

    kind: Literal["mortgage.set", "mortgage.pre"]
    lots: Lots
    loan_no: Number = Field(min_length=1)
    expected_version: int | None = Field(
        None, ge=0, le=2**53, description="查询答复的register_version · as the quote said"
    )
    parties: list[PartyIn] = Field(min_length=1, max_length=60)
    payload: PayloadIn
    papers: list[PaperIn] = Field(default_factory=list, max_length=100)


class ActIn(Shape):
    """Something to be done to a mortgage that is registered."""

    lots: list[Lot] = Field(
        default_factory=list, max_length=500, description="部分解押：退出的单元 · release: the units that leave"
    )
    reason: Words = ""
    loan_no: Number = ""
    principal_fen: Fen | None = None
    first: date | None = None
    last: date | None = None
    expected_version: int | None = Field(None, ge=0, le=2**53)
    parties: list[PartyIn] = Field(default_factory=list, max_length=60)
    papers: list[PaperIn] = Field(default_factory=list, max_length=100)


class FiledOut(Shape):
    """It is taken in. Nothing has effect before it is recorded."""

    id: UUID
    number: str
    state: str
    again: bool = Field(description="此前已收，是同一件 · it had been taken in before: this is that case")


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


class CertificateOut(Shape):
    """A certificate of an application."""

    number: str
    standing: str
    digest: str


class BankBriefOut(Shape):
    """An application in the bank's list."""

    id: UUID
    number: str
    kind: str
    state: str
    stopped: str
    lots: list[str]
    loan_no: str
    filed_at: datetime
    accepted_at: datetime | None
    recorded_at: datetime | None
    due_on: date | None
    right: str
    cursor: int


class ApplicationOut(BankBriefOut):
    """An application, whole."""

    submitted_at: datetime | None
    waiting_for: list[str] = Field(description="尚待同意的各方 · who has still to agree")
    corrections: list[str]
    entries: list[str]
    certificates: list[CertificateOut]


class ListOut(Shape):
    """What moved since."""

    items: list[BankBriefOut]
    next: int


# --- doors


@router.post(
    "quotes",
    auth=partner("submit", outside=True),
    response=dict[str, Any],
    summary="查询可抵押情况|Quote",
    description="凭权利人授权，查同一宗地的单元：面积、权利人（遮蔽）、已有权利、阻碍及如何消除、登记簿版本。每次查询留痕。"
    "|By the owner's power: areas, holders (masked), rights, what stands in the way and what would clear it, the book's version. Each is recorded.",
)
def quote(request: Request, given: QuoteIn) -> Any:
    return banking.quote(
        request.caller, lots=given.lots, kind=given.kind, authorisation=given.authorisation, at=clocks.now()
    )


@router.post(
    "applications",
    auth=partner("submit"),
    response={202: FiledOut, 200: FiledOut},
    summary="申报抵押登记|File",
    description="收下即答202，登簿才生效。同一贷款、单元和种类只有一件。409：REGISTER_CHANGED（附差异）、LOT_BLOCKED（附阻碍）、IN_FLIGHT。"
    "|202 when taken in; it has effect once it is recorded. One case for a loan, unit and kind. 409: REGISTER_CHANGED with the difference, LOT_BLOCKED "
    "with what blocks, IN_FLIGHT.",
)
def apply(request: Request, given: MortgageIn) -> Any:
    filed = banking.file(request.caller, _filing(given), key=_key(request), at=clocks.now())
    return Status(200 if filed.again else 202, filed)


def _key(request: Request) -> str:
    return request.headers.get("Idempotency-Key", "")


def _filing(given: MortgageIn) -> banking.Filing:
    payload = given.payload.model_dump(mode="json", exclude_defaults=True)
    return banking.Filing(
        given.kind,
        tuple(given.lots),
        payload,
        _parties(given.parties),
        _papers(given.papers),
        given.loan_no,
        given.expected_version,
    )


def _parties(given: list[PartyIn]) -> tuple[registrations.Party, ...]:
    return tuple(registrations.Party(**dict(one)) for one in given)


def _papers(given: list[PaperIn]) -> tuple[registrations.Paper, ...]:
    return tuple(registrations.Paper(one.material, one.name, one.digest, one.pages) for one in given)


@router.get("applications", auth=partner("read"), response=ListOut, summary="本行申请|Own applications")
def listed(
    request: Request,
    after: Annotated[int, Query(ge=0, le=2**63 - 1)] = 0,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> Any:
    found = banking.applications(request.caller, after=after, limit=limit)
    return {"items": [_brief(one) for one in found], "next": found[-1].cursor if found else after}


def _brief(one: registrations.Brief) -> dict[str, Any]:
    return {**vars(one), "kind": one.kind.code, "state": str(one.state)}


@router.get(
    "applications/{uuid:application_id}",
    auth=partner("read"),
    response=ApplicationOut,
    summary="一件申请|One application",
)
def one(request: Request, application_id: UUID) -> Any:
    found = banking.application(request.caller, application_id)
    return {
        **_brief(found.brief),
        "submitted_at": found.submitted_at,
        "waiting_for": [str(party.role) for party in found.waiting_for],
        "corrections": found.corrections,
        "entries": found.entries,
        "certificates": [
            {"number": each.number, "standing": str(each.standing), "digest": (each.digest or b"").hex()}
            for each in found.certificates
        ],
    }


class SupplementIn(Shape):
    """What was asked for."""

    papers: list[PaperIn] = Field(default_factory=list, max_length=100)
    payload: dict[Number, Value] = Field(default_factory=dict, max_length=20)


class WithdrawIn(Shape):
    """Why it is taken back."""

    reason: Words = ""


@router.post(
    "applications/{uuid:application_id}/supplements",
    auth=partner("submit"),
    response=ApplicationOut,
    summary="补正|Supplement",
)
def supplement(request: Request, application_id: UUID, given: SupplementIn) -> Any:
    banking.supplement(
        request.caller, application_id, papers=_papers(given.papers), payload=given.payload, at=clocks.now()
    )
    return one(request, application_id)


@router.post(
    "applications/{uuid:application_id}/withdrawals",
    auth=partner("submit"),
    response=ApplicationOut,
    summary="撤回|Withdraw",
    description="登簿前均可撤回。|Any time before it is recorded.",
)
def withdraw(request: Request, application_id: UUID, given: WithdrawIn) -> Any:
    banking.withdraw(request.caller, application_id, reason=given.reason, at=clocks.now())
    return one(request, application_id)


def _act(request: Request, act: str, number: str, given: ActIn) -> Any:
    filed = banking.file(request.caller, _act_filing(act, number, given), key=_key(request), at=clocks.now())
    return Status(200 if filed.again else 202, filed)


def _act_filing(act: str, number: str, given: ActIn) -> banking.Filing:
    chosen = given.model_dump(mode="json", include={"principal_fen", "first", "last", "reason"}, exclude_none=True)
    payload = {"right": registrations.right_of(number), **chosen}
    return banking.Filing(
        ACTS[act],
        tuple(given.lots),
        payload,
        _parties(given.parties),
        _papers(given.papers),
        given.loan_no,
        given.expected_version,
    )


FILED = {202: FiledOut, 200: FiledOut}


@router.post("mortgages/{number}/releases", auth=partner("submit"), response=FILED, summary="部分解押|Partial release")
def release(request: Request, number: Number, given: ActIn) -> Any:
    return _act(request, "release", number, given)


@router.post("mortgages/{number}/changes", auth=partner("submit"), response=FILED, summary="抵押变更|Change")
def change(request: Request, number: Number, given: ActIn) -> Any:
    return _act(request, "change", number, given)


@router.post("mortgages/{number}/transfers", auth=partner("submit"), response=FILED, summary="抵押转移|Transfer")
def transfer(request: Request, number: Number, given: ActIn) -> Any:
    return _act(request, "transfer", number, given)


@router.post(
    "mortgages/{number}/cancellations", auth=partner("submit"), response=FILED, summary="抵押注销|Cancellation"
)
def cancel(request: Request, number: Number, given: ActIn) -> Any:
    return _act(request, "cancellation", number, given)


@router.post("mortgages/{number}/fixings", auth=partner("submit"), response=FILED, summary="最高额确定|Fixing")
def fix(request: Request, number: Number, given: ActIn) -> Any:
    return _act(request, "fixing", number, given)


# --- batches


@router.post(
    "batches",
    auth=partner("submit"),
    response={202: TakenOut},
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
        filing = _filing(item.application)
    elif item.act is not None and item.mortgage:
        filing = _act_filing(item.act, item.mortgage, item.body or ActIn.model_validate({}))
    else:
        raise Refused("nothing_asked", "这一件没有内容。", en="This item asks for nothing.", status=422)
    filed = banking.file(caller, filing, key=key, at=at)
    said = {"id": str(filed.id), "number": filed.number, "state": str(filed.state), "again": filed.again}
    return exchange.ItemAnswer(200 if filed.again else 202, said)


exchange.batch_worker(WORKER, work)


@router.get("batches/{uuid:batch_id}", auth=partner("submit"), response=BatchOut, summary="一批的进度|A batch")
def batch(request: Request, batch_id: UUID) -> Any:
    return exchange.batch(request.caller, batch_id)


# --- certificates


class TwinOut(Shape):
    """A certificate as data."""

    number: str
    kind: str
    code: str
    right: str
    lots: list[str]
    standing: str = Field(description="issued, replaced, revoked")
    allotted_at: datetime
    ended_at: datetime | None
    digest: str = Field(description="PDF的SHA-256，空为制作中 · SHA-256 of the PDF; empty while it is being made")
    address: str
    fields: dict[str, Any]


@router.get(
    "certificates/{number}",
    auth=partner("collect"),
    response=TwinOut,
    summary="登记证明（数据）|A proof as data",
    description="已注销、换发的照实说明。|A revoked or replaced one says so.",
)
def certificate(request: Request, number: Number) -> Any:
    twin = banking.certificate(request.caller, number)
    found = twin.found
    return {
        "number": found.number,
        "kind": str(found.kind),
        "code": found.code,
        "right": found.right,
        "lots": found.lots,
        "standing": str(found.standing),
        "allotted_at": found.allotted_at,
        "ended_at": found.ended_at,
        "digest": twin.digest,
        "address": twin.address,
        "fields": twin.fields,
    }


@router.get(
    "certificates/{number}/file",
    auth=partner("collect"),
    summary="登记证明（PDF）|A proof as PDF",
    description="签章文件，每次相同，逐字节不变。|The sealed file, the same to the byte each time.",
)
def certificate_file(request: Request, number: Number) -> HttpResponse:
    digest, data = banking.certificate_file(request.caller, number, at=clocks.now())
    answer = HttpResponse(data, content_type="application/pdf")
    answer["ETag"] = f'"{digest}"'
    return answer
