"""Charge points we did not write: each walks from the start to the bill."""

import asyncio
import base64
import datetime as dt
import ipaddress
import shutil
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from ocpp.routing import on
from ocpp.v16 import ChargePoint, call, call_result
from websockets.asyncio.client import connect

from bancheng.kernel.clocks import public as clocks
from bancheng.services.sockets.models import GatewayState, Session
from bancheng.services.sockets.ocpp.door import tls_of
from bancheng.services.sockets.ocpp.process import Process
from bancheng.services.sockets.operations import sessions
from bancheng.services.sockets.rules.sessions import State
from bancheng.services.sockets.tests import walking
from bancheng.services.sockets.tests.peering import CP, InAThread, Peer, charge_point, door, wait, z

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.fault]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[tuple[Process, str]]:
    charge_point()
    with door(tmp_path) as (process, book):
        yield process, book.enrol([CP])[CP]


def paid() -> Session:
    return walking.paid(walking.reserve(f"{CP}-1", fen=500, at=clocks.now()), clocks.now())


def state(session: Session) -> str:
    found: str = Session.objects.get(pk=session.pk).state
    return found


class Theirs(ChargePoint):  # type: ignore[misc]
    """The charge point of PyPI's `ocpp`, which checks every frame of ours by the schemas."""

    @on("RemoteStartTransaction")  # type: ignore[misc,untyped-decorator]
    async def start_charging(self, id_tag: str, **_: Any) -> Any:
        self.beside = asyncio.ensure_future(self._charge(id_tag))
        return call_result.RemoteStartTransaction("Accepted")

    @on("RemoteStopTransaction")  # type: ignore[misc,untyped-decorator]
    async def stop_charging(self, transaction_id: int) -> Any:
        said = call.StopTransaction(meter_stop=7_000, timestamp=z(clocks.real_now()), transaction_id=transaction_id)
        self.beside = asyncio.ensure_future(self.call(said))
        return call_result.RemoteStopTransaction("Accepted")

    async def _charge(self, id_tag: str) -> None:
        told = await self.call(call.StartTransaction(1, id_tag, 7_000, z(clocks.real_now())))
        assert told.id_tag_info["status"] == "Accepted"

    @classmethod
    async def live(cls, url: str, password: str) -> None:
        coded = base64.b64encode(f"{CP}:{password}".encode()).decode()
        headers = {"Authorization": f"Basic {coded}"}
        async with connect(url, subprotocols=["ocpp1.6"], additional_headers=headers) as socket:  # type: ignore[list-item]
            point = cls(CP, socket)
            listening = asyncio.ensure_future(point.start())
            try:
                told = await point.call(call.BootNotification("One", "Theirs"))
                assert told.status == "Accepted"
                await point.call(call.StatusNotification(1, "NoError", "Available"))
                await listening
            finally:
                listening.cancel()


def test_the_charge_point_of_the_public_library_walks_it(place: tuple[Process, str]) -> None:
    """Independent peer: PyPI `ocpp` 2.1.0."""
    process, password = place
    alive = InAThread(Theirs.live(f"ws://localhost:{process.port}/ocpp/{CP}", password))
    try:
        wait(lambda: GatewayState.objects.filter(firmware="Theirs-One").exists())
        session = paid()
        wait(lambda: state(session) == State.ACTIVE)
        sessions.stop(session_id=session.pk, by="payer", at=clocks.now())
        wait(lambda: state(session) == State.REFUNDING)
        assert Session.objects.get(pk=session.pk).refunded_fen == 500
    finally:
        alive.end()


STRICT = """
const { RPCClient } = require('ocpp-rpc');
const [url, name, password] = process.argv.slice(2);
const own = new RPCClient({ endpoint: url, identity: name, password, protocols: ['ocpp1.6'], strictMode: true });
own.handle('RemoteStartTransaction', ({ params }) => {
  setTimeout(async () => {
    const at = new Date().toISOString();
    const told = await own.call('StartTransaction', { connectorId: 1, idTag: params.idTag, meterStart: 9000, timestamp: at });
    await own.call('MeterValues', { connectorId: 1, transactionId: told.transactionId,
      meterValue: [{ timestamp: new Date().toISOString(), sampledValue: [{ value: '9000' }] }] });
  }, 10);
  return { status: 'Accepted' };
});
own.handle('RemoteStopTransaction', ({ params }) => {
  setTimeout(() => own.call('StopTransaction',
    { transactionId: params.transactionId, meterStop: 9000, timestamp: new Date().toISOString(), reason: 'Remote' }), 10);
  return { status: 'Accepted' };
});
own.handle(({ method }) => method === 'ChangeConfiguration' ? { status: 'NotSupported' } : { status: 'Accepted' });
(async () => {
  await own.connect();
  await own.call('BootNotification', { chargePointVendor: 'Strict', chargePointModel: 'Node' });
  await own.call('StatusNotification', { connectorId: 1, errorCode: 'NoError', status: 'Available' });
})();
"""


@pytest.fixture(scope="module")
def node() -> Path:
    """Return a folder with the npm package `ocpp-rpc`."""
    found = Path.home() / ".cache" / "bancheng-peers"
    if not shutil.which("node") or not shutil.which("npm"):
        pytest.skip("Node is not here: the strict client of npm's ocpp-rpc was not tried")
    if not (found / "node_modules" / "ocpp-rpc").is_dir():
        found.mkdir(parents=True, exist_ok=True)
        wanted = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts", "ocpp-rpc@2.2.1"]
        if subprocess.run(wanted, cwd=found, capture_output=True, timeout=100, check=False).returncode:
            pytest.skip("npm's ocpp-rpc cannot be had here: its strict client was not tried")
    return found


def test_the_strict_client_of_npm_walks_it(place: tuple[Process, str], node: Path) -> None:
    """Independent peer: npm `ocpp-rpc` 2.2.1 in strict mode."""
    process, password = place
    script = node / "peer.js"
    script.write_text(STRICT, encoding="utf-8")
    url = f"ws://localhost:{process.port}/ocpp"
    running = subprocess.Popen(
        ["node", str(script), url, CP, password], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        wait(lambda: GatewayState.objects.filter(firmware="Strict-Node").exists())
        session = paid()
        wait(lambda: state(session) == State.ACTIVE)
        sessions.stop(session_id=session.pk, by="payer", at=clocks.now())
        wait(lambda: state(session) == State.REFUNDING)
    finally:
        running.kill()
        running.wait()


def certificate(folder: Path) -> tuple[Path, Path, Path]:
    """Make a city's own authority and a certificate of localhost by it; return all three files."""
    now = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)

    def signed(name: str, key: Any, issuer: str, by: Any, ca: bool) -> bytes:
        made = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
            .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now)
            .not_valid_after(now + dt.timedelta(days=3650))
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
            .add_extension(
                x509.SubjectAlternativeName(
                    [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
                ),
                critical=False,
            )
            .sign(by, hashes.SHA256())
        )
        return made.public_bytes(serialization.Encoding.PEM)

    root, own = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    ca, cert, key = folder / "ca.pem", folder / "cert.pem", folder / "key.pem"
    ca.write_bytes(signed("root", root, "root", root, True))
    cert.write_bytes(signed("localhost", own, "root", root, False))
    key.write_bytes(
        own.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return ca, cert, key


def test_tls_keeps_the_password_from_the_wire(tmp_path: Path) -> None:
    """Security profile 2: TLS with the city's certificate; who does not know its authority does not come in."""
    charge_point()
    ca, cert, key = certificate(tmp_path)
    with door(tmp_path, tls=tls_of(cert, key)) as (process, book):
        password = book.enrol([CP])[CP]
        with pytest.raises(ssl.SSLError):
            Peer(process, password, scheme="wss", ssl=ssl.create_default_context())
        peer = Peer(process, password, scheme="wss", ssl=ssl.create_default_context(cafile=str(ca)))
        assert peer.boot()["status"] == "Accepted"
        peer.close()
