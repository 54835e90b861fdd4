"""Registrations for other parts' tests: a parcel with homes in the book, people who hold them, the registry's three, and cases as far as wanted."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from bancheng.kernel.catalogue import testing as catalogue
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.identity import public as identity
from bancheng.kernel.identity import testing as people
from bancheng.kernel.registrations import offices
from bancheng.kernel.registrations.facts import Filed, LetterView, Paper, Party, Registry, Request
from bancheng.kernel.registrations.operations import booking, certifying, consenting, filing, handling, writing
from bancheng.kernel.registrations.queries import reading
from bancheng.kernel.registrations.rules.kinds import Role
from bancheng.kernel.registrations.rules.letters import TITLES
from bancheng.kernel.titles import public as titles
from bancheng.lib.identifiers import make_uscc

REGION, COUNTY, CITY = "411000", "411025", "411002"
PARCEL = "411025099001GB00077"
BUILDING = f"{PARCEL}F0001"
HOME, SECOND, THIRD = (f"{BUILDING}000{n}" for n in (1, 2, 3))
REGISTRY = "xiangcheng-registry"
BANK, OTHER_BANK = "boc", "icbc"
DEVELOPER_USCC = make_uscc("411025", 7)
AT = datetime(2026, 3, 2, 9, 0, tzinfo=clocks.SHANGHAI)  # a Monday
TERMS = {
    "principal_fen": 60_000_000,
    "currency": "CNY",
    "first": "2026-03-02",
    "last": "2046-03-01",
    "location": "襄城县样例路1号",
}


def later(**time: float) -> datetime:
    """Return an instant so long after AT."""
    return AT + timedelta(**time)


@dataclass
class Office:
    """A registry with its three officers, a bank's approver, and an owner with a home: what most tests stand on."""

    acceptor: identity.Actor
    reviewer: identity.Actor
    booker: identity.Actor
    banker: identity.Actor
    owner_user: Any
    owner: identity.Actor
    owner_id: str


def office(*, demo_registries: bool = True) -> Office:
    """Return the registry and its people, with PARCEL in the book and HOME the owner's. Units are laid out where no city is loaded."""
    if demo_registries:
        offices.declare(
            lambda: [Registry(REGISTRY, "豫", "襄城县", (COUNTY,)), Registry("registry", "豫", "许昌市", (CITY,))]
        )
        for code, name in (
            (REGISTRY, "襄城县不动产登记中心"),
            (BANK, "中国银行襄城支行"),
            (OTHER_BANK, "工商银行襄城支行"),
        ):
            catalogue.unit(code, name)
    user = people.citizen("王芳", serial=71)
    found = Office(
        acceptor=_staff(handling.ACCEPTOR, REGISTRY, "倪娜"),
        reviewer=_staff(handling.REVIEWER, REGISTRY, "钟磊"),
        booker=_staff(handling.BOOKER, REGISTRY, "葛婷"),
        banker=_staff("bank_approver", BANK, "施文"),
        owner_user=user,
        owner=people.actor(user),
        owner_id=people.citizen_id(71),
    )
    laid_out(owner=titles.person("王芳", found.owner_id))
    return found


def _staff(role: str, unit: str, name: str) -> identity.Actor:
    return people.actor(people.staff(role, unit=unit, name=name))


@contextmanager
def registries_of(*units: str) -> Iterator[None]:
    """Let these units keep the books of the tests' counties while the block runs."""
    before = list(offices._told)
    offices.declare(lambda: [Registry(unit, "豫", "样例县", (COUNTY, CITY)) for unit in units])
    try:
        yield
    finally:
        offices._told[:] = before


def developer() -> identity.Actor:
    """Return the developer's legal representative, signed in."""
    user = people.citizen("段总", serial=79)
    assert user.person  # a citizen's account has one
    organisation = identity.register_organisation(
        region=REGION, name="样例置业有限公司", uscc=DEVELOPER_USCC, by="test", at=AT
    )
    identity.link_agent(
        principal=organisation,
        agent=user.person,
        document="营业执照一号",
        first=AT.date(),
        legal_representative=True,
        by="test",
        at=AT,
    )
    return people.actor(user)


def said(key: str, *, at: datetime = AT) -> titles.Said:
    """Return who records what, for acts of the book that tests lay out."""
    return titles.Said(region=REGION, key=key, registration=key, by="test", at=at)


def laid_out(*, owner: titles.Party, parcel: str = PARCEL, at: datetime = AT - timedelta(days=30)) -> None:
    """Lay out a parcel of 1000 m² with a registered building of three homes; the first is the owner's, the others the developer's."""
    building = f"{parcel}F0001"
    developer = titles.organisation("样例置业有限公司", DEVELOPER_USCC)
    titles.open_parcel(
        **said(f"{parcel}-open", at=at),
        parcel=parcel,
        area_dm2=100_000,
        holder=titles.sole(developer),
        use="城镇住宅用地",
        term_until=date(2090, 12, 31),
    )
    units = [titles.UnitArea(f"{building}000{n}", area) for n, area in ((1, 10_010), (2, 11_990), (3, 9_020))]
    titles.accept_survey(
        **said(f"{parcel}-survey", at=at),
        building=building,
        stage=titles.SurveyStage.MEASURED,
        units=units,
        approval="测绘成果一号",
    )
    titles.quantify(**said(f"{parcel}-plan", at=at), parcel=parcel, approval="计划表一号")
    titles.first_register(**said(f"{parcel}-first", at=at), building=building, acceptance="竣工备案一号")
    titles.transfer(
        **said(f"{parcel}-transfer", at=at), lot=f"{building}0001", to=titles.sole(owner), contract="买卖合同一号"
    )


def bank_party(unit: str = BANK, name: str = "中国银行襄城支行") -> Party:
    """Return the mortgagee."""
    return Party(Role.MORTGAGEE, "unit", name, unit=unit)


def papers(*materials: str) -> tuple[Paper, ...]:
    """Return papers of these kinds, each with a digest of its own."""
    return tuple(Paper(each, f"{each}.pdf", f"{n:064x}", 3) for n, each in enumerate(materials, 1))


def request(found: Office, *, lots: Sequence[str] = (HOME,), **over: Any) -> Request:
    """Return what a bank files: a mortgage of the owner's home."""
    asked = Request(
        REGION,
        "mortgage.set",
        "bank",
        (Party(Role.MORTGAGOR, "person", "王芳", found.owner_id), bank_party()),
        tuple(lots),
        {**TERMS, "areas": {HOME: 10_010}} if tuple(lots) == (HOME,) else dict(TERMS),
        papers("loan_contract", "mortgage_contract"),
        "LOAN-1",
        BANK,
    )
    return replace(asked, **over)


def filed(found: Office, key: str = "k1", *, at: datetime = AT, **over: Any) -> Filed:
    """File a mortgage of the owner's home for the bank."""
    return filing.file(request(found, **over), key=key, by=found.banker, at=at)


def consented(found: Office, key: str = "k1", *, at: datetime = AT, **over: Any) -> UUID:
    """Return a case that its owner has agreed to."""
    made = filed(found, key, at=at, **over)
    consenting.consent(application_id=made.id, by=found.owner, channel="app", at=at)
    return made.id


def accepted(found: Office, key: str = "k1", *, at: datetime = AT, **over: Any) -> UUID:
    """Return a case that was accepted."""
    made = consented(found, key, at=at, **over)
    handling.accept(application_id=made, by=found.acceptor, at=at)
    return made


def reviewed(found: Office, key: str = "k1", *, at: datetime = AT, **over: Any) -> UUID:
    """Return a case that was reviewed."""
    made = accepted(found, key, at=at, **over)
    handling.review(application_id=made, by=found.reviewer, at=at)
    return made


def recorded(found: Office, key: str = "k1", *, at: datetime = AT, **over: Any) -> UUID:
    """Return a case that was recorded; its certificate waits for its number."""
    made = reviewed(found, key, at=at, **over)
    booking.book_in(application_id=made, by=found.booker, at=at)
    return made


def certified(found: Office, key: str = "k1", *, at: datetime = AT, **over: Any) -> UUID:
    """Return a case whose certificate was numbered, set and sealed as in life."""
    made = recorded(found, key, at=at, **over)
    certifying.certify(region=REGION, registry=REGISTRY, at=at)
    return made


def written(application_id: UUID, *, at: datetime) -> LetterView:
    """Return the last letter that a decision called for, numbered, set and sealed as in life."""
    lines = reading.view(application_id).lines
    seq = max(line.seq for line in lines if line.act in TITLES)
    writing.write(application_id=application_id, line=seq, at=at)
    return reading.view(application_id).letters[-1]


def seized(
    court: str = "city-court",
    number: str = "（2026）豫10执保12号",
    *,
    lots: Sequence[str] = (HOME,),
    at: datetime,
    found: Office,
) -> None:
    """Let a court seize the owner's home."""
    titles.register_seizure(
        **said(f"seize-{number}", at=at),
        parcel=PARCEL,
        court=titles.unit_party(titles.PartyKind.COURT, court, "许昌市中级人民法院"),
        number=number,
        debtor=titles.person("王芳", found.owner_id),
        served_at=at,
        until=date(2029, 3, 1),
        scope=titles.Scope.EXPLICIT,
        lots=list(lots),
    )
