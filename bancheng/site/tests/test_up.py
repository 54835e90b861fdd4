"""The whole house under its supervisor, with real processes that are really killed."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bancheng.lib import loopback
from bancheng.site import cli, house, serving

pytestmark = [pytest.mark.fault, pytest.mark.timeout(180)]


@pytest.fixture(scope="module")
def var() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="bc-up-", dir="/tmp"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


class House:
    """`bancheng up` on spare ports, its output read along."""

    def __init__(self, var: Path) -> None:
        self.var = var
        self.web, self.sim, mqtt, meters = loopback.spare_addresses(4)
        outside = {"DATABASE_URL", "DB_POOLING", "BANCHENG_VAR"}
        environment = {name: value for name, value in os.environ.items() if name not in outside}
        environment |= {
            "BANCHENG_MQTT": mqtt,
            "BANCHENG_METERS": meters,
            "BANCHENG_VAR": str(var),
            "PYTHONPATH": os.pathsep.join([str(house.ROOT), *sys.path]),
        }
        arguments = ["--no-load", "--web", self.web, "--sim", self.sim]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bancheng.site.cli", "up", *arguments],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.said: list[str] = []
        self.reader = threading.Thread(target=self._read)
        self.reader.start()

    def _read(self) -> None:
        assert self.process.stdout
        self.said += iter(self.process.stdout.readline, "")

    def __enter__(self) -> "House":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        self.reader.join()
        assert self.process.stdout
        self.process.stdout.close()
        until(lambda: not self.processes(), 40)

    def says(self, words: str) -> bool:
        return any(words in line for line in self.said)

    def ready(self) -> "House":
        until(lambda: self.says("is ready") or self.process.poll() is not None, 90)
        assert self.says("is ready"), f"{self.process.poll()}: {''.join(self.said)}"
        return self

    def answers(self) -> bool:
        try:
            urllib.request.urlopen(f"http://{self.web}/healthz", timeout=2).close()
        except urllib.error.HTTPError as error:
            error.close()
        except OSError:
            return False
        return True

    def processes(self) -> dict[int, str]:
        """Every living process that names our folder in its environment or its command."""
        found = {}
        for folder in Path("/proc").iterdir():
            if not folder.name.isdigit() or int(folder.name) == os.getpid():
                continue
            try:
                command = (folder / "cmdline").read_bytes()
                marked = command + (folder / "environ").read_bytes()
            except OSError:
                continue
            if str(self.var).encode() in marked and command:
                found[int(folder.name)] = command.replace(b"\0", b" ").decode()
        return found

    def child(self, verb: str) -> list[int]:
        return sorted(pid for pid, command in self.processes().items() if f"cli {verb} " in f"{command} ")


def until(true: Callable[[], object], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.05)
    assert true()


def test_it_becomes_ready_and_sigterm_leaves_nothing_behind(var: Path) -> None:
    with House(var) as up:
        up.ready()
        assert up.answers()
        assert any("postgres" in command for command in up.processes().values())
        up.process.terminate()
        assert up.process.wait(40) == 0
        assert up.processes() == {}
        up.reader.join()
        assert up.says("Everything has stopped")


def test_ctrl_c_stops_it_too(var: Path) -> None:
    with House(var) as up:
        up.ready()
        up.process.send_signal(signal.SIGINT)
        assert up.process.wait(40) == 0
        assert up.processes() == {}


def test_a_killed_web_process_is_started_again(var: Path) -> None:
    with House(var) as up:
        up.ready()
        before = up.child("web")
        os.kill(before[0], signal.SIGKILL)
        until(lambda: up.says("web died and starts again"), 10)
        until(lambda: up.child("web") and not set(before) & set(up.child("web")), 60)
        until(up.answers, 60)


def test_a_killed_database_is_started_again(var: Path) -> None:
    with House(var) as up:
        up.ready()
        (server,) = [pid for pid, command in up.processes().items() if "bin/postgres -D" in command]
        os.kill(server, signal.SIGKILL)
        until(lambda: up.says("is being started again"), 15)
        until(lambda: any("bin/postgres -D" in command for command in up.processes().values()), 20)


def test_nothing_outlives_a_killed_supervisor(var: Path) -> None:
    with House(var) as up:
        up.ready()
        up.process.kill()
        until(lambda: not up.processes(), 40)


def test_a_taken_port_is_told_in_one_sentence_with_the_way_out(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BANCHENG_WEB", "")
    monkeypatch.setenv("BANCHENG_SIM", "")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert cli.main(["up", "--web", f"127.0.0.1:{port}"]) == 1
    said = capfd.readouterr().err
    assert f"Port {port} is taken" in said
    assert f"BANCHENG_WEB=127.0.0.1:{port + 10}" in said


@pytest.mark.parametrize(
    ("text", "host", "port"), [("127.0.0.1:80", "127.0.0.1", 80), ("[::1]:81", "::1", 81), (":82", "127.0.0.1", 82)]
)
def test_an_address_is_read_as_people_write_it(text: str, host: str, port: int) -> None:
    assert serving.address(text) == serving.Address(host, port)


@pytest.mark.parametrize("text", ["", "here", "127.0.0.1:", "127.0.0.1:70000", "127.0.0.1:-1"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no address"):
        serving.address(text)
