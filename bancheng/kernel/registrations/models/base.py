"""What the tables of the office have in common."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Length
from django.db.models.lookups import Exact


def region_is_an_area_code(table: str) -> models.CheckConstraint:
    """Return the constraint that `region` is a six-digit area code."""
    return models.CheckConstraint(condition=Q(region__regex=r"^[0-9]{6}$"), name=f"{table}_region_is_an_area_code")


class SealedFile(models.Model):
    """A sealed file, as it was made once. Only added to; only the seal over it moves to a new key."""

    region = models.CharField(max_length=6)
    digest = models.BinaryField()
    size = models.IntegerField()
    file_sealed = models.BinaryField()
    sample = models.BooleanField()
    seal_digest = models.BinaryField()
    made_at = models.DateTimeField()
    stamped_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True


def digests_are_32_bytes(table: str) -> models.CheckConstraint:
    """Return the constraint that both digests of a sealed file have their length."""
    return models.CheckConstraint(
        condition=Q(Exact(Length("digest"), 32)) & Q(Exact(Length("seal_digest"), 32)),
        name=f"{table}_digests_are_32_bytes",
    )
