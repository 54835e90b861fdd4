"""A gateway that says what it must not: refused and counted here, or before us by the broker's doorkeeper; somebody is called, once an hour."""

from datetime import timedelta

import pytest

from bancheng.lib import socketwire as wire
from bancheng.services.sockets.gateway.hearing import Hearing, hear
from bancheng.services.sockets.models import GatewayState, Ticket
from bancheng.services.sockets.operations import gateways
from bancheng.services.sockets.queries.registry import Registered
from bancheng.services.sockets.tests.walking import NINE, REGION, socket

pytestmark = pytest.mark.django_db
KNOWN = {"gw-0001": Registered("gw-0001", REGION, {"1"})}


def heard(*batch: tuple[str, bytes], at: timedelta = timedelta()) -> None:
    hearing = Hearing()
    assert hear(batch, gateways=KNOWN, hearing=hearing, at=NINE + at) == []
    refused = {name: each for name, each in hearing.take_refused().items() if name in KNOWN}
    gateways.count_refused(refused, region=REGION, at=NINE + at)


def told(**counts: int) -> tuple[str, bytes]:
    return wire.write(wire.Refusals("gw-0001", counts))[:2]


def test_what_the_doorkeeper_refused_is_counted_and_somebody_is_called() -> None:
    """B1.12: another's serial, another's topic, another's will."""
    socket()
    heard(told(foreign=2, password=1, name=1, retained=1, large=3, malformed=1, flooded=4))
    state = GatewayState.objects.get(gateway="gw-0001")
    assert (state.foreign, state.garbled, state.flooded) == (5, 4, 4)
    assert Ticket.objects.filter(cause="gateway:gw-0001:strange").count() == 1


def test_a_few_garbled_messages_call_nobody_and_many_do_once_an_hour() -> None:
    socket()
    heard(*[("pw/1/gw-0001/1/reading", b"no JSON")] * 5)
    assert not Ticket.objects.exists()
    heard(*[("pw/1/gw-0001/1/reading", b"x" * 1_000_000)] * 20)
    heard(told(large=50), at=timedelta(minutes=30))
    assert Ticket.objects.count() == 1


def test_a_socket_that_is_not_the_gateway_s_own_is_foreign() -> None:
    socket()
    heard(("pw/1/gw-0001/9/cmdack", b'{"cmd_id":"c","result":"done","relay":1,"e_10wh":0,"boot":1,"seq":0}'))
    assert GatewayState.objects.get(gateway="gw-0001").foreign == 1
