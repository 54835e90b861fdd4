"""How the fault panel, a page of another process, reaches the sockets: a port of loopback and a token, both written where the panel looks.

One line of JSON is asked, one is answered.
"""

import json
import secrets
import socketserver
import threading
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bancheng.lib.refusal import Unavailable
from bancheng.sim.meters import faults
from bancheng.sim.meters.field import Field
from bancheng.sim.meters.firmware import Socket
from bancheng.sim.meters.gateway import Gateway, ms
from bancheng.sim.meters.passersby import Crowd

LONGEST = 4096
ASK_SECONDS = 3.0


def serve(field: Field, crowd: Crowd, kept: Path) -> socketserver.ThreadingTCPServer:
    """Answer on a spare port of loopback, in threads; write into `kept` where, and with which token. Return the server."""
    token = secrets.token_urlsafe(24)

    class Door(socketserver.StreamRequestHandler):
        timeout = ASK_SECONDS

        def handle(self) -> None:
            try:
                asked = json.loads(self.rfile.readline(LONGEST))
                known = isinstance(asked, dict) and secrets.compare_digest(str(asked.get("token")), token)
                said = answer(field, crowd, asked) if known else {"code": "refused"}
            except (ValueError, OSError):
                said = {"code": "refused"}
            self.wfile.write(json.dumps(said).encode() + b"\n")

    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Door)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.touch(mode=0o600)
    kept.write_text(json.dumps({"port": server.server_address[1], "token": token}), encoding="utf-8")
    return server


def answer(field: Field, crowd: Crowd, asked: dict[str, Any]) -> dict[str, Any]:
    """Do what is asked, if anything, and return how things stand: of all gateways, or of one with its sockets."""
    name = str(asked.get("gateway", ""))
    if "pace" in asked:
        crowd.set_pace(asked["pace"])
    if name and name not in field.gateways:
        return {"code": "no_gateway"}
    if asked.get("do"):
        if not name:
            return {"code": "no_gateway"}
        try:
            faults.do(field.gateways[name], str(asked.get("socket", "")), str(asked["do"]), str(asked.get("value", "")))
        except ValueError as wrong:
            return {"code": "bad_fault", "says": str(wrong)}
    if name:
        return {"gateway": _whole(field.gateways[name], field)}
    people = {"pace": crowd.pace, "here": crowd.here(), "told": crowd.told()}
    return {"gateways": [_short(one) for one in field.gateways.values()], "people": people}


def ask(kept: Path, **asked: Any) -> dict[str, Any]:
    """Ask the process whose port and token stand in `kept`. Raises Unavailable when it does not run."""
    import socket

    try:
        there = json.loads(kept.read_text(encoding="utf-8"))
        with socket.create_connection(("127.0.0.1", int(there["port"])), ASK_SECONDS) as line:
            line.sendall(json.dumps({**asked, "token": there["token"]}).encode() + b"\n")
            with line.makefile("rb") as file:
                said: dict[str, Any] = json.loads(file.readline())
    except (OSError, ValueError, KeyError) as wrong:
        raise Unavailable("the simulated meters do not run") from wrong
    return said


def _short(gateway: Gateway) -> dict[str, Any]:
    sockets = list(gateway.sockets.values())
    at = ms()
    return {
        "name": gateway.name,
        "site": gateway.site,
        "site_zh": gateway.site_name.zh,
        "site_en": gateway.site_name.en,
        "connected": gateway.connected,
        "silent": gateway.silent,
        "powered": gateway.powered,
        "boot": gateway.boot,
        "unsaid": gateway.unsaid,
        "sockets": len(sockets),
        "closed": sum(socket.closed for socket in sockets),
        "troubled": sum(bool(socket.all_flags(at)) for socket in sockets),
        "troubles": [name for name, value in asdict(gateway.troubles).items() if value],
        "late_commands_s": gateway.troubles.late_commands_s,
    }


def _whole(gateway: Gateway, field: Field) -> dict[str, Any]:
    codes = {place: code for code, place in field.codes.items()}
    with gateway.lock:
        return {
            **_short(gateway),
            "each": [_socket(one, codes.get((gateway.name, one.wire), one.wire)) for one in gateway.sockets.values()],
        }


def _socket(socket: Socket, code: str) -> dict[str, Any]:
    grant, at = socket.grant, ms()
    return {
        "wire": socket.wire,
        "code": code,
        "meter": socket.meter,
        "closed": socket.closed,
        "session": grant.session if socket.closed else "",
        "load_w": socket.world.load_w,
        "voltage_dv": socket.world.voltage_dv,
        "current_ma": socket.current_ma,
        "temperature_dc": socket.world.temperature_dc,
        "register_10wh": socket.register_10wh,
        "used_wh": socket.used_wh if socket.closed else 0,
        "quota_wh": grant.quota_wh if socket.closed else 0,
        "left_s": max(0, grant.longest_ms - (socket.up_ms - grant.began_ms)) // 1000 if socket.closed else 0,
        "lease_s": max(0, grant.lease_until_ms - socket.clock_ms(at)) // 1000 if socket.closed else 0,
        "flags": [flag.name for flag in faults.NAMES if flag & socket.all_flags(at)],
        "made": [name for name in faults.MADE if getattr(socket.world, name)],
        "clock_off_s": socket.clock_off_ms // 1000,
        "unsaid": len(socket.said),
        "recloses": grant.recloses,
    }
