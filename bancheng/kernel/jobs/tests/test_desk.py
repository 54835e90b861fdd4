"""The operator's view: lag, failures, retry and discard; the schedule and the sweeper."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from bancheng.kernel.audit import testing as audit_testing
from bancheng.kernel.jobs import public as jobs
from bancheng.kernel.jobs import registry, sweeper, testing
from bancheng.kernel.jobs.models import Failure, Scheduled
from bancheng.kernel.jobs.scheduler import Scheduler
from bancheng.lib.refusal import Refused

AT = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _known_jobs(monkeypatch):
    monkeypatch.setattr(registry, "SPECS", {})
    monkeypatch.setattr(registry, "SCHEDULE", {})

    @jobs.job("tests.note", attempts=3)
    def note(**args):
        pass


def sql(statement, params=()):
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return cursor.fetchall() if cursor.description else []


def doing(*, worker=None, attempts=0):
    """Let every waiting job be one that a worker has taken."""
    sql("UPDATE procrastinate_jobs SET status = 'doing', attempts = %s, worker_id = %s", (attempts, worker))


def worker(*, silent=0):
    return sql(
        "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - make_interval(secs => %s)) RETURNING id",
        (silent,),
    )[0][0]


def failed(**args):
    jobs.later("tests.note", **args)
    job_id = sql("UPDATE procrastinate_jobs SET status = 'failed', attempts = 3 WHERE status = 'todo' RETURNING id")[0][
        0
    ]
    Failure.objects.create(job_id=job_id, name="tests.note", attempt=3, final=True, error="Unavailable: x", at=AT)
    return job_id


def test_an_empty_queue_has_no_lag():
    status = jobs.status()
    assert (status.waiting, status.doing, status.failed, status.oldest_wait_seconds, status.failures) == (
        0,
        0,
        0,
        0.0,
        (),
    )


def test_the_status_tells_lag_failures_and_workers():
    job_id = failed(n=1)
    jobs.later("tests.note", n=2)
    sql("UPDATE procrastinate_events SET at = at - interval '90 seconds'")
    busy = worker(silent=5)
    jobs.later("tests.note", n=3)
    sql("UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s WHERE args = '{\"n\": 3}'", (busy,))
    status = jobs.status()
    assert (status.waiting, status.doing, status.failed) == (1, 1, 1)
    assert 90 <= status.oldest_wait_seconds < 120
    assert (status.failures[0].id, status.failures[0].error) == (job_id, "Unavailable: x")
    assert status.workers[0].doing == 1
    assert 5 <= status.workers[0].silent_seconds < 30


def test_a_job_waiting_for_a_later_try_is_no_lag():
    jobs.later("tests.note")
    sql("UPDATE procrastinate_jobs SET scheduled_at = now() + interval '1 minute'")
    status = jobs.status()
    assert (status.waiting, status.retrying, status.oldest_wait_seconds) == (1, 1, 0.0)


def test_a_failed_job_is_tried_anew_with_all_its_attempts_and_audited():
    job_id = failed(key="k", n=1)
    jobs.retry(job_id, by="staff:7", at=AT)
    assert testing.promised() == [("tests.note", {"n": 1})]
    assert sql("SELECT attempts FROM procrastinate_jobs") == [(0,)]
    event = audit_testing.recorded("jobs.retried")[0]
    assert (event.who, event.about, event.detail) == ("staff:7", f"job:{job_id}", {"name": "tests.note"})


def test_a_failed_job_is_given_up_and_audited():
    job_id = failed(n=1)
    jobs.discard(job_id, by="staff:7", at=AT)
    assert jobs.status().failed == 0
    assert audit_testing.recorded("jobs.discarded")[0].about == f"job:{job_id}"


@pytest.mark.parametrize("operation", [jobs.retry, jobs.discard])
def test_a_job_that_has_not_failed_is_refused_and_nothing_is_written(operation):
    jobs.later("tests.note", n=1)
    job_id = sql("SELECT id FROM procrastinate_jobs")[0][0]
    with pytest.raises(Refused, match="job_not_failed"):
        operation(job_id, by="staff:7", at=AT)
    assert len(testing.promised()) == 1
    assert audit_testing.recorded() == []


def test_a_failed_job_whose_like_is_waiting_is_not_put_beside_it():
    job_id = failed(key="k", n=1)
    jobs.later("tests.note", key="k", n=2)
    with pytest.raises(Refused):
        jobs.retry(job_id, by="staff:7", at=AT)
    assert [args["n"] for _, args in testing.promised()] == [2]


@pytest.mark.parametrize("silent", [31, 3600])
def test_the_jobs_of_a_silent_worker_are_taken_up_again(silent):
    jobs.later("tests.note", n=1)
    doing(worker=worker(silent=silent))
    assert sweeper.sweep(at=AT) == 1
    assert testing.promised() == [("tests.note", {"n": 1})]
    assert sql("SELECT attempts FROM procrastinate_jobs") == [(1,)]


def test_the_jobs_of_a_worker_that_is_gone_are_taken_up_again():
    jobs.later("tests.note", n=1)
    doing()
    assert sweeper.sweep(at=AT) == 1


def test_the_jobs_of_a_living_worker_are_left_alone():
    jobs.later("tests.note", n=1)
    doing(worker=worker(silent=20))
    assert sweeper.sweep(at=AT) == 0
    assert testing.promised() == []


def test_a_job_that_keeps_killing_its_worker_is_failed_for_a_person_to_see():
    jobs.later("tests.note", n=1)
    doing(attempts=2)
    assert sweeper.sweep(at=AT) == 0
    assert [job.error for job in jobs.status().failures] == ["WorkerDied"]


def test_of_jobs_with_one_key_only_one_comes_back():
    for n in range(3):  # two died running, one waits
        jobs.later("tests.note", key="k", n=n)
        if n < 2:
            doing()
    sweeper.sweep(at=AT)
    assert [args["n"] for _, args in testing.promised()] == [2]
    assert sql("SELECT count(*) FROM procrastinate_jobs") == [(1,)]
    doing()
    jobs.later("tests.note", key="k", n=3)
    doing()
    assert sweeper.sweep(at=AT) == 1
    assert len(testing.promised()) == 1


def test_finished_jobs_go_after_three_days_and_failed_ones_stay():
    failed(n=1)
    jobs.later("tests.note", n=2)
    sql("UPDATE procrastinate_jobs SET status = 'cancelled' WHERE status = 'todo'")
    sweeper.remove_old(before=AT)
    assert sql("SELECT count(*) FROM procrastinate_jobs") == [(2,)]
    sql("UPDATE procrastinate_events SET at = at - interval '73 hours'")
    sweeper.remove_old(before=AT + timedelta(days=1))
    assert sql("SELECT args FROM procrastinate_jobs WHERE status = 'failed'")
    assert sql("SELECT count(*) FROM procrastinate_jobs") == [(1,)]
    assert not Failure.objects.exists()


def tick(at):
    return Scheduler().tick(at=at)


def test_a_schedule_seen_for_the_first_time_begins_with_its_next_instant():
    jobs.schedule("tests.note", "0 2 * * *")
    assert tick(AT) == []
    assert tick(AT + timedelta(hours=1)) == []
    assert tick(AT + timedelta(days=1)) == ["tests.note"]
    assert testing.promised() == [("tests.note", {})]


def test_a_due_instant_is_promised_once_and_a_quiet_second_costs_no_statement(django_assert_num_queries):
    jobs.schedule("tests.note", "* * * * *")
    tick(AT)
    scheduler = Scheduler()
    assert scheduler.tick(at=AT + timedelta(minutes=1)) == ["tests.note"]
    with django_assert_num_queries(0):
        assert scheduler.tick(at=AT + timedelta(minutes=1, seconds=59)) == []
    assert tick(AT + timedelta(minutes=1, seconds=59)) == []  # another worker


def test_what_was_missed_during_an_outage_is_promised_once():
    jobs.schedule("tests.note", "0 2 * * *")
    tick(AT)
    assert tick(AT + timedelta(days=9)) == ["tests.note"]
    assert len(testing.promised()) == 1
    assert Scheduled.objects.get().last_at == datetime(2026, 12, 1, 18, 0, tzinfo=UTC)


def test_a_clock_that_was_set_back_does_not_silence_the_schedule():
    jobs.schedule("tests.note", "0 2 * * *")
    tick(AT + timedelta(days=30))
    assert tick(AT) == ["tests.note"]
    assert tick(AT) == []


def test_a_clock_corrected_by_a_second_promises_nothing_twice():
    jobs.schedule("tests.note", "0 9 * * *")
    tick(AT)
    assert tick(AT - timedelta(seconds=1)) == []


def test_a_scheduled_job_can_be_run_now_and_is_audited():
    jobs.schedule("tests.note", "0 2 * * *")
    jobs.run_now("tests.note", by="staff:7", at=AT)
    assert testing.promised() == [("tests.note", {})]
    assert audit_testing.recorded("jobs.run_now")[0].about == "schedule:tests.note"
    with pytest.raises(Refused):
        jobs.run_now("tests.nope", by="staff:7", at=AT)
    assert [(row.name, row.last_at) for row in jobs.schedule_state()] == [("tests.note", None)]
