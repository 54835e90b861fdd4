"""Set-up for the shell's tests."""

import pytest
from django.utils import translation


@pytest.fixture(autouse=True)
def chinese():
    """Begin every test in Chinese: a request in English leaves its thread in English."""
    translation.deactivate()
    yield
    translation.deactivate()
