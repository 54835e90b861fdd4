"""What the book does not hold: what an estate is called and where it lies, what the leading group decided, papers on their way in."""

from django.db import models
from django.db.models import Q

from bancheng.services.landshares.rules.procedures import KINDS


def region_is_an_area_code(table: str) -> models.CheckConstraint:
    """Return the constraint that `region` is a six-digit area code."""
    return models.CheckConstraint(condition=Q(region__regex=r"^[0-9]{6}$"), name=f"{table}_region_is_an_area_code")


class Estate(models.Model):
    """A parcel as people know it: its name, its address and its outline (a closed ring of [longitude, latitude] as text)."""

    region = models.CharField(max_length=6)
    parcel = models.CharField(max_length=19)
    name = models.CharField(max_length=100)
    name_en = models.CharField(max_length=160, blank=True)
    address = models.CharField(max_length=160, blank=True)
    address_en = models.CharField(max_length=240, blank=True)
    datum = models.CharField(max_length=8, default="CGCS2000")
    ring = models.JSONField(default=list)
    sample = models.BooleanField(default=False)  # made up for a demonstration

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "parcel"], name="one_estate_per_parcel"),
            region_is_an_area_code("estate"),
        ]

    def __str__(self) -> str:
        return f"{self.parcel} {self.name}"


class Outline(models.Model):
    """A building as people know it: its name, how many floors it has, and its outline."""

    region = models.CharField(max_length=6)
    estate = models.ForeignKey(Estate, models.PROTECT, related_name="outlines")
    building = models.CharField(max_length=24)
    name = models.CharField(max_length=60)
    floors = models.PositiveSmallIntegerField(default=1)
    ring = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "building"], name="one_outline_per_building"),
            models.CheckConstraint(condition=Q(floors__gte=1), name="a_building_has_floors"),
            region_is_an_area_code("outline"),
        ]

    def __str__(self) -> str:
        return f"{self.building} {self.name}"


class Upload(models.Model):
    """Papers that are being taken in for a form, until its application has them: what is left a day later is let go."""

    id = models.UUIDField(primary_key=True, editable=False)
    region = models.CharField(max_length=6)
    key = models.CharField(max_length=120)  # of the application
    scope = models.CharField(max_length=80)  # whose key it is
    at = models.DateTimeField()

    class Meta:
        constraints = [region_is_an_area_code("upload")]
        indexes = [models.Index(fields=["at"], name="upload_by_age")]

    def __str__(self) -> str:
        return self.key

    @property
    def about(self) -> str:
        """Return as whose the documents know its papers."""
        return f"handed:{self.pk}"


class Meeting(models.Model):
    """A meeting of the leading group (F7.1, F7.5)."""

    region = models.CharField(max_length=6)
    number = models.CharField(max_length=40)
    held_on = models.DateField()
    chair = models.CharField(max_length=60)
    minutes = models.TextField()
    held_by = models.CharField(max_length=80)  # ref of who wrote it down
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "number"], name="one_meeting_per_number"),
            region_is_an_area_code("meeting"),
        ]
        ordering = ["-held_on", "-number"]

    def __str__(self) -> str:
        return self.number


class Matter(models.Model):
    """One matter of one parcel, decided by itself (一事一议): of which type of existing land it is, and what is to be done. Never changed: a later
    meeting decides anew."""

    region = models.CharField(max_length=6)
    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="matters")
    parcel = models.CharField(max_length=19)
    question = models.CharField(max_length=500)
    kind = models.CharField(max_length=12)
    decision = models.CharField(max_length=1000)
    decided_by = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["meeting", "parcel"], name="one_matter_per_parcel_and_meeting"),
            models.CheckConstraint(condition=Q(kind__in=[*KINDS]), name="matter_is_of_a_known_kind"),
            region_is_an_area_code("matter"),
        ]

    def __str__(self) -> str:
        return f"{self.parcel} {self.kind}"
