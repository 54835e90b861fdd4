"""For partners: the papers they bring, and the results they fetch."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpResponse
from ninja import Field, Path, Query, Router, Status

from bancheng.kernel.certificates import public as certificates
from bancheng.kernel.clocks import public as clocks
from bancheng.lib.refusal import Refused
from bancheng.services.onething import bringing, outside
from bancheng.services.onething.api.partners import READS, Code, Paper
from bancheng.services.onething.api.shapes import FileOut, PaperOut, file_out, paper_out
from bancheng.web.api import Shape, Words, partner
from bancheng.web.bodies import file_of
from bancheng.web.doors import Request

router = Router()
PDF = "application/pdf"
BINARY = {"schema": {"type": "string", "format": "binary"}}
A_FILE = {"requestBody": {"required": True, "content": {"application/octet-stream": BINARY}}}
GIVES_PDF = {"responses": {200: {"description": "PDF", "content": {PDF: BINARY}}}}


class AskedPaperOut(Shape):
    """A paper that a bundle or matter may ask for."""

    code: str = Field(description="材料代码 · what requests call it")
    name: Words
    main: bool = Field(description="主要材料 · acceptance waits for it")
    way: str = Field(
        description="brought 自备, may_follow 可容缺, form 由表单生成, fetched 免交 · brought and may_follow are uploaded"
    )
    matters: list[str]
    only: list[Words] = Field(description="只在这些情况下要；空：都要 · asked for only then; empty: in every case")


class UploadOut(Shape):
    """A file that was taken in."""

    file: FileOut
    notes: list[Words] = Field(description="对文件做了什么 · what was done to it on the way")
    kept_until: datetime = Field(description="此前不引用则清除 · let go then, unless it is handed in")


@router.get(
    "bundles/{code}/papers",
    auth=partner("submit"),
    response=list[AskedPaperOut],
    summary="要哪些材料|Which papers",
    description="一件事或事项可能要的全部材料；实际要哪些，随填写内容而定，提交时缺的会一次列全。"
    "|All that a bundle or matter may ask for; which it does follows from the answers, and what is missing is listed on submission.",
)
def asked_papers(request: Request, code: Annotated[Code, Path()]) -> Any:
    return [
        {
            "code": one.slug,
            "name": one.name,
            "main": one.main,
            "way": one.way,
            "matters": list(one.codes),
            "only": list(one.only),
        }
        for one in bringing.asked_by(code)
    ]


@router.post(
    "uploads",
    auth=partner("submit", upload=True),
    response={201: UploadOut},
    summary="上传文件|Upload a file",
    description="请求体就是文件本身（不是表单），签名须含Content-Digest；与页面上传同样检查：按内容认文件，收PDF、OFD和图片。"
    "提交申请、补正或补交时按编号引用，只用一次；7天内不用则清除。"
    "|The body is the file itself (no form), its Content-Digest signed; it is judged as on the pages: by its bytes; PDF, OFD and pictures "
    "are taken. Name it by its id when you submit, correct or supply, once; after seven days unused it is let go.",
    openapi_extra=A_FILE,
)
def upload(
    request: Request,
    name: Annotated[str, Query(max_length=255, description="文件名，只供显示 · shown only")] = "",
) -> Any:
    if (request.content_type or "").startswith(("multipart/", "application/x-www-form-urlencoded")):
        raise Refused(
            "send_the_file_itself",
            "请把文件本身作为请求体发送，不要用表单格式，没有保存。",
            en="Send the file itself as the body, not as a form. Nothing was kept.",
            status=415,
        )
    data, now = file_of(request), clocks.now()
    key = request.headers["Idempotency-Key"]
    stored = bringing.upload(request.caller, key=key, name=name, pieces=[data], size=len(data), at=now)
    made = {"file": file_out(stored.use), "notes": stored.notes, "kept_until": stored.use.at + bringing.KEPT}
    return Status(201, made)


@router.delete(
    "uploads/{uuid:upload_id}",
    auth=partner("submit"),
    response={204: None},
    summary="删除未引用的文件|Delete an upload",
    description="只限本系统上传、还没有引用的。未引用的文件有个数和总量上限，超过时上传答429。"
    "|One of your own that nothing uses yet. Files and bytes that wait are bounded; beyond, an upload is answered 429.",
)
def discard(request: Request, upload_id: UUID) -> Any:
    bringing.discard(request.caller, upload_id, at=clocks.now())
    return Status(204, None)


@router.get(
    "cases/{uuid:case_id}/papers",
    auth=partner(*READS, owner="unit"),
    response=list[PaperOut],
    summary="材料清单|Papers of a case",
    description="每份材料一次，及其状态和文件；只看授权单位的，看其事项用到的。"
    "|Each paper once, with its state and files; of another's case only those your units' matters use.",
)
def papers(request: Request, case_id: UUID) -> Any:
    return [paper_out(one) for one in outside.papers_of(request.caller, case_id)]


class SupplyIn(Shape):
    """The files of a promised paper."""

    files: list[UUID] = Field(min_length=1, max_length=20, description="上传得到的文件编号 · ids of uploads")


@router.post(
    "cases/{uuid:case_id}/papers/{paper}",
    auth=partner("submit"),
    response=list[PaperOut],
    summary="补交容缺材料|Supply a promised paper",
    description="只限本系统代为申报、受理时容缺的材料。|A paper that was promised, of what you handed in.",
)
def supply_paper(request: Request, case_id: UUID, paper: Annotated[Paper, Path()], given: SupplyIn) -> Any:
    outside.supply(request.caller, case_id, paper, given.files, at=clocks.now())
    return [paper_out(one) for one in outside.papers_of(request.caller, case_id)]


class ResultOut(Shape):
    """A licence that a matter issued."""

    licence: int = Field(description="用它下载 · by which it is fetched")
    number: str
    matter: UUID
    title: Words
    ready: bool = Field(description="电子证照已制成 · its certificate is made")
    standing: str = Field(description="valid, revoked, superseded …，未制成为空 · empty until it is made")


@router.get(
    "cases/{uuid:case_id}/results",
    auth=partner("collect", owner="unit"),
    response=list[ResultOut],
    summary="结果清单|Results of a case",
    description="本系统代为申报的，或授权单位发的证照。|Licences issued in what you handed in, or by your units.",
)
def results(request: Request, case_id: UUID) -> Any:
    view, matters = outside.collectable(request.caller, case_id)
    return [
        {
            "licence": one.licence,
            "number": one.number,
            "matter": one.matter.id,
            "title": one.matter.title,
            "ready": one.certificate is not None,
            "standing": one.certificate.standing if one.certificate else "",
        }
        for one in bringing.results(view, matters, at=clocks.now())
    ]


@router.get(
    "cases/{uuid:case_id}/results/{int:licence_id}",
    auth=partner("collect", owner="unit"),
    response={200: None},
    summary="下载电子证照|Fetch a certificate",
    description="盖章的电子证照（PDF），每次取得的逐字节相同；每次下载都有记录，持证人可见。"
    "|The sealed certificate (PDF), the same to the byte each time; each fetch is on record, and its holder sees it.",
    openapi_extra=GIVES_PDF,
)
def result_file(request: Request, case_id: UUID, licence_id: int) -> Any:
    view, matters = outside.collectable(request.caller, case_id)
    made, data = bringing.fetch(request.caller, view, matters, licence_id, at=clocks.now())
    answer = HttpResponse(data, content_type=PDF)
    answer["Content-Disposition"] = f'attachment; filename="certificate-{certificates.shown_code(made.code)}.pdf"'
    answer["Cache-Control"] = "private, no-store"
    return answer
