"""How the claim of a maximum-amount mortgage is fixed (民法典 第四百二十三条): on which day, and at how much; the maximum stays beside it.

A seizure fixes the day at once; how much was owed then only the bank knows, so the amount may come later.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

FEN, ON, BY = "fixed_fen", "fixed_on", "fixed_by"  # what the register says of it, beside the right's own columns


def day_of_fixing(said: date | None, *, known: date | None, first: date, today: date) -> date | None:
    """Return the day on which the claim was fixed: the one said, else the one the register knows by a seizure.

    None when it cannot be: not said, before the mortgage, to come, or after the seizure that had fixed it already.
    """
    day = said or known
    return day if day is not None and first <= day <= (known or today) else None


def may_amount(fen: object, maximum_fen: int | None) -> bool:
    """Return whether so much can be secured: whole fen, something, at most the maximum."""
    return type(fen) is int and 0 < fen <= (maximum_fen or 0)


def stated(detail: Mapping[str, Any], *, fen: int | None = None, on: date, by: str) -> dict[str, Any]:
    """Return what the register says with the fixing; the cause that fixed the claim on that very day before stays."""
    cause = detail.get(BY, by) if detail.get(ON) == on.isoformat() else by
    return {**detail, ON: on.isoformat(), BY: cause} | ({} if fen is None else {FEN: fen})
