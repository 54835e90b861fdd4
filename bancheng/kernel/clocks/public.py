"""The face of clocks: what time it is, which days are worked, when a period ends and why.

Working dates out (`due`, `before`, `decide`, `reconsider`) is pure: values in, a Deadline out, which explains itself.
Clocks that run (`start`, `pause`, … `fire_due`) are rows: the law's silence acts through `silence`, once.
"""

from collections.abc import Sequence
from datetime import date

from bancheng.kernel.clocks import shipped
from bancheng.kernel.clocks.clock import Sandbox, now, real_now, today
from bancheng.kernel.clocks.facts import (
    Acting,
    CalendarLoaded,
    DueSoon,
    Moved,
    Overdue,
    Silence,
    before_acting,
    calendar_loaded,
    deadline_moved,
    due_soon,
    overdue,
    silence,
    silence_undone,
)
from bancheng.kernel.clocks.operations.calendars import load_shipped
from bancheng.kernel.clocks.operations.proposals import confirm_year, propose_year, turn_down_year
from bancheng.kernel.clocks.operations.running import (
    Start,
    cancel,
    end_many,
    extend,
    finish,
    notify,
    pause,
    reopen,
    resume,
    serve,
    start,
    start_many,
)
from bancheng.kernel.clocks.operations.sandbox import MONTH_IN_A_MINUTE, end_sandbox, set_sandbox
from bancheng.kernel.clocks.operations.scans import Fired, fire_due, warn_due_soon
from bancheng.kernel.clocks.queries import (
    Clock,
    LoadedYear,
    Moves,
    Proposal,
    calendar,
    clock,
    clocks_of,
    loaded_years,
    moves,
    open_clocks,
    proposals,
    waiting_for_calendar,
)
from bancheng.kernel.clocks.rules import decision as _decision
from bancheng.kernel.clocks.rules import law as _law
from bancheng.kernel.clocks.rules.calendar import Calendar, Year, check_notice
from bancheng.kernel.clocks.rules.citation import cite
from bancheng.kernel.clocks.rules.deadline import Deadline, Extension, Pause, add_months, before, due
from bancheng.kernel.clocks.rules.decision import Decision, reconsider
from bancheng.kernel.clocks.rules.explain import CAUSES, chinese, english
from bancheng.kernel.clocks.rules.law import Effect, Length, Rule, Unit
from bancheng.lib.days import SHANGHAI

# the clock table as shipped, by identifier ("C-02.decide"), and the deemed effects of silence by code
rule = shipped.rule
rules = shipped.rules
effects = shipped.effects


def decide(
    *,
    rule: Rule,
    started_on: date,
    calendar: Calendar,
    pauses: Sequence[Pause] = (),
    extension: Extension | None = None,
    promised: Length | None = None,
) -> Decision:
    """Return the statutory and the promised deadline of `rule`, having checked that the law allows what is asked.

    Raises Refused: pause_not_allowed, extension_not_allowed, extension_too_long, extension_too_late,
    promise_too_long.
    """
    return _decision.decide(
        rule=rule,
        started_on=started_on,
        calendar=calendar,
        pauses=pauses,
        extension=extension,
        promised=promised,
        causes=CAUSES,
    )


def unit_of(statute: str, days: int, *, on: date) -> Unit:
    """Return whether `days` in `statute` ("行政复议法") are working or natural days, as in force `on` (R-CLK-3).

    Raises KeyError for a statute that is not in the table, NotInForce before its first row.
    """
    return _law.unit_of(statute, days, on=on, units=shipped.units())


__all__ = [
    "CAUSES",
    "MONTH_IN_A_MINUTE",
    "SHANGHAI",
    "Acting",
    "Calendar",
    "CalendarLoaded",
    "Clock",
    "Deadline",
    "Decision",
    "DueSoon",
    "Effect",
    "Extension",
    "Fired",
    "Length",
    "LoadedYear",
    "Moved",
    "Moves",
    "Overdue",
    "Pause",
    "Proposal",
    "Rule",
    "Sandbox",
    "Silence",
    "Start",
    "Unit",
    "Year",
    "add_months",
    "before",
    "before_acting",
    "calendar",
    "calendar_loaded",
    "cancel",
    "check_notice",
    "chinese",
    "cite",
    "clock",
    "clocks_of",
    "confirm_year",
    "deadline_moved",
    "decide",
    "due",
    "due_soon",
    "effects",
    "end_many",
    "end_sandbox",
    "english",
    "extend",
    "finish",
    "fire_due",
    "load_shipped",
    "loaded_years",
    "moves",
    "notify",
    "now",
    "open_clocks",
    "overdue",
    "pause",
    "proposals",
    "propose_year",
    "real_now",
    "reconsider",
    "reopen",
    "resume",
    "rule",
    "rules",
    "serve",
    "set_sandbox",
    "silence",
    "silence_undone",
    "start",
    "start_many",
    "today",
    "turn_down_year",
    "unit_of",
    "waiting_for_calendar",
    "warn_due_soon",
]
