"""Consent to one purpose: given, and taken back as easily."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from bancheng.kernel.audit import public as audit
from bancheng.kernel.identity import facts
from bancheng.kernel.identity.models import Consent, Person


def give_consent(*, person: Person, purpose: str, text_version: str, by: str, at: datetime) -> Consent:
    """Record consent to one purpose; consent already given to these words stays as it is."""
    with transaction.atomic():
        Consent.objects.select_for_update().filter(person=person, purpose=purpose, withdrawn_at=None).filter(
            ~Q(text_version=text_version)
        ).update(withdrawn_at=at)
        consent, made = Consent.objects.get_or_create(
            region=person.region,
            person=person,
            purpose=purpose,
            withdrawn_at=None,
            defaults={"text_version": text_version, "given_at": at},
        )
        if made:
            _about_consent("identity.consent_given", consent, who=by, at=at)
    return consent


def withdraw_consent(*, person: Person, purpose: str, by: str, at: datetime) -> None:
    """Take consent back, at once and without reasons (个人信息保护法 第十五条); who kept something for it hears of it. Twice changes
    nothing."""
    with transaction.atomic():
        for consent in Consent.objects.select_for_update().filter(person=person, purpose=purpose, withdrawn_at=None):
            consent.withdrawn_at = at
            consent.save(update_fields=["withdrawn_at"])
            _about_consent("identity.consent_withdrawn", consent, who=by, at=at)
            holder = bytes(person.citizen_id_hash)
            facts.consent_withdrawn.fire(facts.Withdrawn(person.region, str(person), holder, purpose, by, at))


def _about_consent(action: str, consent: Consent, *, who: str, at: datetime) -> None:
    audit.record(
        action,
        who=who,
        about=f"person:{consent.person_id}",
        at=at,
        region=consent.region,
        detail={"purpose": consent.purpose, "text_version": consent.text_version},
    )
