"""Recording: one statement, in the caller's transaction, and what is recorded stays."""

from datetime import UTC, datetime

import pytest
from django.db import DatabaseError, connection, transaction

from bancheng.kernel.audit import public as audit
from bancheng.kernel.audit.models import AuditEvent, AuditWaiting

AT = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def record(**changes):
    audit.record("sockets.started", **{"who": "staff:7", "about": "socket:3", "at": AT, "region": "411002", **changes})


def test_an_event_is_written_with_one_statement(django_assert_num_queries):
    with django_assert_num_queries(1):
        record(detail={"why": "检修"})
    event = AuditEvent.objects.get()
    assert (event.who, event.about, event.at, event.region, event.detail) == (
        "staff:7",
        "socket:3",
        AT,
        "411002",
        {"why": "检修"},
    )
    assert list(AuditWaiting.objects.values_list("event_id", flat=True)) == [event.id]


def test_what_is_rolled_back_was_never_recorded():
    with transaction.atomic():
        record()
        transaction.set_rollback(True)
    assert not AuditEvent.objects.exists()
    assert not AuditWaiting.objects.exists()


def test_many_events_take_one_statement_per_five_thousand(django_assert_num_queries):
    events = [audit.Event("a.b", "staff:1", f"thing:{n}", AT, "411002", {"n": n}) for n in range(5001)]
    with django_assert_num_queries(2):
        audit.record_many(events)
    assert AuditEvent.objects.count() == AuditWaiting.objects.count() == 5001


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE audit_event SET who = 'nobody'",
        "DELETE FROM audit_event",
        "DELETE FROM audit_event_202611",
        "UPDATE audit_event_202611 SET who = 'nobody'",
        "TRUNCATE audit_event",
        "TRUNCATE audit_event_202611",
        "TRUNCATE audit_event_default",
    ],
)
def test_the_database_itself_refuses_to_change_or_remove_what_is_recorded(sql):
    with connection.cursor() as cursor:
        cursor.execute("SELECT audit_open_month('2026-11-01')")
        record()
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            cursor.execute(sql)
    assert AuditEvent.objects.get().who == "staff:7"


@pytest.mark.parametrize("missing", [{"region": ""}, {"region": "41"}, {"who": ""}, {"about": ""}])
def test_an_event_without_region_person_or_subject_is_refused(missing):
    with pytest.raises(DatabaseError), transaction.atomic():
        record(**missing)
