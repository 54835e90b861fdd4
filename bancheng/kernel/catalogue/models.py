"""Tables of the catalogue. Rows are never deleted: what leaves the pack is retired, because licences name it."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q


def region() -> "models.CharField[str, str]":
    """Return the column every business table begins with: the city's six-digit code."""
    return models.CharField(max_length=6, editable=False)


class Coded(models.Model):
    """A row known by its code within a city."""

    region = region()
    code = models.CharField(max_length=64)
    name = models.CharField(max_length=120)
    name_en = models.CharField(max_length=160)
    retired_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name


class Searchable(Coded):
    """A row that is listed by pinyin and found by any two characters of its lines."""

    sort_key = models.CharField(max_length=800)
    search_text = models.TextField()
    grams = ArrayField(models.CharField(max_length=4))

    class Meta:
        abstract = True


class Edition(models.Model):
    """Which edition of the pack the city runs on: another number with whatever writes a table of the pack (see `edition`)."""

    id = models.PositiveSmallIntegerField(primary_key=True)
    number = models.UUIDField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="there_is_one_edition")]

    def __str__(self) -> str:
        return str(self.number)


class City(models.Model):
    """The city itself, and whom to ask there."""

    region = models.CharField(max_length=6, primary_key=True, editable=False)
    name = models.CharField(max_length=40)
    name_en = models.CharField(max_length=80)
    help_phone = models.CharField(max_length=20)
    help_hours = models.CharField(max_length=120)
    complaint_phone = models.CharField(max_length=20)
    languages = ArrayField(models.CharField(max_length=16))

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(region__regex=r"^\d{6}$"), name="region_is_six_digits")]

    def __str__(self) -> str:
        return self.name


class Domain(Coded):
    """A field of administration."""

    position = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["region", "code"], name="one_domain_per_code")]


class Area(Coded):
    """A code of the division list, with the days on which it is in force."""

    kind = models.CharField(max_length=8)
    parent = models.CharField(max_length=12, blank=True)
    since = models.DateField(null=True)
    until = models.DateField(null=True)
    successor = models.CharField(max_length=12, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "code"], name="one_area_per_code"),
            models.CheckConstraint(condition=Q(code__regex=r"^(\d{6}|\d{9})$"), name="area_code_has_6_or_9_digits"),
            models.CheckConstraint(
                condition=Q(since=None) | Q(until=None) | Q(since__lte=models.F("until")),
                name="area_ends_after_it_begins",
            ),
        ]


class Unit(Searchable):
    """A department of the city, a county, a zone, or of a vertical system."""

    kind = models.CharField(max_length=8)
    uscc = models.CharField(max_length=18)
    area_code = models.CharField(max_length=12)
    domain = models.CharField(max_length=64)
    phone = models.CharField(max_length=20)
    phone_office = models.CharField(max_length=20)
    demo = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "code"], name="one_unit_per_code"),
            models.UniqueConstraint(fields=["region", "uscc"], name="one_unit_per_uscc"),
        ]
        indexes = [GinIndex(fields=["grams"], name="unit_grams")]


class UnitArea(models.Model):
    """A unit serves an area, wholly or in part: who governs is not which code."""

    region = region()
    unit = models.ForeignKey(Unit, on_delete=models.CASCADE, related_name="serves")
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="served_by")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["region", "unit", "area"], name="a_unit_serves_an_area_once")]


class LicenceType(Coded):
    """A kind of licence."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["region", "code"], name="one_licence_type_per_code")]


class Outlet(Searchable):
    """A place with a door."""

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="outlets")
    address = models.CharField(max_length=200)
    address_en = models.CharField(max_length=240)
    hours = models.CharField(max_length=200)
    phone = models.CharField(max_length=20)
    area_code = models.CharField(max_length=12)
    channels = ArrayField(models.CharField(max_length=40))
    longitude = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    latitude = models.DecimalField(max_digits=8, decimal_places=6, null=True)
    datum = models.CharField(max_length=8, blank=True)
    aliases = ArrayField(models.CharField(max_length=80))

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "code"], name="one_outlet_per_code"),
            models.CheckConstraint(
                condition=Q(longitude=None, latitude=None, datum="")
                | Q(longitude__isnull=False, latitude__isnull=False, datum__in=["WGS-84", "GCJ-02"]),
                name="a_coordinate_has_its_datum",
            ),
        ]
        indexes = [GinIndex(fields=["grams"], name="outlet_grams")]


class Matter(Searchable):
    """A matter with its guide. Lists that are read and written whole are JSON; their shape is `facts`."""

    implementing_code = models.CharField(max_length=31)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="matters")
    domain = models.CharField(max_length=64)
    licence_type = models.CharField(max_length=64, blank=True)
    basis = models.JSONField()
    conditions = models.JSONField()
    statutory_n = models.PositiveSmallIntegerField()
    statutory_unit = models.CharField(max_length=8)
    promised_n = models.PositiveSmallIntegerField()
    promised_unit = models.CharField(max_length=8)
    fee_fen = models.PositiveBigIntegerField()
    fee_basis = models.CharField(max_length=200, blank=True)
    materials = models.JSONField()
    channels = models.JSONField()
    phone = models.CharField(max_length=20)
    audience = models.CharField(max_length=40, blank=True)
    keywords = ArrayField(models.CharField(max_length=40))
    concerns = ArrayField(models.CharField(max_length=20), default=list, db_default=[])

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "code"], name="one_matter_per_code"),
            models.UniqueConstraint(fields=["region", "implementing_code"], name="one_matter_per_implementing_code"),
        ]
        indexes = [
            GinIndex(fields=["grams"], name="matter_grams"),
            models.Index(fields=["region", "sort_key"], name="matter_by_pinyin"),
        ]


class MatterOutlet(models.Model):
    """A matter can be done at an outlet."""

    region = region()
    matter = models.ForeignKey(Matter, on_delete=models.CASCADE, related_name="places")
    outlet = models.ForeignKey(Outlet, on_delete=models.PROTECT, related_name="does")
    position = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "matter", "outlet"], name="a_matter_has_an_outlet_once")
        ]
