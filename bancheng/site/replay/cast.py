"""Who plays: an administrator and an officer for each unit, and the named people of the demonstration with those they act for."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.contrib.auth import get_user_model

from bancheng.kernel.catalogue import public as catalogue
from bancheng.kernel.forms import public as forms
from bancheng.kernel.identity import public as identity
from bancheng.lib.days import day_of
from bancheng.sim.ledgers import Known
from bancheng.sim.people import DEMO_PEOPLE, DemoPerson

ROLES = {"unit_admin": "单位管理员", "section_officer": "科室经办"}
TITLES = ROLES | {
    "case_officer": "办件经办",
    "approver": "审批",
    "device_keeper": "设备运维",
    "dispatcher": "安全调度",
    "registry_acceptor": "受理",
    "registry_reviewer": "审核",
    "registry_booker": "登簿",
    "bank_archivist": "档案保管",
}
WHO = "system:replay"


@dataclass(frozen=True)
class Staff:
    """The two accounts that work for one unit."""

    admin: identity.Actor
    officer: identity.Actor


def staff_of(units: Sequence[str], *, at: datetime) -> dict[str, Staff]:
    """Return each unit's administrator and officer, opening the accounts that are missing."""
    return {unit: Staff(*(_actor(unit, role, at) for role in ROLES)) for unit in units}


def at_desk(unit: str, role: str, at: datetime) -> identity.Actor:
    """Return who handles cases of a unit in a role, opening the account when there is none."""
    return _actor(unit, role, at)


def of_the_city(role: str, at: datetime, *, unit: str) -> identity.Actor:
    """Return who has a role for the whole city, opening the account with `unit` when there is none."""
    return _actor(unit, role, at, over="")


def _actor(unit: str, role: str, at: datetime, over: str | None = None) -> identity.Actor:
    users = get_user_model()._default_manager
    over = unit if over is None else over
    held = identity.officers(unit=over, role=role, at=at)
    if held:
        return identity.actor_of(users.get(pk=held[0]), at=at)
    user = identity.open_staff_account(
        username=f"{unit}-{role.replace('_', '-')}",
        name=f"{catalogue.unit(unit).name}{TITLES[role]}",
        region=settings.REGION,
        unit=unit,
        title=TITLES[role],
        by=identity.MACHINE,
        at=at,
    )
    identity.grant(user_id=user.pk, role=role, unit=over, region=settings.REGION, by=identity.MACHINE, at=at)
    return identity.actor_of(user, at=at)


def known() -> list[Known]:
    """Return the licences of the named people as the ledgers must list them."""
    return [line for person in DEMO_PEOPLE for line in _lines(person)]


def _lines(person: DemoPerson) -> Iterator[Known]:
    for holding in (*person.holds, *person.acts_for):
        shop = holding.shop
        yield Known(
            holder=shop.name if shop else person.name,
            kind="统一社会信用代码" if shop else "居民身份证",
            identifier=shop.uscc if shop else person.citizen_id,
            contact=person.name,
            mobile=person.mobile,
            licence_type=holding.licence_type,
            days_left=holding.days_left,
            special=bool(person.special),
        )


def share(
    holder: bytes, known: Mapping[str, Sequence[str]], elements: Mapping[str, forms.Element], at: datetime
) -> None:
    """Let the units tell what they hold of a holder, as they do every night; it comes as one would type it and is kept as a value."""
    day = day_of(at) - timedelta(days=1)
    told: dict[str, list[forms.Told]] = {}
    for element in elements.values():
        for source in element.source:
            if source in known and (value := forms.fixed(element, known[source])) is not None:
                told.setdefault(source.split(".")[1], []).append(forms.Told(holder, source, value, day))
    for unit, facts in told.items():
        forms.share(region=settings.REGION, unit=unit, facts=facts, by=WHO, at=at)


def register_people(*, first: date, at: datetime) -> None:
    """Register the named people and their shops, and the agent's written powers, so that each sees his licences (P-5)."""
    elements = forms.elements(settings.REGION)
    for person in DEMO_PEOPLE:
        registered = identity.register_person(
            region=settings.REGION,
            name=person.name,
            citizen_id=person.citizen_id,
            mobile=person.mobile,
            by=WHO,
            at=at,
        )
        shops = {holding.shop: False for holding in person.acts_for} | {holding.shop: True for holding in person.holds}
        for shop, own in shops.items():
            if shop is None:
                continue
            organisation = identity.register_organisation(
                region=settings.REGION, name=shop.name, uscc=shop.uscc, by=WHO, at=at
            )
            identity.link_agent(
                principal=organisation,
                agent=registered,
                document=f"营业执照 {shop.uscc}" if own else f"委托书 {person.code}-{shop.uscc[-6:]}",
                first=first,
                services=() if own else ("expiry", "mine"),  # the licences, and what is said of them
                legal_representative=own,
                by=WHO,
                at=at,
            )
            if own:
                known = {source: [text] for source, text in person.shared.items()}
                share(bytes(organisation.uscc_hash), known, elements, at)
