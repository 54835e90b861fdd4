"""Orders, what channels called about, refunds, and each day's comparison. Amounts are whole fen."""

from django.db import models
from django.db.models import F, Q

from bancheng.kernel.payments.rules import UNDER_WAY, Channel, Match, OrderState, RefundState

REGION = r"^[0-9]{6}$"


def _one_of(field: str, values: type[Channel] | type[OrderState] | type[RefundState] | type[Match]) -> Q:
    return Q(**{f"{field}__in": [value.value for value in values]})


class Order(models.Model):
    """One payment asked for. The channel knows it by its id's 32 hex digits."""

    id = models.UUIDField(primary_key=True, editable=False)
    region = models.CharField(max_length=6)
    key = models.CharField(max_length=100)
    channel = models.CharField(max_length=8)
    amount_fen = models.PositiveIntegerField()
    refunded_fen = models.PositiveIntegerField(default=0)  # planned, and not closed
    description = models.CharField(max_length=100)
    about = models.CharField(max_length=100)
    openid = models.CharField(max_length=128, blank=True)
    payer_ip = models.GenericIPAddressField(null=True)  # until the channel has the order: it compares
    return_url = models.CharField(max_length=300, blank=True)
    state = models.CharField(max_length=8, default=OrderState.NEW.value)
    sheet = models.JSONField(default=dict)  # what opens the pay sheet
    channel_ref = models.CharField(max_length=64, blank=True)  # the channel's own number
    pay_before = models.DateTimeField()
    created_at = models.DateTimeField()
    asked_at = models.DateTimeField(null=True)  # when somebody last wanted to know whether it is paid
    paid_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "key"], name="one_order_of_a_key"),
            models.CheckConstraint(condition=Q(region__regex=REGION), name="order_region_is_an_area_code"),
            models.CheckConstraint(condition=_one_of("channel", Channel), name="order_channel_is_known"),
            models.CheckConstraint(condition=_one_of("state", OrderState), name="order_state_is_known"),
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="an_order_asks_for_something"),
            models.CheckConstraint(
                condition=Q(refunded_fen__lte=F("amount_fen")), name="no_more_goes_back_than_came_in"
            ),
            models.CheckConstraint(
                condition=Q(refunded_fen=0) | Q(paid_at__isnull=False), name="only_what_was_paid_goes_back"
            ),
        ]
        indexes = [
            models.Index(
                fields=["pay_before"], condition=Q(state__in=[OrderState.NEW, OrderState.OPEN]), name="order_unpaid"
            ),
            models.Index(fields=["region", "paid_at"], name="order_paid"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """The order's number at the channel (out_trade_no)."""
        return self.id.hex


class Callback(models.Model):
    """What a channel called about, as it was read and, sealed, as it came: its signature can be checked again. Never changed."""

    region = models.CharField(max_length=6)
    channel = models.CharField(max_length=8)
    notice = models.CharField(max_length=80)  # the channel's number of the call
    number = models.CharField(max_length=64)  # of the order or refund it is about
    told = models.JSONField()
    raw_sealed = models.BinaryField(default=b"")  # headers and body; they name the payer
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "channel", "notice"], name="one_callback_of_a_notice"),
        ]

    def __str__(self) -> str:
        return self.notice


class Refund(models.Model):
    """Money on its way back. The channel knows it by `number`, which was written before it was asked."""

    id = models.UUIDField(primary_key=True, editable=False)
    region = models.CharField(max_length=6)
    key = models.CharField(max_length=100)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="refunds", db_index=False)
    counter = models.PositiveSmallIntegerField()
    amount_fen = models.PositiveIntegerField()
    reason = models.CharField(max_length=80)
    state = models.CharField(max_length=12, default=RefundState.PLANNED.value)
    says = models.CharField(max_length=200, blank=True)  # the channel's last word
    asked = models.PositiveIntegerField(default=0)
    due_at = models.DateTimeField(null=True)  # when it is to be looked at; None: final, or a person's
    planned_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "key"], name="one_refund_of_a_key"),
            models.UniqueConstraint(fields=["order", "counter"], name="refunds_of_an_order_are_numbered"),
            models.UniqueConstraint(
                fields=["order"],
                condition=Q(state__in=sorted(UNDER_WAY)),
                name="one_refund_of_an_order_under_way",
            ),
            models.CheckConstraint(condition=_one_of("state", RefundState), name="refund_state_is_known"),
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="a_refund_returns_something"),
        ]
        indexes = [models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="refund_due")]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """The refund's number at the channel (out_refund_no)."""
        return f"{self.order_id.hex}-{self.counter}"


class Finding(models.Model):
    """What a person found of an abnormal refund at the channel, and the other person who agreed or did not."""

    region = models.CharField(max_length=6)
    refund = models.ForeignKey(Refund, on_delete=models.PROTECT, related_name="findings", db_index=False)
    succeeded = models.BooleanField()
    why = models.CharField(max_length=200)
    found_by = models.CharField(max_length=64)
    found_at = models.DateTimeField()
    agreed = models.BooleanField(null=True)  # decided and None: the channel carried it out meanwhile
    decided_by = models.CharField(max_length=64, blank=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["refund"], condition=Q(decided_at__isnull=True), name="one_finding_of_a_refund_waits"
            ),
            models.CheckConstraint(condition=~Q(decided_by=F("found_by")), name="another_person_agrees"),
        ]

    def __str__(self) -> str:
        return f"{self.refund_id} {'success' if self.succeeded else 'closed'}"


class Day(models.Model):
    """One channel's bill of one day beside ours; comparing again replaces it."""

    region = models.CharField(max_length=6)
    channel = models.CharField(max_length=8)
    day = models.DateField()
    compared_at = models.DateTimeField()
    equal = models.PositiveIntegerField()
    ours_fen = models.BigIntegerField()
    theirs_fen = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["region", "channel", "day"], name="one_comparison_of_a_day")]

    def __str__(self) -> str:
        return f"{self.channel} {self.day}"


class Difference(models.Model):
    """One number that does not fit."""

    region = models.CharField(max_length=6)
    day = models.ForeignKey(Day, on_delete=models.CASCADE, related_name="differences")
    number = models.CharField(max_length=64)
    match = models.CharField(max_length=16)
    ours_fen = models.BigIntegerField(null=True)
    theirs_fen = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["day", "number"], name="one_difference_of_a_number"),
            models.CheckConstraint(condition=_one_of("match", Match), name="difference_class_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.match}"
