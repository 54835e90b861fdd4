"""For tests of other parts: what was promised, doing it at once, and doing several things at the same moment."""

import json
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from typing import Any

from django.db import connection, transaction

from bancheng.kernel.jobs import registry
from bancheng.lib.refusal import Refused


def promised(name: str | None = None) -> list[tuple[str, Mapping[str, Any]]]:
    """Return (name, arguments) of every job that waits, oldest first; of one name only, when given."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT task_name, args FROM procrastinate_jobs"
            " WHERE status = 'todo' AND (%s::text IS NULL OR task_name = %s) ORDER BY id",
            (name, name),
        )
        return _rows(cursor.fetchall())


def run_all(*, name: str | None = None, limit: int = 1000) -> int:
    """Do what is due (of one name only, when given) in this process and transaction, with what it promises in turn; return how many ran.

    A job that raises raises here, and stays waiting. More than `limit` jobs: something promises itself for ever.
    """
    done = 0
    while (taken := _take(name)) is not None:
        if done == limit:
            raise AssertionError(f"more than {limit} jobs: does {taken[0]} promise itself again?")
        what, args = taken
        registry.spec(what).function(**args)
        done += 1
    return done


def together(*works: Callable[[], Any]) -> list[Any]:
    """Begin all `works` at one moment, each in a thread and on a connection of its own; return what each returned, raise what any raised."""
    gate = Barrier(len(works))

    def one(work: Callable[[], Any]) -> Any:
        try:
            gate.wait(20)
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as threads:
        begun = [threads.submit(one, work) for work in works]
    return [each.result() for each in begun]


def contend(*works: Callable[[], Any]) -> list[Any]:
    """Do the same where some are to be refused: the code of its refusal stands for what such a one returned."""

    def asked(work: Callable[[], Any]) -> Any:
        try:
            return work()
        except Refused as no:
            return no.code

    return together(*(partial(asked, work) for work in works))


def wipe() -> None:
    """Remove every job (after tests with real commits: the queue's tables are not Django's to flush)."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs, procrastinate_workers CASCADE")


def _take(name: str | None) -> tuple[str, Mapping[str, Any]] | None:
    with transaction.atomic(), connection.cursor() as cursor:
        # deleted before it runs, like a started job: it may promise its own key again
        cursor.execute(
            "DELETE FROM procrastinate_jobs WHERE id = (SELECT id FROM procrastinate_jobs WHERE status = 'todo'"
            " AND scheduled_at IS NULL AND (%s::text IS NULL OR task_name = %s)"
            " ORDER BY priority DESC, id LIMIT 1) RETURNING task_name, args",
            (name, name),
        )
        rows = _rows(cursor.fetchall())
    return rows[0] if rows else None


def _rows(rows: list[tuple[str, Any]]) -> list[tuple[str, Mapping[str, Any]]]:
    return [(name, json.loads(args) if isinstance(args, str) else args) for name, args in rows]
