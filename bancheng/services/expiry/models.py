"""Items, watches, reminders, tasks and terms. Constraints are the last line; their names are the sentences."""

import uuid
from enum import StrEnum

from django.db import models
from django.db.models import F, Q

from bancheng.lib.text import Text
from bancheng.services.expiry import rules, words


def choices(kind: type[StrEnum]) -> list[tuple[str, str]]:
    return [(member.value, member.name) for member in kind]


class Item(models.Model):
    """A reminder item of one unit (提醒事项): one licence kind, its renewal window and what to tell its holders (F10.10, F10.11)."""

    region = models.CharField(max_length=6)
    code = models.CharField(max_length=40)
    unit = models.CharField(max_length=40)  # catalogue code of the unit that issues and verifies (谁制发、谁核实)
    matter = models.CharField(max_length=40, blank=True)
    licence_type = models.CharField(max_length=40)
    name = models.CharField(max_length=80)
    name_en = models.CharField(max_length=160)
    domain = models.CharField(max_length=40)
    law = models.CharField(max_length=120)
    validity_years = models.PositiveSmallIntegerField()  # 0: 长期
    # the renewal window, counted back from expiry, both ends included; no `opens`: at any time; no `closes`: until expiry
    opens = models.PositiveSmallIntegerField(null=True)
    closes = models.PositiveSmallIntegerField(null=True)
    counts_in = models.CharField(max_length=5)  # clocks.Unit of the window: wd, nd or month
    window_law = models.CharField(max_length=160, blank=True)
    provenance = models.CharField(max_length=1)  # T, L, S, M as in the law table: how sure we are of the window
    difficulty = models.CharField(max_length=20)
    audience = models.CharField(max_length=40)
    materials = models.CharField(max_length=400)
    materials_en = models.CharField(max_length=600)
    bring = models.JSONField()  # the papers the holder must bring himself, as a list; the rest is fetched (免交)
    bring_en = models.JSONField()
    channel = models.CharField(max_length=200)
    channel_en = models.CharField(max_length=300)
    online = models.CharField(max_length=200, blank=True)
    offline = models.CharField(max_length=200)
    phone = models.CharField(max_length=20)
    published_on = models.DateField()
    withdrawn_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "code"], name="one_item_a_code"),
            models.UniqueConstraint(
                fields=["region", "unit", "licence_type"],
                condition=Q(withdrawn_on=None),
                name="one_open_item_a_unit_and_licence_type",
            ),
            models.CheckConstraint(
                condition=Q(opens=None) | Q(opens__gt=F("closes")), name="a_window_opens_before_it_closes"
            ),
        ]


class Window(models.Model):
    """The window of one item for one expiry day, derived once and shared by every watch with that day."""

    region = models.CharField(max_length=6)
    item = models.ForeignKey(Item, models.CASCADE)
    expires_on = models.DateField()
    opens_on = models.DateField(null=True)
    closes_on = models.DateField()
    provisional = models.BooleanField()  # beyond the last published calendar year (R-CLK-9)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["region", "item", "expires_on"], name="one_window_a_day")]
        indexes = [models.Index(fields=["expires_on"], condition=Q(provisional=True), name="expiry_provisional")]


class Watch(models.Model):
    """One licence under watch. Its dates are copies of the licence's and its window's, made to be found by index."""

    region = models.CharField(max_length=6)
    licence = models.OneToOneField("licences.Licence", models.CASCADE, related_name="+")
    item = models.ForeignKey(Item, models.PROTECT)
    unit = models.CharField(max_length=40)
    expires_on = models.DateField(null=True)  # null: 长期 or unknown (B10.1)
    opens_on = models.DateField(null=True)
    closes_on = models.DateField(null=True)
    provisional = models.BooleanField(default=False)
    state = models.CharField(max_length=12, choices=choices(rules.State), default=rules.State.LIVE)
    fresh = models.BooleanField(default=False)  # came when a stage had already passed: heard at the next inspection
    special = models.BooleanField(default=False)  # green channel: very old, disabled (F10.8)
    applied_on = models.DateField(null=True)
    answered_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_on__isnull=False) | ~Q(state__in=["live", "pending", "lapsed"]),
                name="only_an_endless_watch_has_no_last_day",
            ),
            models.CheckConstraint(
                condition=~Q(state="pending") | Q(applied_on__isnull=False), name="a_pending_watch_knows_its_day"
            ),
        ]
        indexes = [
            # the nightly scan reads these two alone; cost follows what is due, not how many are watched
            models.Index(
                fields=["expires_on"], include=["id"], condition=Q(state__in=["live", "says_done"]), name="expiry_due"
            ),
            models.Index(
                fields=["closes_on"], include=["id"], condition=Q(state__in=["live", "says_done"]), name="expiry_close"
            ),
            models.Index(fields=["id"], condition=Q(fresh=True), name="expiry_fresh"),
            models.Index(fields=["unit", "expires_on"], name="expiry_unit"),
        ]


class Inspection(models.Model):
    """One inspected day, written in the transaction that inspected it: catch-up counts from the latest."""

    region = models.CharField(max_length=6)
    day = models.DateField()
    ran_at = models.DateTimeField()
    messages = models.PositiveIntegerField()
    tasks = models.PositiveIntegerField()
    lapsed = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["region", "day"], name="one_inspection_a_day")]


class Reminder(models.Model):
    """One stage of one term that has spoken: the proof that nobody was forgotten and nobody was told twice."""

    region = models.CharField(max_length=6)
    watch = models.ForeignKey(Watch, models.CASCADE)
    unit = models.CharField(max_length=40)
    stage = models.CharField(max_length=3, choices=choices(rules.Stage))
    reach = models.CharField(max_length=7, choices=choices(rules.Reach))
    expires_on = models.DateField()  # the term it speaks for: a renewed licence starts afresh
    day = models.DateField()  # the day inspected

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "watch", "expires_on", "stage"], name="one_reminder_a_stage")
        ]
        indexes = [models.Index(fields=["day"], name="expiry_reminder_day")]

    @property
    def words(self) -> Text:
        return words.STAGES[rules.Stage(self.stage)]


class Task(models.Model):
    """A person's piece of work: the T-3 call or visit, a warning to the agency, a check of what a holder said."""

    class Kind(models.TextChoices):
        ONE_ON_ONE = "one_on_one"  # F10.7
        AGENCY = "agency"  # R10.2: silence is about to renew
        UNREACHABLE = "unreachable"  # B10.5: every channel failed
        VERIFY = "verify"  # R10.7: the holder says it is done
        DEEMED = "deemed"  # 行政许可法 第五十条: renewed by silence, the paper is owed
        CANCEL = "cancel"  # 行政许可法 第七十条: ran out and was not renewed, the permit is to be cancelled

    class Result(models.TextChoices):
        TOLD = "told"
        APPLIED = "applied"
        WILL_NOT = "will_not"
        HOME_SERVICE = "home_service"  # F10.8
        NOT_FOUND = "not_found"
        CONFIRMED = "confirmed"
        REASON = "reason"  # what was done, or why not yet, stands in the note
        SETTLED = "settled"  # closed by the licence itself: renewed meanwhile

    region = models.CharField(max_length=6)
    watch = models.ForeignKey(Watch, models.CASCADE)
    unit = models.CharField(max_length=40)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    stage = models.CharField(max_length=3, blank=True, db_default="")  # of a one-on-one: w3 and t3 are two calls
    expires_on = models.DateField()
    due_on = models.DateField()
    opened_at = models.DateTimeField()
    assignee = models.ForeignKey("identity.User", models.PROTECT, null=True, related_name="+")
    assigned_at = models.DateTimeField(null=True)
    method = models.CharField(max_length=5, blank=True, db_default="")  # call or visit
    result = models.CharField(max_length=12, choices=Result.choices, blank=True, db_default="")
    note = models.CharField(max_length=300, blank=True, db_default="")
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["region", "watch", "expires_on", "kind", "stage"], name="one_task_a_kind_and_stage"
            ),
            models.CheckConstraint(
                condition=Q(closed_at=None, result="") | Q(closed_at__isnull=False) & ~Q(result=""),
                name="a_closed_task_has_a_result",
            ),
        ]
        indexes = [
            models.Index(fields=["unit", "due_on"], condition=Q(closed_at=None), name="expiry_open_tasks"),
            models.Index(fields=["opened_at"], name="expiry_task_opened"),
        ]

    @property
    def own_work(self) -> bool:
        """Return whether it is the unit's own work, which ends with the licence or with a reason, not with a call."""
        return self.kind in (self.Kind.AGENCY, self.Kind.DEEMED, self.Kind.CANCEL)

    @property
    def results(self) -> list[Result]:
        """Return what a person may close this task with; the licence itself settles the rest."""
        if self.own_work:
            return [self.Result.REASON]
        return [result for result in self.Result if result not in (self.Result.REASON, self.Result.SETTLED)]


class Term(models.Model):
    """How one term of validity ended; the renewal rate is counted here (R10.6)."""

    region = models.CharField(max_length=6)
    watch = models.ForeignKey(Watch, models.CASCADE)
    item = models.ForeignKey(Item, models.PROTECT)
    unit = models.CharField(max_length=40)
    expires_on = models.DateField()
    outcome = models.CharField(max_length=12, choices=choices(rules.Outcome))
    ended_on = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["region", "watch", "expires_on"], name="one_outcome_a_term")]
        indexes = [models.Index(fields=["expires_on", "outcome"], name="expiry_terms")]


class Batch(models.Model):
    """One uploaded ledger (工作台账). The file is kept sealed and only until it has been read."""

    class State(models.TextChoices):
        WAITING = "waiting"
        READING = "reading"
        DONE = "done"
        REFUSED = "refused"  # the file as a whole: nothing of it was taken

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    region = models.CharField(max_length=6)
    unit = models.CharField(max_length=40)
    name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    sealed = models.BinaryField(null=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    rows = models.PositiveIntegerField(default=0)
    read = models.PositiveIntegerField(default=0)  # rows whose chunk is committed; a restart goes on from here
    added = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    same = models.PositiveIntegerField(default=0)
    older = models.PositiveIntegerField(default=0)  # the ledger held a newer one of the same licence (B10.3)
    bad = models.PositiveIntegerField(default=0)
    endless = models.PositiveIntegerField(default=0)  # B10.1
    expired = models.PositiveIntegerField(default=0)  # B10.2
    says = models.CharField(max_length=300, blank=True)
    says_en = models.CharField(max_length=300, blank=True)
    uploaded_by = models.ForeignKey("identity.User", models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["region", "unit", "sha256"],
                condition=Q(state__in=["waiting", "reading"]),
                name="one_reading_of_the_same_file",
            )
        ]
        indexes = [models.Index(fields=["unit", "-uploaded_at"], name="expiry_batches")]


class BadRow(models.Model):
    """A row that could not be taken, sealed as it was typed, with its reasons; it goes back as a workbook (B10.9)."""

    region = models.CharField(max_length=6)
    batch = models.ForeignKey(Batch, models.CASCADE)
    line = models.PositiveIntegerField()  # the row number people see in Excel
    sealed = models.BinaryField()
    reasons = models.CharField(max_length=500)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["region", "batch", "line"], name="one_bad_row_a_line")]


class Review(models.Model):
    """A unit's quarterly re-combing of its items (F10.13)."""

    region = models.CharField(max_length=6)
    unit = models.CharField(max_length=40)
    quarter = models.CharField(max_length=6)
    added = models.PositiveIntegerField()
    removed = models.PositiveIntegerField()
    note = models.CharField(max_length=300, blank=True)
    done_by = models.ForeignKey("identity.User", models.PROTECT, related_name="+")
    done_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["region", "unit", "quarter"], name="one_review_a_quarter")]
