"""What is held against somebody, by the hash of his identifier. Rows are added and repaired, never removed."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Length
from django.db.models.lookups import Exact

from bancheng.kernel.credit.rules import Kind


class Mark(models.Model):
    """One thing of one kind about one case or list."""

    region = models.CharField(max_length=6)
    holder_hash = models.BinaryField()
    kind = models.CharField(max_length=16)
    about = models.CharField(max_length=100)  # "case:…", or the list it comes from
    unit = models.CharField(max_length=64)  # who says so
    reason = models.TextField()
    law = models.CharField(max_length=300)
    noted_by = models.CharField(max_length=80)
    noted_at = models.DateTimeField()
    repaired_at = models.DateTimeField(null=True)
    repaired_by = models.CharField(max_length=80, blank=True)
    repaired_because = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "holder_hash", "kind", "about"], name="one_mark_of_a_kind_about"),
            models.CheckConstraint(condition=Q(region__regex=r"^[0-9]{6}$"), name="mark_region_is_an_area_code"),
            models.CheckConstraint(condition=Q(kind__in=[kind.value for kind in Kind]), name="mark_kind_is_known"),
            models.CheckConstraint(condition=Exact(Length("holder_hash"), 32), name="mark_holder_hash_is_32_bytes"),
            models.CheckConstraint(condition=~Q(reason="") & ~Q(law=""), name="a_mark_has_reason_and_article"),
            models.CheckConstraint(
                condition=Q(repaired_at=None) | ~Q(repaired_because=""), name="a_repair_says_what_was_mended"
            ),
        ]
        indexes = [models.Index(fields=["about"], name="mark_about")]

    def __str__(self) -> str:
        return f"{self.kind} {self.about}"
