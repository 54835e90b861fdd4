"""The OCPP door with real parts: a WebSocket, a database that commits, a charge point that says what charge points say."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bancheng.kernel.clocks import public as clocks
from bancheng.services.sockets.models import Command, GatewayState, Session
from bancheng.services.sockets.ocpp.process import Process
from bancheng.services.sockets.operations import sessions
from bancheng.services.sockets.rules.sessions import State
from bancheng.services.sockets.tests import walking
from bancheng.services.sockets.tests.peering import CP, Peer, charge_point, door, wait

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.fault]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[tuple[Process, str]]:
    """Return a door with one registered charge point, and its password."""
    charge_point(connectors=2)
    with door(tmp_path) as (process, book):
        yield process, book.enrol([CP])[CP]


def paid(connector: int = 1) -> Session:
    session = walking.reserve(f"{CP}-{connector}", fen=500, at=clocks.now())
    return walking.paid(session, clocks.now())


def now_of(session: Session) -> Session:
    return Session.objects.get(pk=session.pk)


def started(peer: Peer, connector: int = 1) -> tuple[Session, int]:
    """Bring a session under way; return it and its transaction."""
    before = len([1 for action, _ in peer.asked if action == "RemoteStartTransaction"])
    session = paid(connector)
    wait(lambda: len([1 for action, _ in peer.asked if action == "RemoteStartTransaction"]) > before)
    answer = peer.start(peer.tag(), connector=connector)
    assert answer["idTagInfo"] == {"status": "Accepted"}
    return session, answer["transactionId"]


def test_scan_pay_charge_stop_by_ocpp(place: tuple[Process, str]) -> None:
    """F1.8 to F1.12: from the payment to the bill on a charge point of OCPP 1.6, exact to the fen."""
    process, password = place
    peer = Peer(process, password)
    assert peer.boot()["status"] == "Accepted"
    assert peer.boot()["currentTime"].endswith("Z")
    peer.call("StatusNotification", connectorId=1, errorCode="NoError", status="Available")
    session, transaction = started(peer)
    assert now_of(session).state == State.ACTIVE
    start = clocks.real_now()
    for n in range(1, 4):
        assert peer.values(100, transaction=transaction, at=start + timedelta(seconds=n)) == {}
    # a sample each second would be 360 kW: it is set aside, and the bill goes by what can be
    assert now_of(session).aside == 3
    sessions.stop(session_id=session.pk, by="payer", at=clocks.now())
    wait(lambda: ("RemoteStopTransaction", {"transactionId": transaction}) in peer.asked)
    peer.wh -= 300
    peer.stop(transaction, reason="Remote")
    found = now_of(session)
    assert found.state == State.REFUNDING
    assert (found.cost_fen, found.refunded_fen) == (0, 500)
    wait(lambda: Command.objects.filter(op="stop").get().state in ("done", "acked"))
    assert GatewayState.objects.get().online
    peer.close()
    wait(lambda: not GatewayState.objects.get().online)
