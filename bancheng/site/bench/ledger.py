"""Posting through the kernel ÷ pgbench's TPC-B-like transaction: the same server, eight connections each, every commit durable.

Both take rows from many accounts, and both once more with one hot row that everybody changes. pgbench costs next to no CPU beside the
server; eight Python processes do, on the same cores.
"""

import os
import subprocess
import sys
from datetime import UTC, datetime
from random import Random
from statistics import median
from time import perf_counter

from django.db import connection, transaction

from bancheng.kernel.ledger import public as ledger
from bancheng.kernel.ledger.public import Line, Nature, Normal, Unit
from bancheng.site.bench import Figure, _pgbench

CLIENTS, SECONDS, ROUNDS = 8, 6, 3
ACCOUNTS = 10_000
GOAL = 0.5
REGION, AT = "411000", datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
POSTER = """
import sys
import django
django.setup()
from bancheng.site.bench import ledger
ledger.poster(*map(int, sys.argv[1:]))
"""


def run(scale: float) -> list[Figure]:
    """Measure with many accounts, and with a hot one."""
    accounts, seconds = max(1_000, int(ACCOUNTS * scale)), max(1, round(SECONDS * scale))
    _open(accounts)
    many = _figure(accounts, seconds, scale_of_tpcb=16)
    hot = _figure(1, seconds, scale_of_tpcb=1)
    if found := next(ledger.verify(), None):
        raise RuntimeError(f"the ledger is not whole: {found.says.en}")
    told = f"{CLIENTS} clients, durable; "
    return [
        Figure("ledger.post", *many, GOAL, "/s", told + "two of many accounts an entry; TPC-B-like of scale 16"),
        Figure("ledger.post, hot", *hot, GOAL, "/s", told + "one account in every entry; TPC-B-like of scale 1"),
    ]


def _figure(clearing: int, seconds: int, *, scale_of_tpcb: int) -> tuple[float, float]:
    """Return the entries a second with so many clearing accounts, and pgbench's transactions a second."""
    _pgbench.run("-i", "-q", "-s", str(scale_of_tpcb))
    rounds = [(_posted(clearing, seconds), _tpcb(seconds)) for _ in range(ROUNDS)]
    _pgbench.run("-i", "-I", "d")
    return median(ours for ours, _ in rounds), median(limit for _, limit in rounds)


def _posted(clearing: int, seconds: int) -> float:
    """Return the entries a second of eight processes together."""
    asked = [sys.executable, "-c", POSTER, str(clearing), str(seconds)]
    running = [subprocess.Popen(asked, stdout=subprocess.PIPE, text=True) for _ in range(CLIENTS)]
    return sum(float(one.communicate()[0]) for one in running)


def _tpcb(seconds: int) -> float:
    return _pgbench.tps(_pgbench.run("-n", "-M", "prepared", f"-c{CLIENTS}", "-j2", f"-T{seconds}"))


def poster(clearing: int, seconds: int) -> None:
    """Post for so many seconds, in a process of its own; print how many entries a second stood."""
    _declare()
    sessions = len(ledger.balances(REGION, "bench/session/"))
    draw, done, start = Random(os.getpid()), 0, perf_counter()
    while perf_counter() - start < seconds:
        _post(
            f"{os.getpid()}-{start}-{done}", draw.randrange(clearing), draw.randrange(sessions), draw.randint(1, 5000)
        )
        done += 1
    sys.stdout.write(f"{done / (perf_counter() - start)}\n")


def _open(accounts: int) -> None:
    """Open the accounts before anything is measured; what is planned for an empty table would read the whole of a full one."""
    _declare()
    for first in range(0, accounts, 500):
        with transaction.atomic(), connection.cursor() as cursor:
            for n in range(first, min(first + 500, accounts)):
                _post(f"open-{n}", n, n, 1)
            cursor.execute("ANALYZE ledger_account, ledger_entry, ledger_posting")


def _declare() -> None:
    ledger.declare("bench/session/", Nature(Unit.FEN, Normal.CREDIT, floor=0))
    ledger.declare("bench/clearing/", Nature(Unit.FEN, Normal.DEBIT))


def _post(key: str, clearing: int, session: int, amount: int) -> None:
    lines = [Line(f"bench/clearing/{clearing}", amount), Line(f"bench/session/{session}", -amount)]
    ledger.post(region=REGION, key=key, unit=Unit.FEN, lines=lines, kind="bench", about="bench", at=AT, by="system")
