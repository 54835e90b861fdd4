"""What the office has the book record: one function for each kind of registration, which calls the book's operation."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from bancheng.kernel.registrations import book
from bancheng.kernel.registrations.models import Application, Party
from bancheng.kernel.registrations.rules import checks, evidence
from bancheng.kernel.registrations.rules.kinds import Role
from bancheng.kernel.titles import public as titles


def record(row: Application, *, by: str, at: datetime) -> titles.Recorded:
    """Have the book record the application, by the operation of its kind, in the caller's transaction (R7.1, R13.2)."""
    parties = list(row.parties.order_by("seq"))
    given = {
        "region": row.region,
        "key": f"{book.RECORDING}{row.pk}",
        "registration": row.number,
        "by": by,
        "at": at,
        "document": _document(row),
    }
    return RECORDERS[row.kind](row, parties, row.payload, given)


def _document(row: Application) -> str:
    paper = row.papers.order_by("seq").first()
    return f"{paper.material}:{paper.digest[:16]}" if paper else row.number


def _consents(row: Application, parties: Sequence[Party]) -> tuple[str, ...]:
    """Return the rights whose holders agreed, on paper or in the application."""
    banks = {each.unit for each in parties if each.role == Role.MORTGAGEE}
    return book.consents(row.region, row.payload, banks)


def bank_of(parties: Sequence[Party], role: Role = Role.MORTGAGEE) -> titles.Party:
    """Return the mortgagee as the book knows it."""
    party = next(each for each in parties if each.role == role)
    return party_of(party)


def party_of(party: Party) -> titles.Party:
    """Return somebody named as the book knows him."""
    if party.kind == "unit":
        return titles.unit_party(titles.PartyKind.BANK, party.unit, party.name)
    kind = titles.PartyKind.PERSON if party.kind == "person" else titles.PartyKind.ORGANISATION
    number_kind = "citizen_id" if party.kind == "person" else "uscc"
    return titles.Party(
        kind=kind,
        name=party.name,
        number_kind=number_kind,
        hash=bytes(party.id_hash),
        sealed=bytes(party.id_sealed),
    )


def holder_of(parties: Sequence[Party], payload: Mapping[str, Any], *roles: Role) -> titles.Holder:
    """Return those of a role as one holder: alone, by the shares of the payload, or jointly."""
    wanted = [each for each in parties if each.role in roles]
    shares = payload.get("shares") or []
    if len(wanted) == 1:
        return titles.sole(party_of(wanted[0]))
    if len(shares) == len(wanted):
        parts = [titles.Share(party_of(each), *share) for each, share in zip(wanted, shares, strict=True)]
        return titles.by_shares(*parts)
    return titles.jointly(*(party_of(each) for each in wanted))


def _mortgage_set(row: Application, parties: Sequence[Party], payload: Any, given: Any) -> titles.Recorded:
    forms = {"construction": titles.Form.CONSTRUCTION, "maximum": titles.Form.MAXIMUM}
    form = "maximum" if payload.get("maximum") else str(payload.get("form", ""))
    return titles.register_mortgage(
        **given,
        lots=book.lots_of(row),
        bank=bank_of(parties),
        number=row.number,
        form=forms.get(form, titles.Form.ORDINARY),
        amount_fen=payload["principal_fen"],
        debtor=str(payload.get("debtor", "")),
        term_first=checks.day(payload.get("first")),
        term_last=checks.day(payload.get("last")),
        transfer_restricted=bool(payload.get("transfer_restricted", False)),
        consents=_consents(row, parties),
    )


def _mortgage_pre(row: Application, parties: Sequence[Party], payload: Any, given: Any) -> titles.Recorded:
    (one,) = book.lots_of(row)
    consents = _consents(row, parties)
    return titles.register_pre_mortgage(
        **given,
        lot=one,
        bank=bank_of(parties),
        number=row.number,
        amount_fen=payload["principal_fen"],
        debtor=str(payload.get("debtor", "")),
        term_last=checks.day(payload.get("last")),
        consents=consents,
    )


def _mortgage_change(row: Application, parties: Sequence[Party], payload: Any, given: Any) -> titles.Recorded:
    return titles.change_mortgage(
        **given,
        number=payload["right"],
        amount_fen=payload.get("principal_fen"),
        transfer_restricted=payload.get("transfer_restricted"),
        term_last=checks.day(payload.get("last")),
    )


def _mortgage_transfer(row: Application, parties: Sequence[Party], payload: Any, given: Any) -> titles.Recorded:
    claim = str(payload.get("reason", ""))
    return titles.transfer_mortgage(**given, number=payload["right"], to=bank_of(parties, Role.TRANSFEREE), claim=claim)


def _mortgage_release(row: Application, parties: Sequence[Party], payload: Any, given: Any) -> titles.Recorded:
    amount = payload.get("principal_fen")
    return titles.release_mortgage(**given, number=payload["right"], lots=book.lots_of(row), amount_fen=amount)


def _mortgage_cancel(row: Application, parties: Sequence[Party], payload: Any, given: Any) -> titles.Recorded:
    return titles.cancel_mortgage(**given, number=payload["right"])


def _mortgage_fix(row: Application, parties: Sequence[Party], payload: Any, given: Any) -> titles.Recorded:
    return titles.fix_mortgage(
        **given,
        number=payload["right"],
        amount_fen=payload["principal_fen"],
        reason=str(payload.get("reason", "")),
        fixed_on=checks.day(payload.get("fixed_on")),
    )


def _land_first(row: Application, parties: Sequence[Party], payload: Any, given: Any) -> titles.Recorded:
    (one,) = book.lots_of(row)
    return titles.open_parcel(
        **given,
        parcel=one[:19],
        area_dm2=payload["area_dm2"],
        holder=holder_of(parties, payload, Role.DEVELOPER),
        use=str(payload.get("use", "")),
        term_until=checks.day(payload.get("term_until")),
        origin=titles.Origin(payload.get("origin") or titles.Origin.NEW),
        permit_dm2=payload.get("permit_dm2"),
    )


def _building_first(row: Application, parties: Sequence[Party], payload: Any, given: Any) -> titles.Recorded:
    (one,) = book.lots_of(row)
    acceptance = str(payload.get("acceptance", ""))
    return titles.first_register(**given, building=one, acceptance=acceptance)


def _claim_notice(row: Application, parties: Sequence[Party], payload: Any, given: Any) -> titles.Recorded:
    number = payload["contract_no"]
    if book.right(row.region, number) is not None:
        return titles.note_claim(**given, number=number)
    (one,) = book.lots_of(row)
    return titles.open_claim(
        **given,
        lot=one,
        buyer=holder_of(parties, payload, Role.BUYER),
        number=number,
        noticed=True,
        permit=str(payload.get("permit", "")),
        consents=_consents(row, parties),
    )


def _claim_cancel(row: Application, parties: Sequence[Party], payload: Any, given: Any) -> titles.Recorded:
    return titles.cancel_claim(**given, number=payload["claim"])


def _transfer(row: Application, parties: Sequence[Party], payload: Any, given: Any) -> titles.Recorded:
    (one,) = book.lots_of(row)
    return titles.transfer(
        **given,
        lot=one,
        to=None if payload.get("claim") else holder_of(parties, payload, Role.BUYER),
        claim=str(payload.get("claim", "")),
        contract=str(payload.get("contract_no", "")),
        consents=_consents(row, parties),
        undertaking=bool(payload.get("undertaking", False)),
    )


def _plan_survey(row: Application, parties: Sequence[Party], payload: Any, given: Any) -> titles.Recorded:
    units = [
        titles.UnitArea(unit, floor_dm2, titles.Category(category)) for unit, floor_dm2, category in payload["units"]
    ]
    return titles.accept_survey(
        **given,
        building=payload["building"],
        stage=titles.SurveyStage(payload["stage"]),
        units=units,
        total_dm2=payload.get("total_dm2"),
        approval=row.number,
        explanation=str(payload.get("explanation", "")),
    )


def _plan_quantify(row: Application, parties: Sequence[Party], payload: Any, given: Any) -> titles.Recorded:
    (one,) = book.lots_of(row)
    consents = _consents(row, parties)
    approval, why = str(payload.get("approval", "")), _explained(row, payload)
    return titles.quantify(**given, parcel=one[:19], approval=approval, consents=consents, explanation=why)


def _plan_final(row: Application, parties: Sequence[Party], payload: Any, given: Any) -> titles.Recorded:
    (one,) = book.lots_of(row)
    consents = _consents(row, parties)
    approval, why = str(payload.get("approval", "")), _explained(row, payload)
    return titles.finalise(**given, parcel=one[:19], approval=approval, consents=consents, explanation=why)


def _explained(row: Application, payload: Mapping[str, Any]) -> str:
    """Return why the floor areas fall short of the plan permit; what no check of the survey shows explains nothing (B7.1)."""
    shown = row.papers.filter(material=evidence.CHECK).exists()
    return str(payload.get("explanation", "")).strip() if shown else ""


def _correction_area(row: Application, parties: Sequence[Party], payload: Any, given: Any) -> titles.Recorded:
    (one,) = book.lots_of(row)
    return titles.correct_area(
        **given,
        parcel=one[:19],
        area_dm2=payload["area_dm2"],
        reason=str(payload.get("reason", "")),
        consents=_consents(row, parties),
    )


def _correction_holder(row: Application, parties: Sequence[Party], payload: Any, given: Any) -> titles.Recorded:
    (one,) = book.lots_of(row)
    to = holder_of(parties, payload, Role.INTERESTED)
    return titles.correct_holder(**given, lot=one, to=to, reason=str(payload.get("reason", "")))


def _objection_set(row: Application, parties: Sequence[Party], payload: Any, given: Any) -> titles.Recorded:
    who = next(party_of(each) for each in parties if each.role == Role.INTERESTED)
    return titles.register_objection(**given, lots=book.lots_of(row), who=who, number=row.number)


def _objection_suit(row: Application, parties: Sequence[Party], payload: Any, given: Any) -> titles.Recorded:
    return titles.note_suit(**given, number=payload["objection"], case_no=str(payload.get("case_no", "")))


def _objection_end(row: Application, parties: Sequence[Party], payload: Any, given: Any) -> titles.Recorded:
    how = titles.State.DECIDED if payload.get("how") == "decided" else titles.State.WITHDRAWN
    return titles.end_objection(**given, number=payload["objection"], how=how)


RECORDERS = {
    "correction.holder": _correction_holder,
    "correction.own_holder": _correction_holder,
    "correction.area": _correction_area,
    "correction.own_area": _correction_area,
    "objection.set": _objection_set,
    "objection.suit": _objection_suit,
    "objection.end": _objection_end,
    "plan.survey": _plan_survey,
    "plan.quantify": _plan_quantify,
    "plan.final": _plan_final,
    "mortgage.set": _mortgage_set,
    "mortgage.pre": _mortgage_pre,
    "mortgage.change": _mortgage_change,
    "mortgage.transfer": _mortgage_transfer,
    "mortgage.release": _mortgage_release,
    "mortgage.cancel": _mortgage_cancel,
    "mortgage.fix": _mortgage_fix,
    "land.first": _land_first,
    "building.first": _building_first,
    "claim.notice": _claim_notice,
    "claim.cancel": _claim_cancel,
    "transfer": _transfer,
}
