"""Readings of shared power, from MQTT to the committed row: against a bare paho consumer that does nothing but COPY the same rows, and at the
steady load of ten thousand sockets, of which two thousand are in use."""

import json
import statistics
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import timedelta

from django.db import connection

from bancheng.kernel.clocks import public as clocks
from bancheng.services.sockets import testing
from bancheng.site.bench import Figure
from bancheng.site.bench._sockets import broker, house, name, program, rows, until
from bancheng.site.bench.jobs import _url

SOCKETS = 8
RATE = 333.0
ROUNDS = 3
BARE = """
CREATE TABLE IF NOT EXISTS bench_bare (gateway text, socket text, boot bigint, seq bigint, up_ms bigint, ts bigint, meter text, e_10wh int,
    u_dv int, i_ma int, p_w int, t_dc int, f int, PRIMARY KEY (gateway, socket, boot, seq));
"""


def run(scale: float) -> list[Figure]:
    """Measure throughput and latency; `scale` 1 is 20,000 readings a round, and ten minutes of 10,000 sockets."""
    count, gateways = int(20_000 * scale) or 1000, max(8, int(1250 * scale))
    boots = iter(range(int(time.time()), 2**31))  # noqa: TID251  a number never used before, not an instant
    testing.wipe()
    testing.register([name(n) for n in range(gateways)], SOCKETS)
    with connection.cursor() as cursor:
        cursor.execute(BARE)
    try:
        return [_throughput(count, boots), *_steady(gateways, int(600 * scale) or 20, boots)]
    finally:
        testing.wipe()
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE bench_bare")


def _throughput(count: int, boots: Iterator[int]) -> Figure:
    def ours() -> float:
        with house() as port:
            return _rate(port, count, boots, "sockets_reading")

    def limit() -> float:
        with broker() as port, program("-m", "bancheng.site.bench._sockets", "bare", str(port), _url()) as bare:
            assert bare.stdout
            bare.stdout.readline()
            return _rate(port, count, boots, "bench_bare")

    mine: list[float] = []
    theirs: list[float] = []
    for number in range(ROUNDS):
        for measure, kept in [(ours, mine), (limit, theirs)][:: 1 if number % 2 else -1]:
            kept.append(measure())
    note = f"{count} of eight gateways as fast as they are taken; beside one paho consumer that only copies"
    return Figure("readings stored", statistics.median(mine), statistics.median(theirs), 0.5, "readings/s", note)


def _rate(port: int, count: int, boots: Iterator[int], table: str) -> float:
    before = rows(table)
    began = time.perf_counter()
    with _talker(port, 8, count, 0, next(boots)):
        until(lambda: rows(table) >= before + count, 120)
    return count / (time.perf_counter() - began - 0.5)  # the talker waits that long before its first word


def _talker(
    port: int, gateways: int, count: int, rate: float, boot: int, before: int = 0, sessions: str = ""
) -> AbstractContextManager["subprocess.Popen[str]"]:
    numbers = (port, gateways, SOCKETS, count, rate, boot, before)
    return program("-m", "bancheng.site.bench._sockets", "talk", *map(str, numbers), sessions)


def _steady(gateways: int, seconds: int, boots: Iterator[int]) -> list[Figure]:
    """Measure sockets that have spoken before: behind a first word of each, when the database knows how its tables are filled."""
    count, first, boot = int(RATE * seconds), gateways * SOCKETS, next(boots)
    at = clocks.now()
    sessions = testing.in_use(
        [name(n) for n in range(gateways)], per_gateway=2, at=at - timedelta(minutes=1), boot=boot
    )
    before = rows("sockets_reading")
    with house() as port:
        cold = _waits(port, gateways, first, boot, 0, sessions)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")  # what autovacuum does within minutes
        waits = _waits(port, gateways, count, boot, 1, sessions)
    lost = first + count - (rows("sockets_reading") - before)
    note = f"{first} sockets, {len(sessions)} in use, {RATE:.0f}/s for {seconds} s; told by the device's ack"
    words = f"each of {first} sockets once, {RATE:.0f}/s, to tables that were empty"
    return [
        Figure("first words published to stored, p99", _p99(cold), 1.0, 1.0, "s", words),
        Figure("reading published to stored, p99", _p99(waits), 1.0, 1.0, "s", note),
        Figure("readings lost", float(lost), 1.0, 0.0, "of all", note),
    ]


def _waits(port: int, gateways: int, count: int, boot: int, before: int, sessions: dict[str, str]) -> list[float]:
    """Return how long each of `count` readings took to be stored, in seconds, the shortest first."""
    with _talker(port, gateways, count, RATE, boot, before, json.dumps(sessions)) as talker:
        assert talker.stdout
        waits: list[float] = json.loads(talker.stdout.readline())["waits"]
    return waits


def _p99(waits: Sequence[float]) -> float:
    return waits[int(len(waits) * 0.99)] if waits else 99.0
