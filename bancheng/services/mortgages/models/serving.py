"""What the registry does for the banks: service officers, visits, symposiums, and the banks' requests."""

from django.db import models
from django.db.models import F, Q

from bancheng.services.mortgages.models.regions import region_is_an_area_code
from bancheng.services.mortgages.rules import requests as rules


class ServiceOfficer(models.Model):
    """F13.3: one chief service officer for each bank at a time."""

    region = models.CharField(max_length=6)
    registry = models.CharField(max_length=40)
    bank = models.CharField(max_length=40)
    account = models.BigIntegerField()
    since = models.DateTimeField()
    before = models.DateTimeField(null=True)
    named_by = models.CharField(max_length=80)

    class Meta:
        constraints = [
            region_is_an_area_code("serviceofficer"),
            models.UniqueConstraint(
                fields=["region", "bank"], condition=Q(before=None), name="one_chief_service_officer_per_bank"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.bank} {self.account}"


class Contact(models.Model):
    """A visit to a bank, or guidance given there."""

    id = models.UUIDField(primary_key=True, editable=False)
    region = models.CharField(max_length=6)
    registry = models.CharField(max_length=40)
    bank = models.CharField(max_length=40)
    kind = models.CharField(max_length=10)
    held_on = models.DateField()
    place = models.CharField(max_length=120)
    words = models.CharField(max_length=1000)
    noted_by = models.CharField(max_length=80)
    noted_at = models.DateTimeField()

    class Meta:
        constraints = [
            region_is_an_area_code("contact"),
            models.CheckConstraint(condition=Q(kind__in=[str(k) for k in rules.Contact]), name="contact_kind_is_known"),
        ]
        indexes = [models.Index(fields=["bank", "-held_on"], name="contacts_with_a_bank")]

    def __str__(self) -> str:
        return f"{self.kind} {self.held_on}"


class Symposium(models.Model):
    """F13.4: a meeting with representatives of the banks, with its record."""

    id = models.UUIDField(primary_key=True, editable=False)
    region = models.CharField(max_length=6)
    registry = models.CharField(max_length=40)
    held_on = models.DateField()
    subject = models.CharField(max_length=200)
    minutes = models.CharField(max_length=4000)
    banks = models.JSONField()  # who was there
    noted_by = models.CharField(max_length=80)
    noted_at = models.DateTimeField()

    class Meta:
        constraints = [region_is_an_area_code("symposium")]

    def __str__(self) -> str:
        return f"{self.held_on} {self.subject}"


class BankRequest(models.Model):
    """A request of a bank: collected, sorted, solved, answered, rated."""

    id = models.UUIDField(primary_key=True, editable=False)
    region = models.CharField(max_length=6)
    registry = models.CharField(max_length=40)
    bank = models.CharField(max_length=40)
    symposium = models.ForeignKey(Symposium, null=True, on_delete=models.PROTECT, related_name="requests")
    words = models.CharField(max_length=1000)
    state = models.CharField(max_length=10)
    topic = models.CharField(max_length=10, blank=True)
    route = models.CharField(max_length=12, blank=True)
    others = models.CharField(max_length=200, blank=True)  # with which departments
    asked_by = models.CharField(max_length=80)
    asked_at = models.DateTimeField()
    due_on = models.DateField()
    late_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=1000, blank=True)
    answered_by = models.CharField(max_length=80, blank=True)
    answered_at = models.DateTimeField(null=True)
    grade = models.PositiveSmallIntegerField(null=True)
    rated_by = models.CharField(max_length=80, blank=True)
    rated_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            region_is_an_area_code("bankrequest"),
            models.CheckConstraint(
                condition=Q(state__in=[str(s) for s in rules.State]), name="bank_request_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(state="asked") | Q(route__in=[str(r) for r in rules.Route], topic__gt=""),
                name="a_sorted_request_has_route_and_topic",
            ),
            models.CheckConstraint(
                condition=~Q(route="coordinated") | ~Q(others=""), name="a_coordinated_request_says_with_whom"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["answered", "rated"]) | (~Q(answer="") & Q(answered_at__isnull=False)),
                name="an_answered_request_has_its_answer",
            ),
            models.CheckConstraint(
                condition=Q(state="rated", grade__range=(1, 5), rated_at__isnull=False)
                | (~Q(state="rated") & Q(grade=None)),
                name="a_rated_request_has_a_grade",
            ),
            models.CheckConstraint(
                condition=Q(rated_by="") | ~Q(rated_by=F("answered_by")), name="who_answers_does_not_rate"
            ),
        ]
        indexes = [models.Index(fields=["bank", "-asked_at"], name="requests_of_a_bank")]

    def __str__(self) -> str:
        return f"{self.bank} {self.asked_at}"


class RequestLine(models.Model):
    """What was done to a request; only ever added."""

    region = models.CharField(max_length=6)
    request = models.ForeignKey(BankRequest, on_delete=models.PROTECT, related_name="lines")
    what = models.CharField(max_length=10)
    by = models.CharField(max_length=80)
    at = models.DateTimeField()
    words = models.CharField(max_length=1000, blank=True)

    class Meta:
        constraints = [region_is_an_area_code("requestline")]

    def __str__(self) -> str:
        return self.what
