"""The face of jobs: promise work in the transaction that makes it due; it is done once that has committed."""

from bancheng.kernel.jobs.operations import later, later_many
from bancheng.kernel.jobs.registry import UnknownJob, job

__all__ = ["UnknownJob", "job", "later", "later_many"]
