"""The simulated charge points: what `bancheng chargers` runs walks from the start to the bill, and keeps what was not answered."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection

from bancheng.kernel.clocks import public as clocks
from bancheng.services.sockets.models import GatewayState, Session
from bancheng.services.sockets.operations import sessions
from bancheng.services.sockets.rules.sessions import State
from bancheng.services.sockets.tests import walking
from bancheng.services.sockets.tests.peering import CP, InAThread, charge_point, door, wait
from bancheng.sim.chargers import point
from bancheng.sim.chargers.point import Connector, Point
from bancheng.site import house, up

UNITS = house.ROOT / "packs" / "xuchang" / "services" / "sockets" / "units.csv"


@pytest.fixture
def _no_log(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE sockets_reading")


def state(session: Session) -> str:
    found: str = Session.objects.get(pk=session.pk).state
    return found


@pytest.mark.fault
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_no_log")
def test_a_simulated_charge_point_walks_from_the_start_to_the_bill(tmp_path: Path) -> None:
    charge_point()
    with door(tmp_path) as (process, book):
        _walk(process.port, book.enrol([CP])[CP])


def _walk(port: int, password: str) -> None:
    simulated = Point(CP, {1: Connector(1, 50_000.0, 7000)})
    alive = InAThread(simulated.live(f"ws://localhost:{port}", password))
    try:
        wait(lambda: GatewayState.objects.filter(gateway=CP, online=True).exists())
        session = walking.paid(walking.reserve(f"{CP}-1", fen=500, at=clocks.now()), clocks.now())
        wait(lambda: state(session) == State.ACTIVE)
        simulated.connectors[1].wh += 10  # a moment is too short for a step of the register
        sessions.stop(session_id=session.pk, by="payer", at=clocks.now())
        wait(lambda: state(session) == State.REFUNDING)
        wait(lambda: simulated.settings.get("StopTransactionOnInvalidId") == "true")
        assert Session.objects.get(pk=session.pk).used_wh in (10, 20)
    finally:
        alive.end()


def test_the_pack_has_two_charge_points_and_they_keep_what_they_know(tmp_path: Path) -> None:
    kept = tmp_path / "chargers.json"
    found = point.points(UNITS, kept)
    assert [(one.name, len(one.connectors)) for one in found] == [("cp-0001", 2), ("cp-0002", 2)]
    found[0].connectors[2].wh = 77.5
    found[0].queue.append(["Heartbeat", {}, 1])
    point.keep(found, kept)
    again = point.points(UNITS, kept)
    assert again[0].connectors[2].wh == 77.5
    assert again[0].queue == [["Heartbeat", {}, 1]]


def test_the_house_has_a_door_for_charge_points_where_the_pack_lists_any() -> None:
    verbs = [child.verb for child in up.the_house("packs/xuchang")]
    assert {"ocpp", "chargers"} <= set(verbs)
    assert "ocpp" not in [child.verb for child in up.the_house("")]
