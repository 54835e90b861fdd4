"""From an alarm to the second check; outages; registry; thresholds and prices by two people; codes of posts."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.utils import DatabaseError

from bancheng.kernel.audit import public as audit
from bancheng.kernel.identity import public as identity
from bancheng.kernel.identity import testing as people
from bancheng.lib import socketwire
from bancheng.lib.refusal import Refused
from bancheng.lib.text import Text
from bancheng.services.sockets import codes
from bancheng.services.sockets.models import Command, Price, Site, Socket, Stay, Ticket
from bancheng.services.sockets.operations import care, protections, registry, tariffs
from bancheng.services.sockets.queries import grounds
from bancheng.services.sockets.queries import places as places_read
from bancheng.services.sockets.rules import codes as code_rules
from bancheng.services.sockets.rules import places, protection
from bancheng.services.sockets.rules.care import TicketKind
from bancheng.services.sockets.rules.places import Form
from bancheng.services.sockets.tests import towns

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 17, 1, 0, tzinfo=UTC)
WORDS = Text("箱门开着", "The door is open")


def actor(role: str, name: str) -> identity.Actor:
    return people.actor(people.staff(role, name=name), at=AT)


@pytest.fixture
def one() -> identity.Actor:
    return actor("device_keeper", "甲")


@pytest.fixture
def two() -> identity.Actor:
    return actor("device_keeper", "乙")


def alarm(socket: Socket, at: datetime = AT) -> Ticket:
    return care.raise_ticket(
        kind=TicketKind.TRIP, cause=f"socket:{socket.pk}:TP", region=socket.region, says=WORDS, at=at,
        site=socket.unit.site, socket=socket, block=True,
    )  # fmt: skip


def test_one_cause_is_one_ticket_however_often_it_is_raised() -> None:
    socket = towns.socket()
    alarm(socket)
    alarm(socket, AT + timedelta(minutes=1))
    (ticket,) = Ticket.objects.all()
    assert (ticket.times, ticket.last_at) == (2, AT + timedelta(minutes=1))


def test_a_blocked_socket_is_not_sold_until_another_person_has_checked(
    one: identity.Actor, two: identity.Actor
) -> None:
    """F1.19: alarm → ticket → field fix → back on sale with a second check."""
    socket = towns.socket()
    ticket = alarm(socket)
    with pytest.raises(Refused, match="socket_not_open"):
        grounds.of("XC0001", at=AT)
    dispatcher = actor("dispatcher", "丙")
    care.assign(ticket_id=ticket.pk, to=one.account, by=dispatcher, at=AT)
    with pytest.raises(Refused, match="not_assigned_to_you"):
        care.fix(ticket_id=ticket.pk, words="换锁", by=two, at=AT)
    care.fix(ticket_id=ticket.pk, words="换锁", by=one, at=AT)
    with pytest.raises(Refused, match="own_work"):
        care.check(ticket_id=ticket.pk, passed=True, by=one, at=AT)
    care.check(ticket_id=ticket.pk, passed=True, by=two, at=AT)
    assert grounds.of("XC0001", at=AT).socket_id == socket.pk
    done = [event.action for event in audit.timeline(f"sockets.ticket:{ticket.pk}")]
    assert sorted(done) == sorted(f"sockets.ticket_{act}" for act in ("raised", "assigned", "fixed", "closed"))


def test_a_repair_that_did_not_hold_goes_back_and_the_socket_stays_blocked(
    one: identity.Actor, two: identity.Actor
) -> None:
    socket = towns.socket()
    ticket = alarm(socket)
    care.assign(ticket_id=ticket.pk, to=one.account, by=actor("dispatcher", "丙"), at=AT)
    care.fix(ticket_id=ticket.pk, words="换锁", by=one, at=AT)
    care.check(ticket_id=ticket.pk, passed=False, by=two, at=AT)
    socket.refresh_from_db()
    assert socket.state == "blocked"
    assert Ticket.objects.get().state == "assigned"


def test_the_database_refuses_whoever_checks_his_own_work() -> None:
    ticket = alarm(towns.socket())
    with pytest.raises(IntegrityError, match="who_checks_is_not_who_fixed"), transaction.atomic():
        Ticket.objects.filter(pk=ticket.pk).update(
            fixed_by="staff:1", closed_by="staff:1", state="closed", closed_at=AT
        )


def outage(since: datetime, *, urgent: bool = False) -> Any:
    return care.announce_outage(
        site=towns.site(), since=since, before=since + timedelta(hours=4), reason=Text("检修", "Repair"), urgent=urgent,
        by=actor("dispatcher", "丙"), at=AT,
    )  # fmt: skip


def test_a_planned_outage_is_announced_seven_days_before_and_nothing_is_sold_meanwhile() -> None:
    """R1.7"""
    towns.socket()
    with pytest.raises(Refused, match="outage_too_soon"):
        outage(AT + timedelta(days=7, minutes=-1))
    outage(AT + timedelta(days=7))
    grounds.of("XC0001", at=AT)
    with pytest.raises(Refused, match="socket_not_open"):
        grounds.of("XC0001", at=AT + timedelta(days=7, hours=1))


def test_an_emergency_does_not_wait_seven_days() -> None:
    """R1.7"""
    assert outage(AT + timedelta(hours=1), urgent=True).urgent


@pytest.mark.parametrize(("until", "sold"), [(date(2026, 3, 17), True), (date(2026, 3, 16), False), (None, False)])
def test_a_meter_whose_verification_has_run_out_stops_selling(until: date | None, sold: bool) -> None:
    """B1.11: on the last day it still counts."""
    towns.socket(verified_until=until)
    if sold:
        assert grounds.of("XC0001", at=AT)
    else:
        with pytest.raises(Refused, match="meter_expired"):
            grounds.of("XC0001", at=AT)


def test_somebody_is_warned_before_a_verification_runs_out() -> None:
    """B1.11"""
    towns.socket("A", "1", verified_until=date(2026, 5, 16))
    towns.socket("B", "2", verified_until=date(2026, 5, 17))
    found = places_read.meters_to_verify(towns.REGION, today=date(2026, 3, 17))
    assert [meter.socket.code for meter in found if meter.socket] == ["A"]


def test_without_a_price_a_socket_does_not_start() -> None:
    """B1.10"""
    towns.socket()
    Site.objects.update(price_class="none")
    with pytest.raises(Refused, match="no_tariff"):
        grounds.of("XC0001", at=AT)


def new_unit(**over: Any) -> registry.NewUnit:
    given: dict[str, Any] = {
        "gateway": "gw-9", "serial": "S9", "form": Form.MOBILE, "fingerprint": "f9", "amps": 16, "phase": "A",
        "meters": ("202611079901", "202611079902"), "verified_until": date(2030, 1, 1),
    }  # fmt: skip
    return registry.NewUnit(**{**given, **over})


def test_a_device_is_registered_tested_and_only_then_sold(one: identity.Actor) -> None:
    """F1.1, F1.17: register → bind → commission → live."""
    site = towns.site()
    registry.register_unit(site=site, new=new_unit(), by=one, at=AT)
    with pytest.raises(Refused, match="socket_not_open"):
        grounds.of("S1-01", at=AT)
    with pytest.raises(Refused, match="test_incomplete"):
        registry.commission(code="S1-01", passed=frozenset({"relay"}), by=one, at=AT)
    registry.commission(code="S1-01", passed=frozenset(places.CHECKS), by=one, at=AT)
    assert grounds.of("S1-01", at=AT)


@pytest.mark.parametrize(
    "over", [{"serial": "S9"}, {"gateway": "gw-9"}, {"fingerprint": "f9"}, {"meters": ("202611079901",)}]
)
def test_a_device_that_claims_what_is_another_s_is_refused(one: identity.Actor, over: dict[str, Any]) -> None:
    """B1.12: serial, gateway, credential and register belong to one device."""
    registry.register_unit(site=towns.site(), new=new_unit(), by=one, at=AT)
    other = {"gateway": "gw-8", "serial": "S8", "fingerprint": "f8", "meters": ("202611079801",), **over}
    with pytest.raises(Refused, match="unit_known"):
        registry.register_unit(site=towns.site(), new=new_unit(**other), by=one, at=AT)
    assert Socket.objects.count() == 2


def test_a_mobile_device_moves_and_where_it_stood_stays(one: identity.Actor) -> None:
    """F1.2: location history."""
    registry.register_unit(site=towns.site(), new=new_unit(), by=one, at=AT)
    later = AT + timedelta(days=1)
    registry.move_unit(gateway="gw-9", to=towns.site("S2"), reason="庙会", by=one, at=later)
    stays = Stay.objects.order_by("since").values_list("site__code", "since", "before")
    assert list(stays) == [("S1", AT, later), ("S2", later, None)]


def test_a_site_moves_with_its_history_and_nobody_rewrites_it(one: identity.Actor) -> None:
    site = towns.site(address="旧址")
    registry.move_site(
        site=site,
        address=Text("新址", "New"),
        longitude=Decimal("113.8"),
        latitude=Decimal("34.0"),
        reason="修路",
        by=one,
        at=AT,
    )
    assert (Site.objects.get().address, site.moves.get().address) == ("新址", "旧址")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        site.moves.update(address="别处")


def test_a_threshold_changes_by_two_people_and_the_device_is_told(one: identity.Actor, two: identity.Actor) -> None:
    """F1.6: within limits, with its basis; F1.19."""
    towns.socket()
    made = protections.propose(code="XC0001", name="ov_trip_dv", value=2600, basis="现场试验", by=one, at=AT)
    assert not Command.objects.exists()
    with pytest.raises(Refused, match="own_proposal"):
        protections.decide(change_id=made.pk, approve=True, by=one, at=AT)
    protections.decide(change_id=made.pk, approve=True, by=two, at=AT)
    assert Command.objects.get().body == {"limits": {"ov_trip_dv": 2600}}


@pytest.mark.parametrize(
    ("name", "value", "basis", "code"),
    [
        ("ov_trip_dv", 2751, "x", "threshold_out_of_limits"),
        ("ov_trip_dv", 2419, "x", "threshold_out_of_limits"),
        ("ov_trip_dv", 2600, " ", "basis_missing"),
        ("rc_trip_ma", 20, "x", "hardware_threshold"),
        ("sc_pct", 600, "x", "hardware_threshold"),
        ("oc_trip2_pct", 145, "x", ""),
        ("oc_trip1_pct", 130, "x", "thresholds_out_of_order"),
    ],
)
def test_a_threshold_out_of_bounds_or_of_the_hardware_is_refused(
    one: identity.Actor, name: str, value: int, basis: str, code: str
) -> None:
    """F1.19: what only hardware performs the platform does not claim to set."""
    towns.socket()
    try:
        protections.propose(code="XC0001", name=name, value=value, basis=basis, by=one, at=AT)
        said = ""
    except Refused as no:
        said = no.code
    assert said == code


def test_the_eight_protections_are_eight_and_each_threshold_of_the_wire_is_one_of_theirs() -> None:
    """A1.10, F1.19."""
    assert len(protection.PROTECTIONS) == 8
    assert {one.name for one in socketwire.PROTECTIONS} == set(protection.PROTECTIONS)
    named = [name for one in protection.PROTECTIONS.values() for name in one.thresholds]
    assert sorted(named) == sorted(set(socketwire.LIMITS) - {"rated_ma", "hold_s"})
    assert set(named) == set(protection.NAMES)
    hardware = {code for code, one in protection.PROTECTIONS.items() if one.actor is protection.Actor.HARDWARE}
    assert hardware == {one.name for one in socketwire.PROTECTIONS if one & socketwire.HARDWARE}


def test_the_usual_thresholds_stand_in_their_order() -> None:
    protection.check_order(protection.effective({}, rated_ma=16_000))


def wanted(first_on: date) -> tariffs.Wanted:
    return tariffs.Wanted("commercial", first_on, Text("新价", "New prices"), "批文1号", towns.RATES)


def test_prices_change_by_two_people_and_only_ahead() -> None:
    """R1.1, R1.2: future-dated, a second approver, on record."""
    towns.plan()
    first, second = actor("tariff_admin", "丁"), actor("tariff_admin", "戊")
    with pytest.raises(Refused, match="plan_not_ahead"):
        tariffs.propose(wanted=wanted(date(2026, 3, 17)), region=towns.REGION, by=first, at=AT)
    plan = tariffs.propose(wanted=wanted(date(2026, 4, 1)), region=towns.REGION, by=first, at=AT)
    with pytest.raises(Refused, match="own_proposal"):
        tariffs.decide(plan_id=plan.pk, approve=True, by=first, at=AT)
    with pytest.raises(Refused, match="plan_not_ahead"):
        tariffs.decide(plan_id=plan.pk, approve=True, by=second, at=datetime(2026, 4, 1, 1, tzinfo=UTC))
    tariffs.decide(plan_id=plan.pk, approve=True, by=second, at=AT)
    assert [event.action for event in audit.timeline(f"sockets.plan:{plan.pk}")][-1] == "sockets.plan_approved"


def test_the_database_keeps_prices_as_they_were() -> None:
    """R1.1: what a bill rests on does not change under it."""
    towns.plan()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Price.objects.update(price=1)
    with pytest.raises(DatabaseError, match="decided"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE sockets_plan SET first_on = '2020-01-01'")


def test_a_code_is_ours_or_it_is_refused() -> None:
    """X17, B1.1: made up, changed, or of another city."""
    printed = codes.printed("XC01-03", region=towns.REGION)
    assert codes.read(printed) == "XC01-03"
    for forged in ("XC01-03", printed.replace("03.", "04."), f"{printed}0", "", ".", "évil.ab"):
        with pytest.raises(Refused, match="foreign_code"):
            codes.read(forged)
    assert code_rules.read(printed, secrets=(b"other",), region=towns.REGION) is None
    assert code_rules.read(printed, secrets=(b"other",), region="410000") is None


def test_a_printed_code_shows_the_socket_and_a_foreign_one_says_do_not_pay() -> None:
    """X17, B1.1: the page names site and number, to be compared with the post."""
    towns.socket()
    client = people.client_for(None)
    good = client.get(f"/sockets/q/{codes.printed('XC0001', region=towns.REGION)}/")
    assert good.status_code == 200
    assert "XC0001" in good.content.decode()
    bad = client.get("/sockets/q/XC0001.0000000000/")
    assert bad.status_code == 404
    assert "请不要付款" in bad.content.decode()


def test_the_sheet_of_codes_is_a_pdf_with_a_card_for_each_socket() -> None:
    """X17: printed with site name, socket number and help phone."""
    towns.socket()
    assert codes.sheet(towns.site(), at=AT).startswith(b"%PDF")
