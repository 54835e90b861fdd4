"""The job queue: promising in batches against one by one, and what a job costs beside a plain transaction.

Every figure is "more is better", ours and the limit measured in the same run, round by round, medians.
"""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

from django.db import connection

from bancheng.kernel.jobs import public as jobs
from bancheng.site.bench import Figure, _cpu, _pgbench

ROUNDS = 3
QUEUE = "bench"
WORKER = """
import sys
import django
django.setup()
import bancheng.site.bench.jobs
from bancheng.kernel.jobs import registry, worker
registry.SCHEDULE.clear()
sys.exit(worker.run(concurrency=4, queues=["bench"]))
"""
TABLES = """
CREATE TABLE IF NOT EXISTS bench_a (id bigserial PRIMARY KEY, note text);
CREATE TABLE IF NOT EXISTS bench_b (id bigserial PRIMARY KEY, a bigint, note text);
CREATE TABLE IF NOT EXISTS bench_c (id bigserial PRIMARY KEY, a bigint, note text);
"""
THREE_INSERTS = (
    "BEGIN",
    "INSERT INTO bench_a (note) VALUES ('a')",
    "INSERT INTO bench_b (a, note) VALUES (1, 'b')",
    "INSERT INTO bench_c (a, note) VALUES (1, 'c')",
    "END",
)


@jobs.job("bench.nothing", queue=QUEUE)
def nothing(*, n: int) -> None:
    """Do nothing: what is measured is the queue."""


def run(scale: float) -> list[Figure]:
    """Measure promising and working."""
    try:
        return [*_promising(int(300 * scale) or 30), *_working(int(400 * scale) or 40)]
    finally:
        _sql("DELETE FROM procrastinate_jobs WHERE queue_name = %s", (QUEUE,))
        _sql("DROP TABLE IF EXISTS bench_a, bench_b, bench_c")


def _promising(count: int) -> list[Figure]:
    def single() -> float:
        def one_by_one() -> None:
            for n in range(count):
                jobs.later("bench.nothing", n=n)

        return _rate(count, one_by_one)

    def batch() -> float:
        many = count * 10
        return _rate(many, lambda: jobs.later_many("bench.nothing", ({"n": n} for n in range(many))))

    def bare() -> float:
        many = count * 10
        insert = (
            "INSERT INTO procrastinate_jobs (queue_name, task_name, args)"
            " SELECT %s, 'bench.nothing', jsonb_build_object('n', n) FROM generate_series(1, %s) AS n"
        )
        return _rate(many, lambda: _sql(insert, (QUEUE, many)))

    one, many, sql = _medians(single, batch, bare)
    return [
        Figure("jobs promised in a batch, beside one by one", many, one, 5.0, "jobs/s", "later_many / later, durable"),
        Figure("jobs promised in a batch, beside bare SQL", many, sql, 0.4, "jobs/s", "later_many / INSERT … SELECT"),
    ]


def _working(count: int) -> list[Figure]:
    _sql(TABLES)

    def plain() -> float:
        return count / _bare(count)

    def worked() -> float:
        jobs.later_many("bench.nothing", ({"n": n} for n in range(count)))
        _sql("ANALYZE procrastinate_jobs")
        return count / _worker(count)

    transactions, done = _medians(plain, worked)
    note = "no-op job (worker + database) / pgbench's three inserts, per CPU second; 0.1 is ten times the CPU"
    return [Figure("a job beside a plain transaction, per CPU", done, transactions, 0.1, "per CPU s", note)]


def _medians(*measures: Callable[[], float]) -> list[float]:
    """Return the median of each measure over interleaved rounds."""
    rounds = []
    for _ in range(ROUNDS):
        _sql("DELETE FROM procrastinate_jobs WHERE queue_name = %s", (QUEUE,))
        rounds.append([measure() for measure in measures])
    return [statistics.median(column) for column in zip(*rounds, strict=True)]


def _rate(count: int, work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return count / (time.perf_counter() - began)


def _bare(count: int) -> float:
    """Return the CPU seconds pgbench and the database spend on `count` transactions."""
    before = _cpu.database() + _cpu.children()
    _pgbench.script(THREE_INSERTS, "-c", "4", "-t", str(count // 4 or 1))
    return _cpu.database() + _cpu.children() - before


def _worker(count: int) -> float:
    """Return the CPU seconds a worker and the database spend on `count` waiting jobs, its start left out."""
    env = {**os.environ, "DATABASE_URL": _url(), "PYTHONPATH": os.pathsep.join(sys.path)}
    worker = subprocess.Popen([sys.executable, "-c", WORKER], env=env)
    try:
        while _waiting() == count:
            time.sleep(0.005)
        left, before = _waiting(), _cpu.of(worker.pid) + _cpu.database()
        while _waiting():
            time.sleep(0.02)
        spent = _cpu.of(worker.pid) + _cpu.database() - before
        return spent * count / max(left, 1)
    finally:
        worker.terminate()
        worker.wait()


def _url() -> str:
    from urllib.parse import quote

    settings = connection.settings_dict
    login = f"{quote(settings['USER'])}:{quote(settings['PASSWORD'])}"
    if settings["HOST"].startswith("/"):
        return f"postgresql://{login}@/{settings['NAME']}?host={quote(settings['HOST'])}"
    return f"postgresql://{login}@{settings['HOST']}:{settings['PORT'] or 5432}/{settings['NAME']}"


def _waiting() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE queue_name = %s", (QUEUE,))
        return int(cursor.fetchone()[0])


def _sql(statement: str, params: tuple[object, ...] | None = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)  # type: ignore[arg-type]  # django-stubs knows fewer parameter types
