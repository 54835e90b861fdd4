"""The city as its pack describes it, and a unit administrator who works in it."""

from datetime import UTC, datetime

import pytest

from bancheng.kernel.identity import public as identity
from bancheng.kernel.identity import testing as people

AT = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
UNIT = "market"


@pytest.fixture
def city(loaded_city: None) -> None:
    """The reference pack, loaded."""


@pytest.fixture
def admin(city: None) -> identity.Actor:
    """The administrator of the unit whose ledgers the tests upload."""
    return people.actor(people.staff("unit_admin", unit=UNIT), at=AT)
