"""What a bank's system asks of book and office: quote, file, follow, supplement, take back. Whose it is is asked here, and nowhere else.

The office judges; this names what stands in the way as the interface promises: REGISTER_CHANGED with the difference, LOT_BLOCKED with the
blocking entries, IN_FLIGHT when another application is under way.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from bancheng.kernel.audit import public as audit
from bancheng.kernel.catalogue import public as catalogue
from bancheng.kernel.exchange import public as exchange
from bancheng.kernel.registrations import public as registrations
from bancheng.kernel.titles import public as titles
from bancheng.lib.days import day_of
from bancheng.lib.refusal import Refused
from bancheng.services.mortgages.queries import agreements
from bancheng.services.mortgages.rules.channels import Kind
from bancheng.web.api import Blocked, Unfit

CHANNEL = "bank"
QUOTE_HOLDS = timedelta(minutes=30)
MOST_ENTRIES = 50


def bank_of(caller: exchange.Caller) -> str:
    """Return the unit of the bank that calls. Raises Refused("not_a_bank")."""
    if not caller.unit:
        raise Refused(
            "not_a_bank",
            "这些接口只供已登记单位的银行系统使用，未作任何改动。",
            en="These operations are for systems of banks; nothing was changed.",
            status=403,
        )
    return caller.unit


@dataclass(frozen=True)
class Filing:
    """What a bank files."""

    kind: str
    lots: tuple[str, ...]
    payload: Mapping[str, Any]
    parties: tuple[registrations.Party, ...] = ()
    papers: tuple[registrations.Paper, ...] = ()
    loan_no: str = ""
    expected_version: int | None = None


# --- quotes


def quote(
    caller: exchange.Caller, *, lots: Sequence[str], kind: str, authorisation: str, at: datetime
) -> dict[str, Any]:
    """Return what the book says of lots of one parcel; who asked by which authorisation of the owner is recorded (条例 第二十七条).

    Raises Refused: not_a_bank, one_parcel, and the book's own.
    """
    bank = bank_of(caller)
    parcels = {code[:19] for code in lots}
    if len(parcels) != 1:
        raise Refused(
            "one_parcel", "一次只能查询同一宗地的不动产单元。", en="A quote is for units of one parcel.", status=422
        )
    act = titles.Act.PRE_MORTGAGE if kind == Kind.PRE else None
    found = titles.quote(caller.region, list(lots), act)
    detail = {"bank": bank, "authorisation": authorisation, "lots": len(lots)}
    audit.record(
        "mortgages.quoted", who=caller.ref, about=f"parcel:{found.parcel}", at=at, region=caller.region, detail=detail
    )
    return {
        "parcel": found.parcel,
        "register_version": found.register_version,
        "expires_at": at + QUOTE_HOLDS,
        "lots": [_lot_said(line) for line in found.lots],
    }


def _lot_said(line: titles.QuoteLine) -> dict[str, Any]:
    members = line.lot.holder.members if line.lot.holder else ()
    return {
        "lot": line.lot.code,
        "dm2": line.lot.dm2,
        "floor_dm2": line.lot.floor_dm2,
        "holders": [{"name": _masked(one.party.name), "num": one.num, "den": one.den} for one in members],
        "blockers": [_blocker_said(one) for one in line.blockers],
        "rights": [
            {"kind": str(one.kind), "rank": one.rank, "dm2": one.dm2, "state": str(one.state)} for one in line.rights
        ],
    }


def _masked(name: str) -> str:
    return name[:1] + "*" * (len(name) - 1)


def _blocker_said(one: titles.Blocker) -> dict[str, Any]:
    return {
        "code": one.code,
        "lot": one.lot,
        "standing": str(one.standing),
        "verdict": str(one.verdict),
        "entry": one.entry,
        "number": one.number,
        "says": one.says.zh,
        "en": one.says.en,
        "clears": one.clears.zh,
        "clears_en": one.clears.en,
    }


# --- filing


def file(caller: exchange.Caller, asked: Filing, *, key: str, at: datetime) -> registrations.Filed:
    """File for the caller's bank, once a key. Raises Refused: not_a_bank, agreement_over, agreement_lacks_this; REGISTER_CHANGED, LOT_BLOCKED,
    IN_FLIGHT (409) with what stands in the way; else what the office says, field by field."""
    bank = bank_of(caller)
    if asked.kind in set(Kind):
        agreements.check_may_file(bank, Kind(asked.kind), day_of(at))
    asked = replace(asked, parties=_with_bank(bank, asked.parties))
    try:
        return registrations.file(
            **_request(caller, bank, asked), key=key, expected_version=asked.expected_version, by=caller.ref, at=at
        )
    except Refused as no:
        raise _explained(no, caller, bank, asked, at) from None


def _request(caller: exchange.Caller, bank: str, asked: Filing) -> dict[str, Any]:
    return {
        "region": caller.region,
        "kind": asked.kind,
        "channel": CHANNEL,
        "acting_for_unit": bank,
        "parties": asked.parties,
        "lots": asked.lots,
        "payload": asked.payload,
        "papers": asked.papers,
        "loan_no": asked.loan_no,
    }


def _with_bank(bank: str, parties: tuple[registrations.Party, ...]) -> tuple[registrations.Party, ...]:
    """Return the parties with the caller's bank as the mortgagee: whom a key stands for nobody types."""
    others = tuple(one for one in parties if one.role != registrations.Role.MORTGAGEE)
    name = catalogue.unit(bank).name
    return (*others, registrations.Party(registrations.Role.MORTGAGEE, "unit", name, unit=bank))


def _explained(no: Refused, caller: exchange.Caller, bank: str, asked: Filing, at: datetime) -> Refused:
    if no.code == "register_changed":
        return Blocked(no, code="REGISTER_CHANGED", **_difference(caller.region, asked))
    if no.code == "lot_blocked":
        found = _blockers(caller.region, asked)
        pending = bool(found) and all(one["standing"] == str(titles.Standing.PENDING) for one in found)
        return Blocked(no, code="IN_FLIGHT" if pending else "LOT_BLOCKED", blocking=found)
    if no.status != 422:
        return no
    problems = registrations.check(**_request(caller, bank, asked), by=caller.ref, at=at)
    return Unfit(no, [_problem_said(one) for one in problems]) if problems else no


def _problem_said(one: registrations.Problem) -> dict[str, Any]:
    return {"at": [one.field], "lot": one.lot, "code": one.code, "says": one.says.zh, "en": one.says.en}


def _blockers(region: str, asked: Filing) -> list[dict[str, Any]]:
    act = titles.Act.PRE_MORTGAGE if asked.kind == Kind.PRE else None
    return [_blocker_said(one) for line in titles.quote(region, list(asked.lots), act).lots for one in line.blockers]


def _difference(region: str, asked: Filing) -> dict[str, Any]:
    """Return what was recorded on the parcel since the version that was expected, and how the lots stand now."""
    now = titles.quote(region, list(asked.lots))
    acts = max(0, now.register_version - (asked.expected_version or 0))
    since: dict[int, list[dict[str, Any]]] = {}
    for entry in titles.history(region, now.parcel, most=MOST_ENTRIES):
        told = {"entry": entry.number, "act": entry.act, "lot": entry.lot, "right": entry.right, "state": entry.state}
        since.setdefault(entry.seq, []).append(told)
    latest = sorted(since, reverse=True)[:acts]
    return {
        "expected_version": asked.expected_version,
        "register_version": now.register_version,
        "changed": [one for seq in sorted(latest) for one in since[seq]],
        "lots": [_lot_said(line) for line in now.lots],
    }


# --- following


def application(caller: exchange.Caller, application_id: UUID) -> registrations.View:
    """Return an application of the caller's bank, whoever of it filed it. Raises Refused("no_such_application")."""
    bank = bank_of(caller)
    found = registrations.view(application_id)
    if found.brief.unit != bank:
        raise registrations.no_such_application()
    return found


def applications(caller: exchange.Caller, *, after: int, limit: int) -> list[registrations.Brief]:
    """Return the bank's applications that moved after a cursor."""
    return registrations.of_unit(bank_of(caller), region=caller.region, after=after, limit=limit)


def supplement(
    caller: exchange.Caller,
    application_id: UUID,
    *,
    papers: Sequence[registrations.Paper],
    payload: Mapping[str, Any],
    at: datetime,
) -> None:
    """Send what was asked for. Raises Refused as the office does."""
    by = f"unit:{bank_of(caller)}"
    registrations.supplement(application_id=application_id, by=by, at=at, papers=papers, payload=payload)


def withdraw(caller: exchange.Caller, application_id: UUID, *, reason: str, at: datetime) -> None:
    """Take an application back, until it is recorded. Raises Refused as the office does."""
    registrations.withdraw(application_id=application_id, reason=reason, by=f"unit:{bank_of(caller)}", at=at)


def letter_file(caller: exchange.Caller, application_id: UUID, letter_id: UUID, *, at: datetime) -> tuple[str, bytes]:
    """Return a letter's digest and its sealed file, the same bytes for ever. Raises Refused: no_such_application, no_such_letter,
    letter_being_made."""
    found = application(caller, application_id)
    letter, data = registrations.fetch_letter(letter_id, application_id=found.id, by=caller.ref, at=at)
    return (letter.digest or b"").hex(), data


# --- certificates


@dataclass(frozen=True)
class Twin:
    """A certificate as data, and what it is worth at this second."""

    found: registrations.CertificateView
    digest: str
    address: str
    fields: Mapping[str, Any] = field(default_factory=dict)


def certificate(caller: exchange.Caller, number: str) -> Twin:
    """Return a proof of the caller's bank; a revoked one says so. Raises Refused("no_such_certificate")."""
    found = registrations.certificate(number, open_said=True)
    if found is None or found.unit != bank_of(caller):
        raise registrations.no_such_certificate()
    return Twin(found, found.digest.hex() if found.digest else "", registrations.address(found.code), found.said)


def certificate_file(caller: exchange.Caller, number: str, *, at: datetime) -> tuple[str, bytes]:
    """Return a proof's digest and its sealed file, the same bytes for ever. Raises Refused: no_such_certificate, certificate_being_made."""
    twin = certificate(caller, number)
    found, data = registrations.fetch(twin.found.id, by=caller.ref, at=at)
    return (found.digest or b"").hex(), data
