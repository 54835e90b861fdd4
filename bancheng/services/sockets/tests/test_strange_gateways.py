"""A gateway that says what it must not: refused and counted here, or before us by the broker's doorkeeper; somebody is called, once an hour."""

import time
from collections.abc import Sequence
from datetime import timedelta

import pytest
from django.test import Client

from bancheng.kernel.identity import testing as people
from bancheng.lib import socketwire as wire
from bancheng.services.sockets.gateway.hearing import Hearing, hear
from bancheng.services.sockets.models import GatewayState, Reading, Ticket
from bancheng.services.sockets.operations import gateways
from bancheng.services.sockets.queries.registry import Registered
from bancheng.services.sockets.rules.floods import Repeats
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


def reading(seq: int) -> tuple[str, bytes]:
    return wire.write(wire.Reading("gw-0001", "1", 1, seq, seq * 1000, 0, "202411070046", "", 5, 2231, 0, 0, 310, 0))[
        :2
    ]


def test_what_is_stored_and_said_again_without_end_is_a_flood_and_stands_once() -> None:
    """X6 X18 B1.12, issue 4: a replay is counted and alarmed; a device whose answers got lost for a while is not."""
    socket()
    hearing = Hearing()
    hearing.repeats["gw-0001"] = Repeats(left=2_000, at=time.monotonic())  # it has said most of what it may say again

    def says(numbers: Sequence[int]) -> gateways.Refusals | None:
        hear([reading(n) for n in numbers], gateways=KNOWN, hearing=hearing, at=NINE)
        return hearing.take_refused().get("gw-0001")

    assert says(range(1, 401)) is None
    for _ in range(4):
        assert says(range(1, 401)) is None
    refused = [each.flooded for _ in range(4) if (each := says([7] * 400))]
    assert sum(refused) > 1_000
    assert Reading.objects.filter(gateway="gw-0001").count() == 400
    gateways.count_refused({"gw-0001": gateways.Refusals(flooded=sum(refused))}, region=REGION, at=NINE)
    assert Ticket.objects.filter(cause="gateway:gw-0001:strange", urgent=True).count() == 1


def test_what_could_not_be_written_down_stays_counted() -> None:
    hearing = Hearing()
    hearing.refuse("gw-0001", "garbled")
    taken = hearing.take_refused()
    hearing.refuse("gw-0001", "foreign")
    hearing.give_back(taken)
    assert hearing.take_refused() == {"gw-0001": gateways.Refusals(garbled=1, foreign=1)}


def test_a_dispatcher_sees_it_on_his_list_and_which_device_it_is(client: Client) -> None:
    """B1.12: alarmed: urgent work of somebody, with the device's name and what was counted."""
    socket()
    heard(told(foreign=3, large=2))
    client.force_login(people.staff("dispatcher", unit=""))
    page = client.get("/sockets/tickets/").content.decode()
    assert "设备发来不合规的报文" in page
    ticket = Ticket.objects.get(cause="gateway:gw-0001:strange")
    shown = client.get(f"/sockets/tickets/{ticket.pk}/").content.decode()
    for word in ("gw-0001", "紧急", "冒用他人3条，读不懂2条，过量0条"):
        assert word in shown, word
