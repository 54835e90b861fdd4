"""What the operator sees and does: how the queue stands, a failed job tried again or given up."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from bancheng.kernel.audit import public as audit
from bancheng.kernel.jobs import registry
from bancheng.kernel.jobs.models import Scheduled
from bancheng.kernel.jobs.operations import later
from bancheng.lib.refusal import Refused


@dataclass(frozen=True)
class FailedJob:
    """A job that was tried as often as it may be and waits for a person."""

    id: int
    name: str
    queue: str
    attempts: int
    error: str
    at: datetime | None


@dataclass(frozen=True)
class WorkerState:
    """A worker process that has registered."""

    id: int
    silent_seconds: float
    doing: int


@dataclass(frozen=True)
class ScheduledJob:
    """A job of the schedule and when it was last promised."""

    name: str
    cron: str
    last_at: datetime | None


@dataclass(frozen=True)
class JobsStatus:
    """How the queue stands. `oldest_wait_seconds`: how long the first due job has been waiting (0: none waits)."""

    waiting: int
    doing: int
    failed: int
    retrying: int  # waiting for a later try, counted in `waiting` too
    oldest_wait_seconds: float
    failures: tuple[FailedJob, ...]
    workers: tuple[WorkerState, ...]


COUNTS = """
SELECT count(*) FILTER (WHERE status = 'todo'), count(*) FILTER (WHERE status = 'doing'),
    count(*) FILTER (WHERE status = 'failed'), count(*) FILTER (WHERE status = 'todo' AND scheduled_at > now())
FROM procrastinate_jobs WHERE status IN ('todo', 'doing', 'failed')
"""
# jobs are taken in order of id: the first due one has waited longest, but for those put back
OLDEST = """
SELECT extract(epoch FROM now() - coalesce(job.scheduled_at, (
    SELECT max(event.at) FROM procrastinate_events AS event WHERE event.job_id = job.id
)))::float8
FROM procrastinate_jobs AS job WHERE status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= now())
ORDER BY priority DESC, id LIMIT 1
"""
FAILURES = """
SELECT job.id, job.task_name, job.queue_name, job.attempts, coalesce(failure.error, ''), failure.at
FROM procrastinate_jobs AS job LEFT JOIN LATERAL (
    SELECT error, at FROM jobs_failure WHERE job_id = job.id ORDER BY id DESC LIMIT 1
) AS failure ON true
WHERE job.status = 'failed' ORDER BY job.id DESC LIMIT %s
"""
WORKERS = """
SELECT worker.id, extract(epoch FROM now() - worker.last_heartbeat)::float8,
    (SELECT count(*) FROM procrastinate_jobs AS job WHERE job.worker_id = worker.id AND job.status = 'doing')
FROM procrastinate_workers AS worker ORDER BY worker.id
"""
LIVE = """
SELECT EXISTS (SELECT FROM procrastinate_jobs WHERE queueing_lock = %s AND status IN ('todo', 'doing'))
"""
RETRY = """
UPDATE procrastinate_jobs AS job SET status = 'todo', attempts = 0, scheduled_at = NULL, worker_id = NULL
WHERE id = %s AND status = 'failed' AND NOT EXISTS (
    SELECT FROM procrastinate_jobs AS twin WHERE twin.status = 'todo' AND twin.queueing_lock = job.queueing_lock
)
RETURNING task_name
"""
DISCARD = "DELETE FROM procrastinate_jobs WHERE id = %s AND status = 'failed' RETURNING task_name"


def status(*, failures: int = 100) -> JobsStatus:
    """Return how the queue stands, with the latest `failures` failed jobs."""
    with connection.cursor() as cursor:
        cursor.execute(COUNTS)
        waiting, doing, failed, retrying = cursor.fetchone()
        cursor.execute(OLDEST)
        oldest = cursor.fetchone()
        cursor.execute(FAILURES, (failures,))
        failed_jobs = tuple(FailedJob(*row) for row in cursor.fetchall())
        cursor.execute(WORKERS)
        workers = tuple(WorkerState(*row) for row in cursor.fetchall())
    return JobsStatus(
        waiting=waiting,
        doing=doing,
        failed=failed,
        retrying=retrying,
        oldest_wait_seconds=max(0.0, (oldest and oldest[0]) or 0.0),
        failures=failed_jobs,
        workers=workers,
    )


def is_live(key: str) -> bool:
    """Return whether a job of `key` waits or is being done; one that failed for good is not live."""
    with connection.cursor() as cursor:
        cursor.execute(LIVE, (key,))
        return bool(cursor.fetchone()[0])


def schedule_state() -> list[ScheduledJob]:
    """Return the schedule, by name."""
    last = dict(Scheduled.objects.values_list("name", "last_at"))
    return [
        ScheduledJob(name=name, cron=cron, last_at=last.get(name)) for name, cron in sorted(registry.SCHEDULE.items())
    ]


def retry(job_id: int, *, by: str, at: datetime) -> None:
    """Let a failed job be tried anew, with all its attempts.

    Raises Refused("job_not_failed") when it is not waiting for a person, or a job of its key waits already.
    """
    _settle(RETRY, job_id, "jobs.retried", by=by, at=at)


def discard(job_id: int, *, by: str, at: datetime) -> None:
    """Give up a failed job for good. Raises Refused("job_not_failed")."""
    _settle(DISCARD, job_id, "jobs.discarded", by=by, at=at)


def _settle(sql: str, job_id: int, action: str, *, by: str, at: datetime) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, (min(job_id, 2**63 - 1),))  # a longer number in an address is no job either
        row = cursor.fetchone()
        if row is None:
            raise Refused(
                "job_not_failed",
                "该任务已不在失败之列，或同一任务已在等待执行；未作任何改动，请刷新后再看。",
                en="This job is no longer failed, or its like already waits; nothing was changed. Reload the page.",
            )
        audit.record(action, who=by, about=f"job:{job_id}", at=at, region=audit.PLATFORM, detail={"name": row[0]})


def run_now(name: str, *, by: str, at: datetime) -> None:
    """Promise a scheduled job now, besides its schedule. Raises Refused("job_not_scheduled")."""
    if name not in registry.SCHEDULE:
        raise Refused("job_not_scheduled", "没有这项定时任务。", en="No scheduled job has this name.", status=404)
    with transaction.atomic():
        later(name, key=f"schedule-{name}")
        audit.record("jobs.run_now", who=by, about=f"schedule:{name}", at=at, region=audit.PLATFORM)
