"""Sessions: somebody uses a socket, from the scan to the last refund. What was paid, what it cost, what went back, and what the device was told.

The database holds the last lines: one open session a socket, what has ended stays as it is, the first cause stands, and never goes back more
than was paid less what it cost. Readings are kept apart (`readings`); the bill is worked out from them, once, and its lines stay here.
"""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce

from bancheng.services.sockets.models.regions import region_is_an_area_code
from bancheng.services.sockets.rules.commands import CommandState
from bancheng.services.sockets.rules.sessions import FINAL, HOLDS_SOCKET, Cause, State


@dataclass
class Made:
    """What an operation has made of a session and not written yet: `operations.writing` does, with the session, by one statement."""

    before: dict[str, Any] = field(default_factory=dict)  # its columns, as they were read under its lock
    commands: list["Command"] = field(default_factory=list)
    proved: set[str] = field(default_factory=set)  # what the relay has shown to be done
    prepays: list["Prepay"] = field(default_factory=list)  # that came in
    refunds: list["Refund"] = field(default_factory=list)  # that were planned
    moved: list["Refund"] = field(default_factory=list)  # that have come further
    segments: list["Segment"] = field(default_factory=list)
    entries: list[dict[str, Any]] = field(default_factory=list)  # for the ledger

    def __bool__(self) -> bool:
        rows = (self.commands, self.proved, self.prepays, self.refunds, self.moved, self.segments, self.entries)
        return any(rows)


class Session(models.Model):
    """One use of one socket."""

    phone: bool | None = None  # whether one was left for messages; None: nobody has looked

    id = models.UUIDField(primary_key=True, editable=False)
    region = models.CharField(max_length=6)
    socket = models.ForeignKey("sockets.Socket", on_delete=models.PROTECT, related_name="sessions", db_index=False)
    site = models.ForeignKey("sockets.Site", on_delete=models.PROTECT, related_name="sessions", db_index=False)
    gateway = models.CharField(max_length=32)  # as the wire names both, on the day of the scan
    wire = models.CharField(max_length=32)
    token_hash = models.BinaryField()  # of the payer's secret: his link and his cookie, no account
    language = models.CharField(max_length=2)

    state = models.CharField(max_length=12)
    since = models.DateTimeField()  # in this state
    due_at = models.DateTimeField(null=True)  # when the scan looks at it
    created_at = models.DateTimeField()
    paid_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True)  # when somebody or something ended it
    settled_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    cause = models.CharField(max_length=12, blank=True)
    cause_code = models.CharField(max_length=24, blank=True)  # of a trip: the protection
    ended_by = models.CharField(max_length=80, blank=True)

    prepay_fen = models.PositiveIntegerField()  # what he wants to pay
    paid_fen = models.PositiveIntegerField(default=0)
    refunded_fen = models.PositiveIntegerField(default=0)  # planned or done, of the payment that counts
    cost_fen = models.PositiveIntegerField(null=True)
    lost_fen = models.PositiveIntegerField(default=0)  # what was used and nobody paid for

    plan_id = models.BigIntegerField()  # the tariff pinned at the start
    highest_price = models.PositiveIntegerField()  # micro-yuan a kWh, until the longest end
    most_w = models.PositiveIntegerField()
    idle_w = models.PositiveIntegerField(default=0)  # below it for ten minutes it ends by itself; 0: never
    quota_wh = models.PositiveIntegerField(default=0)
    longest_s = models.PositiveIntegerField()
    lease_until = models.DateTimeField(null=True)

    # what the readings say so far; the bill is worked out anew at the end
    meter = models.CharField(max_length=12, blank=True)
    first_boot = models.BigIntegerField(null=True)
    first_seq = models.BigIntegerField(null=True)
    boot = models.BigIntegerField(default=0)  # up to here its log was followed
    seq = models.BigIntegerField(default=0)
    good_boot = models.BigIntegerField(null=True)  # the last believed reading: its boot, uptime, register and time
    up_ms = models.BigIntegerField(null=True)
    e_10wh = models.PositiveIntegerField(null=True)
    last_at = models.DateTimeField(null=True)
    used_wh = models.PositiveIntegerField(default=0)
    spent_nano = models.BigIntegerField(default=0)
    idle_since = models.DateTimeField(null=True)
    aside = models.PositiveSmallIntegerField(default=0)  # readings that were not believed
    tripped = models.CharField(max_length=24, blank=True)  # by the grid, and may come back by itself
    cut_boot = models.BigIntegerField(null=True)  # where the relay opened
    cut_seq = models.BigIntegerField(null=True)
    cut_10wh = models.PositiveIntegerField(null=True)
    end_boot = models.BigIntegerField(null=True)  # the last of its log that is billed
    end_seq = models.BigIntegerField(null=True)
    bill = models.JSONField(default=list)  # lines: band, price, wh
    clock_suspect = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["region", "socket"],
                condition=Q(state__in=[str(s) for s in HOLDS_SOCKET]),
                name="one_open_session_per_socket",
            ),
            models.UniqueConstraint(fields=["region", "token_hash"], name="one_session_per_secret"),
            region_is_an_area_code("session"),
            models.CheckConstraint(condition=Q(state__in=[str(s) for s in State]), name="session_state_is_known"),
            models.CheckConstraint(condition=Q(cause__in=["", *map(str, Cause)]), name="session_cause_is_known"),
            models.CheckConstraint(
                condition=Q(refunded_fen__lte=F("paid_fen") - Coalesce(F("cost_fen"), 0)),
                name="never_goes_back_more_than_was_paid_less_the_cost",
            ),
            models.CheckConstraint(
                condition=Q(paid_fen=0) | Q(paid_fen=F("prepay_fen")), name="what_is_paid_is_what_was_asked"
            ),
            models.CheckConstraint(
                condition=~Q(state=str(State.CLOSED)) | Q(paid_fen=F("refunded_fen") + Coalesce(F("cost_fen"), 0)),
                name="a_closed_session_owes_nothing",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="sessions_due"),
            models.Index(
                fields=["gateway", "wire"],
                condition=~Q(state__in=sorted(str(s) for s in FINAL)),
                name="open_sessions_on_the_wire",
            ),
            models.Index(fields=["socket", "-created_at"], name="sessions_of_a_socket"),
            models.Index(fields=["site", "-created_at"], name="sessions_of_a_site"),
            models.Index(fields=["settled_at"], condition=Q(settled_at__isnull=False), name="sessions_settled"),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.state}"

    @cached_property
    def made(self) -> Made:
        """Return what is to be written with it."""
        return Made()

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write the row alone; what was made with it would be lost."""
        assert not self.made, "written by operations.writing"
        super().save(*args, **kwargs)


class Contact(models.Model):
    """Where the payer of a session wants messages: his phone and his link, both sealed. Nobody has to leave one; a month later it is gone."""

    region = models.CharField(max_length=6)
    session = models.OneToOneField(Session, on_delete=models.PROTECT, related_name="contact")
    mobile_sealed = models.BinaryField()
    mobile_hash = models.BinaryField()
    secret_sealed = models.BinaryField()
    language = models.CharField(max_length=2)
    at = models.DateTimeField()

    class Meta:
        constraints = [region_is_an_area_code("contact")]
        indexes = [models.Index(fields=["at"], name="contacts_by_age")]

    def __str__(self) -> str:
        return f"contact of {self.session_id}"


class Prepay(models.Model):
    """One attempt to pay for a session: an order of the payments kernel. Of several that are paid the first counts, the others go back."""

    region = models.CharField(max_length=6)
    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="prepays", db_index=False)
    order_id = models.UUIDField()
    channel = models.CharField(max_length=12)
    amount_fen = models.PositiveIntegerField()
    created_at = models.DateTimeField()
    paid_at = models.DateTimeField(null=True)
    counts = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "order_id"], name="one_prepay_per_order"),
            models.UniqueConstraint(
                fields=["region", "session"], condition=Q(counts=True), name="one_payment_of_a_session_counts"
            ),
            region_is_an_area_code("prepay"),
        ]
        indexes = [
            models.Index(fields=["session"], name="prepays_of_a_session"),
            models.Index(fields=["order_id"], name="prepay_of_an_order"),
        ]

    def __str__(self) -> str:
        return f"{self.order_id} {self.amount_fen}"


class Segment(models.Model):
    """A stretch of a session on one register that counts up, kept for ever: what the bill was made of."""

    region = models.CharField(max_length=6)
    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="segments", db_index=False)
    no = models.PositiveSmallIntegerField()
    meter = models.CharField(max_length=12)
    first_at = models.DateTimeField()
    from_10wh = models.PositiveIntegerField()
    last_at = models.DateTimeField()
    to_10wh = models.PositiveIntegerField()
    energy_10wh = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "session", "no"], name="segments_in_order"),
            region_is_an_area_code("segment"),
        ]
        indexes = [models.Index(fields=["last_at"], name="segments_by_time")]

    def __str__(self) -> str:
        return f"{self.meter} {self.from_10wh}-{self.to_10wh}"


class Refund(models.Model):
    """One refund of a session, by its counter; the payments kernel carries it out under this number."""

    region = models.CharField(max_length=6)
    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="refunds", db_index=False)
    number = models.PositiveSmallIntegerField()
    prepay = models.ForeignKey(Prepay, on_delete=models.PROTECT, db_index=False)
    kind = models.CharField(max_length=8)
    amount_fen = models.PositiveIntegerField()
    refund_id = models.UUIDField()
    state = models.CharField(max_length=12)
    planned_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "session", "number"], name="refunds_of_a_session_are_numbered"),
            models.UniqueConstraint(fields=["region", "refund_id"], name="one_refund_of_ours_per_refund"),
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="a_refund_is_more_than_nothing"),
            region_is_an_area_code("refund"),
        ]

    def __str__(self) -> str:
        return f"{self.session_id}-{self.number} {self.amount_fen}"


class Command(models.Model):
    """The outbox of the devices: what a socket is to do. Sent again until it is answered or too late."""

    id = models.UUIDField(primary_key=True, editable=False)  # the device keeps the last 64 and obeys each once
    region = models.CharField(max_length=6)
    session = models.ForeignKey(Session, null=True, on_delete=models.PROTECT, related_name="commands", db_index=False)
    gateway = models.CharField(max_length=32)
    wire = models.CharField(max_length=32)
    op = models.CharField(max_length=8)
    body = models.JSONField(default=dict)
    not_after = models.DateTimeField()
    state = models.CharField(max_length=8)
    result = models.CharField(max_length=12, blank=True)
    made_at = models.DateTimeField()
    send_at = models.DateTimeField(null=True)  # next; null: nothing to send any more
    sent_at = models.DateTimeField(null=True)
    sends = models.PositiveSmallIntegerField(default=0)
    acked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            region_is_an_area_code("command"),
            models.CheckConstraint(
                condition=Q(state__in=[str(s) for s in CommandState]), name="command_state_is_known"
            ),
        ]
        indexes = [
            models.Index(fields=["send_at"], condition=Q(send_at__isnull=False), name="commands_to_send"),
            models.Index(fields=["session", "made_at"], name="commands_of_a_session"),
        ]

    def __str__(self) -> str:
        return f"{self.op} {self.gateway}/{self.wire} {self.state}"
