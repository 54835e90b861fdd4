"""Gateways on the wire: one MQTT connection each, all stepped by one thread; DL/T 645 over TCP for whoever reads a meter."""

import json
import logging
import random
import socketserver
import ssl
import threading
import time
from collections.abc import Mapping, Sequence
from csv import DictReader
from dataclasses import asdict
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from bancheng.lib import dlt645
from bancheng.lib import socketwire as wire
from bancheng.lib.refusal import Garbled
from bancheng.sim.meters.firmware import MWS_IN_10WH, Socket
from bancheng.sim.state import now

log = logging.getLogger("bancheng.sim")
STEP_SECONDS, SAVE_SECONDS, RESEND_SECONDS, TIME_SECONDS = 0.2, 5, 10, 3600
FIRMWARE = "sim-1.0"
KINDS = ("ack", "time", "+/cmd")


def _ms() -> int:
    return int(now() * 1000)


class Gateway:
    """One terminal with its sockets. Commands come on the client's thread, time on ours: `lock` keeps them apart."""

    def __init__(self, name: str, sockets: Sequence[Socket]) -> None:
        self.name, self.sockets = name, {socket.wire: socket for socket in sockets}
        self.boot = max(socket.boot for socket in sockets)
        self.lock = threading.Lock()
        self.client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=name, clean_session=True)
        self.client.on_connect, self.client.on_message = self._connected, self._heard
        self.client.reconnect_delay_set(1, 60)
        self.client.max_queued_messages_set(100)  # what does not go out stays in flash
        self.moved_at = self.asked_at = 0.0

    def connect(self, url: str, password: str) -> None:
        """Go to the broker under its own name, and come back to it after a random while whenever it is gone."""
        parts = urlsplit(url)
        self.client.username_pw_set(self.name, password)
        if parts.scheme == "mqtts":
            self.client.tls_set(cert_reqs=ssl.CERT_REQUIRED)
        will = wire.write(wire.Status(self.name, False, self.boot, FIRMWARE))
        self.client.will_set(will.topic, will.payload, 1, retain=will.retain)
        self.client.connect_async(parts.hostname or "127.0.0.1", parts.port or 1883, 30)
        self.client.loop_start()

    def step(self, passed_ms: int) -> None:
        """Let time pass at every socket and say what there is to say; what stays unconfirmed is said again."""
        with self.lock:
            said = [message for socket in self.sockets.values() for message in socket.step(passed_ms, _ms())]
            if now() - self.moved_at > RESEND_SECONDS:
                said += self._flash()
        if self.client.is_connected():
            if now() - self.asked_at > TIME_SECONDS:
                self.asked_at = now()
                first = next(iter(self.sockets.values()))
                said.append(wire.TimeAsked(self.name, self.boot, first.up_ms, _ms() + first.clock_off_ms))
            self._say(said)

    def _flash(self) -> list[Any]:
        self.moved_at = now()
        return [message for socket in self.sockets.values() for message in socket.said.values()]

    def _connected(self, client: Any, _data: Any, _flags: Any, reason: Any, _more: Any) -> None:
        if reason.is_failure:
            log.warning("%s was not let in: %s", self.name, reason)
            return
        client.subscribe([(f"{wire.ROOT}/{self.name}/{kind}", 1) for kind in KINDS])
        with self.lock:
            said = [wire.Status(self.name, True, self.boot, FIRMWARE), *self._flash()]
            said += [socket.state(_ms()) for socket in self.sockets.values()]
        self._say(said)

    def _heard(self, _client: Any, _data: Any, message: mqtt.MQTTMessage) -> None:
        try:
            said = wire.read(message.topic, bytes(message.payload))
        except Garbled as no:
            log.warning("%s cannot read %s: %s", self.name, message.topic, no)
            return
        if isinstance(said, wire.Command) and (socket := self.sockets.get(said.socket)):
            if message.retain:
                return  # a retained command is a live wire
            with self.lock:
                answer = socket.obey(said, _ms())
            self._say(answer)
        elif isinstance(said, wire.Stored):
            with self.lock:
                erased = [
                    self.sockets[name].stored(said.boot, seq) for name, seq in said.seqs.items() if name in self.sockets
                ]
                if any(erased):
                    self.moved_at = now()

    def _say(self, messages: Sequence[Any]) -> None:
        for message in messages:
            parcel = wire.write(message)
            self.client.publish(parcel.topic, parcel.payload, 1, retain=parcel.retain)


class Field:
    """All gateways of a city, what they keep on disk, and the line to their meters."""

    def __init__(self, units: Path, kept: Path) -> None:
        self.kept = kept
        memory = json.loads(kept.read_text()) if kept.exists() else {}
        with units.open(encoding="utf-8", newline="") as file:
            self.gateways = [
                Gateway(row["gateway"], _sockets(row, memory)) for row in DictReader(file) if not row.get("protocol")
            ]
        self.meters = {socket.meter: socket for gateway in self.gateways for socket in gateway.sockets.values()}
        self.save()

    def run(self, url: str, passwords: Mapping[str, str], stopping: threading.Event) -> None:
        """Connect everybody, each after a random moment, and let time pass until told to stop."""
        for gateway in self.gateways:
            threading.Timer(random.random() * 2, gateway.connect, [url, passwords[gateway.name]]).start()
        last, saved = time.monotonic(), time.monotonic()
        while not stopping.wait(STEP_SECONDS):
            passed, last = time.monotonic() - last, time.monotonic()
            for gateway in self.gateways:
                gateway.step(int(passed * 1000))
            if last - saved > SAVE_SECONDS:
                self.save()
                saved = last
        self.save()
        for gateway in self.gateways:
            gateway.client.disconnect()

    def save(self) -> None:
        """Keep registers, boots and unconfirmed messages, as flash does."""
        memory = {}
        for gateway in self.gateways:
            with gateway.lock:
                for socket in gateway.sockets.values():
                    parcels = [wire.write(said) for said in socket.said.values()]
                    memory[socket.meter] = {
                        "boot": socket.boot,
                        "energy_mws": socket.energy_mws,
                        "said": [[parcel.topic, parcel.payload.decode()] for parcel in parcels],
                        "grant": asdict(socket.grant) if socket.closed else None,
                    }
        new = self.kept.with_suffix(".new")
        self.kept.parent.mkdir(parents=True, exist_ok=True)
        new.write_text(json.dumps(memory))
        new.replace(self.kept)

    def serve_meters(self, host: str, port: int) -> socketserver.ThreadingTCPServer:
        """Answer DL/T 645 on a port, in threads of the connections that come; return the server."""
        server = socketserver.ThreadingTCPServer((host, port), self._answering(), bind_and_activate=False)
        server.daemon_threads = server.allow_reuse_address = True
        server.server_bind()
        server.server_activate()
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return server

    def _answering(self) -> type[socketserver.BaseRequestHandler]:
        field = self

        class Line(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                reader = dlt645.Reader()
                while data := self.request.recv(4096):
                    for frame in reader.feed(data):
                        if answer := field.answer(frame):
                            self.request.sendall(answer)

        return Line

    def answer(self, frame: dlt645.Frame) -> bytes:
        """Return what the meter with the frame's address answers; nothing when there is none, or everybody was meant."""
        socket = self.meters.get(frame.address)
        return b"" if socket is None or frame.is_answer else meter_answer(socket, frame).encode()


def meter_answer(socket: Socket, frame: dlt645.Frame) -> dlt645.Frame:
    """Return a meter's answer to a question: its items can be read; its relay is the protective switch's, not the meter's."""
    if frame.function != dlt645.Function.READ:
        return frame.refused(dlt645.Trouble.OTHER)
    name = dlt645.named(frame.data)
    value = {
        "energy": socket.register_10wh,
        "voltage": socket.world.voltage_dv,
        "current": socket.current_ma,
        "power": socket.world.load_w * 10 if socket.current_ma else 0,  # 0.1 W
        "temperature": socket.world.temperature_dc,
        "state-relay": 0 if socket.closed else dlt645.RELAY_OPEN,
    }.get(name)
    if value is None:
        return frame.refused(dlt645.Trouble.NO_DATA)
    item = dlt645.ITEMS[name]
    return frame.answered(item.identifier + item.pack(value))


def _sockets(row: Mapping[str, str], memory: Mapping[str, Any]) -> list[Socket]:
    """Return the sockets of a line of the units' table, with what their flash holds."""
    found = []
    for n in range(int(row["sockets"])):
        meter = f"{int(row['first_meter']) + n:012d}"
        kept = memory.get(meter, {})
        socket = Socket(row["gateway"], str(n + 1), meter, boot=kept.get("boot", 0) + 1)
        socket.energy_mws = kept.get("energy_mws", (int(meter) * 7919 % 90_000) * MWS_IN_10WH)
        socket.limits["rated_ma"] = int(row["amps"]) * 1000
        socket.world.load_w = 300 + int(meter) * 131 % 1500
        for topic, payload in kept.get("said", []):
            said = wire.read(topic, payload.encode())
            if isinstance(said, wire.Reading | wire.Event):
                socket.said[(said.boot, said.seq)] = said
        found.append(socket)
    return found
