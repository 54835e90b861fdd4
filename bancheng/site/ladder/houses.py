"""A house that can be killed part by part: what the ladder asks of it, and the real one under its own supervisor."""

import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

import psycopg

from bancheng.lib import loopback
from bancheng.site import house
from bancheng.site.postgres import EmbeddedPg

PARTS = ("web", "worker", "gateway", "broker", "meters", "sim", "postgres")
GATEWAYS = 4  # simulated ones, eight sockets each
READY_SECONDS, PATIENCE = 600.0, 90.0
SUPPLY = "32"  # amperes: a step of the register takes seconds, not minutes


class House(Protocol):
    """Where it is, how to kill a part of it, whom to ask."""

    folder: Path
    web: str
    sim: str
    mqtt: str

    @property
    def units(self) -> Path:
        """The table of its simulated gateways."""

    def kill(self, part: str, chance: random.Random) -> None:
        """Kill a part with -9; whoever looks after the house brings it back."""

    def given_up(self) -> str:
        """Return what whoever looks after the house says when he has given up, else nothing."""

    def ask(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Return the rows of a question put straight to the database; one that is away is waited for."""

    def verb(self, *words: str) -> int:
        """Run a verb of the command in the house and return its exit code."""


class Line:
    """Questions to a database that may be killed at any moment: a connection a thread, made anew when it is lost."""

    def __init__(self, url: Callable[[], str]) -> None:
        self._url = url
        self._own = threading.local()
        self._all: set[psycopg.Connection[Any]] = set()

    def ask(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Return the rows; wait for a database that is away."""
        end = time.monotonic() + PATIENCE
        while True:
            try:
                if getattr(self._own, "line", None) is None:
                    self._own.line = psycopg.connect(self._url(), autocommit=True, connect_timeout=5)
                    self._all.add(self._own.line)
                found: list[tuple[Any, ...]] = self._own.line.execute(sql, values).fetchall()
                return found
            except (psycopg.OperationalError, OSError):
                self._leave()
                if time.monotonic() > end:
                    raise
                time.sleep(0.2)

    def close(self) -> None:
        """Close all connections, whosever they are."""
        for line in list(self._all):
            line.close()
        self._all.clear()

    def _leave(self) -> None:
        line, self._own.line = getattr(self._own, "line", None), None
        if line is not None:
            self._all.discard(line)
            line.close()


def few_units(whole: Path, *, count: int = GATEWAYS) -> str:
    """Return the table of units with the first few gateways that speak MQTT and stand on the strongest sockets."""
    head, *rows = whole.read_text(encoding="utf-8").splitlines()
    names = head.split(",")
    strong = [row for row in rows if row.split(",")[names.index("amps")] == SUPPLY and row.endswith(",")]
    return "\n".join([head, *strong[:count]]) + "\n"


def units_of(pack: Path) -> Path:
    """Return where a pack lists its units."""
    return pack / "services" / "sockets" / "units.csv"


class Supervised:
    """`bancheng up` in a folder of its own, with the reference city and few gateways: its own supervisor brings back what dies."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.pack = folder / "pack"
        shutil.copytree(house.ROOT / "packs" / "xuchang", self.pack)
        units_of(self.pack).write_text(few_units(units_of(self.pack)), encoding="utf-8")
        self.web, self.sim, self.mqtt, meters = loopback.spare_addresses(4)
        ours = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "MQTT_URL")}
        self.environment = ours | {
            "BANCHENG_VAR": str(folder),
            "BANCHENG_PACK": str(self.pack),
            "BANCHENG_WEB": self.web,
            "BANCHENG_SIM": self.sim,
            "BANCHENG_MQTT": self.mqtt,
            "BANCHENG_METERS": meters,
            "BANCHENG_METERS_BACK_OFF": "3",
            "BANCHENG_PEOPLE": "0",
            "PYTHONPATH": os.pathsep.join([str(house.ROOT), *sys.path]),
            "PYTHONUNBUFFERED": "1",
        }
        self.server = EmbeddedPg(folder / "pg")
        self._line = Line(self.server.uri)
        self._process: subprocess.Popen[bytes] | None = None
        self.log = folder / "up.log"

    @property
    def units(self) -> Path:
        """The table of its simulated gateways."""
        return units_of(self.pack)

    def start(self) -> None:
        """Start it and wait until it says that it is ready."""
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                self._command("up"), env=self.environment, cwd=house.ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )  # fmt: skip
        end = time.monotonic() + READY_SECONDS
        while "is ready" not in self._said():
            if self._process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"the house does not start:\n{self._said()[-3000:]}")
            time.sleep(0.5)

    def stop(self) -> None:
        """Stop it in order."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(120)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._line.close()

    def kill(self, part: str, chance: random.Random) -> None:
        """Kill any one process of a part: a server of several processes has to live with that too."""
        found = self._database() if part == "postgres" else self._processes(part)
        if found:
            with suppress(ProcessLookupError):
                os.kill(chance.choice(sorted(found)), signal.SIGKILL)

    def given_up(self) -> str:
        """Return what the supervisor says when it has given up, else nothing."""
        assert self._process
        if self._process.poll() is not None:
            return f"the supervisor has ended with {self._process.returncode}"
        return next((line for line in self._said().splitlines() if "is not started again" in line), "")

    def ask(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Return the rows of a question put straight to the database."""
        return self._line.ask(sql, *values)

    def verb(self, *words: str) -> int:
        """Run a verb of the command in the house and return its exit code."""
        with (self.folder / "verbs.log").open("ab") as log:
            return subprocess.run(
                self._command(*words), env=self.environment, cwd=house.ROOT, stdout=log, stderr=log, check=False
            ).returncode

    def _command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "bancheng.site.cli", *words]

    def _said(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    def _processes(self, part: str) -> list[int]:
        """Return the processes of a part: the supervisor's child of that name, and its group."""
        assert self._process
        known = list(_all_processes())
        heads = {pid for pid, parent, _, words in known if parent == self._process.pid and part in words}
        return [pid for pid, _, group, _ in known if group in heads]

    def _database(self) -> list[int]:
        """Return the postmaster, and one who serves: he takes all the others with him."""
        found = [int((self.server.data / "postmaster.pid").read_text().split()[0])]
        with suppress(psycopg.Error, OSError):
            found += [row[0] for row in self.ask("SELECT pid FROM pg_stat_activity WHERE state IS NOT NULL LIMIT 1")]
        return found


def _all_processes() -> Sequence[tuple[int, int, int, list[str]]]:
    """Return number, parent, group and words of every process there is."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with suppress(OSError, ValueError):
                stat = (folder / "stat").read_text().rpartition(")")[2].split()
                words = (folder / "cmdline").read_bytes().decode(errors="replace").split("\0")
                found.append((int(folder.name), int(stat[1]), int(stat[2]), words))
    return found
