"""Who holds: persons, organisations and units, and their shares of a lot."""

from dataclasses import dataclass

from bancheng.kernel.titles.rules.words import PartyKind


@dataclass(frozen=True)
class Party:
    """Somebody as the caller names him: by his number in the clear, which is sealed here, or by hash and sealed number; a bank, court or
    public body by the code of its unit."""

    kind: PartyKind
    name: str
    number: str = ""
    number_kind: str = "citizen_id"
    unit: str = ""
    hash: bytes = b""
    sealed: bytes = b""


@dataclass(frozen=True)
class Share:
    """A member of a holder with his exact fraction."""

    party: Party
    num: int = 1
    den: int = 1


@dataclass(frozen=True)
class Holder:
    """Who holds together; `joint` is 共同共有, which has no fractions."""

    shares: tuple[Share, ...]
    joint: bool = False


def person(name: str, number: str, number_kind: str = "citizen_id") -> Party:
    """Return a person by his normalised number."""
    return Party(PartyKind.PERSON, name, number=number, number_kind=number_kind)


def known(name: str, hash: bytes, sealed: bytes, number_kind: str = "citizen_id") -> Party:
    """Return a person, or with "uscc" an organisation, by hash and sealed number as identity and cases keep them."""
    kind = PartyKind.ORGANISATION if number_kind == "uscc" else PartyKind.PERSON
    return Party(kind, name, number_kind=number_kind, hash=hash, sealed=sealed)


def organisation(name: str, uscc: str) -> Party:
    """Return an organisation by its credit code."""
    return Party(PartyKind.ORGANISATION, name, number=uscc, number_kind="uscc")


def unit_party(kind: PartyKind, unit: str, name: str) -> Party:
    """Return a bank, court or public body by the code of its unit."""
    return Party(kind, name, number_kind="", unit=unit)


def sole(party: Party) -> Holder:
    """Return the holder that is one party."""
    return Holder((Share(party),))


def jointly(*parties: Party) -> Holder:
    """Return joint holders (共同共有)."""
    return Holder(tuple(Share(party) for party in parties), joint=True)


def by_shares(*shares: Share) -> Holder:
    """Return holders by fractions (按份共有)."""
    return Holder(shares)


@dataclass(frozen=True)
class PartyView:
    """Somebody as the book knows him; his number stays sealed."""

    id: int
    kind: PartyKind
    name: str
    hash: bytes = b""
    unit: str = ""
    number_kind: str = ""


@dataclass(frozen=True)
class Member:
    """A member of a holder; num and den are 0 when the holders hold jointly."""

    party: PartyView
    num: int
    den: int


@dataclass(frozen=True)
class HolderView:
    """All who hold together."""

    id: int
    joint: bool
    members: tuple[Member, ...]

    @property
    def names(self) -> str:
        """Return the names of all members."""
        return "、".join(member.party.name for member in self.members)

    @property
    def hashes(self) -> frozenset[bytes]:
        """Return the keyed hashes of all members that have a number."""
        return frozenset(member.party.hash for member in self.members if member.party.hash)
