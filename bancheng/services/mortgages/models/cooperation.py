"""Cooperation: agreements of the registry with banks, and the outlets of the nine channels."""

from django.db import models
from django.db.models import F, Q

from bancheng.services.mortgages.models.regions import region_is_an_area_code
from bancheng.services.mortgages.rules.agreements import State
from bancheng.services.mortgages.rules.channels import Channel


class Agreement(models.Model):
    """《不动产抵押登记与金融机构合作协议》: what a bank may file, how it keeps the paper, and until when. A signed one stands as it was signed."""

    id = models.UUIDField(primary_key=True, editable=False)
    region = models.CharField(max_length=6)
    registry = models.CharField(max_length=40)
    bank = models.CharField(max_length=40)
    number = models.CharField(max_length=40)
    first_on = models.DateField()
    last_on = models.DateField()
    scope = models.JSONField()  # kinds of filing
    quality = models.CharField(max_length=500)
    quality_en = models.CharField(max_length=800)
    standard = models.CharField(max_length=500)
    standard_en = models.CharField(max_length=800)
    supervision = models.CharField(max_length=500)
    supervision_en = models.CharField(max_length=800)
    state = models.CharField(max_length=12)
    proposed_by = models.CharField(max_length=80)
    proposed_at = models.DateTimeField()
    signed_by = models.CharField(max_length=80, blank=True)
    signed_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=80, blank=True)
    ended_at = models.DateTimeField(null=True)
    why = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            region_is_an_area_code("agreement"),
            models.UniqueConstraint(fields=["region", "number"], name="one_agreement_per_number"),
            models.CheckConstraint(condition=Q(state__in=[str(s) for s in State]), name="agreement_state_is_known"),
            models.CheckConstraint(condition=Q(last_on__gte=F("first_on")), name="an_agreement_ends_after_it_began"),
            models.CheckConstraint(
                condition=~Q(state__in=["signed", "ended"]) | (~Q(signed_by="") & Q(signed_at__isnull=False)),
                name="a_signed_agreement_says_who_signed",
            ),
            models.CheckConstraint(condition=~Q(signed_by=F("proposed_by")), name="both_sides_sign_an_agreement"),
            models.CheckConstraint(
                condition=~Q(state="ended") | (Q(ended_at__isnull=False) & ~Q(why="")),
                name="an_agreement_ended_early_says_why",
            ),
        ]
        indexes = [models.Index(fields=["bank", "-last_on"], name="agreements_of_a_bank")]

    def __str__(self) -> str:
        return self.number


class Outlet(models.Model):
    """Where, or by what, somebody files: an outlet of a developer, a bank or a township, a site, an app, a machine."""

    region = models.CharField(max_length=6)
    code = models.CharField(max_length=40)
    channel = models.CharField(max_length=16)
    name = models.CharField(max_length=120)
    name_en = models.CharField(max_length=200)
    bank = models.CharField(max_length=40, blank=True)
    place = models.CharField(max_length=200, blank=True)
    place_en = models.CharField(max_length=300, blank=True)
    hours = models.CharField(max_length=120, blank=True)
    hours_en = models.CharField(max_length=200, blank=True)
    retired_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            region_is_an_area_code("outlet"),
            models.UniqueConstraint(fields=["region", "code"], name="one_mortgage_outlet_per_code"),
            models.CheckConstraint(condition=Q(channel__in=[str(c) for c in Channel]), name="outlet_channel_is_known"),
            models.CheckConstraint(
                condition=Q(channel="bank", bank__gt="") | (~Q(channel="bank") & Q(bank="")),
                name="a_bank_outlet_names_its_bank",
            ),
        ]

    def __str__(self) -> str:
        return self.code
