"""A broker of either kind in a process of its own, and those who come to it."""

import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from bancheng.lib import brokerkeys, loopback
from bancheng.site.broker import mosquitto

SECRET = "the platform's own"
READING = b'{"boot":1}'


def until(true: Callable[[], object], seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.02)
    assert true()


class Client:
    """A client that remembers what it heard and whether it is in."""

    def __init__(
        self, port: int, user: str, password: str, *, name: str = "", will: str = "", keep: bool = False
    ) -> None:
        self.heard: list[tuple[str, bytes, bool]] = []
        self.granted: list[int] = []
        self.ends = 0
        self.inside, self.told = threading.Event(), threading.Event()
        self.mqtt = mqtt.Client(
            CallbackAPIVersion.VERSION2, client_id=name or user, clean_session=not keep, reconnect_on_failure=False
        )
        self.mqtt.username_pw_set(user, password)
        if will:
            self.mqtt.will_set(will, b'{"on":0,"boot":1}', 1, retain=True)
        self.mqtt.max_inflight_messages_set(20)
        self.mqtt.on_connect = self._connected
        self.mqtt.on_disconnect = self._gone
        self.mqtt.on_message = lambda _c, _u, m: self.heard.append((m.topic, bytes(m.payload), m.retain))
        self.mqtt.on_subscribe = lambda *said: self.granted.extend(int(code.value) for code in said[3])
        self.mqtt.connect("127.0.0.1", port, 30)
        self.mqtt.loop_start()

    def _connected(self, *said: object) -> None:
        if not said[3].is_failure:  # type: ignore[attr-defined]  # paho's ReasonCode
            self.inside.set()
        self.told.set()

    def _gone(self, *_: object) -> None:
        self.ends += 1
        self.told.set()

    def is_in(self) -> bool:
        self.told.wait(5)
        return self.inside.is_set()

    def hear(self, *filters: str) -> list[int]:
        before = len(self.granted)
        self.mqtt.subscribe([(one, 1) for one in filters])
        until(lambda: len(self.granted) > before or self.ends)
        return self.granted[before:]

    def say(self, topic: str, payload: bytes = READING, *, retain: bool = False, wait: bool = True) -> None:
        said = self.mqtt.publish(topic, payload, 1, retain=retain)
        if wait:
            until(lambda: said.is_published() or self.ends)

    def die(self) -> None:
        """Lose the connection without a word."""
        found = self.mqtt.socket()
        if found:
            found.shutdown(socket.SHUT_RDWR)
        self.mqtt.loop_stop()

    def leave(self) -> None:
        self.mqtt.disconnect()
        self.mqtt.loop_stop()


class Broker:
    """A broker in a process of its own, and those who come to it."""

    def __init__(self, kind: str, folder: Path) -> None:
        self.kind, self.folder = kind, folder
        self.book = brokerkeys.Book(folder / "broker" / "passwords")
        self.passwords = self.book.enrol(["gw-1", "gw-2", "gw-4"])
        self.port, self.platform_port = loopback.spare_ports(2)
        if kind == "embedded":
            self.platform_port = self.port
        self.clients: list[Client] = []
        self.start()

    def start(self) -> None:
        if self.kind == "embedded":
            command = [sys.executable, "-m", "bancheng.site.cli", "broker", "--address", f"127.0.0.1:{self.port}"]
        else:
            mosquitto.write(
                self.folder / "outside",
                passwords=self.book.path,
                platform=brokerkeys.hashed(SECRET),
                port=self.port,
                platform_port=self.platform_port,
                host="127.0.0.1",
                tls=False,
            )
            if os.geteuid() == 0:  # it would become the user mosquitto, who cannot read here
                with (self.folder / "outside" / "bancheng.conf").open("a") as file:
                    file.write("user root\n")
            command = [found() or "", "-c", str(self.folder / "outside" / "bancheng.conf")]
        env = {**os.environ, "BANCHENG_VAR": str(self.folder), "BANCHENG_MQTT_SECRET": SECRET}
        env.pop("BANCHENG_SUPERVISOR", None)
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(command, env=env, stdout=log, stderr=log)
        until(lambda: loopback.answers(self.port) or self.process.poll() is not None, 20)
        assert self.process.poll() is None, (self.folder / "log").read_text()

    def gateway(self, name: str = "gw-1", **more: object) -> Client:
        return self._come(Client(self.port, name, self.passwords[name], **more))  # type: ignore[arg-type]

    def platform(self, name: str = "platform-1", **more: object) -> Client:
        return self._come(Client(self.platform_port, "platform", SECRET, name=name, **more))  # type: ignore[arg-type]

    def come(self, user: str, password: str, **more: object) -> Client:
        return self._come(Client(self.port, user, password, **more))  # type: ignore[arg-type]

    def _come(self, client: Client) -> Client:
        self.clients.append(client)
        return client

    def send_all_home(self) -> None:
        for client in self.clients:
            client.leave()
        self.clients.clear()

    def stop(self) -> None:
        self.send_all_home()
        self.process.terminate()
        assert self.process.wait(10) == 0, (self.folder / "log").read_text()


def found() -> str | None:
    return shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")
