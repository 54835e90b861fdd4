"""Who asked what of the book."""

from django.db import models
from django.db.models import Q

from bancheng.kernel.registrations.models.base import region_is_an_area_code


class Enquiry(models.Model):
    """Who asked what of the book, and for what (条例 第二十七、二十八条; R7.10). Only added to."""

    id = models.UUIDField(primary_key=True, editable=False)
    region = models.CharField(max_length=6)
    lot = models.CharField(max_length=40)
    by = models.CharField(max_length=80)
    interest = models.CharField(max_length=12)  # holder, interested
    purpose = models.CharField(max_length=40)
    words_sealed = models.BinaryField()  # the interest, as it was written
    answered = models.BooleanField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(interest__in=["holder", "interested"]), name="enquiry_interest_is_known"
            ),
            region_is_an_area_code("enquiry"),
        ]
        indexes = [models.Index(fields=["lot", "-at"], name="enquiry_of_lot")]
