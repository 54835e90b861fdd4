"""Messages: taken in one by one and by a SELECT, and brought to phones with their receipts.

The last figure runs the real worker, the real web process and the simulated gateway over loopback; its note says where the
CPU went. Everything written is removed again.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import islice
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.identity import public as identity
from bancheng.kernel.notices import gateway, testing
from bancheng.kernel.notices import public as notices
from bancheng.lib import loopback
from bancheng.site.bench import Figure, _cpu
from bancheng.site.bench.jobs import _url

KIND = "bench.notices"
REGION = "000000"
ROUNDS = 3
WORKER = """
import sys
import django
django.setup()
from bancheng.kernel.jobs import registry, worker
registry.SCHEDULE.clear()
sys.exit(worker.run(concurrency=2))
"""
ROWS = """
SELECT '000000' AS region, %(round)s || '-' || n AS key, 's' || n AS subject, sealed AS mobile_sealed,
    hash AS mobile_hash, NULL::bytea AS holder_hash,
    jsonb_build_object('due', '2027-03-01', 'who', '编号' || n) AS values
FROM unnest(%(sealed)s::bytea[], %(hash)s::bytea[]) WITH ORDINALITY AS phone (sealed, hash, n)
"""
BARE = """
INSERT INTO notices_message (region, key, kind, subject, template_id, language, holder_hash, mobile_sealed, mobile_hash,
    values, accepted_at, not_before, stage, position, channel, step_at, reason)
SELECT region, key, 'bench.notices', subject, %(template)s, 'zh', '', mobile_sealed, mobile_hash, values, now(), now(), 40, 0,
    'sms', NULL, '' FROM ({rows}) AS source ON CONFLICT (region, key) DO NOTHING
"""


def run(scale: float) -> list[Figure]:
    """Measure taking in and delivering; `scale` 1 is 3,000 messages delivered."""
    _wipe()
    at = clocks.now()
    text = testing.plain_text(who=notices.Variable(notices.Type.TEXT, "编号00000"))
    testing.published_kind(KIND, at=at, ladder=testing.SMS_ONLY, text=text)
    try:
        return [
            _one_by_one(int(400 * scale) or 40, at),
            _in_bulk(int(10_000 * scale) or 400, at),
            _delivered(int(3_000 * scale) or 300, at),
        ]
    finally:
        _wipe()


def _one_by_one(count: int, at: datetime) -> Figure:
    template, numbers = _template(), iter(range(10**9))
    bare = BARE.format(rows=ROWS) % {"template": template, "round": "%s", "sealed": "%s", "hash": "%s"}

    def ours() -> float:
        def accept(n: int) -> None:
            to = notices.Recipient.of(mobile=f"139{n:08d}")
            values = {"due": "2027-03-01", "who": f"编号{n}"}
            with transaction.atomic():  # as its caller's: the message and the promise of its sending are one commit
                notices.accept(kind=KIND, region=REGION, key=f"one-{n}", subject=f"s{n}", to=to, values=values, at=at)

        return _rate(count, lambda: _each(accept, numbers, count))

    def limit() -> float:
        return _rate(count, lambda: _each(lambda n: _sql(bare, (f"bare-{n}", [b"x"], [b"y"])), numbers, count))

    def undisturbed() -> float:
        _sql("SET synchronous_commit = off")
        try:
            return ours()
        finally:
            _sql("SET synchronous_commit = on")

    reached, most, fast = _medians(ours, limit, undisturbed)
    note = f"goal ≥ 400/s; beside the bare INSERT, both durable; {fast:.0f}/s where the disk is not waited for"
    return Figure("messages taken in one by one", reached, most, 0.2, "messages/s", note)


def _in_bulk(count: int, at: datetime) -> Figure:
    sealed, hashes = _phones(count)
    bare = BARE.format(rows=ROWS)
    rounds = iter(range(10**9))

    def params() -> dict[str, object]:
        return {"round": f"bulk-{next(rounds)}", "sealed": sealed, "hash": hashes}

    def ours() -> float:
        return _rate(count, lambda: notices.accept_select(kind=KIND, at=at, sql=ROWS, params=params()))

    def limit() -> float:
        return _rate(count, lambda: _sql(bare, {**params(), "template": _template()}))

    reached, most = _medians(ours, limit)
    note = "goal ≥ 2,000/s; templates, stops, dedup, ladder, promise and audit, beside the bare INSERT … SELECT"
    return Figure("messages taken in by a SELECT", reached, most, 0.33, "messages/s", note)


def _delivered(count: int, at: datetime) -> Figure:
    _wipe_messages()
    sealed, hashes = _phones(count)
    with _city() as (processes, sms_url):
        bare = _bare_gateway(sms_url, count)
        notices.accept_select(kind=KIND, at=at, sql=ROWS, params={"round": "send", "sealed": sealed, "hash": hashes})
        worker = processes("-c", WORKER)
        while _count("notices_delivery WHERE kind = 'bench.notices'") == 0:
            time.sleep(0.005)
        already, began = _reached(), time.perf_counter()
        spent = {name: -_cpu.tree(pid) for name, pid in processes.pids.items()}
        database = -_cpu.database()
        while (reached := _reached()) < count and time.perf_counter() - began < 120:
            time.sleep(0.02)
        took = time.perf_counter() - began
        for name, pid in processes.pids.items():
            spent[name] += _cpu.tree(pid)
        database += _cpu.database()
        worker.terminate()
        worker.wait()
    where = ", ".join(
        f"{name} {1e6 * seconds / reached:.0f}" for name, seconds in [*spent.items(), ("database", database)]
    )
    note = f"goal ≥ 500/s; {reached} of {count}, sent, received and confirmed; CPU µs a message: {where}"
    rate = (reached - already) / took
    return Figure("messages delivered with receipts", rate, bare, 0.02, "messages/s", note)


def _bare_gateway(sms_url: str, count: int) -> float:
    """Return how many messages the simulated gateway takes in a second from one bare client."""
    client = gateway.Http(channel="sms", url=sms_url, secret=settings.GATEWAY_SECRET.encode())
    said = {"text": "【许昌】编号00000，2027年3月1日（周一）。退订http://127.0.0.1:8000/t/abc-0123456789ab 投诉12345"}
    items = [gateway.Outgoing(f"bare-{n}", "13900000000", said) for n in range(count)]
    batches = [items[first : first + gateway.BATCH] for first in range(0, count, gateway.BATCH)]
    return _rate(count, lambda: [client.send(batch, at=clocks.now()) for batch in batches])


class _Processes:
    """Starts processes of the city and keeps them."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.environment = environment
        self.pids: dict[str, int] = {}
        self.running: list[subprocess.Popen[bytes]] = []

    def __call__(self, *words: str, **more: str) -> subprocess.Popen[bytes]:
        name = words[-1] if words[0] == "-m" else "worker"
        process = subprocess.Popen([sys.executable, *words], env=self.environment | more, stdout=subprocess.DEVNULL)
        self.pids[name] = process.pid
        self.running.append(process)
        return process


@contextmanager
def _city() -> Iterator[tuple[_Processes, str]]:
    """Run the web process and the simulator on spare ports; the simulator's journal goes to a folder that goes away."""
    web, sim = loopback.spare_addresses(2)
    environment = {
        **os.environ,
        "DATABASE_URL": _url(),
        "BANCHENG_WEB": web,
        "BANCHENG_SIM": sim,
        "BANCHENG_GATEWAY_SECRET": settings.GATEWAY_SECRET,
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    environment.pop("DB_POOLING", None)
    processes = _Processes(environment)
    with tempfile.TemporaryDirectory(prefix="bc-bench-") as folder:
        try:
            processes("-m", "bancheng.site.cli", "web")
            environment["BANCHENG_VAR"], kept = folder, environment.get("BANCHENG_VAR")
            processes("-m", "bancheng.site.cli", "sim")
            if kept is None:
                del environment["BANCHENG_VAR"]
            else:
                environment["BANCHENG_VAR"] = kept
            for address in (web, sim):
                _answers(f"http://{address}/healthz")
            yield processes, f"http://{sim}/sms/v1"
        finally:
            for process in processes.running:
                process.terminate()
                process.wait()


def _answers(url: str) -> None:
    for _ in range(300):
        try:
            urllib.request.urlopen(url, timeout=2).close()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"{url} does not answer")


def _phones(count: int) -> tuple[list[bytes], list[bytes]]:
    sealer = identity.Sealer("mobile")
    numbers = [f"139{n:08d}" for n in range(count)]
    return [sealer.seal(number) for number in numbers], [sealer.hash(number) for number in numbers]


def _each(work: Callable[[int], None], numbers: Iterator[int], count: int) -> None:
    for n in islice(numbers, count):
        work(n)


def _medians(*measures: Callable[[], float]) -> list[float]:
    rounds = [[measure() for measure in measures] for _ in range(ROUNDS)]
    return [statistics.median(column) for column in zip(*rounds, strict=True)]


def _rate(count: int, work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return count / (time.perf_counter() - began)


def _reached() -> int:
    return _count("notices_message WHERE kind = 'bench.notices' AND key LIKE 'send-%%' AND stage >= 40")


def _count(what: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {what}", ())
        return int(cursor.fetchone()[0])


def _template() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(id) FROM notices_template WHERE kind = %s", (KIND,))
        return int(cursor.fetchone()[0])


def _sql(statement: str, params: Any = ()) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)


def _wipe_messages() -> None:
    _sql("DELETE FROM procrastinate_jobs WHERE task_name IN ('notices.dispatch', 'notices.step') AND status = 'todo'")
    _sql("DELETE FROM notices_carried c USING notices_message m WHERE m.id = c.message_id AND m.kind = %s", (KIND,))
    for table in ("notices_delivery", "notices_message"):
        _sql(f"DELETE FROM {table} WHERE kind = %s", (KIND,))


def _wipe() -> None:
    _wipe_messages()
    _sql("DELETE FROM notices_template WHERE kind = %s", (KIND,))
    _sql("DELETE FROM notices_kind WHERE code = %s", (KIND,))
