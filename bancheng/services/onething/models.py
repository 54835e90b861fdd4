"""What the service itself keeps: promises of papers that may follow (R-RQ-3), for whom a clerk fills in a form, joint visits,
what a desk overlooked (R-OT-1), what registers were asked and said."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Length
from django.db.models.lookups import Exact


class PaperPromise(models.Model):
    """An applicant chose to supply a paper later; he may take it back and use the ordinary way (R-RQ-7)."""

    region = models.CharField(max_length=6)
    about = models.CharField(max_length=100)  # "draft:…", from submission on "case:…"
    paper = models.CharField(max_length=64)  # by its name in the closed list of the guide
    made_by = models.CharField(max_length=80)
    made_at = models.DateTimeField()
    words = models.CharField(max_length=40, db_default="")  # version of the words that were promised in
    signed_as = models.CharField(max_length=24, db_default="")  # self, legal_representative, agent, counter
    document = models.CharField(max_length=200, db_default="")  # the writing of an agent, or of a partner
    sealed = models.BooleanField(db_default=False)  # the organisation's seal stands under it
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["region", "about", "paper"], condition=Q(ended_at=None), name="one_open_promise_per_paper"
            ),
            models.CheckConstraint(
                condition=Q(region__regex=r"^[0-9]{6}$"), name="paper_promise_region_is_an_area_code"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.about} {self.paper}"


class CounterDraft(models.Model):
    """A draft that a clerk fills in for somebody at the counter, who agreed to it; no other clerk sees it (P-3)."""

    region = models.CharField(max_length=6)
    draft_id = models.UUIDField()
    clerk = models.CharField(max_length=80)
    holder_hash = models.BinaryField()  # of the applicant: what opens the draft
    agreed = models.CharField(max_length=40)  # the version of the words that were agreed to
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "draft_id", "clerk"], name="one_counter_draft_per_clerk"),
            models.CheckConstraint(
                condition=Q(region__regex=r"^[0-9]{6}$"), name="counter_draft_region_is_an_area_code"
            ),
            models.CheckConstraint(
                condition=Exact(Length("holder_hash"), 32), name="counter_draft_holder_hash_is_32_bytes"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.draft_id} {self.clerk}"


class JointVisit(models.Model):
    """One appointment at which the inspectors of several matters come together (R14.4); moved, it ends and a new one stands."""

    MORNING, AFTERNOON = "am", "pm"

    region = models.CharField(max_length=6)
    root_id = models.UUIDField()  # the bundle
    day = models.DateField()
    half = models.CharField(max_length=2)
    matters = ArrayField(models.UUIDField())  # whose inspectors come
    booked_by = models.CharField(max_length=80)
    booked_at = models.DateTimeField()
    cancelled = models.CharField(max_length=300, db_default="")  # why it was called off without another day
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["region", "root_id"], condition=Q(ended_at=None), name="one_joint_visit_of_a_bundle_at_a_time"
            ),
            models.CheckConstraint(condition=Q(half__in=["am", "pm"]), name="joint_visit_is_in_a_half_day"),
            models.CheckConstraint(condition=Q(matters__len__gt=0), name="joint_visit_is_for_something"),
            models.CheckConstraint(condition=Q(region__regex=r"^[0-9]{6}$"), name="joint_visit_region_is_an_area_code"),
        ]

    def __str__(self) -> str:
        return f"{self.root_id} {self.day} {self.half}"


class Overlooked(models.Model):
    """What a desk could have asked the first time and did not: a supervisor allows it to be asked, or not (R-OT-1)."""

    region = models.CharField(max_length=6)
    case_id = models.UUIDField()
    unit = models.CharField(max_length=64)
    number = models.CharField(max_length=32)
    title = models.CharField(max_length=200)
    title_en = models.CharField(max_length=240)
    defects = models.JSONField()  # [{"about", "says", "law"}]
    reason = models.TextField()
    asked_by = models.CharField(max_length=80)
    asked_at = models.DateTimeField()
    allowed = models.BooleanField(null=True)
    decided_by = models.CharField(max_length=80, blank=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["region", "case_id"], condition=Q(decided_at=None), name="one_open_request_of_a_case"
            ),
            models.CheckConstraint(condition=Q(region__regex=r"^[0-9]{6}$"), name="overlooked_region_is_an_area_code"),
            models.CheckConstraint(
                condition=Q(allowed=None, decided_at=None) | Q(allowed__isnull=False, decided_at__isnull=False),
                name="overlooked_is_decided_once",
            ),
        ]
        indexes = [models.Index(fields=["unit"], name="overlooked_of_unit", condition=Q(decided_at=None))]

    def __str__(self) -> str:
        return f"{self.number} {self.asked_at:%F}"


class RegisterQuestion(models.Model):
    """A question to the exchange of registers and what it said (R-E-3). Rows are only ever added; the applicant sees them."""

    id = models.UUIDField(primary_key=True)
    region = models.CharField(max_length=6)
    holder_hash = models.BinaryField()  # about whom
    registers = ArrayField(models.CharField(max_length=20))
    purpose = models.CharField(max_length=200)  # with its article
    about = models.CharField(max_length=100)  # "draft:…", "case:…", or a partner's own number
    by = models.CharField(max_length=80)
    asked_at = models.DateTimeField()
    lease = models.CharField(max_length=100, db_default="")  # the number that was asked for (B14.2)
    source = models.CharField(max_length=200, blank=True)
    as_of = models.DateTimeField(null=True)  # null: no answer that could be believed
    entries = models.JSONField()
    silent = models.CharField(max_length=200, blank=True)  # why there is none

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(as_of=None, silent__gt="") | Q(as_of__isnull=False, silent=""),
                name="a_register_question_was_answered_or_says_why_not",
            ),
            models.CheckConstraint(
                condition=~Q(purpose="") & ~Q(about="") & ~Q(by="") & Q(registers__len__gt=0),
                name="a_register_question_says_what_for_and_by_whom",
            ),
            models.CheckConstraint(
                condition=Exact(Length("holder_hash"), 32), name="register_question_holder_hash_is_32_bytes"
            ),
            models.CheckConstraint(
                condition=Q(region__regex=r"^[0-9]{6}$"), name="register_question_region_is_an_area_code"
            ),
        ]
        indexes = [models.Index(fields=["holder_hash", "-asked_at"], name="register_questions_of_a_holder")]

    def __str__(self) -> str:
        return f"{self.about} {self.purpose}"


class RegisterCheck(models.Model):
    """That a case calls for a look into registers: answered by a question, or 未核验 until it is."""

    region = models.CharField(max_length=6)
    root_id = models.UUIDField()  # the bundle, or the single case
    matter = models.CharField(max_length=64)  # whose officer it concerns
    holder_hash = models.BinaryField()
    holder_sealed = models.BinaryField()
    opened_at = models.DateTimeField()
    question = models.ForeignKey(RegisterQuestion, on_delete=models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)  # answered, or nobody needs it any more

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "root_id"], name="one_register_check_of_a_case"),
            models.CheckConstraint(
                condition=Q(question=None) | Q(ended_at__isnull=False), name="an_answered_register_check_has_ended"
            ),
            models.CheckConstraint(
                condition=Exact(Length("holder_hash"), 32), name="register_check_holder_hash_is_32_bytes"
            ),
            models.CheckConstraint(
                condition=Q(region__regex=r"^[0-9]{6}$"), name="register_check_region_is_an_area_code"
            ),
        ]
        indexes = [models.Index(fields=["opened_at"], name="register_checks_open", condition=Q(ended_at=None))]

    def __str__(self) -> str:
        return f"{self.root_id} {self.matter}"
