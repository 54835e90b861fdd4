"""The board's figures, recomputed from what the office told: nothing is typed in. Two statements, however many filings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from bancheng.kernel.registrations import public as registrations
from bancheng.lib.text import Text
from bancheng.services.mortgages.queries.agreements import bank_names
from bancheng.services.mortgages.rules.channels import CHANNELS, KINDS

GROUPED = """
    select bank, channel, kind, count(*) as n, count(recorded_at) as recorded,
           count(*) filter (where corrections > 0) as corrected
      from mortgages_tracked
     where region = %(region)s and (%(banks)s::text[] is null or bank = any(%(banks)s))
       and (%(since)s::timestamptz is null or filed_at >= %(since)s)
     group by bank, channel, kind
"""
TIMES = """
    select percentile_cont(0.5) within group (order by extract(epoch from recorded_at - submitted_at))
             filter (where recorded_at is not null and submitted_at is not null),
           count(*) filter (where kind = 'mortgage.cancel' and recorded_at is not null),
           count(*) filter (where kind = 'mortgage.cancel'
             and (recorded_at at time zone 'Asia/Shanghai')::date = (submitted_at at time zone 'Asia/Shanghai')::date),
           count(*) filter (where certified_at - recorded_at <= interval '60 seconds'), count(certified_at)
      from mortgages_tracked
     where region = %(region)s and (%(banks)s::text[] is null or bank = any(%(banks)s))
       and (%(since)s::timestamptz is null or filed_at >= %(since)s)
"""
HOW = (
    Text(
        "件数：登记机构收到的抵押类申请，不分渠道，一件一个编号",
        "Filings: applications of mortgages by any channel, one number each",
    ),
    Text(
        "中位用时：从当事人全部同意、提交到登簿",
        "Median: from the last consent, when it is submitted, to its recording",
    ),
    Text("补正率：至少要求补正一次的件数÷件数", "Corrections: applications that were asked for any, by all"),
    Text(
        "当日注销：提交当日登簿的注销件÷已登簿的注销件",
        "Same day: cancellations recorded on the day they were submitted, by all recorded",
    ),
)


@dataclass(frozen=True)
class Line:
    """What was filed by one bank, channel or kind."""

    name: Text
    filed: int
    recorded: int
    corrected: int

    @property
    def correction_rate(self) -> float | None:
        """Return the share that had to be corrected; None where nothing was filed."""
        return self.corrected / self.filed if self.filed else None


@dataclass(frozen=True)
class Board:
    """All figures of filings."""

    total: Line
    banks: list[Line]
    channels: list[Line]
    kinds: list[Line]
    median_minutes: float | None
    cancelled: int
    same_day: int
    certified: int
    within_minute: int

    @property
    def same_day_share(self) -> float | None:
        """Return the share of cancellations recorded the same day; None where none was."""
        return self.same_day / self.cancelled if self.cancelled else None


def board(region: str, banks: Sequence[str] | None = None, since: datetime | None = None) -> Board:
    """Return the figures of some banks, or of all, since an instant, or ever."""
    given = {"region": region, "banks": None if banks is None else list(banks), "since": since}
    with connection.cursor() as cursor:
        cursor.execute(GROUPED, given)
        rows = cursor.fetchall()
        cursor.execute(TIMES, given)
        median, cancelled, same_day, quick, certified = cursor.fetchone()
    names = {**bank_names(row[0] for row in rows if row[0]), "": Text("个人和企业自行申报", "Filed by people")}
    return Board(
        _line(Text("合计", "All"), rows),
        _lines(rows, 0, names),
        _lines(rows, 1, {**{str(one): name for one, name in CHANNELS.items()}, **_own_counter()}),
        _lines(rows, 2, {str(one): name for one, name in KINDS.items()}),
        round(median / 60, 1) if median is not None else None,
        cancelled,
        same_day,
        certified,
        quick,
    )


def _own_counter() -> Mapping[str, Text]:
    return {one.code: one.name for one in registrations.channels().values() if one.counter}


def _lines(rows: Sequence[tuple[object, ...]], column: int, names: Mapping[str, Text]) -> list[Line]:
    found = [
        _line(names.get(str(code), Text(str(code), str(code))), [row for row in rows if row[column] == code])
        for code in {row[column] for row in rows}
    ]
    return sorted(found, key=lambda line: (-line.filed, line.name.zh))


def _line(name: Text, rows: Sequence[tuple[object, ...]]) -> Line:
    return Line(name, *(sum(int(str(row[at])) for row in rows) for at in (3, 4, 5)))
