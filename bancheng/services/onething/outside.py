"""Other organisations' systems: what they hand in for somebody, which cases they see, and what they are told happened.

A partner is nobody's proxy by being signed in: whoever it hands in for has authorised it in writing, and the record says by which
paper. It sees what it handed in, and what is its units'.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from django.db import connection

from bancheng.kernel.audit import public as audit
from bancheng.kernel.cases import public as cases
from bancheng.kernel.exchange import public as exchange
from bancheng.kernel.forms import public as forms
from bancheng.kernel.identity import public as identity
from bancheng.lib import identifiers, rows
from bancheng.lib.days import day_of
from bancheng.lib.refusal import Refused
from bancheng.lib.text import Text
from bancheng.services.onething import attaching, bringing, operations, papers, queries
from bancheng.services.onething.sending import Sending, guides_of, papers_asked

ROUNDS = 5  # an answer may call up a matter whose answer calls up another; no flow has more than three in a row
INNER = frozenset({cases.Act.TAKEN, cases.Act.GIVEN_BACK, cases.Act.CORRECTION_ASKED, cases.Act.ESCALATED})
SEES = (exchange.Act.READ, exchange.Act.HANDLE, exchange.Act.DECIDE)


# --- handing in ---


@dataclass(frozen=True)
class Applied:
    """What a partner hands in: for whom, for which bundle or matter, and the paper by which it may."""

    code: str
    kind: str  # person | organisation
    identifier: str
    name: str
    answers: Mapping[str, Sequence[str]]
    reference: str  # the partner's own number of this application
    authorisation: str
    papers: Mapping[str, Sequence[UUID]] = field(
        default_factory=dict
    )  # by the paper's address: what was uploaded of it
    promised: Collection[str] = ()  # papers that follow later (R-RQ-3)
    ask_again: bool = False  # registers' answers of today have changed, says the partner


def submit(caller: exchange.Caller, applied: Applied, *, at: datetime) -> cases.Filed:
    """Take in what a partner hands in; the same reference again is the same case, and nothing is written.

    Raises Unfinished, Refused: no_such_bundle, key_of_another, unfit_applicant, no_such_upload, asked_lately.
    """
    applicant, uscc = _applicant(applied, at)
    found, key = queries.submittable(applied.code), _key(caller, applied.reference)
    with connection.cursor() as cursor:
        again, uploads, library, under_way = rows.ask(
            cursor,
            cases.by_key_question(region=caller.region, service=queries.SERVICE, key=key),
            bringing.uploads_question(caller, applied.papers),
            papers.library_question(applicant.hash, at),
            queries.under_way_question(applicant.hash),
        )
    if again is not None:
        _check_same(again.id, applicant)
        return again
    uploaded = bringing.uploaded(caller, applied.papers, uploads)
    sending = _sending(caller, applied, found, _Known(applicant, uscc, uploaded, library, under_way), at)

    def keep(filed: cases.Filed) -> None:
        bringing.take_over(caller, sending, filed, uploaded=uploaded, authorisation=applied.authorisation, at=at)
        detail = {"authorisation": applied.authorisation, "reference": applied.reference}
        about = f"case:{filed.id}"
        audit.record(
            "onething.handed_in_by_partner", who=caller.ref, about=about, at=at, region=caller.region, detail=detail
        )

    unit = "" if found.flow.is_bundle else found.matters[0].unit
    return operations.take_in(sending, by=caller.ref, at=at, keep=keep, unit=unit)


def _check_same(case_id: UUID, applicant: cases.Applicant) -> None:
    """Raise Refused("key_of_another") when the reference was used for somebody else."""
    view = cases.view(case_id)
    if view is None or view.applicant_hash != applicant.hash:
        raise Refused(
            "key_of_another",
            "这个申请编号已用于另一个申请人，本次没有提交，请换一个编号。",
            en="This reference was used for another applicant. Nothing was submitted: use a new one.",
        )


def _key(caller: exchange.Caller, reference: str) -> str:
    return f"partner:{caller.code}:{reference}"


def _applicant(applied: Applied, at: datetime) -> tuple[cases.Applicant, str]:
    """Return the applicant that was named, and the credit code of an organisation. Raises Refused("unfit_applicant")."""
    try:
        if applied.kind == "organisation":
            kind, number = "uscc", identifiers.check_uscc(applied.identifier.strip().upper())
        else:
            today = day_of(at)
            kind, number = "citizen_id", identifiers.check_citizen_id(applied.identifier.strip().upper(), today=today)
    except identifiers.Invalid as no:
        raise Refused(
            "unfit_applicant",
            f"申请人的证件号码或统一社会信用代码有误：{no.says}。尚未提交，请核对。",
            en=f"The applicant's identifier is wrong: {no.en}. Nothing was submitted: check it.",
            status=422,
        ) from None
    name = identifiers.normalise_name(applied.name)
    named = cases.Applicant(
        applied.kind, name, identity.find_hash(number, kind=kind), identity.seal(number, kind=kind), kind
    )
    return named, number if kind == "uscc" else ""


@dataclass(frozen=True)
class _Known:
    """What is here of an application: who applies, his licences and cases, and what was uploaded of it."""

    applicant: cases.Applicant
    uscc: str  # of an organisation
    uploaded: attaching.Uploaded
    library: papers.Library
    under_way: Sequence[cases.Brief]


def _sending(caller: exchange.Caller, applied: Applied, found: queries.Bundle, known: _Known, at: datetime) -> Sending:
    """Return what is handed in, in the form that follows from the answers."""
    today = day_of(at)
    form, reading, strange = _read(applied, found, today)
    follows = {code: one.value for code, one in forms.derive(form, reading.values, today).items()}
    values = follows | {code: value for code, value in reading.values.items() if value is not None}
    listed = papers_asked(guides_of(found), form, values, today)
    brought = bringing.brought(listed, known.uploaded, applied.promised, library=known.library)
    return Sending(
        found,
        form,
        values,
        known.applicant,
        brought.papers,
        known.library,
        caller.region,
        key=_key(caller, applied.reference),
        about=f"reference:{caller.code}/{applied.reference}"[:100],
        uscc=known.uscc or str(reading.values.get("uscc") or ""),
        under_way=known.under_way,
        unread=(*reading.errors.values(), *strange, *brought.problems),
        ask_again=applied.ask_again,
    )


def _read(
    applied: Applied, found: queries.Bundle, today: date
) -> tuple[forms.Form, forms.Reading, list[forms.Problem]]:
    """Return the form that follows from the answers, how it reads them, and what of them it does not ask."""
    form = queries.form_of(found, {})
    for _ in range(ROUNDS):
        raw = {**applied.answers, **_named(form, applied)}
        reading = forms.read(form, raw, today)
        wanted = queries.form_of(found, reading.values)
        if wanted.matters == form.matters:
            break
        form = wanted
    return form, reading, [forms.Problem(code, NOT_ASKED) for code in sorted(set(raw) - set(form.fields))]


def _named(form: forms.Form, applied: Applied) -> dict[str, list[str]]:
    """Return the answers that the applicant's own name and number are: not asked twice, and not to be contradicted."""
    number = "uscc" if applied.kind == "organisation" else "citizen_id"
    known = {f"{applied.kind}.name": applied.name, f"{applied.kind}.{number}": applied.identifier}
    return {
        code: [known[source]]
        for code, field in form.fields.items()
        for source in field.element.source
        if source in known
    }


NOT_ASKED = Text("这件事不问这一项", "this is not asked here")


def correct(
    caller: exchange.Caller,
    case_id: UUID,
    answers: Mapping[str, Sequence[str]],
    brought: Mapping[str, Sequence[UUID]],
    *,
    at: datetime,
) -> None:
    """Take in a partner's answer to the correction notice of what it handed in, with the papers it has uploaded anew.

    Raises Unfinished, Refused: no_such_case, nothing_to_correct, no_such_upload, paper_not_asked.
    """
    found = handed_in(caller, case_id)
    form, _ = queries.content_of(found)
    if strange := sorted(set(answers) - set(form.fields)):
        raise forms.Unfinished([forms.Problem(code, NOT_ASKED) for code in strange])
    uploaded = bringing.uploads(caller, brought)
    reading = operations.correct(view=found, raw=answers, by=caller.actor(), at=at, uploaded=uploaded)
    if reading.errors:
        raise forms.Unfinished(list(reading.errors.values()))


def handed_in(caller: exchange.Caller, case_id: UUID) -> cases.View:
    """Return a case that this partner handed in. Raises Refused("no_such_case") for any other."""
    found = seen(caller, case_id).view
    if found.filed_by != caller.ref:
        raise queries.no_such_case()
    return found


# --- seeing ---


@dataclass(frozen=True)
class Seen:
    """A bundle as one who asks may see it: which of its cases whole, and what is to be corrected in them."""

    view: cases.View
    whole: tuple[UUID, ...]
    corrections: tuple[cases.Correction, ...]

    @property
    def matters(self) -> list[cases.Matter]:
        """Return the matters that are seen whole."""
        return [one for one in (self.view.matters or (self.view.case,)) if one.id in self.whole]

    @property
    def others(self) -> list[cases.Matter]:
        """Return the matters of which only the state is seen."""
        return [one for one in self.view.matters if one.id not in self.whole]


def seen(caller: exchange.Caller, case_id: UUID) -> Seen:
    """Return a case for a partner that handed it in, or whose unit's it is. Raises Refused("no_such_case") for anybody else's."""
    found = cases.view(case_id)
    if found is None or found.service != queries.SERVICE:
        raise queries.no_such_case()
    everything = (found.case, *found.matters)
    own = found.filed_by == caller.ref and caller.may(exchange.Act.READ, service=queries.SERVICE)
    whole = tuple(one.id for one in everything if own or _covers(caller, one))
    if not whole:
        raise queries.no_such_case()
    return whole_of(found, whole)


def papers_of(caller: exchange.Caller, case_id: UUID) -> list[papers.Paper]:
    """Return the papers of a case as a partner may see them: of its own all, of another's those that its units' matters use (P-3).

    Raises Refused("no_such_case").
    """
    found = seen(caller, case_id)
    everything = found.view.case.id in found.whole
    return papers.of_case(
        found.view, papers.matters_of(found.view) if everything else [one.matter for one in found.matters]
    )


def supply(caller: exchange.Caller, case_id: UUID, paper: str, files: Sequence[UUID], *, at: datetime) -> None:
    """Take in a promised paper of what a partner handed in.

    Raises Refused: no_such_case, no_such_paper, no_such_upload, not_promised, paper_decided, too_many_files.
    """
    view = handed_in(caller, case_id)
    wanted = attaching.the(papers.of_case(view, papers.matters_of(view)), paper)
    uploaded = bringing.uploads(caller, {paper: files})
    attaching.supply(view=view, paper=wanted, files=uploaded, by=caller.ref, at=at)


def collectable(caller: exchange.Caller, case_id: UUID) -> tuple[cases.View, list[cases.Matter]]:
    """Return a case with the matters whose results a partner may fetch: of what it handed in, or of its units.

    Raises Refused("no_such_case").
    """
    found = cases.view(case_id)
    if found is None or found.service != queries.SERVICE:
        raise queries.no_such_case()
    act, everything = exchange.Act.COLLECT, [found.case, *found.matters]
    own = found.filed_by == caller.ref
    matters = [one for one in everything if own or caller.covers(act, service=queries.SERVICE, unit=one.unit)]
    if not matters:
        raise queries.no_such_case()
    return found, matters


def _covers(caller: exchange.Caller, one: cases.Matter) -> bool:
    return any(caller.covers(act, service=queries.SERVICE, unit=one.unit) for act in SEES)


def whole_of(found: cases.View, whole: tuple[UUID, ...]) -> Seen:
    """Return a bundle of which `whole` are seen whole, with the corrections in them that were told."""
    told = cases.corrections(found.case.id, sent=True) if found.asked else ()
    return Seen(found, whole, tuple(one for one in told if one.case in whole or found.case.id in whole))


def by_reference(caller: exchange.Caller, reference: str) -> UUID:
    """Return the case a partner handed in under its own reference. Raises Refused("no_such_case")."""
    found = cases.by_key(region=caller.region, service=queries.SERVICE, key=_key(caller, reference))
    if found is None:
        raise queries.no_such_case()
    return found.id


# --- telling ---


def tell(facts: Sequence[cases.Happened]) -> None:
    """Publish what happened to cases of this service: codes, numbers and states, no person and nothing that somebody typed."""
    exchange.publish([_event(fact) for fact in facts if fact.service == queries.SERVICE and fact.act not in INNER])


def _event(fact: cases.Happened) -> exchange.Said:
    return exchange.Said(
        service=fact.service,
        kind=f"case.{fact.act}",
        about=f"case:{fact.case}",
        region=fact.region,
        at=fact.at,
        unit=fact.unit,
        owner=fact.filed_by if fact.filed_by.startswith("machine:") else "",
        data={
            "case": str(fact.case),
            "bundle": str(fact.root),
            "number": fact.number,
            "matter": fact.matter,
            "state": fact.state.value,
            "outcome": fact.outcome.value if fact.outcome else None,
        },
    )
