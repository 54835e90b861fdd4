"""Working a deadline out: forward from a start, back from an event, with pauses and one extension.

A Deadline keeps what it was made from, so that its sentence (`explain`) is written only when somebody asks: a bulk
job makes a million dates and reads three sentences.
"""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from functools import cached_property

from bancheng.kernel.clocks.rules.calendar import ONE_DAY, Calendar
from bancheng.kernel.clocks.rules.law import Length, Unit
from bancheng.lib.refusal import Refused
from bancheng.lib.text import Text

CHINA = timezone(timedelta(hours=8), "Asia/Shanghai")  # no summer time since 1991, so the offset is the zone


@dataclass(frozen=True)
class Pause:
    """Days `first` to `last` (both included; None: still going on) that are not counted, if the party was told.

    `planned_last` is the end named in the notice; an open pause is reckoned to last until then.
    """

    first: date
    last: date | None
    cause: str
    basis: str
    served_on: date | None
    planned_last: date | None = None

    def __post_init__(self) -> None:
        for end in (self.last, self.planned_last):
            if end is not None and end < self.first:
                raise Refused(
                    "pause_backwards",
                    f"暂停的结束日{end}早于开始日{self.first}，请核对。",
                    en=f"The pause ends on {end}, before it begins on {self.first}.",
                    status=422,
                )

    @property
    def end(self) -> date:
        """Return the last day not counted, as far as it is known."""
        return self.last or self.planned_last or self.first


@dataclass(frozen=True)
class Extension:
    """The one lengthening of a period, decided by `by` for `reason` and told to the party on `served_on`."""

    length: Length
    decided_on: date
    by: str
    reason: str
    served_on: date | None


@dataclass(frozen=True)
class Deadline:
    """The last lawful day, and everything needed to say why."""

    on: date
    provisional: bool
    started_on: date  # for a deadline counted back: the event
    length: Length
    calendar: Calendar
    law: str = ""
    back: bool = False
    rolls: bool = True
    given: bool = False  # the day is the matter's own, nothing was counted
    last_counted: date | None = None  # where the count ended, before any roll-over
    pauses: tuple[Pause, ...] = ()  # all that were given, counted or not
    extension: Extension | None = None
    at: datetime | None = None  # the hour it ends, for a period in hours
    kept_from: date | None = None  # the shorter date that a recomputation gave and that was not applied

    @cached_property
    def explain(self) -> Text:
        """Return one Chinese and one English sentence: rule, article, calendar, pauses, roll-over, whether
        provisional."""
        from bancheng.kernel.clocks.rules.explain import sentence  # explain reads Deadline: the circle opens here

        return sentence(self)

    def met(self, *, received_on: date, posted_on: date | None = None) -> bool:
        """Return whether a paper came in time: one posted before the end is, even if it arrives later (R-CLK-2).

        民事诉讼法 第八十五条.
        """
        return min(received_on, posted_on or received_on) <= self.on


def due(
    *,
    started_on: date,
    length: Length,
    calendar: Calendar,
    pauses: Sequence[Pause] = (),
    extension: Extension | None = None,
    law: str = "",
    rolls: bool | None = None,
    given: bool = False,
) -> Deadline:
    """Return the last day of a period that began on `started_on`, a day (or hour) that is not counted.

    R-CLK-1: the unit decides what is counted. R-CLK-2 (民事诉讼法 第八十五条): an end on a rest day moves to the
    first working day after it; hours do not move; `rolls` overrules. R-CLK-4, R-CLK-5: the days of pauses are not
    counted, each day once, and a pause whose notice was not served is as if it never happened. R-CLK-6: an
    extension counts when it was decided before the end and served. R-CLK-9: `provisional` when a year that was not
    loaded had to be guessed, or a pause is still going on. For hours give a datetime as `started_on`. `given` says that
    `started_on`, with a length of nought, is itself the last day: the matter names it.
    Raises Refused("extension_too_late").
    """
    unit = length.unit
    rolls = unit is not Unit.HOUR if rolls is None else rolls
    start = _local_day(started_on) if isinstance(started_on, datetime) else started_on
    spans = _spans(pauses, start) if pauses else []
    counted = length
    if extension is not None:
        unextended = _close(started_on, start, length, calendar, spans, rolls)[1]
        check_extension_in_time(extension, ends_on=unextended)
        if extension.served_on is not None:
            counted = lengthened(length, extension)
    last, on = _close(started_on, start, counted, calendar, spans, rolls)
    if unit is Unit.WD:
        guessed = on > start and not calendar.knows(start + ONE_DAY, on)
    else:
        guessed = rolls and on > start and not calendar.knows(last, on)
    return Deadline(
        on=on,
        provisional=guessed or any(_open(pause, start, on) for pause in pauses),
        started_on=started_on,
        length=length,
        calendar=calendar,
        law=law,
        rolls=rolls,
        given=given,
        last_counted=last,
        pauses=tuple(pauses),
        extension=extension,
        at=_hour(started_on, counted, spans) if isinstance(started_on, datetime) and unit is Unit.HOUR else None,
    )


def before(*, event_on: date, length: Length, calendar: Calendar, law: str = "") -> Deadline:
    """Return the last day that is still `length` before `event_on`; the day of the event is not counted.

    Such a day never rolls over: the first working day after it would be too late (行政许可法 第五十条). When it is
    a rest day the sentence names the working day before it.
    """
    if length.unit is Unit.HOUR:
        raise ValueError("count back in days or months")
    if length.unit is Unit.WD:
        on = calendar.back(event_on, length.n)
        guessed = on < event_on and not calendar.knows(on, event_on - ONE_DAY)
    else:
        months = length.unit is Unit.MONTH
        on = add_months(event_on, -length.n) if months else event_on - timedelta(days=length.n)
        guessed = False
    return Deadline(
        on=on,
        provisional=guessed,
        started_on=event_on,
        length=length,
        calendar=calendar,
        law=law,
        back=True,
        rolls=False,
        last_counted=on,
    )


def check_extension_in_time(extension: Extension, *, ends_on: date) -> None:
    """Raise Refused("extension_too_late") when it was decided after the period's end (R-CLK-6)."""
    if extension.decided_on > ends_on:
        raise Refused(
            "extension_too_late",
            f"期限已于{ends_on.year}年{ends_on.month}月{ends_on.day}日届满，届满后不能再延长。",
            en=f"The period ended on {ends_on}; it cannot be extended afterwards.",
        )


def lengthened(length: Length, extension: Extension) -> Length:
    """Return `length` and its extension as one period: the count goes on from where it would have ended."""
    if extension.length.unit is not length.unit:
        raise ValueError("an extension counts in the unit of the period it extends")
    return Length(length.n + extension.length.n, length.unit)


def counts(pause: Pause, started_on: date, on: date) -> bool:
    """Return whether `pause` kept any day of a period from being counted: it was served and fell inside it."""
    return pause.served_on is not None and pause.first <= on and pause.end > started_on


def add_months(day: date, n: int) -> date:
    """Return the same day `n` months on, or the last of the month where it has no such day (31, or 29 February)."""
    year, month = divmod(day.year * 12 + day.month - 1 + n, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _local_day(instant: datetime) -> date:
    return (instant.astimezone(CHINA) if instant.tzinfo else instant).date()


def _open(pause: Pause, start: date, on: date) -> bool:
    return pause.last is None and counts(pause, start, on)


def _spans(pauses: Sequence[Pause], start: date) -> list[tuple[date, date]]:
    """Return the days after `start` that served pauses take out, as disjoint spans in order."""
    begin = start + ONE_DAY
    spans: list[tuple[date, date]] = []
    for first, last in sorted(
        (max(pause.first, begin), pause.end) for pause in pauses if pause.served_on is not None and pause.end >= begin
    ):
        if spans and first <= spans[-1][1] + ONE_DAY:
            spans[-1] = (spans[-1][0], max(spans[-1][1], last))
        else:
            spans.append((first, last))
    return spans


def _close(
    started_on: date, start: date, length: Length, calendar: Calendar, spans: list[tuple[date, date]], rolls: bool
) -> tuple[date, date]:
    """Return the day on which the count ends, and the same day rolled over where the rule says so."""
    if length.n == 0:
        return start, start
    if length.unit is Unit.WD:
        last = calendar.add(start, length.n)
        stopped = 0
        for first, end in spans:
            if first > last:
                break
            stopped += calendar.working_days(first, end)
            last = calendar.add(start, length.n + stopped)
        return last, last
    if length.unit is Unit.HOUR:
        last = _local_day(_hour(started_on, length, spans))
    else:
        last = add_months(start, length.n) if length.unit is Unit.MONTH else start + timedelta(days=length.n)
        for first, end in spans:
            if first > last:
                break
            last += end - first + ONE_DAY
    return last, (_roll(last, calendar, spans) if rolls else last)


def _roll(last: date, calendar: Calendar, spans: list[tuple[date, date]]) -> date:
    """Return the first working day from `last` on; while it waits for one, a pause stops it too."""
    day = calendar.next_working(last)
    for first, end in spans:
        if last < first <= day <= end:
            day = calendar.next_working(end + ONE_DAY)
    return day


def _hour(started_at: date, length: Length, spans: list[tuple[date, date]]) -> datetime:
    """Return the instant a period in hours ends; the hour in which it began is not counted (民事诉讼法
    第八十五条)."""
    if not isinstance(started_at, datetime):
        raise ValueError("a period in hours starts at an instant, not on a day")
    local = started_at.astimezone(CHINA) if started_at.tzinfo else started_at
    end = local.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1 + length.n)
    for first, last in spans:
        if first > end.date():
            break
        end += last - first + ONE_DAY
    return end
