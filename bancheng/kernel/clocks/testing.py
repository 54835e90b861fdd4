"""For tests: small calendars, a year that is not published yet, listeners that only live for a test."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any, TypeVar

from bancheng.kernel.clocks import shipped
from bancheng.kernel.clocks.operations.calendars import load_year
from bancheng.kernel.clocks.queries import forget as forget
from bancheng.kernel.clocks.rules.calendar import FIXED, Calendar, Year
from bancheng.lib.days import SHANGHAI
from bancheng.lib.hooks import Hook

Fact = TypeVar("Fact")


def shipped_calendar() -> Calendar:
    """Return the calendar that ships, 2004 to 2026, without a database."""
    return shipped.calendar()


def calendar_of(
    *, rest: Iterable[date] = (), work: Iterable[date] = (), years: Iterable[int] = (2026,), source: str = "虚构安排"
) -> Calendar:
    """Return an invented calendar: Monday to Friday, but for `rest` and `work`."""
    rest, work = list(rest), list(work)
    return Calendar(
        Year(
            number,
            frozenset(day for day in rest if day.year == number),
            frozenset(day for day in work if day.year == number),
            source,
        )
        for number in years
    )


def loaded(
    year: int, *, rest: Iterable[date] = (), work: Iterable[date] = (), source: str = "虚构安排", by: str = "test"
) -> Year:
    """Load an invented notice of `year` into the test's database; the fixed holidays are added to `rest`.

    It is gone with the test's transaction.
    """
    fixed = [date(year, month, day) for month, day in FIXED]
    return load_year(
        year=year,
        rest=sorted({*fixed, *rest}),
        work=list(work),
        source=source,
        by=by,
        at=datetime(year - 1, 11, 25, 9, tzinfo=SHANGHAI),
    )


@contextmanager
def heard(hook: Hook[Fact]) -> Iterator[list[Fact]]:
    """Collect what `hook` fires while the block runs."""
    facts: list[Fact] = []

    def listen(fact: Fact) -> Any:
        facts.append(fact)

    hook.connect(listen)
    try:
        yield facts
    finally:
        hook._listeners.remove(listen)
