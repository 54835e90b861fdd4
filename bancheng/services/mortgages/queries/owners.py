"""What an owner sees: the mortgages filed on his homes, and what he complained of; what the registry sees of complaints."""

from collections.abc import Collection, Mapping, Sequence
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
    bank: Text  # who holds it

    @property
    def online(self) -> bool:
        """Return whether its holder can be asked online: a bank is, a private lender comes to the counter."""
        return self.right.party is not None and bool(self.right.party.unit)

    @property
    def waits(self) -> bool:
        """Return whether the bank has still to say that it may end."""
        return self.ends is not None and self.ends.state is registrations.State.DRAFT


def resting(mine: Collection[str]) -> list[Resting]:
    """Return the mortgages on somebody's homes, `mine`."""
    found = titles.mortgages_on(settings.REGION, mine)
    ending = registrations.cancellations_of(mine, region=settings.REGION) if found else {}
    names = bank_names(one.party.unit for one in found if one.party)
    return [_resting(one, mine, ending.get(one.number), names) for one in found]


def _resting(
    right: titles.RightView, mine: Collection[str], ends: registrations.Brief | None, names: Mapping[str, Text]
) -> Resting:
    on = [each.lot for each in right.lots if each.open]
    name = right.party.name if right.party else ""
    bank = names[right.party.unit] if right.party and right.party.unit else Text(name, name)
    shown = [titles.spaced(lot) for lot in on if lot in mine]
    return Resting(right, shown, set(on) <= set(mine), ends, bank)


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


def homes(hashes: Sequence[bytes]) -> frozenset[str]:
    """Return the units that somebody holds, or bought and does not hold yet."""
    return titles.codes_of(settings.REGION, hashes)


def asked_of(mine: Collection[str]) -> list[Asked]:
    """Return which banks asked about somebody's homes, `mine`, for what, newest first (R7.10); no clerk is named."""
    abouts = [f"lot:{lot}" for lot in sorted(mine)]
    events = [one for one in audit.about_any(abouts, limit=MOST) if one.action == "mortgages.quoted"]
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
