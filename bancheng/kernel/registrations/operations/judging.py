"""The automatic checks: on filing, on accepting and once more in the transaction that records; everything at once."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.identity import public as identity
from bancheng.kernel.registrations import book, shipped
from bancheng.kernel.registrations.facts import Party, Request
from bancheng.kernel.registrations.models import Application
from bancheng.kernel.registrations.rules import checks, evidence
from bancheng.kernel.registrations.rules.checks import Named, Problem
from bancheng.kernel.registrations.rules.kinds import Filer, Kind, Role
from bancheng.kernel.titles import public as titles
from bancheng.lib import dated
from bancheng.lib.days import day_of
from bancheng.lib.money import yuan
from bancheng.lib.text import Text

ID_KINDS = {"person": "citizen_id", "organisation": "uscc"}


def known_of(party: Party) -> bytes | str:
    """Return by what somebody named is known: the hash of his number, or his unit's code."""
    if party.kind == "unit":
        return party.unit
    return identity.find_hash(party.identifier, kind=ID_KINDS[party.kind])


def named_of(parties: Sequence[Party]) -> list[Named]:
    """Return those named in what is filed, as the checks need them."""
    return [
        Named(Role(each.role), each.kind, each.name, known_of(each), each.married, each.spouse_of) for each in parties
    ]


def named_in(row: Application) -> list[Named]:
    """Return those named in an application, as the checks need them."""
    return [
        Named(Role(each.role), each.kind, each.name, bytes(each.id_hash) or each.unit, each.married, each.spouse_of)
        for each in row.parties.order_by("seq")
    ]


def on_filing(asked: Request, filer: Filer, held: book.Held, *, today: date) -> list[Problem]:
    """Return all that stands against what is filed for the lots that are meant; nothing is written."""
    kind, named = shipped.kind(asked.kind), named_of(asked.parties)
    lots = tuple(held)
    found = [
        *checks.parties(kind, filer, named),
        *checks.size(named, lots),
        *checks.papers(kind, {each.material for each in asked.papers}, word=filer in kind.word),
        *checks.freed(kind, filer, named, book.freed_by(kind, asked.region, held)),
        *checks.amounts(kind, asked.payload, today),
        *_right(kind, asked, named, today),
        *_objection(kind, asked, named),
        *_one_parcel(lots),
        *_shown(kind, asked.payload, [(each.material, each.digest) for each in asked.papers], today),
    ]
    unknown = book.unknown(kind, held)
    if unknown or any(each.field == "lots" for each in found):
        return found + unknown
    materials = {each.material for each in asked.papers}
    return [
        *found,
        *_scale(kind, asked.region, held, asked.payload, materials),
        *of_book(kind, asked.region, held, asked.payload, named, apart_from=""),
    ]


def on_recording(row: Application, *, today: date) -> list[Problem]:
    """Return what stands against recording an accepted application now: the book may have changed since it was filed (B13.5)."""
    kind, named = shipped.kind(row.kind), named_in(row)
    held = book.lots(row.region, book.lots_of(row))
    # most applications have nothing to show on paper: no question is asked for them
    shows = kind.divides or evidence.given(row.payload)
    papers = list(row.papers.values_list("material", "digest")) if shows else []
    found = [
        *checks.amounts(kind, row.payload, today),
        *_shown(kind, row.payload, papers, today),
        *book.unknown(kind, held),
    ]
    return found or [
        *_scale(kind, row.region, held, row.payload, {material for material, _ in papers}),
        *of_book(kind, row.region, held, row.payload, named, apart_from=row.number),
    ]


def _shown(kind: Kind, payload: Mapping[str, Any], papers: Sequence[tuple[str, str]], today: date) -> list[Problem]:
    """Return what is wrong with what has to be shown on paper; `papers` are materials with digests."""
    scans = {digest for material, digest in papers if material == evidence.CONSENT}
    found = list(evidence.consents(payload, scans=scans, today=today))
    if kind.own_motion:
        ends = _notice_ends(checks.day(payload.get("noticed_on")), today)
        found += evidence.own_motion(payload, notice_ends=ends, today=today)
    return found


def _notice_ends(noticed_on: date | None, today: date) -> date | None:
    """Return the last day on which the holder may apply himself."""
    if noticed_on is None:
        return None
    return clocks.calendar().add(noticed_on, dated.in_force(shipped.own_motion(), today).value.notice_days)


def _scale(kind: Kind, region: str, held: book.Held, payload: Mapping[str, Any], materials: set[str]) -> list[Problem]:
    """Return that the floor areas fall short of the plan permit, where nobody has explained it (B7.1)."""
    if not kind.divides or not held:
        return []
    found = book.scale(region, next(iter(held)))
    return list(evidence.permit(kind, payload, materials, total_dm2=found.total_dm2, permit_dm2=found.permit_dm2))


def of_book(
    kind: Kind,
    region: str,
    held: book.Held,
    payload: Mapping[str, Any],
    named: Sequence[Named],
    *,
    apart_from: str,
) -> list[Problem]:
    """Return where the application and the book do not agree, and what the book has against it."""
    return [
        *checks.areas(payload, book.areas(held)),
        *checks.owners(kind, named, book.holders(kind, region, held)),
        *book.unknown_consents(region, payload),
        *evidence.barred(kind, book.disposed_since(kind, region, held, checks.day(payload.get("erred_on")))),
        *book.blockers(
            kind,
            region,
            held,
            payload,
            consents=book.consents(region, payload, banks_of(named)),
            apart_from=apart_from,
        ),
    ]


def banks_of(named: Sequence[Named]) -> set[str]:
    """Return the units of the mortgagees that are named."""
    return {str(each.known) for each in named if each.role is Role.MORTGAGEE}


def meant(kind: Kind, asked: Request) -> book.Held:
    """Return the lots that are meant: those named, of an existing right all on which it rests; of what is divided and mortgaged each unit."""
    named = asked.lots
    if kind.on_right and not named:
        named = book.right_lots(asked.region, str(asked.payload.get("right", "")))
    held = book.lots(asked.region, named)
    return book.leaves(asked.region, held) if kind.code == "mortgage.set" else held


def _one_parcel(lots: Sequence[str]) -> list[Problem]:
    if len({code[:19] for code in lots}) <= 1:
        return []
    says = Text("一件申请的不动产单元须在同一宗地", "The units of one application lie in one parcel")
    return [Problem("lots_of_two_parcels", says, "lots")]


def _right(kind: Kind, asked: Request, named: Sequence[Named], today: date) -> list[Problem]:
    """Return what is wrong about the right that is to be changed: none of that number, or of another bank (B13.7)."""
    if not kind.on_right:
        return []
    number = str(asked.payload.get("right", ""))
    found = book.right(asked.region, number)
    if found is None:
        says = Text(
            f"登记簿中没有抵押权{number or '（未填写）'}", f"The book has no mortgage {number or '(none given)'}"
        )
        return [Problem("right_unknown", says, "right", status=404)]
    bank = next((each.known for each in named if each.role is Role.MORTGAGEE), "")
    if found.party is None or found.party.unit != bank:
        says = Text(
            f"抵押权{number}的抵押权人不是申请的这家银行，只有登记簿上的抵押权人可以申请",
            f"Mortgage {number} is not this bank's; only the mortgagee in the book may file",
        )
        return [Problem("not_the_mortgagee", says, "right", status=403)]
    if kind.code == "mortgage.release":
        return _not_covered(found, asked.lots)
    return _not_to_fix(found, asked.payload, today) if kind.code == "mortgage.fix" else []


def _not_covered(found: titles.RightView, lots: Sequence[str]) -> list[Problem]:
    """Return the lots of a release that the mortgage does not cover; a building means all it covers there."""
    covered = [each.lot for each in found.lots if each.open]
    return [
        Problem(
            "lot_not_covered",
            Text(
                f"抵押权{found.number}没有抵押不动产单元{code}，或已经解押，请核对解押清单",
                f"Mortgage {found.number} does not cover {code}, or no more; check the list",
            ),
            "lots",
            code,
        )
        for code in lots
        if not any(each.startswith(code) for each in covered)
    ]


def _not_to_fix(found: titles.RightView, payload: Mapping[str, Any], today: date) -> list[Problem]:
    """Return why a mortgage cannot be fixed: it is none of a maximum amount, or its amount is fixed (民法典 第四百二十三条); else what is wrong
    about the amount and the day."""
    if found.form is not titles.Form.MAXIMUM:
        says = Text(
            f"抵押权{found.number}不是最高额抵押权，没有债权要确定",
            f"Mortgage {found.number} is not of a maximum amount; nothing is to be fixed",
        )
        return [Problem("not_a_maximum", says, "right")]
    if found.fixed_fen is not None:
        says = Text(
            f"抵押权{found.number}的债权已经确定，不再确定",
            f"What mortgage {found.number} secures is fixed already",
        )
        return [Problem("fixed_already", says, "right", status=409)]
    return [*_fixed_amount(found, payload), *_fixed_day(found, payload, today)]


def _fixed_amount(found: titles.RightView, payload: Mapping[str, Any]) -> Iterator[Problem]:
    if not titles.may_amount(payload.get("principal_fen"), found.amount_fen):
        most = yuan(found.amount_fen or 0)
        says = Text(
            f"请填写确定的债权额，大于零且不超过最高债权额{most}元",
            f"Say how much is fixed: more than nothing and at most the maximum of {most} yuan",
        )
        yield Problem("fixed_amount_wrong", says, "principal_fen")


def _fixed_day(found: titles.RightView, payload: Mapping[str, Any], today: date) -> Iterator[Problem]:
    said = checks.day(payload.get("fixed_on"))
    first = day_of(found.priority_at)
    unread = bool(payload.get("fixed_on")) and said is None
    if unread or titles.day_of_fixing(said, known=found.fixed_on, first=first, today=today) is None:
        last = found.fixed_on or today
        says = Text(
            f"请填写债权确定日，在抵押权设立之日{first}至{last}之间" + ("（已因查封确定）" if found.fixed_on else ""),
            f"Say the day on which the claim was fixed, from the mortgage's {first} to {last}"
            + (", when a seizure fixed it" if found.fixed_on else ""),
        )
        yield Problem("fixed_day_wrong", says, "fixed_on")


def _objection(kind: Kind, asked: Request, named: Sequence[Named]) -> list[Problem]:
    """Return what is wrong about the objection that is meant: none of that number alive, or of somebody else."""
    if not kind.on_objection:
        return []
    number = str(asked.payload.get("objection", ""))
    found = book.right(asked.region, number)
    if found is None or found.kind is not titles.RightKind.OBJECTION or not any(each.open for each in found.lots):
        says = Text(
            f"登记簿中没有有效的异议登记{number or '（未填写）'}",
            f"No objection {number or '(none given)'} stands in the book",
        )
        return [Problem("objection_unknown", says, "objection", status=404)]
    whose = bytes(found.party.hash) if found.party else b""
    if whose not in {each.known for each in named if each.role is Role.INTERESTED}:
        says = Text(
            f"异议登记{number}不是申请人提出的，只有异议申请人可以申请",
            f"Objection {number} is somebody else's; only who objected may file",
        )
        return [Problem("not_the_objector", says, "objection", status=403)]
    return []
