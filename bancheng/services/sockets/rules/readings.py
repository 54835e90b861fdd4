"""What a reading is worth: is it believable, when was it taken, what belongs together. Integers only.

Energy is counted from the register in steps of 10 Wh, never summed up from power. A reading that cannot be is kept and set aside: nobody
is billed by it. Elapsed time is the device's uptime; its clock is believed only where the uptime bears it out.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

WRAP = 100_000_000  # the register runs to 999,999.99 kWh and begins again
KEPT_DAYS = 31  # of the raw log; what was billed stays in the segments
STEP_WH = 10
MS_PER_HOUR = 3_600_000
CLOCK_SECONDS = 5  # a clock further off is not believed
FIRST_YEAR = 2024
CYCLE_SECONDS = 10  # between two readings in use
SILENT_SECONDS = 2 * CYCLE_SECONDS
FROZEN_WH = 30  # so much should have been counted, by power, while the register stood still


@dataclass(frozen=True)
class Point:
    """A reading as it counts: where it stands in the device's order, when it was taken, what the register said."""

    boot: int
    seq: int
    up_ms: int
    at: datetime
    e_10wh: int
    meter: str = ""
    i_ma: int = 0
    p_w: int = 0
    clock_suspect: bool = False

    @property
    def place(self) -> tuple[int, int]:
        """Return its place in the device's order: boots count up, sequence numbers within a boot."""
        return self.boot, self.seq


class Verdict(StrEnum):
    """What became of a reading."""

    GOOD = "good"
    RESET = "reset"  # the register began at 0 again: believed, as a new segment
    SWAPPED = "swapped"  # another meter was fitted, and the registry knows it: believed, as a new segment
    OTHER_METER = "other_meter"
    SPIKE = "spike"
    BACKWARDS = "backwards"


BELIEVED = frozenset({Verdict.GOOD, Verdict.RESET, Verdict.SWAPPED})


def delta_10wh(before: int, after: int) -> int:
    """Return the energy between two registers of one meter, over its wrap."""
    return (after - before) % WRAP


def elapsed_ms(before: Point, after: Point) -> int:
    """Return the time between two readings: by uptime within a boot, else by when they were taken, never below 0."""
    if before.boot == after.boot:
        return max(0, after.up_ms - before.up_ms)
    return max(0, (after.at - before.at) // timedelta(milliseconds=1))


def possible(energy_10wh: int, *, elapsed_ms: int, most_w: int) -> bool:
    """Return whether so much can have flowed: at most 1.2 times the greatest power, and one step of the register."""
    return (energy_10wh - 1) * STEP_WH * MS_PER_HOUR * 10 <= 12 * most_w * elapsed_ms


def judge(before: Point, after: Point, *, most_w: int, meters: Sequence[str] = ()) -> Verdict:
    """Return what `after` is worth behind the last believed reading `before`; `meters` are those the socket had meanwhile, in order."""
    if before.meter and after.meter and before.meter != after.meter:
        return Verdict.SWAPPED if after.meter in _later(meters, before.meter) else Verdict.OTHER_METER
    elapsed = elapsed_ms(before, after)
    if possible(delta_10wh(before.e_10wh, after.e_10wh), elapsed_ms=elapsed, most_w=most_w):
        return Verdict.GOOD
    if after.e_10wh >= before.e_10wh:
        return Verdict.SPIKE
    if possible(after.e_10wh, elapsed_ms=elapsed, most_w=most_w):
        return Verdict.RESET
    return Verdict.BACKWARDS


def counted_10wh(before: Point, after: Point, verdict: Verdict) -> int:
    """Return what a believed reading adds to the one before it: behind a reset what the register shows, at a swap nothing yet."""
    if verdict is Verdict.SWAPPED:
        return 0
    return after.e_10wh if verdict is Verdict.RESET else delta_10wh(before.e_10wh, after.e_10wh)


def frozen(points: Sequence[Point]) -> bool:
    """Return whether the register stands still though current flows: by power at least 30 Wh since it last moved."""
    missed = 0
    for before, after in zip(reversed(points[:-1]), reversed(points[1:]), strict=True):
        if before.e_10wh != after.e_10wh:
            break
        missed += min(before.p_w, after.p_w) * elapsed_ms(before, after)
    return missed >= FROZEN_WH * MS_PER_HOUR


# --- order ---


def in_order(points: Iterable[Point]) -> list[Point]:
    """Return the readings in the device's order, each once; the first of two in one place counts."""
    by_place: dict[tuple[int, int], Point] = {}
    for point in points:
        by_place.setdefault(point.place, point)
    return [by_place[place] for place in sorted(by_place)]


@dataclass(frozen=True)
class Segment:
    """Readings of one register that counts up: a session is a list of these."""

    meter: str
    points: tuple[Point, ...]
    from_10wh: int  # where it began: the first reading, or 0 behind a reset

    @property
    def energy_10wh(self) -> int:
        """Return the energy of the segment."""
        return delta_10wh(self.from_10wh, self.points[-1].e_10wh)


@dataclass(frozen=True)
class Sorted:
    """The readings of a session, taken apart: what counts, and what was set aside, with why."""

    segments: tuple[Segment, ...]
    aside: tuple[tuple[Point, Verdict], ...]

    @property
    def energy_10wh(self) -> int:
        """Return the energy of all segments."""
        return sum(segment.energy_10wh for segment in self.segments)

    @property
    def last(self) -> Point | None:
        """Return the last believed reading."""
        return self.segments[-1].points[-1] if self.segments else None


def sort_out(points: Iterable[Point], *, most_w: int, meters: Sequence[str] = ()) -> Sorted:
    """Return the readings of a session as segments, in the device's order whatever the order of arrival.

    `meters` are the meters the socket is known to have had meanwhile, in order: a change to the next of them is a swap and begins a
    segment at its first reading; a reading of any other meter is set aside. What stood between the last reading of a segment and the
    first of the next was seen by nobody and is charged to nobody, but a register that began again at 0 has counted what it shows.
    """
    segments: list[Segment] = []
    aside: list[tuple[Point, Verdict]] = []
    run: list[Point] = []
    begun = 0
    for point in in_order(points):
        if not run:
            if meters and point.meter and point.meter not in meters:
                aside.append((point, Verdict.OTHER_METER))
                continue
            run, begun = [point], point.e_10wh
            continue
        verdict = judge(run[-1], point, most_w=most_w, meters=meters)
        if verdict is Verdict.GOOD:
            run.append(point)
        elif verdict in BELIEVED:
            segments.append(Segment(run[0].meter, tuple(run), begun))
            run, begun = [point], point.e_10wh if verdict is Verdict.SWAPPED else 0
        else:
            aside.append((point, verdict))
    if run:
        segments.append(Segment(run[0].meter, tuple(run), begun))
    return Sorted(tuple(segments), tuple(aside))


def _later(meters: Sequence[str], meter: str) -> Sequence[str]:
    return meters[meters.index(meter) + 1 :] if meter in meters else ()


# --- the time of a reading ---


@dataclass(frozen=True)
class Raw:
    """The three times of a reading: the device's uptime, its clock, and when it arrived here."""

    boot: int
    seq: int
    up_ms: int
    ts: datetime
    received_at: datetime


@dataclass(frozen=True)
class Anchor:
    """When a boot began, as near as its messages tell: no message arrives before it was sent, so the earliest is nearest.

    `live`: the gateway was connected during that boot. Without that its messages all came late, and only its clock can say when.
    """

    began: datetime
    live: bool = True


def anchor(raws: Iterable[Raw], *, live: bool = True) -> Anchor:
    """Return the anchor of a boot from its messages."""
    return Anchor(min(raw.received_at - timedelta(milliseconds=raw.up_ms) for raw in raws), live)


def taken_at(raw: Raw, anchor: Anchor) -> tuple[datetime, bool]:
    """Return when a reading was taken, and whether the device's clock was not believed.

    The clock is believed when it agrees with the uptime to five seconds. Where a whole boot arrived late its anchor is late too, and a
    clock that lies before it, in a sane year, is the better witness. Nothing was taken later than it arrived.
    """
    by_uptime = anchor.began + timedelta(milliseconds=raw.up_ms)
    slack = timedelta(seconds=CLOCK_SECONDS)
    sane = raw.ts.astimezone(UTC).year >= FIRST_YEAR and raw.ts <= raw.received_at + slack
    if sane and abs(raw.ts - by_uptime) <= slack:
        return raw.ts, False
    if sane and not anchor.live and raw.ts < by_uptime:
        return raw.ts, True
    return min(by_uptime, raw.received_at), True


def retimed(point: Point, raw: Raw, anchors: Mapping[int, Anchor]) -> Point:
    """Return `point` with the time it was taken at."""
    at, suspect = taken_at(raw, anchors[raw.boot])
    return replace(point, at=at, clock_suspect=suspect)
