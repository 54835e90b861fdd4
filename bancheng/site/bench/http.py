"""An ordinary read through the real middlewares ÷ pgbench of the same SQL (one web process, eight connections)."""

import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit, urlunsplit

from psycopg.conninfo import conninfo_to_dict

from bancheng.site import house
from bancheng.site.bench import Figure, compare
from bancheng.site.bench import _client as client
from bancheng.site.postgres import binaries

CONNECTIONS = 8


class Read(NamedTuple):
    """A page or API operation, and the SQL that a program without us would run for it."""

    name: str
    path: str
    sql: str
    goal: float | None


READS = [
    Read("page without a query", "/healthz", "select 1", None),
    Read("readiness, a query and the jobs' state", "/readyz", "select 1", None),
]


def run(scale: float) -> list[Figure]:
    """Measure each read in turn with its limit."""
    with web() as address:
        return [measure(read, address, max(1.0, 4 * scale)) for read in READS]


def measure(read: Read, address: str, seconds: float) -> Figure:
    """Measure one read in turn with its limit."""
    url = f"http://{address}{read.path}"
    requests(url, 1)  # warm

    def ours() -> float:
        return requests(url, seconds)

    def limit() -> float:
        return pgbench(read.sql, seconds)

    rate, bare = compare(ours, limit, rounds=3)
    return Figure(f"GET {read.name} ÷ pgbench", rate, bare, read.goal, "1/s", read.path)


@contextlib.contextmanager
def web() -> Iterator[str]:
    """Serve the site by one process on a port of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    command = [sys.executable, "-m", "bancheng.site.cli", "web", "--address", address, "--workers", "1"]
    path = os.pathsep.join(filter(None, [str(house.ROOT), os.environ.get("PYTHONPATH")]))
    server = subprocess.Popen(command, env={**os.environ, "PYTHONPATH": path}, stdout=subprocess.DEVNULL)
    try:
        wait_for(f"http://{address}/healthz", server)
        yield address
    finally:
        server.terminate()
        server.wait(30)


def wait_for(url: str, server: "subprocess.Popen[bytes]") -> None:
    """Wait until `url` answers."""
    end = time.monotonic() + 60
    while time.monotonic() < end and server.poll() is None:
        try:
            urllib.request.urlopen(url, timeout=2).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"{url} does not answer")


def requests(url: str, seconds: float) -> float:
    """Return the answers a second over eight kept connections: by wrk where there is one, else by our own client."""
    if wrk := shutil.which("wrk"):
        said = _output([wrk, "-t1", f"-c{CONNECTIONS}", f"-d{max(1, round(seconds))}s", url])
        found = re.search(r"Requests/sec:\s+([\d.]+)", said)
        assert found, said
        return float(found[1])
    said = _output([sys.executable, client.__file__, url, str(seconds), str(CONNECTIONS)])
    told = json.loads(said)
    if told["bad"]:
        raise RuntimeError(f"{url} gave {told['bad']} answers that were not 200")
    return float(told["rate"])


def pgbench(sql: str, seconds: float) -> float:
    """Return the transactions a second of the same SQL, plain protocol, as many connections."""
    parts = urlsplit(os.environ["DATABASE_URL"])
    told = conninfo_to_dict(urlunsplit(parts))
    names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE"}
    environment = {**os.environ, **{names[name]: str(value) for name, value in told.items() if name in names}}
    script = Path(house.var()) / "bench.sql"
    script.write_text(f"{sql};\n", encoding="utf-8")
    command = [binaries.find() / "pgbench", "-n", "-M", "simple", f"-c{CONNECTIONS}", "-j1"]
    said = _output([*command, f"-T{max(1, round(seconds))}", "-f", str(script)], environment)
    found = re.search(r"tps = ([\d.]+)", said)
    assert found, said
    return float(found[1])


def _output(command: list[str], environment: dict[str, str] | None = None) -> str:
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
