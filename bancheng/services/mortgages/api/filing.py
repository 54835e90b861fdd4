"""Quotes, applications, and what is done to a mortgage (land register §13.3)."""

from typing import Annotated, Any
from uuid import UUID

from ninja import Query, Router, Status

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.registrations import public as registrations
from bancheng.services.mortgages import banking
from bancheng.services.mortgages.api import letters
from bancheng.services.mortgages.api.shapes import (
    ActIn,
    ApplicationOut,
    FiledOut,
    ListOut,
    MortgageIn,
    Number,
    PaperIn,
    PartyIn,
    QuoteIn,
    SupplementIn,
    WithdrawIn,
)
from bancheng.web.api import partner
from bancheng.web.doors import Request

router = Router()
FILED = {202: FiledOut, 200: FiledOut}
ACTS = {
    "release": "mortgage.release",
    "change": "mortgage.change",
    "transfer": "mortgage.transfer",
    "cancellation": "mortgage.cancel",
    "fixing": "mortgage.fix",
}
SAID = {"principal_fen", "fixed_on", "first", "last", "reason"}  # of an act, beside its mortgage
FIXING = (
    "最高额抵押的债权确定后，报确定的债权额和确定日；最高债权额仍记在登记簿上。因查封确定的，确定日已记载，金额可后报。"
    "|When the claim of a maximum amount is fixed: how much, and since which day; the maximum stays in the register. What a seizure fixed has "
    "its day, and the amount may come later."
)


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
    filed = banking.file(request.caller, filing_of(given), key=_key(request), at=clocks.now())
    return Status(200 if filed.again else 202, filed)


def _key(request: Request) -> str:
    return request.headers.get("Idempotency-Key", "")


def filing_of(given: MortgageIn) -> banking.Filing:
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
        "correct_by": found.correct_by,
        "letters": [letters.said(each) for each in found.letters],
        "entries": found.entries,
        "certificates": [
            {"number": each.number, "standing": str(each.standing), "digest": (each.digest or b"").hex()}
            for each in found.certificates
        ],
    }


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
    filed = banking.file(request.caller, act_of(act, number, given), key=_key(request), at=clocks.now())
    return Status(200 if filed.again else 202, filed)


def act_of(act: str, number: str, given: ActIn) -> banking.Filing:
    chosen = given.model_dump(mode="json", include=SAID, exclude_none=True)
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


@router.post(
    "mortgages/{number}/fixings",
    auth=partner("submit"),
    response=FILED,
    summary="最高额确定|Fixing",
    description=FIXING,
)
def fix(request: Request, number: Number, given: ActIn) -> Any:
    return _act(request, "fixing", number, given)
