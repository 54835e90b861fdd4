"""What the registry gives in writing about an application: not accepted, corrections, refused (条例 第十七、二十二条)."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from ninja import Router

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.registrations import public as registrations
from bancheng.services.mortgages import banking
from bancheng.web.api import partner
from bancheng.web.doors import Request

router = Router()


def said(one: registrations.LetterView) -> dict[str, Any]:
    """Return a letter as an application lists it."""
    known = {name: getattr(one, name) for name in ("id", "number", "dated")}
    return {**known, "kind": str(one.kind), "digest": (one.digest or b"").hex()}


@router.get(
    "applications/{uuid:application_id}/letters/{uuid:letter_id}",
    auth=partner("read"),
    summary="登记机构文书（PDF）|A letter of the registry as PDF",
    description="不予受理、补正、不予登记的签章文件，每次相同，逐字节不变。|Not accepted, corrections, refused: the sealed file, the same to the "
    "byte each time.",
)
def letter(request: Request, application_id: UUID, letter_id: UUID) -> HttpResponse:
    digest, data = banking.letter_file(request.caller, application_id, letter_id, at=clocks.now())
    answer = HttpResponse(data, content_type="application/pdf")
    answer["ETag"] = f'"{digest}"'
    return answer
