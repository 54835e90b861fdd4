"""What the console keeps itself."""

from django.db import models
from django.db.models import F, Q


class AuditCheck(models.Model):
    """One verification of the audit record: who asked, how far it is, what it found."""

    region = models.CharField(max_length=6)
    asked_by = models.CharField(max_length=200)
    asked_at = models.DateTimeField()
    batches = models.IntegerField(default=0)
    batches_done = models.IntegerField(default=0)
    finished_at = models.DateTimeField(null=True)
    report = models.JSONField(null=True)  # audit.Report.as_json()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "id"], name="one_audit_check_per_region_and_id"),
            models.CheckConstraint(condition=Q(batches_done__lte=F("batches")), name="no_more_done_than_there_is"),
            models.CheckConstraint(
                condition=Q(finished_at__isnull=True, report__isnull=True)
                | Q(finished_at__isnull=False, report__isnull=False),
                name="finished_with_a_report",
            ),
        ]
