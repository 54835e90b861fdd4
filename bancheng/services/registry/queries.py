"""Whose application and whose certificate it is, and what pages show of them."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.urls import reverse

from bancheng.kernel.catalogue import public as catalogue
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.identity import public as identity
from bancheng.kernel.registrations import public as registrations
from bancheng.kernel.titles import public as titles
from bancheng.lib.text import Text
from bancheng.web.front import Todo

SERVICE = "registry"
ACCEPTOR, REVIEWER, BOOKER = registrations.ACCEPTOR, registrations.REVIEWER, registrations.BOOKER
BANKER = "bank_approver"
DESK = (ACCEPTOR, REVIEWER, BOOKER)
State, Act = registrations.State, registrations.Act
KINDS = {
    State.SUBMITTED: "pri", State.ACCEPTED: "pri", State.REVIEWED: "pri", State.RECORDED: "ok", State.CERTIFIED: "ok",
    State.DELIVERED: "ok", State.ARCHIVED: "ok", State.CORRECTION: "warn", State.SUSPENDED: "bad", State.DRAFT: "warn",
    State.REFUSED: "bad", State.NOT_ACCEPTED: "bad", State.ANNOUNCING: "info", State.SITE_VISIT: "info",
}  # fmt: skip


@dataclass(frozen=True)
class Line:
    """One application in a list."""

    brief: registrations.Brief
    state: Text
    kind: str
    channel: Text
    filer: Text
    late: bool
    today: bool

    @property
    def lots(self) -> list[str]:
        """Return its units, each in its groups."""
        return [titles.spaced(lot) for lot in self.brief.lots]


def lines(found: Collection[registrations.Brief], today: date) -> list[Line]:
    """Return applications as lists show them."""
    units = catalogue.unit_names({one.unit for one in found if one.unit})
    channels = registrations.channels()
    return [
        Line(
            one,
            registrations.STATES[one.state],
            KINDS.get(one.state, ""),
            channels[one.channel].name,
            units.get(one.unit, Text("本人", "himself")),
            one.due_on is not None and one.due_on < today,
            one.due_on == today,
        )
        for one in found
    ]


def registries(actor: identity.Actor, *roles: str) -> set[str] | None:
    """Return the registries in which the actor has one of the roles; None: in every one."""
    held = {unit for role in roles or DESK for unit in actor.units(role)}
    return None if "" in held else held


def my_desk(actor: identity.Actor, application_id: UUID) -> registrations.View:
    """Return an application of the officer's own registry; the book compared identifiers by hash. Raises Refused("no_such_application")."""
    found = registrations.view(application_id)
    held = registries(actor)
    if held is not None and found.brief.registry not in held:
        raise registrations.no_such_application()
    return found


def my_own(actor: identity.Actor, application_id: UUID, at: datetime) -> registrations.View:
    """Return an application in which the reader, or an organisation he acts for, is named. Raises Refused("no_such_application")."""
    if not registrations.is_named(application_id, identity.person_hashes(actor, at, service=SERVICE)):
        raise registrations.no_such_application()
    return registrations.view(application_id)


def my_ask(actor: identity.Actor, application_id: UUID) -> registrations.View:
    """Return an application in which the reader's bank is asked. Raises Refused("no_such_application")."""
    if not set(registrations.asked_units(application_id)) & set(actor.units(BANKER)):
        raise registrations.no_such_application()
    return registrations.view(application_id)


@dataclass(frozen=True)
class Home:
    """One lot that the reader holds: what it is, what rests on it, who asked about it."""

    lot: titles.LotView
    shown: str
    area: str
    share: str
    rights: tuple[tuple[Text, titles.CoverageView], ...]
    enquiries: int


def homes(hashes: Collection[bytes], *, region: str) -> list[Home]:
    """Return what these people hold, as the book says now; what rests on it and who asked, of all at once."""
    lots = titles.lots_of(region, hashes)
    codes = [lot.code for lot in lots]
    rights: dict[str, list[tuple[Text, titles.CoverageView]]] = {}
    for each in titles.rights_on(region, codes):
        rights.setdefault(each.lot, []).append((RIGHTS[str(each.kind)], each))
    asked = Counter(each.lot for each in registrations.enquiries_of(codes, region=region))
    return [_home(lot, tuple(rights.get(lot.code, ())), asked[lot.code]) for lot in lots]


def _home(lot: titles.LotView, rights: tuple[tuple[Text, titles.CoverageView], ...], asked: int) -> Home:
    area, share = registrations.square(lot.floor_dm2 or lot.dm2), registrations.square(lot.dm2)
    return Home(lot, titles.spaced(lot.code), area, share, rights, asked)


RIGHTS = {
    "mortgage": Text("抵押", "mortgage"),
    "pre_mortgage": Text("抵押预告", "pre-mortgage"),
    "seizure": Text("查封", "seizure"),
    "claim": Text("预售（预告）", "presale or notice"),
    "objection": Text("异议", "objection"),
}


@dataclass(frozen=True)
class Event:
    """One line of the timeline."""

    what: Text
    at: datetime
    who: Text | str
    note: Text | str
    state: str = "done"


def timeline(found: registrations.View, *, named: bool) -> list[Event]:
    """Return what was done to an application, first to last; to the public side officers stand as their office, clerks as their bank."""
    names = identity.names_of([line.by for line in found.lines])
    units = catalogue.unit_names([found.brief.registry, *([found.brief.unit] if found.brief.unit else [])])
    office, filer = (units.get(code, Text("", "")) for code in (found.brief.registry, found.brief.unit))
    return [
        Event(
            registrations.ACTS[line.act],
            line.at,
            _who(line.by, names, filer if line.act in OF_FILER else office, named),
            _note(line),
        )
        for line in found.lines
        if named or line.act not in (Act.FILED_AGAIN, Act.LATE)
    ]


OF_FILER = frozenset({Act.FILED, Act.FILED_AGAIN, Act.SUPPLEMENTED, Act.WITHDRAWN, Act.SUBMITTED})


def _who(by: str, names: Mapping[str, str], unit: Text, named: bool) -> Text | str:
    if by.startswith(("unit:", "machine:")) or (by.startswith("staff:") and not named):
        return unit
    return names.get(by, Text("系统", "the platform"))


def _note(line: registrations.LineView) -> Text:
    """Return by which channel it came, in both languages, and what was written, as it was written."""
    channel = registrations.channels()[line.channel].name if line.channel else Text("", "")
    written = [line.words.replace("\n", "；"), line.law, str(line.detail.get("case_no", ""))]
    return Text(
        *(" · ".join(dict.fromkeys(part for part in (way, *written) if part)) for way in (channel.zh, channel.en))
    )


def to_do(actor: identity.Actor) -> list[Todo]:
    """Return what waits for the reader: an officer's desk, or an owner's answer."""
    if any(actor.has(role) for role in DESK):
        return _of_desk(actor)
    if actor.has(BANKER):
        return _of_bank(actor)
    return _of_owner(actor) if actor.person_id else []


WAITS = {
    ACCEPTOR: (State.SUBMITTED, Text("件登记申请待受理", "applications to accept")),
    REVIEWER: (State.ACCEPTED, Text("件登记申请待审核", "applications to review")),
    BOOKER: (State.REVIEWED, Text("件登记申请待登簿", "applications to record")),
}


def _of_desk(actor: identity.Actor) -> list[Todo]:
    found, today = [], clocks.today()
    for role, (state, said) in WAITS.items():
        if not actor.has(role):
            continue
        due = list(
            registrations.desk(registries=registries(actor, role), states=[state]).values_list("due_on", flat=True)
        )
        late = sum(one is not None and one < today for one in due)
        if due:
            hint = Text(f"其中{late}件已超期", f"{late} of them overdue") if late else None
            words = Text(f"{len(due)}{said.zh}", f"{len(due)} {said.en}")
            found.append(Todo(words, f"{reverse('registry:desk')}?show={state}", hint, "bad" if late else ""))
    return found


def _of_bank(actor: identity.Actor) -> list[Todo]:
    found = registrations.to_answer_of_units(actor.units(BANKER))
    words = Text(f"{len(found)}件登记申请待本行答复", f"{len(found)} applications wait for your bank")
    return [Todo(words, reverse("registry:asks"), None, "warn")] if found else []


def _of_owner(actor: identity.Actor) -> list[Todo]:
    hashes = identity.person_hashes(actor, clocks.now(), service=SERVICE)
    return [
        Todo(
            Text(f"{one.kind.name.zh}：待您同意", f"{one.kind.name.en}: your consent is asked for"),
            reverse("registry:application", args=[one.id]),
            Text("没有您本人同意不会登簿", "Nothing is recorded without you"),
            "warn",
        )
        for one in registrations.to_answer(hashes)
    ]
