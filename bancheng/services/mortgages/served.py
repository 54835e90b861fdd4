"""What the registry did for its banks in a demonstration: sample visits, symposiums and requests of a pack (served.toml), made by the operations.

Who acts is the demonstration's service officer; for a bank nobody of the demonstration works at, its name in words. Nothing of it is made
where the city has any such record already, and nothing outside a demonstration.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from django.conf import settings
from django.db import transaction

from bancheng.kernel.audit import public as audit
from bancheng.kernel.identity import public as identity
from bancheng.lib.days import day_of
from bancheng.pack.reader import Entry, Notes, document
from bancheng.services.mortgages import doors, terms
from bancheng.services.mortgages.models import BankRequest, Contact, Symposium
from bancheng.services.mortgages.operations import serving
from bancheng.services.mortgages.queries import agreements
from bancheng.services.mortgages.rules import requests as rules

FILE = "served.toml"
MARK = "样例："  # begins every text, so that nobody takes it for something that happened
T = TypeVar("T")


@dataclass(frozen=True)
class Visit:
    """A visit, so many days before the loading."""

    days_ago: int
    bank: str
    kind: rules.Contact
    place: str
    words: str


@dataclass(frozen=True)
class Meeting:
    """A symposium with some banks."""

    days_ago: int
    code: str
    subject: str
    minutes: str
    banks: tuple[str, ...]


@dataclass(frozen=True)
class Asked:
    """A request from its asking to its rating."""

    days_ago: int
    bank: str
    meeting: str  # code of the symposium it was made at, or ""
    words: str
    topic: rules.Topic
    others: str  # with whom it was solved; "" is on the spot
    answer: str
    took_days: int
    grade: int


@dataclass(frozen=True)
class Served:
    """The whole of a pack."""

    visits: tuple[Visit, ...] = ()
    meetings: tuple[Meeting, ...] = ()
    requests: tuple[Asked, ...] = ()

    @property
    def banks(self) -> set[str]:
        """Return the banks that are named."""
        named = {one.bank for one in self.visits} | {one.bank for one in self.requests}
        return named.union(*(one.banks for one in self.meetings))


def read(folder: Path) -> Served:
    """Return the samples of a pack, none where it has no such file. Raises Faulty naming file and line."""
    if not (folder / FILE).exists():
        return Served()
    notes = Notes(folder)
    whole = document(folder / FILE, notes=notes)
    found = Served(_each(whole, "visit", _visit), _each(whole, "symposium", _meeting), _each(whole, "request", _asked))
    whole.finish()
    notes.check()
    return found


def _each(whole: Entry, key: str, made: Callable[[Entry], T]) -> tuple[T, ...]:
    found = []
    for entry in whole.tables(key):
        found.append(made(entry))
        entry.finish()
    return tuple(found)


def _visit(entry: Entry) -> Visit:
    kind = entry.choice("kind", rules.Contact)
    return Visit(_days(entry), entry.text("bank"), kind, entry.text("place"), entry.text("words"))


def _meeting(entry: Entry) -> Meeting:
    banks = tuple(entry.text("banks").split())
    return Meeting(_days(entry), entry.text("code"), entry.text("subject"), entry.text("minutes"), banks)


def _asked(entry: Entry) -> Asked:
    return Asked(
        _days(entry), entry.text("bank"), entry.text("symposium", required=False), entry.text("words"),
        entry.choice("topic", rules.Topic), entry.text("others", required=False), entry.text("answer"),
        entry.whole("took_days") or 0, entry.whole("grade") or 0,
    )  # fmt: skip


def _days(entry: Entry) -> int:
    return entry.whole("days_ago") or 0


# --- a demonstration


def lay_out(*, at: datetime) -> int:
    """Make the pack's samples, with `at` as today; return how many.

    A second time, where anything is on record, and where the city lacks the officer or one of the banks, it makes none.
    """
    found = read(terms.folder()) if settings.DEMO else Served()
    officer = _officer(at) if found.visits else None
    if officer is None or _anything() or not found.banks <= set(dict(agreements.banks())):
        return 0
    days = [visit.days_ago for visit in found.visits] + [one.days_ago for one in found.meetings]
    days += [asked.days_ago for asked in found.requests]
    audit.open_months(first=day_of(at) - timedelta(days=max(days)), last=day_of(at))
    with transaction.atomic():
        _make(found, officer, at)
    return len(days)


def _anything() -> bool:
    return any(model.objects.exists() for model in (Contact, Symposium, BankRequest))


def _make(found: Served, officer: identity.Actor, at: datetime) -> None:
    for bank in dict(agreements.banks()):
        serving.name_officer(bank=bank, account=officer.account, by=officer, at=at)
    for visit in found.visits:
        _note_visit(visit, officer, at)
    meetings = {one.code: _note_meeting(one, officer, at) for one in found.meetings}
    for asked in found.requests:
        _solve(asked, meetings, officer, at)


def _officer(at: datetime) -> identity.Actor | None:
    """Return the service officer of the registry that the pack's banks belong to; None where nobody is."""
    registry = terms.of_pack().registry
    accounts = identity.officers(unit=registry, role=doors.OFFICER, at=at)
    return _of(accounts[0], doors.OFFICER, registry) if accounts else None


def _of(account: int, role: str, unit: str) -> identity.Actor:
    grants = (identity.Grant(role, unit=unit, service=doors.SERVICE),)
    return identity.Actor(f"staff:{account}", user_id=account, grants=grants, unit=unit)


def _banker(bank: str, at: datetime) -> identity.Actor:
    accounts = identity.officers(unit=bank, role=doors.CLERK, at=at)
    if accounts:
        return _of(accounts[0], doors.CLERK, bank)
    grants = (identity.Grant(doors.CLERK, unit=bank, service=doors.SERVICE),)
    return identity.Actor(f"sample:{bank}", grants=grants, unit=bank)


def _note_visit(one: Visit, officer: identity.Actor, at: datetime) -> None:
    then = at - timedelta(days=one.days_ago)
    serving.note_contact(
        bank=one.bank, kind=one.kind, held_on=day_of(then), place=one.place, words=f"{MARK}{one.words}", by=officer, at=then
    )  # fmt: skip


def _note_meeting(one: Meeting, officer: identity.Actor, at: datetime) -> Symposium:
    then = at - timedelta(days=one.days_ago)
    return serving.note_symposium(
        held_on=day_of(then), subject=f"{MARK}{one.subject}", minutes=f"{MARK}{one.minutes}", banks=one.banks, by=officer, at=then
    )  # fmt: skip


def _solve(one: Asked, meetings: Mapping[str, Symposium], officer: identity.Actor, at: datetime) -> None:
    """Walk a request through: asked by the bank, or at a symposium, sorted and answered by the officer, rated by the bank."""
    then, bank = at - timedelta(days=one.days_ago), _banker(one.bank, at)
    meeting: dict[str, Any] = {"symposium": str(meetings[one.meeting].pk)} if one.meeting else {}
    made = serving.ask(
        bank=one.bank, words=f"{MARK}{one.words}", by=officer if one.meeting else bank, at=then, **meeting
    )
    route = rules.Route.COORDINATED if one.others else rules.Route.ON_SPOT
    serving.sort(
        request_id=made.pk, topic=one.topic, route=route, others=one.others, by=officer, at=then + timedelta(hours=1)
    )
    answered = then + timedelta(days=one.took_days, hours=2)
    serving.answer(request_id=made.pk, words=f"{MARK}{one.answer}", by=officer, at=answered)
    serving.rate(request_id=made.pk, grade=one.grade, words="", by=bank, at=answered + timedelta(hours=2))
