"""Units that seal, and a single case and a bundle to write about."""

from pathlib import Path
from typing import Any

import pytest

from bancheng.kernel.cases import testing as cases
from bancheng.kernel.catalogue import testing as catalogue


@pytest.fixture(autouse=True)
def _own_seals(settings: Any, tmp_path: Path) -> None:
    """Let each test make its own test authority, under a var folder of its own."""
    settings.VAR = tmp_path


@pytest.fixture
def city(db: None) -> None:
    catalogue.unit("market", "许昌市城乡一体化示范区市场监督管理分局")
    catalogue.unit("urban", "许昌市城市管理局")
    catalogue.licence_type("food-business", "食品经营许可证")
    cases.flows_loaded()
