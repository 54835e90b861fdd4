"""The worker process: procrastinate's worker with our registry, back-off, bookkeeping and housekeeper.

One process runs `concurrency` jobs at once, each in a thread with its own Django connection, which is renewed between
jobs. SIGTERM or Ctrl-C: no new job is begun, running ones are finished. A database that goes away is waited for; what
was running then is taken up again by the sweeper.
"""

import asyncio
import logging
import random
import signal
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import psycopg
import psycopg_pool
from django.db import Error as DatabaseError
from django.db import close_old_connections
from procrastinate import exceptions, jobs, manager, retry
from procrastinate.app import WorkerOptions
from procrastinate.contrib.django.db_cleanup import DjangoApp
from procrastinate.contrib.django.utils import connector_params
from procrastinate.job_context import JobContext
from procrastinate.psycopg_connector import PsycopgConnector

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.jobs import registry, rules
from bancheng.kernel.jobs.models import Failure
from bancheng.kernel.jobs.operations import wait_for_promises
from bancheng.kernel.jobs.scheduler import Scheduler
from bancheng.kernel.jobs.sweeper import HEARTBEAT, SILENCES, sweep
from bancheng.lib import staying
from bancheng.lib.refusal import Garbled, Refused, Unavailable

logger = logging.getLogger("bancheng.jobs")
POLLING = 5.0  # seconds between two looks at the queue that nobody asked for


class BackOff(retry.BaseRetryStrategy):
    """Try again later, `attempts` times in all; a lawful no is final at once."""

    def __init__(self, attempts: int) -> None:
        self.attempts = attempts

    def get_retry_decision(self, *, exception: BaseException, job: jobs.Job) -> retry.RetryDecision | None:
        attempt = job.attempts + 1
        if rules.is_final(exception, attempt=attempt, attempts=self.attempts):
            return None
        wait = rules.wait_before(attempt, chance=random.random())
        return retry.RetryDecision(retry_in={"milliseconds": int(wait * 1000)})


class Manager(manager.JobManager):
    """Procrastinate's manager, with one case more."""

    async def retry_job(self, job: jobs.Job, *args: Any, **kwargs: Any) -> None:
        """Put `job` back; when a job of its key was promised while it ran, that one does the work and this one goes.

        Without this the update fails on the unique key, and the job stays "doing" as long as its worker lives.
        """
        try:
            await super().retry_job(job, *args, **kwargs)
        except exceptions.UniqueViolation:
            await self.finish_job(job=job, status=jobs.Status.FAILED, delete_job=True)


def bookkeeping(call: Callable[[], Any], context: JobContext, worker: object) -> Any:
    """Wait for the promises of the job's key, run it, and keep a failure: the one place where it is logged."""
    job = context.job
    assert job.id is not None
    if job.queueing_lock:
        wait_for_promises(job.queueing_lock)
    try:
        return call()
    except Exception as error:
        spec = registry.spec(job.task_name)
        attempt = job.attempts + 1
        final = rules.is_final(error, attempt=attempt, attempts=spec.attempts)
        logger.log(
            logging.ERROR if final else logging.WARNING,
            "job %s (%s) failed, try %d of %d: %s",
            job.id,
            job.task_name,
            attempt,
            spec.attempts,
            describe(error),
            exc_info=not isinstance(error, Refused | Unavailable | Garbled),
        )
        # the try's own transaction is rolled back by now; a database that is gone takes this note with it
        Failure.objects.create(
            job_id=job.id, name=job.task_name, attempt=attempt, final=final, error=describe(error), at=clocks.now()
        )
        raise


def describe(error: BaseException) -> str:
    """Return what an operator may read of an error: our own sentences whole, of others only the kind and the place.

    The message of a foreign exception may quote a row, and with it a person.
    """
    kind = type(error).__name__
    if isinstance(error, Refused | Unavailable | Garbled):
        return f"{kind}: {error}"[:300]
    ours = [frame for frame in traceback.extract_tb(error.__traceback__) if "/bancheng/" in frame.filename]
    place = f" at {ours[-1].filename.rsplit('/bancheng/', 1)[1]}:{ours[-1].lineno}" if ours else ""
    return f"{kind}{place}"[:300]


class Housekeeper(threading.Thread):
    """Beside the jobs: the schedule every second, the sweeper every heartbeat."""

    def __init__(self, *, heartbeat: float) -> None:
        super().__init__(name="jobs-housekeeper", daemon=True)
        self.heartbeat = heartbeat
        self.stopped = threading.Event()
        self._scheduler = Scheduler()
        self._sweep_at = 0.0

    def run(self) -> None:
        while not self.stopped.wait(min(1.0, self.heartbeat)):
            try:
                self.once(at=clocks.now())
            except Exception:  # the worker's loop: the next second tries again
                logger.exception("the housekeeper stumbled")
            finally:
                close_old_connections()

    def once(self, *, at: datetime) -> None:
        """Promise what falls due, and sweep when it is time."""
        self._scheduler.tick(at=at)
        if time.monotonic() >= self._sweep_at:
            self._sweep_at = time.monotonic() + self.heartbeat
            sweep(at=at, silence=self.heartbeat * SILENCES)


def build_app(*, concurrency: int) -> DjangoApp:
    """Return a procrastinate app that knows every registered job."""
    # its own direct connections: LISTEN does not work through a transaction pooler
    connector = PsycopgConnector(kwargs=connector_params(), min_size=1, max_size=concurrency + 3, timeout=10)
    app = DjangoApp(connector=connector, worker_defaults={"task_middleware": [bookkeeping]})
    app.job_manager = Manager(connector)
    for spec in registry.SPECS.values():
        app.task(name=spec.name, queue=spec.queue, retry=BackOff(spec.attempts))(spec.function)
    return app


def run(*, concurrency: int = 4, queues: Sequence[str] | None = None, heartbeat: float = HEARTBEAT) -> int:
    """Work until SIGTERM or Ctrl-C; return the exit code. `queues`: only these (default: every queue)."""
    for name in registry.SCHEDULE:
        registry.spec(name)  # a schedule that names no job is a mistake to hear of now
    # bookkeeping logs failures, with the job's number and without its arguments; procrastinate would log both again
    logging.getLogger("procrastinate").setLevel(logging.WARNING)
    logging.getLogger("procrastinate.worker").setLevel(logging.CRITICAL)
    logging.getLogger("procrastinate.worker.worker").setLevel(logging.WARNING)
    staying.spare()  # a twelfth of an import
    housekeeper = Housekeeper(heartbeat=heartbeat)
    housekeeper.start()
    try:
        asyncio.run(_work(concurrency=concurrency, queues=queues, heartbeat=heartbeat))
    finally:
        housekeeper.stopped.set()
        housekeeper.join(timeout=10)
    return 0


async def _work(*, concurrency: int, queues: Sequence[str] | None, heartbeat: float) -> None:
    loop = asyncio.get_running_loop()
    loop.set_default_executor(ThreadPoolExecutor(concurrency, thread_name_prefix="job"))
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    while not stopping.is_set():
        try:
            await _work_until(stopping, concurrency=concurrency, queues=queues, heartbeat=heartbeat)
        except (exceptions.ConnectorException, psycopg.Error, psycopg_pool.PoolTimeout, DatabaseError) as error:
            logger.warning("the worker lost its database (%s) and begins anew", type(error).__name__)
        if not stopping.is_set():
            await asyncio.sleep(1)


async def _work_until(
    stopping: asyncio.Event, *, concurrency: int, queues: Sequence[str] | None, heartbeat: float
) -> None:
    app = build_app(concurrency=concurrency)
    async with app.open_async():
        options: WorkerOptions = {
            "concurrency": concurrency,
            "delete_jobs": "successful",
            "install_signal_handlers": False,
            "update_heartbeat_interval": heartbeat,
            "stalled_worker_timeout": heartbeat * SILENCES,
            # new jobs are told at once; this finds what the sweeper put back and whose wait is over
            "fetch_job_polling_interval": min(POLLING, heartbeat),
        }
        if queues:
            options["queues"] = list(queues)
        working = asyncio.create_task(app.run_worker_async(**options))
        stop = asyncio.create_task(stopping.wait())
        await asyncio.wait({working, stop}, return_when=asyncio.FIRST_COMPLETED)
        stop.cancel()
        if not working.done():
            working.cancel()  # procrastinate shields its loop and finishes the running jobs
        try:
            await working
        except asyncio.CancelledError:
            logger.info("the worker has finished its jobs and stops")
