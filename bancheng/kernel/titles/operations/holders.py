"""Parties and holders as rows: the same party and the same group are one row, whoever names them and however often."""

from collections.abc import Iterable
from fractions import Fraction
from hashlib import sha256
from math import lcm

from bancheng.kernel.identity import public as identity
from bancheng.kernel.titles import models
from bancheng.kernel.titles.facts import Holder, Party, PartyView
from bancheng.kernel.titles.queries.ground import party_view
from bancheng.kernel.titles.rules import refusals
from bancheng.kernel.titles.rules.words import PartyKind
from bancheng.lib.refusal import Refused


def party(region: str, said: Party) -> PartyView:
    """Return the party as the book knows it, entered when it is new."""
    return parties(region, [said])[said]


def parties(region: str, said: Iterable[Party]) -> dict[Party, PartyView]:
    """Return parties as the book knows them, new ones entered: one query when all are known, three at most."""
    wanted = {one: _row(region, one) for one in dict.fromkeys(said)}
    known = _known(region, wanted.values())
    if missing := {_mark(row): row for row in wanted.values() if _mark(row) not in known}:
        models.Party.objects.bulk_create([missing[mark] for mark in sorted(missing)], ignore_conflicts=True)
        known |= _known(region, missing.values())
    return {one: known[_mark(row)] for one, row in wanted.items()}


def holding(region: str, holder: Holder) -> int:
    """Return the row of the group that holds together, entered when it is new."""
    return holdings(region, [holder])[holder]


def holdings(region: str, holders: Iterable[Holder]) -> dict[Holder, int]:
    """Return the rows of many groups. Raises Refused: title_share_sum."""
    holders = list(dict.fromkeys(holders))
    if not holders:
        return {}
    known = parties(region, (share.party for holder in holders for share in holder.shares))
    groups = {holder: _group(holder, known) for holder in holders}
    marks = {holder: _mark_of(holder, group) for holder, group in groups.items()}
    found = _held(region, marks.values())
    new = {marks[holder]: holder for holder in holders if marks[holder] not in found}
    if new:
        rows = [
            models.Holding(region=region, mark=mark, joint=one.joint, den=groups[one][0], size=len(groups[one][1]))
            for mark, one in sorted(new.items(), key=lambda item: item[0])
        ]
        # who enters the same group at the same time waits here, and finds the other's row
        models.Holding.objects.bulk_create(rows, ignore_conflicts=True)
        found |= _held(region, new)
        _add_members(region, {found[mark]: groups[one] for mark, one in sorted(new.items(), key=lambda item: item[0])})
    return {holder: found[mark] for holder, mark in marks.items()}


Group = tuple[int, list[tuple[int, int | None]]]  # one denominator, and each member's party and numerator


def _group(holder: Holder, known: dict[Party, PartyView]) -> Group:
    if not holder.shares:
        raise refusals.fractions()
    if holder.joint:
        return 1, [(known[share.party].id, None) for share in holder.shares]
    if any(
        type(share.num) is not int or type(share.den) is not int or share.num < 1 or share.den < 1
        for share in holder.shares
    ):
        raise refusals.fractions()
    fractions = [Fraction(share.num, share.den) for share in holder.shares]
    if sum(fractions) != 1:
        raise refusals.fractions()
    den = lcm(*(each.denominator for each in fractions))
    return den, [(known[share.party].id, int(each * den)) for share, each in zip(holder.shares, fractions, strict=True)]


def _mark_of(holder: Holder, group: Group) -> bytes:
    den, members = group
    return sha256(repr((holder.joint, den, sorted((party, num or 0) for party, num in members))).encode()).digest()


def _held(region: str, marks: Iterable[bytes]) -> dict[bytes, int]:
    rows = models.Holding.objects.filter(region=region, mark__in=list(marks)).values_list("mark", "id")
    return {bytes(mark): pk for mark, pk in rows}


def _add_members(region: str, groups: dict[int, Group]) -> None:
    rows = [
        models.Member(region=region, holding_id=pk, party_id=party, place=place, num=num)
        for pk, (_, members) in groups.items()
        for place, (party, num) in enumerate(members)
    ]
    models.Member.objects.bulk_create(rows, ignore_conflicts=True)


def _row(region: str, said: Party) -> models.Party:
    if said.unit:
        return models.Party(region=region, kind=said.kind.value, name=said.name, unit=said.unit)
    hash, sealed = said.hash, said.sealed
    if said.number:
        sealer = identity.sealer(said.number_kind)
        hash, sealed = sealer.hash(said.number), sealer.seal(said.number)
    if not (hash and sealed) or said.kind in (PartyKind.BANK, PartyKind.COURT):
        raise Refused(
            "title_party",
            "权利人须有证件号码，银行、法院须有单位代码；没有登簿。",
            en="A party needs a number, a bank or court the code of its unit; nothing was recorded.",
            status=422,
        )
    return models.Party(
        region=region, kind=said.kind.value, name=said.name, hash=hash, sealed=sealed, number_kind=said.number_kind
    )


def _mark(row: models.Party) -> tuple[str, ...]:
    return ("hash", bytes(row.hash).hex(), row.name) if row.hash else ("unit", row.kind, row.unit)


def _known(region: str, rows: Iterable[models.Party]) -> dict[tuple[str, ...], PartyView]:
    rows = list(rows)
    hashes = [row.hash for row in rows if row.hash]
    units = [row.unit for row in rows if row.unit]
    mine = models.Party.objects.filter(region=region)
    found = mine.filter(hash__in=hashes) if hashes else mine.none()
    if units:
        found = (
            found.union(mine.filter(hash=None, unit__in=units), all=True)
            if hashes
            else mine.filter(hash=None, unit__in=units)
        )
    return {_mark(row): party_view(row) for row in found}
