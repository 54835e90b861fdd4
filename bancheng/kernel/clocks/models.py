"""Calendar years, clocks that run, and the sandbox clock of demonstrations."""

from django.db import models
from django.db.models import F, Q


class CalendarYear(models.Model):
    """One version of one year's holiday notice. National, so without a region; a correction adds a version."""

    year = models.PositiveSmallIntegerField()
    version = models.PositiveSmallIntegerField()
    source = models.CharField(max_length=200)
    loaded_by = models.CharField(max_length=80)
    loaded_at = models.DateTimeField()
    current = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["year", "version"], name="one_row_per_version_of_a_calendar_year"),
            models.UniqueConstraint(
                fields=["year"], condition=Q(current=True), name="one_current_version_of_a_calendar_year"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.year} v{self.version}"


class CalendarDay(models.Model):
    """A day the notice names: a rest day, or a weekend day that is worked."""

    KINDS = [("rest", "放假"), ("work", "调休上班")]

    calendar_year = models.ForeignKey(CalendarYear, on_delete=models.PROTECT, related_name="days")
    day = models.DateField()
    kind = models.CharField(max_length=4, choices=KINDS)
    name = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["calendar_year", "day"], name="a_day_is_rest_or_work_and_not_both"),
            models.CheckConstraint(condition=Q(kind__in=["rest", "work"]), name="calendar_day_kind_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.kind}"


class CalendarProposal(models.Model):
    """A year's notice put forward by one person; another brings it into force (P-2). National, so without a region."""

    WAITING, CONFIRMED, DROPPED = "waiting", "confirmed", "dropped"

    year = models.PositiveSmallIntegerField()
    source = models.CharField(max_length=200)
    rest = models.JSONField()  # {"2027-01-01": "元旦", …}
    work = models.JSONField()  # ["2027-02-06", …]
    state = models.CharField(max_length=9, default=WAITING)
    proposed_by = models.CharField(max_length=80)
    proposed_at = models.DateTimeField()
    settled_by = models.CharField(max_length=80, blank=True)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["year"], condition=Q(state="waiting"), name="one_waiting_proposal_of_a_calendar_year"
            ),
            models.CheckConstraint(
                condition=~Q(state="confirmed") | (~Q(settled_by="") & ~Q(settled_by=F("proposed_by"))),
                name="a_calendar_is_confirmed_by_a_second_person",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "confirmed", "dropped"]), name="calendar_proposal_state_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.year} {self.state}"


class RunningClock(models.Model):
    """One period running on one matter: what it was given, and the dates worked out from that.

    `about` names the matter as audit does ("case:7"). The dates are stored because a nightly scan reads them; they
    are worked out again from the rest whenever a pause, an extension or a calendar changes.
    """

    STATES = [
        ("running", "计时中"),
        ("paused", "暂停"),
        ("done", "已办结"),
        ("lapsed", "逾期视为"),
        ("cancelled", "终止"),
    ]

    region = models.CharField(max_length=6)
    about = models.CharField(max_length=120)
    rule = models.CharField(max_length=40)
    side = models.CharField(max_length=6)
    effect = models.CharField(max_length=40, blank=True)
    started_on = models.DateField()
    started_at = models.DateTimeField(null=True)  # for a period in hours
    length_n = models.PositiveSmallIntegerField()  # the law's as it stood at the start, for the whole case
    length_unit = models.CharField(max_length=5)
    promised_n = models.PositiveSmallIntegerField(null=True)
    promised_unit = models.CharField(max_length=5, blank=True)
    extension_n = models.PositiveSmallIntegerField(null=True)
    extension_decided_on = models.DateField(null=True)
    extension_by = models.CharField(max_length=80, blank=True)
    extension_reason = models.CharField(max_length=300, blank=True)
    extension_served_on = models.DateField(null=True)
    due_on = models.DateField()
    due_at = models.DateTimeField(null=True)
    provisional = models.BooleanField()
    promised_on = models.DateField(null=True)
    notified = models.BooleanField(default=False)  # a citizen was told the date: R-CLK-9, it may only become later
    calendar_version = models.CharField(max_length=30)
    state = models.CharField(max_length=9, choices=STATES, default="running")
    ended_on = models.DateField(null=True)
    soon_for = models.DateField(null=True)  # the date for which the warning, … was already given
    overdue_for = models.DateField(null=True)
    promise_missed_for = models.DateField(null=True)
    was_paused = True  # not a column: who reads many clocks at once says of which there is no pause to be read

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["region", "about", "rule"],
                condition=Q(state__in=["running", "paused"]),
                name="one_open_clock_per_rule_and_matter",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["running", "paused", "done", "lapsed", "cancelled"]),
                name="clock_state_is_known",
            ),
            models.CheckConstraint(
                condition=Q(promised_on=None) | Q(promised_n__isnull=False), name="a_promised_date_has_a_promise"
            ),
        ]
        indexes = [
            models.Index(fields=["due_on"], condition=Q(state="running"), name="clocks_running_by_due"),
            models.Index(
                fields=["promised_on"],
                condition=Q(state="running", promised_on__isnull=False),
                name="clocks_running_by_promise",
            ),
            models.Index(fields=["about"], name="clocks_of_a_matter"),  # the ended ones too
        ]

    def __str__(self) -> str:
        return f"{self.rule} {self.about} → {self.due_on}"


class ClockPause(models.Model):
    """R-CLK-5: a stretch that is not counted, with the papers that make it lawful. Unserved, it never happened."""

    region = models.CharField(max_length=6)
    clock = models.ForeignKey(RunningClock, on_delete=models.CASCADE, related_name="pauses")
    cause = models.CharField(max_length=20)
    basis = models.CharField(max_length=200)
    first = models.DateField()
    last = models.DateField(null=True)
    planned_last = models.DateField()
    start_document = models.CharField(max_length=120)
    end_document = models.CharField(max_length=120, blank=True)
    approver = models.CharField(max_length=80)
    served_on = models.DateField(null=True)
    notice = models.CharField(max_length=120, blank=True)  # what was served

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["region", "clock"], condition=Q(last=None), name="one_open_pause_per_clock"
            ),
            models.CheckConstraint(
                condition=Q(last=None) | Q(last__gte=F("first")), name="a_pause_ends_after_it_begins"
            ),
            models.CheckConstraint(
                condition=Q(planned_last__gte=F("first")), name="a_planned_pause_ends_after_it_begins"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cause} {self.first}"


class SandboxClock(models.Model):
    """The demonstration's clock, one row at most: `base_virtual` was shown at `base_real`, and runs at `rate`."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    base_real = models.DateTimeField()
    base_virtual = models.DateTimeField()
    rate = models.PositiveIntegerField()  # virtual seconds in a real one; 0 stands still
    set_by = models.CharField(max_length=80)
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_sandbox_clock")]

    def __str__(self) -> str:
        return f"{self.base_virtual} × {self.rate}"
