"""The book: parties and holders, parcels and lots, rights and what they cover, acts and entries. The database guards it (`migrations/0002`).

`titles_entry` is the register in two times: what is true (`valid`) as known (`recorded`). Nothing in it is changed but the end of
`recorded`, once. The other tables are what stands now, kept in the same transaction and recomputed by `verify`.
"""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length
from django.db.models.lookups import Exact

from bancheng.kernel.titles.rules.words import Category, LotKind, PartyKind, Residue, RightKind, State

REGION = r"^[0-9]{6}$"


def region_is_an_area_code(name: str) -> models.CheckConstraint:
    """Return the constraint that `region` is a six-digit area code."""
    return models.CheckConstraint(condition=Q(region__regex=REGION), name=name)


def said(field: str, words: type, name: str) -> models.CheckConstraint:
    """Return the constraint that `field` is one of `words`."""
    return models.CheckConstraint(condition=Q(**{f"{field}__in": [word.value for word in words]}), name=name)  # type: ignore[attr-defined]  # an enum


class Party(models.Model):
    """Somebody in the book: found by the keyed hash of his number, or by the code of his unit."""

    region = models.CharField(max_length=6)
    kind = models.CharField(max_length=12)
    name = models.CharField(max_length=200)
    number_hash = models.BinaryField(null=True)
    number_sealed = models.BinaryField(null=True)
    number_kind = models.CharField(max_length=16, blank=True)
    unit = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            region_is_an_area_code("party_region_is_an_area_code"),
            said("kind", PartyKind, "party_kind_is_known"),
            models.UniqueConstraint(
                fields=["region", "number_hash", "name"],
                condition=Q(number_hash__isnull=False),
                name="one_party_of_a_number_and_name",
            ),
            models.UniqueConstraint(
                fields=["region", "kind", "unit"], condition=Q(number_hash=None), name="one_party_of_a_unit"
            ),
            models.CheckConstraint(
                condition=Q(number_hash=None, number_sealed=None) & ~Q(unit="")
                | Q(number_sealed__isnull=False) & Q(Exact(Length("number_hash"), 32)),
                name="party_has_a_sealed_number_or_a_unit",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Holding(models.Model):
    """A group that holds together, by fractions of one denominator or jointly; the same group is one row."""

    region = models.CharField(max_length=6)
    mark = models.BinaryField()  # of its members and fractions
    joint = models.BooleanField(default=False)
    den = models.BigIntegerField()
    size = models.SmallIntegerField()  # how many members it has

    class Meta:
        constraints = [
            region_is_an_area_code("holding_region_is_an_area_code"),
            models.UniqueConstraint(fields=["region", "mark"], name="one_holding_of_a_group"),
            models.CheckConstraint(condition=Q(den__gt=0, size__gt=0), name="holding_has_members_and_fractions"),
        ]


class Member(models.Model):
    """A member of a holding; joint holders have no fraction."""

    region = models.CharField(max_length=6)
    holding = models.ForeignKey(Holding, on_delete=models.PROTECT, related_name="members", db_index=False)
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    place = models.SmallIntegerField()
    num = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["holding", "place"], name="one_member_in_a_place"),
            models.CheckConstraint(condition=Q(num=None) | Q(num__gt=0), name="a_member_holds_something"),
        ]


class Parcel(models.Model):
    """A parcel. Its row is the lock: whoever writes in its book takes it first."""

    id = models.UUIDField(primary_key=True)
    region = models.CharField(max_length=6)
    code = models.CharField(max_length=19)
    area_dm2 = models.BigIntegerField()
    use = models.CharField(max_length=100, blank=True)
    term_until = models.DateField(null=True)
    origin = models.CharField(max_length=12)
    residue = models.CharField(max_length=16)
    permit_dm2 = models.BigIntegerField(null=True)  # floor area the plan permit allows (B7.1)
    developer = models.ForeignKey(Holding, on_delete=models.PROTECT, related_name="+")
    stage = models.SmallIntegerField(default=1)
    version = models.IntegerField(default=0)
    entries = models.IntegerField(default=0)
    head = models.BinaryField(default=b"")  # hash of the last act
    plan_version = models.IntegerField(default=0)
    plan_final = models.BooleanField(default=False)
    opened_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    last: int  # of a locked row: the last act there was when it was asked for
    known: bool  # and whether there was one under the key

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "code"], name="one_parcel_of_a_code"),
            region_is_an_area_code("parcel_region_is_an_area_code"),
            said("residue", Residue, "parcel_residue_is_known"),
            models.CheckConstraint(condition=Q(area_dm2__gte=0), name="parcel_area_is_not_negative"),
            models.CheckConstraint(condition=Q(stage__gte=1, stage__lte=5), name="parcel_has_one_of_five_stages"),
        ]
        indexes = [models.Index(fields=["developer"], name="parcel_of_developer")]

    def __str__(self) -> str:
        return self.code


class Lot(models.Model):
    """A node of a parcel's tree: root, building, unit. Only leaves are open and hold land."""

    id = models.UUIDField(primary_key=True)
    region = models.CharField(max_length=6)
    parcel = models.ForeignKey(Parcel, on_delete=models.PROTECT, related_name="lots", db_index=False)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="children")
    code = models.CharField(max_length=28)
    kind = models.CharField(max_length=10)
    category = models.CharField(max_length=10, blank=True)
    open = models.BooleanField(default=True)
    dm2 = models.BigIntegerField(default=0)
    envelope_dm2 = models.BigIntegerField(null=True)  # of a building
    holding = models.ForeignKey(Holding, on_delete=models.PROTECT, null=True, related_name="+")
    planned_dm2 = models.BigIntegerField(null=True)
    predicted_dm2 = models.BigIntegerField(null=True)
    measured_dm2 = models.BigIntegerField(null=True)
    registered = models.BooleanField(default=False)  # the house is first-registered

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "code"], name="one_lot_of_a_code"),
            said("kind", LotKind, "lot_kind_is_known"),
            models.CheckConstraint(
                condition=Q(category="") | Q(category__in=[each.value for each in Category]),
                name="lot_category_is_known",
            ),
            models.CheckConstraint(condition=Q(dm2__gte=0), name="no_lot_holds_less_than_nothing"),
            models.CheckConstraint(condition=Q(open=True) | Q(dm2=0), name="a_closed_lot_holds_nothing"),
            models.CheckConstraint(condition=Q(dm2=0) | Q(holding__isnull=False), name="what_a_lot_holds_is_somebodys"),
        ]
        indexes = [models.Index(fields=["parcel", "code"], name="lot_of_parcel")]

    def __str__(self) -> str:
        return self.code


class Act(models.Model):
    """What was recorded at once: one link of the parcel's chain. Rows are only ever added."""

    id = models.UUIDField(primary_key=True)
    region = models.CharField(max_length=6)
    parcel = models.ForeignKey(Parcel, on_delete=models.PROTECT, related_name="acts", db_index=False)
    seq = models.IntegerField()
    key = models.CharField(max_length=160)
    kind = models.CharField(max_length=40)
    registration = models.CharField(max_length=100)
    document = models.CharField(max_length=200, blank=True)
    by = models.CharField(max_length=80)
    at = models.DateTimeField()
    valid_from = models.DateTimeField()
    subject = models.CharField(max_length=100, blank=True)  # number of the right it was about
    content = models.TextField()  # what was asked and what came of it, as canonical JSON
    first_entry = models.IntegerField()
    last_entry = models.IntegerField()
    digest = models.BinaryField()  # of its entries
    hash = models.BinaryField()  # of all this and the hash before it

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "key"], name="one_act_of_a_key"),
            models.UniqueConstraint(fields=["parcel", "seq"], name="one_act_in_a_place"),
            models.CheckConstraint(condition=Q(last_entry__gte=F("first_entry") - 1), name="an_acts_entries_follow"),
            models.CheckConstraint(
                condition=~Q(registration="") & ~Q(by=""), name="an_act_has_registration_and_officer"
            ),
        ]
        indexes = [models.Index(fields=["region", "registration"], name="act_of_registration")]


class Entry(models.Model):
    """One statement of the register about one subject. Rows are only ever added; the end of `recorded` is set once."""

    id = models.BigAutoField(primary_key=True)
    region = models.CharField(max_length=6)
    parcel = models.ForeignKey(Parcel, on_delete=models.PROTECT, related_name="+", db_index=False)
    act = models.ForeignKey(Act, on_delete=models.PROTECT, related_name="said", db_index=False)
    number = models.IntegerField()
    subject = models.CharField(max_length=140)  # "lot:<code>", "right:<number>", "right:<number>@<lot>"
    kind = models.CharField(max_length=16)
    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    right = models.ForeignKey("titles.Right", on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    state = models.CharField(max_length=12)
    rank = models.IntegerField(null=True)
    dm2 = models.BigIntegerField(null=True)
    holding = models.ForeignKey(Holding, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    detail = models.TextField(blank=True)  # canonical JSON
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField(null=True)
    recorded_from = models.DateTimeField()
    recorded_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["parcel", "number"], name="one_entry_of_a_number"),
            models.CheckConstraint(
                condition=Q(valid_until=None) | Q(valid_until__gt=F("valid_from")), name="an_entry_is_valid_for_a_while"
            ),
            models.CheckConstraint(
                condition=Q(recorded_until=None) | Q(recorded_until__gte=F("recorded_from")),
                name="an_entry_is_replaced_after_it_was_made",
            ),
        ]
        indexes = [
            models.Index(
                fields=["parcel", "subject"],
                name="entry_that_stands",
                condition=Q(recorded_until=None),
            ),
            models.Index(fields=["lot", "number"], name="entry_of_lot"),
        ]


class Right(models.Model):
    """What rests on lots of one parcel beside their ownership: a mortgage, a seizure, a buyer's claim, an objection."""

    id = models.UUIDField(primary_key=True)
    region = models.CharField(max_length=6)
    parcel = models.ForeignKey(Parcel, on_delete=models.PROTECT, related_name="+")
    number = models.CharField(max_length=100)
    kind = models.CharField(max_length=16)
    form = models.CharField(max_length=16, blank=True)
    state = models.CharField(max_length=12)
    party = models.ForeignKey(Party, on_delete=models.PROTECT, null=True, related_name="+")  # bank, court, who objects
    holding = models.ForeignKey(Holding, on_delete=models.PROTECT, null=True, related_name="+")  # the buyer
    debtor = models.ForeignKey(Party, on_delete=models.PROTECT, null=True, related_name="+")
    amount_fen = models.BigIntegerField(null=True)
    priority_at = models.DateTimeField()
    served_at = models.DateTimeField(null=True)
    until = models.DateField(null=True)
    transfer_restricted = models.BooleanField(default=False)
    land = models.BooleanField(default=True)
    building = models.BooleanField(default=True)
    fixed_at = models.DateTimeField(null=True)
    registration = models.CharField(max_length=100)
    document = models.CharField(max_length=200, blank=True)
    detail = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "number"], name="one_right_of_a_number"),
            said("kind", RightKind, "right_kind_is_known"),
            said("state", State, "right_state_is_known"),
            models.CheckConstraint(
                condition=Q(amount_fen=None) | Q(amount_fen__gt=0), name="a_claim_amounts_to_something"
            ),
            models.CheckConstraint(condition=Q(land=True) | Q(building=True), name="a_right_reaches_land_or_building"),
            models.CheckConstraint(
                condition=~Q(kind=RightKind.CLAIM.value) | Q(holding__isnull=False), name="a_claim_has_a_buyer"
            ),
        ]

    def __str__(self) -> str:
        return self.number


class Coverage(models.Model):
    """A right on one lot: its rank among mortgages or place among seizures, and where it stands there."""

    id = models.UUIDField(primary_key=True)
    region = models.CharField(max_length=6)
    parcel = models.ForeignKey(Parcel, on_delete=models.PROTECT, related_name="+", db_index=False)
    right = models.ForeignKey(Right, on_delete=models.PROTECT, related_name="coverages")
    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=16)
    state = models.CharField(max_length=12)
    rank = models.IntegerField(default=1)
    pre = models.BooleanField(default=False)
    contested = models.BooleanField(default=False)
    since = models.DateTimeField(null=True)  # from when it has effect on this lot
    until = models.DateField(null=True)
    open = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["right", "lot"], condition=Q(open=True), name="a_right_covers_a_lot_once"),
            models.UniqueConstraint(
                fields=["lot"], condition=Q(open=True, kind=RightKind.CLAIM.value), name="one_claim_on_a_lot"
            ),
            models.CheckConstraint(condition=Q(rank__gte=1), name="ranks_begin_at_one"),
        ]
        indexes = [
            models.Index(fields=["lot"], condition=Q(open=True), name="what_rests_on_a_lot"),
            models.Index(fields=["parcel"], condition=Q(open=True), name="what_rests_on_a_parcel"),
            models.Index(
                fields=["until"], condition=Q(open=True, kind=RightKind.SEIZURE.value), name="seizures_by_their_end"
            ),
        ]


class Pending(models.Model):
    """An accepted application that is not finished, or a correction or dispute that runs, on one lot."""

    region = models.CharField(max_length=6)
    application = models.CharField(max_length=100)
    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, related_name="+", db_index=False)
    act = models.CharField(max_length=24, blank=True)
    correction = models.BooleanField(default=False)
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["region", "application", "lot"],
                condition=Q(ended_at=None),
                name="an_application_waits_once_on_a_lot",
            )
        ]
        indexes = [models.Index(fields=["lot"], condition=Q(ended_at=None), name="what_waits_on_a_lot")]


class Survey(models.Model):
    """Floor areas of a building as they were accepted. Rows are only ever added."""

    region = models.CharField(max_length=6)
    parcel = models.ForeignKey(Parcel, on_delete=models.PROTECT, related_name="+")
    act = models.ForeignKey(Act, on_delete=models.PROTECT, related_name="+", db_index=False)
    building = models.CharField(max_length=24)
    stage = models.CharField(max_length=10)
    total_dm2 = models.BigIntegerField()
    approval = models.CharField(max_length=200)
    explanation = models.CharField(max_length=500, blank=True)
    units = models.JSONField()


class SharePlan(models.Model):
    """A version of the share plan (量化计划表); what is approved stays."""

    id = models.UUIDField(primary_key=True)
    region = models.CharField(max_length=6)
    parcel = models.ForeignKey(Parcel, on_delete=models.PROTECT, related_name="plans", db_index=False)
    version = models.IntegerField()
    reason = models.CharField(max_length=10)
    state = models.CharField(max_length=12)
    weight_dm2 = models.BigIntegerField()
    approval = models.CharField(max_length=200, blank=True)
    based_on = models.IntegerField()  # version of the parcel it was worked out from
    drafted_at = models.DateTimeField()
    drafted_by = models.CharField(max_length=80)
    approved_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["parcel", "version"], name="one_plan_of_a_version")]


class PlanRow(models.Model):
    """A line of a share plan: a building or unit, its floor area, its fraction, its share."""

    region = models.CharField(max_length=6)
    plan = models.ForeignKey(SharePlan, on_delete=models.PROTECT, related_name="rows", db_index=False)
    lot = models.CharField(max_length=28)
    level = models.CharField(max_length=10)
    category = models.CharField(max_length=10, blank=True)
    floor_dm2 = models.BigIntegerField()
    source = models.CharField(max_length=10)
    num = models.BigIntegerField()
    den = models.BigIntegerField()
    dm2 = models.BigIntegerField()
    before_dm2 = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["plan", "lot"], name="one_line_of_a_lot_in_a_plan"),
            models.CheckConstraint(condition=Q(num__gte=0, den__gt=0, dm2__gte=0), name="a_plan_line_is_a_share"),
        ]
