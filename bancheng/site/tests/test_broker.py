"""The embedded broker lets in whom it knows, on this machine only."""

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from bancheng.site import broker
from bancheng.site.verbs import broker as verb

RUN = "import sys; from pathlib import Path; from bancheng.site import broker; broker.serve(Path(sys.argv[1]))"


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        free: int = probe.getsockname()[1]
    file = broker.configure(tmp_path, address=f"127.0.0.1:{free}", users={"platform": "one", "devices": "two"})
    assert file.stat().st_mode & 0o077 == 0
    with subprocess.Popen([sys.executable, "-c", RUN, str(file)]) as process:
        for _ in range(100):
            with socket.socket() as one:
                if one.connect_ex(("127.0.0.1", free)) == 0:
                    break
            time.sleep(0.05)
        yield free
        process.terminate()
        assert process.wait(5) != 0  # it is ended, not asked


def let_in(port: int, user: str, password: str) -> bool:
    client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=f"test-{user}")
    client.username_pw_set(user, password)
    there = threading.Event()
    client.on_connect = lambda *said: there.set() if not said[3].is_failure else None
    client.connect("127.0.0.1", port, 30)
    client.loop_start()
    found = there.wait(2)
    client.disconnect()
    client.loop_stop()
    return found


def test_only_known_users_are_let_in(port: int) -> None:
    assert let_in(port, "platform", "one")
    assert let_in(port, "devices", "two")
    assert not let_in(port, "platform", "two")
    assert not let_in(port, "stranger", "one")


def test_it_never_listens_to_the_world(capfd: pytest.CaptureFixture[str]) -> None:
    import argparse

    assert verb.run(argparse.Namespace(address="0.0.0.0:1883")) == 1
    assert "loopback" in capfd.readouterr().err
