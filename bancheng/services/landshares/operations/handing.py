"""Hands applications in to the office at a parcel's steps: surveys, plans, first registrations, and what a party brings to the counter.

Nothing is recorded here: whoever is named agrees with an account of his own, and four eyes come after it.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from bancheng.kernel.identity import public as identity
from bancheng.kernel.registrations import public as registrations
from bancheng.kernel.titles import public as titles
from bancheng.lib.days import day_of
from bancheng.lib.identifiers import Invalid, check_citizen_id, check_uscc
from bancheng.lib.refusal import Refused
from bancheng.services.landshares.operations import keeping
from bancheng.services.landshares.operations.keeping import Given
from bancheng.services.landshares.queries import doors
from bancheng.services.landshares.rules import amounts, forms, surveys

CHANNEL = "window"
FILERS = ("surveyor", "registry_acceptor")
Role = registrations.Role
Party = registrations.Party
ACTS = {"claim.notice": titles.Act.PRESALE, "transfer": titles.Act.TRANSFER}  # as what the matrix judges it
ON_RIGHT = {  # about a right that stands in the book, and the field that names it
    "claim.cancel": "claim",
    "mortgage.cancel": "right",
    "objection.suit": "objection",
    "objection.end": "objection",
}
HOLDER = ("correction.holder", "correction.own_holder")  # who holds a unit is corrected
OF_UNIT = ("claim.notice", "transfer", *HOLDER, "objection.set")  # about one unit that the form names


@dataclass(frozen=True)
class Consent:
    """A consent given on paper: the number of the right (or the code of the unit), the day it was signed as written, and its scan."""

    right: str
    dated: str
    scan: Given | None

    @property
    def said(self) -> dict[str, str]:
        """Return it as an application keeps it."""
        return {"right": self.right, "dated": self.dated, "digest": self.scan.digest if self.scan else ""}


def hand_in_survey(
    *,
    building: str,
    stage: titles.SurveyStage,
    data: bytes,
    explanation: str,
    by: identity.Actor,
    at: datetime,
    report: Given | None = None,
) -> registrations.Filed:
    """Hand the survey of a building in, with the surveyor's report if there is one. The same for the same building and stage is the same
    application. Outside of a transaction.

    Raises Refused: unit_code_…, survey_faulty, and as `documents.store` and `registrations.file`.
    """
    titles.check_building(building, parcel=titles.parcel_of(building))
    found = surveys.read(data, check=lambda code: titles.check_unit(code, building=building))
    if found.bad:
        raise Refused(
            "survey_faulty",
            f"测绘成果有{len(found.bad)}处不对，没有提交：第{found.bad[0].line}行，{found.bad[0].says.zh}",
            en=f"{len(found.bad)} things are wrong with the survey; nothing was handed in. Line {found.bad[0].line}: {found.bad[0].says.en}",
            status=422,
        )
    payload = {
        "building": building,
        "stage": stage.value,
        "units": [[row.unit, row.floor_dm2, row.category] for row in found.rows],
        "total_dm2": found.total_dm2 or sum(row.floor_dm2 for row in found.rows),
        "explanation": explanation,
    }
    rows = registrations.Paper("survey_result", "测绘成果数据", hashlib.sha256(data).hexdigest())
    lot = titles.land(titles.parcel_of(building))
    files = [("survey_result", report)] if report else []
    return _file("plan.survey", [lot], payload, [], files, more=[rows], by=by, at=at)


def hand_in(
    *,
    kind: str,
    parcel: str,
    said: Mapping[str, str],
    files: Mapping[str, Given],
    by: identity.Actor,
    at: datetime,
    consents: Sequence[Consent] = (),
) -> registrations.Filed:
    """Hand in what a form says, with its papers by what they are and the consents that were given on paper; whoever else is named is asked for
    his. Outside of a transaction.

    Raises Refused: unknown_kind, field_missing, field_wrong, consent_…, citizen_id_…, uscc_…, title_no_…, and as `documents.store` and
    `registrations.file`.
    """
    read = forms.read(kind, said)
    lots = _lots(kind, parcel, read)
    for lot in lots:
        if titles.parcel_of(lot) != parcel:
            raise doors.missing()
    payload = _payload(kind, read) | {"paper_consents": [each.said for each in consents]}
    parties = _parties(kind, parcel, lots, read, today=day_of(at))
    asked = _banks_asked(kind, lots, read, payload)
    payload["rights_asked"] = [number for number, _ in asked]
    parties += list(dict.fromkeys(bank for _, bank in asked))
    papers = [*files.items(), *((registrations.CONSENT, each.scan) for each in consents if each.scan)]
    return _file(kind, lots, payload, parties, papers, by=by, at=at)


def _banks_asked(
    kind: str, lots: Sequence[str], read: Mapping[str, str], payload: Mapping[str, Any]
) -> list[tuple[str, Party]]:
    """Return the mortgages whose banks have to agree and have not on paper, each with its bank: they are asked in the application itself."""
    numbers = read.get("ask", "").split()
    if kind in ACTS:
        stops = titles.check(
            doors.region(),
            ACTS[kind],
            lots,
            claim=str(payload.get("claim", "")),
            noticed=kind == "claim.notice",
            consents=[each["right"] for each in payload["paper_consents"]],
            undertaking=bool(payload.get("undertaking")),
        )
        numbers += [each.number for each in stops if each.verdict is titles.Verdict.CONSENT and each.unit]
    found = []
    for number in dict.fromkeys(numbers):
        bank = titles.right(doors.region(), number).party
        if bank and bank.unit:
            found.append((number, Party(Role.MORTGAGEE, "unit", bank.name, unit=bank.unit)))
    return found


def _lots(kind: str, parcel: str, read: Mapping[str, str]) -> list[str]:
    """Return the lots that are meant. Raises Refused: title_no_right, title_no_lot."""
    if kind in OF_UNIT:
        return [titles.lot(doors.region(), read["lot"].upper()).code]
    if kind == "building.first":
        return [read["building"]]
    if kind == "mortgage.release":
        return forms.codes(read["lots"])
    if kind in ON_RIGHT:
        return [one.lot for one in _right(kind, read).lots if one.open]
    return [titles.land(parcel)]


def _right(kind: str, read: Mapping[str, str]) -> titles.RightView:
    return titles.right(doors.region(), read[ON_RIGHT.get(kind, "right")])


def _payload(kind: str, read: Mapping[str, str]) -> dict[str, Any]:
    """Return what the recording needs to know, under the names that the office gives it."""
    found: dict[str, Any] = {
        name: read[name]
        for name in (
            "approval",
            "contract_no",
            "permit",
            "claim",
            "right",
            "use",
            "reason",
            "objection",
            "case_no",
            "how",
            "explanation",
            "erred_on",
            "noticed_on",
        )
        if read.get(name)
    }
    if kind == forms.OPENING:
        found.pop("permit", None)
        permit = {"permit_dm2": amounts.read(read["permit"])} if read["permit"] else {}
        known = {"area_dm2": amounts.read(read["area"]), "term_until": read["term_until"], "origin": read["origin"]}
        return found | known | permit
    if "area" in read:
        found["area_dm2"] = amounts.read(read["area"])
    if "approval" in found:
        found["acceptance"] = found["approval"]
    if kind == "transfer":
        found["undertaking"] = read["undertaking"] == "yes"
    return found


def _parties(kind: str, parcel: str, lots: Sequence[str], read: Mapping[str, str], *, today: date) -> list[Party]:
    """Return whom the kind wants named: as the book knows them where they stand in it, as written where they do not."""
    if kind == forms.OPENING:
        name, number = read["developer_name"], _sound(lambda: check_uscc(read["developer_uscc"]))
        return [Party(Role.DEVELOPER, "organisation", name, number)]
    if kind in ("mortgage.release", "mortgage.cancel"):
        bank = _right(kind, read).party
        return [Party(Role.MORTGAGEE, "unit", bank.name, unit=bank.unit)] if bank else []
    found: list[Party] = []
    if Role.DEVELOPER in registrations.kind(kind).roles:
        found += _holders(Role.DEVELOPER, titles.parcel(doors.region(), parcel).developer)
    if kind == "claim.cancel":
        found += _holders(Role.BUYER, _right(kind, read).holder)
    if kind == "transfer":
        found += _sellers(lots[0], read, today)
    if kind in HOLDER:
        found += _holders(Role.HOLDER, titles.lot(doors.region(), lots[0]).holder)
    if kind in (*HOLDER, "objection.set"):
        found.append(
            Party(
                Role.INTERESTED,
                "person",
                read["who_name"],
                _sound(lambda: check_citizen_id(read["who_id"], today=today)),
            )
        )
    if "objection" in read:
        objector = _right(kind, read).party
        found += [_named(Role.INTERESTED, objector)] if objector else []
    if kind in ("claim.notice", "transfer"):
        found += _buyers(kind, read, today)
    return found


def _buyers(kind: str, read: Mapping[str, str], today: date) -> list[Party]:
    """Return who buys: of a claim that is fulfilled whoever stands in the book, otherwise who is written."""
    if kind == "transfer" and read["claim"]:
        return _holders(Role.BUYER, titles.right(doors.region(), read["claim"]).holder)
    if not read["buyer_name"]:
        raise Refused(
            "field_missing",
            "请填写买受人，或者填写预售合同编号；没有提交。",
            en="Name the buyer, or the presale contract; nothing was handed in.",
            status=422,
        )
    return [
        Party(Role.BUYER, "person", read["buyer_name"], _sound(lambda: check_citizen_id(read["buyer_id"], today=today)))
    ]


def _sellers(lot: str, read: Mapping[str, str], today: date) -> list[Party]:
    """Return who holds a lot, the first as seller; his spouse too, where one is written."""
    held = _holders(Role.SELLER, titles.lot(doors.region(), lot).holder)
    if not read["spouse_name"]:
        return held
    number = _sound(lambda: check_citizen_id(read["spouse_id"], today=today))
    first = held[0]
    married = Party(first.role, first.kind, first.name, first.identifier, married=True)
    return [
        married,
        *held[1:],
        Party(Role.SPOUSE, "person", read["spouse_name"], number, spouse_of=first.name),
    ]


def _holders(role: Role, holder: titles.HolderView | None) -> list[Party]:
    """Return the members of a holder by the numbers that the book keeps sealed; of joint sellers all but the first as co-holders."""
    found = []
    for place, member in enumerate(holder.members if holder else ()):
        joint = place and role in (Role.SELLER, Role.HOLDER)
        found.append(_named(Role.CO_HOLDER if joint else role, member.party))
    return found


def _named(role: Role, view: titles.PartyView) -> Party:
    """Return somebody as the book knows him, by the number that it keeps sealed."""
    one = titles.named_again(doors.region(), view)
    kind = "person" if one.kind is titles.PartyKind.PERSON else "organisation"
    return Party(role, kind, one.name, identity.open_sealed(one.sealed, kind=one.number_kind))


def _file(
    kind: str,
    lots: Sequence[str],
    payload: Mapping[str, Any],
    parties: Sequence[Party],
    files: Sequence[tuple[str, Given]],
    *,
    by: identity.Actor,
    at: datetime,
    more: Sequence[registrations.Paper] = (),
) -> registrations.Filed:
    unit = _unit(by)
    scope, named = unit or by.ref, [*more, *(_named_paper(code, each) for code, each in files)]
    key = _key(kind, lots, payload, named)
    given: dict[str, Any] = {
        "region": doors.region(),
        "kind": kind,
        "key": key,
        "channel": CHANNEL,
        "by": by,
        "parties": parties,
    }
    given |= {"lots": lots, "payload": payload, "acting_for_unit": unit, "at": at}
    if not files or registrations.by_key(key, region=doors.region(), scope=scope) is not None:
        return registrations.file(**given, papers=named)
    return _with_papers(given, files, more, scope=scope)


def _with_papers(
    given: Mapping[str, Any], files: Sequence[tuple[str, Given]], more: Sequence[registrations.Paper], *, scope: str
) -> registrations.Filed:
    """File with papers that are kept first; what the office refuses, or has as another's application already, leaves none behind."""
    by, at = given["by"], given["at"]
    upload, kept = keeping.keep(files, key=given["key"], scope=scope, by=by, at=at)
    try:
        filed = registrations.file(**given, papers=[*more, *kept])
    except Refused:
        keeping.let_go(upload, by=by.ref, at=at)
        raise
    if filed.again:
        keeping.let_go(upload, by=by.ref, at=at)
    else:
        upload.delete()
    return filed


def _named_paper(material: str, one: Given) -> registrations.Paper:
    return registrations.Paper(material, one.name, one.digest)


def _key(kind: str, lots: Sequence[str], payload: Mapping[str, Any], papers: Sequence[registrations.Paper]) -> str:
    """Return what makes a form the same form: sent twice it is one case; once the book has moved on it is another."""
    parcel = titles.parcel_of(lots[0]) if lots else ""
    version = 0 if kind == forms.OPENING else titles.parcel(doors.region(), parcel).version
    told = json.dumps([list(lots), payload, sorted(paper.digest for paper in papers)], sort_keys=True, default=str)
    return f"shares-{kind}-{parcel}-{version}-{hashlib.sha256(told.encode()).hexdigest()[:24]}"


def _unit(by: identity.Actor) -> str:
    return next((unit for role in FILERS for unit in by.units(role)), "")


def is_filer(actor: identity.Actor, unit: str) -> bool:
    """Return whether the actor hands in for a unit."""
    return bool(unit) and any(actor.has(role, unit=unit) for role in FILERS)


def _sound(number: Callable[[], str]) -> str:
    """Return an identifier that was checked. Raises Refused with what is wrong about it."""
    try:
        return number()
    except Invalid as wrong:
        raise Refused(
            wrong.code, f"{wrong.says}没有提交。", en=f"{wrong.en} Nothing was handed in.", status=422
        ) from None
