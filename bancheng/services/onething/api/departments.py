"""For department systems: their own queue, and what is done on it. Each act names the officer by the department's own code (P-2)."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import StreamingHttpResponse
from ninja import Field, Query, Router
from pydantic import StringConstraints

from bancheng.kernel.cases import public as cases
from bancheng.kernel.clocks import public as clocks
from bancheng.services.onething import attaching, operations, papers, promising, queries
from bancheng.services.onething.api.papers import BINARY
from bancheng.services.onething.api.shapes import MatterOut, PaperOut, QueueOut, matter_out, paper_out
from bancheng.services.onething.registers import queries as registers
from bancheng.web.api import Shape, Words, partner
from bancheng.web.doors import Request

router = Router()
HANDLE = partner("handle", owner="unit")
EITHER = partner("handle", "decide", owner="unit")
# ten characters: an officer's code, too short for a phone or an ID
Officer = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,10}$")]
Sentence = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
Law = Annotated[str, StringConstraints(strip_whitespace=True, max_length=300)]


class ByOfficer(Shape):
    """Who does it, by the department's own register."""

    officer: Officer = Field(
        description="经办人在贵单位的工号，最多10位 · the officer's code with you, at most 10 characters"
    )


class DefectIn(Shape):
    """One thing to correct."""

    about: Annotated[str, StringConstraints(pattern=r"^(field|material):[a-z0-9_-]{0,100}$")] = Field(
        description="field:数据项代码 或 material:材料代码 · by code, as answers and papers show them"
    )
    says: Sentence
    example: Annotated[str, StringConstraints(max_length=2000)] = ""
    law: Law = ""


class DefectsIn(ByOfficer):
    """Everything that is to be corrected, at once (行政许可法 第三十二条)."""

    defects: list[DefectIn] = Field(min_length=1, max_length=50)


class RefuseIn(ByOfficer):
    """Why it is not accepted, by which article, and the remedy."""

    reason: Sentence
    law: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]
    remedy: Sentence


class ResultIn(ByOfficer):
    """What came of the step."""

    result: Sentence


class FindingIn(ByOfficer):
    """Whether a promise was true, or was mended; one that was not carries article and remedy."""

    finding: bool = Field(description="承诺属实／已改正 · true: so it is, or mended")
    reason: Sentence
    law: Law = ""
    remedy: Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)] = ""


class DecideIn(ByOfficer):
    """The decision; one that denies carries reason, article and remedy."""

    outcome: Literal["granted", "denied"]
    reason: Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)] = ""
    law: Law = ""
    remedy: Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)] = ""
    document: Annotated[str, StringConstraints(max_length=120)] = Field("", description="决定书文号 · its number")


class AnswerOut(Shape):
    """One answer of the form."""

    name: Words
    value: Words


class RegistersOut(Shape):
    """What registers of other offices say, where the matter calls for it."""

    verified: bool = Field(description="false 为未核验 · false: not verified yet, it is asked again")
    as_of: datetime | None
    source: str
    entries: list[Words]


class DeskOut(Shape):
    """A matter on the desk, with what the applicant says for it; personal values only while a task is open."""

    matter: MatterOut
    steps: list[str] = Field(description="现在可以办的环节 · steps that may be done now")
    answers: list[AnswerOut]
    papers: list[PaperOut]
    registers: RegistersOut | None


@router.get(
    "",
    auth=EITHER,
    response=QueueOut,
    summary="本单位待办|Own queue",
    description="先到期的在前。|What runs out first on top.",
)
def own_queue(
    request: Request,
    first: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
    size: Annotated[int, Query(ge=1, le=100)] = 30,
) -> Any:
    found = queries.queue(request.caller.actor(), first=first, size=size)
    return {"items": found[:size], "more": len(found) > size}


@router.get("{uuid:case_id}", auth=EITHER, response=DeskOut, summary="待办的事项|A matter on the desk")
def on_desk(request: Request, case_id: UUID, officer: Annotated[Officer | None, Query()] = None) -> Any:
    actor = request.caller.actor(officer or "")
    desk = queries.on_desk(actor, case_id)
    opened = operations.open_content(desk, by=actor, at=clocks.now())
    return {
        "matter": matter_out(desk.matter),
        "steps": [step.code for step in desk.steps],
        "answers": [{"name": name, "value": {"zh": str(value), "en": str(value)}} for name, value in opened.answers],
        "papers": [paper_out(one) for one in opened.papers],
        "registers": _registers(desk),
    }


def _registers(desk: queries.OnDesk) -> dict[str, Any] | None:
    found = registers.for_officer(desk.view.case.id, desk.matter.matter)
    if found is None:
        return None
    entries = [one.says for one in found.entries]
    return {"verified": found.as_of is not None, "as_of": found.as_of, "source": found.source, "entries": entries}


@router.get(
    "{uuid:case_id}/files/{uuid:file_id}",
    auth=EITHER,
    response={200: None},
    summary="查看材料|A paper",
    description="本单位事项用到的材料，只在有环节待办时；每次查看都有记录，申请人可见。"
    "|A paper that your matter uses, while a step is open; each look is on record, and the applicant sees it.",
    openapi_extra={"responses": {200: {"description": "PDF, OFD, PNG, JPEG, WebP", "content": {"*/*": BINARY}}}},
)
def desk_file(
    request: Request, case_id: UUID, file_id: UUID, officer: Annotated[Officer | None, Query()] = None
) -> Any:
    actor = request.caller.actor(officer or "")
    desk = queries.on_desk(actor, case_id)
    content = attaching.read(desk=desk, use_id=file_id, by=actor.ref, at=clocks.now())
    return StreamingHttpResponse(content.pieces, headers=content.headers)


def _after(request: Request, case_id: UUID) -> Any:
    return matter_out(queries.on_desk(request.caller.actor(), case_id).matter)


@router.post("{uuid:case_id}/accept", auth=HANDLE, response=MatterOut, summary="受理|Accept")
def accept(request: Request, case_id: UUID, given: ByOfficer) -> Any:
    operations.accept(case_id=case_id, by=request.caller.actor(given.officer), at=clocks.now())
    return _after(request, case_id)


@router.post(
    "{uuid:case_id}/corrections",
    auth=HANDLE,
    response=MatterOut,
    summary="提出补正|Ask for corrections",
    description="一次写全，与其他部门的合并告知。|All at once; told together with other departments' (R14.3).",
)
def ask_correction(request: Request, case_id: UUID, given: DefectsIn) -> Any:
    actor = request.caller.actor(given.officer)
    named = papers.names_in(queries.on_desk(actor, case_id))
    defects = [cases.Defect(named.get(one.about, one.about), one.says, one.example, one.law) for one in given.defects]
    operations.ask_correction(case_id=case_id, defects=defects, by=actor, at=clocks.now())
    return _after(request, case_id)


@router.post("{uuid:case_id}/refuse", auth=HANDLE, response=MatterOut, summary="不予受理|Do not accept")
def refuse(request: Request, case_id: UUID, given: RefuseIn) -> Any:
    because = cases.Because(given.reason, given.law, given.remedy)
    operations.refuse(case_id=case_id, because=because, by=request.caller.actor(given.officer), at=clocks.now())
    return _after(request, case_id)


@router.post("{uuid:case_id}/result", auth=HANDLE, response=MatterOut, summary="记录环节结果|Record a result")
def result(request: Request, case_id: UUID, given: ResultIn) -> Any:
    operations.do(case_id=case_id, result=given.result, by=request.caller.actor(given.officer), at=clocks.now())
    return _after(request, case_id)


@router.post(
    "{uuid:case_id}/verify",
    auth=HANDLE,
    response=MatterOut,
    summary="核查承诺|Verify a promise",
    description="不属实的须写明依据和救济途径，并责令限期改正。|An untrue one says article and remedy, and is to be mended by a day.",
)
def verify(request: Request, case_id: UUID, given: FindingIn) -> Any:
    because = cases.Because(given.reason, given.law, given.remedy)
    actor = request.caller.actor(given.officer)
    promising.verify(case_id=case_id, true=given.finding, because=because, by=actor, at=clocks.now())
    return _after(request, case_id)


@router.post(
    "{uuid:case_id}/settle",
    auth=partner("decide", owner="unit"),
    response=MatterOut,
    summary="复查承诺|Mended or not",
    description="未改正的撤销许可，由核查人员以外的人决定。|Not mended, the grant is taken back, by another officer than found it untrue.",
)
def settle(request: Request, case_id: UUID, given: FindingIn) -> Any:
    because = cases.Because(given.reason, given.law, given.remedy)
    actor = request.caller.actor(given.officer)
    promising.settle(case_id=case_id, mended=given.finding, because=because, by=actor, at=clocks.now())
    return _after(request, case_id)


@router.post(
    "{uuid:case_id}/decide",
    auth=partner("decide", owner="unit"),
    response=MatterOut,
    summary="作出决定|Decide",
    description="受理和决定须由两人办理；不予准予须写明理由、依据和救济途径。"
    "|Another officer than the one who accepted; a denial says reason, article and remedy.",
)
def decide(request: Request, case_id: UUID, given: DecideIn) -> Any:
    because = cases.Because(given.reason, given.law, given.remedy, given.document)
    operations.decide(
        case_id=case_id,
        outcome=cases.Outcome(given.outcome),
        because=because,
        by=request.caller.actor(given.officer),
        at=clocks.now(),
    )
    return _after(request, case_id)
