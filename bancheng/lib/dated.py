"""Dated rows: what the law may change is a row with a first day, not a number in code."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

Value = TypeVar("Value")


@dataclass(frozen=True)
class Row(Generic[Value]):
    """A value in force from `since` on (included) until a later row takes over."""

    since: date
    value: Value
    law: str = ""


class NotInForce(LookupError):
    """No row is in force on the day asked for."""


def in_force(rows: Sequence[Row[Value]], on: date) -> Row[Value]:
    """Return the latest row with `since` <= `on`.

    Raises NotInForce when every row begins later.
    """
    begun = [row for row in rows if row.since <= on]
    if not begun:
        raise NotInForce(f"no row in force on {on}")
    return max(begun, key=lambda row: row.since)
