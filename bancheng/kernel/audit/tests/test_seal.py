"""Sealing: all that is committed, once, in order of id; quick."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from bancheng.kernel.audit import public as audit
from bancheng.kernel.audit import rules
from bancheng.kernel.audit.operations import microseconds
from bancheng.kernel.audit.tests.conftest import AT

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@pytest.mark.django_db
def test_everything_that_waits_is_sealed_once(record_some):
    record_some(25, sealed=False)
    assert audit.seal(at=AT) == 25
    assert audit.seal(at=AT) == 0
    state = audit.seal_state()
    assert (state.sealed, state.waiting, state.head.seq) == (25, 0, 1)
    assert audit.verify().ok


@pytest.mark.django_db
def test_a_batch_is_sealed_with_few_statements_whatever_its_size(record_some, django_assert_max_num_queries):
    record_some(500, sealed=False)
    with django_assert_max_num_queries(14):  # a batch of seven, and an empty look behind it
        audit.seal(at=AT)


@pytest.mark.django_db
def test_more_than_a_batch_becomes_several(record_some, monkeypatch):
    monkeypatch.setattr("bancheng.kernel.audit.operations.BATCH", 10)
    record_some(25, sealed=False)
    assert audit.seal(at=AT) == 25
    report = audit.verify()
    assert (report.ok, report.batches, report.events) == (True, 3, 25)


@pytest.mark.django_db
@pytest.mark.parametrize("sql", ["UPDATE audit_batch SET count = 1", "DELETE FROM audit_batch", "TRUNCATE audit_batch"])
def test_the_database_itself_refuses_to_change_a_seal(sql, record_some):
    record_some(3)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.mark.django_db
def test_an_event_outside_every_opened_month_is_kept_and_sealed():
    audit.record("a.b", who="x", about="y", at=datetime(1999, 1, 1, tzinfo=UTC), region="411002")
    assert audit.seal(at=AT) == 1
    assert audit.verify().ok


@pytest.mark.django_db
def test_months_are_opened_once_and_over_the_turn_of_the_year():
    first = datetime(2031, 11, 5, tzinfo=UTC).date()
    last = datetime(2032, 2, 1, tzinfo=UTC).date()
    assert audit.open_months(first=first, last=last) == 4
    assert audit.open_months(first=first, last=last) == 0
    # the last instant of January in Shanghai
    at = datetime(2032, 1, 31, 15, 59, 59, tzinfo=UTC)
    audit.record("a.b", who="x", about="y", at=at, region="411002")
    with connection.cursor() as cursor:
        cursor.execute("SELECT tableoid::regclass::text FROM audit_event")
        assert cursor.fetchone()[0] == "audit_event_203201"


@pytest.mark.django_db
def test_a_month_whose_events_stand_in_the_default_partition_stays_there():
    at = datetime(2041, 3, 5, tzinfo=UTC)
    audit.record("a.b", who="x", about="y", at=at, region="411002")
    assert audit.open_months(first=at.date(), last=at.date()) == 0


@pytest.mark.django_db
def test_a_timeline_is_told_in_order_and_a_search_newest_first(record_some):
    for n in range(3):
        audit.record("case.moved", who="staff:1", about="case:1", at=AT + timedelta(days=n), region="411002")
    audit.record("case.moved", who="staff:2", about="case:2", at=AT, region="411002")
    assert [event.at for event in audit.timeline("case:1", limit=2)] == [AT + timedelta(days=n) for n in (1, 2)]
    assert [event.about for event in audit.search(action="case.", who="staff:2")] == ["case:2"]
    newest = audit.search(action="case.moved", limit=2)
    assert [event.about for event in newest] == ["case:2", "case:1"]
    assert len(audit.search(below=newest[-1].id)) == 2
    assert len(audit.search(since=AT + timedelta(days=1), before=AT + timedelta(days=2))) == 1


def test_labels_are_shown_in_both_languages_and_unknown_actions_by_their_code():
    assert audit.label("jobs.retried").zh == "重新执行任务"
    assert audit.label("tests.unknown").en == "tests.unknown"


@given(st.integers(0, 130 * 365 * 86_400_000_000).map(lambda us: EPOCH + timedelta(microseconds=us)))
def test_microseconds_are_exact(at):
    """The float of timestamp() loses the last digit in years to come; the hash must not."""
    assert microseconds(at) == (at - EPOCH) // timedelta(microseconds=1)


@given(st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=40), st.data())
def test_a_root_changes_with_any_leaf_and_any_order(leaves, data):
    root = rules.root(leaves)
    at = data.draw(st.integers(0, len(leaves) - 1))
    changed = [*leaves[:at], bytes(32) if leaves[at] != bytes(32) else bytes([1] * 32), *leaves[at + 1 :]]
    assert rules.root(changed) != root
    assert rules.root([*leaves, leaves[-1]]) != root  # an odd node moves up, it is not doubled
    turned = leaves[::-1]
    assert turned == leaves or rules.root(turned) != root
