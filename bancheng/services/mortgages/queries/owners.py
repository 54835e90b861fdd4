"""What an owner sees: the mortgages filed on his homes, and what he complained of; what the registry sees of complaints."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from bancheng.kernel.audit import public as audit
from bancheng.kernel.identity import public as identity
from bancheng.kernel.registrations import public as registrations
from bancheng.kernel.titles import public as titles
from bancheng.lib.text import Text
from bancheng.services.mortgages import doors
from bancheng.services.mortgages.models import Complaint
from bancheng.services.mortgages.queries.agreements import bank_names

MOST = 50  # looks shown


@dataclass(frozen=True)
class Mine:
    """An application about one's home."""

    brief: registrations.Brief
    bank: Text
    state: Text
    open: bool


def mine(hashes: Sequence[bytes]) -> list[Mine]:
    """Return the applications of mortgages in which somebody is named, what moved last on top."""
    found = [one for one in registrations.of_person(hashes) if one.kind.of_mortgage]
    names = bank_names(one.unit for one in found if one.unit)
    return [
        Mine(one, names.get(one.unit, Text("", "")), registrations.STATES[one.state], one.state in registrations.OPEN)
        for one in found
    ]


@dataclass(frozen=True)
class Resting:
    """A mortgage that rests on what somebody holds, and the application under way that ends it."""

    right: titles.RightView
    lots: list[str]  # those that are his, as they are shown
    whole: bool  # it rests on nothing of anybody else
    ends: registrations.Brief | None

    @property
    def bank(self) -> str:
        """Return who holds the mortgage."""
        return self.right.party.name if self.right.party else ""

    @property
    def waits(self) -> bool:
        """Return whether the bank has still to say that it may end."""
        return self.ends is not None and self.ends.state is registrations.State.DRAFT


MORTGAGES = (titles.RightKind.MORTGAGE, titles.RightKind.PRE_MORTGAGE)


def resting(hashes: Sequence[bytes]) -> list[Resting]:
    """Return the mortgages on the homes of these holders, also on one that is bought and not transferred yet."""
    if not hashes:
        return []
    region = settings.REGION
    bought = [each.lot for claim in titles.claims_of(region, hashes) for each in claim.lots if each.open]
    mine = {*(one.code for one in titles.lots_of(region, hashes)), *bought}
    numbers = {one.right: None for one in titles.rights_on(region, sorted(mine)) if one.kind in MORTGAGES}
    ending = registrations.cancellations_of(mine, region=region)
    return [_resting(titles.right(region, number), mine, ending.get(number)) for number in numbers]


def _resting(right: titles.RightView, mine: set[str], ends: registrations.Brief | None) -> Resting:
    on = [each.lot for each in right.lots if each.open]
    return Resting(right, [titles.spaced(lot) for lot in on if lot in mine], set(on) <= mine, ends)


def complaints_of(hashes: Sequence[bytes]) -> list[tuple[Complaint, Text]]:
    """Return what somebody complained of, newest first."""
    found = list(Complaint.objects.filter(holder_hash__in=list(hashes)).order_by("-asked_at"))
    names = bank_names(one.bank for one in found)
    return [(one, names[one.bank]) for one in found]


def complaints(actor: identity.Actor) -> list[tuple[Complaint, Text]]:
    """Return the complaints an officer's registry answers, open ones first; a bank sees none: nobody who complained is named to it."""
    held = doors.units(actor, *doors.REGISTRY)
    rows = Complaint.objects.order_by("-answered_at", "due_on")
    found = list(rows if "" in held else rows.filter(registry__in=held))
    names = bank_names(one.bank for one in found)
    return [
        (one, names[one.bank]) for one in sorted(found, key=lambda each: (each.answered_at is not None, each.due_on))
    ]


@dataclass(frozen=True)
class Asked:
    """A bank asked the book about one's home."""

    at: datetime
    lot: str
    bank: Text
    purpose: str


def asked_of(hashes: Sequence[bytes]) -> list[Asked]:
    """Return which banks asked about the homes of these holders, for what, newest first (R7.10); no clerk is named."""
    lots = [one.code for one in titles.lots_of(settings.REGION, hashes)] if hashes else []
    events = [
        one for one in audit.about_any([f"lot:{lot}" for lot in lots], limit=MOST) if one.action == "mortgages.quoted"
    ]
    names = bank_names(str(one.detail.get("bank", "")) for one in events)
    return [
        Asked(
            one.at,
            titles.spaced(one.about.removeprefix("lot:")),
            names[str(one.detail.get("bank", ""))],
            str(one.detail.get("purpose", "")),
        )
        for one in events
    ]
