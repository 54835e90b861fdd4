"""Papers that partners bring, and results they fetch: each file uploaded by itself, then named where it belongs.

An upload is the partner's until it is handed in for somebody; then it is a paper of his case, and the upload is used up. What is not
handed in within some days is let go. The name of its effect is the request's Idempotency-Key, so it is taken in once.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection

from bancheng.kernel.audit import public as audit
from bancheng.kernel.cases import public as cases
from bancheng.kernel.certificates import public as certificates
from bancheng.kernel.documents import public as documents
from bancheng.kernel.exchange import public as exchange
from bancheng.kernel.forms import public as forms
from bancheng.kernel.identity import public as identity
from bancheng.lib import rows
from bancheng.lib.refusal import Refused
from bancheng.lib.text import Text
from bancheng.services.onething import attaching, papers, queries, signing
from bancheng.services.onething.checking import ON_PAPERS
from bancheng.services.onething.papers import Paper
from bancheng.services.onething.rules import Way
from bancheng.services.onething.sending import Sending, guides_of

KEPT = timedelta(days=7)  # an upload that nothing uses
NOT_ASKED = Text("这件事不要这份材料", "this paper is not asked for here")
NOT_LATER = Text("这份材料不能容缺，须随申请上传", "this paper may not follow: upload it with the application")
TOO_MANY = Text(
    f"一份材料最多{attaching.MOST_FILES}个文件，请合并成一个PDF",
    f"a paper may have {attaching.MOST_FILES} files at most: put them into one PDF",
)


def _about(partner_id: int) -> str:
    return f"upload:{partner_id}"


# --- bringing ---


def upload(
    caller: exchange.Caller, *, key: str, name: str, pieces: Iterable[bytes], size: int, at: datetime
) -> documents.Stored:
    """Take a file in, judged as an upload on the pages is; the same file under the same `key` is one upload.

    Outside of a transaction. Raises Refused("too_many_uploads") and what documents.store raises.
    """
    _check_room(caller, key, size)
    return documents.store(
        region=caller.region,
        pieces=pieces,
        name=name,
        about=_about(caller.partner_id),
        material=key,
        holder_hash=_holder(caller),
        by=caller.ref,
        at=at,
        accepted=papers.ACCEPTED,
        declared=size,
    )


def _check_room(caller: exchange.Caller, key: str, size: int) -> None:
    """Raise Refused("too_many_uploads") when a partner has brought more than it may have lying here unused."""
    most, most_bytes = settings.PARTNER_UPLOADS, settings.PARTNER_UPLOAD_MEGABYTES * 2**20
    files, held = documents.weight(about=_about(caller.partner_id), but=key)
    if files < most and held + size <= most_bytes:
        return
    said, limit = f"{files}个文件、{held // 2**20}兆", f"{most}个、{most_bytes // 2**20}兆"
    raise Refused(
        "too_many_uploads",
        f"贵方已上传尚未引用的有{said}，最多{limit}，没有保存；请先引用、删除不用的，或等7天后清除，再用同一Idempotency-Key重传。",
        en=f"You have {files} files of {held // 2**20} MB here that nothing uses yet; at most {most} files and {most_bytes // 2**20} MB. Nothing "
        "was kept. Hand them in, delete what is not needed or wait until they are let go, then send it again with the same key.",
        status=429,
    )


def discard(caller: exchange.Caller, upload_id: UUID, *, at: datetime) -> None:
    """Let go of an upload of the partner's own that nothing uses. Raises Refused("no_such_document")."""
    documents.release(use_id=upload_id, about=_about(caller.partner_id), by=caller.ref, at=at)


def _holder(caller: exchange.Caller) -> bytes:
    return identity.staff_hash(caller.user_id)


def uploads(caller: exchange.Caller, named: Mapping[str, Sequence[UUID]]) -> attaching.Uploaded:
    """Return the uploads that a partner names for each paper. Raises Refused("no_such_upload"): not its own, used up, or let go."""
    with connection.cursor() as cursor:
        return uploaded(caller, named, uploads_question(caller, named).alone(cursor))


def uploads_question(
    caller: exchange.Caller, named: Mapping[str, Sequence[UUID]]
) -> rows.Question[list[documents.View]]:
    """Return the question which of the uploads that a partner names are there, to be asked with others'."""
    ids = [each for ones in named.values() for each in ones]
    return documents.uses_question(about=_about(caller.partner_id), only=ids)


def uploaded(
    caller: exchange.Caller, named: Mapping[str, Sequence[UUID]], there: Sequence[documents.View]
) -> attaching.Uploaded:
    """Return the uploads that a partner names, as they are there. Raises Refused("no_such_upload")."""
    of, found = _about(caller.partner_id), {one.id: one for one in there}
    if len(found) < sum(map(len, named.values())):
        raise Refused(
            "no_such_upload",
            "所引用的文件没有上传，或已经用过、超过7天未用已清除，尚未提交；请重新上传后再引用。每个文件只能引用一次。",
            en="A file that is named was not uploaded, was used before, or was let go after seven days. Nothing was submitted: upload it "
            "again. Each file is named once.",
            status=422,
        )
    return attaching.Uploaded(
        of, _holder(caller), {slug: [found[each] for each in ones] for slug, ones in named.items()}
    )


@dataclass(frozen=True)
class Brought:
    """One set of papers as a partner brings it, and what is wrong with how it names them."""

    uploaded: attaching.Uploaded
    papers: list[Paper]
    problems: list[forms.Problem]


def brought(
    listed: Sequence[Paper], uploaded: attaching.Uploaded, promised: Collection[str], *, library: papers.Library
) -> Brought:
    """Return the papers of an application with the uploads and promises a partner names by the papers' addresses."""
    by_slug = {one.slug: one for one in listed}
    named = files = uploaded.files
    wrong = {slug: NOT_ASKED for slug in (*named, *promised) if slug not in by_slug or by_slug[slug].free}
    wrong |= {slug: NOT_LATER for slug in promised if slug not in wrong and by_slug[slug].way is not Way.MAY_FOLLOW}
    wrong |= {slug: TOO_MANY for slug, ones in files.items() if len(ones) > attaching.MOST_FILES}
    filled = papers.with_files(
        listed,
        files={by_slug[slug].name.zh: ones for slug, ones in files.items() if slug in by_slug},
        promised={by_slug[slug].name.zh for slug in promised if slug not in wrong and not files.get(slug)},
        library=library,
    )
    return Brought(
        uploaded, filled, [forms.Problem(f"{ON_PAPERS}{slug}", says) for slug, says in sorted(wrong.items())]
    )


def take_over(
    caller: exchange.Caller,
    sending: Sending,
    filed: cases.Filed,
    *,
    uploaded: attaching.Uploaded,
    authorisation: str,
    at: datetime,
) -> None:
    """Let what a partner brought be papers of the case it filed, in the caller's transaction; each licence fetched is recorded (R-E-3)."""
    about, holder = f"case:{filed.id}", sending.applicant.hash
    attaching.bring(uploaded=uploaded, papers=sending.papers, about=about, holder=holder, by=caller.ref, at=at)
    attaching.note_fetched(sending=sending, filed=filed, authorisation=authorisation, by=caller.ref, at=at)
    signed = signing.through_partner(authorisation)
    for one in sending.papers:
        if one.promised:
            attaching.promise(
                paper=one, about=about, region=sending.region, holder=holder, signed=signed, by=caller.ref, at=at
            )


def forget_uploads(*, at: datetime) -> int:
    """Let go of uploads that were not handed in for some days; return how many."""
    return sum(
        documents.release_all(about=_about(one.id), by=identity.MACHINE.ref, at=at, before=at - KEPT)
        for one in exchange.partners(at=at)
    )


# --- what is asked, what is there ---


def asked_by(code: str) -> list[Paper]:
    """Return each paper that a bundle or a single matter may ask for. Raises Refused("no_such_bundle")."""
    return papers.listed(guides_of(queries.submittable(code)).matters)


# --- results ---


@dataclass(frozen=True)
class Result:
    """What came of a matter: a licence, and its sealed certificate once that is made."""

    matter: cases.Matter
    licence: int
    number: str
    certificate: certificates.Certificate | None


def results(view: cases.View, matters: Iterable[cases.Matter], *, at: datetime) -> list[Result]:
    """Return the licences that `matters` issued, each with its newest certificate; two statements, however many."""
    issued = [
        (one, line.detail)
        for one in matters
        for line in one.lines
        if line.act is cases.Act.ISSUED and not line.undone and "licence" in line.detail
    ]
    made: dict[int, certificates.Certificate] = {}
    for found in certificates.held_by([view.applicant_hash], at=at) if issued else ():
        made.setdefault(found.licence_id, found)  # the newest comes first
    return [Result(one, said["licence"], str(said["number"]), made.get(said["licence"])) for one, said in issued]


def fetch(
    caller: exchange.Caller,
    view: cases.View,
    matters: Iterable[cases.Matter],
    licence_id: int,
    *,
    at: datetime,
) -> tuple[certificates.Certificate, bytes]:
    """Return the sealed certificate of a licence that one of `matters` issued; on record, for which case (R-E-3).

    Raises Refused: no_such_result, result_not_ready.
    """
    found = next((one for one in results(view, matters, at=at) if one.licence == licence_id), None)
    if found is None:
        raise Refused(
            "no_such_result",
            "这个办件没有这份结果，请先查结果清单。",
            en="The case has no such result: ask for the list of results.",
            status=404,
        )
    made = found.certificate and certificates.fetch(
        certificate_id=found.certificate.id, hashes=[view.applicant_hash], by=caller.ref, at=at
    )
    if not made:
        raise Refused(
            "result_not_ready",
            "电子证照正在制作并盖章，一般几秒钟，请稍后再取。",
            en="The certificate is being made and sealed, as a rule within seconds: ask again shortly.",
        )
    audit.record(
        "onething.result_collected",
        who=caller.ref,
        about=f"case:{found.matter.id}",
        at=at,
        region=view.region,
        detail={"certificate": str(made[0].id), "licence": licence_id},
    )
    return made
