"""Who somebody is in an application, and what he said of it: kept with the sentence that he was shown."""

from collections.abc import Sequence
from datetime import datetime

from bancheng.kernel.identity import public as identity
from bancheng.kernel.registrations import book, shipped
from bancheng.kernel.registrations.models import Application, Consent, Party
from bancheng.kernel.registrations.rules import texts
from bancheng.kernel.registrations.rules.kinds import CANCELLATION, Role
from bancheng.kernel.registrations.rules.words import AGENCY
from bancheng.lib.text import Text


def own(row: Application, by: identity.Actor | str, at: datetime) -> list[Party]:
    """Return the parties that this account is: the person himself, an organisation he acts for, or the bank he approves for.

    A machine is its bank, "unit:boc", once the door has verified its signature.
    """
    if isinstance(by, str):
        return list(row.parties.filter(kind="unit", unit=by.removeprefix("unit:")).order_by("seq"))
    himself, hashes = own_hash(by), set(identity.person_hashes(by, at, service=AGENCY))
    return [each for each in row.parties.order_by("seq") if _is(each, by, himself, hashes)]


def own_hash(by: identity.Actor) -> bytes:
    """Return the hash of the person who is signed in himself; empty for staff and machines."""
    return bytes(identity.person(by.person_id).citizen_id_hash) if by.person_id else b""


def _is(party: Party, by: identity.Actor, himself: bytes, hashes: set[bytes]) -> bool:
    if party.kind == "person":
        return bool(himself) and bytes(party.id_hash) == himself
    if party.kind == "organisation":
        return bytes(party.id_hash) in hashes
    return by.is_staff and by.has("bank_approver", unit=party.unit)


def keep(row: Application, party: Party, *, says: str, by: str, channel: str, device: str, at: datetime) -> None:
    """Write what a party said, with the sentence he was shown."""
    Consent.objects.create(
        region=row.region,
        application=row,
        party=party,
        says=says,
        text=text_of(row, party).zh,
        text_version=texts.VERSION,
        by=by,
        channel=channel,
        device=device[:120],
        at=at,
    )


def text_of(row: Application, party: Party) -> Text:
    """Return the sentence that this party agrees to."""
    held = book.lots(row.region, book.lots_of(row))
    bank = row.parties.filter(role=Role.MORTGAGEE.value).values_list("name", flat=True).first() or ""
    return texts.consent(
        shipped.kind(row.kind),
        Role(party.role),
        number=row.number,
        lots=list(held),
        payload=row.payload,
        bank=bank,
        area_dm2=sum(book.areas(held).values()),
    )


def holders(row: Application) -> dict[bytes, tuple[str, str, str]]:
    """Return who holds the lots of an application in the book and is known here: by hash, his kind, name and number."""
    found: dict[bytes, tuple[str, str, str]] = {}
    for held in book.lots(row.region, book.lots_of(row)).values():
        for member in held.holder.members if held and held.holder else ():
            hash = bytes(member.party.hash)
            if hash not in found and (told := known(hash)):
                found[hash] = told
    return found


def freed(region: str, lots: Sequence[str]) -> set[bytes]:
    """Return the hashes of whom the end of a mortgage on these lots frees: who holds one, or bought it."""
    freed_by = book.freed_by(shipped.kind(CANCELLATION), region, book.lots(region, lots))
    return {each for some in freed_by.values() for each in some if isinstance(each, bytes)}


def known(hash: bytes) -> tuple[str, str, str] | None:
    """Return who is known by a hash: his kind, name and number; None when nobody here is."""
    if person := identity.Person.objects.filter(citizen_id_hash=hash).first():
        return "person", person.name, identity.open_sealed(bytes(person.citizen_id_sealed), kind="citizen_id")
    organisation = identity.Organisation.objects.filter(uscc_hash=hash).first()
    return ("organisation", organisation.name, organisation.uscc) if organisation else None
