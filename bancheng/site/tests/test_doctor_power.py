"""The doctor at the doors of shared power: who listens, who is there, who cannot come in."""

import socketserver
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bancheng.lib.brokerkeys import Book
from bancheng.services.sockets.gateway.process import Leases
from bancheng.services.sockets.models import GatewayState
from bancheng.services.sockets.ocpp.door import tls_of
from bancheng.services.sockets.tests import towns
from bancheng.services.sockets.tests.peering import CP, charge_point, door
from bancheng.services.sockets.tests.test_ocpp_peers import certificate
from bancheng.services.sockets.tests.walking import NINE, REGION
from bancheng.site import doctor, doctor_power, serving
from bancheng.site.doctor import State

pytestmark = pytest.mark.django_db(transaction=True)
NOWHERE = "127.0.0.1:1"


@pytest.fixture(autouse=True)
def _outside_the_demo(settings: Any, tmp_path: Path) -> None:
    settings.DEMO, settings.OCPP_ADDRESS, settings.MQTT_PASSWORDS = False, NOWHERE, tmp_path / "passwords"


@pytest.fixture
def stranger() -> Iterator[str]:
    """Return where something answers that is no door of ours."""

    class Other(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.rfile.readline()
            self.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Other) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def test_without_charge_points_no_door_is_wanted() -> None:
    found = doctor_power.charge_points()
    assert (found.state, "no charge points" in found.says) == (State.OK, True)


def test_a_door_that_nobody_keeps_is_a_fault_outside_the_demo(settings: Any) -> None:
    charge_point()
    found = doctor_power.charge_points()
    assert (found.state, "start bancheng ocpp" in found.says) == (State.BAD, True)
    settings.DEMO = True
    assert doctor_power.charge_points().state is State.WARN


def test_somebody_else_at_its_address_is_a_fault(settings: Any, stranger: str) -> None:
    charge_point()
    settings.OCPP_ADDRESS = stranger
    found = doctor_power.charge_points()
    assert (found.state, "BANCHENG_OCPP" in found.says) == (State.BAD, True)


@pytest.mark.fault
def test_the_door_is_known_by_its_refusal_and_who_cannot_come_in_is_named(
    settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    charge_point()
    with door(tmp_path) as (process, book):
        settings.OCPP_ADDRESS = f"127.0.0.1:{process.port}"
        found = doctor_power.charge_points()
        assert (found.state, f"{CP}: bancheng ocpp enrol" in found.says) == (State.WARN, True)
        book.enrol([CP])
        GatewayState.objects.create(region=REGION, gateway=CP, online=True, since=NINE, heard_at=NINE)
        found = doctor_power.charge_points()
        assert (found.state, "1/1" in found.says) == (State.OK, True)
        monkeypatch.setattr(doctor_power, "LOOPBACK", ())
        found = doctor_power.charge_points()
        assert (found.state, "passwords go in clear" in found.says) == (State.WARN, True)


@pytest.mark.fault
def test_a_door_that_speaks_tls_is_known_by_its_refusal_too(
    settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    charge_point()
    Book(settings.MQTT_PASSWORDS).enrol([CP])
    monkeypatch.setattr(doctor_power, "LOOPBACK", ())
    _, cert, key = certificate(tmp_path)
    with door(tmp_path, tls=tls_of(cert, key)) as (process, _):
        settings.OCPP_ADDRESS = f"127.0.0.1:{process.port}"
        assert doctor_power.charge_points().state is State.OK


@pytest.mark.parametrize(("says", "why"), [(b"SSH-2.0-x\r\n", "something else answers"), (b"", "timed out")])
def test_who_speaks_something_else_or_nothing_is_not_the_door(
    says: bytes, why: str, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    charge_point()
    monkeypatch.setattr(doctor_power, "PATIENCE", 0.3)

    class Other(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.sendall(says)
            while self.request.recv(1024):
                pass  # and no word more

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Other) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        settings.OCPP_ADDRESS = str(serving.Address("127.0.0.1", server.server_address[1]))
        found = doctor_power.charge_points()
        server.shutdown()
    assert (found.state, why in found.says) == (State.BAD, True)


def test_devices_that_nobody_hears_are_a_fault(settings: Any) -> None:
    assert doctor_power.gateway().state is State.OK
    towns.socket()
    found = doctor_power.gateway()
    assert (found.state, "start bancheng gateway" in found.says) == (State.BAD, True)
    settings.MQTT_URL = "mqtt://platform:secret@127.0.0.1:1"
    found = doctor_power.broker()
    assert (found.state, "secret" in found.says) == (State.BAD, False)


@pytest.mark.fault
def test_devices_that_are_heard_and_have_no_password_are_named(settings: Any) -> None:
    towns.socket()
    leases = Leases(2)
    assert leases.look() == {0, 1}
    found = doctor_power.gateway()
    assert (found.state, "gw-0001: bancheng broker enrol" in found.says) == (State.WARN, True)
    Book(settings.MQTT_PASSWORDS).enrol(["gw-0001"])
    found = doctor_power.gateway()
    assert (found.state, "bancheng gateway × 1" in found.says) == (State.OK, True)
    leases.release()


def test_its_lines_stand_on_the_doctors_page() -> None:
    page = [finding.what for finding in doctor.with_django()]
    assert page[-3:] == ["MQTT", "共享电源设备 · devices", doctor_power.OCPP]
