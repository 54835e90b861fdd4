"""What the generated tests of every door try of the registry: a home of the holder, applications about it in the unit's book, a proof."""

from typing import Any
from uuid import UUID

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.documents import testing as documents
from bancheng.kernel.identity import public as identity
from bancheng.kernel.identity import testing as people
from bancheng.kernel.registrations import public as registrations
from bancheng.kernel.registrations import testing
from bancheng.kernel.titles import public as titles
from bancheng.web.testing import Samples, World

PARCEL = "411025098001GB00078"
HOME = f"{PARCEL}F00010001"
OWNER_ID = people.citizen_id(1)


def laid_out(world: World) -> None:
    """Lay the holder's home out, once."""
    if titles.find(world.region, PARCEL) is None:
        testing.laid_out(owner=titles.person("赵建军", OWNER_ID), parcel=PARCEL)


def filed(world: World, loan: str, *more: registrations.Paper) -> UUID:
    """File a mortgage of the holder's home for a bank, into the book of the unit, with `more` papers than it has to have."""
    today = clocks.today()
    terms = testing.TERMS | {"first": str(today), "last": str(today.replace(year=today.year + 20, day=1))}
    owner = registrations.Party(registrations.Role.MORTGAGOR, "person", "赵建军", OWNER_ID)
    given: dict[str, Any] = {"region": world.region, "kind": "mortgage.set", "channel": "bank", "by": "machine:bank"}
    with testing.registries_of(world.unit):
        made = registrations.file(
            **given,
            key=loan,
            parties=(owner, testing.bank_party()),
            lots=(HOME,),
            payload=terms,
            papers=(*testing.papers("loan_contract", "mortgage_contract"), *more),
            loan_no=loan,
            acting_for_unit=testing.BANK,
            at=clocks.now(),
        )
    return made.id


def asked(world: World, loan: str) -> UUID:
    """Let the holder himself file a mortgage for the unit, which is then asked."""
    today = clocks.today()
    terms = testing.TERMS | {"first": str(today), "last": str(today.replace(year=today.year + 20, day=1))}
    with testing.registries_of(world.unit):
        made = registrations.file(
            region=world.region,
            kind="mortgage.set",
            channel="one_window",
            by=people.actor(world.holder),
            key=loan,
            parties=(
                registrations.Party(registrations.Role.MORTGAGOR, "person", "赵建军", OWNER_ID),
                testing.bank_party(world.unit, "样例银行"),
            ),
            lots=(HOME,),
            payload=terms,
            papers=testing.papers("loan_contract", "mortgage_contract"),
            loan_no=loan,
            at=clocks.now(),
        )
    return made.id


def fill(world: World, first: int, last: int) -> None:
    """Lay out applications number `first` to `last`, all agreed to."""
    laid_out(world)
    holder = people.actor(world.holder)
    for number in range(first, last + 1):
        made = filed(world, f"fill-{number}")
        registrations.consent(application_id=made, by=holder, channel="app", at=clocks.now())


def certified(world: World) -> registrations.CertificateView:
    """Return the holder's proof, numbered and sealed; made once."""
    held = registrations.of_holders([bytes(world.holder.person.citizen_id_hash)])
    if here := [one for one in held if one.registry == world.unit and HOME in one.lots]:
        return here[0]
    made, now, unit = filed(world, "proof"), clocks.now(), world.unit
    registrations.consent(application_id=made, by=people.actor(world.holder), channel="app", at=now)
    desk = [
        people.actor(people.staff(role, unit=unit))
        for role in ("registry_acceptor", "registry_reviewer", "registry_booker")
    ]
    registrations.accept(application_id=made, by=desk[0], at=now)
    registrations.review(application_id=made, by=desk[1], at=now)
    registrations.book(application_id=made, by=desk[2], at=now)
    with testing.registries_of(unit):
        registrations.certify(region=world.region, registry=unit, at=now)
    return registrations.certificates_of([made])[0]


def not_accepted(world: World) -> registrations.LetterView:
    """Return what the unit, as the office, wrote to the holder and his bank; once."""
    return letter_of(world, filed(world, "letter"), people.actor(world.holder))


def bank_letter(world: World) -> registrations.LetterView:
    """Return what the unit, as the office, wrote where it was asked as the bank; once."""
    return letter_of(world, asked(world, "asked-letter"), people.actor(people.staff("bank_approver", unit=world.unit)))


def letter_of(world: World, made: UUID, agrees: identity.Actor) -> registrations.LetterView:
    """Return the letter of an application that whoever is asked agreed to and the office did not accept."""
    now = clocks.now()
    if known := registrations.view(made).letters:
        return known[0]
    registrations.consent(application_id=made, by=agrees, channel="app", at=now)
    registrations.not_accept(
        application_id=made,
        reason="样例",
        law="样例",
        by=people.actor(people.staff("registry_acceptor", unit=world.unit)),
        at=now,
    )
    with testing.registries_of(world.unit):
        return testing.written(made, at=now)


def samples(world: World) -> Samples:
    laid_out(world)
    proof = certified(world)
    letter, asked_letter = not_accepted(world), bank_letter(world)
    loan = f"sample-{registrations.filed_for(testing.BANK).count()}"
    why = {"reason": "样例", "law": "不动产登记暂行条例 第二十二条"}
    scan = documents.stored(region=world.region, about="filing:sample", material="loan_contract", at=clocks.now())
    paper = registrations.Paper("loan_contract", scan.name, "f" * 64, 1, scan.id)
    return Samples(
        values={
            "application_id": filed(world, loan, paper),
            "certificate_id": proof.id,
            "code": proof.code,
            "registry:paper/use_id": scan.id,
            "letter_id": letter.id,
            "registry:letter/application_id": letter.application,
            "registry:letter_file/application_id": letter.application,
            "registry:ask_letter/ask_id": asked_letter.application,
            "registry:ask_letter/letter_id": asked_letter.id,
            "ask_id": asked(world, f"{loan}-asked"),
        },
        sends={
            "registry:check_file": {"file": b"%PDF-1.7"},
            "registry:consent": {"agree": "yes"},
            "registry:object": {"reason": "样例"},
            "registry:decline": {"reason": "样例"},
            "registry:answer": {"lot": HOME, "purpose": "own"},
            "registry:correct": {"points": "样例", "law": "样例"},
            "registry:not_accept": why,
            "registry:refuse": why,
            "registry:send_back": why,
            "registry:suspend": why | {"cause": "dispute"},
            "registry:resume": why,
            "registry:announce": why | {"what": "announcing", "days": "15"},
        },
        marks=(HOME, titles.spaced(HOME)),
    )
