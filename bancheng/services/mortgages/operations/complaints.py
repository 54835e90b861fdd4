"""An owner says that a bank made something else a condition of his mortgage (R13.9); the registry looks into it and answers."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from bancheng.kernel.audit import public as audit
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.identity import public as identity
from bancheng.kernel.notices import public as notices
from bancheng.kernel.registrations import public as registrations
from bancheng.lib.days import day_of
from bancheng.lib.identifiers import uuid7
from bancheng.lib.refusal import Refused
from bancheng.services.mortgages import doors, refusals, telling, terms
from bancheng.services.mortgages.models import Complaint


def complain(*, application_id: UUID, words: str, by: identity.Actor, at: datetime) -> Complaint:
    """Complain of the bank that filed for one's home. Raises Refused: no_such_application, no_bank, say_what."""
    hashes = identity.person_hashes(by, at, service="mortgages")
    if not hashes or not registrations.is_named(application_id, hashes):
        raise registrations.no_such_application()
    found = registrations.brief(application_id)
    if not found.unit:
        raise Refused("no_bank", "这件申请不是银行申报的，没有提交。", en="No bank filed this; nothing was sent.")
    due = clocks.due(started_on=day_of(at), length=terms.of_pack().coordinated, calendar=clocks.calendar()).on
    with transaction.atomic():
        made = Complaint.objects.create(
            id=uuid7(at), region=found.region, registry=found.registry, bank=found.unit, application=found.id,
            number=found.number, holder_hash=hashes[0], words=refusals.words(words), asked_by=by.ref, asked_at=at, due_on=due,
        )  # fmt: skip
        audit.record("mortgages.complained", who=by.ref, about=f"registration:{found.id}", at=at, region=found.region, detail={"bank": found.unit})  # fmt: skip
        telling.staff(
            "complaint", region=made.region, key=f"{made.pk}", subject=f"complaint:{made.pk}", unit=made.registry,
            roles=(doors.OFFICER,), link="complaints/", at=at, bank=telling.unit_name(made.bank), day=made.due_on,
        )  # fmt: skip
    return made


def answer(*, complaint_id: UUID, upheld: bool, words: str, by: identity.Actor, at: datetime) -> None:
    """Say what was found. Raises Refused: no_such_complaint, answered_already, say_what."""
    with transaction.atomic():
        found = Complaint.objects.select_for_update().filter(pk=complaint_id).first()
        if found is None or not doors.is_registry(by, found.registry):
            raise refusals.absent("no_such_complaint", "这件投诉", "complaint")
        if found.answered_at:
            raise Refused(
                "answered_already",
                "这件投诉已经答复，没有改动。",
                en="This complaint is answered already; nothing was changed.",
            )
        found.upheld, found.answer, found.answered_by, found.answered_at = upheld, refusals.words(words), by.ref, at
        found.save(update_fields=["upheld", "answer", "answered_by", "answered_at"])
        audit.record("mortgages.complaint_answered", who=by.ref, about=f"registration:{found.application}", at=at, region=found.region, detail={"upheld": upheld})  # fmt: skip
        telling.accept(
            "answered", region=found.region, key=f"{found.pk}", subject=f"complaint:{found.pk}",
            to=notices.Recipient(holder_hash=bytes(found.holder_hash)), link="mine/", at=at, bank=telling.unit_name(found.bank),
        )  # fmt: skip
