"""The source's cases and claims as the pack tells them, and what each proving run found."""

from django.db import models
from django.db.models import Q

from bancheng.kernel.claims.rules import Comparison, Kind, Relation, Result


def region_is_an_area_code(name: str) -> models.CheckConstraint:
    """Return the constraint that `region` is a six-digit area code."""
    return models.CheckConstraint(condition=Q(region__regex=r"^[0-9]{6}$"), name=name)


class Case(models.Model):
    """One case of the source document; number 0 is its frame."""

    region = models.CharField(max_length=6)
    number = models.IntegerField()
    service = models.CharField(max_length=3)
    title = models.CharField(max_length=200)
    title_en = models.CharField(max_length=300)
    unit = models.CharField(max_length=100)
    unit_en = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "number"], name="one_case_per_number"),
            region_is_an_area_code("claims_case_region_is_an_area_code"),
        ]


class Claim(models.Model):
    """One figure or promise, with the sentence it stands in."""

    region = models.CharField(max_length=6)
    code = models.CharField(max_length=12)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="claims")
    position = models.IntegerField()
    kind = models.CharField(max_length=10)
    sentence = models.TextField()
    sentence_en = models.TextField()
    expected = models.CharField(max_length=100)  # as printed: "6.2万余条"
    comparison = models.CharField(max_length=1)
    number = models.DecimalField(max_digits=24, decimal_places=6, null=True)
    tolerance = models.DecimalField(max_digits=6, decimal_places=2)  # percent of `number`
    unit = models.CharField(max_length=30)
    unit_en = models.CharField(max_length=60)
    definition = models.TextField()
    definition_en = models.TextField()
    period = models.CharField(max_length=100)
    period_en = models.CharField(max_length=200)
    as_of = models.CharField(max_length=10)
    section = models.CharField(max_length=100)  # the heading it stands under, as printed
    paragraph = models.IntegerField()  # of the case
    topic = models.CharField(max_length=10)
    check_name = models.CharField(max_length=200)  # promises: what shows that it is kept

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "code"], name="one_claim_per_code"),
            region_is_an_area_code("claim_region_is_an_area_code"),
            models.CheckConstraint(condition=Q(kind__in=[k.value for k in Kind]), name="claim_kind_is_known"),
            models.CheckConstraint(
                condition=Q(comparison__in=[c.value for c in Comparison]), name="claim_comparison_is_known"
            ),
            models.CheckConstraint(condition=~Q(sentence=""), name="claim_quotes_a_sentence"),
        ]


class Check(models.Model):
    """An arithmetic relation that must hold between the source's own numbers."""

    region = models.CharField(max_length=6)
    code = models.CharField(max_length=12)
    says = models.TextField()
    says_en = models.TextField()
    left = models.CharField(max_length=200)
    relation = models.CharField(max_length=1)
    right = models.CharField(max_length=200)
    places = models.IntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "code"], name="one_check_per_code"),
            region_is_an_area_code("claims_check_region_is_an_area_code"),
            models.CheckConstraint(
                condition=Q(relation__in=[r.value for r in Relation]), name="check_relation_is_known"
            ),
        ]


class Run(models.Model):
    """One proving of a city's claims."""

    region = models.CharField(max_length=6)
    at = models.DateTimeField()
    by = models.CharField(max_length=64)

    class Meta:
        constraints = [region_is_an_area_code("claims_run_region_is_an_area_code")]
        indexes = [models.Index(fields=["region", "-at"], name="claims_run_latest")]


class Found(models.Model):
    """What one run found for one claim that can be recomputed."""

    region = models.CharField(max_length=6)
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="found")
    code = models.CharField(max_length=12)
    result = models.CharField(max_length=10)
    number = models.DecimalField(max_digits=30, decimal_places=10, null=True)
    as_of = models.DateField(null=True)
    detail = models.TextField()
    detail_en = models.TextField()
    took_ms = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "code", "run"], name="one_finding_per_claim_and_run"),
            region_is_an_area_code("claims_found_region_is_an_area_code"),
            models.CheckConstraint(condition=Q(result__in=[r.value for r in Result]), name="finding_result_is_known"),
        ]
