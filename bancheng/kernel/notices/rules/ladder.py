"""When a message may leave, by which channel, and when the next one is tried."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from bancheng.lib.days import SHANGHAI

CHANNELS = ("push", "sms")
FIRST_PAUSE = timedelta(seconds=2)
LONGEST_PAUSE = timedelta(minutes=2)


@dataclass(frozen=True)
class Quiet:
    """Hours in which nobody is disturbed: from `first` on, until `before`, over midnight when that is earlier."""

    first: time = time(21)
    before: time = time(8)


@dataclass(frozen=True)
class Rung:
    """One channel, and how long its receipt may take before the next one is tried."""

    channel: str
    wait: timedelta


@dataclass(frozen=True)
class Settings:
    """How messages of one kind travel. N-5 quiet hours, N-6 ladder, N-8 digest."""

    code: str
    ladder: tuple[Rung, ...]
    quiet: Quiet | None = Quiet()
    digest_from: int = 0  # so many for one phone at once become one message; 0: never
    may_stop: bool = True

    def rung(self, position: int) -> Rung | None:
        """Return the channel at `position`, or None past the end of the ladder."""
        return self.ladder[position] if position < len(self.ladder) else None


def awake(at: datetime, quiet: Quiet | None) -> datetime:
    """Return `at`, or the end of the quiet hours it falls into (B10.11: next morning)."""
    if quiet is None:
        return at
    local = at.astimezone(SHANGHAI)
    moment = local.timetz().replace(tzinfo=None)
    over_midnight = quiet.first > quiet.before
    asleep = moment >= quiet.first or moment < quiet.before if over_midnight else quiet.first <= moment < quiet.before
    if not asleep:
        return at
    tomorrow = over_midnight and moment >= quiet.first
    return datetime.combine(local.date() + timedelta(days=tomorrow), quiet.before, tzinfo=SHANGHAI)


def pause(failures: int, chance: float) -> timedelta:
    """Return how long a gateway that failed so often in a row is left alone; `chance` (0 to 1) spreads the workers."""
    doubled: timedelta = FIRST_PAUSE * (1 << min(failures, 10))
    return min(doubled, LONGEST_PAUSE) * (0.5 + chance / 2)


def digests(phones: Sequence[bytes], *, at_least: int) -> set[bytes]:
    """Return the phones that get one message for all: those with `at_least` or more in `phones` (N-8)."""
    if not at_least:
        return set()
    counts: dict[bytes, int] = {}
    for phone in phones:
        if phone:
            counts[phone] = counts.get(phone, 0) + 1
    return {phone for phone, count in counts.items() if count >= at_least}


def uuid7(at: datetime, chance: bytes) -> uuid.UUID:
    """Return a UUID of version 7: ordered by `at` (milliseconds), told apart by ten random bytes."""
    head = int(at.timestamp() * 1000).to_bytes(6, "big")
    tail = bytearray(chance[:10])
    tail[0] = 0x70 | tail[0] & 0x0F
    tail[2] = 0x80 | tail[2] & 0x3F
    return uuid.UUID(bytes=head + bytes(tail))
