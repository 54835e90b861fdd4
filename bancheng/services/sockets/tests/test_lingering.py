"""A relay that is on for a use that is over, or that somebody has ended, is told to open as long as it says that it is on."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bancheng.kernel.audit import testing as audit
from bancheng.lib.socketwire import Status
from bancheng.services.sockets.gateway.hearing import take_in
from bancheng.services.sockets.models import Session
from bancheng.services.sockets.operations import commands, gateways, lingering, sessions
from bancheng.services.sockets.rules.sessions import Cause, State
from bancheng.services.sockets.tests.walking import (
    NINE,
    REGION,
    Device,
    in_balance,
    now_of,
    paid,
    reserve,
    scan,
    socket,
    started,
    tell,
)

pytestmark = pytest.mark.django_db
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture(autouse=True)
def _socket() -> None:
    socket()


def says(device: Device, at: Any) -> Any:
    return device.state(at).message


def stops_sent(at: Any) -> list[str]:
    return [said.session for _, said in commands.to_send(["gw-0001"], at=at) if said.op == "stop"]


def test_a_device_that_was_away_longer_than_a_stop_is_good_for_is_stopped_when_it_is_back() -> None:
    """X7 X16 B1.4: nobody's stop reached it; it says that it is on, opens, and the use is settled by its register."""
    device = Device()
    session = started(device)
    gateways.heard(Status("gw-0001", True, 1), region=REGION, at=NINE)
    gateways.heard(Status("gw-0001", False, 1), region=REGION, at=NINE + MINUTE)
    sessions.stop(session_id=session.pk, by="payer", at=NINE + 2 * MINUTE)
    for at in range(2, 15):
        scan(NINE + at * MINUTE)
        commands.to_send(["gw-0001"], at=NINE + at * MINUTE)
    assert now_of(session).state == State.PROVISIONAL
    assert stops_sent(NINE + 59 * MINUTE) == []
    take_in([Status("gw-0001", True, 1), says(device, NINE + HOUR)], REGION, NINE + HOUR)
    assert stops_sent(NINE + HOUR) == [session.pk.hex]
    tell(device.reading(NINE + HOUR, more_10wh=9), device.open(NINE + HOUR + SECOND))
    assert now_of(session).state == State.REFUNDING
    assert (session.used_wh, session.cause) == (90, Cause.USER)
    assert in_balance(session)
    assert [line.about for line in audit.recorded("sockets.told_off_again")] == [f"session:{session.pk}"]


def test_a_device_that_obeyed_a_start_whose_money_has_gone_back_is_stopped() -> None:
    """X3 X4: offline never means free power: it closed in time, was cut off before it could say so, and came back after the refund."""
    device = Device()
    session = paid(reserve(), NINE)
    commands.to_send(["gw-0001"], at=NINE)
    closed = device.close(session, NINE + SECOND)
    for at in (15, 36, 700):
        scan(NINE + at * SECOND)
        commands.to_send(["gw-0001"], at=NINE + at * SECOND)
    assert now_of(session).state == State.REFUNDING
    back = NINE + HOUR
    take_in([Status("gw-0001", True, 1), closed.message, says(device, back)], REGION, back)
    assert stops_sent(back) == [session.pk.hex]
    assert now_of(session).cost_fen == 0


def test_it_is_told_again_only_when_nobody_says_the_last_stop_any_more() -> None:
    device = Device()
    session = started(device)
    at = NINE + 5 * MINUTE
    assert lingering.end([says(device, at)], at=at) == 0  # in use
    sessions.stop(session_id=session.pk, by="payer", at=at)
    assert lingering.end([says(device, at)], at=at) == 0  # its own stop is under way
    commands.to_send(["gw-0001"], at=at)
    late = at + 20 * MINUTE
    commands.to_send(["gw-0001"], at=late)
    assert lingering.end([says(device, late)], at=late) == 0  # waited for: nobody has said yet that it does not come
    scan(late)
    assert lingering.end([says(device, late)] * 3, at=late) == 1
    assert lingering.end([says(device, late)], at=late) == 0


def test_what_was_said_before_the_relay_opened_is_old_news() -> None:
    device = Device()
    session = started(device)
    at = NINE + MINUTE
    before = says(device, at)
    sessions.stop(session_id=session.pk, by="payer", at=at)
    tell(device.open(at))
    Session.objects.get(pk=session.pk).commands.update(send_at=None)
    assert lingering.end([before], at=at) == 0
    assert lingering.end([replace(before, seq=device.seq)], at=at) == 1


def test_another_s_socket_and_names_of_no_session_are_passed_over() -> None:
    device = Device()
    session = started(device)
    sessions.stop(session_id=session.pk, by="payer", at=NINE)
    session.commands.update(send_at=None)
    said = says(device, NINE)
    assert lingering.end([replace(said, session=name) for name in ("", "s-1", "0" * 32)], at=NINE) == 0
    assert lingering.end([replace(said, socket="2"), replace(said, gateway="gw-0002")], at=NINE) == 0


def test_who_is_off_costs_no_question_and_many_that_are_on_cost_one() -> None:
    device = Device()
    started(device)
    on = says(device, NINE)
    for said, asked in (([replace(on, closed=False)] * 5, 0), ([on], 1), ([on] * 8, 1)):
        with CaptureQueriesContext(connection) as found:
            lingering.end(said, at=NINE)
        assert len(found) == asked
