"""A registry of the tests' own, with its three officers, a bank and an owner with a home; a test authority that seals."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bancheng.kernel.registrations import offices, testing


@pytest.fixture(autouse=True)
def _own_seals(settings: Any, tmp_path: Path) -> None:
    """Let each test make its own test authority, under a var folder of its own."""
    settings.VAR = tmp_path


@pytest.fixture
def office(db: None) -> Iterator[testing.Office]:
    before = list(offices._told)
    yield testing.office()
    offices._told[:] = before
