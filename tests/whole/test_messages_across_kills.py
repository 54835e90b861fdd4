"""No message lost, none delivered twice: worker, gateway, web and database are killed while messages are under way."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from pathlib import Path

import pytest

from bancheng.site.postgres import EmbeddedPg

pytestmark = [pytest.mark.fault, pytest.mark.timeout(420)]
ROOT = Path(__file__).resolve().parents[2]
COUNT = 1500


def spare_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class City:
    """Database, web, worker and the world outside, each a process group that can be killed and started again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.server = EmbeddedPg(folder / "pg", {"shared_buffers": "64MB"})
        self.web, self.sim = f"127.0.0.1:{spare_port()}", f"127.0.0.1:{spare_port()}"
        ours = {name: value for name, value in os.environ.items() if name != "DB_POOLING"}
        self.environment = ours | {
            "DATABASE_URL": self.server.start(),
            "BANCHENG_VAR": str(folder),
            "BANCHENG_WEB": self.web,
            "BANCHENG_SIM": self.sim,
            "DJANGO_SETTINGS_MODULE": "bancheng.site.settings",
            "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path]),
        }
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str) -> None:
        """Start the process `name`."""
        cli, work = ["-m", "bancheng.site.cli"], ["-m", "tests.whole.message_work"]
        words = {"web": [*cli, "web"], "sim": [*cli, "sim"]}.get(name, [*work, name])
        with (self.folder / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(
                [sys.executable, *words], env=self.environment, cwd=ROOT, stdout=log, stderr=log, start_new_session=True
            )

    def kill(self, name: str) -> None:
        """Kill the process and all its children at once, as a power cut does."""
        if name == "postgres":
            os.kill(int((self.server.data / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
            return
        process = self.running.pop(name)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def revive(self, name: str) -> None:
        """Start again what was killed."""
        if name == "postgres":
            time.sleep(0.3)
            self.server.start()
        else:
            self.start(name)

    def run(self, *words: str) -> str:
        """Run a command to its end and return what it said."""
        done = subprocess.run(
            [sys.executable, *words], env=self.environment, cwd=ROOT, capture_output=True, text=True, timeout=120
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def faults(self, **values: object) -> None:
        """Switch faults of the SMS gateway, once it answers."""
        body = json.dumps({"sms": values}).encode()
        for _ in range(200):
            try:
                urllib.request.urlopen(f"http://{self.sim}/faults.json", data=body, timeout=2).close()
                return
            except OSError:
                time.sleep(0.1)
        raise AssertionError((self.folder / "sim.log").read_text()[-2000:])

    def delivered(self) -> list[str]:
        """Return every text that reached a phone, as the journal has it."""
        journal = self.folder / "sim" / "journal.jsonl"
        if not journal.exists():
            return []
        whole = journal.read_bytes().rpartition(b"\n")[0]
        events = [json.loads(line) for line in whole.splitlines()]
        return [event["content"]["text"] for event in events if event["e"] == "delivered"]

    def until(self, count: int, *, seconds: float = 120) -> None:
        """Wait until so many texts have reached phones."""
        end = time.monotonic() + seconds
        while (reached := len(self.delivered())) < count:
            assert time.monotonic() < end, f"{reached} of {count} delivered\n{self.logs()}"
            time.sleep(0.02)

    def stages(self) -> dict[str, int]:
        told = json.loads(self.run("-m", "tests.whole.message_work", "stages"))
        return dict(told["stages"])

    def logs(self) -> str:
        return "\n".join(f"== {log.name}\n{log.read_text()[-1500:]}" for log in self.folder.glob("*.log"))

    def end(self) -> None:
        for name in list(self.running):
            self.kill(name)
        self.server.release()


@pytest.fixture
def city():
    folder = Path(tempfile.mkdtemp(prefix="bc-msg-", dir="/tmp"))
    folder.chmod(0o755)
    made = City(folder)
    made.run("-m", "bancheng.site.cli", "migrate")
    for name in ("sim", "web"):
        made.start(name)
    yield made
    made.end()
    shutil.rmtree(folder)


def test_across_kills_of_everything_each_message_reaches_its_phone_exactly_once(city):
    """N-3 N-4 B10.5: kill -9 of worker, gateway, web and database while 1,500 messages are under way."""
    city.faults(slow_ms=150, drop_rate=0.1, duplicate_rate=0.2, shuffle=True, latency_ms=100)
    assert city.run("-m", "tests.whole.message_work", "accept", str(COUNT)).strip() == str(COUNT)
    city.start("worker")
    city.start("hurry")
    for step, victims in enumerate(
        [["worker"], ["sim"], ["postgres"], ["web"], ["worker", "sim", "postgres", "web"]], start=1
    ):
        city.until(step * 200)
        for victim in victims:
            city.kill(victim)
        before = len(city.delivered())
        for victim in reversed(victims):
            city.revive(victim)
        assert before < COUNT, "everything was sent before the kill: the test proves nothing"
    city.until(COUNT)
    end = time.monotonic() + 120
    while (stages := city.stages()) != {"40": COUNT}:
        assert time.monotonic() < end, f"{stages}\n{city.logs()}"
        time.sleep(1)
    texts = Counter(city.delivered())
    assert len(texts) == COUNT
    assert {text: times for text, times in texts.items() if times > 1} == {}
