"""At the counter (F14.3): a clerk files for somebody who stands there, and sees whole bundles; he decides nothing."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from bancheng.kernel.audit import public as audit
from bancheng.kernel.cases import public as cases
from bancheng.kernel.forms import public as forms
from bancheng.kernel.identity import public as identity
from bancheng.lib.refusal import Refused
from bancheng.services.onething import operations, queries
from bancheng.services.onething.models import CounterDraft

AGREED = "counter-1"  # the words on the page; a new version when they change


@dataclass(frozen=True)
class Visitor:
    """Who stands at the counter, and for which organisation, as the clerk typed it from the papers."""

    name: str
    citizen_id: str
    mobile: str = ""
    organisation: str = ""
    uscc: str = ""


def begin(*, bundle: str, visitor: Visitor, agreed: bool, by: identity.Actor, at: datetime) -> forms.Draft:
    """Open (or find) the draft of a bundle for somebody at the counter, who agreed to it.

    Person and organisation are found by their numbers, or registered. Raises Refused: not_agreed, no_such_bundle, and what
    identity says of a number that is wrong.
    """
    if not agreed:
        raise Refused(
            "not_agreed",
            "须先征得申请人同意再代为填报，没有保存，请勾选后再继续。",
            en="Ask the applicant first: nothing was kept. Tick the box when he agrees.",
            law="个人信息保护法 第十三条",
            status=422,
        )
    found, region = queries.bundle(bundle), queries.region()
    with transaction.atomic():
        person = _person(visitor, region, by.ref, at)
        identity.prove_identity(person=person, method="in_person", by=by.ref, at=at)
        operations.agree_to_prefill(person, by=by.ref, at=at)
        subject = forms.Subject(f"person:{person.pk}", bytes(person.citizen_id_hash))
        if visitor.uscc:
            _check_named(visitor)
            held = identity.register_organisation(
                region=region, name=visitor.organisation, uscc=visitor.uscc, by=by.ref, at=at
            )
            subject = forms.Subject(f"organisation:{held.pk}", bytes(held.uscc_hash), acting=f"person:{person.pk}")
        draft = forms.open_draft(
            form=queries.form_of(found, {}),
            region=region,
            purpose=f"{queries.SERVICE}.{bundle}",
            subject=subject,
            by=by.ref,
            at=at,
        )
        draft = operations.follow(draft, found, hashes=[subject.holder_hash], by=by.ref, at=at)
        CounterDraft.objects.get_or_create(
            region=region,
            draft_id=draft.id,
            clerk=by.ref,
            defaults={"holder_hash": subject.holder_hash, "agreed": AGREED, "at": at},
        )
        audit.record(
            "onething.counter_opened",
            who=by.ref,
            about=subject.ref,
            at=at,
            region=region,
            detail={"draft": str(draft.id), "agreed": AGREED},
        )
    return draft


METHODS = ("in_person", "notarised")


def prove(*, visitor: Visitor, method: str, document: str, by: identity.Actor, at: datetime) -> None:
    """Record that somebody whom a registration names has proven who he is: he stands here with his card, or a notary says so.

    R-ID-4: whoever cannot or will not be checked by face proves it this way. Raises Refused: no_such_proof, proof_unwritten,
    name_differs, and what identity says of a number that is wrong.
    """
    if method not in METHODS:
        raise Refused(
            "no_such_proof",
            "请选择核验方式：本人持证到场，或公证的身份证明；没有记录。",
            en="Choose how it was proven: in person, or notarised. Nothing was recorded.",
            status=422,
        )
    with transaction.atomic():
        person = _person(visitor, queries.region(), by.ref, at)
        identity.prove_identity(person=person, method=method, document=document, by=by.ref, at=at)


def _person(visitor: Visitor, region: str, by: str, at: datetime) -> identity.Person:
    """Return the person of the ID card; who is known keeps the phone he signs in with, whatever a clerk types."""
    known = identity.find_person(region=region, citizen_id=visitor.citizen_id.upper())
    if known is None:
        return identity.register_person(
            region=region, name=visitor.name, citizen_id=visitor.citizen_id, mobile=visitor.mobile, by=by, at=at
        )
    if known.name != visitor.name:
        raise Refused(
            "name_differs",
            "姓名与该身份证号码登记的不一致，没有保存，请核对证件原件。",
            en="The name is not the one registered with this ID number. Nothing was kept: look at the card again.",
            status=422,
        )
    return known


def _check_named(visitor: Visitor) -> None:
    if not visitor.organisation:
        raise Refused(
            "no_organisation_name",
            "填了统一社会信用代码，请同时填写单位名称，没有保存。",
            en="A credit code was given: give the name of the organisation too. Nothing was kept.",
            status=422,
        )


def search(written: str) -> list[cases.Brief]:
    """Return the bundles of a typed case number or credit code, newest first; nothing when neither fits."""
    written = written.strip().upper()
    if not written:
        return []
    case_id = cases.find(region=queries.region(), number=written)
    if case_id and (view := cases.view(case_id)):
        one = view.case
        return [
            cases.Brief(one.id, one.number, one.title, one.state, one.received_at, one.closed_at, view.applicant_name)
        ]
    return cases.of_applicants([identity.find_hash(written, kind="uscc")], service=queries.SERVICE)


def case(case_id: UUID, *, by: identity.Actor, at: datetime) -> cases.View:
    """Return a whole bundle for a clerk; the look is on record. Raises Refused("no_such_case")."""
    view = cases.view(case_id)
    if view is None or view.service != queries.SERVICE:
        raise queries.no_such_case()
    audit.record("onething.counter_seen", who=by.ref, about=f"case:{view.case.id}", at=at, region=view.region)
    return view
