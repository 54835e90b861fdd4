"""What goes wrong in the field and with payments, case by case, through the real operations (shared-power, section 10)."""

import random
from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from bancheng.kernel.ledger import public as ledger
from bancheng.lib.refusal import Refused
from bancheng.lib.socketwire import CommandAck, EventKind, Op, Result, Status
from bancheng.services.sockets.models import Command, Reading, Segment, Session, Socket, Ticket
from bancheng.services.sockets.operations import commands, following, gateways, sessions, storing
from bancheng.services.sockets.rules.sessions import Cause, State
from bancheng.services.sockets.tests.walking import (
    NINE,
    REGION,
    Device,
    in_balance,
    now_of,
    paid,
    pay,
    refund_moves,
    reserve,
    scan,
    socket,
    started,
    tell,
)

pytestmark = pytest.mark.django_db
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture(autouse=True)
def _socket() -> Iterator[None]:
    """A socket; and whatever happened to it, the ledger recomputes to what it says."""
    socket()
    yield
    assert list(ledger.verify()) == []


def use(device: Device, minutes: int, *, since: timedelta = 6 * SECOND) -> list[storing.Heard]:
    """One step of 10 Wh a minute."""
    return [device.reading(NINE + since + n * MINUTE, more_10wh=1) for n in range(1, minutes + 1)]


def stop(session: Session, at: object) -> None:
    sessions.stop(session_id=session.pk, by="payer", at=at)  # type: ignore[arg-type]


# --- payments ---


def test_a_payment_told_twice_is_taken_once() -> None:
    """X1: the callback doubled is one PAID, one start command."""
    session = paid(reserve(), NINE + SECOND)
    paid(session, NINE + 2 * SECOND)
    assert session.state == State.PAID
    assert Command.objects.filter(op="start").count() == 1
    assert session.refunds.count() == 0


def test_a_payment_after_the_reservation_ran_out_goes_back_whole() -> None:
    """X1: EXPIRED stays EXPIRED, the payment has a refund of its own."""
    session = reserve()
    scan(NINE + 4 * MINUTE)
    assert now_of(session).state == State.EXPIRED
    paid(session, NINE + 5 * MINUTE)
    assert session.state == State.EXPIRED
    assert [(r.kind, r.amount_fen) for r in session.refunds.all()] == [("late", 500)]
    assert in_balance(session)
    refund_moves(session, "success", NINE + 6 * MINUTE)
    assert in_balance(session)


def test_paying_by_two_channels_sends_the_second_back() -> None:
    """X2: the first counts."""
    session = reserve()
    other = sessions.pay_otherwise(session_id=session.pk, channel="alipay", at=NINE + SECOND)
    pay(other, NINE + 2 * SECOND)
    paid(session, NINE + 3 * SECOND)
    assert session.state == State.PAID
    assert [(r.kind, r.amount_fen, r.prepay.channel) for r in session.refunds.all()] == [("late", 500, "wechat")]
    assert session.refunded_fen == 0


def test_the_same_channel_twice_is_one_order() -> None:
    session = reserve()
    assert sessions.pay_otherwise(session_id=session.pk, channel="wechat", at=NINE) == session.prepays.get().order_id


@pytest.mark.parametrize("fen", [0, -500, 50, 1_000_000])
def test_amounts_that_are_nothing_or_too_much_are_refused(fen: int) -> None:
    """B1.8"""
    with pytest.raises(Refused) as no:
        reserve(fen=fen)
    assert no.value.code == "bad_amount"
    assert not Session.objects.exists()


def test_a_refund_that_closes_goes_again_under_a_new_number_and_an_abnormal_one_calls_somebody() -> None:
    """X15, B1.9: exactly one refund of the right amount in the end."""
    device = Device()
    session = started(device)
    stop(session, NINE + MINUTE)
    tell(device.open(NINE + MINUTE))
    assert now_of(session).state == State.REFUNDING
    refund_moves(session, "closed", NINE + 2 * MINUTE)
    assert [(r.number, r.amount_fen, r.state) for r in session.refunds.order_by("number")] == [
        (1, 500, "closed"),
        (2, 500, "planned"),
    ]
    assert session.state == State.REFUNDING
    refund_moves(session, "abnormal", NINE + 3 * MINUTE)
    assert session.state == State.ATTENTION
    refund_moves(session, "success", NINE + 4 * MINUTE)
    refund_moves(session, "success", NINE + 5 * MINUTE)
    assert session.state == State.CLOSED
    assert session.refunded_fen == 500
    assert in_balance(session)


def test_more_can_never_go_back_than_was_paid_less_the_cost() -> None:
    """R1.4: the database refuses it, whoever asks."""
    session = paid(reserve(), NINE)
    with pytest.raises(IntegrityError, match="never_goes_back_more"), transaction.atomic():
        Session.objects.filter(pk=session.pk).update(refunded_fen=501)
    with pytest.raises(IntegrityError, match="never_goes_back_more"), transaction.atomic():
        Session.objects.filter(pk=session.pk).update(refunded_fen=300, cost_fen=201)


# --- starting ---


def ack(session: Session, result: Result, *, op: str = "start", closed: bool = False) -> CommandAck:
    row = session.commands.filter(op=op).latest("made_at")
    return CommandAck(session.gateway, session.wire, str(row.pk), result, closed, 123_456, 1, 0)


def sent(at: object) -> list[str]:
    return [str(said.op) for _, said in commands.to_send(["gw-0001"], at=at)]  # type: ignore[arg-type]


def test_a_start_refused_as_too_late_gives_all_of_it_back() -> None:
    """X3: ten minutes on the way, `not_after` refuses it."""
    session = paid(reserve(), NINE)
    assert sent(NINE) == ["start"]
    gateways.answered(ack(session, Result.LATE), at=NINE + 10 * SECOND)
    assert now_of(session).state == State.REFUNDING
    assert (session.cost_fen, session.refunded_fen) == (0, 500)
    assert in_balance(session)
    assert sent(NINE + 11 * SECOND) == []


def test_a_start_nobody_answers_is_called_off_and_then_refunded_whole() -> None:
    """B1.3, X3: after 15 s a stop goes out; when no start can act any more all of it goes back."""
    session = paid(reserve(), NINE)
    sent(NINE)
    scan(NINE + 15 * SECOND)
    assert now_of(session).state == State.STARTING
    assert "stop" in sent(NINE + 16 * SECOND)
    scan(NINE + 36 * SECOND)
    assert now_of(session).state == State.REFUNDING
    assert (session.cost_fen, session.refunded_fen) == (0, 500)


def test_a_start_whose_answer_is_lost_is_not_given_twice() -> None:
    """X4, X5: said again under the same id; the relay proves it."""
    session = paid(reserve(), NINE)
    first = commands.to_send(["gw-0001"], at=NINE)
    again = commands.to_send(["gw-0001"], at=NINE + 2 * SECOND)
    assert [said.command for _, said in first] == [said.command for _, said in again]
    tell(Device().close(session, NINE + 3 * SECOND))
    assert now_of(session).state == State.ACTIVE
    assert commands.to_send(["gw-0001"], at=NINE + 9 * SECOND) == []
    assert Command.objects.get(op="start").state == "done"


def test_a_command_survives_whoever_should_have_sent_it() -> None:
    """X5: it stands in the outbox from the commit on; a second sender takes it."""
    paid(reserve(), NINE)
    assert sent(NINE + SECOND) == ["start"]
    assert sent(NINE + 40 * SECOND) == []
    assert Command.objects.get(op="start").state == "unknown"


def test_ended_while_it_is_switched_on_it_is_switched_off() -> None:
    session = paid(reserve(), NINE)
    stop(session, NINE + SECOND)
    device = Device()
    tell(device.close(session, NINE + 2 * SECOND))
    assert now_of(session).state == State.STOPPING
    assert session.cause == Cause.USER
    tell(device.open(NINE + 3 * SECOND))
    assert now_of(session).state == State.REFUNDING


# --- readings ---


def test_doubled_reversed_and_late_readings_give_the_same_bill() -> None:
    """X6, B1.5: the same to the fen as the session told in order."""
    device = Device()
    session = started(device, fen=1000)
    said = use(device, 50) + device.open(NINE + 51 * MINUTE)
    stop(session, NINE + 51 * MINUTE)
    chance = random.Random(7)
    late, prompt = said[10:20], said[:10] + said[20:]
    chance.shuffle(prompt)
    for one in prompt:
        tell(one)
        tell(one)
    assert now_of(session).state == State.STOPPING  # the register is not final while something is missing before it
    tell(list(reversed(late)), at=NINE + 110 * MINUTE)
    assert now_of(session).state == State.REFUNDING
    assert session.cost_fen == 30
    assert Reading.objects.count() == device.seq


def test_a_gateway_that_is_offline_at_the_end_and_never_returns() -> None:
    """X7, B1.4: 30 s, ten minutes, a day: refunded what is sure, then settled on the last verified reading."""
    device = Device()
    session = started(device, fen=500)
    tell(use(device, 10))
    gateways.heard(Status("gw-0001", True, 1), region=REGION, at=NINE)
    gateways.heard(Status("gw-0001", False, 1), region=REGION, at=NINE + 11 * MINUTE)
    assert now_of(session).state == State.SUSPENDED
    stop(session, NINE + 12 * MINUTE)
    scan(NINE + 13 * MINUTE)
    assert now_of(session).state == State.UNCONFIRMED
    with pytest.raises(Refused, match="gateway_offline"):
        reserve(at=NINE + 13 * MINUTE)
    scan(NINE + 24 * MINUTE)
    assert now_of(session).state == State.PROVISIONAL
    first = session.refunded_fen
    assert 400 < first < 500
    scan(NINE + 25 * HOUR)
    assert now_of(session).state == State.REFUNDING
    assert session.cost_fen == 6  # 100 Wh at 0.60
    assert session.refunded_fen == 494
    assert in_balance(session)
    for number in (1, 2):
        refund_moves(session, "success", NINE + 26 * HOUR, number)
    assert session.state == State.CLOSED


def test_a_gateway_that_returns_settles_by_its_register() -> None:
    """X7, X14: the backlog is followed in order, the rest goes back."""
    device = Device()
    session = started(device, fen=500)
    gateways.heard(Status("gw-0001", True, 1), region=REGION, at=NINE)
    gateways.heard(Status("gw-0001", False, 1), region=REGION, at=NINE + MINUTE)
    backlog = use(device, 20) + device.open(NINE + 20 * MINUTE + 20 * SECOND, "quota")
    stop(session, NINE + 12 * MINUTE)
    scan(NINE + 13 * MINUTE)
    scan(NINE + 24 * MINUTE)
    assert now_of(session).state == State.PROVISIONAL
    gateways.heard(Status("gw-0001", True, 1), region=REGION, at=NINE + HOUR)
    tell(backlog, at=NINE + HOUR)
    assert now_of(session).state == State.REFUNDING
    assert session.cost_fen == 12
    assert session.cause == Cause.USER  # the first cause stands
    assert session.refunded_fen == 488


def test_a_power_cut_with_a_new_boot_goes_on_from_the_stored_register() -> None:
    """X8"""
    device = Device()
    session = started(device)
    tell(use(device, 5))
    device.event(NINE + 6 * MINUTE, EventKind.POWER_LOST)
    device.boots(NINE + 10 * MINUTE)
    device.closed = True
    tell(device.said[-1])
    tell(device.event(NINE + 10 * MINUTE + SECOND, EventKind.POWER_BACK), use(device, 5, since=10 * MINUTE))
    assert now_of(session).state == State.ACTIVE
    assert session.used_wh == 100
    stop(session, NINE + 16 * MINUTE)
    tell(device.open(NINE + 16 * MINUTE))
    assert now_of(session).cost_fen == 6


def test_a_wrap_a_reset_and_a_spike_in_one_session() -> None:
    """X9, B1.6: correct energy, and the spike set aside."""
    device = Device(e_10wh=99_999_998)
    session = started(device)
    tell(use(device, 4))  # over the wrap
    device.e_10wh = 50_000_000
    tell(device.reading(NINE + 5 * MINUTE))  # a spike
    device.e_10wh = 3
    tell(use(device, 2, since=5 * MINUTE))
    device.e_10wh = 0
    tell(use(device, 2, since=7 * MINUTE + 10 * SECOND))  # began at 0 again
    stop(session, NINE + 10 * MINUTE)
    tell(device.open(NINE + 10 * MINUTE))
    assert now_of(session).state == State.REFUNDING
    assert session.aside == 1
    assert [s.energy_10wh for s in Segment.objects.order_by("no")] == [7, 2]
    assert session.used_wh == 90


@pytest.mark.parametrize("off", [timedelta(days=1), timedelta(days=-1), -timedelta(days=20_000), timedelta(seconds=90)])
def test_a_clock_that_lies_changes_no_bill(off: timedelta) -> None:
    """X10, B1.7: energy by register, periods by uptime, and it is marked."""
    device = Device(clock_off=off)
    session = started(device)
    tell(use(device, 10))
    stop(session, NINE + 11 * MINUTE)
    tell(device.open(NINE + 11 * MINUTE))
    assert now_of(session).state == State.REFUNDING
    assert session.cost_fen == 6
    assert session.clock_suspect


def test_a_stop_repeated_with_other_readings_keeps_the_first() -> None:
    """X11, X18: what comes after the final register is stored and changes nothing."""
    device = Device()
    session = started(device)
    tell(use(device, 10))
    stop(session, NINE + 11 * MINUTE)
    stop(session, NINE + 12 * MINUTE)
    tell(device.open(NINE + 12 * MINUTE))
    assert now_of(session).cost_fen == 6
    assert session.stopped_at == NINE + 11 * MINUTE
    device.e_10wh += 40
    device.session = session.pk.hex
    tell(device.event(NINE + 13 * MINUTE, EventKind.OPENED, "stop"), device.reading(NINE + 14 * MINUTE))
    assert now_of(session).cost_fen == 6
    assert Reading.objects.filter(seq=device.seq).exists()


def test_a_welded_relay_is_a_fault_and_costs_up_to_the_cut_only() -> None:
    """X12"""
    device = Device()
    session = started(device)
    tell(use(device, 10))
    stop(session, NINE + 11 * MINUTE)
    tell(device.event(NINE + 11 * MINUTE, EventKind.OPENED, "stop", closed=False))
    device.closed = True  # so its readings show current
    device.e_10wh += 5
    tell(device.reading(NINE + 12 * MINUTE, current_ma=4000))
    assert now_of(session).state == State.REFUNDING
    assert session.cost_fen == 6


def test_two_who_scan_in_the_same_second_one_wins() -> None:
    """X13, B1.2 (with real connections in test_races)."""
    reserve()
    with pytest.raises(Refused) as no:
        reserve()
    assert no.value.code == "socket_busy"


def test_the_money_runs_out_offline_and_the_device_cuts_by_its_quota() -> None:
    """X16: the quota was sent with the start; what comes later settles at it."""
    device = Device()
    session = started(device, fen=100)
    start = Command.objects.get(op="start")
    assert start.body["quota_wh"] == session.quota_wh == 1170  # 1 yuan at 0.85
    backlog = [device.reading(NINE + n * MINUTE, more_10wh=3) for n in range(1, 40)]
    tell(backlog, device.open(NINE + 40 * MINUTE, "quota"), at=NINE + 90 * MINUTE)
    assert now_of(session).cause == Cause.QUOTA
    assert session.state == State.REFUNDING
    assert session.cost_fen == 70


def test_an_overrun_costs_us_and_not_the_passer_by() -> None:
    """R1.5"""
    device = Device()
    session = started(device, fen=100)
    tell([device.reading(NINE + n * MINUTE, more_10wh=5) for n in range(1, 60)], device.open(NINE + HOUR, "quota"))
    assert now_of(session).cost_fen == 100
    assert session.lost_fen == 77
    assert session.state == State.CLOSED
    assert in_balance(session)


def test_what_has_ended_is_changed_by_nobody() -> None:
    """X18: the database refuses it."""
    session = reserve()
    scan(NINE + 4 * MINUTE)
    with pytest.raises(IntegrityError, match="has ended"), transaction.atomic():
        Session.objects.filter(pk=session.pk).update(state="active")
    assert following.follow(session.pk, at=NINE + HOUR) is State.EXPIRED


def test_a_trip_ends_it_at_its_register_in_plain_words() -> None:
    """F1.19: the protection acted by itself; the platform records, tells, settles."""
    device = Device()
    session = started(device)
    tell(use(device, 10))
    tell(device.open(NINE + 11 * MINUTE, "RC", EventKind.TRIPPED))
    assert now_of(session).state == State.REFUNDING
    assert (session.cause, session.cause_code, session.cost_fen) == (Cause.TRIP, "RC", 6)
    assert not Command.objects.filter(op=str(Op.STOP)).exists()


@pytest.mark.parametrize(("code", "blocked"), [("RC", True), ("SC", True), ("AF", True), ("TP", True), ("OC", False), ("OT", False)])  # fmt: skip
def test_a_trip_opens_a_ticket_and_what_holds_until_a_look_is_not_sold(code: str, blocked: bool) -> None:
    """F1.19, journey (c): alarm, cut-off, ticket; the same protection again is counted on it."""
    device = Device()
    session = started(device)
    tell(device.open(NINE + MINUTE, code, EventKind.TRIPPED))
    (ticket,) = Ticket.objects.all()
    assert (ticket.kind, ticket.urgent, ticket.socket_id) == ("trip", blocked, session.socket_id)
    assert code in ticket.says
    assert code in ticket.says_en
    assert (Socket.objects.get().state == "blocked") is blocked
    if not blocked:
        refund_moves(now_of(session), "success", NINE + 2 * MINUTE)
        again = paid(reserve(at=NINE + HOUR), NINE + HOUR)
        tell(device.close(again, NINE + HOUR), device.open(NINE + HOUR + MINUTE, code, EventKind.TRIPPED))
        assert Ticket.objects.get().times == 2


def test_a_trip_of_the_grid_opens_a_ticket_only_when_it_does_not_come_back() -> None:
    """F1.19: what recovers by itself is nobody's work."""
    device = Device()
    started(device)
    tell(device.event(NINE + MINUTE, EventKind.TRIPPED, "UV", closed=False))
    tell(device.event(NINE + 2 * MINUTE, EventKind.RECLOSED, "UV", closed=True))
    assert not Ticket.objects.exists()
    tell(device.event(NINE + 6 * MINUTE, EventKind.TRIPPED, "UV", closed=False))
    scan(NINE + 10 * MINUTE)
    assert Ticket.objects.get().kind == "trip"
    assert Socket.objects.get().state == "on_sale"


def test_a_trip_of_the_grid_that_comes_back_goes_on_and_one_that_does_not_ends() -> None:
    device = Device()
    session = started(device)
    tell(device.event(NINE + MINUTE, EventKind.TRIPPED, "UV", closed=False))
    assert now_of(session).state == State.ACTIVE
    tell(device.event(NINE + 2 * MINUTE, EventKind.RECLOSED, "UV", closed=True), use(device, 3, since=2 * MINUTE))
    assert now_of(session).tripped == ""
    tell(device.event(NINE + 6 * MINUTE, EventKind.TRIPPED, "OV", closed=False))
    scan(NINE + 10 * MINUTE)
    assert now_of(session).state == State.STOPPING
    assert session.cause == Cause.TRIP


def test_a_pulled_plug_ends_it() -> None:
    device = Device()
    session = started(device)
    tell(device.event(NINE + MINUTE, EventKind.UNPLUGGED))
    assert now_of(session).state == State.STOPPING
    assert session.cause == Cause.UNPLUGGED
    assert Command.objects.filter(op="stop").exists()


def test_cheap_hours_raise_the_quota_and_never_lower_it() -> None:
    """R1.4: sold at the highest price to come, used at a lower one."""
    device = Device()
    session = started(device, fen=500)
    quota = session.quota_wh
    tell([device.reading(NINE + n * MINUTE, more_10wh=5) for n in range(1, 30)])
    scan(NINE + 31 * MINUTE)
    assert now_of(session).quota_wh > quota
    assert Command.objects.filter(op="raise").latest("made_at").body["quota_wh"] == session.quota_wh


def test_an_unknown_answer_changes_nothing() -> None:
    gateways.answered(CommandAck("gw-0001", "1", str(uuid4()), Result.DONE, True, 1, 1, 1), at=NINE)
    gateways.answered(CommandAck("gw-0001", "1", "not-one-of-ours", Result.DONE, True, 1, 1, 1), at=NINE)
