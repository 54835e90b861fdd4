"""Every change to the papers of an application: attached, taken back, promised, taken over into the case, supplied later."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction

from bancheng.kernel.audit import public as audit
from bancheng.kernel.cases import public as cases
from bancheng.kernel.documents import public as documents
from bancheng.kernel.forms import public as forms
from bancheng.kernel.identity import public as identity
from bancheng.kernel.licences import public as licences
from bancheng.lib.refusal import Refused
from bancheng.lib.text import Text
from bancheng.services.onething import papers as reading
from bancheng.services.onething import signing, trust
from bancheng.services.onething.models import CounterDraft, PaperPromise
from bancheng.services.onething.papers import Paper
from bancheng.services.onething.queries import Application, OnDesk
from bancheng.services.onething.rules import Way
from bancheng.services.onething.sending import Sending

MOST_FILES = 20  # of one paper
LAW = "国务院关于在线政务服务的若干规定 第十条"  # an e-licence is used instead of the paper (R-E-1)


@dataclass(frozen=True)
class File:
    """One file as it comes in: its name, the size it claims, its bytes."""

    name: str
    size: int | None
    pieces: Iterable[bytes]


@dataclass(frozen=True)
class Uploaded:
    """Files taken in before it was said what they are: whose they are, and by each paper's address which are of it."""

    of: str
    holder_hash: bytes
    files: Mapping[str, Sequence[documents.View]]


def the(papers: Iterable[Paper], slug: str) -> Paper:
    """Return a paper of the closed list. Raises Refused("no_such_paper"): nothing outside it may be handed in or asked (R14.9)."""
    found = next((one for one in papers if one.slug == slug), None)
    if found is None:
        raise Refused(
            "no_such_paper",
            "办理这件事不需要这份材料，没有保存，请回到材料清单。",
            en="This paper is not asked for; nothing was kept. Go back to the list of papers.",
            law="河南省优化营商环境条例 第二十八条",
            status=404,
        )
    return found


def attach(
    *, paper: Paper, files: Sequence[File], about: str, region: str, holder: bytes, by: str, at: datetime
) -> list[documents.Stored]:
    """Keep the files of a paper, and return what became of each; a promise for it ends.

    Outside of a transaction, as documents.store asks. Raises Refused: no_file, too_many_files, and what documents.store raises.
    """
    _check_number(paper, len(files))
    stored = [
        documents.store(
            region=region,
            pieces=file.pieces,
            name=file.name,
            about=about,
            material=paper.name.zh,
            holder_hash=holder,
            by=by,
            at=at + timedelta(microseconds=n),  # they stay in the order in which they were chosen
            accepted=reading.ACCEPTED,
            declared=file.size,
        )
        for n, file in enumerate(files)
    ]
    _end_promise(about, paper, at)
    return stored


def _check_number(paper: Paper, number: int) -> None:
    if not number:
        raise Refused(
            "no_file",
            "还没有选择文件，没有保存，请选择或拍照后再上传。",
            en="No file was chosen and nothing was kept: choose one or take a photo.",
            status=422,
        )
    if len(paper.files) + number > MOST_FILES:
        raise Refused(
            "too_many_files",
            f"一份材料最多{MOST_FILES}个文件，没有保存，请合并成一个PDF后上传。",
            en=f"A paper may have {MOST_FILES} files at most; nothing was kept. Put them into one PDF.",
            status=422,
        )


def bring(*, uploaded: Uploaded, papers: Iterable[Paper], about: str, holder: bytes, by: str, at: datetime) -> None:
    """Let files that were uploaded be these papers of a case; the uploads are used up. Raises Refused("no_such_document")."""
    names = {one.slug: one.name.zh for one in papers}
    documents.hand_over(
        [(file.id, names[slug]) for slug, ones in uploaded.files.items() if slug in names for file in ones],
        of=uploaded.of,
        about=about,
        holder_hash=uploaded.holder_hash,
        becomes=holder,
        by=by,
        at=at,
    )


def detach(*, use_id: UUID, about: str, by: str, at: datetime) -> None:
    """Take a file back. Raises Refused("no_such_document")."""
    documents.release(use_id=use_id, about=about, by=by, at=at)


def promise_in_draft(*, paper: Paper, found: Application, sealed: bool, by: identity.Actor, at: datetime) -> None:
    """Promise a paper of a draft for later, signed by who fills it in. Raises Refused: what `promise` and signing.signature raise."""
    check_may_follow(paper, found.draft.subject.holder_hash)
    signed = signing.signature(found, paper.codes, sealed=sealed, by=by, at=at)
    about, region, holder = f"draft:{found.draft.id}", found.draft.region, found.draft.subject.holder_hash
    promise(paper=paper, about=about, region=region, holder=holder, signed=signed, by=by.ref, at=at)


def promise(
    *, paper: Paper, about: str, region: str, holder: bytes, signed: signing.Signature, by: str, at: datetime
) -> None:
    """Promise a paper for later, signed in the pack's words (R-RQ-3). Raises Refused: may_not_follow, gap_barred."""
    check_may_follow(paper, holder)
    with transaction.atomic(savepoint=False):
        _, new = PaperPromise.objects.get_or_create(
            region=region,
            about=about,
            paper=paper.name.zh,
            ended_at=None,
            defaults={
                "made_by": by,
                "made_at": at,
                "words": signed.words,
                "signed_as": signed.signed_as,
                "document": signed.document,
                "sealed": signed.sealed,
            },
        )
        if new:
            detail = {"words": signed.words, "signed_as": signed.signed_as, "sealed": signed.sealed}
            audit.record("onething.gap_promised", who=by, about=about, at=at, region=region, detail=detail)


def check_may_follow(paper: Paper, holder: bytes) -> None:
    """Raise Refused: may_not_follow for a main paper or one the guide does not name (R-RQ-1, R-RQ-6), gap_barred (R-RQ-6)."""
    if paper.way is not Way.MAY_FOLLOW:
        raise Refused(
            "may_not_follow",
            f"“{paper.name.zh}”不在可容缺材料之列，须在提交前上传，没有改动。",
            en=f"“{paper.name.en}” may not follow later: upload it before sending. Nothing was changed.",
            law="河南省优化营商环境条例 第三十五条",
        )
    trust.check_gap(holder)


def take_promise_back(*, paper: Paper, about: str, at: datetime) -> None:
    """Use the ordinary way after all (R-RQ-7)."""
    _end_promise(about, paper, at)


def _end_promise(about: str, paper: Paper, at: datetime) -> None:
    PaperPromise.objects.filter(about=about, paper=paper.name.zh, ended_at=None).update(ended_at=at)


# --- into the case ---


def said_of(papers: Iterable[Paper]) -> dict[str, list[cases.Attached]]:
    """Return what a round says of its papers: files by their content, licences by their version."""
    return {one.name.zh: attached for one in papers if (attached := _attached(one))}


def _attached(one: Paper) -> list[cases.Attached]:
    files = [cases.Attached(str(file.document), one.name.zh) for file in one.files]
    if one.fetched and one.fetched.usable:
        licence = one.fetched.licence
        files.append(cases.Attached(f"licence:{licence.id}/{licence.version}", one.fetched.tail))
    return files


def take_over(*, sending: Sending, sent: forms.Submitted, filed: cases.Filed, by: str, at: datetime) -> None:
    """Move a draft's papers into its case, in the caller's transaction; each licence that was fetched, or that an answer was filled in
    from, is recorded (R-E-3).

    Raises Refused: licence_not_usable and what else licences.reuse_many raises: then nothing is filed.
    """
    old, new, holder = sending.about, f"case:{filed.id}", sending.applicant.hash
    files = [(file.id, paper.name.zh) for paper in sending.papers for file in paper.files]
    documents.hand_over(files, of=old, about=new, holder_hash=holder, by=by, at=at, whole=True)
    answered = {int(one.ref.partition(":")[2]) for one in sent.held.values() if one.ref.startswith("licence:")}
    agreed = "申请人提交时同意调取"
    note_fetched(sending=sending, filed=filed, authorisation=agreed, also=answered, by=by, at=at)
    if promised := [one.name.zh for one in sending.papers if one.promised]:
        PaperPromise.objects.filter(about=old, paper__in=promised, ended_at=None).update(about=new)


def note_fetched(
    *,
    sending: Sending,
    filed: cases.Filed,
    authorisation: str,
    also: Collection[int] = (),
    by: str,
    at: datetime,
) -> None:
    """Record each licence that was fetched for a case, and those `also` relied on (R-E-3). Raises what licences.reuse_many raises."""
    used: dict[int, int | None] = dict.fromkeys(also)
    used |= {one.fetched.licence.id: one.fetched.licence.version for one in sending.papers if one.fetched}
    if used:
        licences.reuse_many(
            used,
            by=by,
            case=filed.number,
            purpose=LAW,
            authorisation=authorisation,
            holder_hash=sending.applicant.hash,
            at=at,
        )


def forget(fact: forms.Forgotten) -> None:
    """Let go of what was kept for drafts that are no more; their files are let go by documents itself."""
    abouts = [f"draft:{one}" for one in fact.ids]
    PaperPromise.objects.filter(about__in=abouts, ended_at=None).update(ended_at=fact.at)
    CounterDraft.objects.filter(draft_id__in=list(fact.ids)).delete()


# --- later ---


def gaps_of(desk: OnDesk, freely: Sequence[str] | None, at: datetime) -> list[tuple[str, date, bool]]:
    """Return the gaps with which a matter is accepted: its promised papers, due from today by the guide's days, the result waiting
    for them but for those the officer names (`freely`, by slug) as unable to change the decision (R-RQ-4); None: as the guide says."""
    if not reading.promises(f"case:{desk.matter.root}"):
        return []
    papers = reading.of_case(desk.view, [desk.matter.matter])
    return [
        (one.name.zh, reading.promise_due(one, at), _waits(one, freely))
        for one in papers
        if one.promised and not one.files
    ]


def _waits(one: Paper, freely: Sequence[str] | None) -> bool:
    if freely is None:
        return one.gap is None or one.gap.waits
    return one.slug not in freely


def supply(*, view: cases.View, paper: Paper, files: Sequence[File] | Uploaded, by: str, at: datetime) -> None:
    """Hand in a promised paper: every matter that waits for it is told.

    Raises Refused: paper_decided (what was decided on stays as it was), not_promised, and what `attach` raises.
    """
    waiting = [gap for gap in open_gaps(view) if gap[1] == paper.name.zh]
    check_may_supply(view, paper, promised=bool(waiting) or paper.promised)
    about, holder = f"case:{view.case.id}", view.applicant_hash
    if not isinstance(files, Uploaded):
        attach(paper=paper, files=files, about=about, region=view.region, holder=holder, by=by, at=at)
    with transaction.atomic():
        if isinstance(files, Uploaded):
            _check_number(paper, len(files.files.get(paper.slug, ())))
            bring(uploaded=files, papers=[paper], about=about, holder=holder, by=by, at=at)
            _end_promise(about, paper, at)
        for case_id, material, _ in waiting:
            cases.supply_gap(case_id=case_id, material=material, by=by, at=at)


def check_may_supply(view: cases.View, paper: Paper, *, promised: bool) -> None:
    """Raise Refused unless a paper of a case is promised still; one that was decided on is told apart from one never asked."""
    if promised:
        return
    decided = [one for one in view.matters or (view.case,) if one.decided_on and one.matter in paper.codes]
    if decided:
        names = "、".join(one.title.zh for one in decided)
        raise Refused(
            "paper_decided",
            f"“{names}”已依据原材料作出决定，这份材料不能再替换；情况变了的，请申请变更。",
            en=f"{', '.join(one.title.en for one in decided)}: decided on the paper as it was, so it cannot be replaced. "
            "If things changed, apply for a change.",
        )
    raise Refused(
        "not_promised",
        "这份材料目前不用补交，没有保存；需要更正的，部门会一次性告知。",
        en="This paper is not outstanding; nothing was kept. If it has to be corrected you will be told once.",
    )


@dataclass(frozen=True)
class Signed:
    """A promise of a paper as it was signed (R-RQ-3): in which capacity, when, in which words, and whether it is sealed."""

    paper: str
    capacity: Text
    sealed: bool
    words: str
    made_at: datetime


def signed(view: cases.View, names: Collection[str]) -> list[Signed]:
    """Return the promises of papers (of these names) that stand with a case, as they were signed: one statement."""
    rows = PaperPromise.objects.filter(about=f"case:{view.case.id}", paper__in=list(names), ended_at=None)
    rows = rows.order_by("made_at", "pk")
    return [
        Signed(row.paper, signing.SIGNED_AS.get(row.signed_as, Text("", "")), row.sealed, row.words, row.made_at)
        for row in rows
    ]


def open_gaps(view: cases.View) -> list[tuple[UUID, str, date]]:
    """Return the promised papers that are outstanding: matter, paper, by when."""
    ids = [one.id for one in (view.case, *view.matters)]
    return [(gap.case_id, gap.material, gap.due_on) for gap in cases.gaps(ids) if gap.state == "open"]


def read(*, desk: OnDesk, use_id: UUID, by: str, at: datetime) -> documents.Content:
    """Return a file for an officer: through an open step of his own, and only papers that his matter uses (P-3); on record.

    Raises Refused: not_your_step, no_such_document.
    """
    if not desk.steps:
        raise Refused(
            "not_your_step",
            "该件目前没有由您办理的环节，材料只在办理时查看。",
            en="No step of this case is yours now; papers are read while one works on them.",
            status=403,
        )
    use = documents.find(use_id)
    if use is None or use.material not in {one.name.zh for one in reading.of_case(desk.view, [desk.matter.matter])}:
        raise Refused(
            "no_such_document",
            "没有找到这份文件，请刷新页面。",
            en="There is no such file; reload the page.",
            status=404,
        )
    return documents.read(use_id=use_id, about=f"case:{desk.view.case.id}", by=by, at=at)
