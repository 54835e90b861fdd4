"""What procrastinate's tables do not keep: why a job failed, and when each scheduled job last fell due."""

from django.db import models


class Failure(models.Model):
    """One failed try of a job. It outlives the job, for the operator's page; no personal data, no arguments."""

    job_id = models.BigIntegerField(db_index=True)
    name = models.CharField(max_length=128)
    attempt = models.IntegerField()
    final = models.BooleanField()  # True: no further try was promised
    error = models.CharField(max_length=300)
    at = models.DateTimeField()


class Scheduled(models.Model):
    """The last instant a scheduled job fell due and was promised: one row per name, so no two workers promise twice."""

    name = models.CharField(max_length=128, primary_key=True)
    last_at = models.DateTimeField()
