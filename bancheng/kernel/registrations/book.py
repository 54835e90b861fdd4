"""What the office asks of the book of titles, and what it has it record: the one place that knows the titles' operations.

Each kind of registration has one operation of the book; `ACTS` says as which act of the conflict matrix it is judged.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from bancheng.kernel.registrations.models import Application, Party
from bancheng.kernel.registrations.rules import checks
from bancheng.kernel.registrations.rules.checks import Problem
from bancheng.kernel.registrations.rules.kinds import Kind, Role
from bancheng.kernel.titles import public as titles
from bancheng.lib.refusal import Refused
from bancheng.lib.text import Text

RECORDING = "registration-"  # begins the key of everything that the office has recorded


# -- asked


def lot(region: str, code: str) -> titles.LotView | None:
    """Return the lot, None when the book has none of that code."""
    found = titles.find(region, code)
    return found if isinstance(found, titles.LotView) else None


def root_of(code: str) -> str:
    """Return the lot that is the whole parcel."""
    return f"{code[:19]}W00000000"


def unknown(kind: Kind, region: str, lots: Sequence[str]) -> list[Problem]:
    """Return the lots that the book does not have, or has no more (B13.4)."""
    if kind.code == "land.first":
        return []
    found = {code: lot(region, code) for code in lots}
    return [
        Problem(
            "lot_unknown",
            Text(
                f"登记簿中没有不动产单元{code}，请核对28位代码", f"The book has no unit {code}; check its 28 characters"
            ),
            "lots",
            code,
            404,
        )
        for code, held in found.items()
        if held is None
    ]


def holders(kind: Kind, region: str, lots: Sequence[str]) -> Mapping[str, Mapping[bytes | str, str]]:
    """Return, by lot, who may dispose of it: the holders in the book, for a pre-mortgage the buyers whom the claim on it names."""
    if not kind.owners:
        return {}
    if kind.code == "mortgage.pre":
        return {code: _known(claim.holder) for code in lots if (claim := claim_on(region, code)) and claim.holder}
    if kind.code == "building.first":
        return {code: _known(titles.parcel(region, code[:19]).developer) for code in lots}
    return {code: _known(held.holder) for code in lots if (held := lot(region, code)) and held.holder}


def claim_on(region: str, code: str) -> titles.RightView | None:
    """Return the buyer's claim on a lot, None when there is none."""
    found = [each for each in titles.rights_on(region, [code]) if each.kind == titles.RightKind.CLAIM]
    return right(region, found[0].right) if found else None


def _known(holder: titles.HolderView) -> dict[bytes | str, str]:
    return {bytes(each.party.hash) or each.party.unit: each.party.name for each in holder.members}


def areas(region: str, lots: Sequence[str]) -> Mapping[str, int]:
    """Return the floor area of each lot, of bare land its share: what an application calls its area."""
    found = {code: lot(region, code) for code in lots}
    return {code: held.floor_dm2 or held.dm2 for code, held in found.items() if held}


def version(region: str, code: str) -> int:
    """Return the version of the parcel of a lot."""
    return int(titles.parcel(region, code[:19]).version)


def right(region: str, number: str) -> titles.RightView | None:
    """Return a right by its number, None when there is none."""
    try:
        return titles.right(region, number)
    except Refused:
        return None


def right_lots(region: str, number: str) -> tuple[str, ...]:
    """Return the lots on which a right rests now."""
    found = right(region, number)
    return tuple(each.lot for each in found.lots if each.open) if found else ()


ACTS = {
    "mortgage.pre": titles.Act.PRE_MORTGAGE,
    "transfer": titles.Act.TRANSFER,
    "building.first": titles.Act.FIRST_REGISTRATION,
    "claim.notice": titles.Act.PRESALE,
}


def act_of(kind: Kind, held: titles.LotView | None) -> titles.Act | None:
    """Return as which act the matrix judges it; None: nothing ever blocks it (a release, a cancellation)."""
    if kind.code == "mortgage.set":
        return titles.Act.DEVELOPER_MORTGAGE if held is None or held.with_developer else titles.Act.OWNER_MORTGAGE
    return ACTS.get(kind.code)


def blockers(
    kind: Kind, region: str, lots: Sequence[str], payload: Mapping[str, Any], *, apart_from: str
) -> list[Problem]:
    """Return what the book has against it, each naming lot, entry and, of a court, its case (B13.5)."""
    by_act: dict[titles.Act, list[str]] = {}
    for code in lots:
        act = act_of(kind, lot(region, code))
        if act is not None:
            by_act.setdefault(act, []).append(code)
    found: list[titles.Blocker] = []
    for act, codes in by_act.items():
        found += titles.check(
            region,
            act,
            codes,
            claim=str(payload.get("claim", "")),
            noticed=kind.code == "claim.notice",
            consents=tuple(payload.get("right_consents", ())),
            undertaking=bool(payload.get("undertaking", False)),
            apart_from=apart_from,
        )
    own = str(payload.get("contract_no", "")) if kind.code == "claim.notice" else ""
    return [_problem(each) for each in found if not (own and each.number == own)]


def _problem(each: titles.Blocker) -> Problem:
    number = f"（{each.number}）" if each.number and each.number not in each.says.zh else ""
    number_en = f" ({each.number})" if each.number and each.number not in each.says.en else ""
    zh = f"{each.says.zh.rstrip('。，')}{number}，{each.clears.zh.rstrip('。')}"
    en = f"{each.says.en.rstrip('.')}{number_en}; {each.clears.en.rstrip('.')}"
    return Problem("lot_blocked", Text(zh, en), "lots", each.lot, 409)


# -- said to the book


def pend(row: Application, kind: Kind, *, at: datetime) -> None:
    """Write into the book that these lots have an accepted application: nothing else is recorded on them meanwhile."""
    lots = [code for code in lots_of(row) if lot(row.region, code) is not None]
    if lots:
        act = act_of(kind, lot(row.region, lots[0]))
        titles.pend(region=row.region, application=row.number, lots=lots, act=act, at=at)


def unpend(row: Application, *, at: datetime) -> None:
    """Take that away again."""
    titles.unpend(region=row.region, application=row.number, at=at)


def lots_of(row: Application) -> list[str]:
    """Return the lots of an application, in the order of their codes."""
    return list(row.subjects.order_by("lot").values_list("lot", flat=True))


def record(row: Application, *, by: str, at: datetime) -> titles.Recorded:
    """Have the book record the application, by the operation of its kind, in the caller's transaction (R7.1, R13.2)."""
    parties = list(row.parties.order_by("seq"))
    given = {
        "region": row.region,
        "key": f"{RECORDING}{row.pk}",
        "registration": row.number,
        "by": by,
        "at": at,
        "document": _document(row),
    }
    return RECORDERS[row.kind](row, parties, row.payload, given)


def _document(row: Application) -> str:
    paper = row.papers.order_by("seq").first()
    return f"{paper.material}:{paper.digest[:16]}" if paper else row.number


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
        lots=lots_of(row),
        bank=bank_of(parties),
        number=row.number,
        form=forms.get(form, titles.Form.ORDINARY),
        amount_fen=payload["principal_fen"],
        debtor=str(payload.get("debtor", "")),
        term_first=checks.day(payload.get("first")),
        term_last=checks.day(payload.get("last")),
        transfer_restricted=bool(payload.get("transfer_restricted", False)),
        consents=tuple(payload.get("right_consents", ())),
    )


def _mortgage_pre(row: Application, parties: Sequence[Party], payload: Any, given: Any) -> titles.Recorded:
    (one,) = lots_of(row)
    consents = tuple(payload.get("right_consents", ()))
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
    return titles.release_mortgage(**given, number=payload["right"], lots=lots_of(row), amount_fen=amount)


def _mortgage_cancel(row: Application, parties: Sequence[Party], payload: Any, given: Any) -> titles.Recorded:
    return titles.cancel_mortgage(**given, number=payload["right"])


def _mortgage_fix(row: Application, parties: Sequence[Party], payload: Any, given: Any) -> titles.Recorded:
    return titles.fix_mortgage(**given, number=payload["right"], reason=str(payload.get("reason", "")))


def _land_first(row: Application, parties: Sequence[Party], payload: Any, given: Any) -> titles.Recorded:
    (one,) = lots_of(row)
    return titles.open_parcel(
        **given,
        parcel=one[:19],
        area_dm2=payload["area_dm2"],
        holder=holder_of(parties, payload, Role.DEVELOPER),
        use=str(payload.get("use", "")),
        term_until=checks.day(payload.get("term_until")),
    )


def _building_first(row: Application, parties: Sequence[Party], payload: Any, given: Any) -> titles.Recorded:
    (one,) = lots_of(row)
    acceptance = str(payload.get("acceptance", ""))
    return titles.first_register(**given, building=one, acceptance=acceptance)


def _claim_notice(row: Application, parties: Sequence[Party], payload: Any, given: Any) -> titles.Recorded:
    number = payload["contract_no"]
    if right(row.region, number) is not None:
        return titles.note_claim(**given, number=number)
    (one,) = lots_of(row)
    return titles.open_claim(
        **given,
        lot=one,
        buyer=holder_of(parties, payload, Role.BUYER),
        number=number,
        noticed=True,
        permit=str(payload.get("permit", "")),
        consents=tuple(payload.get("right_consents", ())),
    )


def _claim_cancel(row: Application, parties: Sequence[Party], payload: Any, given: Any) -> titles.Recorded:
    return titles.cancel_claim(**given, number=payload["claim"])


def _transfer(row: Application, parties: Sequence[Party], payload: Any, given: Any) -> titles.Recorded:
    (one,) = lots_of(row)
    return titles.transfer(
        **given,
        lot=one,
        to=None if payload.get("claim") else holder_of(parties, payload, Role.BUYER),
        claim=str(payload.get("claim", "")),
        contract=str(payload.get("contract_no", "")),
        consents=tuple(payload.get("right_consents", ())),
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
    (one,) = lots_of(row)
    consents = tuple(payload.get("right_consents", ()))
    return titles.quantify(**given, parcel=one[:19], approval=str(payload.get("approval", "")), consents=consents)


def _plan_final(row: Application, parties: Sequence[Party], payload: Any, given: Any) -> titles.Recorded:
    (one,) = lots_of(row)
    consents = tuple(payload.get("right_consents", ()))
    return titles.finalise(**given, parcel=one[:19], approval=str(payload.get("approval", "")), consents=consents)


RECORDERS = {
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
