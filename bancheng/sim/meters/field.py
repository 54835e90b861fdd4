"""All gateways of a city, and what they keep on disk; one thread steps them all."""

import json
import threading
import time
from collections.abc import Mapping
from csv import DictReader
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bancheng.lib import socketwire as wire
from bancheng.lib.socketwire import Result
from bancheng.lib.text import Text
from bancheng.sim.meters.firmware import MWS_IN_10WH, Socket
from bancheng.sim.meters.gateway import BACK_OFF_SECONDS, Gateway, ms
from bancheng.sim.meters.world import Grant

STEP_SECONDS, SAVE_SECONDS = 0.2, 5
COME_WITHIN_SECONDS = 2
MOST_STEP_MS = 5_000  # a machine that slept does not make the sockets live that time at once


class Field:
    """Every socket there is. What the sockets of a gateway hold is a file of its own in the folder `kept`, written before anything is said."""

    def __init__(self, units: Path, kept: Path, *, back_off_s: int = BACK_OFF_SECONDS) -> None:
        self.kept = kept
        kept.mkdir(parents=True, exist_ok=True)
        memory = _memory(kept)
        rows = _table(units)
        names = {row["code"]: Text(row["name"], row["name_en"]) for row in _table(units.with_name("sites.csv"))}
        self.gateways = {
            row["gateway"]: Gateway(
                row["gateway"],
                _sockets(row, memory),
                site=row["site"],
                site_name=names.get(row["site"]),
                back_off_s=back_off_s,
                keep=self.keep,
            )
            for row in rows
        }
        self.codes = _codes(rows)
        self.save()

    def meter(self, address: str) -> tuple[Gateway, Socket] | None:
        """Return the socket whose meter has this address, and its gateway."""
        for gateway in self.gateways.values():
            for socket in gateway.sockets.values():
                if socket.meter == address:
                    return gateway, socket
        return None

    def count(self) -> int:
        """Return how many sockets there are."""
        return sum(len(gateway.sockets) for gateway in self.gateways.values())

    def run(self, url: str, passwords: Mapping[str, str], stopping: threading.Event) -> None:
        """Connect everybody, each after a random moment, and let time pass until told to stop."""
        for gateway in self.gateways.values():
            gateway.connect(url, passwords[gateway.name], within_s=COME_WITHIN_SECONDS)
        last, saved = time.monotonic(), time.monotonic()
        while not stopping.wait(STEP_SECONDS):
            passed, last = time.monotonic() - last, time.monotonic()
            self.step(min(MOST_STEP_MS, int(passed * 1000)))
            if last - saved > SAVE_SECONDS:
                self.save()
                saved = last
        self.save()
        for gateway in self.gateways.values():
            gateway.leave()

    def step(self, passed_ms: int) -> None:
        """Let time pass everywhere."""
        for gateway in self.gateways.values():
            gateway.step(passed_ms)

    def save(self) -> None:
        """Keep everything: what moved and was not said yet, too."""
        for gateway in self.gateways.values():
            with gateway.lock:
                self.keep(gateway)

    def keep(self, gateway: Gateway) -> None:
        """Keep registers, boots, grants, answers and unconfirmed messages of a gateway, as flash does. The caller holds its lock."""
        new = self.kept / f"{gateway.name}.new"
        new.write_text(json.dumps({f"{gateway.name}/{name}": _flash(one) for name, one in gateway.sockets.items()}))
        new.replace(new.with_suffix(".json"))

    # --- what a person does at a socket ---

    def plug(self, code: str, watts: int | None) -> None:
        """Put a plug in that takes so much; None: whatever usually hangs there."""
        gateway, socket = self._at(code)
        with gateway.lock:
            socket.plug(usual_w(int(socket.meter)) if watts is None else watts)

    def unplug(self, code: str) -> None:
        """Pull the plug."""
        gateway, socket = self._at(code)
        with gateway.lock:
            socket.unplug(ms())

    def _at(self, code: str) -> tuple[Gateway, Socket]:
        name, wire_name = self.codes[code]
        gateway = self.gateways[name]
        return gateway, gateway.sockets[wire_name]


def _memory(kept: Path) -> dict[str, Any]:
    """Return what every flash holds, by gateway and socket; once it was one file beside the folder."""
    before = kept.with_suffix(".json")
    memory: dict[str, Any] = json.loads(before.read_text()) if before.is_file() else {}
    for file in kept.glob("*.json"):
        memory |= json.loads(file.read_text())
    return memory


def _table(path: Path) -> list[dict[str, str]]:
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return [row for row in DictReader(file) if not row.get("protocol")]  # charge points: `sim.chargers`


def _flash(socket: Socket) -> dict[str, Any]:
    parcels = [wire.write(said) for said in socket.said.values()]
    return {
        "meter": socket.meter,
        "boot": socket.boot,
        "up_ms": socket.up_ms,
        "energy_mws": socket.energy_mws,
        "limits": socket.limits,
        "latched": int(socket.latched),
        "said": [[parcel.topic, parcel.payload.decode()] for parcel in parcels],
        "grant": asdict(socket.grant) if socket.closed else None,
        "answered": {command: str(result) for command, result in socket.answered.items()},
        "load_w": socket.world.load_w,  # the world's own: what is plugged in stays plugged in
    }


def places_of(units: Path) -> dict[str, tuple[str, str]]:
    """Return gateway and wire of each socket of a units' table, by the number painted on it."""
    return _codes(_table(units))


def _codes(rows: list[dict[str, str]]) -> dict[str, tuple[str, str]]:
    """Return where each socket is by the number painted on it: numbered through a site, unit by unit."""
    found: dict[str, tuple[str, str]] = {}
    numbered: dict[str, int] = {}
    for row in rows:
        for n in range(int(row["sockets"])):
            number = numbered[row["site"]] = numbered.get(row["site"], 0) + 1
            found[f"{row['site']}-{number:02d}"] = (row["gateway"], str(n + 1))
    return found


def _sockets(row: Mapping[str, str], memory: Mapping[str, Any]) -> list[Socket]:
    """Return the sockets of a line of the units' table, with what their flash holds."""
    return [_socket(row, n, memory.get(f"{row['gateway']}/{n + 1}", {})) for n in range(int(row["sockets"]))]


def _socket(row: Mapping[str, str], n: int, kept: Mapping[str, Any]) -> Socket:
    printed = int(row["first_meter"]) + n
    socket = Socket(row["gateway"], str(n + 1), kept.get("meter", f"{printed:012d}"), boot=kept.get("boot", 0))
    socket.energy_mws = kept.get("energy_mws", (printed * 7919 % 90_000) * MWS_IN_10WH)
    socket.limits = {**socket.limits, "rated_ma": int(row["amps"]) * 1000, **kept.get("limits", {})}
    socket.latched = type(socket.latched)(kept.get("latched", 0))
    socket.world.load_w = kept.get("load_w", usual_w(printed))
    socket.answered.update({command: Result(result) for command, result in kept.get("answered", {}).items()})
    for topic, payload in kept.get("said", []):
        said = wire.read(topic, payload.encode())
        if isinstance(said, wire.Reading | wire.Event):
            socket.said[(said.boot, said.seq)] = said
    if kept.get("grant"):
        socket.closed, socket.grant, socket.up_ms = True, Grant(**kept["grant"]), kept.get("up_ms", 0)
    socket.reboot()
    if socket.closed:
        socket.tell(ms(), wire.EventKind.POWER_BACK, "", 0)
    return socket


def usual_w(meter: int) -> int:
    """Return what hangs on a socket where nobody said otherwise, so that whoever pays sees it count."""
    return 300 + meter * 131 % 1500
