"""Takes up again the jobs of workers that died.

A worker that is killed leaves its jobs "doing" for ever. Every worker says it is alive every 10 seconds; a job whose
worker has been silent for 30, or is gone, is put back. Every worker's housekeeper sweeps, as plain statements and not
as a job: a sweeper that is itself a job dies with its worker, and one with a lock would block all later ones.
"""

import logging
from datetime import datetime

from django.db import connection, transaction

from bancheng.kernel.jobs import registry
from bancheng.kernel.jobs.models import Failure

logger = logging.getLogger("bancheng.jobs")

HEARTBEAT = 10.0  # seconds between a worker's signs of life
SILENCES = 3  # this many missed and it is dead
ATTEMPTS = 8  # of a job whose function is no longer known

DEAD = """
SELECT job.id, job.task_name, job.attempts, job.queueing_lock
FROM procrastinate_jobs AS job LEFT JOIN procrastinate_workers AS worker ON worker.id = job.worker_id
WHERE job.status = 'doing' AND (
    worker.id IS NULL OR worker.last_heartbeat < now() - make_interval(secs => %s)
)
ORDER BY job.id FOR UPDATE OF job SKIP LOCKED
"""
# a twin of the same key waits already, and does the work of this one
TWINS = "SELECT queueing_lock FROM procrastinate_jobs WHERE status = 'todo' AND queueing_lock = ANY(%s)"
AGAIN = """
UPDATE procrastinate_jobs SET status = 'todo', attempts = attempts + 1, scheduled_at = NULL, worker_id = NULL
WHERE id = ANY(%s)
"""
FAIL = "UPDATE procrastinate_jobs SET status = 'failed', attempts = attempts + 1, worker_id = NULL WHERE id = ANY(%s)"
DROP = "DELETE FROM procrastinate_jobs WHERE id = ANY(%s)"


def sweep(*, at: datetime, silence: float = HEARTBEAT * SILENCES) -> int:
    """Put back the jobs of workers silent for `silence` seconds; return how many.

    A job that has killed its worker as often as it may be tried is failed, so that it does not kill for ever.
    """
    again: list[int] = []
    failed: list[tuple[int, str, int]] = []
    twins: list[int] = []
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(DEAD, (silence,))
        dead = cursor.fetchall()
        if not dead:
            return 0
        cursor.execute(TWINS, ([key for *_, key in dead if key],))
        waiting = {key for (key,) in cursor.fetchall()}
        for job_id, name, attempts, key in dead:
            known = registry.SPECS.get(name)
            if key in waiting:
                twins.append(job_id)
            elif attempts + 1 >= (known.attempts if known else ATTEMPTS):
                failed.append((job_id, name, attempts + 1))
            else:
                again.append(job_id)
                if key:
                    waiting.add(key)
        cursor.execute(AGAIN, (again,))
        cursor.execute(DROP, (twins,))
        cursor.execute(FAIL, ([job_id for job_id, _, _ in failed],))
        Failure.objects.bulk_create(
            Failure(job_id=job_id, name=name, attempt=attempt, final=True, error="WorkerDied", at=at)
            for job_id, name, attempt in failed
        )
    logger.warning("took up %d jobs of silent workers, failed %d that killed theirs", len(again), len(failed))
    return len(again)


REMOVE_JOBS = """
DELETE FROM procrastinate_jobs AS job WHERE status IN ('succeeded', 'cancelled', 'aborted') AND NOT EXISTS (
    SELECT FROM procrastinate_events AS event WHERE event.job_id = job.id AND event.at > now() - interval '72 hours'
)
"""


def remove_old(*, before: datetime) -> None:
    """Remove finished jobs after three days and notes of failures from before `before`; failed jobs stay until told."""
    with connection.cursor() as cursor:
        cursor.execute(REMOVE_JOBS)
    Failure.objects.filter(at__lt=before).delete()
