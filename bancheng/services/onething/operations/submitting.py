"""Handing in: what is sent is checked once, whole, and taken in as a case, whoever sends it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from django.db import connection

from bancheng.kernel.audit import public as audit
from bancheng.kernel.cases import public as cases
from bancheng.kernel.documents import public as documents
from bancheng.kernel.forms import public as forms
from bancheng.kernel.identity import public as identity
from bancheng.lib import rows
from bancheng.lib.conditions import Value
from bancheng.lib.days import day_of
from bancheng.services.onething import attaching, checking, papers, queries
from bancheng.services.onething.queries import Application
from bancheng.services.onething.registers import operations as registers
from bancheng.services.onething.sending import Sending


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

    def keep_all(filed: cases.Filed) -> None:
        registers.attach(root=filed.id, asked=checked.asked, answers=checked.known, at=at)
        keep(filed)

    return cases.file(
        region=sending.region,
        service=queries.SERVICE,
        flow=sending.bundle.code,
        applicant=sending.applicant,
        said=replace(said, materials=attaching.said_of(sending.papers)),
        key=sending.key,
        unit=unit,
        by=by,
        at=at,
        keep=keep_all,
    )


def sending_of(application: Application, at: datetime, listed: Sequence[papers.Paper] | None = None) -> Sending:
    """Return a draft as it is sent: what there is of its papers, and of its applicant, is asked by one statement; of the applicant alone
    where the papers are `listed` already. What could not be read of it is told as such."""
    draft, about = application.draft, f"draft:{application.draft.id}"
    asked, holder = applicant_question(draft.subject), draft.subject.holder_hash
    with connection.cursor() as cursor:
        if listed is not None:
            return _sending(application, at, asked.alone(cursor), listed, {}, ())
        applicant, uses, promised, library, under_way = rows.ask(
            cursor,
            asked,
            documents.uses_question(about=about),
            papers.promises_question(about),
            papers.library_question(holder, at),
            queries.under_way_question(holder),
        )
    files, wanted = papers.by_material(uses), papers.asked_by(application, at)
    found = papers.with_files(wanted, files=files, promised=promised, library=library)
    return _sending(application, at, applicant, found, library, under_way)


def _sending(
    application: Application,
    at: datetime,
    applicant: tuple[cases.Applicant, str],
    listed: Sequence[papers.Paper],
    library: papers.Library,
    under_way: Sequence[cases.Brief],
) -> Sending:
    draft = application.draft
    return Sending(
        application.bundle,
        application.form,
        draft.values,
        applicant[0],
        listed,
        library,
        draft.region,
        key=f"draft:{draft.id}",
        about=f"draft:{draft.id}",
        uscc=applicant[1] or _typed_uscc(draft.values),
        under_way=under_way,
        unread=forms.unread(application.form, draft, day_of(at)),
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
    if application.draft.submitted_at and (before := filed_of(application)) is not None:
        return before
    sending = sending_of(application, at)

    def keep(filed: cases.Filed) -> None:
        draft, about = application.draft, f"case:{filed.id}"
        sent = forms.submit(
            draft=draft,
            form=application.form,
            seen=seen,
            about=about,
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

    try:
        return take_in(sending, by=by.ref, at=at, keep=keep)
    except forms.Unfinished:
        if (before := filed_of(application)) is not None:  # at the same moment, from another device
            return before
        raise


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


def applicant_question(subject: forms.Subject) -> rows.Question[tuple[cases.Applicant, str]]:
    """Return the question for the applicant of a case, an organisation by its credit code, a person by his ID; and the credit code of an
    organisation."""
    kind, _, key = subject.ref.partition(":")
    if kind == "organisation":
        return identity.organisation_question(key).then(_firm)
    return identity.person_question(key).then(lambda person: (_person(person, subject.holder_hash), ""))


def _firm(found: identity.Organisation) -> tuple[cases.Applicant, str]:
    sealed = identity.seal(found.uscc, kind="uscc")
    return cases.Applicant("organisation", found.name, bytes(found.uscc_hash), sealed, "uscc"), found.uscc


def _person(found: identity.Person, holder_hash: bytes) -> cases.Applicant:
    return cases.Applicant("person", found.name, holder_hash, bytes(found.citizen_id_sealed), "citizen_id")
