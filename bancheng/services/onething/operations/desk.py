"""Every change of the desk: each checks whose step it is and hands it to the case engine."""

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
from bancheng.services.onething import attaching, papers, promising, queries
from bancheng.services.onething.queries import OnDesk
from bancheng.services.onething.registers import operations as registers
from bancheng.services.onething.registers import queries as registered


def take(*, case_id: UUID, by: identity.Actor, at: datetime) -> None:
    """Take up the open step of the actor. Raises Refused: no_such_case, not_your_step, taken."""
    _, step = queries.step_to_do(by, case_id, *cases.Kind)
    cases.take(case_id=case_id, step=step.code, by=by.ref, at=at)


def accept(*, case_id: UUID, by: identity.Actor, at: datetime, freely: Sequence[str] | None = None) -> None:
    """Accept a matter, with the papers that were promised for later (R-RQ-1); `freely`: those its result does not wait for (None: as the guide says).

    Raises Refused: no_such_case, not_your_step.
    """
    desk, _ = queries.step_to_do(by, case_id, cases.Kind.REVIEW)
    cases.accept(case_id=case_id, by=by.ref, at=at, gaps=attaching.gaps_of(desk, freely, at))


def ask_correction(*, case_id: UUID, defects: Sequence[cases.Defect], by: identity.Actor, at: datetime) -> None:
    """Note what is to be corrected. Raises Refused: no_such_case, not_your_step, not_in_guide, no_defect,
    one_time_notice."""
    desk, _ = queries.step_to_do(by, case_id, cases.Kind.REVIEW)
    check_in_guide(desk, defects)
    cases.ask_correction(case_id=case_id, defects=defects, by=by.ref, at=at)


def check_in_guide(desk: OnDesk, defects: Sequence[cases.Defect]) -> None:
    """Raise Refused("not_in_guide") when a paper is asked for that the guide of the matter does not name (R-OT-3, R14.9)."""
    asked = {one.about.removeprefix("material:") for one in defects if one.about.startswith("material:")}
    listed = {one.name.zh for one in papers.of_case(desk.view, [desk.matter.matter])} if asked else set()
    if asked - listed:
        raise Refused(
            "not_in_guide",
            f"办事指南没有要求“{'、'.join(sorted(asked - listed))}”，不得要求补正，未提出。",
            en="The guide does not ask for this paper, so it may not be asked for now; nothing was told.",
            law="河南省优化营商环境条例 第二十八条",
            status=422,
        )


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
    """Record the result of a step of work. Raises Refused: no_such_case, not_your_step, no_result, say_whether_true."""
    desk, step = queries.step_to_do(by, case_id, cases.Kind.WORK, cases.Kind.VISIT, cases.Kind.FOLLOW_UP)
    promising.check_plain(desk, step)
    if not result:
        raise Refused(
            "no_result",
            "请写明结果，尚未记录。",
            en="Say what came of it; nothing was recorded.",
            status=422,
        )
    cases.do(case_id=case_id, step=step.code, result=result, by=by.ref, at=at)


def decide(*, case_id: UUID, outcome: cases.Outcome, because: cases.Because, by: identity.Actor, at: datetime) -> None:
    """Decide a matter. Raises Refused: no_such_case, not_your_step, unfounded, accepted_by_you, gap_open."""
    queries.step_to_do(by, case_id, cases.Kind.DECIDE)
    cases.decide(case_id=case_id, outcome=outcome, because=because, by=by.ref, at=at)


def ask_registers(*, case_id: UUID, by: identity.Actor, at: datetime) -> None:
    """Ask registers again for a case that one works on. Raises Refused: no_such_case, not_your_step, nothing_to_ask, asked_lately."""
    desk, _ = queries.step_to_do(by, case_id, *cases.Kind)
    if registered.for_officer(desk.matter.root, desk.matter.matter) is None:
        raise registers.nothing_to_ask()
    registers.ask_for_case(root=desk.matter.root, by=by.ref, at=at)


def undo(*, case_id: UUID, by: identity.Actor, at: datetime) -> None:
    """Take one's own last step back. Raises Refused: no_such_case, not_yours, nothing_to_undo."""
    queries.on_desk(by, case_id, alone=True)
    cases.undo(case_id=case_id, by=by.ref, at=at, reason="本人撤销")


@dataclass(frozen=True)
class Opened:
    """What an officer sees of a form: the answers his matter uses, and the papers."""

    answers: list[tuple[Text, Text]]
    papers: list[papers.Paper]
    fields: list[tuple[str, Text]]  # what a correction may be about


def open_content(desk: OnDesk, *, by: identity.Actor, at: datetime) -> Opened:
    """Return what the form says that this matter uses (P-3), personal values masked; the look is on record."""
    content = cases.said(desk.view.case.id, personal=True)
    if content is None:
        return Opened([], [], [])
    matters = [desk.matter.matter] if desk.matter.matter else [one.matter for one in desk.view.matters]
    form = forms.form(desk.view.region, matters)
    values: dict[str, Any] = {**content.values, **content.personal}
    masked = not desk.steps  # P-3: personal data only through an open task of one's own
    answers = [
        (field.element.title, forms.said(field.element, values[code], masked=masked))
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
    handed = papers.of_case(desk.view, matters)
    fields = [(f"field:{code}", field.element.title) for code, field in form.fields.items()]
    fields += [(f"material:{one.name.zh}", one.name) for one in handed if not one.free]
    return Opened(answers, handed, fields)
