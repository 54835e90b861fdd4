"""Real workers, killed and stopped for real."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.db import connection, transaction

from bancheng.kernel.jobs import public as jobs
from bancheng.kernel.jobs import registry, testing
from bancheng.kernel.jobs.models import Failure
from bancheng.kernel.jobs.tests import work

pytestmark = [pytest.mark.fault, pytest.mark.django_db(transaction=True)]
ROOT = Path(__file__).resolve().parents[4]


def sql(statement, params=None):
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return cursor.fetchall() if cursor.description else []


def until(done, *, seconds=40):
    """Wait until `done()` is true, and say what the database held if it never is."""
    end = time.monotonic() + seconds
    while not done():
        if time.monotonic() > end:
            raise AssertionError(
                f"jobs {sql('SELECT task_name, status, attempts FROM procrastinate_jobs')}"
                f" begun {sql('SELECT * FROM jobs_tests_begun')}"
            )
        time.sleep(0.05)


def count(table):
    return sql(f"SELECT count(*) FROM {table}")[0][0]


def queue_empty():
    return count("procrastinate_jobs") == 0


@pytest.fixture(autouse=True)
def _clean(monkeypatch):
    monkeypatch.setattr(registry, "SPECS", dict(registry.SPECS))
    sql(work.SCRATCH)
    work.register()
    yield
    sql("DROP TABLE jobs_tests_begun, jobs_tests_effect")


@pytest.fixture
def start(tmp_path):
    """Return a function that starts a worker process; all are gone when the test ends."""
    started = []
    name = connection.settings_dict["NAME"]
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()

    def begin(**more):
        log = (tmp_path / f"worker-{len(started)}.log").open("w")
        env = {**os.environ, "DATABASE_URL": url, "PYTHONPATH": str(ROOT), **more}
        command = [sys.executable, "-m", "bancheng.kernel.jobs.tests.work"]
        process = subprocess.Popen(command, env=env, stdout=log, stderr=log, cwd=ROOT)
        log.close()
        process.log = Path(log.name)
        started.append(process)
        return process

    yield begin
    for process in started:
        process.kill()
        process.wait()


def test_jobs_of_a_killed_worker_are_done_by_another_and_take_effect_once(start):
    for n in range(6):
        jobs.later("tests.effect", name=f"e{n}", seconds=60 if n < 3 else 0)
    first = start()
    until(lambda: count("jobs_tests_begun") == 3)
    start()
    until(lambda: count("jobs_tests_effect") == 3)  # the other one lives and has swept already: nothing was stalled
    first.kill()
    first.wait()
    until(queue_empty)
    assert count("jobs_tests_effect") == 6
    assert count("jobs_tests_begun") == 9  # the three that were killed were begun twice


def test_a_stopped_worker_finishes_what_it_has_begun_and_leaves_the_rest_waiting(start):
    for n in range(4):
        jobs.later("tests.effect", name=f"e{n}", seconds=1.5)
    worker = start()
    until(lambda: count("jobs_tests_begun") == 3)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(timeout=20) == 0, worker.log.read_text()
    assert count("jobs_tests_effect") == 3
    assert [args["name"] for _, args in testing.promised()] == ["e3"]
    assert count("procrastinate_workers") == 0


def test_a_promise_rolled_back_is_never_worked(start):
    with transaction.atomic():
        jobs.later("tests.effect", name="rolled back")
        transaction.set_rollback(True)
    jobs.later("tests.effect", name="kept")
    start()
    until(queue_empty)
    assert sql("SELECT name FROM jobs_tests_effect") == [("kept",)]


def test_a_failing_job_is_tried_again_then_kept_for_a_person_and_logged_by_number_without_its_arguments(start):
    jobs.later("tests.broken", name="秘密")
    worker = start()
    until(lambda: jobs.status().failed == 1)
    failed = jobs.status().failures[0]
    assert failed.error.startswith("ValueError at kernel/jobs/tests/work.py:")
    assert list(Failure.objects.order_by("attempt").values_list("attempt", "final")) == [(1, False), (2, True)]
    log = worker.log.read_text()
    assert log.count(f"job {failed.id} (tests.broken) failed") == 2
    assert "tests.broken[" not in log  # procrastinate's own lines, with the arguments


def test_a_job_whose_like_was_promised_while_it_ran_gives_way_to_it_when_it_fails(start):
    jobs.later("tests.twin", key="twin", name="t")
    worker = start(TESTS_CONCURRENCY="1")  # the like waits until the first has failed
    until(queue_empty)
    assert sql("SELECT name FROM jobs_tests_effect") == [("t",)]
    assert count("jobs_tests_begun") == 3  # the failing one, its like, and the effect the like calls
    assert worker.poll() is None


def test_a_worker_that_loses_its_database_begins_anew(start):
    jobs.later("tests.effect", name="before")
    worker = start()
    until(queue_empty)
    sql(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    jobs.later("tests.effect", name="after")
    until(queue_empty)
    assert count("jobs_tests_effect") == 2
    assert worker.poll() is None


def test_two_workers_run_the_schedule_once_a_second_between_them(start):
    start(TESTS_TICK="1")
    start(TESTS_TICK="1")
    until(lambda: count("jobs_tests_begun") >= 1)
    begun, since = count("jobs_tests_begun"), time.monotonic()
    time.sleep(3)
    more, seconds = count("jobs_tests_begun") - begun, time.monotonic() - since
    assert 1 <= more <= seconds + 1
