"""A meter is exchanged while somebody uses the socket: one use, two meters, one exact bill; the device is told and answers."""

from datetime import date, timedelta

import pytest

from bancheng.kernel.audit import testing as audit
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.identity import public as identity
from bancheng.kernel.identity import testing as people
from bancheng.lib import socketwire as wire
from bancheng.lib.refusal import Refused
from bancheng.lib.socketwire import CommandAck, EventKind, Op, Result
from bancheng.services.sockets import checker
from bancheng.services.sockets.gateway.hearing import Hearing
from bancheng.services.sockets.models import Command, Meter, Segment, Session, Socket, Ticket, Unit
from bancheng.services.sockets.ocpp.charger import Charger
from bancheng.services.sockets.operations import commands, gateways, meters, sessions
from bancheng.services.sockets.queries.registry import Registered
from bancheng.services.sockets.rules.sessions import State
from bancheng.services.sockets.tests import towns
from bancheng.services.sockets.tests.walking import METER, NINE, REGION, Device, now_of, paid, reserve, started, tell

pytestmark = pytest.mark.django_db
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
NEW = "202611079999"
VALID = date(2031, 1, 1)


@pytest.fixture(autouse=True)
def _socket() -> None:
    towns.socket(meter=METER)


@pytest.fixture
def keeper() -> identity.Actor:
    return people.actor(people.staff("device_keeper", name="甲"), at=NINE)


def record(device: Device, keeper: identity.Actor, at: object, *, last: int | None = None, first: int = 700) -> Meter:
    """Write down that the meter was exchanged, as the fitter read both off."""
    last = device.e_10wh if last is None else last
    new = meters.Fitted(NEW, VALID, first_10wh=first, old_last_10wh=last)
    return meters.swap(code="XC0001", new=new, by=keeper, at=at)  # type: ignore[arg-type]


def exchanged(device: Device, at: object, *, first: int = 700) -> None:
    """Take the old meter off after another step, and fit one that stands at `first`; the device tells both."""
    device.e_10wh += 1
    tell(device.event(at, EventKind.METER_CHANGED, "off"))  # type: ignore[arg-type]
    device.meter, device.e_10wh = NEW, first
    tell(device.event(at, EventKind.METER_CHANGED, "on"))  # type: ignore[arg-type]


def use(device: Device, since: object, minutes: int) -> None:
    for n in range(1, minutes + 1):
        tell(device.reading(since + n * MINUTE, more_10wh=1))  # type: ignore[operator]


def end(session: Session, device: Device, at: object) -> Session:
    sessions.stop(session_id=session.pk, by="payer", at=at)  # type: ignore[arg-type]
    tell(device.open(at))  # type: ignore[arg-type]
    return now_of(session)


def rechecked() -> list[str]:
    found = checker.check(since=NINE - timedelta(days=1), before=NINE + timedelta(days=2))
    return [one.says.en for one in found]


def registers(session: Session) -> list[tuple[str, int, int]]:
    return [(one.meter, one.from_10wh, one.to_10wh) for one in Segment.objects.filter(session=session).order_by("no")]


def test_a_meter_exchanged_in_use_and_then_recorded_is_billed_over_both(keeper: identity.Actor) -> None:
    """X9: the old meter's last register, the new one's first, one bill; nothing is lost between fitting and recording."""
    device = Device()
    began = device.e_10wh
    session = started(device)
    use(device, NINE, 5)
    exchanged(device, NINE + 6 * MINUTE)
    use(device, NINE + 6 * MINUTE, 3)
    assert now_of(session).used_wh == 60  # nobody has said yet whose meter this is
    record(device, keeper, NINE + 10 * MINUTE, last=began + 6)
    assert (now_of(session).used_wh, session.meter, session.aside) == (90, NEW, 0)
    use(device, NINE + 10 * MINUTE, 2)
    assert now_of(session).used_wh == 110
    session = end(session, device, NINE + 13 * MINUTE)
    assert registers(session) == [(METER, began, began + 6), (NEW, 700, 705)]
    assert (session.used_wh, session.cost_fen, session.refunded_fen) == (110, 7, 493)
    assert rechecked() == []


def test_one_recorded_before_the_device_finds_it_goes_on_without_a_word(keeper: identity.Actor) -> None:
    """X9: the first look at the new meter is believed at once."""
    device = Device()
    session = started(device)
    use(device, NINE, 5)
    record(device, keeper, NINE + 5 * MINUTE)
    exchanged(device, NINE + 6 * MINUTE)
    use(device, NINE + 6 * MINUTE, 4)
    assert (now_of(session).used_wh, session.aside) == (100, 0)
    assert not Ticket.objects.exists()
    assert end(session, device, NINE + 12 * MINUTE).used_wh == 100
    assert rechecked() == []


def test_one_exchanged_behind_the_cut_does_not_keep_the_bill_waiting(keeper: identity.Actor) -> None:
    """X9: what proves that it is over may be said by the new meter."""
    device = Device()
    session = started(device)
    use(device, NINE, 5)
    sessions.stop(session_id=session.pk, by="payer", at=NINE + 6 * MINUTE)
    tell(device.event(NINE + 6 * MINUTE, EventKind.OPENED, "stop", closed=False))
    record(device, keeper, NINE + 6 * MINUTE + 10 * SECOND)
    device.session, device.meter, device.e_10wh = "", NEW, 700
    tell(device.reading(NINE + 7 * MINUTE), device.reading(NINE + 8 * MINUTE))
    assert (now_of(session).state, session.used_wh) == (State.REFUNDING, 50)
    assert rechecked() == []


def test_a_register_that_began_anew_counts_on_the_live_page_what_it_shows() -> None:
    """X9: not the millions of kWh that lie between."""
    device = Device()
    session = started(device)
    use(device, NINE, 5)
    device.e_10wh = 0
    use(device, NINE + 5 * MINUTE, 2)
    assert (now_of(session).used_wh, session.spent_nano) == (70, 70 * towns.FLAT)


def test_the_device_is_told_and_one_that_finds_another_meter_calls_somebody(keeper: identity.Actor) -> None:
    """X9, B1.6: a slip in the address is found by the device, not by the payer."""
    record(Device(), keeper, NINE)
    ((_, said),) = commands.to_send(["gw-0001"], at=NINE)
    assert (said.op, said.meter) == (Op.METER, NEW)
    row = Command.objects.get()
    gateways.answered(CommandAck("gw-0001", "1", str(row.pk), Result.DONE, False, 700, 1, 1), at=NINE)
    assert not Ticket.objects.exists()
    commands.meter(Socket.objects.get(), NEW, at=NINE)
    other = Command.objects.get(acked_at=None)
    gateways.answered(CommandAck("gw-0001", "1", str(other.pk), Result.NO_METER, False, 700, 1, 1), at=NINE)
    assert NEW in Ticket.objects.get(kind="meter_odd").says
    assert Socket.objects.get().state == "blocked"


def test_a_register_noted_just_before_the_device_read_it_last_is_taken(keeper: identity.Actor) -> None:
    """X9: power flows while the fitter writes; two minutes at the greatest power may lie between."""
    device = Device()
    started(device)
    use(device, NINE, 5)
    assert record(device, keeper, NINE + 5 * MINUTE, last=device.e_10wh - 5).address == NEW


def test_an_answer_about_a_meter_that_was_taken_off_again_calls_nobody(keeper: identity.Actor) -> None:
    """X9: the device was away while a slip in the address was put right; it hears of both."""
    record(Device(), keeper, NINE)
    slip = Command.objects.get()
    right = meters.Fitted("202611079998", VALID, first_10wh=700, old_last_10wh=700)
    meters.swap(code="XC0001", new=right, by=keeper, at=NINE + MINUTE)
    gateways.answered(CommandAck("gw-0001", "1", str(slip.pk), Result.NO_METER, False, 700, 1, 1), at=NINE + MINUTE)
    assert not Ticket.objects.exists()
    assert Socket.objects.get().state == "on_sale"


def test_a_charge_point_that_stays_connected_speaks_of_the_new_meter() -> None:
    """X9, F1.12: it does not name its meter, so the door does, from the moment it is told."""
    registered = Registered("gw-0001", REGION, {"1"}, {"1": METER})
    charger = Charger(registered, Hearing(), at=NINE)
    charger.request(wire.Command("gw-0001", "1", "c-1", Op.METER, 0, meter=NEW))
    assert [log.state(0).meter for log in charger.logs.values()] == [NEW]


def test_both_registers_stay_on_record(keeper: identity.Actor) -> None:
    device = Device()
    session = started(device)
    new = record(device, keeper, NINE + MINUTE)
    old = Meter.objects.get(address=METER)
    assert (old.last_10wh, new.first_10wh, old.replaced_by) == (device.e_10wh, 700, new)
    (kept,) = audit.recorded("sockets.meter_swapped")
    assert kept.detail == {
        "old": METER, "new": NEW, "last_10wh": device.e_10wh, "first_10wh": 700, "session": str(session.pk),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("over", "code"),
    [
        ({"address": "12"}, "bad_meter"),
        ({"verified_until": date(2026, 3, 16)}, "bad_meter"),
        ({"address": METER}, "unit_known"),
        ({"first_10wh": None}, "bad_register"),
        ({"old_last_10wh": None}, "bad_register"),
        ({"old_last_10wh": 100_000_000}, "bad_register"),
        ({"old_last_10wh": 123_440}, "register_unlikely"),
        ({"old_last_10wh": 123_956}, "register_unlikely"),
    ],
)
def test_what_cannot_be_written_down_is_refused_and_nothing_changes(
    keeper: identity.Actor, over: dict[str, object], code: str
) -> None:
    """B1.6: a register below, or far beyond, what the device read last is a slip of the pen."""
    device = Device()
    session = started(device)
    new = {"address": NEW, "verified_until": VALID, "first_10wh": 700, "old_last_10wh": device.e_10wh, **over}
    with pytest.raises(Refused) as no:
        meters.swap(code="XC0001", new=meters.Fitted(**new), by=keeper, at=NINE + MINUTE)
    assert no.value.code == code
    assert Meter.objects.get().removed_at is None
    assert not Command.objects.filter(op=str(Op.METER)).exists()
    assert now_of(session).state == State.ACTIVE


def test_the_meter_inside_a_charge_point_waits_for_the_end_of_the_use(keeper: identity.Actor) -> None:
    """The refusal says the way round it."""
    device = Device()
    session = started(device)
    Unit.objects.update(protocol="ocpp16")
    with pytest.raises(Refused, match="built_in_meter") as no:
        record(device, keeper, NINE + MINUTE)
    assert "断电结束" in no.value.says
    assert "Switch the socket off" in no.value.en
    end(session, device, NINE + 2 * MINUTE)
    assert record(device, keeper, NINE + 3 * MINUTE).address == NEW


def test_a_use_that_has_not_begun_begins_on_the_new_meter(keeper: identity.Actor) -> None:
    session = paid(reserve(), NINE)
    record(Device(), keeper, NINE + SECOND)
    device = Device(meter=NEW, e_10wh=700)
    tell(device.close(session, NINE + 3 * SECOND))
    use(device, NINE, 2)
    assert (now_of(session).used_wh, session.meter, session.aside) == (20, NEW, 0)


def test_the_keeper_records_it_on_the_sites_page_and_both_registers_are_shown() -> None:
    now = clocks.now()
    device = Device(began=now - timedelta(hours=1))
    session = started(device, now - timedelta(seconds=30))
    keeper = people.client_for(people.staff("device_keeper", name="甲"))
    typed = {"code": "XC0001", "address": NEW, "verified_until": "2031-01-01", "last": "1233.55", "first": "7.00"}
    refused = keeper.post("/sockets/sites/S1/meter/", typed)
    assert (
        refused.status_code,
        "对不上" in refused.content.decode(),
        'value="1233.55"' in refused.content.decode(),
    ) == (
        422,
        True,
        True,
    )
    assert keeper.post("/sockets/sites/S1/meter/", {**typed, "last": "1234.56"}).status_code == 302
    page = keeper.get("/sockets/sites/S1/").content.decode()
    for word in ("换过的电表", METER, "1234.56", NEW, "7.00"):
        assert word in page, word
    assert now_of(session).state == State.ACTIVE
