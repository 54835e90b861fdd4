"""The bank's desk (F13.5): the book asked for a client, a filing prepared, its papers enclosed, filed by another; what comes after it is filed."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from bancheng.kernel.audit import public as audit
from bancheng.kernel.documents import public as documents
from bancheng.kernel.identity import public as identity
from bancheng.kernel.registrations import public as registrations
from bancheng.lib.days import day_of
from bancheng.lib.identifiers import uuid7
from bancheng.lib.refusal import Refused
from bancheng.services.mortgages import digests, doors, refusals, terms
from bancheng.services.mortgages.models import Enclosed, Filing, Outlet
from bancheng.services.mortgages.queries import agreements
from bancheng.services.mortgages.rules import channels, filings
from bancheng.services.mortgages.rules.channels import Channel, Kind
from bancheng.services.mortgages.rules.filings import Person, Stage

SEAL = "mortgages_parties"
ACCEPTED = frozenset({documents.Kind.PDF, documents.Kind.OFD, *documents.PICTURES})


def note_quote(*, lots: Sequence[str], purpose: str, authorised: bool, by: identity.Actor, at: datetime) -> None:
    """Put on record that a bank asked the book about somebody's home, for what, and that he let it (R7.10).

    Raises Refused: not_authorised, say_what.
    """
    if not authorised:
        raise Refused(
            "not_authorised",
            "查询他人不动产须有本人书面授权，没有查询；请取得授权后勾选。",
            en="The owner has to have authorised the look in writing; nothing was asked. Get it and tick the box.",
            law="不动产登记暂行条例 第二十七条",
            status=422,
        )
    said, bank = refusals.words(purpose, most=200), doors.unit_of(by, doors.CLERK, doors.APPROVER)
    for lot in lots:
        audit.record("mortgages.quoted", who=by.ref, about=f"lot:{lot}", at=at, region=settings.REGION, detail={"bank": bank, "purpose": said})  # fmt: skip


def prepare(
    *,
    kind: str,
    lots: Sequence[str],
    right: str,
    loan_no: str,
    said: Mapping[str, Any],
    people: Sequence[Person],
    to_bank: str,
    version: int | None,
    no_conditions: bool,
    by: identity.Actor,
    at: datetime,
) -> Filing:
    """Prepare a filing; nobody outside the bank hears of it yet.

    Raises Refused: no_kind, no_outlet, channel_not_for_this, agreement_over, agreement_lacks_this, declare_first, quote_first, nothing_changes,
    say_why_fixed, say_what.
    """
    if kind not in set(Kind):
        raise Refused("no_kind", "请选择登记种类，没有保存。", en="Choose what is filed; nothing was kept.", status=422)
    wanted, bank = Kind(kind), doors.unit_of(by, doors.CLERK)
    filings.check_declared(no_conditions)
    filings.check_quoted(wanted, version)
    filings.check_said(wanted, said)
    outlet = _outlet(bank)
    _check_door(outlet, bank, wanted, at)
    parties = {"people": [one.told() for one in people], "to_bank": to_bank if wanted is Kind.TRANSFER else ""}
    with transaction.atomic():
        made = Filing.objects.create(
            id=uuid7(at), region=settings.REGION, bank=bank, outlet=outlet, kind=wanted,
            lots=sorted({"".join(lot.split()).upper() for lot in lots if lot.strip()}), right=registrations.right_of(right) if right else "",
            loan_no=refusals.words(loan_no, most=60), terms=dict(said),
            parties_sealed=identity.seal(json.dumps(parties, ensure_ascii=False), kind=SEAL), version=version,
            no_conditions=True, stage=Stage.DRAFT, prepared_by=by.ref, prepared_at=at,
        )  # fmt: skip
        _note("mortgages.filing_prepared", made, by=by, at=at)
    return made


def _outlet(bank: str) -> Outlet:
    found = Outlet.objects.filter(bank=bank, channel=Channel.BANK, retired_at=None).order_by("code").first()
    if found is None:
        raise Refused("no_outlet", "本行没有登记的服务网点，没有保存；请联系登记中心。", en="Your bank has no outlet on record; nothing was kept. Ask the registry.")  # fmt: skip
    return found


def _check_door(outlet: Outlet, bank: str, kind: Kind, at: datetime) -> None:
    """Raises Refused: channel_not_for_this, agreement_over, agreement_lacks_this (B13.9)."""
    channel = Channel(outlet.channel)
    offer = terms.channels().get(channel)
    channels.check_channel(channel, kind, offer.files if offer else ())
    agreements.check_may_file(bank, kind, day_of(at))


def enclose(
    *,
    filing_id: UUID,
    material: str,
    name: str,
    pieces: Iterable[bytes],
    size: int | None,
    by: identity.Actor,
    at: datetime,
) -> None:
    """Enclose a paper. Outside of a transaction, as documents.store asks.

    Raises Refused: no_such_filing, filing_moved_on, no_material, and what documents.store raises.
    """
    found = mine(filing_id, by)
    filings.check_draft(Stage(found.stage))
    if material not in registrations.kind(found.kind).papers:
        raise Refused(
            "no_material", "请选择材料名称，没有保存。", en="Choose which paper it is; nothing was kept.", status=422
        )
    through = digests.Digesting(pieces)
    stored = documents.store(
        region=found.region, pieces=through, name=name, about=f"filing:{found.pk}", material=material,
        holder_hash=identity.staff_hash(by.account), by=by.ref, at=at, accepted=ACCEPTED, declared=size,
    ).use  # fmt: skip
    sha256, _ = through.finish()
    Enclosed.objects.get_or_create(
        region=found.region, filing=found, use=stored.id,
        defaults={"material": material, "name": stored.name, "pages": stored.pages or 1, "sha256": sha256, "at": at},
    )  # fmt: skip


def drop(*, filing_id: UUID, by: identity.Actor, at: datetime) -> None:
    """Let a draft go, and its papers. Raises Refused: no_such_filing, filing_moved_on."""
    with transaction.atomic():
        found = mine(filing_id, by, lock=True)
        filings.check_draft(Stage(found.stage))
        for one in found.enclosed.all():
            documents.release(use_id=one.use, about=f"filing:{found.pk}", by=by.ref, at=at)
        found.stage = Stage.DROPPED
        found.save(update_fields=["stage"])
        _note("mortgages.filing_dropped", found, by=by, at=at)


def submit(*, filing_id: UUID, by: identity.Actor, at: datetime) -> registrations.Filed:
    """File with the office what a colleague prepared: its checks, its number, its consents (R13.1: nothing is valid without them).

    Raises Refused: no_such_filing, filing_moved_on, own_filing, channel_not_for_this, agreement_over, agreement_lacks_this, and
    what the office refuses.
    """
    with transaction.atomic():
        found = mine(filing_id, by, lock=True)
        filings.check_draft(Stage(found.stage))
        filings.check_four_eyes(found.prepared_by, by.ref)
        kind = Kind(found.kind)
        _check_door(found.outlet, found.bank, kind, at)
        filed = registrations.file(
            **asked(found), key=f"filing-{found.pk}", by=by, expected_version=found.version, at=at
        )
        found.stage, found.filed_by, found.filed_at = Stage.FILED, by.ref, at
        found.application, found.number = filed.id, filed.number
        found.save(update_fields=["stage", "filed_by", "filed_at", "application", "number"])
        _note("mortgages.filing_filed", found, by=by, at=at)
    return filed


def problems(*, filing: Filing, by: identity.Actor, at: datetime) -> list[registrations.Problem]:
    """Return all that the office would refuse a draft for, at once; nothing is written."""
    return registrations.check(**asked(filing), by=by, at=at)


def asked(found: Filing) -> dict[str, Any]:
    """Return a filing as the office takes it."""
    held = json.loads(identity.open_sealed(bytes(found.parties_sealed), kind=SEAL))
    bank = agreements.bank_names([found.bank, held["to_bank"] or found.bank])
    people = [Person(**one) for one in held["people"]]
    parties = [
        registrations.Party(
            registrations.Role(one.role), one.kind, one.name, one.number, married=one.married, spouse_of=one.spouse_of
        )
        for one in people
    ]
    parties.append(registrations.Party(registrations.Role.MORTGAGEE, "unit", bank[found.bank].zh, unit=found.bank))
    if held["to_bank"]:
        name = bank[held["to_bank"]].zh
        parties.append(registrations.Party(registrations.Role.TRANSFEREE, "unit", name, unit=held["to_bank"]))
    return {
        "region": found.region,
        "kind": found.kind,
        "channel": found.outlet.channel,
        "parties": parties,
        "lots": found.lots,
        "payload": filings.payload(Kind(found.kind), found.right, found.terms),
        "papers": [
            registrations.Paper(one.material, one.name, one.sha256, one.pages, one.use)
            for one in found.enclosed.order_by("at", "pk")
        ],
        "loan_no": found.loan_no,
        "acting_for_unit": found.bank,
    }


def supplement(
    *,
    filing_id: UUID,
    material: str,
    name: str,
    pieces: Iterable[bytes],
    size: int | None,
    by: identity.Actor,
    at: datetime,
) -> None:
    """Answer what the office asked to be corrected, with a paper. Outside of a transaction.

    Raises Refused: no_such_filing, no_material, and what documents.store and the office raise.
    """
    found = mine(filing_id, by)
    application = _application(found)
    through = digests.Digesting(pieces)
    stored = documents.store(
        region=found.region, pieces=through, name=name, about=f"filing:{found.pk}", material=material[:40] or "correction",
        holder_hash=identity.staff_hash(by.account), by=by.ref, at=at, accepted=ACCEPTED, declared=size,
    ).use  # fmt: skip
    sha256, _ = through.finish()
    paper = registrations.Paper(material[:40] or "correction", stored.name, sha256, stored.pages or 1, stored.id)
    with transaction.atomic():
        registrations.supplement(application_id=application, papers=[paper], by=by, at=at)
        Enclosed.objects.get_or_create(
            region=found.region, filing=found, use=stored.id,
            defaults={"material": paper.material, "name": paper.name, "pages": paper.pages, "sha256": sha256, "at": at},
        )  # fmt: skip


def withdraw(*, filing_id: UUID, reason: str, by: identity.Actor, at: datetime) -> None:
    """Take an application back before it is recorded (条例 第十五条). Raises Refused: no_such_filing, say_what, and as the office."""
    found = mine(filing_id, by)
    registrations.withdraw(application_id=_application(found), reason=refusals.words(reason), by=by, at=at)


def _application(found: Filing) -> UUID:
    if found.application is None:
        raise Refused("not_filed_yet", "这件申报还没有提交登记机构，没有改动。", en="This is not filed with the registry yet; nothing was changed.")  # fmt: skip
    return found.application


def mine(filing_id: UUID, by: identity.Actor, *, lock: bool = False) -> Filing:
    """Return a filing of the actor's bank. Raises Refused("no_such_filing")."""
    rows = Filing.objects.select_for_update(of=("self",)) if lock else Filing.objects
    found = rows.select_related("outlet").filter(pk=filing_id).first()
    if found is None or not doors.is_bank(by, found.bank, doors.CLERK, doors.APPROVER):
        raise refusals.absent("no_such_filing", "这件申报", "filing")
    return found


def _note(action: str, found: Filing, *, by: identity.Actor, at: datetime) -> None:
    audit.record(action, who=by.ref, about=f"filing:{found.pk}", at=at, region=found.region, detail={"bank": found.bank, "kind": found.kind})  # fmt: skip
