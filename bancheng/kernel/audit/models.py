"""The audit tables. The three that carry evidence are made by SQL (partitions, guards), so Django leaves them alone."""

from django.db import models


class AuditEvent(models.Model):
    """One thing that happened: appended, never changed. Partitioned by month of `at`."""

    id = models.BigAutoField(primary_key=True)
    region = models.CharField(max_length=6)
    at = models.DateTimeField()
    action = models.CharField(max_length=100)
    who = models.CharField(max_length=200)
    about = models.CharField(max_length=200)
    detail = models.JSONField(default=dict)

    class Meta:
        managed = False
        db_table = "audit_event"


class AuditWaiting(models.Model):
    """An event that no batch holds yet: written beside the event, taken away when it is sealed."""

    event_id = models.BigIntegerField(primary_key=True)

    class Meta:
        managed = False
        db_table = "audit_waiting"


class AuditBatch(models.Model):
    """A sealed batch: which events, in which order, with which hashes, tied to the batch before."""

    seq = models.BigIntegerField(primary_key=True)
    count = models.IntegerField()
    root = models.BinaryField()
    previous = models.BinaryField()
    chain = models.BinaryField()
    sealed_at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "audit_batch"
