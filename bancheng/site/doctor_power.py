"""What the doctor looks at of shared power: the broker, the process behind it, and the door of the charge points (decision 0027)."""

import socket
import ssl
from collections.abc import Iterator
from urllib.parse import urlsplit

from django.conf import settings

from bancheng.lib.brokerkeys import Book
from bancheng.services.sockets.gateway import process
from bancheng.services.sockets.ocpp.door import ROOT, SUBPROTOCOL
from bancheng.services.sockets.queries import doors
from bancheng.services.sockets.rules.places import Protocol
from bancheng.site import doctor, serving
from bancheng.site.doctor import Finding, State

NAMED = 5
PATIENCE = 3
LOOPBACK = ("127.0.0.1", "localhost", "::1")
OCPP = "充电桩入口 · OCPP door"


def looks() -> Iterator[Finding]:
    """Yield a line each; one that fails is a bad line."""
    for look in (broker, gateway, charge_points):
        yield doctor.safely(look)


def broker() -> Finding:
    """Whether the broker of the devices listens."""
    parts = urlsplit(settings.MQTT_URL)
    port = parts.port or (8883 if parts.scheme == "mqtts" else 1883)
    return doctor.reachable("MQTT", f"{parts.scheme}://{parts.hostname}:{port}", demo=settings.DEMO)


def gateway() -> Finding:
    """Whether somebody hears the devices, and how many of them are there."""
    what, found, running = "共享电源设备 · devices", doors.door(Protocol.MQTT), process.running()
    says = f"{found.online}/{len(found.names)} 在线 · online, bancheng gateway × {running}"
    if found.names and not running:
        hint = "没有进程接收设备报文，请启动 bancheng gateway · nobody hears them: start bancheng gateway"
        return Finding(State.WARN if settings.DEMO else State.BAD, what, f"{says}; {hint}")
    if locked_out := _without_password(found):
        return Finding(State.WARN, what, f"{says}; {locked_out}: bancheng broker enrol NAME")
    return Finding(State.OK, what, says)


def charge_points() -> Finding:
    """Whether the door answers as ours does, and whether every registered charge point can come in by it."""
    found = doors.door(Protocol.OCPP16)
    if not found.names:
        return Finding(State.OK, OCPP, "没有登记充电桩 · no charge points are registered")
    where = serving.address(settings.OCPP_ADDRESS)
    says = f"{where}, {found.online}/{len(found.names)} 在线 · online"
    try:
        answer, sealed = knock(where)
    except OSError as error:
        hint = "请启动 bancheng ocpp · start bancheng ocpp"
        return Finding(State.WARN if settings.DEMO else State.BAD, OCPP, f"{says}: {error.strerror or error}; {hint}")
    if b'realm="ocpp"' not in answer:
        return Finding(State.BAD, OCPP, f"{says}; 应答的不是充电桩入口 · something else answers there (BANCHENG_OCPP)")
    if not sealed and where.host not in LOOPBACK:
        hint = "口令明文传输，请加 --cert 和 --key · passwords go in clear: give --cert and --key"
        return Finding(State.WARN, OCPP, f"{says}; {hint}")
    if locked_out := _without_password(found):
        return Finding(State.WARN, OCPP, f"{says}; {locked_out}: bancheng ocpp enrol NAME")
    return Finding(State.OK, OCPP, says)


def knock(where: serving.Address) -> tuple[bytes, bool]:
    """Return what the door says to a stranger, and whether by TLS; nothing from who speaks neither. Raises OSError when nobody is there or answers."""
    said = _said(where, sealed=False)
    if said.startswith(b"HTTP/"):
        return said, False
    return _said(where, sealed=True), True


def _said(where: serving.Address, *, sealed: bool) -> bytes:
    asked = (
        f"GET {ROOT}doctor HTTP/1.1\r\nHost: {where}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: ZG9jdG9yZG9jdG9yZG9jdA==\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: {SUBPROTOCOL}\r\n\r\n"
    )
    any_certificate = ssl.create_default_context()  # whose it is matters to charge points, not to us
    any_certificate.check_hostname, any_certificate.verify_mode = False, ssl.CERT_NONE
    with socket.create_connection((where.host, where.port), timeout=PATIENCE) as plain:
        try:
            with any_certificate.wrap_socket(plain) if sealed else plain as line:
                line.sendall(asked.encode())
                return line.recv(2048)
        except (ConnectionError, ssl.SSLError):  # it hung up
            return b""


def _without_password(found: doors.Door) -> str:
    """Return who is registered and has no password yet; nothing when everybody has."""
    known = set(Book(settings.MQTT_PASSWORDS).names())
    lacking = [name for name in found.names if name not in known]
    if not lacking:
        return ""
    more = "…" if len(lacking) > NAMED else ""
    return f"没有口令 · without a password: {', '.join(lacking[:NAMED])}{more}"
