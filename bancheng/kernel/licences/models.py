"""Licences as they stand, what stood before, and who relied on them.

`licences_licence` and its columns are part of the face for set-based SQL: services join it, only this part writes it.
"""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length
from django.db.models.lookups import Exact

from bancheng.kernel.licences.rules import Channel, Kind, Status

STATUSES = [status.value for status in Status]


def region_is_an_area_code(name: str) -> models.CheckConstraint:
    """Return the constraint that `region` is a six-digit area code."""
    return models.CheckConstraint(condition=Q(region__regex=r"^[0-9]{6}$"), name=name)


class Terms(models.Model):
    """What a licence says: the same columns now and in its history.

    History keeps no identifier and no mobile: nobody needs an old one, and what is never rewritten could not follow a
    change of keys.
    """

    valid_from = models.DateField(null=True)
    valid_to = models.DateField(null=True)  # the last valid day; null is 长期
    issued_on = models.DateField()
    status = models.CharField(max_length=10)
    version = models.IntegerField(db_default=1)
    holder_name = models.CharField(max_length=200)
    channel = models.CharField(max_length=10, db_default=Channel.BATCH.value)
    source_batch = models.CharField(max_length=64)  # number of the unit's list or message
    updated_at = models.DateTimeField()

    class Meta:
        abstract = True


class Licence(Terms):
    """One licence as its issuing unit last described it."""

    region = models.CharField(max_length=6)
    licence_type = models.CharField(max_length=64)
    number = models.CharField(max_length=100)
    unit = models.CharField(max_length=64)
    holder_kind = models.CharField(max_length=12)
    holder_sealed = models.BinaryField()
    holder_hash = models.BinaryField()
    identifier_kind = models.CharField(max_length=16)  # the kind under which identity sealed it: citizen_id, uscc …
    holder_since = models.IntegerField(db_default=1)  # the version from which on this holder holds it
    contact_name = models.CharField(max_length=200, db_default="")
    mobile_sealed = models.BinaryField(null=True)
    mobile_hash = models.BinaryField(null=True)
    on_promise = models.BooleanField(
        default=False, db_default=False
    )  # granted on a promise of its conditions (告知承诺)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "licence_type", "number"], name="one_licence_per_number"),
            region_is_an_area_code("licence_region_is_an_area_code"),
            models.CheckConstraint(condition=Q(status__in=STATUSES), name="licence_status_is_known"),
            models.CheckConstraint(
                condition=Q(holder_kind__in=[k.value for k in Kind]), name="licence_holder_is_known"
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_from=None) | Q(valid_from__lte=F("valid_to")),
                name="licence_ends_after_it_begins",
            ),
            models.CheckConstraint(condition=Exact(Length("holder_hash"), 32), name="licence_holder_hash_is_32_bytes"),
            models.CheckConstraint(
                condition=Q(mobile_hash=None, mobile_sealed=None)
                | (Q(mobile_sealed__isnull=False) & Q(Exact(Length("mobile_hash"), 32))),
                name="licence_mobile_is_sealed_and_hashed",
            ),
            models.CheckConstraint(condition=Q(version__gte=1) & ~Q(number=""), name="licence_has_number_and_version"),
        ]
        indexes = [
            models.Index(fields=["holder_hash"], name="licence_by_holder"),
            # what ran out and is not marked yet (`operations._due`)
            models.Index(
                fields=["valid_to"],
                name="licence_by_term",
                condition=Q(status__in=[Status.VALID.value, Status.SUSPENDED.value], valid_to__isnull=False),
            ),
            models.Index(fields=["unit", "valid_to"], name="licence_of_unit"),
        ]


class LicenceVersion(Terms):
    """What a licence said before a change. Rows are only ever added; the database refuses anything else."""

    region = models.CharField(max_length=6)
    licence = models.ForeignKey(Licence, on_delete=models.PROTECT, related_name="versions")
    replaced_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "licence", "version"], name="one_row_per_licence_version"),
            region_is_an_area_code("licence_version_region_is_an_area_code"),
            models.CheckConstraint(condition=Q(status__in=STATUSES), name="licence_version_status_is_known"),
        ]


class LicenceReuse(models.Model):
    """Somebody relied on a licence (R-E-3). Rows are only ever added; the holder sees them."""

    region = models.CharField(max_length=6)
    licence = models.ForeignKey(Licence, on_delete=models.PROTECT, related_name="reuses", db_index=False)
    asked_by = models.CharField(max_length=64)
    case = models.CharField(max_length=100)
    purpose = models.CharField(max_length=200)  # the legal purpose, with its article
    authorisation = models.CharField(max_length=200)  # the holder's consent, or the article that needs none
    snapshot_hash = models.BinaryField()
    status = models.CharField(max_length=10)
    version = models.IntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            region_is_an_area_code("reuse_region_is_an_area_code"),
            models.CheckConstraint(
                condition=Exact(Length("snapshot_hash"), 32), name="reuse_snapshot_hash_is_32_bytes"
            ),
            models.CheckConstraint(condition=Q(status__in=STATUSES), name="reuse_status_is_known"),
            models.CheckConstraint(
                condition=~Q(asked_by="") & ~Q(case="") & ~Q(purpose="") & ~Q(authorisation=""),
                name="reuse_says_who_what_why_and_by_whose_leave",
            ),
        ]
        indexes = [models.Index(fields=["licence", "-at"], name="reuse_by_licence")]
