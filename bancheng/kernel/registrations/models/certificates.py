"""Certificates and letters: their numbers, what they say, their files and ends. Only ever added to."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Length
from django.db.models.lookups import Exact

from bancheng.kernel.registrations.models.applications import Application
from bancheng.kernel.registrations.models.base import SealedFile, digests_are_32_bytes, region_is_an_area_code
from bancheng.kernel.registrations.rules.letters import TITLES
from bancheng.kernel.registrations.rules.numbers import Gives
from bancheng.kernel.registrations.rules.words import Standing


class Series(models.Model):
    """The last number of a registry, year and kind: certificates, letters. Locked by the jobs that allot alone, never by recording.

    Up to `made` every certificate has its file or has ended: who looks for those that wait looks behind it, not through all of them.
    """

    region = models.CharField(max_length=6)
    registry = models.CharField(max_length=64)
    year = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=8)
    last = models.PositiveIntegerField()
    made = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "registry", "year", "kind"], name="one_series_per_year_and_kind"),
            region_is_an_area_code("series"),
        ]


class Wanted(models.Model):
    """A certificate that a recording calls for and that has no number yet. Taken away when it has one."""

    region = models.CharField(max_length=6)
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="wanted", db_index=False)
    seq = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=8)
    subject = models.CharField(max_length=120)
    lots = ArrayField(models.CharField(max_length=40))
    holders = ArrayField(models.BinaryField())
    unit = models.CharField(max_length=64, blank=True)
    said_sealed = models.BinaryField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "application", "seq"], name="one_wanted_certificate_per_place"),
            region_is_an_area_code("wanted"),
        ]


class Certificate(models.Model):
    """One certificate: its number, what it is of and what it says. Only added to; its file and its end stand beside it."""

    id = models.UUIDField(primary_key=True, editable=False)
    region = models.CharField(max_length=6)
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="certificates")
    registry = models.CharField(max_length=64)
    kind = models.CharField(max_length=8)
    year = models.PositiveSmallIntegerField()
    seq = models.PositiveIntegerField()
    number = models.CharField(max_length=80)
    code = models.CharField(max_length=16)
    subject = models.CharField(max_length=120)  # "right:…" or "lot:…": a newer one of the same subject replaces it
    lots = ArrayField(models.CharField(max_length=40))
    unit = models.CharField(max_length=64, blank=True)  # the bank that may fetch it
    said_sealed = models.BinaryField()
    allotted_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "number"], name="one_real_estate_certificate_per_number"),
            models.UniqueConstraint(
                fields=["region", "registry", "year", "kind", "seq"], name="no_certificate_number_twice"
            ),
            models.UniqueConstraint(fields=["region", "code"], name="one_real_estate_certificate_per_code"),
            models.CheckConstraint(condition=Q(kind__in=[g.value for g in Gives]), name="certificate_kind_is_known"),
            models.CheckConstraint(condition=Q(seq__gte=1), name="certificate_numbers_begin_with_one"),
            region_is_an_area_code("real_estate_certificate"),
        ]
        indexes = [
            models.Index(fields=["subject"], name="certificate_by_subject"),
            models.Index(fields=["unit", "-allotted_at"], name="certificate_of_unit"),
            models.Index(fields=["number"], name="certificate_by_its_number"),
        ]


class CertificateHolder(models.Model):
    """Somebody whose certificate it is, and who may fetch it. Only added to."""

    region = models.CharField(max_length=6)
    certificate = models.ForeignKey(Certificate, on_delete=models.PROTECT, related_name="holders", db_index=False)
    holder_hash = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["region", "certificate", "holder_hash"], name="one_row_per_holder_of_a_certificate"
            ),
            models.CheckConstraint(
                condition=Q(Exact(Length("holder_hash"), 32)), name="real_estate_holder_hash_is_32_bytes"
            ),
            region_is_an_area_code("certificate_holder"),
        ]
        indexes = [models.Index(fields=["holder_hash"], name="certificate_by_holder")]


class CertificateFile(SealedFile):
    """The sealed file of a certificate, as it was made once. Only added to; only the seal over it moves to a new key."""

    certificate = models.OneToOneField(Certificate, on_delete=models.PROTECT, primary_key=True, related_name="file")

    class Meta:
        constraints = [
            digests_are_32_bytes("real_estate_certificate"),
            region_is_an_area_code("certificate_file"),
        ]
        indexes = [models.Index(fields=["digest"], name="certificate_file_by_digest")]


class CertificateEnd(models.Model):
    """That a certificate is worth nothing from an instant on, written with the recording that ended it (R13.8). Only added to."""

    certificate = models.OneToOneField(Certificate, on_delete=models.PROTECT, primary_key=True, related_name="end")
    region = models.CharField(max_length=6)
    standing = models.CharField(max_length=10)
    by_application = models.ForeignKey(
        Application, on_delete=models.PROTECT, related_name="+", db_index=False, null=True
    )  # none: the book changed without the office, by a court
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(standing__in=[Standing.REPLACED.value, Standing.REVOKED.value]),
                name="a_certificate_ends_replaced_or_revoked",
            ),
            region_is_an_area_code("certificate_end"),
        ]


class Letter(models.Model):
    """One letter of the office: its number, the line of the log that called for it, what it says. Only added to; its file stands beside it."""

    id = models.UUIDField(primary_key=True, editable=False)
    region = models.CharField(max_length=6)
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="letters", db_index=False)
    line = models.PositiveSmallIntegerField()  # the place in the log of the decision
    registry = models.CharField(max_length=64)
    kind = models.CharField(max_length=20)
    year = models.PositiveSmallIntegerField()
    seq = models.PositiveIntegerField()
    number = models.CharField(max_length=80)
    code = models.CharField(max_length=16)
    said_sealed = models.BinaryField()
    dated = models.DateField()
    allotted_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["region", "application", "line"], name="one_letter_per_line_of_a_registration"
            ),
            models.UniqueConstraint(fields=["region", "number"], name="one_registration_letter_per_number"),
            models.UniqueConstraint(fields=["region", "registry", "year", "seq"], name="no_letter_number_twice"),
            models.UniqueConstraint(fields=["region", "code"], name="one_registration_letter_per_code"),
            models.CheckConstraint(
                condition=Q(kind__in=[act.value for act in TITLES]), name="registration_letter_kind_is_known"
            ),
            models.CheckConstraint(condition=Q(seq__gte=1), name="letter_numbers_begin_with_one"),
            region_is_an_area_code("registration_letter"),
        ]
        indexes = [
            models.Index(fields=["application"], name="letter_of_application"),
            models.Index(fields=["code"], name="registration_letter_by_code"),
            models.Index(fields=["number"], name="registration_letter_by_number"),
        ]


class LetterFile(SealedFile):
    """The sealed file of a letter, as it was made once. Only added to; only the seal over it moves to a new key."""

    letter = models.OneToOneField(Letter, on_delete=models.PROTECT, primary_key=True, related_name="file")

    class Meta:
        constraints = [
            digests_are_32_bytes("registration_letter"),
            region_is_an_area_code("letter_file"),
        ]
        indexes = [models.Index(fields=["digest"], name="letter_file_by_digest")]
