"""A charge point: its connectors, what it keeps, and the connection it makes again and again."""

import asyncio
import base64
import contextlib
import json
import logging
import random
import ssl
from collections.abc import Mapping
from csv import DictReader
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidHandshake, WebSocketException

from bancheng.sim.state import now

log = logging.getLogger("bancheng.sim")
ANSWER_SECONDS = 30
STEP_SECONDS = 1.0
VOLTS = 220


def _z() -> str:
    return datetime.fromtimestamp(now(), UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass
class Connector:
    """A connector with a meter that counts for ever, and the transaction that runs on it."""

    number: int
    wh: float
    load_w: int
    tag: str = ""
    transaction: int = 0  # 0: none, or not known yet
    charging: bool = False
    sampled_at: float = 0.0


@dataclass
class Point:
    """A charge point. What is about a transaction is queued until it is answered, whatever becomes of the connection."""

    name: str
    connectors: Mapping[int, Connector]
    queue: list[list[Any]] = field(default_factory=list)  # action, payload, connector
    settings: dict[str, str] = field(default_factory=lambda: {"MeterValueSampleInterval": "60"})
    _socket: ClientConnection | None = None
    _answers: dict[str, "asyncio.Future[Mapping[str, Any]]"] = field(default_factory=dict)
    _number: int = 0

    async def live(self, url: str, password: str, *, tls: ssl.SSLContext | None = None) -> None:
        """Connect, and again after a random while, until cancelled."""
        clock = asyncio.ensure_future(self._count())
        coded = base64.b64encode(f"{self.name}:{password}".encode()).decode()
        try:
            while True:
                try:
                    async with connect(
                        f"{url}/ocpp/{self.name}",
                        subprotocols=["ocpp1.6"],  # type: ignore[list-item]  # a str with another name to mypy
                        additional_headers={"Authorization": f"Basic {coded}"},
                        ssl=tls,
                    ) as socket:
                        await self._talk(socket)
                except (OSError, InvalidHandshake, WebSocketException, TimeoutError) as no:
                    log.info("%s is not connected: %s", self.name, no)
                await asyncio.sleep(1 + random.random() * 4)
        finally:
            clock.cancel()

    async def _talk(self, socket: ClientConnection) -> None:
        self._socket = socket
        talking = asyncio.ensure_future(self._say_all())
        try:
            async for raw in socket:
                await self._hear(json.loads(raw))
        finally:
            talking.cancel()
            self._socket = None

    async def _say_all(self) -> None:
        """Boot, say how the connectors stand, then what is queued, in order; a heartbeat when there is nothing to say."""
        with contextlib.suppress(WebSocketException, TimeoutError):
            booted = await self._call("BootNotification", {"chargePointVendor": "Sim", "chargePointModel": "S1"})
            for one in self.connectors.values():
                await self._stands(one)
            beat, beat_at = int(booted.get("interval", 60)), now()
            while True:
                if self.queue:
                    await self._say_next()
                elif now() - beat_at > beat:
                    await self._call("Heartbeat", {})
                    beat_at = now()
                else:
                    await asyncio.sleep(STEP_SECONDS / 4)

    async def _say_next(self) -> None:
        action, payload, number = self.queue[0]
        one = self.connectors[number]
        if action != "StartTransaction" and "transactionId" in payload:
            payload["transactionId"] = payload["transactionId"] or one.transaction or -1
        answer = await self._call(action, payload)
        self.queue.pop(0)
        if action == "StartTransaction":
            one.transaction = int(answer.get("transactionId", 0))
            if answer.get("idTagInfo", {}).get("status") != "Accepted" and one.charging:
                self._stop(one, "DeAuthorized")
            await self._stands(one)
        elif action == "StopTransaction":
            one.transaction = 0
            await self._stands(one)

    async def _call(self, action: str, payload: Mapping[str, Any]) -> Mapping[str, Any]:
        assert self._socket is not None
        self._number += 1
        own = f"{self.name}-{self._number}-{random.getrandbits(32):08x}"
        waiting = self._answers[own] = asyncio.get_running_loop().create_future()
        try:
            await self._socket.send(json.dumps([2, own, action, payload]))
            return await asyncio.wait_for(waiting, ANSWER_SECONDS)
        finally:
            self._answers.pop(own, None)

    async def _stands(self, one: Connector) -> None:
        status = "Charging" if one.charging else "Preparing"  # the car stays plugged in
        said = {"connectorId": one.number, "errorCode": "NoError", "status": status, "timestamp": _z()}
        await self._call("StatusNotification", said)

    # -- what is asked of it

    async def _hear(self, frame: list[Any]) -> None:
        assert self._socket is not None
        if frame[0] == 2:
            answer = self._obey(frame[2], frame[3])
            told = [4, frame[1], "NotSupported", "", {}] if answer is None else [3, frame[1], answer]
            await self._socket.send(json.dumps(told))
        elif (waiting := self._answers.get(frame[1])) and not waiting.done():
            waiting.set_result(frame[2] if frame[0] == 3 else {})

    def _obey(self, action: str, said: Mapping[str, Any]) -> Mapping[str, Any] | None:
        if action == "RemoteStartTransaction":
            one = self.connectors.get(said.get("connectorId", 1))
            if one is None or one.charging:
                return {"status": "Rejected"}
            self._start(one, said["idTag"])
            return {"status": "Accepted"}
        if action == "RemoteStopTransaction":
            for one in self.connectors.values():
                if one.charging and one.transaction == said["transactionId"]:
                    self._stop(one, "Remote")
                    return {"status": "Accepted"}
            return {"status": "Rejected"}
        if action == "ChangeConfiguration":
            self.settings[said["key"]] = said["value"]
            return {"status": "Accepted"}
        if action == "TriggerMessage" and said.get("requestedMessage") == "MeterValues":
            for one in self.connectors.values():
                if said.get("connectorId", one.number) == one.number:
                    self._sample(one)
            return {"status": "Accepted"}
        return None

    # -- what it does

    def _start(self, one: Connector, tag: str) -> None:
        one.tag, one.charging, one.transaction, one.sampled_at = tag, True, 0, now()
        said = {"connectorId": one.number, "idTag": tag, "meterStart": int(one.wh), "timestamp": _z()}
        self.queue.append(["StartTransaction", said, one.number])

    def _stop(self, one: Connector, reason: str) -> None:
        one.charging = False
        said = {
            "transactionId": one.transaction,
            "idTag": one.tag,
            "meterStop": int(one.wh),
            "timestamp": _z(),
            "reason": reason,
        }
        self.queue.append(["StopTransaction", said, one.number])

    def _sample(self, one: Connector) -> None:
        power = one.load_w if one.charging else 0
        values: list[dict[str, str]] = [
            {"value": str(int(one.wh)), "measurand": "Energy.Active.Import.Register", "unit": "Wh"},
            {"value": str(power), "measurand": "Power.Active.Import", "unit": "W"},
            {"value": f"{power / VOLTS:.1f}", "measurand": "Current.Import", "unit": "A"},
            {"value": str(VOLTS), "measurand": "Voltage", "unit": "V"},
        ]
        said: dict[str, Any] = {
            "connectorId": one.number,
            "meterValue": [{"timestamp": _z(), "sampledValue": values}],
        }
        if one.charging:
            said["transactionId"] = one.transaction
        self.queue.append(["MeterValues", said, one.number])

    async def _count(self) -> None:
        """Let the meters count, and sample what charges."""
        last = now()
        while True:
            await asyncio.sleep(STEP_SECONDS)
            passed, last = now() - last, now()
            for one in self.connectors.values():
                if one.charging:
                    one.wh += one.load_w * passed / 3600
                    if now() - one.sampled_at >= int(self.settings["MeterValueSampleInterval"]):
                        one.sampled_at = now()
                        self._sample(one)


def points(units: Path, kept: Path) -> list[Point]:
    """Return the charge points of a pack, with what they kept."""
    memory = json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else {}
    with units.open(encoding="utf-8", newline="") as file:
        rows = [row for row in DictReader(file) if row.get("protocol") == "ocpp16"]
    found = []
    for row in rows:
        of_it = memory.get(row["gateway"], {})
        made = {n: Connector(n, 10_000.0 * n, 5000 + 500 * n) for n in range(1, int(row["sockets"]) + 1)}
        for one in made.values():
            for name, value in of_it.get(str(one.number), {}).items():
                setattr(one, name, value)
        found.append(Point(row["gateway"], made, of_it.get("queue", [])))
    return found


def keep(found: list[Point], kept: Path) -> None:
    """Keep registers, transactions and what was not answered, as flash does."""
    memory: dict[str, Any] = {}
    for point in found:
        memory[point.name] = {"queue": point.queue}
        for one in point.connectors.values():
            memory[point.name][str(one.number)] = {
                "wh": one.wh,
                "tag": one.tag,
                "transaction": one.transaction,
                "charging": one.charging,
            }
    kept.parent.mkdir(parents=True, exist_ok=True)
    new = kept.with_suffix(".new")
    new.write_text(json.dumps(memory), encoding="utf-8")
    new.replace(kept)
