"""Every change of a draft: begun, followed by the matters its answers call for, filled in, saved, deleted."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from django.db import transaction

from bancheng.kernel.forms import public as forms
from bancheng.kernel.identity import public as identity
from bancheng.lib.refusal import Refused
from bancheng.services.onething import queries
from bancheng.services.onething.queries import Application


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


def delete(*, application: Application, by: identity.Actor, at: datetime) -> None:
    """Delete a draft with its papers. Raises Refused("no_such_draft")."""
    forms.delete(draft_id=application.draft.id, hashes=application.hashes, by=by.ref, at=at)
