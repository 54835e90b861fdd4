"""What the tests of the book's acts share."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest

from bancheng.kernel.titles import public as titles
from bancheng.kernel.titles.public import RightKind, Scope
from bancheng.kernel.titles.testing import AT, COURT, PARCEL, REGION, said, unit
from bancheng.lib.refusal import Refused

U11, U12, U13 = (unit(PARCEL, 1, n) for n in (1, 2, 3))
U21 = unit(PARCEL, 2, 1)
B1 = f"{PARCEL}F0001"
UNTIL = date(2028, 3, 1)


def refused(work: Callable[[], object]) -> str:
    """Return the code of the refusal that `work` must end in."""
    with pytest.raises(Refused) as no:
        work()
    return no.value.code


def day(number: int) -> datetime:
    """Return the instant so many days after the first."""
    return AT + timedelta(days=number)


def ranks(lot: str) -> dict[str, int]:
    """Return the rank of each right that rests on a lot; claims have none."""
    return {one.right: one.rank for one in titles.rights_on(REGION, [lot]) if one.kind is not RightKind.CLAIM}


def seize(
    number: str,
    debtor: titles.Party,
    *,
    court: titles.Party = COURT,
    lots: list[str] | None = None,
    at: datetime = AT,
    insisted: bool = False,
) -> titles.Recorded:
    """Seize the lots named, or what a debtor has besides."""
    return titles.register_seizure(
        parcel=PARCEL, court=court, number=number, debtor=debtor, scope=Scope.EXPLICIT if lots else Scope.REMAINING, lots=lots or (),
        served_at=at, until=UNTIL, insisted=insisted, **said(at),
    )  # fmt: skip
