"""The city as its pack describes it, and a unit administrator who works in it."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import settings

from bancheng.kernel.identity import public as identity
from bancheng.kernel.identity import testing as people
from bancheng.pack.loader import load_city
from bancheng.services.expiry import operations

AT = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
UNIT = "market"


@pytest.fixture
def city(db: None) -> None:
    """The reference pack, loaded."""
    load_city(Path(settings.PACK), by="staff:test", at=AT, sections={"services/expiry": operations.load})


@pytest.fixture
def admin(city: None) -> identity.Actor:
    """The administrator of the unit whose ledgers the tests upload."""
    return people.actor(people.staff("unit_admin", unit=UNIT), at=AT)
