"""Services that may be rated, what was said of them, call-backs and appeals.

What was said and done (`Rating`, `CallBackLine`, `AppealLine`) is only ever added to; the columns of the others are worked out from it
in the same transaction. No row names the rater: he is a hash, his contact is sealed, and so are all words.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length
from django.db.models.lookups import Exact

from bancheng.kernel.ratings.rules import Act, Flaw, Mode, Route, Ruling, State


def region_is_an_area_code(table: str) -> models.CheckConstraint:
    """Return the constraint that `region` is a six-digit area code."""
    return models.CheckConstraint(condition=Q(region__regex=r"^[0-9]{6}$"), name=f"{table}_region_is_an_area_code")


class Occasion(models.Model):
    """One service that may be rated, once."""

    id = models.UUIDField(primary_key=True, editable=False)
    region = models.CharField(max_length=6)
    about = models.CharField(max_length=100)
    root = models.UUIDField(null=True)
    number = models.CharField(max_length=32, blank=True)
    service = models.CharField(max_length=40)
    matter = models.CharField(max_length=64, blank=True)
    unit = models.CharField(max_length=64)
    title = models.CharField(max_length=200)
    title_en = models.CharField(max_length=240)
    mode = models.CharField(max_length=8)
    token = models.CharField(max_length=32)  # of the link: who holds it holds the phone it was sent to
    rater_hash = models.BinaryField()  # empty: nobody is known
    contact_sealed = models.BinaryField()
    handlers = ArrayField(models.CharField(max_length=80))
    opened_at = models.DateTimeField()
    closes_on = models.DateField()
    grade = models.PositiveSmallIntegerField(null=True)  # null is 未评价, and nothing else is (R-RT-6)
    rated_at = models.DateTimeField(null=True)
    changeable_until = models.DateField(null=True)
    excluded = models.BooleanField(default=False)
    slip_hash = models.BinaryField(db_default=b"")  # of the code on the slip by which a visitor without a phone is told

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "about"], name="one_occasion_per_service"),
            models.UniqueConstraint(fields=["region", "token"], name="one_occasion_per_link"),
            models.UniqueConstraint(
                fields=["region", "slip_hash"], condition=~Q(slip_hash=b""), name="one_occasion_per_slip"
            ),
            region_is_an_area_code("occasion"),
            models.CheckConstraint(condition=Q(mode__in=[m.value for m in Mode]), name="occasion_mode_is_known"),
            models.CheckConstraint(condition=Q(grade=None) | Q(grade__range=(1, 5)), name="a_grade_is_one_to_five"),
            models.CheckConstraint(
                condition=Q(grade=None, rated_at=None, excluded=False)
                | (Q(grade__isnull=False) & Q(rated_at__isnull=False)),
                name="silence_is_no_grade",
            ),
            models.CheckConstraint(
                condition=Q(rater_hash=b"") | Q(Exact(Length("rater_hash"), 32)), name="occasion_rater_hash_is_32_bytes"
            ),
        ]
        indexes = [
            models.Index(fields=["rater_hash", "-opened_at"], name="occasion_by_rater", condition=~Q(rater_hash=b"")),
            models.Index(fields=["unit", "matter", "opened_at"], name="occasion_of_unit"),
        ]

    def __str__(self) -> str:
        return f"{self.about} {self.grade}"


class Rating(models.Model):
    """What was said once. A change is another row; rows are only ever added."""

    region = models.CharField(max_length=6)
    occasion = models.ForeignKey(Occasion, on_delete=models.PROTECT, related_name="ratings", db_index=False)
    seq = models.PositiveSmallIntegerField()
    grade = models.PositiveSmallIntegerField()
    tags = ArrayField(models.CharField(max_length=40))
    words_sealed = models.BinaryField()
    agent_sealed = models.BinaryField(db_default=b"")  # who said it for the one who was served (P-5)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "occasion", "seq"], name="one_rating_per_place"),
            models.CheckConstraint(condition=Q(grade__range=(1, 5)), name="a_rating_is_one_to_five"),
            region_is_an_area_code("rating"),
        ]


class CallBack(models.Model):
    """A bad rating that its unit calls back (谁办理、谁负责)."""

    id = models.UUIDField(primary_key=True, editable=False)
    region = models.CharField(max_length=6)
    occasion = models.ForeignKey(Occasion, on_delete=models.PROTECT, related_name="call_backs", db_index=False)
    seq = models.PositiveSmallIntegerField()  # of the rating that opened it
    unit = models.CharField(max_length=64)
    real_name = models.BooleanField()  # the rater is known, or left a number
    state = models.CharField(max_length=10)
    route = models.CharField(max_length=10, blank=True)
    taken_by = models.CharField(max_length=80, blank=True)
    opened_at = models.DateTimeField()
    due_on = models.DateField(null=True)
    contacted_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    late_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["region", "occasion"], condition=Q(closed_at=None), name="one_open_call_back_per_service"
            ),
            region_is_an_area_code("call_back"),
            models.CheckConstraint(condition=Q(state__in=[s.value for s in State]), name="call_back_state_is_known"),
            models.CheckConstraint(
                condition=Q(route="") | Q(route__in=[r.value for r in Route]), name="call_back_route_is_known"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["closed", "dropped"], closed_at__isnull=False)
                | (~Q(state__in=["closed", "dropped"]) & Q(closed_at=None)),
                name="call_back_ends_once",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["open", "dropped"]) | (~Q(route="") & Q(contacted_at__isnull=False)),
                name="nothing_is_answered_unchecked",
            ),
        ]
        indexes = [
            models.Index(
                F("unit"), F("due_on"), F("opened_at"), name="call_back_queue", condition=Q(closed_at__isnull=True)
            ),
            models.Index(fields=["occasion"], name="call_back_of_occasion"),
        ]


class CallBackLine(models.Model):
    """One thing done to a call-back. Rows are only ever added."""

    region = models.CharField(max_length=6)
    call_back = models.ForeignKey(CallBack, on_delete=models.PROTECT, related_name="lines", db_index=False)
    seq = models.PositiveSmallIntegerField()
    act = models.CharField(max_length=10)
    by = models.CharField(max_length=80)
    at = models.DateTimeField()
    law = models.CharField(max_length=300, blank=True)
    words_sealed = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "call_back", "seq"], name="one_line_per_place_of_a_call_back"),
            models.CheckConstraint(condition=Q(act__in=[a.value for a in Act]), name="call_back_act_is_known"),
            region_is_an_area_code("call_back_line"),
        ]


class Appeal(models.Model):
    """A unit asks to leave a rating out; somebody who has no part in it decides, and another when the rater objects (R-RT-4)."""

    id = models.UUIDField(primary_key=True, editable=False)
    region = models.CharField(max_length=6)
    occasion = models.ForeignKey(Occasion, on_delete=models.PROTECT, related_name="appeals", db_index=False)
    unit = models.CharField(max_length=64)
    rated = ArrayField(models.CharField(max_length=80))
    flaw = models.CharField(max_length=10)
    state = models.CharField(max_length=10)
    asked_by = models.CharField(max_length=80)
    asked_at = models.DateTimeField()
    decided_by = models.CharField(max_length=80, blank=True)
    decided_unit = models.CharField(max_length=64, blank=True)
    again_by = models.CharField(max_length=80, blank=True)
    again_unit = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "occasion"], name="one_appeal_per_service"),
            models.CheckConstraint(condition=Q(state__in=[s.value for s in Ruling]), name="appeal_state_is_known"),
            models.CheckConstraint(condition=Q(flaw__in=[f.value for f in Flaw]), name="appeal_flaw_is_known"),
            models.CheckConstraint(
                condition=(Q(decided_by="") | ~Q(decided_by=F("asked_by")))
                & (Q(again_by="") | (~Q(again_by=F("asked_by")) & ~Q(again_by=F("decided_by")))),
                name="each_review_is_by_another_person",
            ),
            models.CheckConstraint(
                condition=~Q(decided_unit=F("unit")) & ~Q(again_unit=F("unit")), name="no_unit_reviews_itself"
            ),
            region_is_an_area_code("appeal"),
        ]
        indexes = [
            models.Index(fields=["asked_at"], name="appeal_to_review", condition=Q(state__in=["waiting", "objected"]))
        ]


class AppealLine(models.Model):
    """One thing done to an appeal. Rows are only ever added."""

    region = models.CharField(max_length=6)
    appeal = models.ForeignKey(Appeal, on_delete=models.PROTECT, related_name="lines", db_index=False)
    seq = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=10)  # what it became
    by = models.CharField(max_length=80)  # "rater" for an objection
    at = models.DateTimeField()
    words_sealed = models.BinaryField()
    evidence_sealed = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "appeal", "seq"], name="one_line_per_place_of_an_appeal"),
            region_is_an_area_code("appeal_line"),
        ]
