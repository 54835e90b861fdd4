"""Charge points: how a session is named to one, whose transaction it speaks of, and when the platform ends what the device cannot bound.

OCPP 1.6 has no limit of energy: a charge point gives power until somebody says stop. So the platform does, early enough that what flows until it
is obeyed is still paid for.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from bancheng.services.sockets.rules.sessions import ENDING, SWITCHED_ON, Cause, State

SAMPLE_SECONDS = 10  # between two samples, by our own order
SPARE_SAMPLES = 2  # what flows until a stop is obeyed
SLACK = timedelta(seconds=5)  # between two clocks
AWAITED = frozenset({State.PAID, State.STARTING})
RUNNING = SWITCHED_ON | ENDING


def tag(session: UUID) -> str:
    """Return what a session is called where OCPP wants an idTag of 20 characters: its random digits."""
    return session.hex[-20:]


def number(session: UUID) -> int:
    """Return the transactionId of a session: positive, 31 bits, the same whoever works it out."""
    return int.from_bytes(session.bytes[-4:], "big") & 0x7FFF_FFFF or 1


@dataclass(frozen=True)
class Charging:
    """An open session of a charge point's connector."""

    id: UUID
    wire: str
    state: State
    started_at: datetime | None = None
    last_10wh: int | None = None  # the last believed register
    last_at: datetime | None = None
    first_10wh: int | None = None  # the register at the start

    @property
    def runs(self) -> bool:
        """Return whether its transaction has begun and is not metered yet."""
        return self.state in RUNNING


def starting(found: Sequence[Charging], wire: str, id_tag: str) -> Charging | None:
    """Return the session a start is for: of this connector, by its tag, whether the start is told for the first time or again."""
    for one in found:
        if one.wire == wire and tag(one.id) == id_tag.lower() and (one.state in AWAITED or one.runs):
            return one
    return None


def speaking_of(
    found: Sequence[Charging], *, transaction: int | None, wire: str = "", id_tag: str = "", at: datetime | None = None
) -> Charging | None:
    """Return the running session that is meant: by number, else by tag, else the only one that ran on this place at that time.

    Peers say -1, 0 or a number of their own for a transaction that began while they were offline.
    """
    running = [one for one in found if one.runs and (not wire or one.wire == wire)]
    for one in running:
        if transaction == number(one.id):
            return one
    by_tag = [one for one in running if id_tag and tag(one.id) == id_tag.lower()]
    if by_tag:
        return by_tag[0]
    then = [one for one in running if at is None or one.started_at is None or one.started_at - SLACK <= at]
    return then[0] if len(then) == 1 else None


def must_end(
    *, used_wh: int, quota_wh: int, most_w: int, started_at: datetime, longest_s: int, at: datetime
) -> Cause | None:
    """Return why a session has to be stopped now: its time is over, or what may flow until a stop is obeyed is all that is left."""
    if at >= started_at + timedelta(seconds=longest_s):
        return Cause.MAX_TIME
    may_flow = -(-most_w * SAMPLE_SECONDS * SPARE_SAMPLES // 3600)
    return Cause.QUOTA if used_wh + may_flow >= quota_wh else None


def register_wh(value_wh: int, *, first_wh: int, last_wh: int, relative: bool) -> tuple[int, bool]:
    """Return the register a sample means, and whether this transaction is sampled from its own beginning.

    Some count samples from 0 at the start while start and stop are the register itself: a value below what the register began at, or one that
    goes back where counting on from the start does not.
    """
    counted_on = first_wh + value_wh
    if relative or value_wh < first_wh or (value_wh < last_wh <= counted_on):
        return counted_on, True
    return value_wh, False
