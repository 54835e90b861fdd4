"""Prices as sessions and pages ask for them. A plan that was approved never changes, so its rows are read once in the life of a process."""

from collections.abc import Sequence
from datetime import date, datetime
from functools import lru_cache, partial

from bancheng.kernel.clocks import public as clocks
from bancheng.lib.days import day_of
from bancheng.services.sockets.models import Plan, Price
from bancheng.services.sockets.rules import tariff
from bancheng.services.sockets.rules.bills import Prices, Slice
from bancheng.services.sockets.rules.tariff import Band, DayType, PlanState, Rate, Spans


def rates_of(plan_id: int) -> tuple[Rate, ...]:
    """Return the rows of a plan, read anew."""
    return tuple(_rate(row) for row in Price.objects.filter(plan_id=plan_id).order_by("pk"))


@lru_cache(maxsize=256)
def _kept(plan_id: int) -> tuple[Rate, ...]:
    return rates_of(plan_id)


def _rate(row: Price) -> Rate:
    return Rate(frozenset(row.months), DayType(row.days), row.first_min, row.before_min, Band(row.band), row.price)


def is_working(day: date) -> bool:
    """Return whether the city works on a day, as far as calendars are published."""
    return clocks.calendar().is_working(day)


@lru_cache(maxsize=256)
def _tells_days_apart(plan_id: int) -> bool:
    return any(rate.days is not DayType.EVERY for rate in _kept(plan_id))


@lru_cache(maxsize=4096)
def _spans(plan_id: int, month: int, working: bool) -> Spans:
    """Return a day of a plan: of one month one working day is like another, and one day of rest."""
    return tariff.on_day(_kept(plan_id), date(2024, month, 1), is_working=lambda _: working)


def _slices(plan_id: int, since: datetime, before: datetime) -> Sequence[Slice]:
    """Return what applies; the calendar is asked only where a plan tells days apart."""
    if not _tells_days_apart(plan_id):
        return tariff.along(since, before, lambda day: _spans(plan_id, day.month, True))
    calendar = clocks.calendar()
    return tariff.along(since, before, lambda day: _spans(plan_id, day.month, calendar.is_working(day)))


def in_force(region: str, price_class: str, *, on: date) -> Plan | None:
    """Return the plan of a class that applies on a day; None when there is none."""
    return (
        Plan.objects.filter(region=region, price_class=price_class, state=PlanState.APPROVED, first_on__lte=on)
        .order_by("-first_on")
        .first()
    )


def plan_of(region: str, price_class: str, *, at: datetime) -> int:
    """Return the plan a session that begins now is pinned to. Raises Refused("no_tariff")."""
    found = in_force(region, price_class, on=day_of(at))
    if found is None:
        raise tariff.no_tariff()
    return found.pk


def prices(plan_id: int) -> Prices:
    """Return what answers which prices apply from one instant to another. It raises NoPrice at a hole."""

    return partial(_slices, plan_id)


def edges(plan_id: int, since: datetime, before: datetime) -> list[datetime]:
    """Return the instants at which the price changes: the device takes a reading there."""
    return tariff.edges(_slices(plan_id, since, before))


def highest(plan_id: int, since: datetime, before: datetime) -> int:
    """Return the highest price that can apply. Raises Refused("no_tariff") when some of the time has none (B1.10)."""
    try:
        return tariff.highest(_slices(plan_id, since, before))
    except tariff.NoPrice:
        raise tariff.no_tariff() from None


def versions(region: str) -> list[Plan]:
    """Return every version of every class, the newest first."""
    return list(Plan.objects.filter(region=region).order_by("price_class", "-version").prefetch_related("prices"))
