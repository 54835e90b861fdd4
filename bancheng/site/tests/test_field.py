"""What goes wrong in the field, with nothing played: simulated sockets with their firmware, the broker behind its doorkeeper, the gateway process's own
threads, PostgreSQL. A socket's time runs sixty times as fast as ours. The expected bill is worked out from the meter's register alone."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import floor
from pathlib import Path

import pytest
from django.db import connection

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.identity import testing as people
from bancheng.kernel.jobs import testing as jobs
from bancheng.kernel.ledger import public as ledger
from bancheng.lib.refusal import Refused
from bancheng.services.sockets.gateway.line import Broker as Where
from bancheng.services.sockets.gateway.process import Process
from bancheng.services.sockets.models import Command, GatewayState, Reading, Segment, Session, Ticket
from bancheng.services.sockets.operations import meters, sessions
from bancheng.services.sockets.rules.sessions import Cause, State
from bancheng.services.sockets.tests import towns, walking
from bancheng.services.sockets.tests.broking import wait
from bancheng.sim.meters import faults
from bancheng.sim.meters.field import Field
from bancheng.sim.meters.firmware import Socket
from bancheng.sim.meters.gateway import Gateway
from bancheng.site.broker.tests.brokers import SECRET, Broker

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.fault]
SPEED, STEP_SECONDS = 60, 0.05
PRICE = Fraction(600_000, 10_000_000)  # micro-yuan a kWh: fen a Wh
GATEWAYS = 2
OVER = {State.REFUNDING, State.CLOSED}


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    """A broker of this test alone: nothing another town said is left in it."""
    one = Broker("embedded", tmp_path / "broker")
    yield one
    one.stop()


@dataclass
class Town:
    """Two gateways with a socket each, and the platform that hears them."""

    field: Field
    process: Process
    speed: int = SPEED

    @property
    def gateway(self) -> Gateway:
        return self.field.gateways["gw-1"]

    @property
    def socket(self) -> Socket:
        return self.gateway.sockets["1"]

    def does(self, deed: str, value: str = "", *, at: str = "1") -> None:
        """Let the fault panel do something to the socket, or to its gateway (`at` empty)."""
        faults.do(self.gateway, at, deed, value)

    def does_held(self, deed: str, value: str) -> None:
        """The same to the socket, by somebody who holds the gateway."""
        faults.AT_SOCKET[deed].do(self.socket, value)

    def starts(self, n: int = 1, fen: int = 500, load_w: int = 3000) -> Session:
        """Scan, pay, plug in at the socket of the nth gateway; return the session once the relay is closed."""
        self.field.gateways[f"gw-{n}"].sockets["1"].plug(load_w)
        session = walking.paid(walking.reserve(f"XC0{n}-01", fen=fen, at=clocks.now()), clocks.now())
        wait(lambda: state(session) is State.ACTIVE, stands=lambda: walking.stands(session))
        return session

    def uses(self, session: Session, wh: int) -> None:
        """Wait until so much is used, as the platform knows it."""
        wait(lambda: fresh(session).used_wh >= wh, 20)

    def ends(self, session: Session) -> Session:
        """Press End and wait for the bill."""
        sessions.stop(session_id=session.pk, by="payer", at=clocks.now())
        return self.settled(session)

    def settled(self, session: Session) -> Session:
        wait(lambda: state(session) in OVER, 20)
        return fresh(session)


@pytest.fixture
def town(broker: Broker, tmp_path: Path) -> Iterator[Town]:
    towns.plan(rates=towns.ONE_PRICE)
    lines = ["gateway,site,sockets,amps,first_meter"]
    for n in range(1, GATEWAYS + 1):
        lines.append(f"gw-{n},XC0{n},1,16,20261107000{n}")
        walking.socket(f"XC0{n}-01", "1", f"gw-{n}", meter=f"20261107000{n}")
    (tmp_path / "units.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    field = Field(tmp_path / "units.csv", tmp_path / "meters", back_off_s=1)
    process = Process(Where("127.0.0.1", broker.platform_port, "platform", SECRET), partitions=2)
    platform = threading.Thread(target=lambda: (process.run(), connection.close()))
    platform.start()
    stopping = threading.Event()
    made = Town(field, process)
    meters = threading.Thread(target=live, args=[made, stopping])
    wait(lambda: len(process.lines) == 2 and all(line._client.is_connected() for line in process.lines.values()), 30)
    time.sleep(0.3)  # its subscriptions
    for gateway in field.gateways.values():
        gateway.connect(f"mqtt://127.0.0.1:{broker.port}", broker.passwords[gateway.name])
    meters.start()
    wait(lambda: GatewayState.objects.filter(online=True).count() == GATEWAYS)
    yield made
    stopping.set()
    meters.join()
    for gateway in field.gateways.values():
        gateway.leave()
    process.stopping.set()
    platform.join(20)
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE sockets_reading")  # a table Django does not manage, so nobody else empties it
    assert list(ledger.verify()) == []


def live(town: Town, stopping: threading.Event) -> None:
    while not stopping.wait(STEP_SECONDS):
        town.field.step(int(STEP_SECONDS * 1000 * town.speed))


def fresh(session: Session) -> Session:
    return Session.objects.get(pk=session.pk)


def state(session: Session) -> State:
    return State(fresh(session).state)


def bill_of(wh: int) -> int:
    """Return the fen of so many watt-hours, one rounding half up."""
    return floor(wh * PRICE + Fraction(1, 2))


def check(session: Session, wh: int) -> None:
    """The bill is for so much, to the fen, and the rest goes back, once."""
    rest = session.paid_fen - bill_of(wh)
    went = [refund.amount_fen for refund in session.refunds.all()]
    assert (session.used_wh, session.cost_fen, session.refunded_fen, went) == (wh, bill_of(wh), rest, [rest])


def test_a_welded_relay_costs_up_to_the_cut_calls_somebody_and_is_not_sold_again(town: Town) -> None:
    """X12: current goes on flowing; it is ours, not the passer-by's."""
    began = town.socket.register_10wh
    session = town.starts()
    town.uses(session, 40)
    town.does("weld")
    session = town.ends(session)
    cut = town.socket.energy_mws
    assert session.cut_10wh is not None
    check(session, (session.cut_10wh - began) * 10)
    wait(lambda: town.socket.energy_mws > cut)
    assert fresh(session).cost_fen == session.cost_fen
    wait(lambda: Ticket.objects.filter(kind="welded", urgent=True).exists())
    with pytest.raises(Refused):
        walking.reserve("XC01-01", at=clocks.now())


def test_a_power_cut_in_a_session_goes_on_from_the_stored_register(town: Town) -> None:
    """X8: another boot, the same session, one bill."""
    began, boot = town.socket.register_10wh, town.gateway.boot
    session = town.starts()
    town.uses(session, 30)
    town.does("cut", at="")
    wait(lambda: not GatewayState.objects.get(gateway="gw-1").online)
    town.does("restore", at="")
    wait(lambda: GatewayState.objects.get(gateway="gw-1").online)
    town.uses(session, 70)
    session = town.ends(session)
    assert town.gateway.boot == boot + 1
    check(session, (town.socket.register_10wh - began) * 10)


def test_the_money_runs_out_while_the_gateway_is_silent(town: Town) -> None:
    """X16, X7: the device cuts at its quota; what it kept in flash settles it when it is back."""
    session = town.starts(fen=100)
    town.does("silence", at="")
    wait(lambda: state(session) is State.SUSPENDED)
    town.speed = 150
    wait(lambda: not town.socket.closed, 40)
    town.speed = SPEED
    assert state(session) is State.SUSPENDED
    town.does("speak", at="")
    session = town.settled(session)
    assert session.cause == Cause.QUOTA
    assert session.used_wh == sum(one.energy_10wh for one in Segment.objects.filter(session=session)) * 10
    assert session.cost_fen == bill_of(session.used_wh)
    assert 98 <= session.cost_fen <= 100


def test_doubled_shuffled_replayed_and_unconfirmed_messages_change_no_bill(town: Town) -> None:
    """X6, X18: while it is used, and after it is closed."""
    began = town.socket.register_10wh
    for trouble in ("twice", "shuffle", "drop_acks"):
        town.does(trouble, at="")
    session = town.starts()
    town.uses(session, 60)
    town.gateway.replay()
    session = town.ends(session)
    check(session, (town.socket.register_10wh - began) * 10)
    town.does("mend", at="")
    stored = Reading.objects.count()
    assert town.gateway.replay() > 0
    wait(lambda: town.gateway.unsaid == 0, 30)
    check(fresh(session), session.used_wh)
    assert Reading.objects.count() - stored < 20  # none of what was replayed stands twice
    assert Reading.objects.values("gateway", "wire", "boot", "seq").distinct().count() == Reading.objects.count()


def test_a_start_whose_answer_is_lost_closes_the_relay_once(town: Town) -> None:
    """X4, X5: the state proves it."""
    town.does("lose_answers", at="")
    session = town.starts()
    time.sleep(3)  # long enough to be said again
    assert state(session) is State.ACTIVE
    town.uses(session, 20)
    session = town.ends(session)
    closed = Reading.objects.filter(session=session.pk.hex, kind="closed")
    assert closed.count() == 1
    assert Command.objects.get(session=session, op="start").state == "done"


def test_a_spike_is_set_aside_and_a_meter_nobody_registered_is_not_billed_by(town: Town) -> None:
    """X9, B1.6: one odd look changes nothing; what a strange meter counts is ours, and somebody is called."""
    began = town.socket.register_10wh
    session = town.starts()
    town.uses(session, 30)
    town.does("misread", "500")
    wait(lambda: fresh(session).aside == 1)
    assert Ticket.objects.filter(kind="meter_odd").exists()
    town.uses(session, 60)
    with town.gateway.lock:
        flowed = (town.socket.register_10wh - began) * 10
        town.does_held("swap", "202611079999")
    wait(lambda: fresh(session).aside > 2)
    session = town.ends(session)
    assert flowed - 20 <= session.used_wh <= flowed
    check(session, session.used_wh)
    assert [one.meter for one in Segment.objects.filter(session=session)] == ["202611070001"]


def test_a_meter_exchanged_in_use_is_billed_over_both_and_the_device_finds_it(town: Town) -> None:
    """X9, F1.9: fitted on the spot, recorded by the keeper, told to the device, one exact bill."""
    began = town.socket.register_10wh
    session = town.starts()
    town.uses(session, 40)
    town.does("swap", "202611079999")
    keeper = people.actor(people.staff("device_keeper", name="甲"), at=clocks.now())
    off = Reading.objects.filter(meter="202611070001", code="off")
    wait(off.exists)
    last = off.get().e_10wh
    new = meters.Fitted("202611079999", date(2035, 1, 1), first_10wh=0, old_last_10wh=last)
    meters.swap(code="XC01-01", new=new, by=keeper, at=clocks.now())
    wait(lambda: Command.objects.get(op="meter").result == "done")
    town.uses(session, (last - began) * 10 + 40)
    session = town.ends(session)
    check(session, (last - began + town.socket.register_10wh) * 10)
    assert [one.meter for one in session.segments.order_by("no")] == ["202611070001", "202611079999"]


def test_a_register_over_its_end_and_one_that_begins_anew_are_counted(town: Town) -> None:
    """X9: wrap and reset in one session."""
    town.does("register", "999999.97")
    session = town.starts()
    town.uses(session, 60)
    assert town.socket.register_10wh < 100
    wait(lambda: town.socket.up_ms - town.socket.last_reading_ms < 3_000)
    with town.gateway.lock:
        flowed = town.socket.used_wh // 10 * 10
        town.does_held("register", "0")
    town.uses(session, flowed + 30)
    session = town.ends(session)
    after = town.socket.register_10wh * 10
    assert flowed + after - 20 <= session.used_wh <= flowed + after
    check(session, session.used_wh)
    assert Segment.objects.filter(session=session).count() == 2


def test_a_clock_that_falls_a_day_behind_in_a_session_changes_no_bill(town: Town) -> None:
    """X10: energy by register, time by uptime, and it is marked."""
    began = town.socket.register_10wh
    session = town.starts()
    town.uses(session, 20)
    town.does("clock_behind", at="")
    town.uses(session, 50)
    session = town.ends(session)
    check(session, (town.socket.register_10wh - began) * 10)
    assert session.clock_suspect


def test_a_protection_ends_the_session_at_its_register_and_the_others_use_on(town: Town) -> None:
    """F1.6, B1.11: the leak is the switch's to cut; it is told, billed to the trip, and the neighbour does not notice."""
    other = town.field.gateways["gw-2"].sockets["1"]
    neighbour = town.starts(2, load_w=1000)
    began = town.socket.register_10wh
    session = town.starts()
    town.uses(session, 30)
    town.does("trip_RC")
    session = town.settled(session)
    assert (session.cause, session.cause_code) == (Cause.TRIP, "RC")
    check(session, (town.socket.register_10wh - began) * 10)
    assert state(neighbour) is State.ACTIVE
    assert other.closed


def test_a_pulled_plug_ends_it(town: Town) -> None:
    """F1.12."""
    session = town.starts()
    town.uses(session, 20)
    town.does("unplug")
    assert town.settled(session).cause == Cause.UNPLUGGED
    assert not town.socket.closed


def test_a_start_the_device_takes_for_late_gives_all_of_it_back_and_its_clock_is_put_right(town: Town) -> None:
    """X3, X10, R1.8: `not_after` refuses it; the device asks what time it is."""
    town.does("clock_ahead", at="")
    session = town.settled(walking.paid(walking.reserve("XC01-01", at=clocks.now()), clocks.now()))
    check(session, 0)
    assert Command.objects.get(session=session, op="start").result == "late"
    assert not town.socket.closed
    wait(lambda: abs(town.socket.clock_off_ms) < 2_000)


def test_paid_by_two_channels_and_told_twice_the_relay_closes_once_and_the_second_goes_back_whole(town: Town) -> None:
    """X1, X2."""
    began = town.socket.register_10wh
    town.socket.plug(3000)
    session = walking.reserve("XC01-01", at=clocks.now())
    other = sessions.pay_otherwise(session_id=session.pk, channel="alipay", at=clocks.now())
    for _ in range(2):
        walking.paid(session, clocks.now())
        walking.pay(other, clocks.now())
    town.uses(session, 30)
    session = town.ends(session)
    wh = (town.socket.register_10wh - began) * 10
    assert (session.used_wh, session.cost_fen, session.paid_fen) == (wh, bill_of(wh), 500)
    went = sorted((one.kind, one.amount_fen) for one in session.refunds.all())
    assert went == [("late", 500), ("rest", 500 - bill_of(wh))]
    assert Reading.objects.filter(session=session.pk.hex, kind="closed").count() == 1


def test_ended_from_several_sides_it_ends_once_at_one_register(town: Town) -> None:
    """X11: the first cause stands."""
    began = town.socket.register_10wh
    session = town.starts()
    town.uses(session, 30)
    for by in ("payer", "payer", "staff:1"):
        sessions.stop(session_id=session.pk, by=by, at=clocks.now())
    town.does("unplug")
    session = town.ends(session)
    check(session, (town.socket.register_10wh - began) * 10)
    assert (session.cause, session.ended_by) == (Cause.USER, "payer")
    assert Reading.objects.filter(session=session.pk.hex, kind="opened").count() == 1


def test_of_two_who_scan_in_one_second_one_is_served_to_his_bill(town: Town) -> None:
    """X13, B1.2."""
    began = town.socket.register_10wh
    town.socket.plug(3000)
    answers = jobs.contend(*[lambda: walking.reserve("XC01-01", at=clocks.now())] * 2)
    (session,) = [one for one in answers if isinstance(one, Session)]
    assert [one for one in answers if isinstance(one, str)] == ["socket_busy"]
    walking.paid(session, clocks.now())
    town.uses(session, 20)
    check(town.ends(session), (town.socket.register_10wh - began) * 10)


def test_gateways_that_come_back_in_one_moment_settle_all_they_kept(town: Town) -> None:
    """X14, X7: small; a thousand are in `make bench`."""
    gateways = list(town.field.gateways.values())
    began = [gateway.sockets["1"].register_10wh for gateway in gateways]
    found = [town.starts(n) for n in range(1, GATEWAYS + 1)]
    for gateway in gateways:
        gateway.silence(True)
    wait(lambda: {state(session) for session in found} == {State.SUSPENDED})
    for gateway in gateways:
        gateway.silence(False)
    wait(lambda: {state(session) for session in found} == {State.ACTIVE})
    for session, gateway, register in zip(found, gateways, began, strict=True):
        ended = town.ends(session)
        check(ended, (gateway.sockets["1"].register_10wh - register) * 10)
