"""An application comes in: checked whole, one case whatever channel it came by, and whoever has to agree is asked."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.identity import public as identity
from bancheng.kernel.jobs import public as jobs
from bancheng.kernel.registrations import book, offices, shipped
from bancheng.kernel.registrations.facts import Filed, Paper, Party, Request
from bancheng.kernel.registrations.models import Application, Subject
from bancheng.kernel.registrations.models import Paper as PaperRow
from bancheng.kernel.registrations.models import Party as PartyRow
from bancheng.kernel.registrations.operations import judging, logging, parties
from bancheng.kernel.registrations.rules import checks, numbers
from bancheng.kernel.registrations.rules.checks import Problem
from bancheng.kernel.registrations.rules.kinds import CANCELLATION, Filer, Role
from bancheng.kernel.registrations.rules.words import AGENCY, Act, State
from bancheng.lib.days import day_of
from bancheng.lib.identifiers import uuid7
from bancheng.lib.refusal import Refused

BANKERS = ("bank_clerk", "bank_approver")
REGISTRARS = ("registry_acceptor", "window_clerk", "surveyor")
ON_THE_SPOT = "C-13.refuse"
SET_UP = ("mortgage.set", "mortgage.pre")


def check(asked: Request, *, by: identity.Actor | str, at: datetime) -> list[Problem]:
    """Return all that stands against what would be filed, at once; nothing is written (for desks and quotes).

    Raises Refused: unknown_kind, unknown_channel, not_your_application.
    """
    shipped.channel(asked.channel)
    held = judging.meant(shipped.kind(asked.kind), asked)
    return judging.on_filing(asked, filer_of(asked, by, at), held, today=day_of(at))


def file(
    asked: Request, *, key: str, by: identity.Actor | str, at: datetime, expected_version: int | None = None
) -> Filed:
    """File an application, once: the same key, or the same thing under way, is that case (F13.11, B13.1).

    `by` is an account, or the ref of a machine whose unit the door has verified. With `expected_version` the parcel must not have
    changed since it was quoted. Raises Refused with the first problem's code and every problem's sentence (`check` lists them):
    unknown_kind, unknown_channel, not_your_application, key_reused, register_changed, party_missing, spouse_missing, holder_missing,
    not_the_holder, papers_missing, amount_absurd, currency_unknown, term_absurd, area_differs, lot_unknown, lot_blocked, right_unknown,
    not_the_mortgagee, no_registry.
    """
    filer = filer_of(asked, by, at)
    shipped.channel(asked.channel)
    scope = asked.acting_for_unit or _ref(by)
    for _ in range(2):  # who lost a race finds the winner's case the second time
        with jobs.act():
            held = judging.meant(shipped.kind(asked.kind), asked)
            asked = replace(asked, lots=tuple(held))
            found = _same_key(asked, key, scope) or _same_thing(asked, by=by, at=at)
            if found:
                return found
            checks.refuse(judging.on_filing(asked, filer, held, today=day_of(at)))
            _check_version(asked, expected_version)
            if made := _insert(asked, key=key, scope=scope, by=by, at=at):
                return made
    raise RuntimeError("the case that stood in the way is gone")


def filer_of(asked: Request, by: identity.Actor | str, at: datetime) -> Filer:
    """Return as whom somebody files. Raises Refused("not_your_application")."""
    unit = asked.acting_for_unit
    registry = unit in {each.unit for each in offices.all_of_city()}
    if isinstance(by, str):
        return Filer.REGISTRY if registry else Filer.BANK
    if unit:
        if any(by.has(role, unit=unit) for role in (REGISTRARS if registry else BANKERS)):
            return Filer.REGISTRY if registry else Filer.BANK
        raise _not_yours()
    hashes = set(identity.person_hashes(by, at, service=AGENCY))
    own = parties.own_hash(by)
    for party in asked.parties:
        known = judging.known_of(party)
        if party.kind == "person" and known == own:
            return Filer.PERSON
        if party.kind == "organisation" and known in hashes:
            return Filer.ORGANISATION
    raise _not_yours()


def _not_yours() -> Refused:
    return Refused(
        "not_your_application",
        "只有当事人本人、其单位的代理人、抵押权人银行或登记机构可以申报，没有提交。",
        en="Only a party himself, an agent of his organisation, the mortgagee bank or the registry may file; nothing was filed.",
        status=403,
    )


def _ref(by: identity.Actor | str) -> str:
    return by if isinstance(by, str) else by.ref


def fingerprint(asked: Request) -> bytes:
    """Return the digest of what is filed: the same key with another content is a mistake, never a second case. No identifier is in it."""
    told = {
        "kind": asked.kind,
        "lots": sorted(asked.lots),
        "payload": dict(asked.payload),
        "loan": asked.loan_no,
        "parties": [[str(each.role), each.kind, each.name, each.unit] for each in asked.parties],
        "papers": sorted([each.material, each.digest] for each in asked.papers),
    }
    return _digest(told)


def guard(asked: Request, lot: str) -> bytes:
    """Return what makes two applications the same thing: registry operation, bank, loan or contract, and lot (B13.1)."""
    banks = sorted(each.unit or each.name for each in asked.parties if each.role == Role.MORTGAGEE)
    named = (asked.payload.get(name, "") for name in ("contract_no", "right", "building", "objection"))
    # a mortgage ends once, whatever loan number who files it gives: the owner gives none
    loan = "" if asked.kind == CANCELLATION else asked.loan_no
    what = loan or next((str(each) for each in named if each), "")
    return _digest([asked.region, asked.kind, banks, what, lot])


def _digest(told: object) -> bytes:
    return hashlib.sha256(json.dumps(told, sort_keys=True, ensure_ascii=False, default=str).encode()).digest()


def _same_key(asked: Request, key: str, scope: str) -> Filed | None:
    row = Application.objects.filter(region=asked.region, scope=scope, key=key).first()
    if row is None:
        return None
    if bytes(row.fingerprint) != fingerprint(asked):
        raise Refused(
            "key_reused",
            "同一申报编号已用于另一件内容不同的申请，没有提交；请换一个编号。",
            en="That key was used for another application; nothing was filed. Use a new one.",
            status=422,
        )
    return Filed(row.pk, row.number, State(row.state), again=True)


def _same_thing(asked: Request, *, by: identity.Actor | str, at: datetime) -> Filed | None:
    """Return the case that is under way for the same thing, with a line that it was filed once more and by which channel.

    Who files the same terms once more agrees to them by it: the bank to what the owner filed, and the owner to what the bank did.
    """
    wanted = [guard(asked, lot) for lot in asked.lots]
    rows = Subject.objects.filter(region=asked.region, guard__in=wanted).select_related("application").order_by("pk")
    found = next((each for each in rows if each.open), None)
    if found is None:
        return _recorded_already(asked, (each.application for each in rows)) if asked.kind in SET_UP else None
    row = logging.locked(found.application_id)
    logging.line(row, Act.FILED_AGAIN, by=_ref(by), at=at, channel=asked.channel)
    if row.state == State.DRAFT and _terms(row.payload) == _terms(asked.payload):
        _agree_by_filing(row, asked, by, at)
        submit_when_agreed(row, by=_ref(by), at=at)
    return Filed(row.pk, row.number, State(row.state), again=True)


def _terms(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is agreed to by filing it once more; for what reason is each filer's own."""
    return {name: value for name, value in payload.items() if name != "reason"}


def _recorded_already(asked: Request, rows: Iterable[Application]) -> Filed | None:
    """Return the case that set up this bank's mortgage for this loan, while it rests on every unit asked for: it is not set up twice (§13.3).

    A unit that was released since, or one that comes to it, makes another application of it.
    """
    for row in rows:
        if row.recorded_at and set(asked.lots) <= set(book.right_lots(row.region, row.right)):
            return Filed(row.pk, row.number, State(row.state), again=True)
    return None


def _check_version(asked: Request, expected: int | None) -> None:
    if expected is None or not asked.lots or asked.kind == "land.first":
        return
    now = book.version(asked.region, asked.lots[0])
    if now != expected:
        raise Refused(
            "register_changed",
            f"报价之后登记簿已有变化（版本{expected}→{now}），没有提交；请重新查询后再报。",
            en=f"The book has changed since the quote (version {expected} → {now}); nothing was filed. Quote again.",
        )


def _insert(asked: Request, *, key: str, scope: str, by: identity.Actor | str, at: datetime) -> Filed | None:
    """Write the case; None when somebody else has just written the same."""
    try:
        with transaction.atomic():
            row = _written(asked, key=key, scope=scope, by=_ref(by), at=at)
    except IntegrityError as error:
        if "one_application_per_key" not in str(error) and "one_open_case_for_the_same_thing" not in str(error):
            raise
        return None
    logging.line(
        row,
        Act.FILED,
        by=_ref(by),
        at=at,
        channel=asked.channel,
        told={"channel": asked.channel, "loan_no": asked.loan_no},
    )
    _agree_by_filing(row, asked, by, at)
    submit_when_agreed(row, by=_ref(by), at=at)
    return Filed(row.pk, row.number, State(row.state))


def _written(asked: Request, *, key: str, scope: str, by: str, at: datetime) -> Application:
    row = Application.objects.create(
        id=uuid7(at),
        region=asked.region,
        number=numbers.application(asked.region, day_of(at), logging.running("registrations_number")),
        key=key,
        scope=scope,
        fingerprint=fingerprint(asked),
        kind=asked.kind,
        channel=asked.channel,
        filed_by=by,
        unit=asked.acting_for_unit,
        registry=offices.of_lot(asked.lots[0]).unit,
        state=State.DRAFT.value,
        loan_no=asked.loan_no,
        payload=dict(asked.payload),
        filed_at=at,
        moved=logging.next_move(asked.acting_for_unit),
    )
    Subject.objects.bulk_create(
        Subject(region=row.region, application=row, lot=lot, guard=guard(asked, lot), open=True) for lot in asked.lots
    )
    _name(row, asked)
    add_papers(row, asked.papers, at=at, have=0)
    return row


def _name(row: Application, asked: Request) -> None:
    kind = shipped.kind(asked.kind)
    wanted = set(checks.consenting(kind, judging.named_of(asked.parties), unit=asked.acting_for_unit))
    made = [_party(row, place, each, place in wanted) for place, each in enumerate(asked.parties)]
    PartyRow.objects.bulk_create([*made, *(_owners(row, made) if kind.on_right else [])])


def _owners(row: Application, made: Sequence[PartyRow]) -> list[PartyRow]:
    """Return whoever holds the lots and is not named, where a mortgage is changed or ends: he is not asked, but told."""
    named = {bytes(each.id_hash) for each in made}
    found: list[PartyRow] = []
    for known, (kind, name, identifier) in parties.holders(row).items():
        if known not in named:
            place = len(made) + len(found)
            found.append(_party(row, place, Party(Role.MORTGAGOR, kind, name, identifier), False))
    return found


def _party(row: Application, place: int, each: Party, asked: bool) -> PartyRow:
    known = judging.known_of(each)
    plain = each.kind != "unit"
    return PartyRow(
        region=row.region,
        application=row,
        seq=place + 1,
        role=each.role,
        kind=each.kind,
        name=each.name,
        id_hash=known if isinstance(known, bytes) else b"",
        id_sealed=identity.seal(each.identifier, kind=judging.ID_KINDS[each.kind]) if plain else b"",
        unit=each.unit,
        married=each.married,
        spouse_of=each.spouse_of,
        asked=asked,
    )


def add_papers(row: Application, papers: Sequence[Paper], *, at: datetime, have: int) -> None:
    """Keep the papers of a filing or of a supplement, behind the number there are."""
    PaperRow.objects.bulk_create(
        PaperRow(
            region=row.region,
            application=row,
            seq=have + place,
            material=each.material,
            name=each.name,
            digest=each.digest,
            pages=each.pages,
            use=each.use_id,
            at=at,
        )
        for place, each in enumerate(papers, 1)
    )


def _agree_by_filing(row: Application, asked: Request, by: identity.Actor | str, at: datetime) -> None:
    """Who files has agreed by it: a person or his organisation with his own account, a bank for itself and for nobody else."""
    unit = asked.acting_for_unit
    mine = row.parties.filter(unit=unit).order_by("seq") if unit else parties.own(row, by, at)
    for party in mine:
        if party.asked and not party.consents.filter(says="given").exists():
            parties.keep(row, party, says="given", by=_ref(by), channel=asked.channel, device="", at=at)


def submit_when_agreed(row: Application, *, by: str, at: datetime) -> None:
    """Hand the application in once everybody has agreed: from now on the office's silence accepts (条例 第十七条)."""
    if row.state != State.DRAFT or row.parties.filter(asked=True).exclude(consents__says="given").exists():
        return
    logging.move(row, Act.SUBMITTED, by=by, at=at, submitted_at=at)
    start_on_the_spot(row, by=by, at=at)
    logging.line(row, Act.SUBMITTED, by=by, at=at)


def start_on_the_spot(row: Application, *, by: str, at: datetime) -> None:
    """Start the clock of the day on which the office may still say in writing that it does not accept."""
    clock = clocks.start(
        region=row.region, about=logging.about(row.pk), rule=ON_THE_SPOT, started_on=day_of(at), by=by, at=at
    )
    row.due_on = clock.due.on
    row.save(update_fields=["due_on"])
