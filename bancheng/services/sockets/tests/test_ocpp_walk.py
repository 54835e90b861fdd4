"""The OCPP door with real parts: a WebSocket, a database that commits, a charge point that says what charge points say."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from websockets.exceptions import InvalidStatus

from bancheng.kernel.clocks import public as clocks
from bancheng.lib.refusal import Refused
from bancheng.services.sockets.models import Command, GatewayState, Session, Ticket
from bancheng.services.sockets.ocpp.process import Process
from bancheng.services.sockets.operations import sessions
from bancheng.services.sockets.rules.sessions import Cause, State
from bancheng.services.sockets.tests import towns, walking
from bancheng.services.sockets.tests.peering import CP, Peer, charge_point, door, sample, wait

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.fault]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[tuple[Process, str]]:
    """Return a door with one registered charge point, and its password."""
    towns.plan(rates=towns.ONE_PRICE)
    charge_point(connectors=2)
    with door(tmp_path) as (process, book):
        yield process, book.enrol([CP])[CP]


@pytest.fixture
def peer(place: tuple[Process, str]) -> Iterator[Peer]:
    """Return a charge point that is connected and has booted."""
    made = Peer(*place)
    made.boot()
    yield made
    made.close()


def paid(connector: int = 1, fen: int = 500) -> Session:
    session = walking.reserve(f"{CP}-{connector}", fen=fen, at=clocks.now())
    return walking.paid(session, clocks.now())


def now_of(session: Session) -> Session:
    return Session.objects.get(pk=session.pk)


def asked(peer: Peer, action: str) -> list[dict[str, object]]:
    return [said for name, said in peer.asked if name == action]


def promised(peer: Peer, connector: int = 1, fen: int = 500) -> Session:
    """Pay, and wait until the charge point is told to start."""
    before = len(asked(peer, "RemoteStartTransaction"))
    session = paid(connector, fen)
    wait(lambda: len(asked(peer, "RemoteStartTransaction")) > before)
    return session


def started(peer: Peer, connector: int = 1, fen: int = 500, minutes: int = 0) -> tuple[Session, int]:
    """Bring a session under way, begun some minutes ago by the charge point's clock; return it and its transaction."""
    session = promised(peer, connector, fen)
    answer = peer.start(peer.tag(), connector=connector, at=clocks.real_now() - timedelta(minutes=minutes))
    assert answer["idTagInfo"] == {"status": "Accepted"}
    return session, answer["transactionId"]


def billed(session: Session) -> tuple[str, int | None, int]:
    found = now_of(session)
    return found.state, found.cost_fen, found.refunded_fen


def test_scan_pay_charge_stop_by_ocpp(peer: Peer) -> None:
    """F1.8 to F1.12: from the payment to the bill on a charge point of OCPP 1.6, by its register, the rest on its way back."""
    assert peer.boot()["currentTime"].endswith("Z")
    peer.call("StatusNotification", connectorId=1, errorCode="NoError", status="Preparing")
    assert peer.call("Heartbeat")["currentTime"].endswith("Z")
    session, transaction = started(peer, minutes=10)
    assert now_of(session).state == State.ACTIVE
    for minutes in (8, 5, 2):
        at = clocks.real_now() - timedelta(minutes=minutes)
        assert peer.values(200, transaction=transaction, at=at) == {}
    assert now_of(session).used_wh == 600
    sessions.stop(session_id=session.pk, by="payer", at=clocks.now())
    wait(lambda: {"transactionId": transaction} in asked(peer, "RemoteStopTransaction"))
    peer.wh += 100
    assert peer.stop(transaction, reason="Remote") == {}
    found = now_of(session)
    assert (found.state, found.used_wh, found.aside) == (State.REFUNDING, 700, 0)
    assert (found.cost_fen, found.refunded_fen) == (42, 458)
    assert (found.cause, walking.in_balance(found)) == (Cause.USER, True)
    wait(lambda: Command.objects.filter(op="start").get().state == "done")
    assert GatewayState.objects.get().firmware == "Peer-One"


def test_start_and_stop_told_again_after_a_lost_connection_count_once(place: tuple[Process, str]) -> None:
    """F4, F6: a charge point that was not answered says it again, under a new number, over a new connection."""
    peer = Peer(*place)
    session = promised(peer)
    at = clocks.real_now() - timedelta(minutes=5)
    first = peer.start(peer.tag(), at=at)
    tag = peer.tag()
    peer.lose()
    wait(lambda: now_of(session).state == State.SUSPENDED)
    peer = Peer(*place)
    wait(lambda: now_of(session).state == State.ACTIVE)
    assert peer.start(tag, at=at) == first
    peer.wh += 300
    at = clocks.real_now()
    assert peer.stop(first["transactionId"], at=at, idTag=tag) == {}
    before = billed(session)
    assert before[0] == State.REFUNDING
    peer.close()
    peer = Peer(*place)
    assert peer.stop(first["transactionId"], at=at, idTag=tag) == {}
    assert billed(session) == before
    assert now_of(session).used_wh == 300
    peer.close()
    wait(lambda: not GatewayState.objects.get().online)
    assert GatewayState.objects.get().foreign == 0


def test_a_charge_point_that_was_away_tells_all_of_it_afterwards(place: tuple[Process, str]) -> None:
    """F7, F8: charged on while the line was down, ended by the driver, told when it is back: exact by the register."""
    peer = Peer(*place)
    session, transaction = started(peer, minutes=50)
    peer.lose()
    wait(lambda: now_of(session).state == State.SUSPENDED)
    peer = Peer(*place)
    now = clocks.real_now()
    data = [sample(peer.wh + 1000 * n, now - timedelta(minutes=50 - 10 * n)) for n in range(1, 5)]
    peer.wh += 4500
    peer.stop(transaction, at=now - timedelta(minutes=5), reason="EVDisconnected", transactionData=data)
    found = now_of(session)
    assert (found.state, found.used_wh, found.aside, found.cause) == (State.REFUNDING, 4500, 0, Cause.UNPLUGGED)
    peer.close()


def test_an_unknown_tag_gets_no_power(peer: Peer) -> None:
    """Never free power: refused, told to stop, and counted as strange."""
    assert peer.call("Authorize", idTag="0123456789abcdef0123")["idTagInfo"] == {"status": "Invalid"}
    answer = peer.start("0123456789abcdef0123")
    assert answer["idTagInfo"] == {"status": "Invalid"}
    wait(lambda: {"transactionId": answer["transactionId"]} in asked(peer, "RemoteStopTransaction"))
    wait(lambda: GatewayState.objects.get().foreign >= 1)
    assert Ticket.objects.filter(kind="strange").exists()
    session = promised(peer)
    assert peer.call("Authorize", idTag=peer.tag())["idTagInfo"] == {"status": "Accepted"}
    assert peer.start(peer.tag(), connector=2)["idTagInfo"] == {"status": "Invalid"}  # paid on the other connector
    assert now_of(session).state in (State.PAID, State.STARTING)


def test_a_charge_point_that_refuses_to_start_gives_the_money_back(peer: Peer) -> None:
    """B1.3: all of it, at once."""
    peer.answers["RemoteStartTransaction"] = lambda said: {"status": "Rejected"}
    session = paid()
    wait(lambda: now_of(session).state == State.REFUNDING)
    assert billed(session) == (State.REFUNDING, 0, 500)


def test_transaction_numbers_of_their_own_and_samples_from_the_start(peer: Peer) -> None:
    """Field lesson: -1 for a transaction, samples that count from 0 while start and stop are the register."""
    session, _ = started(peer, minutes=10)
    peer.values(200, transaction=-1, at=clocks.real_now() - timedelta(minutes=6), less=peer.wh)
    assert now_of(session).used_wh == 200
    base = peer.wh - 200
    peer.values(300, transaction=None, at=clocks.real_now() - timedelta(minutes=1), less=base)
    assert now_of(session).used_wh == 500
    peer.wh += 20
    peer.stop(0)
    assert (now_of(session).state, now_of(session).used_wh) == (State.REFUNDING, 520)


def test_the_platform_ends_a_session_whose_money_is_used_up(peer: Peer) -> None:
    """F16: OCPP has no limit of energy, so it is ended while what flows until then is still paid for."""
    session, transaction = started(peer, fen=100, minutes=30)
    quota = now_of(session).quota_wh
    peer.values(quota - 60, transaction=transaction, at=clocks.real_now() - timedelta(minutes=1))
    assert now_of(session).state == State.ACTIVE
    peer.values(30, transaction=transaction)
    wait(lambda: {"transactionId": transaction} in asked(peer, "RemoteStopTransaction"))
    assert (now_of(session).state, now_of(session).cause) == (State.STOPPING, Cause.QUOTA)
    peer.wh += 20
    peer.stop(transaction, reason="Remote")
    found = now_of(session)
    assert (found.state, found.lost_fen) == (State.REFUNDING, 0)
    assert found.cost_fen is not None
    assert 95 <= found.cost_fen <= 100


def test_what_was_given_beyond_the_money_is_our_loss(peer: Peer) -> None:
    session, transaction = started(peer, fen=100, minutes=55)
    peer.wh += 5000
    peer.stop(transaction)
    found = now_of(session)
    assert found.cost_fen == 100
    assert found.lost_fen > 0
    assert walking.in_balance(found)


def test_more_than_twenty_yuan_is_not_taken(peer: Peer) -> None:
    """An offline charge point is a money risk: the prepayment is capped, in plain words."""
    with pytest.raises(Refused) as no:
        walking.reserve(f"{CP}-1", fen=2100, at=clocks.now())
    assert "20元" in no.value.says


def test_a_fault_is_told_and_named_as_the_cause(peer: Peer) -> None:
    session, transaction = started(peer, minutes=5)
    peer.call("StatusNotification", connectorId=1, errorCode="GroundFailure", status="Faulted")
    peer.wh += 50
    peer.stop(transaction, reason="Other")
    assert (now_of(session).cause, now_of(session).cause_code) == (Cause.TRIP, "RC")
    peer.call("StatusNotification", connectorId=0, errorCode="NoError", status="Available")
    peer.call("StatusNotification", connectorId=1, errorCode="NoError", status="Available")


def test_both_connectors_charge_at_once(peer: Peer) -> None:
    one, first = started(peer, 1, minutes=5)
    two, second = started(peer, 2, minutes=5)
    assert first != second
    peer.values(100, transaction=first, connector=1)
    peer.values(200, transaction=second, connector=2)
    assert (now_of(one).used_wh, now_of(two).used_wh) == (100, 300)
    peer.stop(second)
    assert (now_of(one).state, now_of(two).state) == (State.ACTIVE, State.REFUNDING)


def test_who_has_not_the_password_does_not_come_in(place: tuple[Process, str]) -> None:
    """Security profile 1: name and password; another's name, nobody's name, another path."""
    process, password = place
    for name, word in ((CP, "wrong"), ("cp-9999", password), (f"{CP}/", password)):
        with pytest.raises(InvalidStatus) as no:
            Peer(process, word, name)
        assert no.value.response.status_code == 401
    wait(lambda: GatewayState.objects.filter(gateway=CP, foreign=1).exists())


def test_a_newer_connection_takes_the_place_of_the_older(place: tuple[Process, str]) -> None:
    older = Peer(*place)
    older.boot()
    newer = Peer(*place)
    wait(lambda: not older._thread.is_alive())
    newer.boot()
    assert GatewayState.objects.get().online
    newer.close()


def test_garbage_is_counted_and_the_connection_goes_on(peer: Peer) -> None:
    """B1.12: whatever comes, nothing is taken of it and nobody else is hurt."""
    for raw in ("nonsense", "[2]", json.dumps([2, "x", "StartTransaction", {"connectorId": 1}]), b"\x00\xff"):
        peer.socket.send(raw)
    peer.socket.send(json.dumps([2, "y", "../../etc/passwd", {}]))
    peer.call("Heartbeat")
    assert [error[2] for error in peer.errors] == ["FormationViolation", "NotImplemented"]
    wait(lambda: GatewayState.objects.get().garbled == 4)


def test_a_frame_of_more_than_64_kib_ends_the_connection(place: tuple[Process, str]) -> None:
    peer = Peer(*place)
    peer.boot()
    peer.socket.send("x" * 70_000)
    wait(lambda: not peer._thread.is_alive())
    wait(lambda: GatewayState.objects.get().garbled == 1)


def test_a_charge_point_that_never_stops_talking_is_put_out(
    place: tuple[Process, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bancheng.services.sockets.rules.floods.BURST", 5)
    peer = Peer(*place)
    process, _ = place
    wait(lambda: CP in process.door.links)
    process.door.links[CP]._bucket.left = 3
    for _ in range(60):
        try:
            peer.send("Heartbeat")
        except Exception:
            break
    wait(lambda: not peer._thread.is_alive())
    wait(lambda: GatewayState.objects.get().flooded >= 1)
    peer.close()


def test_two_processes_share_charge_points_as_they_come(tmp_path: Path) -> None:
    """Whoever holds the connection sends the command; what came to the other before is not lost."""
    charge_point()
    with door(tmp_path) as (one, book), door(tmp_path) as (two, _):
        password = book.enrol([CP])[CP]
        first = Peer(one, password)
        session, transaction = started(first, minutes=5)
        second = Peer(two, password)  # the older connection is dead, and nobody knows yet
        second.boot()
        first.lose()
        wait(lambda: CP not in one.door.links)
        second.wh += 100
        sessions.stop(session_id=session.pk, by="payer", at=clocks.now())
        wait(lambda: {"transactionId": transaction} in asked(second, "RemoteStopTransaction"))
        second.stop(transaction)
        assert (now_of(session).state, now_of(session).used_wh) == (State.REFUNDING, 100)
        assert GatewayState.objects.get().online
        second.close()
