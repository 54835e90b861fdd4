"""Service officers, visits, symposiums, and requests: asked by the bank, sorted, answered by its officer, rated by the bank."""

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from bancheng.kernel.audit import public as audit
from bancheng.kernel.catalogue import public as catalogue
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.identity import public as identity
from bancheng.lib.days import day_of
from bancheng.lib.identifiers import uuid7
from bancheng.lib.refusal import Refused
from bancheng.services.mortgages import doors, refusals, telling, terms
from bancheng.services.mortgages.models import BankRequest, Contact, RequestLine, ServiceOfficer, Symposium
from bancheng.services.mortgages.queries import agreements
from bancheng.services.mortgages.rules import requests as rules
from bancheng.services.mortgages.rules.requests import Route, State, Topic

ACTIONS: dict[str, str] = {
    "asked": "mortgages.request_asked",
    "sorted": "mortgages.request_sorted",
    "answered": "mortgages.request_answered",
    "rated": "mortgages.request_rated",
    "sent_back": "mortgages.request_sent_back",
}


def name_officer(*, bank: str, account: int, by: identity.Actor, at: datetime) -> None:
    """Make somebody of the registry the chief service officer of a bank, in place of whoever was (F13.3).

    Raises Refused: no_such_bank, no_such_officer.
    """
    registry = doors.unit_of(by, *doors.REGISTRY)
    _check_bank(bank)
    if account not in identity.officers(unit=registry, role=doors.OFFICER, at=at):
        raise Refused("no_such_officer", "请从本中心的服务官里选择，没有保存。", en="Choose one of the registry's service officers; nothing was kept.", status=422)  # fmt: skip
    with transaction.atomic():
        region = catalogue.city().region
        now = ServiceOfficer.objects.select_for_update().filter(region=region, bank=bank, before=None).first()
        if now and now.account == account:
            return
        if now:
            now.before = at
            now.save(update_fields=["before"])
        ServiceOfficer.objects.create(
            region=region, registry=registry, bank=bank, account=account, since=at, named_by=by.ref
        )
        audit.record("mortgages.officer_named", who=by.ref, about=f"bank:{bank}", at=at, region=region, detail={"account": account})  # fmt: skip


def _check_bank(bank: str) -> None:
    if bank not in dict(agreements.banks()):
        raise Refused("no_such_bank", "请从列表选择银行，没有保存。", en="Choose a bank from the list; nothing was kept.", status=422)  # fmt: skip


def note_contact(
    *, bank: str, kind: str, held_on: date, place: str, words: str, by: identity.Actor, at: datetime
) -> Contact:
    """Put a visit, or guidance on the spot, on record (F13.3). Raises Refused: no_such_bank, no_kind, day_to_come, say_what."""
    _check_bank(bank)
    if kind not in set(rules.Contact):
        raise Refused("no_kind", "请选择是上门服务还是现场指导，没有保存。", en="Choose visit or guidance; nothing was kept.", status=422)  # fmt: skip
    _check_past(held_on, at)
    with transaction.atomic():
        made = Contact.objects.create(
            id=uuid7(at), region=catalogue.city().region, registry=doors.unit_of(by, *doors.REGISTRY), bank=bank, kind=kind,
            held_on=held_on, place=refusals.words(place, most=120), words=refusals.words(words), noted_by=by.ref, noted_at=at,
        )  # fmt: skip
        audit.record("mortgages.contact_noted", who=by.ref, about=f"bank:{bank}", at=at, region=made.region, detail={"kind": kind})  # fmt: skip
    return made


def note_symposium(
    *, held_on: date, subject: str, minutes: str, banks: Collection[str], by: identity.Actor, at: datetime
) -> Symposium:
    """Put a symposium with the banks on record (F13.4). Raises Refused: no_such_bank, day_to_come, say_what."""
    _check_past(held_on, at)
    for bank in banks or ("",):
        _check_bank(bank)
    with transaction.atomic():
        made = Symposium.objects.create(
            id=uuid7(at), region=catalogue.city().region, registry=doors.unit_of(by, *doors.REGISTRY), held_on=held_on,
            subject=refusals.words(subject, most=200), minutes=refusals.words(minutes, most=4000), banks=sorted(set(banks)),
            noted_by=by.ref, noted_at=at,
        )  # fmt: skip
        audit.record("mortgages.symposium_noted", who=by.ref, about=f"symposium:{made.pk}", at=at, region=made.region)
    return made


def _check_past(held_on: date, at: datetime) -> None:
    if held_on > day_of(at):
        raise Refused(
            "day_to_come", "日期还没有到，没有保存。", en="That day is still to come; nothing was kept.", status=422
        )


def ask(*, bank: str, words: str, by: identity.Actor, at: datetime, symposium: str = "") -> BankRequest:
    """Take a bank's request in: from the bank itself, or from whoever of the registry collected it (问题收集). Tell the officer.

    Raises Refused: no_such_bank, not_your_step, say_what, no_such_symposium.
    """
    _check_bank(bank)
    registry = doors.unit_of(by, *doors.REGISTRY) or terms.of_pack().registry
    if not (doors.is_bank(by, bank) or doors.units(by, *doors.REGISTRY)):
        raise refusals.not_yours("这家银行或登记中心", "that bank or the registry")
    meeting = next((one for one in Symposium.objects.filter(registry=registry) if str(one.pk) == symposium), None)
    if symposium and meeting is None:
        raise refusals.absent("no_such_symposium", "这次座谈会", "symposium")
    due = clocks.due(started_on=day_of(at), length=terms.of_pack().sort, calendar=clocks.calendar()).on
    with transaction.atomic():
        made = BankRequest.objects.create(
            id=uuid7(at), region=catalogue.city().region, registry=registry, bank=bank, symposium=meeting,
            words=refusals.words(words), state=State.ASKED, asked_by=by.ref, asked_at=at, due_on=due,
        )  # fmt: skip
        _line(made, "asked", by, at, made.words)
        telling.request(made, telling.NEW_REQUEST, to_bank=False, key="asked", at=at)
    return made


def sort(*, request_id: UUID, topic: str, route: str, others: str, by: identity.Actor, at: datetime) -> None:
    """Say what a request is about and how it is solved (研判分类); its day follows from that, counted from when the bank asked.

    Raises Refused: no_such_request, not_your_step, request_moved_on, no_topic, no_route, with_whom.
    """
    with transaction.atomic():
        found = _of_officer(request_id, by)
        if found.state != State.ASKED:
            rules.check_move(State(found.state), State.ASKED)
        if topic not in set(Topic):
            raise Refused(
                "no_topic", "请选择诉求类别，没有保存。", en="Choose what it is about; nothing was kept.", status=422
            )
        found.route, found.others, found.topic = rules.check_sorted(route, others), others.strip()[:200], topic
        set_ = terms.of_pack()
        length = set_.on_spot if found.route == Route.ON_SPOT else set_.coordinated
        found.due_on = clocks.due(started_on=day_of(found.asked_at), length=length, calendar=clocks.calendar()).on
        found.state = State.SORTED
        found.save(update_fields=["route", "others", "topic", "due_on", "state"])
        _line(found, "sorted", by, at, found.others)


def answer(*, request_id: UUID, words: str, by: identity.Actor, at: datetime) -> None:
    """Answer a request. Raises Refused: no_such_request, not_your_step, request_moved_on, say_what."""
    with transaction.atomic():
        found = _of_officer(request_id, by)
        rules.check_move(State(found.state), State.ANSWERED)
        found.state, found.answer, found.answered_by, found.answered_at = (
            State.ANSWERED,
            refusals.words(words),
            by.ref,
            at,
        )
        found.save(update_fields=["state", "answer", "answered_by", "answered_at"])
        _line(found, "answered", by, at, found.answer)
        telling.request(found, telling.ANSWERED, to_bank=True, key=f"answered-{found.lines.count()}", at=at)


def rate(*, request_id: UUID, grade: int, words: str, by: identity.Actor, at: datetime) -> None:
    """Rate the answer, for the bank; silence is no grade. Raises Refused: no_such_request, not_your_step, request_moved_on, no_grade."""
    if grade not in range(1, 6):
        raise Refused("no_grade", "请选择评价等次，没有保存。", en="Choose a grade; nothing was kept.", status=422)
    with transaction.atomic():
        found = _of_bank(request_id, by)
        rules.check_move(State(found.state), State.RATED)
        found.state, found.grade, found.rated_by, found.rated_at = State.RATED, grade, by.ref, at
        found.save(update_fields=["state", "grade", "rated_by", "rated_at"])
        _line(found, "rated", by, at, words.strip()[:1000])


def send_back(*, request_id: UUID, words: str, by: identity.Actor, at: datetime) -> None:
    """Say for the bank that it is not solved. Raises Refused: no_such_request, not_your_step, request_moved_on, say_what."""
    with transaction.atomic():
        found = _of_bank(request_id, by)
        if found.state != State.ANSWERED:
            rules.check_move(State(found.state), State.ANSWERED)
        found.state = State.SORTED
        found.save(update_fields=["state"])
        _line(found, "sent_back", by, at, refusals.words(words))
        telling.request(found, telling.SENT_BACK, to_bank=False, key=f"back-{found.lines.count()}", at=at)


def escalate(*, today: date, at: datetime) -> int:
    """Mark what was not sorted or answered by its day, and tell the registry; return how many. Run it as often as you like."""
    late = list(BankRequest.objects.filter(state__in=[State.ASKED, State.SORTED], due_on__lt=today, late_at=None))
    for found in late:
        with transaction.atomic():
            BankRequest.objects.filter(pk=found.pk, late_at=None).update(late_at=at)
            telling.request(found, telling.LATE, to_bank=False, key="late", at=at)
    return len(late)


def _locked(request_id: UUID, by: identity.Actor) -> BankRequest:
    found = BankRequest.objects.select_for_update().filter(doors.own(by), pk=request_id).first()
    if found is None:
        raise refusals.absent("no_such_request", "这件诉求", "request")
    return found


def _of_officer(request_id: UUID, by: identity.Actor) -> BankRequest:
    found = _locked(request_id, by)
    if not doors.is_registry(by, found.registry, doors.OFFICER):
        raise refusals.not_yours("首席服务官", "the service officer")
    return found


def _of_bank(request_id: UUID, by: identity.Actor) -> BankRequest:
    found = _locked(request_id, by)
    if not doors.is_bank(by, found.bank) or by.ref == found.answered_by:
        raise refusals.not_yours("提出诉求的银行", "the bank that asked")
    return found


def _line(found: BankRequest, what: str, by: identity.Actor, at: datetime, words: str) -> None:
    RequestLine.objects.create(region=found.region, request=found, what=what, by=by.ref, at=at, words=words)
    audit.record(ACTIONS[what], who=by.ref, about=f"request:{found.pk}", at=at, region=found.region, detail={"bank": found.bank})  # fmt: skip
