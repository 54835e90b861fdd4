"""What the service itself keeps: promises of papers that may follow (R-RQ-3). Cases, forms and files are the kernel's."""

from django.db import models
from django.db.models import Q


class PaperPromise(models.Model):
    """An applicant chose to supply a paper later; he may take it back and use the ordinary way (R-RQ-7)."""

    region = models.CharField(max_length=6)
    about = models.CharField(max_length=100)  # "draft:…", from submission on "case:…"
    paper = models.CharField(max_length=64)  # by its name in the closed list of the guide
    made_by = models.CharField(max_length=80)
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["region", "about", "paper"], condition=Q(ended_at=None), name="one_open_promise_per_paper"
            ),
            models.CheckConstraint(
                condition=Q(region__regex=r"^[0-9]{6}$"), name="paper_promise_region_is_an_area_code"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.about} {self.paper}"
