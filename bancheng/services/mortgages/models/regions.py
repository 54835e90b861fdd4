"""What every table has first."""

from django.db import models
from django.db.models import Q


def region_is_an_area_code(table: str) -> models.CheckConstraint:
    """Return the constraint that `region` is a six-digit area code."""
    return models.CheckConstraint(
        condition=Q(region__regex=r"^[0-9]{6}$"), name=f"mortgages_{table}_region_is_an_area_code"
    )
