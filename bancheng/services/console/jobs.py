"""Verifying the audit record: every night, and when somebody asks."""

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.jobs.public import job
from bancheng.services.console import operations


@job("console.verify_audit", attempts=3)
def verify_audit(*, check_id: int) -> None:
    operations.run_check(check_id=check_id, at=clocks.now())


@job("console.verify_nightly")
def verify_nightly() -> None:
    operations.ask_check(by="system:console", at=clocks.now())
