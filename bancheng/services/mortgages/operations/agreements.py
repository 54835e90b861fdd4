"""Agreements: the registry proposes, the bank signs or does not; a grave breach ends one; its last day is told before."""

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from bancheng.kernel.audit import public as audit
from bancheng.kernel.catalogue import public as catalogue
from bancheng.kernel.identity import public as identity
from bancheng.lib.days import day_of
from bancheng.lib.identifiers import uuid7
from bancheng.lib.refusal import Refused
from bancheng.services.mortgages import doors, refusals, telling, terms
from bancheng.services.mortgages.models import Agreement
from bancheng.services.mortgages.queries import agreements as queries
from bancheng.services.mortgages.rules import agreements as rules
from bancheng.services.mortgages.rules.agreements import State
from bancheng.services.mortgages.rules.channels import Kind

SAID = ("quality", "quality_en", "standard", "standard_en", "supervision", "supervision_en")


def propose(
    *,
    bank: str,
    number: str,
    first: date,
    last: date,
    scope: Collection[str],
    said: dict[str, str],
    by: identity.Actor,
    at: datetime,
) -> Agreement:
    """Put an agreement to a bank (F13.7). Raises Refused: no_such_bank, days_odd, no_scope, say_what, number_taken."""
    found = _bank(bank)
    if last < first or last < day_of(at):
        raise Refused("days_odd", "协议的最后一天要晚于第一天和今天，没有保存。", en="It ends after it begins, and not before today; nothing was kept.", status=422)  # fmt: skip
    kinds = [str(one) for one in Kind if one in scope]
    if not kinds:
        raise Refused("no_scope", "请选择委托办理的登记种类，没有保存。", en="Choose what the bank may file; nothing was kept.", status=422)  # fmt: skip
    fields = {name: refusals.words(said.get(name, ""), most=500) for name in SAID}
    try:
        with transaction.atomic():
            made = Agreement.objects.create(
                id=uuid7(at), region=catalogue.city().region, registry=doors.unit_of(by, *doors.REGISTRY), bank=found,
                number=refusals.words(number, most=40), first_on=first, last_on=last, scope=kinds, state=State.PROPOSED,
                proposed_by=by.ref, proposed_at=at, **fields,
            )  # fmt: skip
            _note("mortgages.agreement_proposed", made, by=by, at=at)
    except IntegrityError as error:
        if "one_agreement_per_number" not in str(error):
            raise
        raise Refused("number_taken", "这个协议编号已用过，没有保存，请换一个。", en="This number was used; nothing was kept. Take another.") from error  # fmt: skip
    return made


def _bank(code: str) -> str:
    if code not in dict(queries.banks()):
        raise Refused("no_such_bank", "请从列表选择银行，没有保存。", en="Choose a bank from the list; nothing was kept.", status=422)  # fmt: skip
    return code


def sign(*, agreement_id: UUID, by: identity.Actor, at: datetime) -> None:
    """Sign for the bank. Raises Refused: no_such_agreement, not_your_step, agreement_moved_on, agreements_overlap."""
    try:
        with transaction.atomic():
            found = _locked(agreement_id, by)
            _check_bank(found, by)
            rules.check_move(State(found.state), State.SIGNED)
            found.state, found.signed_by, found.signed_at = State.SIGNED, by.ref, at
            found.save(update_fields=["state", "signed_by", "signed_at"])
            _note("mortgages.agreement_signed", found, by=by, at=at)
    except IntegrityError as error:
        if "one_agreement_of_a_bank_a_day" not in str(error):
            raise
        raise Refused(
            "agreements_overlap",
            "与已签署的协议有重叠的日子，没有签署；请登记中心改期后重发。",
            en="It shares days with an agreement in force; nothing was signed. The registry proposes other days.",
        ) from error


def turn_down(*, agreement_id: UUID, why: str, by: identity.Actor, at: datetime) -> None:
    """Do not sign, for the bank. Raises Refused: no_such_agreement, not_your_step, agreement_moved_on, say_what."""
    with transaction.atomic():
        found = _locked(agreement_id, by)
        _check_bank(found, by)
        rules.check_move(State(found.state), State.TURNED_DOWN)
        found.state, found.why = State.TURNED_DOWN, refusals.words(why, most=300)
        found.save(update_fields=["state", "why"])
        _note("mortgages.agreement_turned_down", found, by=by, at=at)


def end(*, agreement_id: UUID, why: str, by: identity.Actor, at: datetime) -> None:
    """End an agreement before its day, on a breach (R13.7). Raises Refused: no_such_agreement, not_your_step, agreement_moved_on, say_what."""
    with transaction.atomic():
        found = _locked(agreement_id, by)
        if not doors.is_registry(by, found.registry):
            raise refusals.not_yours("登记中心", "the registry")
        rules.check_move(State(found.state), State.ENDED)
        found.state, found.why, found.ended_by, found.ended_at = State.ENDED, refusals.words(why, most=300), by.ref, at
        found.save(update_fields=["state", "why", "ended_by", "ended_at"])
        _note("mortgages.agreement_ended", found, by=by, at=at)


def remind(*, today: date, at: datetime) -> int:
    """Tell both sides of each agreement that runs out soon; return how many messages. Run it as often as you like."""
    told, days = 0, terms.of_pack().remind_days
    for one in Agreement.objects.filter(state=State.SIGNED, last_on__gte=today):
        stage = rules.reminder(one.last_on, today, days)
        if stage is None or _renewed(one):
            continue
        told += telling.agreement_ends(one, stage, at=at)
    return told


def _renewed(one: Agreement) -> bool:
    return Agreement.objects.filter(bank=one.bank, state=State.SIGNED, first_on__gt=one.last_on).exists()


def _locked(agreement_id: UUID, by: identity.Actor) -> Agreement:
    found = Agreement.objects.select_for_update().filter(doors.own(by), pk=agreement_id).first()
    if found is None:
        raise refusals.absent("no_such_agreement", "这份协议", "agreement")
    return found


def _check_bank(found: Agreement, by: identity.Actor) -> None:
    if not doors.is_bank(by, found.bank, doors.APPROVER) or by.ref == found.proposed_by:
        raise refusals.not_yours("银行审批人员", "the bank's approver")


def _note(action: str, found: Agreement, *, by: identity.Actor, at: datetime) -> None:
    audit.record(
        action, who=by.ref, about=f"agreement:{found.pk}", at=at, region=found.region,
        detail={"bank": found.bank, "number": found.number},
    )  # fmt: skip
