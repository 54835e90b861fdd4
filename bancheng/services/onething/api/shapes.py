"""What goes in and out: one shape for a case, whoever asks."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from ninja import Field

from bancheng.kernel.cases import public as cases
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.documents import public as documents
from bancheng.kernel.forms import public as forms
from bancheng.services.onething import queries
from bancheng.services.onething.checking import ON_PAPERS
from bancheng.services.onething.outside import Seen
from bancheng.services.onething.papers import Paper, slug_of
from bancheng.services.onething.rules import Way
from bancheng.web.api import Shape, Unfit, Words

DECIDING = (cases.Act.DECIDED, cases.Act.NOT_ACCEPTED, cases.Act.TERMINATED)


class ClockOut(Shape):
    """One clock that runs on a matter, with how its date is worked out."""

    rule: str = Field(description="时限规则编号 · code of the rule, such as C-02.decide")
    name: Words
    state: str = Field(description="running 或 paused")
    started_on: date
    due_on: date = Field(description="法定最后一日 · the law's last day")
    promised_on: date | None = Field(description="承诺的最后一日 · the city's own")
    provisional: bool = Field(description="true 为预计 · that year's calendar is not published yet")
    explain: Words


class BecauseOut(Shape):
    """Why it was decided so, by which article, and what can be done about it."""

    reason: str
    law: str
    remedy: str


class ActOut(Shape):
    """One line of the log. Who did it is the unit's own affair."""

    act: str
    says: Words
    step: str
    outcome: str | None
    at: datetime


class MatterOut(Shape):
    """One matter whole."""

    id: UUID
    number: str
    matter: str
    title: Words
    unit: str
    state: str
    says: Words
    outcome: str | None
    received_at: datetime
    accepted_on: date | None
    decided_on: date | None
    closed_at: datetime | None
    because: BecauseOut | None
    clocks: list[ClockOut]
    log: list[ActOut]


class OtherOut(Shape):
    """A matter of the bundle that is another unit's: its state and no more."""

    title: Words
    state: str
    says: Words


class WaitingOut(Shape):
    """A matter that has not begun: it waits for others."""

    code: str
    name: Words
    after: list[Words]
    in_vain: bool = Field(description="所等的事项未获准予 · what it waits for was not granted")


class CorrectionOut(Shape):
    """One thing to correct, of the one notice."""

    about: str = Field(description="field:数据项代码 或 material:材料代码 · code of the element or paper")
    says: str
    example: str
    law: str
    due_on: date | None
    answered: bool


class CaseOut(Shape):
    """A bundle (or single matter) as one who asks may see it."""

    id: UUID
    number: str
    code: str = Field(description="一件事或事项代码 · code of the bundle or matter")
    title: Words
    state: str
    says: Words
    outcome: str | None
    received_at: datetime
    closed_at: datetime | None
    matters: list[MatterOut]
    others: list[OtherOut]
    waiting: list[WaitingOut]
    corrections: list[CorrectionOut]


def case_out(found: Seen) -> dict[str, Any]:
    """Return a case in its shape."""
    case = found.view.case
    return {
        "id": case.id,
        "number": case.number,
        "code": case.flow.code,
        "title": case.title,
        "state": case.state,
        "says": cases.STATES[case.state],
        "outcome": case.outcome,
        "received_at": case.received_at,
        "closed_at": case.closed_at,
        "matters": [matter_out(one) for one in found.matters],
        "others": [{"title": one.title, "state": one.state, "says": cases.STATES[one.state]} for one in found.others],
        "waiting": queries.waiting(found.view),
        "corrections": [_correction(one) for one in found.corrections],
    }


def _correction(one: cases.Correction) -> dict[str, Any]:
    kind, _, name = one.about.partition(":")
    about = f"{kind}:{slug_of(name)}" if kind == "material" else one.about
    return {"about": about, **{name: getattr(one, name) for name in ("says", "example", "law", "due_on", "answered")}}


def matter_out(one: cases.Matter) -> dict[str, Any]:
    """Return a matter in its shape."""
    lines = [line for line in one.lines if not line.undone]
    because = next((line for line in reversed(lines) if line.act in DECIDING and line.reason), None)
    return {
        **{name: getattr(one, name) for name in ("id", "number", "matter", "title", "unit", "state", "outcome")},
        **{name: getattr(one, name) for name in ("received_at", "accepted_on", "decided_on", "closed_at")},
        "says": cases.STATES[one.state],
        "because": because,
        "clocks": [clock_out(clock) for clock in one.clocks],
        "log": [
            {"act": line.act, "says": cases.ACTS[line.act], "step": line.step, "outcome": line.outcome, "at": line.at}
            for line in lines
        ],
    }


def clock_out(clock: clocks.Clock) -> dict[str, Any]:
    """Return a clock in its shape."""
    promised = clock.decision.promised
    return {
        "rule": clock.rule.id,
        "name": clock.rule.name,
        "state": clock.state,
        "started_on": clock.started_on,
        "due_on": clock.due.on,
        "promised_on": promised.on if promised else None,
        "provisional": clock.due.provisional,
        "explain": clock.due.explain,
    }


class Lines(Shape):
    """A list that goes on."""

    more: bool = Field(description="后面还有 · there are more")


class BriefOut(Shape):
    """A case in a list."""

    id: UUID
    number: str
    title: Words
    state: str
    received_at: datetime
    closed_at: datetime | None


class TaskOut(Shape):
    """One open task of a queue; whose it is, is on the case."""

    case: UUID
    number: str
    title: Words
    step: str
    step_name: Words
    kind: str
    unit: str
    opened_at: datetime
    due_on: date | None
    escalated: bool


class QueueOut(Lines):
    """A page of a queue, what runs out first on top."""

    items: list[TaskOut]


def unfit(no: forms.Unfinished) -> Unfit:
    """Return what keeps answers from being taken in, each by its field; the answers are not echoed."""
    return Unfit(
        no,
        [
            {
                "at": _place(one.element),
                "code": "missing" if one.missing else "unfit",
                "zh": one.says.zh,
                "en": one.says.en,
                "law": one.law,
            }
            for one in no.problems
        ],
    )


def _place(element: str) -> list[str]:
    """Return where in the request a problem stands."""
    if element.startswith(ON_PAPERS):
        return ["papers", element.removeprefix(ON_PAPERS)]
    return ["answers", element]


# --- papers


class FileOut(Shape):
    """A file that was handed in; what it is was judged by its bytes."""

    id: UUID
    name: str
    kind: str = Field(description="pdf, jpg, png, webp, ofd")
    size: int = Field(description="字节 · bytes")
    pages: int | None
    at: datetime


class PaperOut(Shape):
    """A paper of a case, and what there is of it."""

    code: str = Field(description="材料代码 · what requests call it")
    name: Words
    state: str = Field(
        description="handed_in 已交, promised 容缺待补, fetched 免交、系统调取, form 由表单生成, missing 未交 · "
        "missing: not handed in"
    )
    matters: list[str] = Field(description="使用它的事项 · matters that use it")
    files: list[FileOut]


def paper_out(one: Paper) -> dict[str, Any]:
    """Return a paper in its shape."""
    state = {Way.FETCHED: "fetched", Way.FORM: "form"}.get(one.way, "promised" if one.promised else "missing")
    return {
        "code": one.slug,
        "name": one.name,
        "state": "handed_in" if one.files else state,
        "matters": list(one.codes),
        "files": [file_out(file) for file in one.files],
    }


def file_out(file: documents.View) -> dict[str, Any]:
    """Return a file in its shape."""
    return {name: getattr(file, name) for name in ("id", "name", "kind", "size", "pages", "at")}
