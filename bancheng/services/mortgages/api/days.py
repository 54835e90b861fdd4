"""What was recorded on a day, as both books have it (land register §13.6)."""

from datetime import date, datetime
from typing import Annotated, Any

from django.http import HttpResponse
from ninja import Field, Router
from pydantic import StringConstraints

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.exchange import public as exchange
from bancheng.services.mortgages.announcing import SERVICE
from bancheng.web.api import Shape, partner
from bancheng.web.doors import Request

router = Router()
MOST_LINES = 20_000
Said = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00]*$")]  # the database keeps no NUL


class AnswerIn(Shape):
    """What the bank says of one line."""

    number: Said = Field(min_length=1, max_length=80, description="证明号 · the proof's number, the line's first field")
    answer: exchange.Answer
    theirs: dict[Said, Said | int | None] | None = Field(
        None, max_length=20, description="不一致时贵行的内容 · with DIFF: what your book says"
    )


class BankAnswersIn(Shape):
    """One answer a line."""

    lines: list[AnswerIn] = Field(max_length=MOST_LINES)


class DifferOut(Shape):
    """Which lines do not agree; each is a task now."""

    day: date
    differ: list[str]


class DayOut(Shape):
    """What a file is, without its lines."""

    day: date
    number: int
    previous: str = Field(description="上一个文件的SHA-256 · SHA-256 of the file before")
    digest: str
    count: int
    sum_fen: int
    signature: str = Field(description="对文件字节的Ed25519签名，Base64 · Ed25519 over the file's bytes, base64")
    key_id: str
    due_at: datetime
    answered_at: datetime | None


@router.get(
    "reconciliations/{day}",
    auth=partner("read"),
    response=DayOut,
    summary="某日对账|A day's reconciliation",
    description="次日零点后生成一次，字节不再变。|Made once after midnight; its bytes never change.",
)
def day_of(request: Request, day: date) -> Any:
    return exchange.file_of(request.caller, service=SERVICE, day=day)


@router.get(
    "reconciliations/{day}/file",
    auth=partner("read"),
    summary="某日对账文件|A day's file",
    description="首行：版本|服务|系统|日期|文件号|上一文件摘要|条数|金额合计（分）；以下每行一件，按证明号排序。"
    "|The first line says version, service, partner, day, number, digest before, count and sum in fen; then a line each, sorted by number.",
)
def file_of(request: Request, day: date) -> HttpResponse:
    found = exchange.file_of(request.caller, service=SERVICE, day=day)
    answer = HttpResponse(bytes(found.body), content_type="text/plain; charset=utf-8")
    answer["Bancheng-File-Signature"] = f"{found.key_id}:{found.signature}"
    return answer


@router.post(
    "reconciliations/{day}/responses",
    auth=partner("read"),
    response=DifferOut,
    summary="答复对账|Answer a day",
    description="逐条MATCH、MISSING或DIFF；没有答复的也算差异。可再次答复，已一致的自动结清。"
    "|MATCH, MISSING or DIFF for each line; a line without an answer differs too. Answer again: what agrees now is closed.",
)
def answer(request: Request, day: date, given: BankAnswersIn) -> Any:
    answers = {one.number: (one.answer, one.theirs) for one in given.lines}
    differ = exchange.answer_day(request.caller, service=SERVICE, day=day, answers=answers, at=clocks.now())
    return {"day": day, "differ": differ}
