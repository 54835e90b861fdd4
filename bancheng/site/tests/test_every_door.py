"""Generated from the manifests: every page and operation × every role × one's own, another's, nobody; and that no list asks more
of the database as it grows. A door that fails here for want of a sample needs a line in its service's `tests/samples.py`."""

import importlib
import importlib.util
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.exchange import testing as exchange
from bancheng.kernel.identity import public as identity
from bancheng.kernel.identity import testing as people
from bancheng.lib.manifest import PARTNER
from bancheng.web import doors, entrances, matrix
from bancheng.web.doors import Door
from bancheng.web.matrix import Outcome
from bancheng.web.testing import Samples, World

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(600)]  # the first test builds the town
UNIT, OTHER_UNIT = "market", "tobacco"
FEW, MANY = 3, 30
ALIKE_AT_A_DOOR = 6
MOST = 30  # statements of one page: beyond it something is asked in a loop over what never grows
EVERY = {f"{'/'.join(door.methods)} {door.path}": door for door in entrances.every()}
READS = {name: door for name, door in EVERY.items() if "GET" in door.methods}


@dataclass(frozen=True)
class Person:
    """One who knocks: as whom, and which of the samples are his: the "holder"'s, the "unit"'s or none."""

    name: str
    client: Client
    actor: identity.Actor
    owns: str

    def at(self, door: Door) -> Outcome:
        """Return what should become of him there; a partner's signature says nothing where people sign in."""
        if self.actor.ref.startswith("machine:") and PARTNER not in door.who:
            return matrix.outcome(door, identity.NOBODY, own=False)
        return matrix.outcome(door, self.actor, own=self.owns == door.owner)


@dataclass(frozen=True)
class Town:
    """The loaded city with its people, the samples of every service, and how many statements each read took of few and of many."""

    people: list[Person]
    samples: dict[str, Samples]
    few: dict[tuple[str, str], int]
    many: dict[tuple[str, str], int]


@pytest.fixture(scope="module")
def town(whole_city: None) -> Iterator[Town]:
    """Build the town once, in a transaction that leaves nothing."""
    with transaction.atomic():
        yield build()
        transaction.set_rollback(True)


def build() -> Town:
    admin, holder = people.staff("unit_admin", unit=UNIT, name="样例管理员"), people.citizen(serial=1)
    world = World(people.REGION, UNIT, OTHER_UNIT, admin, holder, people.AT)
    modules = {service: module for service in names() if (module := module_of(service))}
    everybody = knockers(world)
    counted: list[dict[tuple[str, str], int]] = []
    for first, last in ((1, FEW), (FEW + 1, MANY)):
        for module in modules.values():
            getattr(module, "fill", lambda *_: None)(world, first, last)
        samples = {service: module.samples(world) for service, module in modules.items()}
        counted.append(statements(everybody, samples, warm=not counted))
    return Town(everybody, samples, *counted)


def names() -> list[str]:
    return ["web", *(service.code for service in doors.services())]


def module_of(service: str) -> Any:
    folder = "bancheng.web" if service == "web" else f"bancheng.services.{service}"
    name = f"{folder}.tests.samples"
    found = importlib.util.find_spec(f"{folder}.tests") and importlib.util.find_spec(name)
    return importlib.import_module(name) if found else None


def knockers(world: World) -> list[Person]:
    """Return nobody, the holder, his agents, a stranger, and staff of each role: of the samples' unit and of another."""
    stranger, agent = people.citizen("钱二", serial=2), people.citizen("孙三", serial=3)
    elsewhere = people.citizen("李四", serial=4)
    for user, within in ((agent, ()), (elsewhere, ("sockets",))):
        identity.link_agent(
            principal=world.holder.person, agent=user.person, document="委托书1", first=people.AT.date(), services=within,
            by="staff:test", at=people.AT,
        )  # fmt: skip
    found = [(None, "nobody", ""), (world.holder, "holder", "holder"), (agent, "agent", "holder")]
    found += [(stranger, "stranger", ""), (elsewhere, "agent for other services", "")]
    found += [(people.staff(), "staff", ""), (world.admin, "unit_admin", "unit")]
    for code, role in identity.ROLES.items():
        if code != "unit_admin":
            found.append((people.staff(code, unit=world.unit if role.needs_unit else ""), code, "unit"))
        if role.needs_unit:
            found.append((people.staff(code, unit=world.other_unit), f"{code} of another unit", ""))
    now = clocks.now()
    systems = [
        Person(name, exchange.client(made), exchange.caller(made).actor(), owns)
        for name, made, owns in (
            ("partner", partner(world.unit), "unit"),
            ("partner of another unit", partner(world.other_unit), ""),
        )
    ]
    return systems + [
        Person(name, people.client_for(user), people.actor(user, at=now) if user else identity.NOBODY, owns)
        for user, name, owns in found
    ]


def partner(unit: str) -> Any:
    """Return a unit's own system that may do everything any operation for partners asks, for the unit; where none is a unit's, for all."""
    asked = {(scope, door.service) for door in EVERY.values() for scope in door.scopes}
    of_units = {door.service for door in EVERY.values() if door.scopes and door.owner}
    scopes = ((act, service, unit if service in of_units else "*") for act, service in sorted(asked))
    return exchange.partner(*scopes, code=f"town-{unit}", unit=unit)


# -- knocking


@contextmanager
def undone() -> Iterator[None]:
    """Leave nothing of what is done inside."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def knock(person: Person, door: Door, samples: Samples, *, method: str = "") -> HttpResponse:
    """Ask at the door as a program would, so that a refusal says its code."""

    def value(name: str, kind: str) -> object:
        return samples.values.get(f"{door.name}/{name}", samples.values.get(name, matrix.VALUES.get(kind, "x")))

    method = method or door.methods[0]
    address = matrix.address(door, value)
    if method == "GET":
        return person.client.get(address, headers={"accept": "application/json"})
    sent: Any = {
        name: SimpleUploadedFile("样例.xlsx", value) if isinstance(value, bytes) else value
        for name, value in samples.sends.get(door.name, {}).items()
    }
    how = {"headers": {"accept": "application/json"}}
    if door.kind == "api" and not any(isinstance(value, SimpleUploadedFile) for value in sent.values()):
        how["content_type"] = "application/json"
    return (
        person.client.generic(method, address, **how) if method != "POST" else person.client.post(address, sent, **how)
    )


def code_of(answer: HttpResponse) -> str:
    """Return the code of a refusal, or ""."""
    if "json" not in answer["Content-Type"] or answer.status_code < 400:
        return ""
    return str(json.loads(answer.content).get("code", ""))


def outcome_of(answer: HttpResponse) -> Outcome:
    """Return how the door answered; a lawful no of the moment (not assigned to you, nothing chosen) is behind the door."""
    assert answer.status_code < 500 or answer.status_code == 503, answer.content[:500]
    by_code = {"sign_in_first": Outcome.SIGN_IN, "sign_the_request": Outcome.SIGN_IN, "not_your_door": Outcome.REFUSED}
    return Outcome.ABSENT if answer.status_code == 404 else by_code.get(code_of(answer), Outcome.OPENS)


# -- the matrix


@pytest.mark.parametrize("name", EVERY)
def test_every_door_opens_for_those_it_names_and_shows_nobody_another_s(town: Town, name: str) -> None:
    """P-1 P-3 P-4 P-5 R-PRM-1: page × role × owner."""
    door = EVERY[name]
    samples = town.samples.get(door.service, Samples())
    said = {}
    for person in at_the_door(town, name):
        for method in door.methods:
            with undone():
                said[f"{person.name} {method}"] = tried(person, door, samples, method)
    wrong = {who: f"expected {wanted}, got {got}" for who, (wanted, got) in said.items() if wanted != got}
    assert not wrong


def at_the_door(town: Town, name: str) -> list[Person]:
    """Return who knocks: of those for whom nothing but a role decides, and alike, a few; which ones, turns with the door, so that each of
    them is tried at many."""
    door, first = EVERY[name], ALIKE_AT_A_DOOR * list(EVERY).index(name)
    found = []
    for wanted in Outcome:
        alike = [person for person in town.people if person.at(door) is wanted]
        if len(alike) > ALIKE_AT_A_DOOR and (wanted is Outcome.REFUSED or not door.owner):
            alike = [alike[(first + n) % len(alike)] for n in range(ALIKE_AT_A_DOOR)]
        found += alike
    return found


def tried(person: Person, door: Door, samples: Samples, method: str) -> tuple[Outcome, Outcome]:
    """Return what should become of the person at the door, and what does."""
    wanted = person.at(door)
    before = events()
    answer = knock(person, door, samples, method=method)
    got = outcome_of(answer)
    if wanted is not Outcome.OPENS and door.name not in samples.own:
        assert events() == before, f"{person.name} changed something"
    if got is Outcome.ABSENT and wanted is Outcome.OPENS and not door.owner:
        return wanted, wanted  # it is nobody's, so a stand-in will do
    if got is Outcome.OPENS and matrix.bound(door, person.actor) and not matrix.VALUE.search(door.path):
        got = opened(answer, door, samples, method, wanted)
    return wanted, got


def opened(answer: HttpResponse, door: Door, samples: Samples, method: str, wanted: Outcome) -> Outcome:
    """Return whether an address without a value in its path showed, or changed, the samples' things."""
    if method != "GET":
        assert door.name in samples.sends, f"samples.sends lacks {door.name}: say what its owner sends"
        refused = answer.status_code in {403, 409, 422}
        return wanted if door.name in samples.own else Outcome.NOTHING if refused else Outcome.OPENS
    shown = any(mark in answer.content.decode() for mark in samples.marks)
    if door.name in samples.figures and not shown:
        return wanted
    return Outcome.OPENS if shown else Outcome.NOTHING


def events() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM audit_event")
        return int(cursor.fetchone()[0])


# -- statements


def statements(everybody: list[Person], samples: dict[str, Samples], *, warm: bool) -> dict[tuple[str, str], int]:
    """Return how many statements each read takes for those to whom it opens; `warm`: ask once before, for what is kept."""
    counts = {}
    for name, door in READS.items():
        given = samples.get(door.service, Samples())
        opens = [who for who in everybody if who.at(door) is Outcome.OPENS]
        for person in opens[:2]:
            if warm:
                with undone():
                    knock(person, door, given, method="GET")
            with undone(), CaptureQueriesContext(connection) as captured:
                answer = knock(person, door, given, method="GET")
            if answer.status_code in {200, 302}:
                counts[name, person.name] = len(captured)
    return counts


@pytest.mark.parametrize("name", READS)
def test_a_read_asks_the_database_no_more_often_of_thirty_rows_than_of_three(town: Town, name: str) -> None:
    """No statement in a loop."""
    few = {person: count for (read, person), count in town.few.items() if read == name}
    many = {person: count for (read, person), count in town.many.items() if read == name}
    assert few, "it never answered: give its service's samples a value"
    assert many == few
    assert max(many.values()) <= MOST
