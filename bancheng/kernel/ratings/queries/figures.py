"""The figures of ratings, recomputed each time in two statements, however many there are. They name nobody (P-6).

Silence stands beside the grades and never among them (R-RT-6); what was left out on review is counted apart (R-RT-4).
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from bancheng.lib.share import Share
from bancheng.lib.text import Text


@dataclass(frozen=True)
class Line:
    """The ratings of one matter of one unit (or of a sum of them)."""

    unit: str
    matter: str
    title: Text
    served: int  # asked to rate
    grades: tuple[int, int, int, int, int]  # how often one … five
    excluded: int

    @property
    def rated(self) -> int:
        """Return how many rated, without what was left out."""
        return sum(self.grades)

    @property
    def unrated(self) -> int:
        return self.served - self.rated - self.excluded

    @property
    def bad(self) -> int:
        return self.grades[0] + self.grades[1]

    @property
    def satisfied(self) -> Share:
        """Return 非常满意、满意、基本满意 ÷ 已评价."""
        return Share(self.rated - self.bad, self.rated)

    @property
    def answered(self) -> Share:
        """Return 已评价 ÷ 应评价."""
        return Share(self.rated + self.excluded, self.served)


@dataclass(frozen=True)
class Calls:
    """The call-backs of one unit (or of a sum of them)."""

    unit: str
    opened: int
    open: int
    closed: int
    late_now: int  # open and past their day
    contacted: Share  # of those whose first contact was due or done: within its day
    in_time: Share  # of the closed: never late
    real_name: Share  # of the real-name bad ratings whose contact is due: called back (100 % is the rule)


SERVED = """
select unit, matter, max(title), max(title_en), count(*),
       count(*) filter (where grade = 1 and not excluded), count(*) filter (where grade = 2 and not excluded),
       count(*) filter (where grade = 3 and not excluded), count(*) filter (where grade = 4 and not excluded),
       count(*) filter (where grade = 5 and not excluded), count(*) filter (where excluded)
  from ratings_occasion
 where region = %s and (%s::text[] is null or unit = any(%s)) and (%s::timestamptz is null or opened_at >= %s)
 group by unit, matter order by unit, matter
"""

# a first contact is judged once it was made or its day is over; what was dropped before either is nobody's debt
CALLED = """
select b.unit, count(*), count(*) filter (where b.closed_at is null), count(*) filter (where b.state = 'closed'),
       count(*) filter (where b.closed_at is null and b.late_at is not null),
       count(*) filter (where c.due), count(*) filter (where c.due and c.kept),
       count(*) filter (where b.state = 'closed' and b.late_at is null),
       count(*) filter (where b.real_name and c.due), count(*) filter (where b.real_name and c.due and b.contacted_at is not null)
  from ratings_callback b
  left join lateral (
       select b.state <> 'dropped' and (b.contacted_at is not null or k.overdue_for is not null or k.promise_missed_for is not null) as due,
              k.state = 'done' and k.overdue_for is null and k.promise_missed_for is null as kept
         from clocks_runningclock k
        where k.region = b.region and k.about = 'callback:' || b.id and k.rule = 'C-93.contact'
        order by k.id limit 1) c on true
 where b.region = %s and (%s::text[] is null or b.unit = any(%s)) and (%s::timestamptz is null or b.opened_at >= %s)
 group by b.unit order by b.unit
"""


def lines(region: str, *, units: Collection[str] | None = None, since: datetime | None = None) -> list[Line]:
    """Return the ratings by unit and matter, of some units or of all, of services since an instant or of all."""
    return [
        Line(unit, matter, Text(title, title_en), served, (one, two, three, four, five), excluded)
        for unit, matter, title, title_en, served, one, two, three, four, five, excluded in _rows(
            SERVED, region, units, since
        )
    ]


def calls(region: str, *, units: Collection[str] | None = None, since: datetime | None = None) -> list[Calls]:
    """Return the call-backs by unit."""
    return [
        Calls(unit, opened, open_, closed, late, Share(kept, due), Share(in_time, closed), Share(called, named))
        for unit, opened, open_, closed, late, due, kept, in_time, named, called in _rows(CALLED, region, units, since)
    ]


def total(found: Iterable[Line], unit: str = "") -> Line:
    """Return the sum of lines."""
    found = list(found)
    grades = tuple(sum(line.grades[n] for line in found) for n in range(5))
    served, excluded = sum(line.served for line in found), sum(line.excluded for line in found)
    return Line(unit, "", Text("合计", "All"), served, grades, excluded)  # type: ignore[arg-type]  # five of them


def total_calls(found: Iterable[Calls]) -> Calls:
    """Return the sum of call-backs."""
    found = list(found)

    def share(name: str) -> Share:
        return Share(sum(getattr(one, name).part for one in found), sum(getattr(one, name).whole for one in found))

    counts = (sum(getattr(one, name) for one in found) for name in ("opened", "open", "closed", "late_now"))
    return Calls("", *counts, *(share(name) for name in ("contacted", "in_time", "real_name")))


def _rows(sql: str, region: str, units: Collection[str] | None, since: datetime | None) -> list[tuple]:  # type: ignore[type-arg]  # the driver's
    wanted = None if units is None else sorted(units)
    with connection.cursor() as cursor:
        cursor.execute(sql, [region, wanted, wanted, since, since])
        return list(cursor.fetchall())


@dataclass(frozen=True)
class Spoken:
    """Whether grades are what somebody said: how many could be rated, how many were, and how many grades nobody said."""

    open: int
    rated: int
    unsaid: int


def spoken(region: str, service: str) -> Spoken:
    """Return it of a service: one statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select count(*), count(grade), count(*) filter (where grade is not null and not exists (
                       select from ratings_rating r where r.occasion_id = o.id and r.grade = o.grade))
              from ratings_occasion o where o.service = %s and o.region = %s
            """,
            [service, region],
        )
        return Spoken(*cursor.fetchone())
