"""Dated rows: what the law may change is a row with a first day, not a number in code."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

Value = TypeVar("Value")


@dataclass(frozen=True)
class Row(Generic[Value]):
    """A value in force from `since` to `last` (both included), or until a later row takes over."""

    since: date
    value: Value
    law: str = ""
    last: date | None = None


class NotInForce(LookupError):
    """No row is in force on the day asked for."""


def in_force(rows: Sequence[Row[Value]], on: date) -> Row[Value]:
    """Return the latest row with `since` <= `on`.

    Raises NotInForce when every row begins later, or the latest has ended (a rule that was repealed has no heir).
    """
    begun = [row for row in rows if row.since <= on]
    if not begun:
        raise NotInForce(f"no row in force on {on}")
    latest = max(begun, key=lambda row: row.since)
    if latest.last is not None and on > latest.last:
        raise NotInForce(f"the last row ended on {latest.last}, before {on}")
    return latest
