"""What an applicant does in a case of his: answer corrections, take back, apply again, do without."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.db import transaction

from bancheng.kernel.cases import public as cases
from bancheng.kernel.forms import public as forms
from bancheng.kernel.identity import public as identity
from bancheng.lib.days import day_of
from bancheng.lib.refusal import Refused
from bancheng.services.onething import attaching, papers, queries
from bancheng.services.onething.operations.submitting import said_of


def correct(
    *,
    view: cases.View,
    raw: Mapping[str, Sequence[str]],
    by: identity.Actor,
    at: datetime,
    files: Mapping[str, Sequence[attaching.File]] | None = None,
    uploaded: attaching.Uploaded | None = None,
) -> forms.Reading:
    """Take in the one answer to the merged correction notice; with errors nothing is handed in and they are returned.

    `files` are the new files of papers that were asked for, by slug, or `uploaded` before; what they replace is let go.
    Raises Refused: nothing_to_correct, paper_not_asked, paper_needed, and what documents.store raises.
    """
    form, values = queries.content_of(view)
    reading = forms.read(form, raw, day_of(at))
    if reading.errors:
        return reading
    about, answers = f"case:{view.case.id}", papers.shown_of(form, {**values, **reading.values}, day_of(at))
    handed = papers.of_case(view, papers.matters_of(view), answers)
    new = {slug for given in (files or {}, uploaded.files if uploaded else {}) for slug, ones in given.items() if ones}
    called_for = papers.called_for(view, handed)
    if lacking := [one for one in called_for if not one.ready and one.slug not in new]:
        raise paper_needed(lacking)
    renewed = [one for one in handed if one.slug in new]
    check_asked(view, renewed, new, called_for)
    old = {file.id for one in renewed for file in one.files}
    for one in renewed:
        if chosen := (files or {}).get(one.slug):
            kept = attaching.attach(
                paper=replace(one, files=()),
                files=chosen,
                about=about,
                region=view.region,
                holder=view.applicant_hash,
                by=by.ref,
                at=at,
            )
            old -= {each.use.id for each in kept}  # the same file again is the same use
    with transaction.atomic():
        for use_id in sorted(old):
            attaching.detach(use_id=use_id, about=about, by=by.ref, at=at)
        if uploaded:
            attaching.bring(
                uploaded=uploaded, papers=renewed, about=about, holder=view.applicant_hash, by=by.ref, at=at
            )
        said = said_of(form, {**values, **reading.values})
        materials = attaching.said_of(papers.of_case(view, papers.matters_of(view), answers))
        cases.correct(case_id=view.case.id, said=replace(said, materials=materials), by=by.ref, at=at)
    return reading


def paper_needed(lacking: Sequence[papers.Paper]) -> Refused:
    """Return the refusal of answers that call for papers which are not there: they come with them."""
    zh, en = "、".join(one.name.zh for one in lacking), ", ".join(one.name.en for one in lacking)
    return Refused(
        "paper_needed",
        f"按您改后的填写，还要交“{zh}”，尚未提交；请在下面一并上传。",
        en=f"With the answers as they are now, “{en}” is needed too. Nothing was submitted: upload it with them.",
        status=422,
    )


def check_asked(
    view: cases.View, renewed: Sequence[papers.Paper], new: Collection[str], called_for: Sequence[papers.Paper]
) -> None:
    """Raise Refused("paper_not_asked") when a paper comes that neither an open correction nor the new answers ask for: what was
    reviewed stays as it was."""
    if not new:
        return
    asked = {one.about for one in cases.corrections(view.case.id, sent=True) if not one.answered}
    asked |= {f"material:{one.name.zh}" for one in called_for}
    if len(renewed) < len(new) or any(f"material:{one.name.zh}" not in asked for one in renewed):
        raise Refused(
            "paper_not_asked",
            "补正通知没有要求更换这份材料，没有提交；请只更换通知里列出的材料。",
            en="The correction notice does not ask for this paper, so nothing was submitted. Replace only what it lists.",
            status=422,
        )


def withdraw(*, view: cases.View, case_id: UUID, reason: str, by: identity.Actor, at: datetime) -> None:
    """Take back the bundle or one of its matters. Raises Refused: no_such_case, case_over, decided_already."""
    if view.of(case_id) is None:
        raise queries.no_such_case()
    cases.withdraw(case_id=case_id, reason=reason or "申请人撤回", by=by.ref, at=at)


def retry(*, view: cases.View, step: str, by: identity.Actor, at: datetime) -> None:
    """Apply again for a refused matter. Raises Refused("not_to_retry")."""
    cases.retry(case_id=view.case.id, step=step, by=by.ref, at=at)


def give_up(*, view: cases.View, step: str, by: identity.Actor, at: datetime) -> None:
    """Do without a matter that waits in vain. Raises Refused("not_to_retry")."""
    cases.give_up(case_id=view.case.id, step=step, reason="申请人不再办理", by=by.ref, at=at)
