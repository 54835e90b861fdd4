"""The certificates that were made. Rows are only ever added; only the seal over the stored file moves to a new key."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Length
from django.db.models.lookups import Exact


class Certificate(models.Model):
    """One sealed file of one licence, as it was made.

    What stands here in the open is what the public page may show: a person's name is masked before it is written. The file
    itself, which names the holder, is sealed.
    """

    id = models.UUIDField(primary_key=True)
    region = models.CharField(max_length=6)
    licence = models.ForeignKey("licences.Licence", on_delete=models.PROTECT, related_name="+", db_index=False)
    number = models.IntegerField()  # 1, 2, … of this licence
    licence_version = models.IntegerField()  # what the licence was when it was made
    code = models.CharField(max_length=16)
    unit = models.CharField(max_length=64)
    holder_shown = models.CharField(max_length=200)
    issued_on = models.DateField()
    valid_from = models.DateField(null=True)
    valid_to = models.DateField(null=True)
    said = models.BinaryField()  # digest of what it prints (`rules.Content`)
    file_digest = models.BinaryField()
    file_size = models.IntegerField()
    file_sealed = models.BinaryField()
    sample = models.BooleanField()  # sealed by the test authority
    seal_digest = models.BinaryField()  # SHA-256 of the certificate that sealed it
    made_at = models.DateTimeField()
    stamped_at = models.DateTimeField(null=True)  # what the time-stamping authority says

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "licence", "number"], name="one_certificate_per_number"),
            models.UniqueConstraint(fields=["region", "code"], name="one_certificate_per_code"),
            models.CheckConstraint(condition=Q(region__regex=r"^[0-9]{6}$"), name="certificate_region_is_an_area_code"),
            models.CheckConstraint(condition=Q(number__gte=1), name="certificates_count_from_one"),
            models.CheckConstraint(
                condition=Q(code__regex=r"^[0-9A-HJKMNP-TV-Z]{16}$"), name="certificate_code_is_sixteen_letters"
            ),
            models.CheckConstraint(
                condition=Q(Exact(Length("said"), 32))
                & Q(Exact(Length("file_digest"), 32))
                & Q(Exact(Length("seal_digest"), 32)),
                name="certificate_digests_are_32_bytes",
            ),
        ]
        indexes = [
            models.Index(fields=["licence", "-number"], name="certificate_by_licence"),
            models.Index(fields=["code"], name="certificate_by_code"),
            models.Index(fields=["file_digest"], name="certificate_by_file"),
        ]
