"""The face of jobs: promise work in the transaction that makes it due; it is done once that has committed."""

from bancheng.kernel.jobs.desk import (
    FailedJob,
    JobsStatus,
    ScheduledJob,
    WorkerState,
    discard,
    is_live,
    retry,
    run_now,
    schedule_state,
    status,
)
from bancheng.kernel.jobs.operations import act, later, later_many, take
from bancheng.kernel.jobs.registry import UnknownJob, job, schedule

__all__ = [
    "FailedJob",
    "JobsStatus",
    "ScheduledJob",
    "UnknownJob",
    "WorkerState",
    "act",
    "discard",
    "is_live",
    "job",
    "later",
    "later_many",
    "retry",
    "run_now",
    "schedule",
    "schedule_state",
    "status",
    "take",
]
