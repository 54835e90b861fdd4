"""A licence issued here, and the authorities of the tests' own."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from bancheng.kernel.catalogue import testing as catalogue
from bancheng.kernel.identity import public as identity
from bancheng.kernel.licences import public as licences
from bancheng.kernel.licences import testing as library

AT = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
SOURCE = licences.Source("market", licences.Channel.SYSTEM, "m-1")


@pytest.fixture(autouse=True)
def _own_seals(settings: Any, tmp_path: Path) -> None:
    """Let each test make its own test authority, under a var folder of its own."""
    settings.VAR = tmp_path


@pytest.fixture
def issue(db: None) -> Callable[..., int]:
    """Issue a licence of the market unit to a person and return its id."""
    catalogue.unit("market", "许昌市市场监督管理局")
    catalogue.licence_type("food-business", "食品经营许可证")

    def one(number: str = "JY14110020012345", **over: Any) -> int:
        values: dict[str, Any] = {
            "region": "411002",
            "licence_type": "food-business",
            "number": number,
            "holder_kind": licences.Kind.PERSON,
            "holder_hash": library.hash_of("holder"),
            "holder_sealed": identity.seal("410999198001010014", kind="citizen_id"),
            "holder_name": "张三丰",
            "issued_on": date(2024, 3, 1),
            "valid_from": date(2024, 3, 1),
            "valid_to": date(2029, 2, 28),
            "source": SOURCE,
            "by": "staff:1",
            "at": AT,
        }
        return licences.issue(**(values | over))

    return one
