"""What clocks announce. Listeners run in the transaction that makes the fact true."""

from dataclasses import dataclass
from datetime import date, datetime

from bancheng.kernel.clocks.rules.law import Effect
from bancheng.lib.hooks import Hook


@dataclass(frozen=True)
class CalendarLoaded:
    """A year's holiday notice was loaded (version 1) or corrected (a later version)."""

    year: int
    version: int
    source: str


@dataclass(frozen=True)
class Acting:
    """The night is about to act on the clocks of these matters and has locked none of them yet.

    Who acts on a matter locks the matter first and its clocks after it. A part that does so takes the same locks here, in one
    order: then the night and a person at work never wait for each other in a ring.
    """

    abouts: tuple[str, ...]


@dataclass(frozen=True)
class Silence:
    """R-CLK-7: nobody acted by `due_on`, and the law gives that the meaning of `effect`."""

    clock_id: int
    region: str
    about: str
    rule: str
    effect: Effect
    started_on: date
    due_on: date
    at: datetime


@dataclass(frozen=True)
class DueSoon:
    """A clock ends on `due_on`, within the days asked for; said once for each date a clock has had."""

    clock_id: int
    region: str
    about: str
    rule: str
    due_on: date
    at: datetime


@dataclass(frozen=True)
class Overdue:
    """A clock ran out and the matter is still open. R-CLK-8: `kind` is "statutory" or "promised", each by itself.

    A missed promise obliges the unit to publish a reason (优化营商环境条例 第三十六条).
    """

    clock_id: int
    region: str
    about: str
    rule: str
    kind: str
    due_on: date
    at: datetime


@dataclass(frozen=True)
class Moved:
    """R-CLK-9: a running clock's date, the law's or the promised one, changed because a year was loaded or corrected."""

    clock_id: int
    region: str
    about: str
    rule: str
    old_on: date
    new_on: date
    provisional: bool
    promised_on: date | None = None


before_acting = Hook[Acting]("clocks.before_acting")
calendar_loaded = Hook[CalendarLoaded]("clocks.calendar_loaded")
silence = Hook[Silence]("clocks.silence")
silence_undone = Hook[Silence]("clocks.silence_undone")  # the paper had been posted in time (R-CLK-2)
due_soon = Hook[DueSoon]("clocks.due_soon")
overdue = Hook[Overdue]("clocks.overdue")
deadline_moved = Hook[Moved]("clocks.deadline_moved")
