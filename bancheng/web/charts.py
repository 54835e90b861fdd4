"""Geometry of the small charts: numbers in, SVG coordinates out; the templates draw them."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import pi


@dataclass(frozen=True)
class Bar:
    """One bar of a chart 100 wide: label, value, length."""

    label: str
    value: float
    length: float
    y: int


@dataclass(frozen=True)
class Line:
    """A line of values in a box 120 × 32: its points, the shape below it, and its last point."""

    points: str
    area: str
    last: tuple[float, float]
    low: float
    high: float


@dataclass(frozen=True)
class Arc:
    """A ring of radius 42 on a 100 × 100 box: how long the drawn part and the whole are."""

    drawn: float
    whole: float


def bars(rows: Sequence[tuple[str, float]]) -> list[Bar]:
    """Return bars from zero, the longest 100; negative values have no length here."""
    top = max((value for _, value in rows), default=0) or 1
    return [Bar(label, value, round(max(value, 0) / top * 100, 2), i) for i, (label, value) in enumerate(rows)]


def spark(values: Sequence[float], *, width: int = 120, height: int = 32, edge: int = 4) -> Line | None:
    """Return the line through `values`; None for fewer than two."""
    if len(values) < 2:
        return None
    low, high = min(values), max(values)
    step, reach = (width - 2 * edge) / (len(values) - 1), (high - low) or 1
    xy = [
        (round(edge + i * step, 1), round(height - edge - (value - low) / reach * (height - 2 * edge), 1))
        for i, value in enumerate(values)
    ]
    points = " ".join(f"{x},{y}" for x, y in xy)
    return Line(points, f"{xy[0][0]},{height} {points} {xy[-1][0]},{height}", xy[-1], low, high)


def ring(share: float) -> Arc:
    """Return the arc for `share`, kept between nothing and all."""
    whole = round(2 * pi * 42, 2)
    return Arc(round(min(max(share, 0), 1) * whole, 2), whole)
