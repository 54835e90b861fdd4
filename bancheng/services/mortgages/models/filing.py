"""What a bank prepares at its desk before the office hears of it; what is known of each application of a mortgage; and complaints."""

from django.db import models
from django.db.models import F, Q

from bancheng.services.mortgages.models.cooperation import Outlet
from bancheng.services.mortgages.models.regions import region_is_an_area_code
from bancheng.services.mortgages.rules.channels import Kind
from bancheng.services.mortgages.rules.filings import Stage


class Filing(models.Model):
    """What a clerk prepared and an approver, who is another, files with the office. Who is named stands sealed."""

    id = models.UUIDField(primary_key=True, editable=False)
    region = models.CharField(max_length=6)
    bank = models.CharField(max_length=40)
    outlet = models.ForeignKey(Outlet, on_delete=models.PROTECT, related_name="filings")
    kind = models.CharField(max_length=24)
    lots = models.JSONField()
    right = models.CharField(max_length=80, blank=True)  # of what is to be changed
    loan_no = models.CharField(max_length=60)
    terms = models.JSONField()
    parties_sealed = models.BinaryField()
    version = models.PositiveIntegerField(null=True)  # of the register, when it was quoted
    no_conditions = models.BooleanField()  # R13.9: the bank declares that nothing else was made a condition
    stage = models.CharField(max_length=8)
    prepared_by = models.CharField(max_length=80)
    prepared_at = models.DateTimeField()
    filed_by = models.CharField(max_length=80, blank=True)
    filed_at = models.DateTimeField(null=True)
    application = models.UUIDField(null=True)
    number = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints = [
            region_is_an_area_code("filing"),
            models.CheckConstraint(condition=Q(kind__in=[str(k) for k in Kind]), name="filing_kind_is_known"),
            models.CheckConstraint(condition=Q(stage__in=[str(s) for s in Stage]), name="filing_stage_is_known"),
            models.CheckConstraint(condition=Q(no_conditions=True), name="nothing_else_is_a_condition_of_a_mortgage"),
            models.CheckConstraint(
                condition=Q(filed_by="") | ~Q(filed_by=F("prepared_by")), name="who_prepares_a_filing_does_not_file_it"
            ),
            models.CheckConstraint(
                condition=Q(stage="filed", application__isnull=False, filed_at__isnull=False)
                | (~Q(stage="filed") & Q(application=None)),
                name="a_filed_filing_has_its_application",
            ),
        ]
        indexes = [models.Index(fields=["bank", "-prepared_at"], name="filings_of_a_bank")]

    def __str__(self) -> str:
        return self.loan_no


class Enclosed(models.Model):
    """A paper of a filing: the file, and what it is known by."""

    region = models.CharField(max_length=6)
    filing = models.ForeignKey(Filing, on_delete=models.PROTECT, related_name="enclosed")
    material = models.CharField(max_length=40)
    name = models.CharField(max_length=200)
    use = models.UUIDField()
    pages = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            region_is_an_area_code("enclosed"),
            models.UniqueConstraint(fields=["region", "filing", "use"], name="a_paper_is_enclosed_once"),
        ]

    def __str__(self) -> str:
        return self.material


class Tracked(models.Model):
    """What the figures need of an application of a mortgage, whatever door it came by; written by what the office tells."""

    region = models.CharField(max_length=6)
    registry = models.CharField(max_length=40)
    bank = models.CharField(max_length=40, blank=True)  # "" where a person filed himself
    application = models.UUIDField()
    number = models.CharField(max_length=60)
    kind = models.CharField(max_length=24)
    channel = models.CharField(max_length=16)
    lot = models.CharField(max_length=40, blank=True)  # the first, when there are several
    with_loan = models.BooleanField(default=False)  # whether it names a loan
    state = models.CharField(max_length=20)
    filed_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    recorded_at = models.DateTimeField(null=True)
    certified_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    corrections = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            region_is_an_area_code("tracked"),
            models.UniqueConstraint(fields=["region", "application"], name="an_application_is_tracked_once"),
        ]
        indexes = [models.Index(fields=["bank", "kind"], name="tracked_by_bank_and_kind")]

    def __str__(self) -> str:
        return self.number


class Complaint(models.Model):
    """R13.9: an owner says that a bank made something else a condition of his mortgage."""

    id = models.UUIDField(primary_key=True, editable=False)
    region = models.CharField(max_length=6)
    registry = models.CharField(max_length=40)
    bank = models.CharField(max_length=40)
    application = models.UUIDField()
    number = models.CharField(max_length=60)
    holder_hash = models.BinaryField()
    words = models.CharField(max_length=1000)
    asked_by = models.CharField(max_length=80)
    asked_at = models.DateTimeField()
    due_on = models.DateField()
    upheld = models.BooleanField(null=True)
    answer = models.CharField(max_length=1000, blank=True)
    answered_by = models.CharField(max_length=80, blank=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            region_is_an_area_code("complaint"),
            models.CheckConstraint(
                condition=Q(answered_at=None, upheld=None) | (Q(upheld__isnull=False) & ~Q(answer="")),
                name="an_answered_complaint_says_what_was_found",
            ),
        ]
        indexes = [models.Index(fields=["holder_hash"], name="complaints_of_a_holder")]

    def __str__(self) -> str:
        return self.number
