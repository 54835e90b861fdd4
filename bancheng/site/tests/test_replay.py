"""When a replay may begin, and that its plan and the platform count windows alike."""

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings

from bancheng.kernel.audit import public as audit
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.identity import public as identity
from bancheng.kernel.identity import testing as people
from bancheng.kernel.licences import public as licences
from bancheng.kernel.licences.models import Licence
from bancheng.lib.refusal import Refused
from bancheng.pack.loader import load_city
from bancheng.services.expiry import operations, queries
from bancheng.services.expiry.models import Batch, Inspection, Item, Review, Term
from bancheng.services.expiry.operations.watches import derive_window
from bancheng.services.onething import before
from bancheng.sim import ledgers
from bancheng.sim.people import DEMO_PEOPLE
from bancheng.site.replay import cast, days, diary, replay, year

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
OTHERS = [f"services/{one.name}" for one in (Path(settings.PACK) / "services").iterdir()]  # nothing of theirs is needed
PACK = dict.fromkeys(OTHERS, lambda folder, **_: None) | {
    "services/expiry": operations.load,
    "services/onething": before.load,
}


@pytest.fixture
def city():
    """The reference pack, loaded."""
    load_city(Path(settings.PACK), by="staff:test", at=AT, sections=PACK)


@pytest.fixture
def directory():
    """A directory with the one item that a replay cannot do without: a whole pack takes its time to load."""
    Item.objects.create(
        region="411000",
        code=year.MAIN,
        unit="tobacco",
        licence_type="tobacco-retail",
        name="烟草专卖零售许可证",
        validity_years=5,
        closes=30,
        counts_in="nd",
        bring=[],
        bring_en=[],
        published_on=AT.date(),
    )


@pytest.fixture(autouse=True)
def sandbox(settings):
    settings.SANDBOX_CLOCK = True


def begin(**asked):
    return year._checked(asked.get("scale"), asked.get("seed"), None)


def code_of(ask):
    with pytest.raises(Refused) as no:
        ask()
    assert "没有" in no.value.says  # every refusal says what was kept
    return no.value.code


@pytest.mark.usefixtures("directory")
def test_production_and_a_house_without_a_sandbox_clock_refuse_to_replay(settings):
    """A10.5: the figures come of a demonstration; no clock is moved where the law is lived."""
    settings.SANDBOX_CLOCK = False
    assert code_of(begin) == "no_replay_here"
    settings.SANDBOX_CLOCK, settings.PRODUCTION = True, True
    assert code_of(lambda: replay(scale=1, seed=1, until=None, stop=threading.Event(), tell=print)) == "no_replay_here"
    assert diary.read() is None


def test_without_a_pack_nothing_begins():
    assert code_of(begin) == "no_pack"
    assert diary.read() is None


@pytest.mark.usefixtures("directory")
def test_ledgers_that_somebody_uploaded_are_not_mixed_with_a_replay():
    """R10.7: what a unit's people brought stays theirs."""
    admin = people.staff("unit_admin", unit="market")
    Batch.objects.create(
        region="411000", unit="market", name="ours.xlsx", sha256="0", uploaded_by=admin, uploaded_at=AT
    )
    assert code_of(begin) == "ledgers_there"


@pytest.mark.usefixtures("directory")
def test_a_replay_goes_on_where_it_was_with_what_it_was_asked_for():
    plan = begin(scale=0.5, seed=3)
    assert (plan.scale, plan.seed, plan.last, plan.over) == (0.5, 3, None, False)
    assert plan.start == clocks.real_now().date() - timedelta(days=365)
    diary.end_day(plan.start, at=AT)
    assert begin().last == plan.start
    assert begin(scale=0.5).seed == 3
    assert code_of(lambda: begin(scale=1.0)) == "another_replay"
    assert code_of(lambda: begin(seed=4)) == "another_replay"


@pytest.mark.usefixtures("directory")
def test_a_year_that_was_left_for_today_is_not_gone_on_with():
    """R10.6: the nightly inspection of today has ended terms that the replay had not lived yet."""
    plan = begin()
    Inspection.objects.create(
        region="411000", day=clocks.today(), ran_at=clocks.real_now(), messages=0, tasks=0, lapsed=0
    )
    assert code_of(begin) == "lived_on"
    diary.end(at=AT)
    assert begin().over
    assert plan.last is None


@pytest.mark.usefixtures("directory")
def test_a_day_that_is_lived_again_changes_no_licence_again():
    """R10.5 R10.7: after a kill the day is begun anew; what its units and holders did stands once."""
    for role in cast.ROLES:
        people.staff(role, unit="tobacco")
    staff = cast.staff_of(["tobacco"], at=AT)
    day = AT.date()
    for number, what in enumerate(("renewed", "deregistered", "given_up")):
        enter(str(number), until=day + timedelta(days=20))
        event = ledgers.Event(day, "tobacco", "tobacco-retail", str(number), what, None)
        later = replace(event, new_last_day=day + timedelta(days=1800)) if what == "renewed" else event
        town = days.Town("411000", staff, {day: [later]}, day, {})
        assert days._happen(town, day) == days._happen(town, day) == 1
    versions = dict(Licence.objects.values_list("number", "version"))
    assert versions == {"0": 2, "1": 2, "2": 1}
    assert sorted(Term.objects.values_list("outcome", flat=True)) == ["deregistered", "given_up", "renewed"]


@pytest.mark.usefixtures("directory")
def test_many_renewals_of_a_day_come_as_one_list_and_once():
    """R10.7: the unit's own list; lived again it changes nothing, and the holder stays who he was."""
    for role in cast.ROLES:
        people.staff(role, unit="tobacco")
    day = AT.date()
    until = day + timedelta(days=20)
    later = until + timedelta(days=1826)
    events = []
    for number in map(str, range(days.LIST_FROM)):
        enter(number, until=until)
        events.append(ledgers.Event(day, "tobacco", "tobacco-retail", number, "renewed", later))
    town = days.Town("411000", cast.staff_of(["tobacco"], at=AT), {day: events}, day, {})
    assert days._happen(town, day) == days._happen(town, day) == days.LIST_FROM
    assert set(Licence.objects.values_list("version", "valid_to", "holder_name")) == {(2, later, "魏都区小店")}
    assert set(Licence.objects.values_list("source_batch", flat=True)) == {f"replay-{day}-tobacco"}
    assert set(Term.objects.values_list("outcome", flat=True)) == {"renewed"}


def test_units_review_in_the_last_days_of_a_quarter_once_each():
    """F10.13: on a working day of its own, and a day lived again adds nothing."""
    units = [f"u{n}" for n in range(days.REVIEWING + 1)]
    for unit in units:
        Item.objects.create(
            region="411000",
            code=unit,
            unit=unit,
            licence_type=unit,
            name=unit,
            validity_years=5,
            bring=[],
            bring_en=[],
            published_on=AT.date(),
        )
    one = cast.Staff(*(people.actor(people.staff(role, unit="u0"), at=AT) for role in cast.ROLES))
    town = days.Town("411000", dict.fromkeys(units, one), {}, AT.date(), {})
    for n in [*range(14), *range(14)]:
        days._review(town, datetime(2026, 3, 18, tzinfo=UTC).date() + timedelta(days=n))
    done = list(Review.objects.values_list("unit", "quarter", "done_at__date"))
    assert sorted(unit for unit, _, _ in done) == sorted(units)
    assert {quarter for _, quarter, _ in done} == {"2026Q1"}
    assert len({day for _, _, day in done}) == days.REVIEWING
    assert all(clocks.calendar().is_working(day) for _, _, day in done)
    assert len(audit.search(action="expiry.reviewed", limit=50)) == len(units)


def enter(number, *, until):
    """Enter a licence as its unit's system does."""
    licences.issue(
        region="411000",
        licence_type="tobacco-retail",
        number=number,
        holder_kind=licences.Kind.ORGANISATION,
        holder_hash=bytes(32),
        holder_sealed=b"sealed",
        holder_name="魏都区小店",
        issued_on=AT.date() - timedelta(days=900),
        valid_from=None,
        valid_to=until,
        source=licences.Source("tobacco", licences.Channel.SYSTEM, "test"),
        by="test",
        at=AT,
    )


@pytest.mark.usefixtures("city")
def test_each_unit_gets_the_two_people_it_lacks_once():
    """F10.3: every unit uploads by an account of its own."""
    units = sorted(set(queries.directory().values_list("unit", flat=True)))
    staff = cast.staff_of(units, at=AT)
    assert len(units) == 37
    assert all(staff[unit].admin.has("unit_admin", unit=unit) for unit in units)
    assert all(staff[unit].officer.has("section_officer", unit=unit) for unit in units)
    assert cast.staff_of(units, at=AT) == staff


def test_an_agent_sees_the_shops_he_acts_for_and_an_owner_his_own():
    """B10.4 P-5: 王芳 looks after forty licences; whoever owns a shop acts for it by office."""
    cast.register_people(first=AT.date(), at=AT)
    cast.register_people(first=AT.date(), at=AT)
    for person in DEMO_PEOPLE:
        registered = identity.find_person(region=settings.REGION, citizen_id=person.citizen_id)
        assert registered
        actor = identity.Actor(ref=str(registered), person_id=str(registered.pk))
        hashes = set(identity.person_hashes(actor, AT))
        for line in cast._lines(person):
            kind = "uscc" if line.kind == "统一社会信用代码" else "citizen_id"
            assert identity.find_hash(line.identifier, kind=kind) in hashes
    assert len([line for line in cast.known() if line.contact == "王芳"]) == 40


@pytest.mark.usefixtures("city")
def test_the_plan_and_the_platform_count_every_window_alike():
    """R10.1: two pieces of arithmetic that do not know each other, over every item and a year of last days."""
    calendar = clocks.calendar()
    day = datetime(2026, 1, 5, tzinfo=UTC).date()
    for item in queries.directory().exclude(closes=None):
        planned = ledgers.Item(item.code, item.unit, item.name, item.licence_type, item.closes, item.counts_in, 5)
        for n in range(0, 330, 3):
            until = day + timedelta(days=n)
            assert ledgers._closes(planned, until) == derive_window(item, until, calendar).closes_on, (item.code, until)
