"""A whole city for the tests that kill: database, web, worker and the world outside, in processes of their own.

Making one takes some seconds, so `Ground` makes it once, migrated and with its pack, and each test gets a copy of the
database that nobody else touches. The database keeps its real settings: what it confirmed must survive. Starting Python
and Django takes seconds too, on a busy machine; so one process has them ready (`work.py`), and the others are its forks.
All of them end with the test run, even a killed one.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg

from bancheng.lib import loopback
from bancheng.site.postgres import EmbeddedPg

ROOT = Path(__file__).resolve().parents[2]
CLI, WORK = ("-m", "bancheng.site.cli"), ("-m", "tests.whole.work")
NOT_OURS = {"DB_POOLING", "DATABASE_URL", "BANCHENG_SANDBOX_CLOCK", "MQTT_URL"}  # the test run's own
SERVED = ("web", "sim", "broker", "meters")  # started by the command; the rest are forks
IN_A_TRANSACTION = """
SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend'
AND xact_start IS NOT NULL AND pid NOT IN (pg_backend_pid(), %s) AND wait_event_type IS DISTINCT FROM 'Lock'
"""


class Ground:
    """The server, the database that every city of the tests is copied from, and the process they are forked from."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="bc-city-", dir="/tmp"))
        self.folder.chmod(0o755)
        self.server = EmbeddedPg(self.folder / "pg", {"shared_buffers": "64MB"})
        self.url = self.server.start()
        self.cities = 0
        self.web, self.sim, self.mqtt, meters = loopback.spare_addresses(4)
        ours = {name: value for name, value in os.environ.items() if name not in NOT_OURS}
        self.environment = ours | {
            "DATABASE_URL": self.url,
            "BANCHENG_VAR": str(self.folder / "ground"),
            "BANCHENG_WEB": self.web,
            "BANCHENG_SIM": self.sim,
            "BANCHENG_MQTT": self.mqtt,
            "BANCHENG_METERS": meters,
            "BANCHENG_METERS_BACK_OFF": "1",
            "BANCHENG_PEOPLE": "0",
            "DJANGO_SETTINGS_MODULE": "bancheng.site.settings",
            "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path]),
        }
        self.parent: subprocess.Popen[str] | None = None

    def prepare(self) -> None:
        """Migrate, load the pack, and start the process that the parts are forked from."""
        load = [sys.executable, *CLI, "migrate", "--load", str(ROOT / "packs" / "xuchang")]
        done = subprocess.run(load, env=self.environment, cwd=ROOT, capture_output=True, text=True, timeout=240)
        assert done.returncode == 0, done.stderr
        self.parent = subprocess.Popen(
            [sys.executable, *WORK, str(os.getpid())],
            env=self.environment,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def tell(self, **what: object) -> int:
        """Tell the parent of all parts what to do and return the number it answers with."""
        assert self.parent
        assert self.parent.stdin
        assert self.parent.stdout
        self.parent.stdin.write(json.dumps(what) + "\n")
        self.parent.stdin.flush()
        return int(self.parent.stdout.readline())

    def city(self) -> "City":
        """Return a city of its own, with nothing running in it."""
        self.cities += 1
        name = f"city_{self.cities}"
        source = psycopg.conninfo.conninfo_to_dict(self.url)["dbname"]
        with psycopg.connect(self.server.uri("postgres"), autocommit=True) as admin:
            # by files, which ends with a checkpoint: sequences copied through the log fall back when the server is killed
            admin.execute(f'create database {name} template "{source}" strategy file_copy')
        folder = self.folder / name
        shutil.copytree(self.folder / "ground", folder)  # the keys
        return City(self, folder, self.server.uri(name))

    def end(self) -> None:
        if self.parent:
            self.parent.communicate()
        self.server.release()
        shutil.rmtree(self.folder)


class City:
    """The processes of one test, each a group that can be killed and started again."""

    def __init__(self, ground: Ground, folder: Path, url: str) -> None:
        self.ground, self.folder, self.url = ground, folder, url
        self.web, self.sim, self.mqtt = ground.web, ground.sim, ground.mqtt
        self.pack = ROOT / "packs" / "xuchang"
        self.running: dict[str, int] = {}
        self._served: dict[int, subprocess.Popen[bytes]] = {}
        self._line = psycopg.connect(url, autocommit=True)

    # -- processes

    def start(self, name: str, *words: str) -> int:
        """Start the process `name`, one of the command's or a part that `work.py` plays, and return its number."""
        log = self.folder / f"{name}.log"
        if name in SERVED:
            with log.open("ab") as out:
                served = subprocess.Popen(
                    [sys.executable, *CLI, name],
                    env=self.ground.environment
                    | {
                        "DATABASE_URL": self.url,
                        "BANCHENG_VAR": str(self.folder),
                        "BANCHENG_SUPERVISOR": str(os.getpid()),
                        "BANCHENG_PACK": str(self.pack),
                    },
                    cwd=ROOT,
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=out,
                    start_new_session=True,
                )
            self._served[served.pid] = served
            self.running[name] = served.pid
        else:
            database = psycopg.conninfo.conninfo_to_dict(self.url)["dbname"]
            self.running[name] = self.ground.tell(part=name, words=words, database=database, log=str(log))
        return self.running[name]

    def work(self, name: str, *words: str) -> None:
        """Play a part of `work.py` to its end."""
        assert self.code_of(name, *words) == 0, self.logs()

    def code_of(self, name: str, *words: str) -> int:
        """Play a part of `work.py` to its end and return its exit code."""
        code = self.wait(self.start(name, *words))
        del self.running[name]
        return code

    def wait(self, process: int) -> int:
        """Wait until the process has ended and return its exit code."""
        return self._served[process].wait() if process in self._served else self.ground.tell(wait=process)

    def has_died(self, process: int) -> bool:
        """Return whether a process has ended by itself and waits to be buried."""
        try:
            return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
        except OSError:
            return True

    def kill(self, name: str) -> None:
        """Kill the process and all its children at once, as a power cut does."""
        if name == "postgres":
            self._kill_database()
            return
        process = self.running.pop(name)
        os.killpg(process, signal.SIGKILL)
        self.wait(process)

    def _kill_database(self) -> None:
        """Kill who keeps it, and who works for it: one of those left alive may come to the end of what it does before it misses its keeper."""
        keeper = int((self.ground.server.data / "postmaster.pid").read_text().split()[0])
        at_work = Path(f"/proc/{keeper}/task/{keeper}/children").read_text().split()
        for process in (keeper, *map(int, at_work)):
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)

    def put_to_sleep(self, name: str, halter: int) -> int:
        """Stop the process where it is halted and return its number.

        Never while another of its threads is in a transaction: the locks would sleep with it, and keep everybody waiting.
        """
        process = self.running.pop(name)

        def stands() -> bool:
            os.killpg(process, signal.SIGSTOP)
            if self.count(IN_A_TRANSACTION, halter):
                os.killpg(process, signal.SIGCONT)
                return False
            return True

        self.until(stands, f"a moment at which {name} holds nothing else")
        return process

    def revive(self, name: str) -> None:
        """Start again what was killed."""
        if name == "postgres":
            time.sleep(0.3)
            self.ground.server.start()
        else:
            self.start(name)

    def end(self) -> None:
        for name in list(self.running):
            self.kill(name)
        self._line.close()

    # -- the database

    def ask(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Return the rows of a question put straight to the database; a killed one is asked again when it is back."""
        try:
            return self._line.execute(sql, values).fetchall()
        except psycopg.OperationalError:
            self._line.close()
            self._line = psycopg.connect(self.url, autocommit=True)
            return self._line.execute(sql, values).fetchall()

    def count(self, sql: str, *values: Any) -> int:
        """Return the one number that `sql` asks for."""
        ((number,),) = self.ask(sql, *values)
        return int(number)

    @contextmanager
    def halted(self, lock: str, *, then: Callable[[], object] = lambda: None) -> Iterator[int]:
        """Hold `lock`, a statement, do `then`, and wait until it stops somebody; until the block's end he stands there.

        Yields the number of the server's process that holds it.
        """
        connection = psycopg.connect(self.url)
        ours = connection.info.backend_pid
        stopped = "select count(*) from pg_stat_activity where %s = any(pg_blocking_pids(pid))"
        try:
            connection.execute(lock)
            then()
            self.until(lambda: self.count(stopped, ours), f"a halt at {lock}")
            yield ours
        finally:
            connection.close()  # gives the lock back, if the server has not been killed with it

    def until(self, true: Callable[[], object], what: str, *, seconds: float = 60) -> None:
        """Wait until `true`; after `seconds` say what was waited for and what the processes said."""
        end = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < end, f"waited in vain for {what}\n{self.logs()}"
            time.sleep(0.02)

    def check_audit(self) -> None:
        """Seal what waits and recompute every seal; a record that does not fit fails the test."""
        self.work("audit")

    # -- the world outside

    def faults(self, channel: str = "sms", **values: object) -> None:
        """Switch faults of a gateway, once it answers."""
        body = json.dumps({channel: values}).encode()
        address = f"http://{self.sim}/faults.json"
        self.until(lambda: answers(urllib.request.Request(address, data=body)), "the simulated world")

    def serves(self) -> bool:
        """Return whether the web process answers."""
        return answers(urllib.request.Request(f"http://{self.web}/healthz"))

    def journal(self) -> list[dict[str, Any]]:
        """Return everything a phone received, as the world outside has it."""
        journal = self.folder / "sim" / "journal.jsonl"
        if not journal.exists():
            return []
        whole = journal.read_bytes().rpartition(b"\n")[0]
        return [event for line in whole.splitlines() if (event := json.loads(line))["e"] == "delivered"]

    def delivered(self, count: int, *, seconds: float = 60) -> None:
        """Wait until so many messages have reached phones."""
        self.until(lambda: len(self.journal()) >= count, f"{count} deliveries", seconds=seconds)

    def logs(self) -> str:
        return "\n".join(f"== {log.name}\n{log.read_text()[-1500:]}" for log in self.folder.glob("*.log"))


def answers(request: urllib.request.Request) -> bool:
    """Return whether somebody answers `request`, whatever he says."""
    try:
        urllib.request.urlopen(request, timeout=2).close()
    except urllib.error.HTTPError as error:
        error.close()
    except OSError:
        return False
    return True
