"""What the generated tests of every door try of land shares: a parcel that is the holder's to develop, and a flat that he has bought."""

from datetime import timedelta

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.identity import testing as people
from bancheng.kernel.registrations import public as registrations
from bancheng.kernel.registrations import testing
from bancheng.kernel.titles import public as titles
from bancheng.services.landshares.models import Estate, Meeting
from bancheng.web.testing import Samples, World

MARK = "样例楼盘"
OWN, OTHER = "411002009001GB09001", "411002009001GB09002"


def _said(world: World, key: str) -> titles.Said:
    return {
        "region": world.region,
        "key": f"sample-{key}",
        "registration": f"样例{key}",
        "by": "staff:test",
        "at": world.at + timedelta(minutes=1),
    }


def _parcel(world: World, code: str, developer: titles.Party) -> None:
    """Open a parcel of two flats and divide it; again changes nothing."""
    titles.open_parcel(parcel=code, area_dm2=100_000, holder=titles.sole(developer), **_said(world, f"{code}-open"))
    units = [titles.UnitArea(f"{code}F0001000{n}", 10_000) for n in (1, 2)]
    titles.accept_survey(
        building=f"{code}F0001", stage=titles.SurveyStage.PREDICTED, units=units, **_said(world, f"{code}-survey")
    )
    titles.quantify(parcel=code, approval="样例", **_said(world, f"{code}-plan"))
    Estate.objects.get_or_create(region=world.region, parcel=code, defaults={"name": MARK})


def _letter(world: World) -> registrations.LetterView:
    """Return what the office wrote to the unit, a survey of whose it did not accept; once."""
    lot, now = titles.land(OWN), clocks.now()
    known = [each for each in registrations.of_lots([lot], region=world.region) if each.unit == world.unit]
    if letters := registrations.letters_of([each.id for each in known]):
        return next(iter(letters.values()))[0]
    with testing.registries_of(world.unit):
        made = registrations.file(
            region=world.region, kind="plan.quantify", key="sample-letter", channel="window",
            by=people.actor(people.staff("surveyor", unit=world.unit)), parties=(), lots=(lot,),
            payload={"approval": "样例"}, papers=testing.papers("planning_approval"), acting_for_unit=world.unit, at=now,
        )  # fmt: skip
        officer = people.actor(people.staff("registry_acceptor", unit=world.unit))
        registrations.not_accept(application_id=made.id, reason="样例", law="样例", by=officer, at=now)
        return testing.written(made.id, at=now)


def samples(world: World) -> Samples:
    holder = titles.person(world.holder.person.name, people.citizen_id(1))
    _parcel(world, OWN, holder)
    _parcel(world, OTHER, titles.person("开发人", people.citizen_id(9)))
    flat = f"{OTHER}F00010001"
    titles.open_claim(
        lot=flat, buyer=titles.sole(holder), number="YS样例", noticed=True, permit="样例", **_said(world, "claim")
    )
    meeting, _ = Meeting.objects.get_or_create(
        region=world.region,
        number="样例会议",
        defaults={
            "held_on": world.at.date(),
            "chair": "样例",
            "minutes": "样例",
            "held_by": "staff:test",
            "at": world.at,
        },
    )
    letter = _letter(world)
    return Samples(
        values={
            "parcel": OWN,
            "kind": "plan.quantify",
            "meeting_id": meeting.pk,
            "application_id": letter.application,
            "letter_id": letter.id,
        },
        sends={"landshares:serve": {"number": "样例案号一", "until": "2020-01-01"}},
        marks=(MARK,),
    )
