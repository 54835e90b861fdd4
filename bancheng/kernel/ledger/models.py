"""Accounts, entries, lines and holds. The database keeps entries whole and unchanged; balances are kept by the recording statement."""

from django.db import models
from django.db.models import F, Q

from bancheng.kernel.ledger.rules import Normal, Unit

REGION = r"^[0-9]{6}$"
UNITS = [unit.value for unit in Unit]


class Account(models.Model):
    """A place where units are. `balance` is debits less credits; `held` of its normal side cannot be moved."""

    region = models.CharField(max_length=6)
    path = models.CharField(max_length=200)  # "sockets/session/<id>"
    unit = models.CharField(max_length=8)
    normal = models.SmallIntegerField()
    floor = models.BigIntegerField(null=True)
    balance = models.BigIntegerField(default=0)
    held = models.BigIntegerField(default=0)
    opened_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "path"], name="one_account_of_a_path"),
            models.CheckConstraint(condition=Q(region__regex=REGION), name="account_region_is_an_area_code"),
            models.CheckConstraint(condition=Q(unit__in=UNITS), name="account_unit_is_known"),
            models.CheckConstraint(condition=Q(normal__in=[each.value for each in Normal]), name="account_has_a_side"),
            models.CheckConstraint(condition=Q(held__gte=0), name="nothing_less_than_nothing_is_held"),
            models.CheckConstraint(
                condition=Q(floor=None) | Q(floor__lte=F("normal") * F("balance") - F("held")),
                name="an_account_keeps_its_floor",
            ),
        ]

    def __str__(self) -> str:
        return self.path


class Entry(models.Model):
    """One movement: `lines` lines that sum to zero."""

    id = models.UUIDField(primary_key=True)
    region = models.CharField(max_length=6)
    key = models.CharField(max_length=200)  # the poster's own; what comes twice is posted once
    unit = models.CharField(max_length=8)
    kind = models.CharField(max_length=48)  # "sockets.paid"
    about = models.CharField(max_length=100)  # "session:<id>"
    lines = models.SmallIntegerField()
    content = models.BinaryField()  # fingerprint of what it says
    reverses = models.UUIDField(null=True)
    by = models.CharField(max_length=80)
    at = models.DateTimeField()
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "key"], name="one_entry_of_a_key"),
            models.UniqueConstraint(
                fields=["region", "reverses"], condition=Q(reverses__isnull=False), name="an_entry_is_reversed_once"
            ),
            models.CheckConstraint(condition=Q(region__regex=REGION), name="entry_region_is_an_area_code"),
            models.CheckConstraint(condition=Q(unit__in=UNITS), name="entry_unit_is_known"),
            models.CheckConstraint(condition=Q(lines__gte=2), name="an_entry_has_two_lines_or_more"),
        ]
        indexes = [models.Index(fields=["region", "about"], name="entry_about")]

    def __str__(self) -> str:
        return self.key


class Posting(models.Model):
    """One line of an entry, with the account's balance after it."""

    region = models.CharField(max_length=6)
    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, db_index=False, related_name="+")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, db_index=False, related_name="+")
    amount = models.BigIntegerField()
    balance = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["entry", "account"], name="one_line_of_an_account"),
            models.CheckConstraint(condition=~Q(amount=0), name="a_line_moves_something"),
        ]
        indexes = [models.Index(fields=["account", "id"], name="posting_of_account")]

    def __str__(self) -> str:
        return f"{self.account_id} {self.amount:+}"


class Hold(models.Model):
    """Units of an account set aside until released."""

    region = models.CharField(max_length=6)
    key = models.CharField(max_length=200)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    amount = models.BigIntegerField()
    about = models.CharField(max_length=100)
    at = models.DateTimeField()
    released_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "key"], name="one_hold_of_a_key"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="a_hold_holds_something"),
        ]

    def __str__(self) -> str:
        return self.key
