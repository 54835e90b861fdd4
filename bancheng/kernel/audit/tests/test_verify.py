"""Verification: each kind of tampering by the machine's own master is found and named."""

import random

import pytest
from django.db import connection, transaction

from bancheng.kernel.audit import public as audit
from bancheng.kernel.audit.public import Kind
from bancheng.kernel.audit.tests.conftest import AT, guards_off

pytestmark = pytest.mark.django_db


def found(report):
    return {(fault.kind, fault.batch, fault.event) for fault in report.faults}


def test_an_untouched_record_verifies_and_reports_progress(record_some):
    record_some(30, batch=10)
    audit.record("a.b", who="x", about="y", at=AT, region="411002")
    seen = []
    report = audit.verify(progress=lambda done, total: seen.append((done, total)))
    assert (report.ok, report.batches, report.events, report.waiting, report.faults) == (True, 3, 30, 1, ())
    assert seen == [(1, 3), (2, 3), (3, 3)]
    assert report.as_json()["head"] == str(audit.anchor())


def test_an_empty_record_verifies():
    report = audit.verify()
    assert (report.ok, report.batches, report.head) == (True, 0, None)


@pytest.mark.parametrize(
    "change",
    [
        "who = 'staff:9'",
        "about = 'socket:9'",
        "action = 'sockets.stopped'",
        "region = '411003'",
        "at = at + interval '1 microsecond'",
        "at = at + interval '3 months'",  # moves the row into another partition
        "detail = detail || '{\"n\": 0.5}'",
    ],
)
def test_a_changed_event_is_named(change, record_some, tamper):
    ids = record_some(30, batch=10)
    tamper(f"UPDATE audit_event SET {change} WHERE id = %s", (ids[12],))
    report = audit.verify()
    assert not report.ok
    assert found(report) == {(Kind.CHANGED, 2, ids[12])}
    assert str(ids[12]) in report.faults[0].says.zh
    assert str(ids[12]) in report.faults[0].says.en


def test_a_removed_event_is_named(record_some, tamper):
    ids = record_some(30, batch=10)
    tamper("DELETE FROM audit_event WHERE id = %s", (ids[29],))
    assert found(audit.verify()) == {(Kind.REMOVED, 3, ids[29])}


def test_an_event_slipped_in_is_named(record_some, tamper):
    ids = record_some(10)
    tamper(
        "INSERT INTO audit_event (id, region, at, action, who, about)"
        " VALUES (%s, '411002', '2026-11-02 09:00+08', 'a.b', 'x', 'y')",
        (ids[-1] + 1000,),
    )
    assert found(audit.verify()) == {(Kind.INSERTED, None, ids[-1] + 1000)}


def test_a_second_record_under_a_sealed_number_is_named(record_some, tamper):
    ids = record_some(10)
    tamper(
        "INSERT INTO audit_event (id, region, at, action, who, about)"
        " VALUES (%s, '411002', '2026-11-02 09:00+08', 'a.b', 'x', 'y')",
        (ids[4],),
    )
    assert found(audit.verify()) == {(Kind.INSERTED, 1, ids[4])}


def test_two_events_that_changed_places_are_named(record_some, tamper):
    ids = record_some(10)
    tamper(
        "UPDATE audit_event SET id = CASE id WHEN %s THEN %s::bigint ELSE %s::bigint END WHERE id IN (%s, %s)",
        (ids[2], ids[7], ids[2], ids[2], ids[7]),
    )
    assert found(audit.verify()) == {(Kind.REORDERED, 1, ids[2]), (Kind.REORDERED, 1, ids[7])}


def test_an_event_removed_before_it_was_sealed_is_named_and_does_not_stop_the_others(record_some, tamper):
    ids = record_some(10, sealed=False)
    tamper("DELETE FROM audit_event WHERE id = %s", (ids[0],))
    assert audit.seal(at=AT) == 9
    assert found(audit.verify()) == {(Kind.REMOVED, None, ids[0])}


@pytest.mark.parametrize(
    "change",
    [
        "root = decode(repeat('00', 32), 'hex')",
        "chain = decode(repeat('00', 32), 'hex')",
        "sealed_at = sealed_at + interval '1 second'",
        "ids = ids[2:2] || ids[1:1] || ids[3:]",
    ],
)
def test_a_changed_seal_is_named(change, record_some, tamper):
    record_some(30, batch=10)
    tamper(f"UPDATE audit_batch SET {change} WHERE seq = 2")
    assert (Kind.BATCH_CHANGED, 2, None) in found(audit.verify())


def test_an_event_changed_together_with_its_leaf_breaks_the_root(record_some, tamper):
    ids = record_some(10)
    tamper("UPDATE audit_event SET who = 'staff:9' WHERE id = %s", (ids[0],))
    tamper("UPDATE audit_batch SET leaves = set_byte(leaves, 0, 255 - get_byte(leaves, 0))")
    assert (Kind.BATCH_CHANGED, 1, None) in found(audit.verify())


def test_a_removed_seal_is_named_and_its_events_are_no_longer_sealed(record_some, tamper):
    ids = record_some(30, batch=10)
    tamper("DELETE FROM audit_batch WHERE seq = 2")
    assert found(audit.verify()) == {(Kind.BATCH_REMOVED, 2, None)} | {
        (Kind.INSERTED, None, event) for event in ids[10:20]
    }


def test_seals_in_each_others_place_are_named(record_some, tamper):
    record_some(30, batch=10)
    tamper("UPDATE audit_batch SET seq = seq + 100")
    tamper("UPDATE audit_batch SET seq = CASE seq WHEN 101 THEN 2 WHEN 102 THEN 1 ELSE 3 END")
    kinds = found(audit.verify())
    assert (Kind.CHAIN_BROKEN, 1, None) in kinds
    assert (Kind.BATCH_CHANGED, 2, None) in kinds


def test_a_batch_rewritten_whole_breaks_the_chain_behind_it(record_some, tamper):
    ids = record_some(20, batch=10)
    reseal(1, "who = 'staff:9'", ids[3], tamper)
    assert found(audit.verify()) == {(Kind.CHAIN_BROKEN, 2, None)}


def test_a_published_anchor_finds_even_a_record_rewritten_to_its_end(record_some, tamper):
    """What the database alone cannot show: everything after the forged event was recomputed."""
    ids = record_some(10)
    published = str(audit.anchor())
    assert audit.verify(published=published).ok
    reseal(1, "who = 'staff:9'", ids[3], tamper)
    assert audit.verify().ok
    assert found(audit.verify(published=published)) == {(Kind.ANCHOR_LOST, 1, None)}


def test_a_published_anchor_finds_a_record_cut_off_at_its_end(record_some, tamper):
    record_some(20, batch=10)
    published = str(audit.anchor())
    tamper("DELETE FROM audit_event WHERE id IN (SELECT unnest(ids) FROM audit_batch WHERE seq = 2)")
    tamper("DELETE FROM audit_batch WHERE seq = 2")
    assert audit.verify().ok
    assert found(audit.verify(published=published)) == {(Kind.ANCHOR_LOST, 2, None)}


def reseal(seq, change, event, tamper):
    """Forge one event and seal its batch anew, as a master of the machine could."""
    tamper(f"UPDATE audit_event SET {change} WHERE id = %s", (event,))
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO audit_waiting SELECT unnest(ids) FROM audit_batch WHERE seq = %s", (seq,))
        cursor.execute("SELECT sealed_at FROM audit_batch WHERE seq = %s", (seq,))
        sealed_at = cursor.fetchone()[0]
        cursor.execute("CREATE TEMP TABLE kept ON COMMIT DROP AS SELECT * FROM audit_batch WHERE seq > %s", (seq,))
        with guards_off():
            cursor.execute("DELETE FROM audit_batch WHERE seq >= %s", (seq,))
            audit.seal(at=sealed_at)
            cursor.execute("INSERT INTO audit_batch SELECT * FROM kept")


def test_any_random_tampering_is_found(record_some, tamper):
    """Two hundred random forgeries, each undone by its savepoint: none passes, and the event or seal is named."""
    ids = record_some(40, batch=8)
    chance = random.Random(10)
    for _ in range(200):
        event, other = chance.sample(ids, 2)
        batch = ids.index(event) // 8 + 1
        sql, params, expect = chance.choice(
            [
                ("UPDATE audit_event SET who = who || 'x' WHERE id = %s", (event,), (batch, event)),
                ("UPDATE audit_event SET at = at - interval '1 day' WHERE id = %s", (event,), (batch, event)),
                ("DELETE FROM audit_event WHERE id = %s", (event,), (batch, event)),
                ("UPDATE audit_event SET id = id + 100000 WHERE id = %s", (event,), (batch, event)),
                (
                    "UPDATE audit_event SET about = (SELECT about FROM audit_event WHERE id = %s) WHERE id = %s",
                    (other, event),
                    (batch, event),
                ),
                ("DELETE FROM audit_batch WHERE seq = %s AND seq < 5", (min(batch, 4),), (min(batch, 4), None)),
                (
                    "UPDATE audit_batch SET leaves = set_byte(leaves, 5, 255 - get_byte(leaves, 5)) WHERE seq = %s",
                    (batch,),
                    (batch, None),
                ),
                (
                    "UPDATE audit_batch SET previous = set_byte(previous, 0, 255 - get_byte(previous, 0))"
                    " WHERE seq = %s",
                    (batch,),
                    (batch, None),
                ),
            ]
        )
        mark = transaction.savepoint()
        tamper(sql, params)
        report = audit.verify()
        assert not report.ok, sql
        assert expect in {(fault.batch, fault.event) for fault in report.faults}, (sql, params, report.faults)
        transaction.savepoint_rollback(mark)
    assert audit.verify().ok
