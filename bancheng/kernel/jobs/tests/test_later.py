"""Promising: in the transaction, keyed, quick."""

from datetime import datetime

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from bancheng.kernel.audit import public as audit
from bancheng.kernel.audit import testing as audit_testing
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.jobs import public as jobs
from bancheng.kernel.jobs import registry, testing

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 2, 9, tzinfo=clocks.SHANGHAI)
SEEN: list[dict] = []


@pytest.fixture(autouse=True)
def _known_jobs(monkeypatch):
    monkeypatch.setattr(registry, "SPECS", {})
    SEEN.clear()

    @jobs.job("tests.note", queue="quick")
    def note(**args):
        SEEN.append(args)


def test_a_promise_is_one_statement_and_holds_name_queue_and_arguments(django_assert_num_queries):
    with django_assert_num_queries(1):
        jobs.later("tests.note", licence="许A", days=3)
    assert testing.promised() == [("tests.note", {"licence": "许A", "days": 3})]


def test_a_promise_rolled_back_leaves_no_job():
    with transaction.atomic():
        jobs.later("tests.note", n=1)
        jobs.later("tests.note", key="k", n=1)
        jobs.later_many("tests.note", [{"n": 1}])
        transaction.set_rollback(True)
    assert testing.promised() == []


def test_a_waiting_job_of_the_same_key_makes_a_second_promise_a_no_op_and_spoils_nothing(django_assert_num_queries):
    jobs.later("tests.note", key="k", n=1)
    with django_assert_num_queries(1):
        jobs.later("tests.note", key="k", n=2)
    jobs.later("tests.note", key="other", n=3)
    assert [args["n"] for _, args in testing.promised()] == [1, 3]


def test_a_job_that_has_started_no_longer_stands_for_new_promises():
    jobs.later("tests.note", key="k", n=1)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing'")
    jobs.later("tests.note", key="k", n=2)
    assert [args["n"] for _, args in testing.promised()] == [2]


def test_many_promises_take_one_statement_per_five_thousand_and_count_the_new(django_assert_num_queries):
    jobs.later("tests.note", key="k1", n=0)
    with django_assert_num_queries(4):  # savepoint, two chunks, release
        made = jobs.later_many("tests.note", ({"key": f"k{n}", "n": n} for n in range(1, 5002)))
    assert made == 5000
    assert jobs.later_many("tests.note", [{"n": 1}, {"n": 1}]) == 2


def test_what_is_promised_in_an_act_is_one_statement_at_its_end_in_the_order_of_the_keys(django_assert_num_queries):
    with django_assert_num_queries(5), jobs.act():  # two savepoints, and one statement
        jobs.later("tests.note", key="b", n=1)
        with jobs.act():
            jobs.later("tests.note", n=2)
            jobs.later("tests.note", key="a", n=3)
            jobs.later("tests.note", key="b", n=4)
        with connection.execute_wrapper(_nothing):
            jobs.later("tests.note", n=5)
    assert [args["n"] for _, args in testing.promised()] == [2, 5, 3, 1]


def _nothing(*_args):
    raise AssertionError("a statement before the end")


def test_of_what_is_undone_within_nothing_is_promised():
    with jobs.act():
        jobs.later("tests.note", key="k", n=1)
        with pytest.raises(KeyError):
            _undone(n=2)
    with pytest.raises(KeyError):
        _undone(n=3)
    assert testing.promised() == [("tests.note", {"n": 1})]


def _undone(n):
    with jobs.act():
        jobs.later("tests.note", key="other", n=n)
        raise KeyError


def test_an_act_writes_its_audit_and_then_its_promises_last_by_one_statement_each():
    with CaptureQueriesContext(connection) as asked, jobs.act():
        for n in (1, 2):
            jobs.later("tests.note", key=f"k{n}", n=n)
            audit.record("tests.noted", who="staff:7", about=f"note:{n}", at=AT, region="411000")
            with connection.cursor() as cursor:
                cursor.execute("SELECT 'what may lock'")
    begun, *within, audited, promised, over = (row["sql"] for row in asked)
    assert begun.startswith("SAVEPOINT")
    assert over.startswith("RELEASE")
    assert within == ["SELECT 'what may lock'"] * 2
    assert "audit_event" in audited
    assert "INSERT INTO procrastinate_jobs" in promised
    assert [args["n"] for _, args in testing.promised()] == [1, 2]
    assert [event.about for event in audit_testing.recorded("tests.noted")] == ["note:1", "note:2"]


def test_a_misspelt_job_is_found_when_it_is_promised():
    with pytest.raises(jobs.UnknownJob):
        jobs.later("tests.nope")


def test_arguments_that_are_not_json_are_refused():
    with pytest.raises(TypeError):
        jobs.later("tests.note", day=object())


def test_running_all_does_what_is_promised_and_what_that_promises():
    @jobs.job("tests.first")
    def first(n):
        jobs.later("tests.note", key="k", n=n + 1)

    jobs.later("tests.first", n=1)
    assert testing.run_all() == 2
    assert SEEN == [{"n": 2}]
    assert testing.promised() == []


def test_two_functions_cannot_claim_one_name():
    with pytest.raises(ValueError, match=r"tests\.note"):

        @jobs.job("tests.note")
        def other():
            pass
