"""Promising work.

A job is a row of procrastinate's table, inserted on Django's own connection, so it is there exactly when the business
transaction commits. Why a statement of ours and not `task.defer()`: its AlreadyEnqueued aborts the transaction around
it, while ON CONFLICT is a quiet no-op.

**A keyed promise is never lost.** A waiting job of the same key makes a promise a no-op, which is only right if that
job has not started when the promise commits: started earlier it would not see what the transaction wrote. So a keyed
promise holds a shared lock until its transaction ends, and a worker that has taken a keyed job waits for those who
came before (`wait_for_promises`) and only then begins. Those who come later find it started and insert their own.

**A keyed promise comes last.** It waits for whoever has just promised the same and has not committed; who then wants a lock that
the waiting one holds has made a deadlock. Whoever locks rows makes his promises within `act` (or `together`): they are written at its end.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from typing import Any, NamedTuple

from django.db import connection, transaction

from bancheng.kernel.audit import public as audit
from bancheng.kernel.jobs import registry
from bancheng.lib.gathering import Gathering

KEY_LOCK = 0x6A6F6273  # "jobs": our class of advisory locks; the queue is one table on one node, so they are sound here
SLOTS = 256  # keys share this many locks, so a batch with thousands of keys does not fill the lock table
MANY = 1000  # from here on the planner must hear of the new rows: unanalysed, each fetch takes 11 ms, not 0.2

# OFFSET 0 keeps the locks in the subquery, so that each is held before its row is tried
PROMISE = f"""
INSERT INTO procrastinate_jobs (queue_name, task_name, queueing_lock, args)
SELECT queue, name, key, args::jsonb FROM (
    SELECT queue, name, key, args,
        CASE WHEN key IS NOT NULL THEN pg_advisory_xact_lock_shared({KEY_LOCK}, hashtext(key) & {SLOTS - 1}) END
    FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[]) AS promised (queue, name, key, args) OFFSET 0
) AS held
ON CONFLICT (queueing_lock) WHERE status = 'todo' DO NOTHING
"""

TAKE = "DELETE FROM procrastinate_jobs WHERE status = 'todo' AND task_name = ANY(%s) RETURNING id, task_name, args"


class Promise(NamedTuple):
    """A job to be: queue, name, key, and its arguments as JSON."""

    queue: str
    name: str
    key: str | None
    args: str


@contextmanager
def act() -> Iterator[None]:
    """Do what is done of one piece in one transaction: its audit and its promises are written last, where nothing is locked any more.

    Promises are written by one statement, in the order of their keys; of an act within another, at the other's end; of one that ends by an
    exception, never. What may be rolled back to a savepoint and gone on from is an act of its own.
    """
    with transaction.atomic(), _gathering.together(), audit.together():
        yield


def _write(promises: Iterable[Promise]) -> int:
    """Write promises; return how many jobs are new. Keyed ones in one order: who promises the same two never waits crosswise."""
    ordered = sorted(promises, key=lambda each: each.key or "")
    with connection.cursor() as cursor:
        cursor.execute(PROMISE, [list(column) for column in zip(*ordered, strict=True)])
        return int(cursor.rowcount)


_gathering = Gathering("promises", _write)


def later(name: str, /, *, key: str | None = None, **args: Any) -> None:
    """Promise work in the current transaction: committed with it, gone with it.

    While a job of the same `key` waits to start, another promise of it is a no-op. There is no "at": what is due
    later is found by a scan of a date column on its day; jobs of the far future slow every fetch (200,000: 202 ms).
    Raises UnknownJob for a name without a function, TypeError for arguments that are not JSON.
    """
    promise = Promise(registry.spec(name).queue, name, key, json.dumps(args))
    if (waiting := _gathering.waiting) is not None:
        waiting.append(promise)
    else:
        _write([promise])


def later_many(name: str, /, jobs: Iterable[Mapping[str, Any]]) -> int:
    """Promise one job per mapping of arguments (`key` among them is the job's key); return how many are new.

    At once, within `together` too. For some thousand jobs at most: bulk work is one job for a batch of rows, never one job per row.
    """
    queue = registry.spec(name).queue
    promises = (Promise(queue, name, args.get("key"), json.dumps(_without_key(args))) for args in jobs)
    made = 0
    with transaction.atomic():
        while chunk := list(islice(promises, 5000)):
            made += _write(chunk)
    if made > MANY:
        transaction.on_commit(_analyse, robust=True)
    return made


def _without_key(args: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in args.items() if name != "key"}


def take(*names: str) -> list[tuple[str, Mapping[str, Any]]]:
    """Take the waiting jobs of these names off the queue, the first one first, for a caller that does them itself at once.

    For a process that is the only one at work, such as a replay. One that dies before it has done them has lost them: what it does must be found
    undone when it is done again.
    """
    with connection.cursor() as cursor:
        cursor.execute(TAKE, (list(names),))
        rows = sorted(cursor.fetchall())
    return [(name, json.loads(args) if isinstance(args, str) else args) for _, name, args in rows]


def _analyse() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE procrastinate_jobs")


def wait_for_promises(key: str) -> None:
    """Wait until every transaction that promised `key` before now has ended. Outside a transaction it holds nothing."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_advisory_xact_lock({KEY_LOCK}, hashtext(%s) & {SLOTS - 1})", (key,))
