"""What may happen to a delivery and to a message, as two ladders of numbers that are only ever climbed.

Receipts arrive late, twice, in any order. A delivery is what is known of it: merging two pieces of knowledge takes the
higher state and the earlier instant of each kind, so any order and any repetition give the same result.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from functools import reduce


class State(IntEnum):
    """How far one delivery is known to have come; a later fact never lowers it.

    `delivered` stands above `failed`: a gateway that gave up and then heard from the phone tells the truth the second
    time.
    """

    SENDING = 10  # written down, perhaps sent: only the gateway knows
    SENT = 20  # the gateway took it
    FAILED = 30  # refused, undeliverable, or called off
    DELIVERED = 40
    READ = 50


class Stage(IntEnum):
    """Where a message stands; receipts raise it, only the ladder takes it back to WAITING for the next channel."""

    WAITING = 0
    UNDERWAY = 10
    EXHAUSTED = 20  # every channel tried in vain: a person takes over
    SUPPRESSED = 30  # no longer wanted, or stopped by its reader
    REACHED = 40
    READ = 50


# stage -> what may follow, and what moves it there
NEXT: dict[Stage, dict[Stage, str]] = {
    Stage.WAITING: {
        Stage.UNDERWAY: "due, still wanted, written down for its channel",
        Stage.SUPPRESSED: "no longer wanted when it was due, or stopped by its reader",
        Stage.EXHAUSTED: "the last channel was down all the time",
        Stage.REACHED: "a receipt of an earlier channel came late",
        Stage.READ: "its reader opened an earlier delivery",
    },
    Stage.UNDERWAY: {
        Stage.WAITING: "no receipt in time, or failed: the next channel",
        Stage.SUPPRESSED: "settled while its gateway was down",
        Stage.EXHAUSTED: "no receipt in time, or failed, on the last channel",
        Stage.REACHED: "receipt: delivered",
        Stage.READ: "receipt: read",
    },
    Stage.EXHAUSTED: {Stage.REACHED: "a receipt came after all", Stage.READ: "read after all"},
    Stage.SUPPRESSED: {Stage.REACHED: "it had left before it was called off", Stage.READ: "read after all"},
    Stage.REACHED: {Stage.READ: "receipt: read"},
    Stage.READ: {},
}

REPORTED = {"delivered": State.DELIVERED, "read": State.READ, "failed": State.FAILED, "sent": State.SENT}


@dataclass(frozen=True)
class Known:
    """What is known of one delivery."""

    state: State = State.SENDING
    delivered_at: datetime | None = None
    read_at: datetime | None = None
    failed_at: datetime | None = None
    reason: str = ""


def known(*, state: State, at: datetime, reason: str = "") -> Known:
    """Return what one receipt tells."""
    return Known(
        state=state,
        delivered_at=at if state is State.DELIVERED else None,
        read_at=at if state is State.READ else None,
        failed_at=at if state is State.FAILED else None,
        reason=reason if state is State.FAILED else "",
    )


def merge(one: Known, other: Known) -> Known:
    """Return what both tell: the higher state, the earlier of each instant, the reason of the earlier failure."""
    failed_at, reason = min(_failure(one), _failure(other), key=lambda each: (each[0] is None, each))
    return Known(
        state=max(one.state, other.state),
        delivered_at=_earlier(one.delivered_at, other.delivered_at),
        read_at=_earlier(one.read_at, other.read_at),
        failed_at=failed_at,
        reason=reason,
    )


def fold(all_: Iterable[Known]) -> Known:
    """Return what all of them tell together."""
    return reduce(merge, all_, Known())


def _failure(one: Known) -> tuple[datetime | None, str]:
    return one.failed_at, one.reason


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    given = [each for each in (one, other) if each is not None]
    return min(given) if given else None
