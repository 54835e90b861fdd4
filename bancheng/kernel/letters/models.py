"""The letters that were written. Rows are only ever added; only the seal over the stored file moves to a new key."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Length
from django.db.models.lookups import Exact

from bancheng.kernel.letters.rules import Kind


class Letter(models.Model):
    """One letter, as it was written. What stands here in the open may be shown to whoever has its code; the file is sealed."""

    id = models.UUIDField(primary_key=True)
    region = models.CharField(max_length=6)
    root = models.UUIDField()  # the bundle (or single case) it belongs to
    case = models.UUIDField()
    seq = models.PositiveIntegerField()  # the line of the case's log that called for it
    kind = models.CharField(max_length=16)
    code = models.CharField(max_length=16)
    number = models.CharField(max_length=32)  # of the case
    title = models.CharField(max_length=200)  # … and what it is called
    title_en = models.CharField(max_length=240)
    unit = models.CharField(max_length=64)
    holder_shown = models.CharField(max_length=200)
    dated = models.DateField()
    file_digest = models.BinaryField()
    file_size = models.IntegerField()
    file_sealed = models.BinaryField()
    sample = models.BooleanField()
    seal_digest = models.BinaryField()
    made_at = models.DateTimeField()
    stamped_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "case", "seq"], name="one_letter_per_line_of_a_log"),
            models.UniqueConstraint(fields=["region", "code"], name="one_letter_per_code"),
            models.CheckConstraint(condition=Q(region__regex=r"^[0-9]{6}$"), name="letter_region_is_an_area_code"),
            models.CheckConstraint(condition=Q(kind__in=[kind.value for kind in Kind]), name="letter_kind_is_known"),
            models.CheckConstraint(
                condition=Q(code__regex=r"^[0-9A-HJKMNP-TV-Z]{16}$"), name="letter_code_is_sixteen_letters"
            ),
            models.CheckConstraint(
                condition=Q(Exact(Length("file_digest"), 32)) & Q(Exact(Length("seal_digest"), 32)),
                name="letter_digests_are_32_bytes",
            ),
        ]
        indexes = [
            models.Index(fields=["root"], name="letter_of_bundle"),
            models.Index(fields=["code"], name="letter_by_code"),
            models.Index(fields=["file_digest"], name="letter_by_file"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.kind}"
