"""Reads of service officers, visits, symposiums and requests, and their figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q

from bancheng.kernel.identity import public as identity
from bancheng.lib.text import Text
from bancheng.services.mortgages import doors, refusals
from bancheng.services.mortgages.models import BankRequest, Contact, ServiceOfficer, Symposium
from bancheng.services.mortgages.queries.agreements import bank_names
from bancheng.services.mortgages.rules import requests as rules
from bancheng.services.mortgages.rules.requests import Route, State, Topic
from bancheng.web.words import as_written

LINES: dict[str, Text] = {
    "asked": Text("提出诉求", "Asked"),
    "sorted": Text("研判分类", "Sorted"),
    "answered": Text("答复", "Answered"),
    "rated": Text("银行评价", "Rated by the bank"),
    "sent_back": Text("银行认为未解决", "Sent back by the bank"),
}
SHOWS = {"": Text("办理中", "Open"), "over": Text("已办结", "Over")}
OPEN = (State.ASKED, State.SORTED)
GRADES = {5: Text("非常满意", "Very satisfied"), 4: Text("满意", "Satisfied"), 3: Text("基本满意", "Fairly satisfied"), 2: Text("不满意", "Dissatisfied"), 1: Text("非常不满意", "Very dissatisfied")}  # fmt: skip


@dataclass(frozen=True)
class Line:
    """A request as a list shows it."""

    request: BankRequest
    bank: Text
    state: Text
    route: Text | None
    topic: Text | None
    grade: Text | None
    late: bool


def requests(actor: identity.Actor, show: str, today: date) -> list[Line]:
    """Return the requests of the actor's bank, or those his registry answers for; what is due first on top."""
    narrowed = Q(state__in=OPEN) if show != "over" else ~Q(state__in=OPEN)
    order = ("due_on", "asked_at") if show != "over" else ("-answered_at",)
    return lines(list(BankRequest.objects.filter(doors.own(actor), narrowed).order_by(*order)), today)


def lines(found: Sequence[BankRequest], today: date) -> list[Line]:
    names = bank_names(one.bank for one in found)
    return [
        Line(
            one,
            names[one.bank],
            rules.STATES[State(one.state)],
            rules.ROUTES[Route(one.route)] if one.route else None,
            rules.TOPICS[Topic(one.topic)] if one.topic else None,
            GRADES[one.grade] if one.grade else None,
            one.state in OPEN and one.due_on < today,
        )
        for one in found
    ]


def request(actor: identity.Actor, request_id: UUID, today: date) -> Line:
    """Return one. Raises Refused("no_such_request")."""
    found = BankRequest.objects.filter(doors.own(actor), pk=request_id).first()
    if found is None:
        raise refusals.absent("no_such_request", "这件诉求", "request")
    return lines([found], today)[0]


@dataclass(frozen=True)
class Event:
    """One point of a timeline, as the shell's component draws it."""

    what: Text
    state: str
    at: datetime | None = None
    who: Text | str = ""
    note: Text | str = ""


def timeline(found: BankRequest) -> list[Event]:
    """Return what was done to a request, by whom, with the words."""
    said = list(found.lines.order_by("at", "pk"))
    names = identity.names_of(sorted({line.by for line in said}))
    return [Event(LINES[line.what], "done", line.at, as_written(names.get(line.by, "")), line.words) for line in said]


@dataclass(frozen=True)
class BankLine:
    """A bank with its chief service officer."""

    bank: str
    name: Text
    officer: str
    account: int | None


def officers(banks: Sequence[tuple[str, Text]]) -> list[BankLine]:
    """Return each bank with its chief service officer, who is named to everybody: that is what he is there for."""
    held = {one.bank: one.account for one in ServiceOfficer.objects.filter(before=None)}
    names = identity.names_of([f"staff:{account}" for account in held.values()])
    return [
        BankLine(code, name, names.get(f"staff:{held[code]}", "") if code in held else "", held.get(code))
        for code, name in banks
    ]


def candidates(registry: str, at: datetime) -> list[tuple[int, str]]:
    """Return the accounts of a registry that can be service officers, with their names."""
    accounts = identity.officers(unit=registry, role=doors.OFFICER, at=at)
    names = identity.names_of([f"staff:{one}" for one in accounts])
    return [(one, names.get(f"staff:{one}", "")) for one in accounts]


@dataclass(frozen=True)
class Log:
    """What the registry did for the banks."""

    contacts: list[tuple[Contact, Text, Text]]
    symposiums: list[tuple[Symposium, list[Text]]]


def log(actor: identity.Actor) -> Log:
    """Return visits to the actor's bank, or by his registry, and the symposiums it was at."""
    contacts = list(Contact.objects.filter(doors.own(actor)).order_by("-held_on", "-noted_at")[:100])
    meetings = _symposiums(actor)
    names = bank_names([one.bank for one in contacts] + [bank for one in meetings for bank in one.banks])
    return Log(
        [(one, names[one.bank], rules.CONTACTS[rules.Contact(one.kind)]) for one in contacts],
        [(one, [names[bank] for bank in one.banks]) for one in meetings],
    )


def _symposiums(actor: identity.Actor) -> list[Symposium]:
    registries, banks = doors.units(actor, *doors.REGISTRY), doors.units(actor, *doors.BANK)
    narrowed = Q(registry__in=registries)
    for bank in banks:
        narrowed |= Q(banks__contains=[bank])
    if "" in registries or "" in banks:
        narrowed = Q()
    return list(Symposium.objects.filter(narrowed).order_by("-held_on")[:50])


@dataclass(frozen=True)
class Figures:
    """A13.4, A13.5: what was done for the banks, and what came of their requests."""

    visits: int
    symposiums: int
    received: int
    solved: int
    on_spot: int
    coordinated: int
    rated: int
    content: int
    late: int


def figures(banks: Sequence[str] | None = None) -> Figures:
    """Return the figures of some banks, or of all."""
    found, contacts, meetings = BankRequest.objects.all(), Contact.objects.all(), Symposium.objects.count()
    if banks is not None:
        found, contacts = found.filter(bank__in=banks), contacts.filter(bank__in=banks)
        meetings = sum(bool(set(one) & set(banks)) for one in Symposium.objects.values_list("banks", flat=True))
    solved = found.filter(state__in=[State.ANSWERED, State.RATED])
    return Figures(
        contacts.filter(kind=rules.Contact.VISIT).count(),
        meetings,
        found.count(),
        solved.count(),
        solved.filter(route=Route.ON_SPOT).count(),
        solved.filter(route=Route.COORDINATED).count(),
        found.filter(state=State.RATED).count(),
        found.filter(grade__in=rules.CONTENT).count(),
        found.exclude(late_at=None).count(),
    )
