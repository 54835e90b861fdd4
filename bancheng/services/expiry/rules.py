"""When a licence speaks, to whom, and what its term came to. Pure: values in, values out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Protocol


class Anchor(StrEnum):
    """The day a stage counts back from."""

    CLOSE = "closes_on"  # the last lawful day to apply (行政许可法 第五十条 or the item's own rule)
    EXPIRY = "expires_on"  # the last day the licence is valid


class Reach(StrEnum):
    """Who brings the word."""

    MESSAGE = "message"  # push and SMS
    PERSON = "person"  # a call or a visit, one on one


class Stage(StrEnum):
    """A day on which a licence speaks; the letter is the anchor, the number the days before it."""

    W30 = "w30"
    W7 = "w7"
    W3 = "w3"
    T30 = "t30"
    T7 = "t7"
    T3 = "t3"


@dataclass(frozen=True)
class Point:
    """Where a stage stands: so many natural days before its anchor, and who speaks."""

    anchor: Anchor
    days: int
    reach: Reach


# Source, case ten: 满前30天、7天 by message, 满前3天 one on one. R10.1: the same three before the window closes, which is
# the day that counts. Of two messages (or two calls) that come at once, the one whose day is later speaks: it is the news; of
# the same day, the window's.
STAGES: dict[Stage, Point] = {
    Stage.W30: Point(Anchor.CLOSE, 30, Reach.MESSAGE),
    Stage.W7: Point(Anchor.CLOSE, 7, Reach.MESSAGE),
    Stage.W3: Point(Anchor.CLOSE, 3, Reach.PERSON),
    Stage.T30: Point(Anchor.EXPIRY, 30, Reach.MESSAGE),
    Stage.T7: Point(Anchor.EXPIRY, 7, Reach.MESSAGE),
    Stage.T3: Point(Anchor.EXPIRY, 3, Reach.PERSON),
}


# R10.3: working days a unit has to cancel a permit that ran out (行政许可法 第七十条). The law names no number; this is the city's
# own, the length of an ordinary decision (第四十二条)
CANCEL_WORKING_DAYS = 20


class State(StrEnum):
    """What a watch is doing. Only `live` speaks to the holder; on `pending` the agency's clock runs."""

    LIVE = "live"
    PENDING = "pending"  # an application to renew is under way
    SAYS_DONE = "says_done"  # the holder says it is done; the issuing unit has not shown it yet (R10.7)
    GIVEN_UP = "given_up"  # the holder will not renew
    DEREGISTERED = "deregistered"
    REVOKED = "revoked"
    LAPSED = "lapsed"  # expired, not renewed
    DEEMED = "deemed"  # renewed by the agency's silence (行政许可法 第五十条); the paper is owed
    ENDLESS = "endless"  # 长期, or no expiry known: listed, never planned


# state -> what may follow, and who moves it there
NEXT: dict[State, dict[State, str]] = {
    State.LIVE: {
        State.LIVE: "the issuing unit renews",
        State.PENDING: "the unit accepts an application to renew",
        State.SAYS_DONE: "the holder says it is done",
        State.GIVEN_UP: "the holder will not renew",
        State.DEREGISTERED: "the holder is deregistered",
        State.REVOKED: "the issuing unit revokes",
        State.LAPSED: "the last day passes",
        State.ENDLESS: "the issuing unit makes it 长期",
    },
    State.PENDING: {
        State.LIVE: "the issuing unit renews or refuses, or the application is withdrawn",
        State.DEEMED: "the clock C-05.decide runs out undecided (行政许可法 第五十条)",
        State.DEREGISTERED: "the holder is deregistered",
        State.REVOKED: "the issuing unit revokes",
        State.LAPSED: "the unit has refused and the last day passes",
        State.ENDLESS: "the issuing unit makes it 长期",
    },
    State.SAYS_DONE: {
        State.LIVE: "the issuing unit renews, or the holder takes it back",
        State.PENDING: "the unit accepts an application to renew",
        State.GIVEN_UP: "the holder will not renew",
        State.DEREGISTERED: "the holder is deregistered",
        State.REVOKED: "the issuing unit revokes",
        State.LAPSED: "the last day passes",
        State.ENDLESS: "the issuing unit makes it 长期",
    },
    State.GIVEN_UP: {
        State.LIVE: "the holder takes it back, or the issuing unit renews",
        State.DEREGISTERED: "the holder is deregistered",
        State.REVOKED: "the issuing unit revokes",
    },
    State.DEREGISTERED: {State.LIVE: "the issuing unit corrects its record"},
    State.REVOKED: {State.LIVE: "the issuing unit restores"},
    State.LAPSED: {State.LIVE: "the issuing unit renews late"},
    State.DEEMED: {
        State.LIVE: "the issuing unit hands over the renewed licence",
        State.DEREGISTERED: "the holder is deregistered",
        State.REVOKED: "the issuing unit revokes",
    },
    State.ENDLESS: {State.LIVE: "the issuing unit gives it a last day"},
}


class Outcome(StrEnum):
    """What became of one term of validity."""

    RENEWED = "renewed"
    DEEMED = "deemed"  # renewed by the agency's silence
    GIVEN_UP = "given_up"
    DEREGISTERED = "deregistered"
    REVOKED = "revoked"
    LAPSED = "lapsed"


class WorkingDays(Protocol):
    """The little that these rules ask of a calendar."""

    def is_working(self, day: date) -> bool: ...
    def next_working(self, day: date) -> date: ...


def task_horizon(today: date, calendar: WorkingDays) -> date:
    """Return the last day whose agency work falls to `today` or earlier.

    Work that would fall on a rest day moves to the working day before it (B10.12), so a Friday answers for the weekend behind
    it. On a rest day nothing is added to what the last working day already answered for.
    """
    return calendar.next_working(today + timedelta(days=1)) - timedelta(days=1)


def reaches(stage: Stage, day: date, calendar: WorkingDays) -> date:
    """Return the last anchor day that `stage` has come to by `day`."""
    point = STAGES[stage]
    front = task_horizon(day, calendar) if point.reach is Reach.PERSON else day
    return front + timedelta(days=point.days)


@dataclass(frozen=True)
class Span:
    """Anchor days `first`–`last`, both included, that one stage has to speak for."""

    stage: Stage
    first: date
    last: date


def spans(last_run: date | None, today: date, calendar: WorkingDays) -> list[Span]:
    """Return what each stage has to look at, so that every anchor day is looked at once, whatever nights were missed.

    `last_run` is the latest day inspected (None: never, then only today's own anchor days count and newcomers are found
    by their mark). A stage with nothing new is left out. Anchors before `today` are left out: what is over needs no reminder.
    """
    found = []
    for stage in Stage:
        last = reaches(stage, today, calendar)
        before = reaches(stage, last_run or today - timedelta(days=1), calendar)
        first = max(before + timedelta(days=1), today)
        if first <= last:
            found.append(Span(stage, first, last))
    return found


def stage_now(
    reach: Reach, closes_on: date | None, expires_on: date, today: date, calendar: WorkingDays
) -> Stage | None:
    """Return the one stage of `reach` a newcomer should have at once, or None.

    Of those that have come and whose anchor is not over it is the one of the latest day; of the same day, the window's.
    """
    come: dict[Stage, date] = {}
    for stage, point in STAGES.items():
        anchor = closes_on if point.anchor is Anchor.CLOSE else expires_on
        if point.reach is reach and anchor is not None and today <= anchor <= reaches(stage, today, calendar):
            come[stage] = anchor - timedelta(days=point.days)
    return max(come, key=come.__getitem__, default=None)  # the first of the latest, and the window's stages stand first


def renewal_rate(outcomes: Mapping[Outcome, int]) -> tuple[int, int]:
    """Return (renewed in time, those who should have renewed) of terms that ended, given how many ended how (R10.6).

    Terms given up, deregistered or revoked leave the denominator; renewal by the agency's silence counts as renewed.
    """
    renewed = outcomes.get(Outcome.RENEWED, 0) + outcomes.get(Outcome.DEEMED, 0)
    return renewed, renewed + outcomes.get(Outcome.LAPSED, 0)


def may_follow(state: State, wanted: State) -> bool:
    """Return whether `wanted` may follow `state`."""
    return wanted in NEXT[state]


# what a holder's word may still change: an application, a decision and an end are not his to undo
ANSWERABLE = frozenset({State.LIVE, State.SAYS_DONE, State.GIVEN_UP})


def may_answer(state: State, says: State) -> bool:
    """Return whether the holder may say so of a watch in `state`."""
    return state in ANSWERABLE and may_follow(state, says)


def quarter(day: date) -> str:
    """Return the quarter a unit re-combs its items in, e.g. "2026Q4" (source: 每季度定期梳理)."""
    return f"{day.year}Q{(day.month - 1) // 3 + 1}"


def quarter_first(day: date) -> date:
    """Return the first day of the quarter that `day` lies in."""
    return date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)


def quarter_last(day: date) -> date:
    """Return the last day of the quarter that `day` lies in."""
    return (quarter_first(day) + timedelta(days=100)).replace(day=1) - timedelta(days=1)


# F10.13, the city's choice: days before a quarter's end from which a unit hears that its review is due, and the supervisor who is
# silent. The first working day of each span speaks; a missed one is caught up on the next
REVIEW_DAYS = 14
SILENT_DAYS = 7
