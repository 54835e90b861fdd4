"""Prices: versions of a price list, each whole. What is in force is never changed: a new version takes over on its first day."""

from django.db import models
from django.db.models import F, Q

from bancheng.services.sockets.models.regions import region_is_an_area_code
from bancheng.services.sockets.rules.tariff import Band, DayType, PlanState


class Plan(models.Model):
    """A version of the prices of one class. A session keeps the version it began under."""

    region = models.CharField(max_length=6)
    price_class = models.CharField(max_length=32)
    version = models.PositiveIntegerField()
    first_on = models.DateField()
    name = models.CharField(max_length=100)
    name_en = models.CharField(max_length=160)
    basis = models.CharField(max_length=300)  # the paper that sets the prices
    confirmed = models.BooleanField(default=False)  # somebody has compared it with the paper itself
    state = models.CharField(max_length=10)
    proposed_by = models.CharField(max_length=80)
    proposed_at = models.DateTimeField()
    decided_by = models.CharField(max_length=80, blank=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "price_class", "version"], name="plans_of_a_class_are_numbered"),
            models.UniqueConstraint(
                fields=["region", "price_class", "first_on"],
                condition=Q(state="approved"),
                name="one_plan_begins_on_a_day",
            ),
            region_is_an_area_code("plan"),
            models.CheckConstraint(condition=Q(state__in=[str(s) for s in PlanState]), name="plan_state_is_known"),
            models.CheckConstraint(condition=~Q(decided_by=F("proposed_by")), name="a_second_person_approves_prices"),
            models.CheckConstraint(
                condition=Q(state="proposed", decided_at=None) | (~Q(state="proposed") & Q(decided_at__isnull=False)),
                name="what_was_decided_says_when",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.price_class} v{self.version}"


class Price(models.Model):
    """A row: in these months, on these days, from this minute of the day to before that one, this band at this price."""

    region = models.CharField(max_length=6)
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="prices")
    months = models.JSONField()  # 1..12
    days = models.CharField(max_length=8, default=DayType.EVERY)
    first_min = models.PositiveSmallIntegerField()
    before_min = models.PositiveSmallIntegerField()
    band = models.CharField(max_length=8)
    price = models.PositiveIntegerField()  # micro-yuan a kWh

    class Meta:
        constraints = [
            region_is_an_area_code("price"),
            models.CheckConstraint(condition=Q(band__in=[str(b) for b in Band]), name="band_is_known"),
            models.CheckConstraint(condition=Q(days__in=[str(d) for d in DayType]), name="day_type_is_known"),
            models.CheckConstraint(
                condition=Q(first_min__lt=F("before_min"), before_min__lte=1440), name="an_interval_lies_within_a_day"
            ),
            models.CheckConstraint(condition=Q(price__gt=0), name="a_price_is_more_than_nothing"),
        ]
        indexes = [models.Index(fields=["plan"], name="prices_of_a_plan")]

    def __str__(self) -> str:
        return f"{self.band} {self.price}"
