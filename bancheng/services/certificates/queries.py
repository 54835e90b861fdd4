"""What the pages show. Owner checks stand here."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import Http404
from django.utils import timezone

from bancheng.kernel.catalogue import public as catalogue
from bancheng.kernel.certificates import public as certificates
from bancheng.kernel.identity import public as identity
from bancheng.kernel.licences import public as licences
from bancheng.lib.text import Text
from bancheng.services.certificates import words

SERVICE = "certificates"  # an agent sees what his writing lets him see in this service (P-5)


def own_hashes(actor: identity.Actor) -> list[bytes]:
    """Return the holders whose certificates the actor may see: himself and whom he acts for here."""
    return identity.person_hashes(actor, service=SERVICE)


@dataclass(frozen=True)
class Mine:
    """One licence of the holder who asks, with the certificates made of it, newest first."""

    licence: licences.View
    name: Text
    unit: Text
    made: Sequence[certificates.Certificate]
    may_seal: bool

    @property
    def newest(self) -> certificates.Certificate | None:
        return self.made[0] if self.made else None

    @property
    def current(self) -> certificates.Certificate | None:
        """Return the certificate that says what the licence says, or None."""
        newest = self.newest
        outdated = newest is not None and newest.standing is certificates.Standing.OUTDATED
        return None if outdated else newest

    @property
    def may_make(self) -> bool:
        """Return whether asking for a certificate would be granted."""
        return self.current is None and self.licence.status is licences.Status.VALID and self.may_seal

    @property
    def says(self) -> tuple[str, Text]:
        """Return the colour and the word for where it stands."""
        if self.newest:
            return words.KINDS[self.newest.standing], certificates.SAYS[self.newest.standing]
        if self.licence.status is not licences.Status.VALID:
            return "bad", licences.SAYS[self.licence.status]
        return "", words.NONE_YET

    @property
    def card(self) -> Mapping[str, Any]:
        """Return what the licence card shows."""
        kind, status = self.says
        ended = {} if self.licence.status is licences.Status.VALID else {"lead": words.ENDED}
        return ended | {
            "name": self.name,
            "number": self.licence.number,
            "until": self.licence.valid_to,
            "issuer": self.unit,
            "kind": kind,
            "status": status,
        }


def mine(actor: identity.Actor, *, at: datetime) -> list[Mine]:
    """Return the licences of the actor and of those he acts for: those with a certificate first, then by their end."""
    hashes = own_hashes(actor)
    held = licences.held_by(hashes, on=timezone.localdate(at))
    found = _mine(held, certificates.held_by(hashes, at=at))
    return sorted(found, key=lambda each: (not each.made, each.licence.status is not licences.Status.VALID))


def my_licence(actor: identity.Actor, licence_id: int, *, at: datetime) -> Mine:
    """Return one of the actor's own, or raise Http404: what is not his does not exist for him."""
    hashes = own_hashes(actor)
    held = [each for each in licences.held_by(hashes, on=timezone.localdate(at)) if each.id == licence_id]
    if not held:
        raise Http404
    made = [each for each in certificates.held_by(hashes, at=at) if each.licence_id == licence_id]
    return _mine(held, made)[0]


def _mine(held: Sequence[licences.View], made: Iterable[certificates.Certificate]) -> list[Mine]:
    by_licence: dict[int, list[certificates.Certificate]] = {}
    for each in sorted(made, key=lambda certificate: -certificate.number):
        by_licence.setdefault(each.licence_id, []).append(each)
    names, units = Names(), catalogue.units_by_code({each.unit for each in held})
    return [
        Mine(
            each,
            names.of(each.licence_type),
            units[each.unit].title if each.unit in units else Text(each.unit, each.unit),
            by_licence.get(each.id, []),
            certificates.has(each.unit),
        )
        for each in held
    ]


class Names:
    """The names of the kinds of licences, asked for once."""

    def __init__(self) -> None:
        self._known = {kind.code: Text(kind.name, kind.name_en) for kind in catalogue.licence_types()}

    def of(self, code: str) -> Text:
        """Return the name of a kind; one that the catalogue does not have stands for itself."""
        return self._known.get(code, Text(code, code))


@dataclass(frozen=True)
class Use:
    """Somebody relied on the licence: by unit and role, never by name."""

    at: datetime
    who: Text
    purpose: str
    authorisation: str
    status: Text


def uses(actor: identity.Actor, licence_id: int) -> list[Use]:
    """Return who relied on one of the actor's own licences, latest first (R-E-3, P-4)."""
    found = [use for use in licences.uses(own_hashes(actor)) if use.licence_id == licence_id]
    desks = identity.desks([(use.asked_by, use.at) for use in found])
    units = catalogue.units_by_code({desk.unit for desk in desks} | {use.asked_by.rpartition(":")[2] for use in found})
    return [
        Use(use.at, words.who(use.asked_by, desk, units), use.purpose, use.authorisation, licences.SAYS[use.status])
        for use, desk in zip(found, desks, strict=True)
    ]


@dataclass(frozen=True)
class Facts:
    """What anybody may know of a certificate: masked, as of the second it was asked."""

    certificate: certificates.Certificate
    name: Text
    unit: Text

    @property
    def kind(self) -> str:
        return words.KINDS[self.certificate.standing]

    @property
    def alarm(self) -> str:
        """Return the colour of the verdict: what must not be accepted is red, be it superseded or revoked."""
        return self.kind if self.kind == "ok" or self.certificate.standing is certificates.Standing.NOT_YET else "bad"

    @property
    def verdict(self) -> Text:
        return words.VERDICTS[self.certificate.standing]

    @property
    def advice(self) -> Text:
        return words.ADVICE[self.certificate.standing]

    @property
    def says(self) -> Text:
        return certificates.SAYS[self.certificate.standing]


def facts(found: certificates.Certificate) -> Facts:
    """Return what the public page shows of a certificate."""
    return Facts(found, Names().of(found.licence_type), unit_of(found.unit))


def unit_of(code: str) -> Text:
    """Return the name of a unit; one that the catalogue does not have stands for itself."""
    return catalogue.unit_names([code]).get(code, Text(code, code))


@dataclass(frozen=True)
class Step:
    """One thing that was checked: how it came out ("ok", "bad" or "" for not checked), and what that means."""

    kind: str
    what: Text
    says: Text
    signer: str


@dataclass(frozen=True)
class Examination:
    """What the page says of an uploaded file."""

    holds: bool
    verdict: Text
    advice: Text
    steps: Sequence[Step]
    facts: Facts | None


def examination(data: bytes, *, at: datetime) -> Examination:
    """Return what an uploaded file turned out to be, step by step."""
    found = certificates.examine(data, at=at)
    shown = facts(found.certificate) if found.certificate else None
    verdict, advice = words.of_file(found, (shown.verdict, shown.advice) if shown else None)
    return Examination(found.holds, verdict, advice, [Step(*step) for step in words.steps(found)], shown)
