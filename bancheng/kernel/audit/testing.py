"""For tests of other parts: what was recorded, and a clean slate after tests with real commits."""

from django.db import connection

from bancheng.kernel.audit.operations import Event
from bancheng.kernel.audit.queries import search


def recorded(action: str = "") -> list[Event]:
    """Return what was recorded, oldest first; of one action only, when given."""
    return search(action=action, limit=10_000)[::-1]


def wipe() -> None:
    """Remove everything, guards or not (the audit tables are not Django's to flush)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'audit_event'::regclass")
        tables = ["audit_event", "audit_batch", *(name for (name,) in cursor.fetchall())]
        for table in tables:
            cursor.execute(f"GRANT TRUNCATE ON {table} TO CURRENT_USER")
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute("TRUNCATE audit_event, audit_batch, audit_waiting")
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
            cursor.execute(f"REVOKE TRUNCATE ON {table} FROM CURRENT_USER")
