"""What the generated tests try of the bank's interface: a mortgage of the unit's, recorded and proven, a batch, a day's file."""

from datetime import timedelta
from typing import Any

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.exchange import public as exchange
from bancheng.kernel.exchange import testing
from bancheng.kernel.exchange.testing import Partner
from bancheng.kernel.identity import testing as people
from bancheng.kernel.registrations import public as registrations
from bancheng.kernel.registrations import testing as office
from bancheng.kernel.titles import public as titles
from bancheng.services.mortgages import following
from bancheng.services.mortgages.tests import towns
from bancheng.web.testing import World

OWNER = 78


def values(world: World) -> dict[str, Any]:
    """Return what stands in the addresses of the interface."""
    made = Partner.objects.filter(unit=world.unit, closed_at=None).first() or testing.bank(unit=world.unit)[0]
    caller, now = testing.caller(made), clocks.now()
    application = recorded(world.unit, caller)
    following.open_bundle(application=str(application), at=now)
    (proof,) = registrations.certificates_of([application])
    letter = turned_down(world.unit, caller)
    day = clocks.today() - timedelta(days=1)
    exchange.make_day(service="mortgages", partner_id=made.pk, day=day, at=now)
    batch = exchange.take_batch(caller, worker="mortgages.item", items=[{}], at=now)
    return {
        "api:mortgages:one/application_id": application,
        "api:mortgages:archive/application_id": application,
        "api:mortgages:letter/application_id": letter.application,
        "api:mortgages:letter/letter_id": letter.id,
        "api:mortgages:certificate/number": proof.number,
        "api:mortgages:certificate_file/number": proof.number,
        "api:mortgages:batch/batch_id": batch,
        "api:mortgages:day_of/day": day,
        "api:mortgages:file_of/day": day,
    }


def recorded(unit: str, caller: exchange.Caller) -> Any:
    """Return a mortgage that a bank filed by its system, recorded and certified."""
    filed, at, town = agreed(unit, caller), clocks.now(), towns.Town()
    for role, act in (
        (registrations.ACCEPTOR, registrations.accept),
        (registrations.REVIEWER, registrations.review),
        (registrations.BOOKER, registrations.book),
    ):
        act(application_id=filed, by=town.actor(role, office.REGISTRY), at=at)
    registrations.certify(region=office.REGION, registry=office.REGISTRY, at=at)
    return filed


def turned_down(unit: str, caller: exchange.Caller) -> registrations.LetterView:
    """Return the letter of a mortgage that a bank filed by its system and the office did not accept."""
    filed, at = agreed(unit, caller), clocks.now()
    officer = towns.Town().actor(registrations.ACCEPTOR, office.REGISTRY)
    registrations.not_accept(application_id=filed, reason="样例", law="样例", by=officer, at=at)
    return office.written(filed, at=at)


def agreed(unit: str, caller: exchange.Caller) -> Any:
    """Return a mortgage that a bank filed by its system and its owner agreed to."""
    at, owner = clocks.now(), people.citizen("样例抵押人", serial=OWNER)
    number = registrations.filed_for(unit).count() + 1
    parcel = f"411025009008GB{number:05}"
    office.laid_out(owner=titles.person("样例抵押人", people.citizen_id(OWNER)), parcel=parcel)
    filed = registrations.file(
        region=office.REGION,
        kind="mortgage.set",
        key=f"sample-{number}",
        channel="bank",
        by=caller.ref,
        acting_for_unit=unit,
        parties=(
            registrations.Party(registrations.Role.MORTGAGOR, "person", "样例抵押人", people.citizen_id(OWNER)),
            office.bank_party(unit, unit),
        ),
        lots=(f"{parcel}F00010001",),
        payload={**office.TERMS, "last": str(clocks.today() + timedelta(days=3650))},
        papers=office.papers("loan_contract", "mortgage_contract"),
        loan_no=f"样例{number}",
        at=at,
    )
    registrations.consent(application_id=filed.id, by=people.actor(owner), channel="app", at=at)
    return filed.id
