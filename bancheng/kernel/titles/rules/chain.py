"""How a parcel's book is chained: each act's hash is of what it says, of its entries and of the hash before it."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICRO = timedelta(microseconds=1)


def micros(at: datetime | None) -> str:
    """Return an instant in whole microseconds, as the database and Python both count them."""
    return "" if at is None else str((at - EPOCH) // MICRO)


def instant(counted: str) -> datetime:
    """Return the instant of so many microseconds."""
    return EPOCH + int(counted) * MICRO


def canonical(value: Any) -> str:
    """Return a value as JSON that is always the same."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=_plain)


def line(values: Sequence[object]) -> str:
    """Return what a row says in one line; nothing for what it does not say."""
    return "|".join("" if value is None else str(value) for value in values)


def digest(lines: Sequence[str]) -> bytes:
    """Return the digest of an act's entries."""
    return sha256("\n".join(lines).encode()).digest()


def link(before: bytes, values: Sequence[object]) -> bytes:
    """Return the hash of an act: of the hash before it and of what it says."""
    return sha256(before + line(values).encode()).digest()


def _plain(value: Any) -> str:
    return micros(value) if isinstance(value, datetime) else str(value)
