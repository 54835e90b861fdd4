"""What the office asks of the book of titles: lots, holders, rights, what stands in the way; and which lots wait for an application.

`ACTS` says as which act of the conflict matrix a kind of registration is judged.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from bancheng.kernel.registrations.models import Application
from bancheng.kernel.registrations.rules import evidence
from bancheng.kernel.registrations.rules.checks import Problem
from bancheng.kernel.registrations.rules.kinds import Kind
from bancheng.kernel.titles import public as titles
from bancheng.lib.days import start_of
from bancheng.lib.refusal import Refused
from bancheng.lib.text import Text

Held = Mapping[str, titles.LotView | None]  # lots by code; None: the book has none of that code
AREA = ("correction.area", "correction.own_area")  # about the parcel, whatever it is divided into
RECORDING = "registration-"  # begins the key of everything that the office has recorded


# -- asked


def lot(region: str, code: str) -> titles.LotView | None:
    """Return the lot, None when the book has none of that code."""
    found = titles.find(region, code)
    return found if isinstance(found, titles.LotView) else None


def lots(region: str, codes: Sequence[str]) -> Held:
    """Return the lots of these codes, in their order; None where the book has none of a code."""
    found = titles.find_lots(region, codes)
    return {code: found.get(code) for code in codes}


def leaves(region: str, held: Held) -> Held:
    """Return the open lots that are meant: a building, or a whole parcel, that is divided means every unit that came of it."""
    found: dict[str, titles.LotView | None] = {}
    for code, one in held.items():
        if one is None or one.open:
            found[code] = one
            continue
        under = code if one.kind == titles.LotKind.BUILDING else code[:19]
        divided = titles.lots(region, code[:19], open_only=True)
        found |= {each.code: each for each in divided if each.code.startswith(under)}
    return found


def unknown(kind: Kind, held: Held) -> list[Problem]:
    """Return the lots that the book does not have, or has no more (B13.4)."""
    if kind.code == "land.first":
        return []
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
        for code, one in held.items()
        if one is None
    ]


def holders(kind: Kind, region: str, held: Held) -> Mapping[str, Mapping[bytes | str, str]]:
    """Return, by lot, who may dispose of it: the holders in the book, for a pre-mortgage the buyers whom the claim on it names."""
    if not kind.owners:
        return {}
    if kind.code == "mortgage.pre":
        return {code: _known(claim.holder) for code in held if (claim := claim_on(region, code)) and claim.holder}
    if kind.code in ("building.first", *AREA):
        return {code: _known(titles.parcel(region, code[:19]).developer) for code in held}
    return {code: _known(one.holder) for code, one in held.items() if one and one.holder}


def freed_by(kind: Kind, region: str, held: Held) -> Mapping[str, Mapping[bytes | str, str]]:
    """Return, by lot, whom the end of a mortgage frees: its holders, and a buyer who is not its holder yet."""
    if not kind.word:
        return {}
    found = {code: _known(one.holder) for code, one in held.items() if one and one.holder}
    for code in found:
        if (claim := claim_on(region, code)) and claim.holder:
            found[code] = _known(claim.holder)
    return found


def claim_on(region: str, code: str) -> titles.RightView | None:
    """Return the buyer's claim on a lot, None when there is none."""
    found = [each for each in titles.rights_on(region, [code]) if each.kind == titles.RightKind.CLAIM]
    return right(region, found[0].right) if found else None


def _known(holder: titles.HolderView) -> dict[bytes | str, str]:
    return {bytes(each.party.hash) or each.party.unit: each.party.name for each in holder.members}


def areas(held: Held) -> Mapping[str, int]:
    """Return the floor area of each lot, of bare land its share: what an application calls its area."""
    return {code: one.floor_dm2 or one.dm2 for code, one in held.items() if one}


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


def consents(region: str, payload: Mapping[str, Any], banks: Collection[str]) -> tuple[str, ...]:
    """Return the numbers of the rights whose holders agree: on paper, or as `banks` that are asked in the application itself.

    A bank that is asked has to agree before anything is submitted; its yes counts for the rights it was asked about and no others.
    """
    asked = [
        number
        for number in payload.get("rights_asked", ())
        if (found := right(region, number)) and found.party and found.party.unit in banks
    ]
    return (*(str(each.get("right", "")) for each in evidence.given(payload)), *asked)


def unknown_consents(region: str, payload: Mapping[str, Any]) -> list[Problem]:
    """Return the consents on paper for what the book does not have: neither a right of that number nor a lot of that code."""
    numbers = [str(each.get("right", "")) for each in evidence.given(payload)]
    return [
        Problem(
            "consent_unknown",
            Text(
                f"登记簿中没有权利{number or '（未填写）'}，其书面同意无从核对，请核对编号",
                f"The book has no right {number or '(none named)'} to which a written consent could belong; check the number",
            ),
            "paper_consents",
            status=404,
        )
        for number in numbers
        if right(region, number) is None and lot(region, number) is None
    ]


def scale(region: str, code: str) -> titles.Scale:
    """Return how much is built on the parcel of a lot, and how much may be."""
    return titles.scale(region, code[:19])


def disposed_since(kind: Kind, region: str, held: Held, erred_on: date | None) -> list[str]:
    """Return what was disposed of since a mistake that the office would correct by itself: of the lot, or of the whole parcel."""
    code = next(iter(held), "")
    if not kind.own_motion or erred_on is None or not code:
        return []
    one = "" if kind.code == "correction.own_area" else code
    return titles.disposed_since(region, code[:19], since=start_of(erred_on), lot=one)


LOCKING = (titles.RightKind.CLAIM, titles.RightKind.PRE_MORTGAGE, titles.RightKind.SEIZURE)
ACTS = {
    "correction.area": titles.Act.REPLAN,
    "correction.own_area": titles.Act.REPLAN,
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
    kind: Kind,
    region: str,
    held: Held,
    payload: Mapping[str, Any],
    *,
    consents: Sequence[str],
    apart_from: str,
) -> list[Problem]:
    """Return what the book has against it, each naming lot, entry and, of a court, its case (B13.5)."""
    by_act: dict[titles.Act, list[str]] = {}
    for code, one in _meant(kind, region, held).items():
        act = act_of(kind, one)
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
            consents=consents,
            undertaking=bool(payload.get("undertaking", False)),
            apart_from=apart_from,
        )
    own = str(payload.get("contract_no", "")) if kind.code == "claim.notice" else ""
    return [_problem(each) for each in found if not (own and each.number == own)]


def _meant(kind: Kind, region: str, held: Held) -> Held:
    """Return the open lots that an act moves; with the parcel's area those of buildings of which nothing is sold or seized: the others keep theirs."""
    found = leaves(region, held)
    if kind.code not in AREA:
        return found
    on = titles.rights_on(region, list(found))
    locked = {one.lot[:24] for one in on if one.kind in LOCKING}
    locked |= {code[:24] for code, one in found.items() if one and not one.with_developer}
    return {code: one for code, one in found.items() if code[:24] not in locked or code[19] == "W"}


def _problem(each: titles.Blocker) -> Problem:
    number = f"（{each.number}）" if each.number and each.number not in each.says.zh else ""
    number_en = f" ({each.number})" if each.number and each.number not in each.says.en else ""
    zh = f"{each.says.zh.rstrip('。，')}{number}，{each.clears.zh.rstrip('。')}"
    en = f"{each.says.en.rstrip('.')}{number_en}; {each.clears.en.rstrip('.')}"
    return Problem("lot_blocked", Text(zh, en), "lots", each.lot, 409)


# -- said to the book


def pend(row: Application, kind: Kind, *, at: datetime) -> None:
    """Write into the book that these lots have an accepted application: nothing else is recorded on them meanwhile."""
    held = [one for one in leaves(row.region, lots(row.region, lots_of(row))).values() if one is not None]
    if held:
        act = act_of(kind, held[0])
        lots_held = [one.code for one in held]
        titles.pend(region=row.region, application=row.number, lots=lots_held, act=act, at=at, correction=kind.corrects)


def unpend(row: Application, *, at: datetime) -> None:
    """Take that away again."""
    titles.unpend(region=row.region, application=row.number, at=at)


def lots_of(row: Application) -> list[str]:
    """Return the lots of an application, in the order of their codes."""
    return list(row.lots)
