"""Which days are worked: Monday to Friday, but for what the State Council's yearly notice moves.

A calendar is two tables over whole years, made once: how many working days there are up to each day, and which day
the n-th working day is. Every question is then an index, so that a bulk job asks millions of them. Beyond the years
that were loaded it guesses Monday to Friday: good for showing, marked provisional, never a legal effect (R-CLK-9).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from zlib import crc32

from bancheng.lib.refusal import Refused

FRIDAY = 4
GUESSED_YEARS = 6  # tables reach this far past the last loaded year; what lies further is walked day by day
ONE_DAY = timedelta(days=1)
WEEKDAYS = "一二三四五六日"

# 全国年节及纪念日放假办法 第二条: the fixed dates that every notice of every year since 2004 gives as rest
FIXED = ((1, 1), (5, 1), (10, 1), (10, 2), (10, 3))


@dataclass(frozen=True)
class Year:
    """One year's notice: the days it names as rest and as make-up work.

    A notice may also move the last week of the December before it (the one for 2019 moved 29 to 31 December 2018).
    """

    number: int
    rest: frozenset[date]
    work: frozenset[date]
    source: str
    version: int = 1
    names: Mapping[date, str] = field(default_factory=dict, compare=False)  # the festival a rest day belongs to


def check_notice(
    *, year: int, rest: Iterable[date], work: Iterable[date], source: str, version: int = 1, statutory: bool = True
) -> Year:
    """Return the notice as a Year.

    `statutory` also asks for the fixed holidays (全国年节及纪念日放假办法 第二条).
    Raises Refused("bad_notice") with the first thing that cannot be right.
    """
    rest_days, work_days = list(rest), list(work)
    if not source.strip():
        raise _bad("请填写放假安排的文号或来源。", "Name the notice (its number or where it was published).")
    if not rest_days:
        raise _bad(f"{year}年的安排没有列出任何放假日。", f"The notice for {year} lists no rest days.")
    for day in (*rest_days, *work_days):
        if day.year != year and not date(year - 1, 12, 25) <= day <= date(year - 1, 12, 31):
            raise _bad(f"{_day(day)}不属于{year}年的安排，请核对年份。", f"{day} is not a day of the {year} notice.")
    for days in (rest_days, work_days):
        for day in days:
            if days.count(day) > 1:
                raise _bad(f"{_day(day)}列了两次，请删去一次。", f"{day} is listed twice.")
    for day in sorted(set(rest_days) & set(work_days)):
        raise _bad(f"{_day(day)}既列为放假又列为上班，请核对。", f"{day} is listed both as rest and as work.")
    for day in sorted(work_days):
        if day.weekday() <= FRIDAY:
            raise _bad(
                f"{_day(day)}是星期{WEEKDAYS[day.weekday()]}，本来就上班，不能列为调休上班日。",
                f"{day} is a weekday and worked anyway; it cannot be a make-up working day.",
            )
    for month, number in FIXED if statutory else ():
        if date(year, month, number) not in rest_days:
            raise _bad(
                f"缺少法定节假日{_day(date(year, month, number))}，请对照通知原文补齐。",
                f"The statutory holiday {date(year, month, number)} is missing.",
                law="全国年节及纪念日放假办法 第二条",
            )
    return Year(year, frozenset(rest_days), frozenset(work_days), source.strip(), version)


def _bad(says: str, en: str, law: str = "") -> Refused:
    return Refused("bad_notice", says, en=en, law=law, status=422)


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


class Calendar:
    """The working days of the years that were loaded, and a marked guess beyond them.

    `known_from` and `known_until` bound the unbroken run of loaded years that starts with the first one; `version`
    names exactly these contents, so that a stored date can be compared with the calendar it was worked out by.
    """

    __slots__ = ("_base", "_before", "_days", "_top", "_worked", "known_from", "known_until", "version", "years")

    def __init__(self, years: Iterable[Year]) -> None:
        self.years: dict[int, Year] = {year.number: year for year in sorted(years, key=lambda year: year.number)}
        if not self.years:
            raise ValueError("a calendar needs at least one year")
        first = next(iter(self.years))
        last = first
        while last + 1 in self.years:
            last += 1
        self.known_from = date(first, 1, 1)
        self.known_until = date(last, 12, 31)
        self._fill(self.known_from, date(max(self.years) + GUESSED_YEARS, 12, 31))
        contents = ";".join(
            f"{year.number}:{sorted(year.rest)}:{sorted(year.work)}:{year.version}" for year in self.years.values()
        )
        self.version = f"{first}-{max(self.years)}-{crc32(contents.encode()):08x}"

    def _fill(self, first: date, last: date) -> None:
        rest = {day for year in self.years.values() for day in year.rest}
        work = {day for year in self.years.values() for day in year.work}
        self._base, self._top = first.toordinal(), last.toordinal()
        self._worked = bytearray()
        self._days: list[date] = []
        self._before = [0]  # _before[i]: working days in the first i days
        for number in range(self._base, self._top + 1):
            day = date.fromordinal(number)
            worked = (day.weekday() <= FRIDAY and day not in rest) or day in work
            self._worked.append(worked)
            if worked:
                self._days.append(day)
            self._before.append(len(self._days))

    def is_working(self, day: date) -> bool:
        """Return whether `day` is worked; a guess (Monday to Friday) outside the loaded years."""
        offset = day.toordinal() - self._base
        if 0 <= offset < len(self._worked):
            return bool(self._worked[offset])
        return day.weekday() <= FRIDAY

    def add(self, day: date, n: int) -> date:
        """Return the `n`-th working day after `day`, which is itself not counted (R-CLK-2); `day` when `n` is 0."""
        offset = day.toordinal() - self._base
        if offset >= 0 and n > 0:
            try:
                return self._days[self._before[offset + 1] + n - 1]
            except IndexError:
                pass
        return self._walk(day, n, ONE_DAY)

    def back(self, day: date, n: int) -> date:
        """Return the `n`-th working day before `day`, which is itself not counted; `day` when `n` is 0."""
        offset = day.toordinal() - self._base
        if 0 <= offset < len(self._worked) and n > 0:
            place = self._before[offset] - n
            if place >= 0:
                return self._days[place]
        return self._walk(day, n, -ONE_DAY)

    def _walk(self, day: date, n: int, step: timedelta) -> date:
        if n < 0:
            raise ValueError("count forward with add, backward with back")
        while n:
            day += step
            n -= self.is_working(day)
        return day

    def next_working(self, day: date) -> date:
        """Return `day` itself when it is worked, else the first working day after it."""
        return day if self.is_working(day) else self.add(day, 1)

    def previous_working(self, day: date) -> date:
        """Return `day` itself when it is worked, else the last working day before it."""
        return day if self.is_working(day) else self.back(day, 1)

    def working_days(self, first: date, last: date) -> int:
        """Return how many of the days `first` to `last`, both included, are worked."""
        low, high = first.toordinal() - self._base, last.toordinal() - self._base
        if low > high:
            return 0
        if low >= 0 and high < len(self._worked):
            return self._before[high + 1] - self._before[low]
        return sum(self.is_working(first + ONE_DAY * n) for n in range(high - low + 1))

    def knows(self, first: date, last: date) -> bool:
        """Return whether every day `first` to `last` lies in a loaded year, so that no guess is needed."""
        if first >= self.known_from and last <= self.known_until:
            return True
        return all(year in self.years for year in range(first.year, last.year + 1))

    def __repr__(self) -> str:
        return f"<Calendar {self.version}>"
