"""Finance: what was compared each day, what did not fit, the master meters' registers, and charges given back by two people."""

from django.db import models
from django.db.models import F, Q

from bancheng.services.sockets.models.places import Meter, Site, Socket
from bancheng.services.sockets.models.regions import region_is_an_area_code
from bancheng.services.sockets.models.sessions import Session
from bancheng.services.sockets.rules.handwork import HandState
from bancheng.services.sockets.rules.reconciling import Part


class Reconciliation(models.Model):
    """A day as it was last compared; comparing again replaces it."""

    region = models.CharField(max_length=6)
    day = models.DateField()
    at = models.DateTimeField()
    by = models.CharField(max_length=80)
    sessions = models.PositiveIntegerField()  # settled on the day
    charged_fen = models.BigIntegerField()
    lost_fen = models.BigIntegerField()  # used beyond what was paid
    paid_fen = models.BigIntegerField()
    refunded_fen = models.BigIntegerField()
    equal = models.PositiveIntegerField()  # entries that agree with the ledger
    channels = models.JSONField(
        default=list
    )  # each: channel, equal, differences, ours_fen, theirs_fen; what has no file yet is missing
    sockets_10wh = models.BigIntegerField()  # by the sockets' registers
    sessions_10wh = models.BigIntegerField()
    master_10wh = models.BigIntegerField()  # of sites with a master meter that was read
    mastered_10wh = models.BigIntegerField()  # by the sockets of those sites
    unread = models.PositiveIntegerField()  # sockets without a reading on the day
    unmastered = models.PositiveIntegerField()  # sites whose master meter was not read

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "day"], name="one_reconciliation_of_a_day"),
            region_is_an_area_code("reconciliation"),
        ]

    def __str__(self) -> str:
        return f"{self.day}"


class Finding(models.Model):
    """One thing that did not fit."""

    region = models.CharField(max_length=6)
    reconciliation = models.ForeignKey(Reconciliation, on_delete=models.CASCADE, related_name="findings")
    part = models.CharField(max_length=8)
    about = models.CharField(
        max_length=120
    )  # a number of the channel, a key of the ledger, a socket, a site, a session
    says = models.CharField(max_length=200)
    says_en = models.CharField(max_length=240)
    site = models.ForeignKey(Site, null=True, on_delete=models.PROTECT, related_name="+")
    socket = models.ForeignKey(Socket, null=True, on_delete=models.PROTECT, related_name="+")
    session = models.ForeignKey(Session, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        constraints = [
            region_is_an_area_code("finding"),
            models.CheckConstraint(condition=Q(part__in=[str(p) for p in Part]), name="finding_part_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.part} {self.about}"


class MasterReading(models.Model):
    """A master meter's register as it stood at the end of a day. Only ever added to."""

    region = models.CharField(max_length=6)
    meter = models.ForeignKey(Meter, on_delete=models.PROTECT, related_name="frozen")
    day = models.DateField()
    e_10wh = models.PositiveIntegerField()
    at = models.DateTimeField()
    by = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "meter", "day"], name="one_register_of_a_master_meter_a_day"),
            region_is_an_area_code("masterreading"),
            models.CheckConstraint(condition=Q(e_10wh__lt=100_000_000), name="a_register_has_eight_digits"),
        ]

    def __str__(self) -> str:
        return f"{self.meter_id} {self.day} {self.e_10wh}"


class HandRefund(models.Model):
    """A charge, or a part of it, that goes back by two people's decision."""

    region = models.CharField(max_length=6)
    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="by_hand")
    refund_id = models.UUIDField(null=True, unique=True)  # of payments: it carries the charge back
    amount_fen = models.PositiveIntegerField()
    reason = models.CharField(max_length=300)
    state = models.CharField(max_length=8)
    proposed_by = models.CharField(max_length=80)
    proposed_at = models.DateTimeField()
    decided_by = models.CharField(max_length=80, blank=True)
    decided_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)  # the channel has carried it out

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["region", "session"],
                condition=Q(state=str(HandState.PROPOSED)),
                name="one_proposal_to_give_a_charge_back",
            ),
            region_is_an_area_code("handrefund"),
            models.CheckConstraint(
                condition=Q(state__in=[str(s) for s in HandState]), name="hand_refund_state_is_known"
            ),
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="a_hand_refund_gives_something_back"),
            models.CheckConstraint(condition=~Q(reason=""), name="a_hand_refund_says_why"),
            models.CheckConstraint(
                condition=~Q(decided_by=F("proposed_by")), name="a_second_person_decides_hand_refunds"
            ),
            models.CheckConstraint(
                condition=Q(state=str(HandState.PROPOSED), decided_at=None)
                | (~Q(state=str(HandState.PROPOSED)) & Q(decided_at__isnull=False)),
                name="a_decided_hand_refund_says_when",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.session_id} {self.amount_fen}"
