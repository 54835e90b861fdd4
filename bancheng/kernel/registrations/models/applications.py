"""Applications, who is named in them, what was said and done.

The log (`Line`), consents and papers are only ever added to; the columns of `Application` are worked out from its log in the same transaction.
"""

from functools import cached_property

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length
from django.db.models.lookups import Exact

from bancheng.kernel.registrations.models.base import region_is_an_area_code
from bancheng.kernel.registrations.rules.kinds import Role
from bancheng.kernel.registrations.rules.words import DONE, ENDED, Act, State


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
            models.Index(fields=["registry"], name="application_recorded", condition=Q(state=State.RECORDED.value)),
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
