"""Applications, who is named in them, what was said and done, certificates, letters and their numbers, enquiries.

The log (`Line`), consents, papers, certificates and letters with their files, ends, and enquiries are only ever added to; the columns of
`Application` are worked out from its log in the same transaction.
"""

from functools import cached_property

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length
from django.db.models.lookups import Exact

from bancheng.kernel.registrations.rules.kinds import Role
from bancheng.kernel.registrations.rules.letters import TITLES
from bancheng.kernel.registrations.rules.numbers import Gives
from bancheng.kernel.registrations.rules.words import DONE, ENDED, Act, Standing, State


def region_is_an_area_code(table: str) -> models.CheckConstraint:
    """Return the constraint that `region` is a six-digit area code."""
    return models.CheckConstraint(condition=Q(region__regex=r"^[0-9]{6}$"), name=f"{table}_region_is_an_area_code")


class Application(models.Model):
    """One application for a registration. `id` is a UUIDv7 made with the instant it came in."""

    id = models.UUIDField(primary_key=True, editable=False)
    region = models.CharField(max_length=6)
    number = models.CharField(max_length=32)
    key = models.CharField(max_length=120)  # the filer's own: the same one is the same case
    fingerprint = models.BinaryField()  # of what was filed under the key
    kind = models.CharField(max_length=40)
    channel = models.CharField(max_length=16)
    filed_by = models.CharField(max_length=80)
    scope = models.CharField(max_length=80)  # within which the key is its own: a unit's, or a person's
    unit = models.CharField(
        max_length=64, blank=True
    )  # for which it was filed: a bank, a developer's unit; empty: for himself
    registry = models.CharField(max_length=64)  # the unit whose book it goes into
    state = models.CharField(max_length=20)
    before = models.CharField(max_length=20, blank=True)  # where it goes back to when what stopped it is over
    stopped = models.CharField(max_length=20, blank=True)  # why it stands still
    loan_no = models.CharField(max_length=80, blank=True)
    payload = models.JSONField()
    filed_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    accept_seq = models.BigIntegerField(null=True)  # with `accepted_at` the priority; gaps are no harm
    accepted_by = models.CharField(max_length=80, blank=True)
    reviewed_by = models.CharField(max_length=80, blank=True)
    recorded_at = models.DateTimeField(null=True)
    recorded_by = models.CharField(max_length=80, blank=True)
    right = models.CharField(max_length=80, blank=True)  # what the book calls what was recorded
    entries = ArrayField(models.CharField(max_length=80), default=list)
    due_on = models.DateField(null=True)
    late_at = models.DateTimeField(null=True)
    moved = models.BigIntegerField()  # grows with every act: whoever follows asks for what is after it

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "number"], name="one_application_per_number"),
            models.UniqueConstraint(fields=["region", "scope", "key"], name="one_application_per_key"),
            region_is_an_area_code("application"),
            models.CheckConstraint(condition=Q(state__in=[s.value for s in State]), name="application_state_is_known"),
            models.CheckConstraint(
                condition=Q(recorded_by="")
                | (~Q(recorded_by=F("accepted_by")) & ~Q(recorded_by=F("reviewed_by")) & ~Q(reviewed_by="")),
                name="who_records_neither_accepted_nor_reviewed",
            ),
            models.CheckConstraint(
                condition=Q(reviewed_by="") | ~Q(reviewed_by=F("accepted_by")), name="who_reviews_did_not_accept"
            ),
            models.CheckConstraint(
                condition=Q(recorded_at=None, recorded_by="") | (Q(recorded_at__isnull=False) & ~Q(recorded_by="")),
                name="what_is_recorded_has_its_officer",
            ),
        ]
        indexes = [
            models.Index(
                fields=["registry", "state", "due_on", "accept_seq"],
                name="application_desk",
                condition=~Q(state__in=sorted(s.value for s in DONE | ENDED)),
            ),
            models.Index(fields=["unit", "moved"], name="application_of_unit"),
            models.Index(fields=["registry", "-moved"], name="application_of_registry"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.state}"

    @cached_property
    def lots(self) -> tuple[str, ...]:
        """Return what it is about, in the order of the codes: lots are named when it is filed, and stay."""
        return tuple(self.subjects.order_by("lot").values_list("lot", flat=True))


class Party(models.Model):
    """Somebody named in an application. A bank is a unit of the catalogue; of a person only the name is in the open."""

    region = models.CharField(max_length=6)
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="parties", db_index=False)
    seq = models.PositiveSmallIntegerField()
    role = models.CharField(max_length=12)
    kind = models.CharField(max_length=12)
    name = models.CharField(max_length=200)
    id_hash = models.BinaryField()  # empty for a unit
    id_sealed = models.BinaryField()
    unit = models.CharField(max_length=64, blank=True)
    married = models.BooleanField(default=False)
    spouse_of = models.CharField(max_length=200, blank=True)
    asked = models.BooleanField()  # has to agree with an account of his own

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "application", "seq"], name="one_party_per_place"),
            models.CheckConstraint(condition=Q(role__in=[r.value for r in Role]), name="party_role_is_known"),
            models.CheckConstraint(
                condition=Q(kind="unit", id_hash=b"") | Q(Exact(Length("id_hash"), 32)), name="party_hash_is_32_bytes"
            ),
            region_is_an_area_code("registration_party"),
        ]
        indexes = [models.Index(fields=["id_hash"], name="party_by_hash", condition=~Q(id_hash=b""))]


class Subject(models.Model):
    """One lot that an application is about. `guard` says what would be the same thing asked twice (B13.1)."""

    region = models.CharField(max_length=6)
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="subjects", db_index=False)
    lot = models.CharField(max_length=40)
    guard = models.BinaryField()
    open = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "application", "lot"], name="one_subject_per_lot"),
            models.UniqueConstraint(
                fields=["region", "guard"], condition=Q(open=True), name="one_open_case_for_the_same_thing"
            ),
            region_is_an_area_code("registration_subject"),
        ]
        indexes = [
            models.Index(fields=["lot", "open"], name="subject_by_lot"),
            models.Index(fields=["guard"], name="subject_by_guard"),
        ]


class Paper(models.Model):
    """One paper of an application, known by its digest; the file itself is a document's use, or stays with the bank. Only added to."""

    region = models.CharField(max_length=6)
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="papers", db_index=False)
    seq = models.PositiveSmallIntegerField()
    material = models.CharField(max_length=60)
    name = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)
    pages = models.PositiveIntegerField()
    use = models.UUIDField(null=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "application", "seq"], name="one_paper_per_place"),
            models.CheckConstraint(condition=Q(digest__regex=r"^[0-9a-f]{64}$"), name="paper_digest_is_sha256"),
            region_is_an_area_code("registration_paper"),
        ]


class Consent(models.Model):
    """What a party said of the application with an account of his own: text, time and channel (R13.1). Only added to."""

    region = models.CharField(max_length=6)
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="consents", db_index=False)
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="consents", db_index=False)
    says = models.CharField(max_length=10)  # given, declined, objected
    text = models.CharField(max_length=1000)
    text_version = models.CharField(max_length=20)
    by = models.CharField(max_length=80)
    channel = models.CharField(max_length=16)
    device = models.CharField(max_length=120, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "party"], condition=Q(says="given"), name="a_party_agrees_once"),
            models.CheckConstraint(condition=Q(says__in=["given", "declined", "objected"]), name="consent_is_known"),
            region_is_an_area_code("registration_consent"),
        ]
        indexes = [models.Index(fields=["application"], name="consent_of_application")]


class Line(models.Model):
    """One thing done to an application. Only added to."""

    region = models.CharField(max_length=6)
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="lines", db_index=False)
    seq = models.PositiveSmallIntegerField()
    act = models.CharField(max_length=20)
    state = models.CharField(max_length=20)
    by = models.CharField(max_length=80)
    at = models.DateTimeField()
    channel = models.CharField(max_length=16, blank=True)
    law = models.CharField(max_length=300, blank=True)
    words_sealed = models.BinaryField()
    detail = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["region", "application", "seq"], name="one_line_per_place_of_a_registration"
            ),
            models.CheckConstraint(condition=Q(act__in=[a.value for a in Act]), name="registration_act_is_known"),
            region_is_an_area_code("registration_line"),
        ]


class Series(models.Model):
    """The last number of a registry, year and kind: certificates, letters. Locked by the jobs that allot alone, never by recording."""

    region = models.CharField(max_length=6)
    registry = models.CharField(max_length=64)
    year = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=8)
    last = models.PositiveIntegerField()

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


class CertificateFile(models.Model):
    """The sealed file of a certificate, as it was made once. Only added to; only the seal over it moves to a new key."""

    certificate = models.OneToOneField(Certificate, on_delete=models.PROTECT, primary_key=True, related_name="file")
    region = models.CharField(max_length=6)
    digest = models.BinaryField()
    size = models.IntegerField()
    file_sealed = models.BinaryField()
    sample = models.BooleanField()
    seal_digest = models.BinaryField()
    made_at = models.DateTimeField()
    stamped_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(Exact(Length("digest"), 32)) & Q(Exact(Length("seal_digest"), 32)),
                name="real_estate_certificate_digests_are_32_bytes",
            ),
            region_is_an_area_code("certificate_file"),
        ]
        indexes = [models.Index(fields=["digest"], name="certificate_file_by_digest")]


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


class LetterFile(models.Model):
    """The sealed file of a letter, as it was made once. Only added to; only the seal over it moves to a new key."""

    letter = models.OneToOneField(Letter, on_delete=models.PROTECT, primary_key=True, related_name="file")
    region = models.CharField(max_length=6)
    digest = models.BinaryField()
    size = models.IntegerField()
    file_sealed = models.BinaryField()
    sample = models.BooleanField()
    seal_digest = models.BinaryField()
    made_at = models.DateTimeField()
    stamped_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(Exact(Length("digest"), 32)) & Q(Exact(Length("seal_digest"), 32)),
                name="registration_letter_digests_are_32_bytes",
            ),
            region_is_an_area_code("letter_file"),
        ]
        indexes = [models.Index(fields=["digest"], name="letter_file_by_digest")]


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


class Enquiry(models.Model):
    """Who asked what of the book, and for what (条例 第二十七、二十八条; R7.10). Only added to."""

    id = models.UUIDField(primary_key=True, editable=False)
    region = models.CharField(max_length=6)
    lot = models.CharField(max_length=40)
    by = models.CharField(max_length=80)
    interest = models.CharField(max_length=12)  # holder, interested
    purpose = models.CharField(max_length=40)
    words_sealed = models.BinaryField()  # the interest, as it was written
    answered = models.BooleanField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(interest__in=["holder", "interested"]), name="enquiry_interest_is_known"
            ),
            region_is_an_area_code("enquiry"),
        ]
        indexes = [models.Index(fields=["lot", "-at"], name="enquiry_of_lot")]
