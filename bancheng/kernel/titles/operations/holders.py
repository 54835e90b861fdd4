"""Parties and holders as rows: the same party and the same group are one row, whoever names them and however often."""

from collections.abc import Iterable, Mapping
from hashlib import sha256
from math import gcd, lcm

from django.db import connection
from django.db.models import Q

from bancheng.kernel.identity import public as identity
from bancheng.kernel.titles import models
from bancheng.kernel.titles.parties import Holder, Party, PartyView
from bancheng.kernel.titles.queries.ground import party_view
from bancheng.kernel.titles.rules import refusals
from bancheng.kernel.titles.rules.words import PartyKind
from bancheng.lib.refusal import Refused

HELD = "SELECT mark, id FROM titles_holding WHERE region = %s AND mark = ANY(%s::bytea[])"


def party(region: str, said: Party) -> PartyView:
    """Return the party as the book knows it, entered when it is new."""
    return parties(region, [said])[said]


def parties(region: str, said: Iterable[Party]) -> dict[Party, PartyView]:
    """Return parties as the book knows them, new ones entered: one query when all are known, three at most."""
    wanted = {one: _key(one) for one in dict.fromkeys(said)}
    known = _known(region, wanted.values())
    if missing := {key: one for one, key in wanted.items() if key not in known}:
        rows = [_row(region, one, key) for key, one in sorted(missing.items())]
        models.Party.objects.bulk_create(rows, ignore_conflicts=True)
        known |= _known(region, missing)
    return {one: known[key] for one, key in wanted.items()}


def holding(region: str, holder: Holder) -> int:
    """Return the row of the group that holds together, entered when it is new."""
    return holdings(region, [holder])[holder]


def holdings(region: str, holders: Iterable[Holder]) -> dict[Holder, int]:
    """Return the rows of many groups, new ones entered: one query when all are known. Raises Refused: title_share_sum, title_party."""
    marks = {holder: _mark(holder) for holder in dict.fromkeys(holders)}
    if not marks:
        return {}
    found = _held(region, marks.values())
    if new := {mark: holder for holder, mark in marks.items() if mark not in found}:
        _enter(region, new)
        found |= _held(region, new)
        _add_members(region, {found[mark]: holder for mark, holder in sorted(new.items())})
    return {holder: found[mark] for holder, mark in marks.items()}


def _fractions(holder: Holder) -> tuple[int, list[int | None]]:
    """Return one denominator and each member's numerator; joint holders have none."""
    if not holder.shares:
        raise refusals.fractions()
    if holder.joint:
        return 1, [None for _ in holder.shares]
    if any(
        type(share.num) is not int or type(share.den) is not int or share.num < 1 or share.den < 1
        for share in holder.shares
    ):
        raise refusals.fractions()
    den = lcm(*(share.den for share in holder.shares))
    nums = [share.num * (den // share.den) for share in holder.shares]
    if sum(nums) != den:
        raise refusals.fractions()
    least = gcd(den, *nums)
    return den // least, [num // least for num in nums]


def _mark(holder: Holder) -> bytes:
    """Return the mark that a group has whoever names it, in whatever order."""
    den, nums = _fractions(holder)
    members = sorted((_key(share.party), num or 0) for share, num in zip(holder.shares, nums, strict=True))
    return sha256(repr((holder.joint, den, members)).encode()).digest()


def _held(region: str, marks: Iterable[bytes]) -> dict[bytes, int]:
    with connection.cursor() as cursor:
        cursor.execute(HELD, [region, list(marks)])
        return {bytes(mark): pk for mark, pk in cursor.fetchall()}


def _enter(region: str, new: Mapping[bytes, Holder]) -> None:
    rows = []
    for mark, holder in sorted(new.items()):
        den, nums = _fractions(holder)
        rows.append(models.Holding(region=region, mark=mark, joint=holder.joint, den=den, size=len(nums)))
    # who enters the same group at the same time waits here, and finds the other's row
    models.Holding.objects.bulk_create(rows, ignore_conflicts=True)


def _add_members(region: str, groups: Mapping[int, Holder]) -> None:
    known = parties(region, (share.party for holder in groups.values() for share in holder.shares))
    rows = [
        models.Member(region=region, holding_id=pk, party_id=known[share.party].id, place=place, num=num)
        for pk, holder in groups.items()
        for place, (share, num) in enumerate(zip(holder.shares, _fractions(holder)[1], strict=True))
    ]
    models.Member.objects.bulk_create(rows, ignore_conflicts=True)


Key = tuple[str, str, str]  # by number and name, or by kind and unit


def _key(said: Party) -> Key:
    """Return by what somebody is found. Raises Refused: title_party."""
    if said.unit:
        return ("unit", said.kind.value, said.unit)
    if not (said.number or (said.hash and said.sealed)) or said.kind in (PartyKind.BANK, PartyKind.COURT):
        raise Refused(
            "title_party",
            "权利人须有证件号码，银行、法院须有单位代码；没有登簿。",
            en="A party needs a number, a bank or court the code of its unit; nothing was recorded.",
            status=422,
        )
    hash = identity.sealer(said.number_kind).hash(said.number) if said.number else said.hash
    return ("hash", hash.hex(), said.name)


def _row(region: str, said: Party, key: Key) -> models.Party:
    if said.unit:
        return models.Party(region=region, kind=said.kind.value, name=said.name, unit=said.unit)
    sealed = identity.seal(said.number, kind=said.number_kind) if said.number else said.sealed
    return models.Party(
        region=region,
        kind=said.kind.value,
        name=said.name,
        number_hash=bytes.fromhex(key[1]),
        number_sealed=sealed,
        number_kind=said.number_kind,
    )


def _known(region: str, keys: Iterable[Key]) -> dict[Key, PartyView]:
    keys = list(keys)
    hashes = [bytes.fromhex(key[1]) for key in keys if key[0] == "hash"]
    units = [key[2] for key in keys if key[0] == "unit"]
    asked = (Q(number_hash__in=hashes) if hashes else Q()) | (Q(number_hash=None, unit__in=units) if units else Q())
    found = models.Party.objects.filter(asked, region=region) if keys else []
    return {_key_of(row): party_view(row) for row in found}


def _key_of(row: models.Party) -> Key:
    return ("hash", bytes(row.number_hash).hex(), row.name) if row.number_hash else ("unit", row.kind, row.unit)
