"""The bill: the energy of a session spread over the price periods it was used in. Integers only; one rounding, at the very end.

A reading on the edge of a period splits exactly. Between two readings at most a minute apart that lie on both sides of an edge the energy
is shared by time; over a longer gap nobody knows when it was used, so all of it is charged at the cheaper price.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from bancheng.services.sockets.rules import quota
from bancheng.services.sockets.rules.readings import (
    STEP_WH,
    Point,
    Sorted,
    Verdict,
    counted_10wh,
    delta_10wh,
    elapsed_ms,
)

SHARED_MS = 60_000


@dataclass(frozen=True)
class Slice:
    """A stretch of time with one price, in micro-yuan a kWh."""

    since: datetime
    before: datetime
    band: str
    price: int


Prices = Callable[[datetime, datetime], Sequence[Slice]]  # what applies from … to …, without a hole, in order


@dataclass(frozen=True)
class Line:
    """What was used at one price."""

    band: str
    price: int
    wh: int

    @property
    def nano(self) -> int:
        """Return its exact cost in nano-yuan."""
        return self.wh * self.price


@dataclass(frozen=True)
class Bill:
    """What a session cost, exactly: `nano` yuan before the one rounding."""

    lines: tuple[Line, ...]

    @classmethod
    def of_rows(cls, rows: Iterable[Mapping[str, Any]]) -> "Bill":
        """Return a bill as it was kept by `rows`."""
        return cls(tuple(Line(**row) for row in rows))

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Return its lines as they are kept."""
        return [asdict(line) for line in self.lines]

    @property
    def wh(self) -> int:
        """Return the energy."""
        return sum(line.wh for line in self.lines)

    @property
    def nano(self) -> int:
        """Return the exact cost in nano-yuan."""
        return sum(line.nano for line in self.lines)

    @property
    def fen(self) -> int:
        """Return the cost in fen, rounded once."""
        return quota.cost_fen(self.nano)


def bill(sorted_out: Sorted, prices: Prices) -> Bill:
    """Return the bill of a session's readings."""
    return Bill(_summed(line for step in _steps(sorted_out) for line in _lines(step, prices)))


def added(one: Bill, before: Point, after: Point, prices: Prices, verdict: Verdict = Verdict.GOOD) -> Bill:
    """Return the bill with what was used between two believed readings: what the live page shows."""
    step = before.at, after.at, elapsed_ms(before, after), counted_10wh(before, after, verdict) * STEP_WH
    return Bill(_summed([*one.lines, *_lines(step, prices)]))


def _lines(step: "Step", prices: Prices) -> list[Line]:
    return [Line(piece.band, piece.price, wh) for piece, wh in _spread(*step, prices) if wh]


def _summed(lines: Iterable[Line]) -> tuple[Line, ...]:
    used: dict[tuple[str, int], int] = {}
    for line in lines:
        used[line.band, line.price] = used.get((line.band, line.price), 0) + line.wh
    return tuple(Line(band, price, wh) for (band, price), wh in used.items())


Step = tuple[datetime, datetime, int, int]  # since, before, milliseconds between, Wh


def _steps(sorted_out: Sorted) -> Iterator[Step]:
    """Yield what was used between one believed reading and the next."""
    last: Point | None = None
    for segment in sorted_out.segments:
        first = segment.points[0]
        counted = delta_10wh(segment.from_10wh, first.e_10wh) * STEP_WH
        if last and counted:  # a register that began at 0 again has counted since, within this session
            yield last.at, first.at, elapsed_ms(last, first), counted
        for before, after in zip(segment.points, segment.points[1:], strict=False):
            yield before.at, after.at, elapsed_ms(before, after), delta_10wh(before.e_10wh, after.e_10wh) * STEP_WH
        last = segment.points[-1]


def _spread(since: datetime, before: datetime, ms: int, wh: int, prices: Prices) -> list[tuple[Slice, int]]:
    """Return how `wh` fall on the prices between two readings; what does not divide goes to the cheapest."""
    pieces = list(prices(since, max(before, since + timedelta(microseconds=1))))
    cheapest = min(range(len(pieces)), key=lambda n: (pieces[n].price, n))
    if len(pieces) == 1 or ms > SHARED_MS or before <= since:
        return [(pieces[cheapest], wh)]
    whole = (before - since) // timedelta(microseconds=1)
    shares = [wh * ((piece.before - piece.since) // timedelta(microseconds=1)) // whole for piece in pieces]
    shares[cheapest] += wh - sum(shares)
    return list(zip(pieces, shares, strict=True))
