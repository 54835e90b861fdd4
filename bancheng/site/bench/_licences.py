"""Licences of a bench's own: never beside others, and none left behind."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

TABLES = (
    "licences_licence, expiry_watch, expiry_window, expiry_batch, expiry_inspection, "
    "notices_message, procrastinate_jobs"
)


@contextmanager
def own_licences() -> Iterator[None]:
    """Refuse a database that holds licences; empty their tables at the end."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM licences_licence)")
        if cursor.fetchone()[0]:
            raise RuntimeError("there are licences in this database; a bench empties the tables and needs its own")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"TRUNCATE {TABLES} CASCADE")
