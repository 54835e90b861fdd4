"""The API: the same operations and queries as the pages, for programs.

Public: the directory and the check of a shown licence. A holder: his licences, and his answer. A unit: ledgers in and their bad
rows back, its licences masked, its tasks. A supervisor: figures. No address here gives an identifier, a phone or an unmasked name of
another; a contact is seen on the task's page only, where each look is logged.
"""

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from ninja import Field, File, Form, Router, Schema, Status
from ninja.files import UploadedFile
from ninja.pagination import paginate

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.licences import public as licences
from bancheng.lib import identifiers
from bancheng.lib.manifest import CITIZEN, PUBLIC
from bancheng.services.expiry import figures, operations, queries, words, workbook
from bancheng.services.expiry.models import Batch, Task, Watch
from bancheng.services.expiry.rules import State
from bancheng.web.api import Pages, Words, only
from bancheng.web.doors import Request

router = Router()
ADMIN = only("unit_admin", owner="unit")
DESK = only("unit_admin", "section_officer", owner="unit")
HOLDER = only(CITIZEN, owner="holder")
FIGURES = only("supervisor", "auditor", "unit_admin", owner="unit")


# -- the public directory


class ItemLine(Schema):
    """A reminder item: one kind of licence of one unit."""

    code: str
    name: str
    name_en: str
    unit: str = Field(description="发证单位代码 · code of the issuing unit")
    domain: str
    licence_type: str
    law: str
    validity_years: int = Field(description="有效年数，0为长期 · years of validity, 0 for no end")
    opens: int | None = Field(description="到期前多少起可申请 · how long before expiry one may apply, from")
    closes: int | None = Field(description="到期前多少截止 · and until; null: until expiry itself")
    counts_in: str = Field(description="wd 工作日、nd 天、month 月 · working days, days, months")
    window_law: str
    phone: str


class Event(Schema):
    """One day on which a licence speaks."""

    day: date
    says: Words


class Example(Schema):
    """What would happen for a licence that runs out in half a year."""

    expires_on: date
    explain: Words = Field(description="最晚申请日怎么来的 · how the last day to apply is worked out")
    events: list[Event]

    @staticmethod
    def resolve_events(example: queries.Example) -> list[dict[str, Any]]:
        return [{"day": event["at"], "says": event["what"]} for event in example.events]


class ItemOut(ItemLine):
    """A reminder item with what to bring, where to go, and an example worked out."""

    audience: str
    materials: str
    materials_en: str
    offline: str
    online: str
    example: Example | None


@router.get(
    "items",
    auth=only(PUBLIC),
    response=list[ItemLine],
    summary="提醒事项目录|Licences we remind of",
    description="已公布的提醒事项，可按领域、单位筛选。|The published items, by domain or unit when named.",
)
@paginate(Pages)
def items(request: Request, domain: str = "", unit: str = "") -> Any:
    return queries.directory(domain=domain, unit=unit)


@router.get(
    "items/{code}",
    auth=only(PUBLIC),
    response=ItemOut,
    summary="一个提醒事项|One item",
    description="带什么、到哪里办，并举例说明每次提醒的日期和由来。|What to bring and where, with an example of every date explained.",
)
def item(request: Request, code: str) -> Any:
    found = queries.item(code)
    return {**vars(found), "example": queries.example(found, clocks.today())}


class ShownOut(Schema):
    """What a verifier learns from a shown code: masked, as of this second."""

    licence_type: str
    number: str = Field(description="只有末四位 · the last four characters only")
    unit: str
    holder_name: str
    valid_from: date | None
    valid_to: date | None
    status: str
    usable: bool
    at: datetime


@router.get(
    "verify/{code}",
    auth=only(PUBLIC),
    response=ShownOut,
    summary="核验出示的证照|Check a shown licence",
    description="凭持证人出示的两分钟内的二维码，返回脱敏信息和此刻状态。|The masked facts behind a code of the last two minutes.",
)
def verify(request: Request, code: str) -> Any:
    return licences.verify_code(code, clocks.now())


# -- the holder


class MineLine(Schema):
    """One of the holder's licences, with what to do."""

    id: int = Field(alias="watch.pk")
    item: str = Field(alias="item.code", description="提醒事项代码 · code of the item")
    name: str = Field(alias="item.name")
    name_en: str = Field(alias="item.name_en")
    number: str = Field(alias="licence.number")
    issuer: Words = Field(alias="unit.title")
    state: str = Field(alias="watch.state")
    says: Words = Field(alias="status", description="状态 · the state in words")
    valid_to: date | None = Field(alias="watch.expires_on", description="null 为长期 · null: no end")
    apply_from: date | None = Field(alias="watch.opens_on")
    apply_by: date | None = Field(alias="watch.closes_on", description="最晚申请日 · the last day to apply")
    provisional: bool = Field(
        alias="watch.provisional",
        description="true 为预计：该年日历尚未公布 · true: that year's calendar is not published",
    )
    advice: Words = Field(description="现在该做什么 · what to do now")


class Reminded(Schema):
    """One stage that has spoken."""

    day: date
    stage: str
    says: Words = Field(alias="words")


class MineOut(MineLine):
    """One licence with its dates explained and what was said about it."""

    explain: Words = Field(description="最晚申请日怎么来的 · how the last day to apply is worked out")
    materials: str = Field(alias="item.materials")
    materials_en: str = Field(alias="item.materials_en")
    offline: str = Field(alias="item.offline")
    online: str = Field(alias="item.online")
    phone: str = Field(alias="item.phone")
    reminded: list[Reminded]
    may_say: list[str] = Field(description="现在可以怎样回答 · what may be answered now")

    @staticmethod
    def resolve_explain(mine: queries.Mine) -> Any:
        return queries.dates(mine.watch).explain

    @staticmethod
    def resolve_reminded(mine: queries.Mine) -> Any:
        return queries.reminders(mine.watch)

    @staticmethod
    def resolve_may_say(mine: queries.Mine) -> list[str]:
        answers = (State.SAYS_DONE, State.GIVEN_UP, State.LIVE)
        return [says for says in answers if says != mine.watch.state and queries.may_answer(mine.watch, says)]


class Answer(Schema):
    """What the holder says."""

    says: Literal["says_done", "given_up", "live"] = Field(
        description="says_done 已经办了，given_up 不再续办，live 撤回并恢复提醒 · done, will not renew, take it back"
    )


@router.get(
    "mine",
    auth=HOLDER,
    response=list[MineLine],
    summary="我的证照|My licences",
    description="本人及所代理的证照，先到期的在前。|One's own licences and those one acts for, soonest end first.",
)
@paginate(Pages)
def mine(request: Request) -> Any:
    return queries.mine(request.actor, today=clocks.today())


@router.get(
    "mine/{int:watch_id}",
    auth=HOLDER,
    response=MineOut,
    summary="我的一份证照|One licence of mine",
    description="日期的由来、带什么、到哪里办、提醒过什么。|Its dates explained, what to bring, where to go, what was said.",
)
def my_licence(request: Request, watch_id: int) -> Any:
    return queries.my_watch(request.actor, watch_id, today=clocks.today())


@router.post(
    "mine/{int:watch_id}/answer",
    auth=HOLDER,
    response=MineOut,
    summary="回答提醒|Answer",
    description="已经办了、不再续办，或撤回。证照本身不因此改变。|Done, will not renew, or take it back. The licence itself is not changed.",
)
def answer(request: Request, watch_id: int, said: Answer) -> Any:
    watch = queries.my_watch(request.actor, watch_id, today=clocks.today()).watch
    operations.answer(watch_id=watch.pk, says=State(said.says), by=request.actor.ref, at=clocks.now())
    return queries.my_watch(request.actor, watch_id, today=clocks.today())


# -- the unit


class BatchOut(Schema):
    """One uploaded ledger: how far it is read and what became of its rows."""

    id: UUID
    unit: str
    name: str
    state: str = Field(description="waiting 等待、reading 读取中、done 完成、refused 整份退回")
    rows: int
    read: int = Field(description="已读行数 · rows read so far")
    added: int
    changed: int
    same: int
    older: int
    bad: int = Field(description="退回的行数 · rows sent back")
    endless: int
    expired: int
    says: Words
    uploaded_at: datetime
    finished_at: datetime | None

    @staticmethod
    def resolve_says(batch: Batch) -> Words:
        return Words(zh=batch.says, en=batch.says_en)


class BadRowOut(Schema):
    """A row that was sent back: where it stands and why. What was typed is in the workbook that goes back."""

    line: int = Field(description="Excel 中的行号 · the row number in Excel")
    reasons: str


class WatchOut(Schema):
    """One of the unit's licences, masked."""

    id: int
    number: str = Field(alias="licence.number")
    item: str = Field(alias="item.code")
    holder: str = Field(description="脱敏 · masked")
    state: str
    apply_by: date | None = Field(alias="closes_on")
    valid_to: date | None = Field(alias="expires_on")

    @staticmethod
    def resolve_holder(watch: Watch) -> str:
        return identifiers.mask_name(watch.licence.holder_name)


class TaskOut(Schema):
    """A person's piece of work. Whom to call is seen on its page only, where each look is logged."""

    id: int
    kind: str
    says: Words
    licence: WatchOut = Field(alias="watch")
    due_on: date
    assignee: str = Field("", alias="assignee.display_name")
    result: str
    closed_at: datetime | None

    @staticmethod
    def resolve_says(task: Task) -> Any:
        return words.KINDS[task.kind]


@router.get("ledgers", auth=ADMIN, response=list[BatchOut], summary="工作台账|Ledgers")
@paginate(Pages)
def ledgers(request: Request) -> Any:
    return queries.batches(request.actor)


@router.post(
    "ledgers",
    auth=ADMIN,
    response={202: BatchOut},
    summary="上传台账|Upload a ledger",
    description="整份有误的当场退回，什么也不留；否则收下，进度另查。|A wrong file is refused at once; else it is taken in and read: ask for its progress.",
)
def upload(request: Request, unit: Form[str], file: File[UploadedFile]) -> Any:
    own = queries.own_unit(request.actor, unit)
    workbook.check_size(file.size or 0)
    batch = operations.upload(unit=own, name=file.name or "", data=file.read(), by=request.actor, at=clocks.now())
    return Status(202, batch)


@router.get("ledgers/{uuid:batch_id}", auth=ADMIN, response=BatchOut, summary="一份台账的进度|A ledger's progress")
def ledger(request: Request, batch_id: UUID) -> Any:
    return queries.batch(request.actor, str(batch_id))


@router.get("ledgers/{uuid:batch_id}/bad", auth=ADMIN, response=list[BadRowOut], summary="退回的行|Rows sent back")
@paginate(Pages)
def bad_rows(request: Request, batch_id: UUID) -> Any:
    return queries.bad_lines(queries.batch(request.actor, str(batch_id)))


@router.get(
    "licences",
    auth=ADMIN,
    response=list[WatchOut],
    summary="本单位证照|Our licences",
    description="脱敏；可按证号开头、状态、事项筛选。|Masked; by the number's beginning, state or item when named.",
)
@paginate(Pages)
def unit_licences(request: Request, number: str = "", state: str = "", item: str = "") -> Any:
    return queries.watches(request.actor, number=number, state=state, item_code=item)


@router.get(
    "tasks",
    auth=DESK,
    response=list[TaskOut],
    summary="提醒任务|Tasks",
    description="本单位的任务，先到期的在前。|The unit's tasks, what is due first on top.",
)
@paginate(Pages)
def tasks(request: Request, closed: bool = False, own: bool = False) -> Any:
    return queries.tasks(request.actor, closed=closed, own=own)


# -- figures


class Count(Schema):
    """How many, under which heading."""

    of: str
    count: int


class ShareOut(Schema):
    """A part of a whole, and both."""

    part: int
    whole: int
    value: float | None = Field(description="part ÷ whole; null：还没有 · null: nothing to divide by")


class BoardOut(Schema):
    """The service's figures as of now; no identities."""

    units: int
    items: int
    licences: int
    reminders: int
    tasks_opened: int
    rate: ShareOut = Field(description="到期前续办 ÷ 应续办 · renewed in time ÷ due")
    acted: ShareOut = Field(description="提醒后7天内行动 · acted within seven days of a message")
    in_time: ShareOut = Field(description="一对一按期办结 · one-on-one tasks closed by their day")
    silent: list[str] = Field(description="本季度未报送或未梳理的单位 · units not heard of this quarter")
    domains: list[Count] = Field(description="各领域的证照数 · licences by field")

    @staticmethod
    def resolve_silent(board: figures.Board) -> list[str]:
        return [line.unit.code for line in board.silent]

    @staticmethod
    def resolve_domains(board: figures.Board) -> list[dict[str, Any]]:
        return [{"of": line.code, "count": line.licences} for line in board.domains]


@router.get(
    "board",
    auth=FIGURES,
    response=BoardOut,
    summary="提醒看板|Dashboard",
    description="督导、审计看全市，单位管理员看本单位。|The city for supervisors and auditors, one's own unit for an administrator.",
)
def board(request: Request) -> Any:
    return figures.board(clocks.today(), queries.board_units(request.actor))
