"""What the service itself keeps of estates: their outlines, and the leading group's meetings."""

from collections.abc import Collection, Mapping

from bancheng.services.landshares.models import Estate, Meeting, Outline
from bancheng.services.landshares.queries import doors
from bancheng.services.landshares.rules import maps


def rings(parcels: Collection[str]) -> Mapping[str, maps.Ring]:
    """Return the outlines of parcels, by their codes."""
    rows = Estate.objects.filter(region=doors.region(), parcel__in=parcels)
    return dict(rows.values_list("parcel", "ring"))


def outlined(parcels: Collection[str]) -> tuple[list[Estate], list[Outline]]:
    """Return the estates on parcels and their buildings, each in the order of the codes."""
    found = list(Estate.objects.filter(region=doors.region(), parcel__in=parcels).order_by("parcel"))
    rows = Outline.objects.filter(region=doors.region(), estate__in=found).select_related("estate")
    return found, list(rows.order_by("building"))


def meetings(most: int) -> list[Meeting]:
    """Return the leading group's latest meetings with what they decided."""
    return list(Meeting.objects.filter(region=doors.region()).prefetch_related("matters")[:most])
