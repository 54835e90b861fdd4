"""Care: tickets, planned outages, thresholds of the protections, and what hosts ask for."""

from django.db import models
from django.db.models import F, Q

from bancheng.services.sockets.models.places import Site, Socket, Unit
from bancheng.services.sockets.models.regions import region_is_an_area_code
from bancheng.services.sockets.rules.care import RequestState, TicketKind, TicketState
from bancheng.services.sockets.rules.protection import ChangeState


class Ticket(models.Model):
    """Work for somebody: one open ticket a cause, however often it is raised. Who checks is not who fixed."""

    id = models.UUIDField(primary_key=True, editable=False)
    region = models.CharField(max_length=6)
    cause = models.CharField(max_length=80)
    kind = models.CharField(max_length=16)
    site = models.ForeignKey(Site, null=True, on_delete=models.PROTECT, related_name="tickets")
    unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="tickets")
    socket = models.ForeignKey(Socket, null=True, on_delete=models.PROTECT, related_name="tickets")
    says = models.CharField(max_length=300)
    says_en = models.CharField(max_length=400)
    urgent = models.BooleanField(default=False)
    state = models.CharField(max_length=10)
    times = models.PositiveIntegerField(default=1)
    opened_at = models.DateTimeField()
    last_at = models.DateTimeField()
    assigned_to = models.CharField(max_length=80, blank=True)
    assigned_at = models.DateTimeField(null=True)
    fixed_by = models.CharField(max_length=80, blank=True)
    fixed_at = models.DateTimeField(null=True)
    fix = models.CharField(max_length=500, blank=True)
    closed_by = models.CharField(max_length=80, blank=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["region", "cause"], condition=Q(closed_at=None), name="one_open_ticket_per_cause"
            ),
            region_is_an_area_code("ticket"),
            models.CheckConstraint(condition=Q(kind__in=[str(k) for k in TicketKind]), name="ticket_kind_is_known"),
            models.CheckConstraint(condition=Q(state__in=[str(s) for s in TicketState]), name="ticket_state_is_known"),
            models.CheckConstraint(
                condition=Q(closed_by="") | ~Q(closed_by=F("fixed_by")), name="who_checks_is_not_who_fixed"
            ),
            models.CheckConstraint(
                condition=Q(state="closed", closed_at__isnull=False) | (~Q(state="closed") & Q(closed_at=None)),
                name="a_closed_ticket_says_when",
            ),
        ]
        indexes = [
            models.Index(fields=["opened_at"], condition=Q(closed_at=None), name="open_tickets"),
            models.Index(fields=["site", "-opened_at"], name="tickets_of_a_site"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.cause}"


class Outage(models.Model):
    """A planned outage of a site, told seven days before (R1.7); an urgent one says why it could not wait."""

    id = models.UUIDField(primary_key=True, editable=False)
    region = models.CharField(max_length=6)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="outages")
    since = models.DateTimeField()
    before = models.DateTimeField()
    reason = models.CharField(max_length=200)
    reason_en = models.CharField(max_length=300)
    urgent = models.BooleanField(default=False)
    announced_by = models.CharField(max_length=80)
    announced_at = models.DateTimeField()
    cancelled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            region_is_an_area_code("outage"),
            models.CheckConstraint(condition=Q(before__gt=F("since")), name="an_outage_ends_after_it_began"),
        ]
        indexes = [models.Index(fields=["site", "since"], condition=Q(cancelled_at=None), name="outages_to_come")]

    def __str__(self) -> str:
        return f"{self.site_id} {self.since}"


class Threshold(models.Model):
    """A threshold of a socket's protections that is not the usual one: proposed with its basis by one, approved by another."""

    region = models.CharField(max_length=6)
    socket = models.ForeignKey(Socket, on_delete=models.PROTECT, related_name="thresholds")
    name = models.CharField(max_length=16)
    value = models.PositiveIntegerField()
    basis = models.CharField(max_length=300)
    state = models.CharField(max_length=10)
    proposed_by = models.CharField(max_length=80)
    proposed_at = models.DateTimeField()
    decided_by = models.CharField(max_length=80, blank=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["region", "socket", "name"], condition=Q(state="in_force"), name="one_threshold_is_in_force"
            ),
            models.UniqueConstraint(
                fields=["region", "socket", "name"], condition=Q(state="proposed"), name="one_proposal_per_threshold"
            ),
            region_is_an_area_code("threshold"),
            models.CheckConstraint(condition=Q(state__in=[str(s) for s in ChangeState]), name="change_state_is_known"),
            models.CheckConstraint(
                condition=~Q(decided_by=F("proposed_by")), name="a_second_person_approves_thresholds"
            ),
            models.CheckConstraint(condition=~Q(basis=""), name="a_threshold_has_a_basis"),
        ]

    def __str__(self) -> str:
        return f"{self.socket_id} {self.name} {self.value}"


class SiteRequest(models.Model):
    """A host asks for a site."""

    id = models.UUIDField(primary_key=True, editable=False)
    region = models.CharField(max_length=6)
    host = models.CharField(max_length=40)
    place = models.CharField(max_length=200)
    scenario = models.CharField(max_length=12)
    sockets = models.PositiveSmallIntegerField()
    words = models.CharField(max_length=500, blank=True)
    state = models.CharField(max_length=10)
    asked_by = models.CharField(max_length=80)
    asked_at = models.DateTimeField()
    answer = models.CharField(max_length=300, blank=True)
    answered_by = models.CharField(max_length=80, blank=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            region_is_an_area_code("siterequest"),
            models.CheckConstraint(
                condition=Q(state__in=[str(s) for s in RequestState]), name="request_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(state="asked") | (Q(answered_at__isnull=False) & ~Q(answer="")), name="an_answer_says_why"
            ),
        ]
        indexes = [models.Index(fields=["host", "-asked_at"], name="requests_of_a_host")]

    def __str__(self) -> str:
        return f"{self.host} {self.place}"
