"""An ordinary read through the real middlewares ÷ pgbench of the same SQL (one web process, eight connections).

What the SQL of a read is, the read itself tells: it is asked once in this process and its statements are written down, session and
account among them. pgbench then runs all of them, one by one, as a program without us would.
"""

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.identity import public as identity
from bancheng.kernel.identity import testing as people
from bancheng.kernel.licences import public as licences
from bancheng.lib import loopback
from bancheng.pack.loader import load_city
from bancheng.site import house
from bancheng.site.bench import Figure, _pgbench, compare
from bancheng.site.bench import _client as client
from bancheng.site.bench._licences import own_licences
from bancheng.site.verbs.load import sections

CONNECTIONS = 8
OURS = {"host": "localhost"}  # the site answers to its own names alone
GOAL = 0.015  # aim: 0.04
UNIT, KIND, ITEM = "market", "food-business", "food-business"
LICENCES = 3  # of the holder who reads


class Read(NamedTuple):
    """A page or an operation, and whether its reader is signed in."""

    name: str
    path: str
    signed_in: bool = False


READS = [
    Read("page: one item, anybody", f"/expiry/items/{ITEM}/"),
    Read("page: my licences, signed in", "/expiry/mine/", signed_in=True),
    Read("API: one item, anybody", f"/api/v1/expiry/items/{ITEM}"),
    Read("API: my licences, signed in", "/api/v1/expiry/mine", signed_in=True),
]


def run(scale: float) -> list[Figure]:
    """Measure each read in turn with its limit."""
    with own_licences(), web() as (address, _):
        reader = a_holder()
        cookie = f"{settings.SESSION_COOKIE_NAME}={reader.cookies[settings.SESSION_COOKIE_NAME].value}"
        return [measure(read, address, reader, cookie, max(1.0, 4 * scale)) for read in READS]


def a_holder() -> Client:
    """Return the browser of a holder with a few licences in the reference city."""
    at = clocks.now()
    load_city(Path(settings.PACK), by="staff:bench", at=at, sections=sections())
    user = people.citizen(serial=1)
    holder = identity.sealer("citizen_id")
    citizen_id = people.citizen_id(1)
    rows = [
        licences.Row(
            region=people.REGION,
            licence_type=KIND,
            number=f"BENCH{number}",
            holder_kind="person",
            holder_hash=holder.hash(citizen_id),
            holder_sealed=holder.seal(citizen_id),
            holder_name="赵建军",
            contact_name="赵建军",
            mobile_sealed=None,
            mobile_hash=None,
            issued_on=date(2024, 1, 1),
            valid_from=date(2024, 1, 1),
            valid_to=date(2028, 12, 31),
            line=number,
            identifier_kind="citizen_id",
        )
        for number in range(LICENCES)
    ]
    with transaction.atomic():
        licences.merge(iter(rows), batch="bench", unit=UNIT, at=at)
    return people.client_for(user)


def measure(read: Read, address: str, reader: Client, cookie: str, seconds: float) -> Figure:
    """Measure one read in turn with its limit."""
    url, cookie = f"http://{address}{read.path}", cookie if read.signed_in else ""
    statements = statements_of(read, reader if read.signed_in else Client())
    requests(url, cookie, 1)  # warm

    def ours() -> float:
        return requests(url, cookie, seconds)

    def limit() -> float:
        return pgbench(statements, seconds)

    rate, bare = compare(ours, limit, rounds=3)
    return Figure(read.name, rate, bare, GOAL, "1/s", f"GET {read.path}, {len(statements)} statements")


def statements_of(read: Read, reader: Client) -> list[str]:
    """Return the SQL of one read, values filled in; it was asked once before, for what is kept."""
    reader.get(read.path, headers=OURS)
    with CaptureQueriesContext(connection) as captured:
        answer = reader.get(read.path, headers=OURS)
    if answer.status_code != 200:
        raise RuntimeError(f"{read.path} answered {answer.status_code}")
    return [query["sql"] for query in captured.captured_queries]


@contextlib.contextmanager
def web(workers: int = 1) -> Iterator[tuple[str, int]]:
    """Serve the site by so many processes on a port of its own; give its address and the process id."""
    (address,) = loopback.spare_addresses(1)
    command = [sys.executable, "-m", "bancheng.site.cli", "web", "--address", address, "--workers", str(workers)]
    path = os.pathsep.join(filter(None, [str(house.ROOT), os.environ.get("PYTHONPATH")]))
    server = subprocess.Popen(command, env={**os.environ, "PYTHONPATH": path}, stdout=subprocess.DEVNULL)
    try:
        wait_for(f"http://{address}/healthz", server)
        yield address, server.pid
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


def requests(url: str, cookie: str, seconds: float) -> float:
    """Return the answers a second over eight kept connections: by wrk where there is one, else by our own client."""
    if wrk := shutil.which("wrk"):
        said = _output([wrk, "-t1", f"-c{CONNECTIONS}", f"-d{max(1, round(seconds))}s", "-H", f"Cookie: {cookie}", url])
        found = re.search(r"Requests/sec:\s+([\d.]+)", said)
        assert found, said
        return float(found[1])
    said = _output([sys.executable, client.__file__, url, str(seconds), str(CONNECTIONS), cookie])
    told = json.loads(said)
    if told["bad"]:
        raise RuntimeError(f"{url} gave {told['bad']} answers that were not 200")
    return float(told["rate"])


def pgbench(statements: list[str], seconds: float) -> float:
    """Return how often a second all of `statements` are done, plain protocol, over as many connections."""
    how = ("-M", "simple", f"-c{CONNECTIONS}", "-j1", f"-T{max(1, round(seconds))}")
    return _pgbench.tps(_pgbench.script(statements, *how))


def _output(command: list[str]) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout
