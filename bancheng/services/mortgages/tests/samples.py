"""What the generated tests of every door try of mortgages: of one unit, which is the bank and the registry in one, few or many."""

from datetime import date, timedelta

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.documents.testing import stored
from bancheng.kernel.identity import public as identity
from bancheng.kernel.identity import testing as people
from bancheng.kernel.registrations import public as registrations
from bancheng.kernel.registrations import testing as offices
from bancheng.kernel.titles import public as titles
from bancheng.lib.identifiers import uuid7
from bancheng.services.mortgages.models import (
    Agreement,
    BankRequest,
    Bundle,
    Complaint,
    Contact,
    Filing,
    Finding,
    Inspection,
    LookUp,
    Outlet,
    Tracked,
)
from bancheng.services.mortgages.operations import chain, filings
from bancheng.services.mortgages.rules.agreements import State
from bancheng.services.mortgages.rules.custody import Act
from bancheng.services.mortgages.rules.custody import State as State_
from bancheng.services.mortgages.tests import api_samples, towns
from bancheng.web.testing import Samples, World

MARK = "样例抵押"


def agreement(world: World, state: State) -> Agreement:
    """Return an agreement of the unit, each of another year, long after any day."""
    first = date(2100 + Agreement.objects.count(), 1, 1)
    return towns.agreement(
        world.unit, first, first.replace(month=12, day=31), state, registry=world.unit,
        number=f"{MARK}协议{Agreement.objects.count()}号",
    )  # fmt: skip


def request(world: World, state: str = "asked") -> BankRequest:
    """Return a request of the unit, to the unit."""
    now = clocks.now()
    more: dict[str, object] = {}
    if state != "asked":
        more |= {"topic": "other", "route": "on_spot"}
    if state == "answered":
        more |= {"answer": "样例", "answered_by": "staff:900004", "answered_at": now}
    made = BankRequest.objects.create(
        id=uuid7(now), region=world.region, registry=world.unit, bank=world.unit, words=f"{MARK}诉求", state=state,
        asked_by="staff:900005", asked_at=now, due_on=clocks.today() + timedelta(days=3), **more,
    )  # fmt: skip
    made.lines.create(region=world.region, what="asked", by="staff:900005", at=now, words=made.words)
    return made


def bundle(world: World, state: str = "kept", **more: object) -> Bundle:
    """Return a bundle of the unit, in a state its chain has led to."""
    now, n = clocks.now(), Bundle.objects.count()
    made = Bundle(
        id=uuid7(now), region=world.region, registry=world.unit, bank=world.unit, about=f"registration:sample-{n}",
        number=f"{MARK}{n}号", kind="mortgage.set", title=f"{MARK}房屋", recorded_at=now, due_on=clocks.today(),
        state=State_.OWED, pages=5,
    )  # fmt: skip
    made.save()
    for act in PATHS[state]:
        made.box, made.shelf, made.keeper, made.filed_at = "A1", "1", world.admin.pk, now
        made.lent_until = clocks.today() if act is Act.LENT else None
        chain.line(made, act, by="staff:900007", at=now, other="staff:900008" if act is Act.HANDED_OVER else "")
    return made


PATHS = {
    "owed": (),
    "kept": (Act.CREATED,),
    "lent": (Act.CREATED, Act.LENT),
    "lost": (Act.CREATED, Act.LOST),
}


def look_up(world: World, *, answered: bool = False) -> LookUp:
    """Return a look-up of a bundle of the unit."""
    now, found = clocks.now(), bundle(world)
    made = LookUp.objects.create(
        id=uuid7(now), region=world.region, bundle=found, purpose=MARK, asked_by="staff:900009", asked_at=now,
        due_on=clocks.today(),
    )  # fmt: skip
    if answered:
        use = stored(region=world.region, about=f"look-up:{made.pk}", material="调阅扫描件")
        made.answered_at, made.answered_by, made.use, made.sha256, made.sm3 = (
            now,
            "staff:900010",
            use.id,
            "a" * 64,
            "b" * 64,
        )
        made.save()
    return made


def finding(world: World, *, explained: bool = False) -> Finding:
    """Return a finding about a bundle of the unit."""
    now = clocks.now()
    more = {"answer": "样例", "answered_by": "staff:900011", "answered_at": now} if explained else {}
    return Finding.objects.create(
        id=uuid7(now), region=world.region, bundle=bundle(world), cause="pages", opened_by="staff:900012", opened_at=now,
        due_on=clocks.today(), **more,
    )  # fmt: skip


def inspection(world: World) -> Inspection:
    """Return a sample of the unit's, drawn in a month of its own."""
    now, number = clocks.now(), Inspection.objects.count()
    made = Inspection.objects.create(
        id=uuid7(now), region=world.region, registry=world.unit, bank=world.unit,
        month=date(2100 + number, 1, 1), seed="0" * 64, population=1, population_hash="0" * 64, before=now,
        drawn_by="staff:900013", drawn_at=now,
    )  # fmt: skip
    made.drawn.create(region=world.region, bundle=bundle(world))
    return made


def offered(world: World) -> Bundle:
    """Return a bundle that the registry has to sign for."""
    now, found = clocks.now(), bundle(world)
    found.handovers.create(
        id=uuid7(now), region=world.region, act="handed_over", giver="staff:900014", words="样例", given_at=now
    )
    return found


def filing(world: World, stage: str = "draft") -> Filing:
    """Return a cancellation that the unit prepared; one that was filed has an application the office does not know."""
    now, number = clocks.now(), Filing.objects.count()
    outlet, _ = Outlet.objects.get_or_create(
        region=world.region,
        code="sample",
        defaults={"channel": "bank", "bank": world.unit, "name": MARK, "name_en": MARK},
    )
    parties = identity.seal('{"people": [], "to_bank": ""}', kind=filings.SEAL)
    return Filing.objects.create(
        id=uuid7(now), region=world.region, bank=world.unit, outlet=outlet, kind="mortgage.cancel", lots=[], right="样例",
        loan_no=f"{MARK}{number}", terms={}, parties_sealed=parties, no_conditions=True, stage=stage,
        prepared_by="staff:900015", prepared_at=now,
    )  # fmt: skip


PARCEL = "411025098001GB00001"  # of no sample estate
REGISTRY = "xiangcheng-registry"


def certified(world: World) -> Filing:
    """Return a mortgage of the holder's home that the unit filed and the registry recorded and certified, once."""
    now = clocks.now()
    known = Filing.objects.filter(stage="filed").exclude(loan_no="mortgages-letter").first()
    if known:
        return known
    offices.laid_out(owner=titles.person("赵建军", people.citizen_id(1)), parcel=PARCEL)
    banker = people.actor(people.staff("bank_approver", unit=world.unit), at=now)
    mortgagor = registrations.Party(registrations.Role.MORTGAGOR, "person", "赵建军", people.citizen_id(1))
    made = registrations.file(
        region=world.region, kind="mortgage.set", key="mortgages-sample", channel="bank", by=banker,
        parties=[mortgagor, offices.bank_party(world.unit, MARK)], lots=[f"{PARCEL}F00010001"],
        payload=dict(offices.TERMS), papers=offices.papers("loan_contract", "mortgage_contract"), loan_no=MARK,
        acting_for_unit=world.unit, at=now,
    )  # fmt: skip
    registrations.consent(application_id=made.id, by=people.actor(world.holder, at=now), channel="app", at=now)
    for role, act in (("acceptor", "accept"), ("reviewer", "review"), ("booker", "book")):
        officer = people.actor(people.staff(f"registry_{role}", unit=REGISTRY), at=now)
        getattr(registrations, act)(application_id=made.id, by=officer, at=now)
    registrations.certify(region=world.region, registry=REGISTRY, at=now)
    found = filing(world)
    found.stage, found.application, found.number, found.filed_at = "filed", made.id, made.number, now
    found.filed_by = banker.ref
    found.save()
    return found


def turned_down(world: World) -> tuple[Filing, registrations.LetterView]:
    """Return a filing of the unit that the registry did not accept, with its letter, once."""
    now, key = clocks.now(), "mortgages-letter"
    if known := Filing.objects.filter(stage="filed", loan_no=key).first():
        assert known.application
        return known, registrations.view(known.application).letters[0]
    banker = people.actor(people.staff("bank_approver", unit=world.unit), at=now)
    mortgagor = registrations.Party(registrations.Role.MORTGAGOR, "person", "赵建军", people.citizen_id(1))
    made = registrations.file(
        region=world.region, kind="mortgage.set", key=key, channel="bank", by=banker,
        parties=[mortgagor, offices.bank_party(world.unit, MARK)], lots=[f"{PARCEL}F00010001"],
        payload=dict(offices.TERMS), papers=offices.papers("loan_contract", "mortgage_contract"), loan_no=key,
        acting_for_unit=world.unit, at=now,
    )  # fmt: skip
    registrations.consent(application_id=made.id, by=people.actor(world.holder, at=now), channel="app", at=now)
    officer = people.actor(people.staff("registry_acceptor", unit=REGISTRY), at=now)
    registrations.not_accept(application_id=made.id, reason="样例", law="样例", by=officer, at=now)
    found = filing(world)
    found.stage, found.application, found.number, found.filed_at = "filed", made.id, made.number, now
    found.filed_by, found.loan_no = banker.ref, key
    found.save()
    return found, offices.written(made.id, at=now)


def tracked(world: World) -> Tracked:
    """Return an application of the unit, as the office told of it."""
    now = clocks.now()
    return Tracked.objects.create(
        region=world.region, registry=world.unit, bank=world.unit, application=uuid7(now), number=f"{MARK}{Tracked.objects.count()}",
        kind="mortgage.set", channel="bank", state="draft", filed_at=now,
    )  # fmt: skip


def complaint(world: World) -> Complaint:
    """Return a complaint of the holder, to the unit."""
    now = clocks.now()
    return Complaint.objects.create(
        id=uuid7(now), region=world.region, registry=world.unit, bank=world.unit, application=uuid7(now), number=MARK,
        holder_hash=identity.find_hash(people.citizen_id(1), kind="citizen_id"), words=f"{MARK}投诉", asked_by="person:1",
        asked_at=now, due_on=clocks.today(),
    )  # fmt: skip


def fill(world: World, first: int, last: int) -> None:
    """Lay out agreements, requests and visits of the unit number `first` to `last`."""
    now = clocks.now()
    for _ in range(first, last + 1):
        agreement(world, State.SIGNED)
        request(world)
        bundle(world, "owed")
        inspection(world)
        filing(world)
        tracked(world)
        complaint(world)
        Contact.objects.create(
            id=uuid7(now), region=world.region, registry=world.unit, bank=world.unit, kind="visit", held_on=clocks.today(),
            place=MARK, words=MARK, noted_by="staff:900006", noted_at=now,
        )  # fmt: skip


PLACE = {"box": "A1", "shelf": "1", "pages": "5"}
ARCHIVE: dict[str, dict[str, object]] = {
    "mortgages:bundle_file": PLACE,
    "mortgages:bundle_move": PLACE,
    "mortgages:bundle_lend": {"to": "样例", "until": "2999-01-01"},
    "mortgages:bundle_back": {"pages": "5"},
    "mortgages:bundle_lost": {"words": "样例"},
    "mortgages:bundle_found": PLACE,
    "mortgages:bundle_offer": {"act": "handed_over", "words": "样例"},
    "mortgages:look_up": {"purpose": "样例"},
    "mortgages:look_up_answer": {"words": "样例"},
    "mortgages:finding_explain": {"words": "样例"},
    "mortgages:inspection_draw": {"bank": "boc"},
    "mortgages:quote": {"code": "样例"},
    "mortgages:filing_new": {"kind": "mortgage.set"},
    "mortgages:filing_enclose": {"material": "样例"},
    "mortgages:filing_supplement": {"material": "样例"},
    "mortgages:filing_withdraw": {"reason": "样例"},
    "mortgages:complaint_answer": {"upheld": "no", "words": "样例"},
    "mortgages:complain": {"words": "样例"},
    "mortgages:cancel_ask": {"reason": "样例"},
}


def samples(world: World) -> Samples:
    proposed, signed = agreement(world, State.PROPOSED), agreement(world, State.SIGNED)
    asked, answered, found, explained = (
        look_up(world),
        look_up(world, answered=True),
        finding(world),
        finding(world, explained=True),
    )
    drawn, done = inspection(world), certified(world)
    assert done.application
    (proof, *_) = registrations.certificates_of([done.application])
    turned, letter = turned_down(world)
    bundle(world, "owed")
    why, words = {"why": "样例"}, {"words": "样例"}
    return Samples(
        values={
            **api_samples.values(world),
            "agreement_id": proposed.pk,
            "mortgages:agreement_end/agreement_id": signed.pk,
            "request_id": request(world).pk,
            "mortgages:request_answer/request_id": request(world, "sorted").pk,
            "mortgages:request_rate/request_id": request(world, "answered").pk,
            "mortgages:request_back/request_id": request(world, "answered").pk,
            "bundle_id": bundle(world).pk,
            "mortgages:bundle_file/bundle_id": bundle(world, "owed").pk,
            "mortgages:bundle_back/bundle_id": bundle(world, "lent").pk,
            "mortgages:bundle_found/bundle_id": bundle(world, "lost").pk,
            "mortgages:bundle_take/bundle_id": offered(world).pk,
            "mortgages:look_up_answer/bundle_id": asked.bundle_id,
            "look_up_id": asked.pk,
            "mortgages:bundle_scan/bundle_id": answered.bundle_id,
            "mortgages:bundle_scan/look_up_id": answered.pk,
            "mortgages:finding_explain/bundle_id": found.bundle_id,
            "finding_id": found.pk,
            "mortgages:finding_close/bundle_id": explained.bundle_id,
            "mortgages:finding_close/finding_id": explained.pk,
            "inspection_id": drawn.pk,
            "filing_id": filing(world).pk,
            "application_id": done.application,
            "mortgages:filing_proof/filing_id": done.pk,
            "certificate_id": proof.id,
            "mortgages:cancel_ask/right": proof.right,
            "mortgages:filing_letter/filing_id": turned.pk,
            "letter_id": letter.id,
            "complaint_id": complaint(world).pk,
        },
        sends=ARCHIVE
        | {
            "mortgages:agreement_propose": {"bank": "boc"},
            "mortgages:agreement_turn_down": why,
            "mortgages:agreement_end": why,
            "mortgages:officer_name": {"bank": "boc", "account": "1"},
            "mortgages:contact_note": {"bank": "boc"},
            "mortgages:symposium_note": {"held_on": "2026-03-02"},
            "mortgages:request_ask": {"bank": "boc", "words": "样例"},
            "mortgages:request_sort": {"topic": "other", "route": "on_spot"},
            "mortgages:request_answer": words,
            "mortgages:request_rate": {"grade": "5"},
            "mortgages:request_back": words,
            "mortgages:inspection_enter": {"drawn": str(drawn.drawn.get().pk), "there": "no"},
        },
        marks=(MARK,),
        figures=frozenset({"mortgages:board", "mortgages:inspections", "mortgages:board_csv", "mortgages:held"}),
        own=frozenset(
            f"mortgages:{one}"
            for one in (
                "agreement_propose",
                "officer_name",
                "contact_note",
                "symposium_note",
                "request_ask",
                "inspection_draw",
            )
        ),
    )
