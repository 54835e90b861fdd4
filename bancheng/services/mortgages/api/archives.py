"""The archive at the bank, over its own system (land register §13.5): catalogues, and what the registry asks to look at."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from ninja import Field, Query, Router, Status
from pydantic import StringConstraints

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.registrations import public as registrations
from bancheng.lib.refusal import Refused
from bancheng.services.mortgages import archiving
from bancheng.services.mortgages.api.shapes import NO_NUL, Number
from bancheng.services.mortgages.queries import keeping
from bancheng.services.mortgages.rules import catalogues
from bancheng.web.api import Shape, partner
from bancheng.web.bodies import file_of
from bancheng.web.doors import Request

router = Router()
Hex64 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Place = Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=NO_NUL)]
A_FILE = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


class CataloguedIn(Shape):
    """A document of the bundle, as it was filed with the application."""

    material: Number = Field(min_length=1, description="材料代码，与申报时相同 · the code it was filed under")
    pages: int = Field(ge=1, le=10_000)
    sha256: Hex64
    sm3: Hex64 | None = Field(None, description="扫描件留在贵行的请填 · give it where the scan stayed with you")


class ArchiveIn(Shape):
    """The catalogue of one bundle, and where it stands."""

    application: UUID
    documents: list[CataloguedIn] = Field(min_length=1, max_length=200)
    box: Place
    shelf: Place
    keeper: Place = Field(description="本行档案保管员的用户名 · user name of one of your archivists")


class CataloguedOut(Shape):
    """A document of the list."""

    n: int
    material: str
    pages: int
    sha256: str
    sm3: str


class ArchiveOut(Shape):
    """A bundle: what belongs into it, where it is, who keeps it."""

    application: str
    number: str
    proof: str
    state: str
    pages: int
    box: str
    shelf: str
    keeper: str
    due_on: date = Field(description="最迟归档日 · the last day to file it")
    filed_at: datetime | None
    chain: str = Field(description="保管链末行SHA-256，空为未归档 · hash of the chain's last line; empty: not filed")
    documents: list[CataloguedOut]


class AskedOut(Shape):
    """What the registry asks to look at."""

    id: UUID
    application: str
    number: str
    proof: str
    purpose: str
    asked_at: datetime
    due_on: date
    late: bool
    answered_at: datetime | None
    sha256: str = Field(description="所答扫描件，空为未答 · of the scan that answered; empty: not yet")
    sm3: str


class AskedListOut(Shape):
    """Look-ups in the order they were asked."""

    items: list[AskedOut]
    next: UUID | None = Field(description="下次从这里接着读 · go on from here")


@router.post(
    "archives",
    auth=partner("submit"),
    response={201: ArchiveOut},
    summary="报送档案目录|File a catalogue",
    description="登簿后由贵行保管纸质档案：逐件报材料、页数、摘要，并报盒号、架号和保管人。与随申请申报的逐件核对，不符的逐处答复、不归档。"
    "|Once recorded you keep the paper: tell each document with pages and digests, the box, the shelf and the keeper. It is compared with what was "
    "filed; every difference is told and nothing is filed then.",
)
def file_archive(request: Request, given: ArchiveIn) -> Any:
    documents = [
        catalogues.Document(registrations.material(one.material).zh, one.pages, one.sha256, one.sm3 or "")
        for one in given.documents
    ]
    told = archiving.Catalogue(given.application, documents, given.box, given.shelf, given.keeper)
    return Status(201, _archive(archiving.file(request.caller, told, at=clocks.now())))


@router.get(
    "archives/{uuid:application_id}",
    auth=partner("read"),
    response=ArchiveOut,
    summary="一卷档案|A bundle",
    description="应归档的材料、期限和现在的保管情况。|What belongs into it, by when, and how it is kept now.",
)
def archive(request: Request, application_id: UUID) -> Any:
    return _archive(archiving.archive(request.caller, application_id))


def _archive(found: keeping.Kept) -> dict[str, Any]:
    one = found.bundle
    names = ("number", "proof", "state", "pages", "box", "shelf", "due_on", "filed_at")
    return {
        **{name: getattr(one, name) for name in names},
        "application": found.application,
        "keeper": found.keeper,
        "chain": one.head,
        "documents": found.documents,
    }


@router.get(
    "archive-requests",
    auth=partner("read"),
    response=AskedListOut,
    summary="调阅请求|Archive requests",
    description="登记机构调阅贵行保管的档案：用途和期限。新请求另有事件archive.requested。"
    "|What the registry asks to look at: for what, by when. Each is told by the event archive.requested too.",
)
def requested(
    request: Request,
    after: UUID | None = None,
    waiting: Annotated[bool, Query(description="只看未答复的 · only those without an answer")] = False,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> Any:
    found = archiving.look_ups(request.caller, after=after, waiting=waiting, limit=limit)
    return {"items": [_asked(one) for one in found], "next": found[-1].look_up.pk if found else after}


def _asked(found: keeping.Asked) -> dict[str, Any]:
    one = found.look_up
    names = ("id", "purpose", "asked_at", "due_on", "answered_at", "sha256", "sm3")
    return {
        **{name: getattr(one, name) for name in names},
        "application": found.application,
        "number": found.bundle.number,
        "proof": found.bundle.proof,
        "late": one.late_at is not None,
    }


@router.post(
    "archive-requests",
    auth=partner("submit", upload=True),
    response=AskedOut,
    summary="答复调阅|Answer a request",
    description="请求体就是扫描件本身（PDF、OFD或图片，不是表单），sha256须与其相符，否则不收。同一扫描件再答，仍是那一次答复。"
    "|The body is the scan itself (PDF, OFD or a picture, no form); `sha256` has to be its digest, or it is not taken. The same scan again is that answer.",
    openapi_extra=A_FILE,
)
def answer_request(
    request: Request,
    id: Annotated[UUID, Query(description="调阅请求 · the request")],
    sha256: Annotated[Hex64, Query()],
    name: Annotated[str, Query(max_length=255, description="文件名，只供显示 · shown only")] = "",
    words: Annotated[str, Query(max_length=300, pattern=NO_NUL, description="说明 · a remark")] = "",
) -> Any:
    if (request.content_type or "").startswith(("multipart/", "application/x-www-form-urlencoded")):
        raise Refused(
            "send_the_file_itself",
            "请把扫描件本身作为请求体发送，不要用表单格式，没有保存。",
            en="Send the scan itself as the body, not as a form. Nothing was kept.",
            status=415,
        )
    scan = file_of(request)
    return _asked(
        archiving.answer(request.caller, id, name=name, scan=scan, sha256=sha256, words=words, at=clocks.now())
    )
