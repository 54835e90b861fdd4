"""Prices by the time of use: which band applies when, what comes next, and the highest price that can apply before a moment.

电力供应与使用条例 第二十五条: prices by class and by time of use. 第二十六条、第二十七条: charged is the approved price times the record of a verified
meter (R1.1). Rows are half-open intervals of local minutes; where two apply at once 尖 goes before 峰, 峰 before 谷, 谷 before 平. Where none
applies nothing is sold (B1.10). How energy is split at the edges is `bills`.
"""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from bancheng.lib.days import SHANGHAI
from bancheng.lib.refusal import Refused
from bancheng.lib.text import Text
from bancheng.services.sockets.rules.bills import Slice

DAY_MIN = 24 * 60
MOST_PRICE = 5_000_000  # five yuan a kWh: beyond it somebody has mistaken the unit


class Band(StrEnum):
    """The bands, in the order in which one goes before another."""

    SHARP = "sharp"
    PEAK = "peak"
    VALLEY = "valley"
    FLAT = "flat"


class DayType(StrEnum):
    """On which days a row applies."""

    EVERY = "every"
    WORKING = "working"
    REST = "rest"


DAY_TYPES: dict[DayType, Text] = {
    DayType.EVERY: Text("每天", "Every day"),
    DayType.WORKING: Text("工作日", "Working days"),
    DayType.REST: Text("休息日", "Rest days"),
}


class PlanState(StrEnum):
    """How far a version is."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    DECLINED = "declined"


PLAN_STATES: dict[PlanState, Text] = {
    PlanState.PROPOSED: Text("待第二人批准", "Waits for a second person"),
    PlanState.APPROVED: Text("已批准", "Approved"),
    PlanState.DECLINED: Text("未批准", "Declined"),
}

FIRST = {band: n for n, band in enumerate(Band)}
IsWorking = Callable[[date], bool]
Spans = Sequence[tuple[int, int, "Rate | None"]]  # first minute, the minute before which it ends, the row that applies


@dataclass(frozen=True)
class Rate:
    """A row of a plan."""

    months: frozenset[int]
    days: DayType
    first_min: int  # of the local day
    before_min: int  # left out
    band: Band
    price: int  # micro-yuan a kWh


class NoPrice(LookupError):
    """No row applies at this moment."""


def on_day(rates: Sequence[Rate], day: date, *, is_working: IsWorking) -> list[tuple[int, int, Rate | None]]:
    """Return the day as half-open spans of minutes without a gap, each with the row that applies; None where none does."""
    todays = [rate for rate in rates if day.month in rate.months and _falls_on(rate.days, day, is_working)]
    marks = sorted({0, DAY_MIN, *(rate.first_min for rate in todays), *(rate.before_min for rate in todays)})
    found: list[tuple[int, int, Rate | None]] = []
    for since, before in itertools.pairwise(marks):
        rate = min((one for one in todays if one.first_min <= since < one.before_min), key=_precedence, default=None)
        if found and found[-1][2] == rate:
            found[-1] = (found[-1][0], before, rate)
        else:
            found.append((since, before, rate))
    return found


def _precedence(rate: Rate) -> tuple[int, int]:
    return FIRST[rate.band], rate.price  # of two rows of one band the cheaper


def _falls_on(days: DayType, day: date, is_working: IsWorking) -> bool:
    return days is DayType.EVERY or is_working(day) == (days is DayType.WORKING)


def along(since: datetime, before: datetime, spans: Callable[[date], Spans]) -> list[Slice]:
    """Return what applies from `since` to `before`, in order, neighbours of one band and price as one. Raises NoPrice at a hole."""
    found: list[Slice] = []
    day = since.astimezone(SHANGHAI).date()
    while _minute(day, 0) < before:
        for first_min, before_min, rate in spans(day):
            start, end = max(since, _minute(day, first_min)), min(before, _minute(day, before_min))
            if start >= end:
                continue
            if rate is None:
                raise NoPrice(start)
            last = found[-1] if found else None
            if last and (last.band, last.price) == (str(rate.band), rate.price):
                found[-1] = Slice(last.since, end, last.band, last.price)
            else:
                found.append(Slice(start, end, str(rate.band), rate.price))
        day += timedelta(days=1)
    return found


def _minute(day: date, minute: int) -> datetime:
    return datetime.combine(day, time(), tzinfo=SHANGHAI) + timedelta(minutes=minute)


def highest(pieces: Sequence[Slice]) -> int:
    """Return the highest price that can apply before a moment: what a quota is reckoned with."""
    return max(piece.price for piece in pieces)


def edges(pieces: Sequence[Slice]) -> list[datetime]:
    """Return the instants between, both ends left out, at which the price changes: the device takes a reading there."""
    return [piece.since for piece in pieces[1:]]


def holes(rates: Sequence[Rate]) -> list[tuple[int, DayType, int]]:
    """Return (month, kind of day, minute) of each stretch without a price: a plan has none when it is put forward."""
    found = []
    for month in range(1, 13):
        for days in (DayType.WORKING, DayType.REST):
            working = days is DayType.WORKING
            spans = on_day(rates, date(2001, month, 1), is_working=lambda _, working=working: working)  # type: ignore[misc]  # bound on purpose
            found += [(month, days, first_min) for first_min, _, rate in spans if rate is None]
    return found


def check_plan(rates: Sequence[Rate]) -> None:
    """Raise Refused unless a plan says a believable price for every minute of the year."""
    if missing := holes(rates):
        month, days, minute = missing[0]
        where, where_en = DAY_TYPES[days].zh, DAY_TYPES[days].en.lower()
        raise Refused(
            "plan_has_holes",
            f"{month}月{where}{clock(minute)}起没有电价，没有保存；请补齐全年每一时段。",
            en=f"There is no price in month {month} on {where_en} from {clock(minute)}; nothing was kept. Cover the whole year.",
            status=422,
        )
    for rate in rates:
        if not 0 < rate.price <= MOST_PRICE:
            raise Refused(
                "odd_price",
                "电价应大于0且不超过5元/千瓦时，没有保存；请检查单位。",
                en="A price is above 0 and at most 5 yuan per kWh; nothing was kept. Check the unit.",
                status=422,
            )


def check_first_day(first_on: date, today: date) -> None:
    """Raise Refused unless the change lies ahead: nobody pays a price that was not there when he scanned."""
    if first_on <= today:
        raise Refused(
            "plan_not_ahead",
            "新电价只能从明天或以后的日期起执行，没有保存；请改起始日期。",
            en="A new price begins tomorrow or later; nothing was kept. Choose another first day.",
            status=422,
        )


def no_tariff() -> Refused:
    """Return the refusal of a socket for which there is no price now (B1.10)."""
    return Refused(
        "no_tariff",
        "这个插座现在没有可用的电价，暂停使用，没有扣款；请拨打95598。",
        en="There is no price for this socket at present, so it is not sold. Nothing was charged; call 95598.",
        law="电力供应与使用条例 第二十七条",
    )


def clock(minute: int) -> str:
    """Return a minute of the day as people write it; the day's end is 24:00."""
    return f"{minute // 60:02d}:{minute % 60:02d}"
