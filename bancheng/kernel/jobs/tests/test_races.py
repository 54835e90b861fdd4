"""Promises and schedules with real commits on several connections."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction

from bancheng.kernel.jobs import operations, registry, testing
from bancheng.kernel.jobs import public as jobs
from bancheng.kernel.jobs.scheduler import Scheduler

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
AT = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _registry(monkeypatch):
    monkeypatch.setattr(registry, "SPECS", {})
    monkeypatch.setattr(registry, "SCHEDULE", {})
    jobs.job("tests.note")(lambda **args: None)


def test_a_keyed_job_begins_only_when_every_promise_it_stands_for_has_committed():
    """Taken earlier, it would miss what the second transaction wrote, and nothing would ever do it."""
    jobs.later("tests.note", key="k", n=1)
    promised, taken = threading.Event(), threading.Event()
    order = []

    def second():
        with transaction.atomic():
            jobs.later("tests.note", key="k", n=2)  # a no-op: the first one waits
            promised.set()
            assert taken.wait(20)
            threading.Event().wait(0.3)
            order.append("committing")

    def worker():
        assert promised.wait(20)
        with connection.cursor() as cursor:
            cursor.execute("UPDATE procrastinate_jobs SET status = 'doing'")
        taken.set()
        operations.wait_for_promises("k")
        order.append("begins")

    testing.together(second, worker)
    assert order == ["committing", "begins"]
    assert testing.promised() == []


def test_a_keyed_job_that_is_about_to_begin_does_not_starve_nor_stop_new_promises():
    jobs.later("tests.note", key="k", n=0)
    done = threading.Event()
    waits = []

    def promisers():
        while not done.is_set():
            with transaction.atomic():
                jobs.later("tests.note", key="k", n=1)

    def worker():
        try:
            for _ in range(50):
                operations.wait_for_promises("k")
                waits.append(1)
        finally:
            done.set()

    testing.together(promisers, promisers, promisers, worker)
    assert len(waits) == 50
    assert len(testing.promised()) == 1


def test_eight_people_promise_one_key_and_one_job_waits():
    start = threading.Barrier(8)

    def promise():
        start.wait(20)
        for _ in range(20):
            with transaction.atomic():
                jobs.later("tests.note", key="k")

    testing.together(*[promise] * 8)
    assert len(testing.promised()) == 1


def test_a_promise_of_the_same_key_survives_the_others_rollback():
    promised, waiting = threading.Event(), threading.Event()

    def rolled_back():
        with transaction.atomic():
            jobs.later("tests.note", key="k", n=1)
            promised.set()
            waiting.wait(0.5)
            transaction.set_rollback(True)

    def kept():
        assert promised.wait(20)
        jobs.later("tests.note", key="k", n=2)
        waiting.set()

    testing.together(rolled_back, kept)
    assert testing.promised() == [("tests.note", {"n": 2})]


def test_eight_workers_promise_a_due_job_once():
    jobs.schedule("tests.note", "* * * * *")
    Scheduler().tick(at=AT)
    start = threading.Barrier(8)
    promised = []

    def tick():
        scheduler = Scheduler()
        start.wait(20)
        for minute in range(1, 11):
            promised.extend(scheduler.tick(at=AT + timedelta(minutes=minute)))

    testing.together(*[tick] * 8)
    assert len(promised) == 10
    assert len(testing.promised()) == 1  # nobody worked: the later ones found it waiting


def test_after_a_large_batch_the_planner_knows_of_it():
    with transaction.atomic():
        jobs.later_many("tests.note", ({"n": n} for n in range(1500)))
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples FROM pg_class WHERE relname = 'procrastinate_jobs'")
        assert cursor.fetchone()[0] >= 1500
