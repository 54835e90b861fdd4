"""The console's own changes: a verification of the audit record, asked for and run."""

from datetime import datetime

from django.db import transaction

from bancheng.kernel.audit import public as audit
from bancheng.kernel.jobs import public as jobs
from bancheng.lib.text import Text
from bancheng.services.console.models import AuditCheck

SHOWN_EVERY = 10  # batches between two steps of the progress bar

audit.labels({"console.check_asked": Text("要求核验审计记录", "Verification of the record asked for")})


def ask_check(*, by: str, at: datetime) -> AuditCheck:
    """Promise a verification of the whole audit record."""
    with transaction.atomic():
        check = AuditCheck.objects.create(region=audit.PLATFORM, asked_by=by, asked_at=at)
        audit.record("console.check_asked", who=by, about=f"audit_check:{check.pk}", at=at, region=audit.PLATFORM)
        jobs.later("console.verify_audit", key=f"verify-audit-{check.pk}", check_id=check.pk)
    return check


def run_check(*, check_id: int, at: datetime) -> audit.Report:
    """Verify and file what was found under `at`.

    Not one transaction: each step of the progress is to be seen while it runs. Run again after a crash it begins anew.
    """
    rows = AuditCheck.objects.filter(pk=check_id)

    def progress(done: int, total: int) -> None:
        if done % SHOWN_EVERY == 0 or done == total:
            rows.update(batches_done=done, batches=total)

    report = audit.verify(progress=progress)
    rows.update(finished_at=at, report=report.as_json())
    return report
