"""Every change of the service: each checks whose step it is and hands it to the case engine."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from bancheng.kernel.audit import public as audit
from bancheng.kernel.cases import public as cases
from bancheng.kernel.forms import public as forms
from bancheng.kernel.identity import public as identity
from bancheng.lib.conditions import Value
from bancheng.lib.days import day_of
from bancheng.lib.refusal import Refused
from bancheng.lib.text import Text
from bancheng.services.onething import attaching, checking, papers, promising, queries
from bancheng.services.onething.queries import Application, OnDesk
from bancheng.services.onething.registers import operations as registers
from bancheng.services.onething.registers import queries as registered
from bancheng.services.onething.sending import Sending

# --- the desk ---


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


# --- the applicant ---


def begin(*, bundle: str, subject: str, by: identity.Actor, at: datetime) -> forms.Draft:
    """Open (or find) the draft of a bundle for oneself or for somebody one acts for. Raises Refused: no_such_bundle, not_for_him."""
    found = queries.bundle(bundle)
    chosen = next((one for one in queries.subjects(by, at) if one.ref == subject), None)
    if chosen is None:
        raise Refused(
            "not_for_him",
            "您目前不能替该主体申请，请选择本人或您代理的主体。",
            en="You cannot apply for that one now: choose yourself or somebody you act for.",
            status=403,
        )
    if by.person_id:
        agree_to_prefill(identity.person(by.person_id), by=by.ref, at=at)
    draft = forms.open_draft(
        form=queries.form_of(found, {}),
        region=queries.region(),
        purpose=f"{queries.SERVICE}.{bundle}",
        subject=forms.Subject(chosen.ref, chosen.holder_hash, acting=f"person:{by.person_id}"),
        by=by.ref,
        at=at,
    )
    return follow(draft, found, hashes=[chosen.holder_hash], by=by.ref, at=at)


def follow(draft: forms.Draft, found: queries.Bundle, *, hashes: Sequence[bytes], by: str, at: datetime) -> forms.Draft:
    """Return the draft with the matters that follow from what stands in it, typed or filled in: the form grows or shrinks by them
    (B14.3)."""
    wanted = queries.form_of(found, draft.values)
    if wanted.matters == draft.matters:
        return draft
    return forms.change_matters(draft_id=draft.id, form=wanted, hashes=hashes, by=by, at=at)


PREFILL, PREFILL_WORDS = (
    "prefill",
    "prefill-1",
)  # the words on the page before one begins; a new version when they change


def agree_to_prefill(person: identity.Person, *, by: str, at: datetime) -> None:
    """Record that somebody who begins agrees to what the page before says; who has taken that back is not asked by the way (B2.9)."""
    if not identity.has_withdrawn(person.pk, PREFILL):
        identity.give_consent(person=person, purpose=PREFILL, text_version=PREFILL_WORDS, by=by, at=at)


def prefill(*, application: Application, agreed: bool, by: identity.Actor, at: datetime) -> int:
    """Take back the consent to fill in what is known, or give it again, for this draft and all others of the same person; return how
    many fields of this draft were emptied or filled in.

    B2.9: what we filled in and is not handed in yet is erased at once; what was typed stays. Raises Refused("not_his_consent").
    """
    draft = application.draft
    person = _consenting(draft.subject)
    if person is None or (by.person_id and by.person_id != str(person.pk)):
        raise Refused(
            "not_his_consent",
            "是否使用已有信息由填报人本人决定，没有改动。",
            en="Only the person who fills in this form decides about that; nothing was changed.",
            law="个人信息保护法 第十五条",
            status=403,
        )
    with transaction.atomic():
        if agreed:
            identity.give_consent(person=person, purpose=PREFILL, text_version=PREFILL_WORDS, by=by.ref, at=at)
            forms.fill_in(draft_id=draft.id, form=application.form, hashes=application.hashes, by=by.ref, at=at)
        else:
            agree_to_prefill(person, by=by.ref, at=at)  # a draft of before this was recorded
            identity.withdraw_consent(person=person, purpose=PREFILL, by=by.ref, at=at)
    after = forms.draft(draft.id, hashes=application.hashes)
    return abs(filled_in(after) - filled_in(draft))


def filled_in(draft: forms.Draft) -> int:
    """Return how many fields of a draft hold what we had filled in, or remember it."""
    return sum(one.source is not None and one.ref != forms.DERIVED for one in draft.held.values())


def refuses_prefill(draft: forms.Draft) -> bool:
    """Return whether who fills in the form has taken back his consent to have it filled in."""
    kind, _, key = (draft.subject.acting or draft.subject.ref).partition(":")
    return kind == "person" and identity.has_withdrawn(key, PREFILL)


def _consenting(subject: forms.Subject) -> identity.Person | None:
    """Return whose consent it is: who fills in the form, or who stands at the counter."""
    kind, _, key = (subject.acting or subject.ref).partition(":")
    return identity.person(key) if kind == "person" else None


def save(
    *, application: Application, raw: Mapping[str, Sequence[str]], seen: int, by: identity.Actor, at: datetime
) -> forms.Saved:
    """Keep what was typed on one page; when another matter follows from it, the form grows or shrinks by it (B14.3).

    Raises Conflict, Refused("no_such_draft").
    """
    draft_id, hashes = application.draft.id, application.hashes
    with transaction.atomic():
        saved = forms.save(
            draft_id=draft_id, form=application.form, raw=raw, seen=seen, hashes=hashes, by=by.ref, at=at
        )
        draft = follow(saved.draft, application.bundle, hashes=hashes, by=by.ref, at=at)
    return replace(saved, draft=draft)


def take_in(
    sending: Sending, *, by: str, at: datetime, keep: Callable[[cases.Filed], None], unit: str = ""
) -> cases.Filed:
    """Check what is sent and take it in as a case; the one way for pages, counter, partners' systems and replay.

    `keep` does in the same transaction what is the sender's own: his draft, his papers. Sent twice, it is taken in once, and `keep`
    is not called again. Raises Unfinished with everything that is missing or in the way, Refused("key_of_another").
    """
    checked = checking.check(sending, by=by, at=at)
    today = day_of(at)
    held = {code: forms.Held(value, forms.How.TYPED, 1, by, at) for code, value in sending.values.items()}
    handed = {code: one.value for code, one in forms.submitted(sending.form, held, today).items()}
    said = said_of(sending.form, handed)
    with transaction.atomic():
        filed = cases.file(
            region=sending.region,
            service=queries.SERVICE,
            flow=sending.bundle.code,
            applicant=sending.applicant,
            said=replace(said, materials=attaching.said_of(sending.papers)),
            key=sending.key,
            unit=unit,
            by=by,
            at=at,
        )
        if not filed.again:
            registers.attach(root=filed.id, asked=checked.asked, answers=checked.known, at=at)
            keep(filed)
    return filed


def sending_of(application: Application, at: datetime, listed: Sequence[papers.Paper] | None = None) -> Sending:
    """Return a draft as it is sent, with its papers where they are `listed` already: what could not be read of it is told as such."""
    draft, form = application.draft, application.form
    applicant, uscc = applicant_of(draft.subject)
    today = day_of(at)
    shown = forms.visible(form, draft.values, today)
    unread = forms.read(form, {code: typed for code, typed in draft.typed.items() if code in shown}, today).errors
    return Sending(
        application.bundle,
        form,
        draft.values,
        applicant,
        papers.of_application(application, at) if listed is None else listed,
        draft.region,
        key=f"draft:{draft.id}",
        about=f"draft:{draft.id}",
        uscc=uscc or _typed_uscc(draft.values),
        unread=tuple(unread.values()),
    )


def _typed_uscc(values: Mapping[str, Value]) -> str:
    """Return the firm that somebody names who applies for himself."""
    return str(values.get("uscc") or "")


def submit(
    *,
    application: Application,
    seen: int,
    by: identity.Actor,
    at: datetime,
    evidence: Mapping[str, str] | None = None,
) -> cases.Filed:
    """Hand the draft in and take the bundle in, both or neither; sent twice, it is taken in once (B14.9).

    Raises Unfinished, Refused: draft_changed, no_such_draft, licence_not_usable.
    """
    if (before := filed_of(application)) is not None:
        return before
    sending = sending_of(application, at)

    def keep(filed: cases.Filed) -> None:
        draft, about = application.draft, f"case:{filed.id}"
        sent = forms.submit(
            draft_id=draft.id,
            form=application.form,
            seen=seen,
            about=about,
            hashes=application.hashes,
            by=by.ref,
            at=at,
            evidence=evidence,
        )
        audit.record(  # for the board: which share of the fields was typed
            "onething.filed",
            who=by.ref,
            about=f"bundle:{application.bundle.code}",
            at=at,
            region=draft.region,
            detail={
                "case": str(filed.id),
                "typed": round(sent.typed_share, 4),
                "known": draft.subject.ref.startswith("organisation:"),
            },
        )
        attaching.take_over(sending=sending, sent=sent, filed=filed, by=by.ref, at=at)

    return take_in(sending, by=by.ref, at=at, keep=keep)


def delete(*, application: Application, by: identity.Actor, at: datetime) -> None:
    """Delete a draft with its papers. Raises Refused("no_such_draft")."""
    forms.delete(draft_id=application.draft.id, hashes=application.hashes, by=by.ref, at=at)


def filed_of(application: Application) -> cases.Filed | None:
    """Return the receipt of a draft that was handed in."""
    draft = application.draft
    return cases.by_key(region=draft.region, service=queries.SERVICE, key=f"draft:{draft.id}")


def said_of(form: forms.Form, values: Mapping[str, Value]) -> cases.Said:
    """Return what a form says: open values as they are, the others to be sealed."""
    sealed = {code for code, field in form.fields.items() if field.element.sealed}
    return cases.Said(
        {code: value for code, value in values.items() if code not in sealed},
        {code: value for code, value in values.items() if code in sealed},
        form=form.digest,
    )


def applicant_of(subject: forms.Subject) -> tuple[cases.Applicant, str]:
    """Return the applicant of a case, an organisation by its credit code, a person by his ID; and the credit code of an organisation."""
    kind, _, key = subject.ref.partition(":")
    if kind == "organisation":
        found = identity.Organisation.objects.get(pk=key)
        sealed = identity.seal(found.uscc, kind="uscc")
        return cases.Applicant(kind, found.name, bytes(found.uscc_hash), sealed, "uscc"), found.uscc
    person = identity.Person.objects.get(pk=key)
    held = bytes(person.citizen_id_sealed)
    return cases.Applicant(kind, person.name, subject.holder_hash, held, "citizen_id"), ""


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
