"""Every change of the service: each checks whose step it is and hands it to the case engine."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from bancheng.kernel.audit import public as audit
from bancheng.kernel.cases import public as cases
from bancheng.kernel.forms import public as forms
from bancheng.kernel.identity import public as identity
from bancheng.lib.refusal import Refused
from bancheng.lib.text import Text
from bancheng.services.onething import queries
from bancheng.services.onething.queries import OnDesk

# --- the desk ---


def take(*, case_id: UUID, by: identity.Actor, at: datetime) -> None:
    """Take up the open step of the actor. Raises Refused: no_such_case, not_your_step, taken."""
    _, step = queries.step_to_do(by, case_id, *cases.Kind)
    cases.take(case_id=case_id, step=step.code, by=by.ref, at=at)


def accept(*, case_id: UUID, by: identity.Actor, at: datetime) -> None:
    """Accept a matter. Raises Refused: no_such_case, not_your_step."""
    queries.step_to_do(by, case_id, cases.Kind.REVIEW)
    cases.accept(case_id=case_id, by=by.ref, at=at)


def ask_correction(*, case_id: UUID, defects: Sequence[cases.Defect], by: identity.Actor, at: datetime) -> None:
    """Note what is to be corrected. Raises Refused: no_such_case, not_your_step, no_defect, one_time_notice."""
    queries.step_to_do(by, case_id, cases.Kind.REVIEW)
    cases.ask_correction(case_id=case_id, defects=defects, by=by.ref, at=at)


def defects_from(abouts: Sequence[str], says: Sequence[str], laws: Sequence[str]) -> list[cases.Defect]:
    """Return the defects that were typed, line by line; lines without words are none."""
    laws = [*laws, *("" for _ in abouts)]
    return [
        cases.Defect(about.strip() or "field:", said.strip(), law=law.strip())
        for about, said, law in zip(abouts, says, laws, strict=False)
        if said.strip()
    ]


def refuse(*, case_id: UUID, because: cases.Because, by: identity.Actor, at: datetime) -> None:
    """Do not accept a matter. Raises Refused: no_such_case, not_your_step, unfounded."""
    queries.step_to_do(by, case_id, cases.Kind.REVIEW)
    cases.refuse(case_id=case_id, because=because, by=by.ref, at=at)


def do(*, case_id: UUID, result: str, by: identity.Actor, at: datetime) -> None:
    """Record the result of a step of work. Raises Refused: no_such_case, not_your_step, no_result."""
    _, step = queries.step_to_do(by, case_id, cases.Kind.WORK, cases.Kind.VISIT, cases.Kind.FOLLOW_UP)
    if not result:
        raise Refused(
            "no_result",
            "请写明结果，尚未记录。",
            en="Say what came of it; nothing was recorded.",
            status=422,
        )
    cases.do(case_id=case_id, step=step.code, result=result, by=by.ref, at=at)


def decide(
    *, case_id: UUID, outcome: cases.Outcome, because: cases.Because, by: identity.Actor, at: datetime
) -> None:
    """Decide a matter. Raises Refused: no_such_case, not_your_step, unfounded, accepted_by_you, gap_open."""
    queries.step_to_do(by, case_id, cases.Kind.DECIDE)
    cases.decide(case_id=case_id, outcome=outcome, because=because, by=by.ref, at=at)


def undo(*, case_id: UUID, by: identity.Actor, at: datetime) -> None:
    """Take one's own last step back. Raises Refused: no_such_case, not_yours, nothing_to_undo."""
    queries.on_desk(by, case_id)
    cases.undo(case_id=case_id, by=by.ref, at=at, reason="本人撤销")


@dataclass(frozen=True)
class Opened:
    """What an officer sees of a form: the answers his matter uses, and the papers."""

    answers: list[tuple[Text, Text]]
    materials: list[tuple[str, str]]


def open_content(desk: OnDesk, *, by: identity.Actor, at: datetime) -> Opened:
    """Return what the form says that this matter uses (P-3), personal values masked; the look is on record."""
    content = cases.said(desk.view.case.id, personal=True)
    if content is None:
        return Opened([], [])
    matters = [desk.matter.matter] if desk.matter.matter else [one.matter for one in desk.view.matters]
    form = forms.form(region=desk.view.region, matters=matters)
    values: dict[str, Any] = {**content.values, **content.personal}
    answers = [
        (field.element.title, forms.said(field.element, values[code]))
        for code, field in form.fields.items()
        if values.get(code) is not None
    ]
    audit.record(
        "onething.case_opened",
        who=by.ref,
        about=f"case:{desk.matter.id}",
        at=at,
        region=desk.view.region,
        detail={"fields": sorted(code for code in form.fields if code in content.personal)},
    )
    papers = [(code, one["name"]) for code, ones in content.materials.items() for one in ones]
    return Opened(answers, papers)
