"""Certificates of the bank's mortgages: as data, and as the sealed file (land register §13.3)."""

from datetime import datetime
from typing import Any

from django.http import HttpResponse
from ninja import Field, Router

from bancheng.kernel.clocks import public as clocks
from bancheng.services.mortgages import banking
from bancheng.services.mortgages.api.shapes import Number
from bancheng.web.api import Shape, partner
from bancheng.web.doors import Request

router = Router()
KNOWN_AS = "bancheng_services_mortgages_api_filing"  # so the API document names them, and clients made from it


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
    operation_id=f"{KNOWN_AS}_certificate",
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
    operation_id=f"{KNOWN_AS}_certificate_file",
    summary="登记证明（PDF）|A proof as PDF",
    description="签章文件，每次相同，逐字节不变。|The sealed file, the same to the byte each time.",
)
def certificate_file(request: Request, number: Number) -> HttpResponse:
    digest, data = banking.certificate_file(request.caller, number, at=clocks.now())
    answer = HttpResponse(data, content_type="application/pdf")
    answer["ETag"] = f'"{digest}"'
    return answer
