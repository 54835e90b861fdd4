"""What is kept: a document (one content in one region), its uses, and blobs that nobody claims.

A document's row holds what opens its blob: content's digest and key, both sealed. Where a row is gone, so is the key.
"""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Length
from django.db.models.lookups import Exact

from bancheng.kernel.documents.rules.kinds import Kind


def region_is_an_area_code(name: str) -> models.CheckConstraint:
    """Return the constraint that `region` is a six-digit area code."""
    return models.CheckConstraint(condition=Q(region__regex=r"^[0-9]{6}$"), name=name)


class Document(models.Model):
    """One content, kept once in a region however often it is handed in."""

    id = models.UUIDField(primary_key=True)
    region = models.CharField(max_length=6)
    content_sealed = models.BinaryField()  # region and SHA-256 in hex: what the hash is made of
    content_hash = models.BinaryField()
    address = models.CharField(max_length=81)  # of its blob: the hash of its day and a part of its own
    key_sealed = models.BinaryField()
    kind = models.CharField(max_length=4)
    size = models.BigIntegerField()  # bytes
    pages = models.IntegerField(null=True)  # null: a kind without fixed pages
    width = models.IntegerField(null=True)
    height = models.IntegerField(null=True)
    stored_at = models.DateTimeField()
    unused_since = models.DateTimeField(null=True)  # null: a use is open

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "content_hash"], name="one_document_per_content_in_a_region"),
            models.UniqueConstraint(fields=["address"], name="one_document_per_blob"),
            region_is_an_area_code("document_region_is_an_area_code"),
            models.CheckConstraint(condition=Exact(Length("content_hash"), 32), name="document_hash_is_32_bytes"),
            models.CheckConstraint(condition=Q(kind__in=[k.value for k in Kind]), name="document_kind_is_known"),
            models.CheckConstraint(condition=Q(size__gt=0), name="document_is_not_empty"),
        ]
        indexes = [
            # what may be forgotten (`operations.forget_unused`)
            models.Index(fields=["unused_since"], name="document_unused", condition=Q(unused_since__isnull=False)),
        ]


class Use(models.Model):
    """A document handed in as a material: of a case, a draft, a licence. It ends when it is taken back or its case is over."""

    id = models.UUIDField(primary_key=True)
    region = models.CharField(max_length=6)
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="uses")
    about = models.CharField(max_length=100)  # "case:…", "draft:…"
    material = models.CharField(max_length=64)
    holder_hash = models.BinaryField()  # whose it is: who may use it again
    name_sealed = models.BinaryField()
    by = models.CharField(max_length=64)
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["region", "about", "material", "document"],
                name="one_open_use_of_a_document_per_material",
                condition=Q(ended_at=None),
            ),
            region_is_an_area_code("document_use_region_is_an_area_code"),
            models.CheckConstraint(condition=Exact(Length("holder_hash"), 32), name="document_holder_hash_is_32_bytes"),
            models.CheckConstraint(
                condition=~Q(about="") & ~Q(material="") & ~Q(by=""), name="document_use_says_for_what_and_by_whom"
            ),
        ]
        indexes = [
            models.Index(fields=["about"], name="document_uses_about"),
            models.Index(fields=["holder_hash", "-at"], name="document_uses_by_holder"),
        ]


class Orphan(models.Model):
    """A blob that had no row when it was seen: left by a crash, or its document was forgotten. Swept a day later."""

    address = models.CharField(primary_key=True, max_length=81)
    seen_at = models.DateTimeField()
