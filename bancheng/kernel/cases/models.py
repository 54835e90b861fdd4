"""Cases, what was said in them, what was done to them, and who has to act.

The log (`CaseAction`) and what was submitted (`Submission`) are only ever added to; the columns of `Case` and the tasks are worked
out from them in the same transaction, so that a queue is one indexed read.
"""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length
from django.db.models.lookups import Exact

from bancheng.kernel.cases.rules.words import Act, Kind, Outcome, State


def region_is_an_area_code(table: str) -> models.CheckConstraint:
    """Return the constraint that `region` is a six-digit area code."""
    return models.CheckConstraint(condition=Q(region__regex=r"^[0-9]{6}$"), name=f"{table}_region_is_an_area_code")


class FlowVersion(models.Model):
    """A flow as the pack had it. A version stays as long as a case runs on it; the newest is `current`."""

    region = models.CharField(max_length=6)
    code = models.CharField(max_length=64)
    version = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    definition = models.JSONField()
    current = models.BooleanField()
    loaded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "code", "version"], name="one_row_per_flow_version"),
            models.UniqueConstraint(fields=["region", "code"], condition=Q(current=True), name="one_current_flow"),
            region_is_an_area_code("flow"),
        ]

    def __str__(self) -> str:
        return f"{self.code} v{self.version}"


class Case(models.Model):
    """One application for one matter, or a bundle of them. `id` is a UUIDv7 made with the instant it came in."""

    id = models.UUIDField(primary_key=True, editable=False)
    region = models.CharField(max_length=6)
    number = models.CharField(max_length=32)
    service = models.CharField(max_length=40)
    key = models.CharField(max_length=120)  # the sender's own: the same one is the same case
    root = models.ForeignKey(
        "self", on_delete=models.PROTECT, related_name="family", db_index=False
    )  # itself, or its bundle
    step = models.CharField(max_length=64, blank=True)  # of the bundle that it stands for
    attempt = models.PositiveSmallIntegerField(db_default=1)
    flow = models.ForeignKey(FlowVersion, on_delete=models.PROTECT, related_name="cases", db_index=False)
    matter = models.CharField(max_length=64, blank=True)
    title = models.CharField(max_length=200)
    title_en = models.CharField(max_length=240)
    unit = models.CharField(max_length=64, blank=True)
    applicant_kind = models.CharField(max_length=12)
    applicant_name = models.CharField(max_length=200)
    applicant_hash = models.BinaryField()
    applicant_sealed = models.BinaryField()
    identifier_kind = models.CharField(max_length=16)
    filed_by = models.CharField(max_length=80)  # who sent it in: the applicant, his agent, a clerk at the counter
    state = models.CharField(max_length=16)
    outcome = models.CharField(max_length=16, blank=True)
    round = models.PositiveSmallIntegerField()
    received_at = models.DateTimeField()
    accepted_on = models.DateField(null=True)
    decided_on = models.DateField(null=True)
    closed_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "number"], name="one_case_of_a_number"),
            models.UniqueConstraint(fields=["region", "service", "key"], name="one_case_of_a_key"),
            models.UniqueConstraint(
                fields=["region", "root", "step"],
                condition=~Q(step="") & Q(closed_at=None),
                name="one_open_case_per_matter_of_a_bundle",
            ),
            region_is_an_area_code("case"),
            models.CheckConstraint(condition=Q(state__in=[s.value for s in State]), name="case_state_is_known"),
            models.CheckConstraint(
                condition=Q(outcome="") | Q(outcome__in=[o.value for o in Outcome]), name="case_outcome_is_known"
            ),
            models.CheckConstraint(
                condition=Exact(Length("applicant_hash"), 32), name="case_applicant_hash_is_32_bytes"
            ),
            models.CheckConstraint(condition=Q(round__gte=1), name="case_was_submitted"),
        ]
        indexes = [
            models.Index(fields=["root"], name="case_family"),
            models.Index(fields=["applicant_hash", "-received_at"], name="case_by_applicant", condition=Q(step="")),
            models.Index(fields=["unit", "-received_at"], name="case_of_unit"),
            models.Index(
                fields=["closed_at"],
                name="case_to_archive",
                condition=Q(step="", closed_at__isnull=False) & ~Q(state="archived"),
            ),
        ]

    def __str__(self) -> str:
        return self.number


class Submission(models.Model):
    """What was said in one round: open values as they are, personal ones sealed as one. Rows are only ever added."""

    region = models.CharField(max_length=6)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="submissions", db_index=False)
    round = models.PositiveSmallIntegerField()
    values = models.JSONField()
    sealed = models.BinaryField()
    materials = models.JSONField()  # {material: [{"id", "name"}]}
    form = models.CharField(max_length=64, blank=True)  # digest of the form that was filled in
    by = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "case", "round"], name="one_submission_per_round"),
            region_is_an_area_code("submission"),
        ]


class CaseAction(models.Model):
    """One thing that was done. Rows are only ever added; the database refuses anything else."""

    region = models.CharField(max_length=6)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="actions", db_index=False)
    seq = models.PositiveIntegerField()
    act = models.CharField(max_length=20)
    step = models.CharField(max_length=64, blank=True)
    outcome = models.CharField(max_length=16, blank=True)
    by = models.CharField(max_length=80)
    at = models.DateTimeField()
    reason = models.TextField(blank=True)
    law = models.CharField(max_length=300, blank=True)
    remedy = models.TextField(blank=True)
    document = models.CharField(max_length=120, blank=True)
    undoes = models.PositiveIntegerField(null=True)
    detail = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "case", "seq"], name="one_action_per_place_in_the_log"),
            region_is_an_area_code("action"),
            models.CheckConstraint(condition=Q(act__in=[a.value for a in Act]), name="act_is_known"),
            models.CheckConstraint(
                condition=~Q(act__in=[Act.NOT_ACCEPTED.value])
                & ~Q(act=Act.DECIDED.value, outcome=Outcome.DENIED.value)
                & ~Q(act=Act.DONE.value, outcome__in=[Outcome.UNTRUE.value, Outcome.REVOKED.value])
                | (~Q(reason="") & ~Q(law="") & ~Q(remedy="")),
                name="a_refusal_carries_reason_article_and_remedy",
            ),
        ]


class Task(models.Model):
    """A step that is open, and who may do it; kept when it ends."""

    OPEN, DONE, DROPPED = "open", "done", "dropped"

    region = models.CharField(max_length=6)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="tasks", db_index=False)
    step = models.CharField(max_length=64)
    kind = models.CharField(max_length=12)
    role = models.CharField(max_length=40)
    unit = models.CharField(max_length=64)
    state = models.CharField(max_length=8)
    taken_by = models.CharField(max_length=80, blank=True)
    opened_at = models.DateTimeField()
    due_on = models.DateField(null=True)  # what runs out first, promise or law
    escalated_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["region", "case", "step"], condition=Q(state="open"), name="one_open_task_per_step"
            ),
            models.CheckConstraint(condition=Q(state__in=["open", "done", "dropped"]), name="task_state_is_known"),
            models.CheckConstraint(condition=Q(kind__in=[k.value for k in Kind]), name="task_kind_is_known"),
            models.CheckConstraint(
                condition=Q(state="open", ended_at=None) | (~Q(state="open") & Q(ended_at__isnull=False)),
                name="task_ends_once",
            ),
            region_is_an_area_code("task"),
        ]
        indexes = [
            models.Index(
                F("unit"),
                F("role"),
                F("due_on").asc(nulls_last=True),
                F("id"),
                name="task_queue",
                condition=Q(state="open"),
            ),
            models.Index(
                F("role"),
                F("due_on").asc(nulls_last=True),
                F("id"),
                name="task_queue_of_all_units",
                condition=Q(state="open"),
            ),
            models.Index(fields=["case"], name="task_of_case"),
        ]


class CorrectionItem(models.Model):
    """One defect, asked by one department: told with all others in one notice (R-OT-1, R14.3)."""

    region = models.CharField(max_length=6)
    root = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="corrections", db_index=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+", db_index=False)
    round = models.PositiveSmallIntegerField()
    about = models.CharField(max_length=120)  # "field:floor_area" or "material:premises"
    says = models.TextField()
    example = models.TextField(blank=True)
    law = models.CharField(max_length=300, blank=True)
    overridden_by = models.CharField(
        max_length=80, blank=True
    )  # R-OT-1: asked late, by a supervisor's leave, a defect of the service
    asked_by = models.CharField(max_length=80)
    asked_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    due_on = models.DateField(null=True)
    answered_at = models.DateTimeField(null=True)
    dropped_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["region", "case", "round", "about"],
                condition=Q(dropped_at=None),
                name="one_defect_is_told_once",
            ),
            region_is_an_area_code("correction"),
        ]
        indexes = [
            models.Index(fields=["root"], name="correction_of_root"),
            models.Index(
                fields=["due_on"],
                name="correction_unanswered",
                condition=Q(sent_at__isnull=False, answered_at=None, dropped_at=None),
            ),
        ]


class Gap(models.Model):
    """R-RQ: a secondary paper that may follow later, promised by a day."""

    OPEN, SUPPLIED, BROKEN = "open", "supplied", "broken"
    DROPPED = "dropped"  # the case ended otherwise: nobody needs the paper

    region = models.CharField(max_length=6)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="gaps", db_index=False)
    material = models.CharField(max_length=64)
    holds_result = models.BooleanField()  # R-RQ-4: the result waits for it
    promised_by = models.CharField(max_length=80)
    promised_at = models.DateTimeField()
    due_on = models.DateField()
    state = models.CharField(max_length=10)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "case", "material"], name="one_gap_per_material"),
            models.CheckConstraint(
                condition=Q(state__in=["open", "supplied", "broken", "dropped"]), name="gap_state_is_known"
            ),
            region_is_an_area_code("gap"),
        ]
        indexes = [models.Index(fields=["due_on"], name="gap_due", condition=Q(state="open"))]
