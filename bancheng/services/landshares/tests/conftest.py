"""The reference pack's estates, and people in their browsers."""

from collections.abc import Callable

import pytest
from django.test import Client

from bancheng.kernel.identity import testing as people

Desk = Callable[..., Client]


@pytest.fixture
def desk(loaded_city: None) -> Callable[..., Client]:
    """Return what opens a browser for a staff role of a unit."""

    def opened(role: str, unit: str = "registry") -> Client:
        return people.client_for(people.staff(role, unit=unit))

    return opened
