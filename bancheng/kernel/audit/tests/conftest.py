"""Helpers of the audit tests."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from bancheng.kernel.audit import public as audit

AT = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)


@pytest.fixture
def record_some():
    """Return a function that records `count` events and seals them in batches of `batch`."""

    def make(count, *, batch=None, sealed=True):
        batch = batch or count
        for first in range(0, count, batch):
            audit.record_many(
                audit.Event(
                    "sockets.started",
                    f"staff:{n % 3}",
                    f"socket:{n}",
                    AT + timedelta(seconds=n),
                    "411002",
                    {"n": n, "why": "检修"},
                )
                for n in range(first, min(first + batch, count))
            )
            if sealed:
                audit.seal(at=AT + timedelta(hours=1, seconds=first))
        with connection.cursor() as cursor:
            cursor.execute("SELECT id FROM audit_event ORDER BY id")
            return [event for (event,) in cursor.fetchall()]

    return make


@contextmanager
def guards_off() -> Iterator[None]:
    """Be the machine's master: no trigger fires."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        yield
        cursor.execute("SET LOCAL session_replication_role = origin")


@pytest.fixture
def tamper():
    """Return a function that runs SQL with the guards switched off."""

    def run(sql, params=()):
        with guards_off(), connection.cursor() as cursor:
            cursor.execute(sql, params)

    return run
