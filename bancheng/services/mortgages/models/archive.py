"""The paper at the bank: bundles with their lists, chains of custody, look-ups, inspections, and what they found."""

from django.db import models
from django.db.models import F, Q

from bancheng.services.mortgages.models.regions import region_is_an_area_code
from bancheng.services.mortgages.rules import custody as rules

HEX64 = r"^[0-9a-f]{64}$"


class Bundle(models.Model):
    """The paper of one recorded application, kept by the bank that filed it. Shelf, keeper and state are where its chain has led."""

    id = models.UUIDField(primary_key=True, editable=False)
    region = models.CharField(max_length=6)
    registry = models.CharField(max_length=40)
    bank = models.CharField(max_length=40)
    about = models.CharField(max_length=100)  # the application in the office
    number = models.CharField(max_length=60)  # its acceptance number
    proof = models.CharField(max_length=80, blank=True)
    kind = models.CharField(max_length=24)
    title = models.CharField(max_length=200)
    recorded_at = models.DateTimeField()
    due_on = models.DateField()
    state = models.CharField(max_length=12)
    box = models.CharField(max_length=40, blank=True)
    shelf = models.CharField(max_length=40, blank=True)
    keeper = models.BigIntegerField(null=True)
    pages = models.PositiveIntegerField(default=0)
    filed_at = models.DateTimeField(null=True)
    lent_until = models.DateField(null=True)
    lines = models.PositiveIntegerField(default=0)
    head = models.CharField(max_length=64, blank=True)  # hash of its last line

    class Meta:
        constraints = [
            region_is_an_area_code("bundle"),
            models.UniqueConstraint(fields=["region", "about"], name="one_bundle_per_application"),
            models.CheckConstraint(condition=Q(state__in=[str(s) for s in rules.State]), name="bundle_state_is_known"),
            models.CheckConstraint(
                condition=~Q(state__in=["kept", "lent"])
                | (~Q(box="") & ~Q(shelf="") & Q(keeper__isnull=False) & Q(filed_at__isnull=False) & Q(pages__gt=0)),
                name="a_filed_bundle_has_a_place_and_a_keeper",
            ),
            models.CheckConstraint(
                condition=Q(state="lent", lent_until__isnull=False) | (~Q(state="lent") & Q(lent_until=None)),
                name="a_lent_bundle_has_a_day_of_return",
            ),
        ]
        indexes = [
            models.Index(fields=["bank", "-recorded_at"], name="bundles_of_a_bank"),
            models.Index(fields=["due_on"], condition=Q(filed_at=None), name="bundles_not_filed"),
        ]

    def __str__(self) -> str:
        return self.number


class Listed(models.Model):
    """One document of a bundle's list: what was filed with the application, known by two digests of its scan. Only ever added."""

    region = models.CharField(max_length=6)
    bundle = models.ForeignKey(Bundle, on_delete=models.PROTECT, related_name="listed")
    n = models.PositiveSmallIntegerField()
    material = models.CharField(max_length=64)
    pages = models.PositiveIntegerField()
    size = models.BigIntegerField()  # bytes
    sha256 = models.CharField(max_length=64)
    sm3 = models.CharField(max_length=64, blank=True)  # "" where the bank told a digest and sent no scan
    use = models.UUIDField(null=True)  # in the documents

    class Meta:
        constraints = [
            region_is_an_area_code("listed"),
            models.UniqueConstraint(fields=["region", "bundle", "n"], name="one_document_per_place_in_a_list"),
            models.CheckConstraint(
                condition=Q(sha256__regex=HEX64) & (Q(sm3__regex=HEX64) | Q(sm3="", use=None)), name="digests_are_whole"
            ),
            models.CheckConstraint(condition=Q(pages__gt=0), name="a_listed_document_has_pages"),
        ]

    def __str__(self) -> str:
        return f"{self.n} {self.material}"


class Custody(models.Model):
    """One line of a bundle's chain of custody: who did what, hashed over the line before. Only ever added."""

    region = models.CharField(max_length=6)
    bundle = models.ForeignKey(Bundle, on_delete=models.PROTECT, related_name="chain")
    seq = models.PositiveIntegerField()
    act = models.CharField(max_length=12)
    at = models.DateTimeField()
    by = models.CharField(max_length=80)
    other = models.CharField(max_length=80, blank=True)  # who signed with him
    told = models.JSONField()  # box, shelf, keeper, words, day of return
    previous = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)

    class Meta:
        constraints = [
            region_is_an_area_code("custody"),
            models.UniqueConstraint(fields=["region", "bundle", "seq"], name="a_chain_of_custody_has_no_forks"),
            models.CheckConstraint(condition=Q(act__in=[str(a) for a in rules.Act]), name="custody_act_is_known"),
            models.CheckConstraint(
                condition=~Q(act__in=[str(a) for a in sorted(rules.TWO_SIGN)]) | (~Q(other="") & ~Q(other=F("by"))),
                name="two_sign_a_handover",
            ),
            models.CheckConstraint(
                condition=Q(seq=1, previous="") | (Q(seq__gt=1) & ~Q(previous="")), name="a_line_follows_the_one_before"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.seq} {self.act}"


class Handover(models.Model):
    """A handing over that one has signed and the other has not yet."""

    id = models.UUIDField(primary_key=True, editable=False)
    region = models.CharField(max_length=6)
    bundle = models.ForeignKey(Bundle, on_delete=models.PROTECT, related_name="handovers")
    act = models.CharField(max_length=12)
    giver = models.CharField(max_length=80)
    taker = models.BigIntegerField(null=True)  # the account that has to sign; none: whoever of the registry signs
    words = models.CharField(max_length=300)
    given_at = models.DateTimeField()
    signed_by = models.CharField(max_length=80, blank=True)
    signed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            region_is_an_area_code("handover"),
            models.UniqueConstraint(
                fields=["region", "bundle"], condition=Q(signed_at=None), name="one_open_handover_per_bundle"
            ),
            models.CheckConstraint(condition=~Q(signed_by=F("giver")), name="who_gives_does_not_take"),
        ]

    def __str__(self) -> str:
        return f"{self.act} {self.given_at}"


class LookUp(models.Model):
    """The registry asks for a bundle: for what, until when; the bank answers with a scan and its digests."""

    id = models.UUIDField(primary_key=True, editable=False)
    region = models.CharField(max_length=6)
    bundle = models.ForeignKey(Bundle, on_delete=models.PROTECT, related_name="look_ups")
    purpose = models.CharField(max_length=300)
    asked_by = models.CharField(max_length=80)
    asked_at = models.DateTimeField()
    due_on = models.DateField()
    late_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=300, blank=True)
    answered_by = models.CharField(max_length=80, blank=True)
    answered_at = models.DateTimeField(null=True)
    use = models.UUIDField(null=True)
    sha256 = models.CharField(max_length=64, blank=True)
    sm3 = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            region_is_an_area_code("lookup"),
            models.CheckConstraint(condition=~Q(purpose=""), name="a_look_up_has_a_purpose"),
            models.CheckConstraint(
                condition=Q(answered_at=None)
                | (Q(use__isnull=False) & Q(sha256__regex=HEX64) & Q(sm3__regex=HEX64) & ~Q(answered_by="")),
                name="an_answered_look_up_has_scan_and_digests",
            ),
        ]
        indexes = [models.Index(fields=["due_on"], condition=Q(answered_at=None), name="look_ups_not_answered")]

    def __str__(self) -> str:
        return self.purpose


class Inspection(models.Model):
    """A month's random sample of a bank's bundles: list and seed are kept, so that anybody draws the same again."""

    id = models.UUIDField(primary_key=True, editable=False)
    region = models.CharField(max_length=6)
    registry = models.CharField(max_length=40)
    bank = models.CharField(max_length=40)
    month = models.DateField()
    seed = models.CharField(max_length=64)
    population = models.PositiveIntegerField()
    population_hash = models.CharField(max_length=64)
    before = models.DateTimeField()  # the list: what was filed before this instant
    drawn_by = models.CharField(max_length=80)
    drawn_at = models.DateTimeField()

    class Meta:
        constraints = [
            region_is_an_area_code("inspection"),
            models.UniqueConstraint(fields=["region", "bank", "month"], name="one_inspection_a_month_and_bank"),
        ]

    def __str__(self) -> str:
        return f"{self.bank} {self.month}"


class Inspected(models.Model):
    """One bundle of a sample, and what was found."""

    region = models.CharField(max_length=6)
    inspection = models.ForeignKey(Inspection, on_delete=models.PROTECT, related_name="drawn")
    bundle = models.ForeignKey(Bundle, on_delete=models.PROTECT, related_name="inspected")
    result = models.CharField(max_length=8, blank=True)
    pages = models.PositiveIntegerField(null=True)
    words = models.CharField(max_length=300, blank=True)
    checked_by = models.CharField(max_length=80, blank=True)
    checked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            region_is_an_area_code("inspected"),
            models.UniqueConstraint(fields=["region", "inspection", "bundle"], name="a_bundle_is_drawn_once"),
            models.CheckConstraint(
                condition=Q(result="", checked_at=None)
                | (Q(result__in=[str(r) for r in rules.Result]) & Q(checked_at__isnull=False) & ~Q(checked_by="")),
                name="a_result_says_who_and_when",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.bundle_id} {self.result}"


class Finding(models.Model):
    """What is wrong with a bundle, until the bank has explained it and somebody of the registry has closed it."""

    id = models.UUIDField(primary_key=True, editable=False)
    region = models.CharField(max_length=6)
    bundle = models.ForeignKey(Bundle, on_delete=models.PROTECT, related_name="findings")
    cause = models.CharField(max_length=12)
    words = models.CharField(max_length=300, blank=True)
    opened_by = models.CharField(max_length=80)
    opened_at = models.DateTimeField()
    due_on = models.DateField()
    answer = models.CharField(max_length=500, blank=True)
    answered_by = models.CharField(max_length=80, blank=True)
    answered_at = models.DateTimeField(null=True)
    closed_by = models.CharField(max_length=80, blank=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            region_is_an_area_code("finding"),
            models.UniqueConstraint(
                fields=["region", "bundle", "cause"], condition=Q(closed_at=None), name="one_open_finding_per_cause"
            ),
            models.CheckConstraint(condition=Q(cause__in=[str(c) for c in rules.Cause]), name="finding_cause_is_known"),
            models.CheckConstraint(
                condition=Q(closed_by="") | ~Q(closed_by=F("answered_by")), name="who_explains_does_not_close"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cause} {self.opened_at}"
