"""The geometry of a plain map: points of the earth in, places on a drawing out. No tiles, nothing from outside.

At the size of a city a degree is as long anywhere; only that meridians run together has to be minded. Coordinates are kept in WGS-84.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import cos, radians

WIDTH = 640
MARGIN = 28


@dataclass(frozen=True)
class Point:
    """Where something stands on the drawing."""

    key: str
    x: float
    y: float


@dataclass(frozen=True)
class Drawing:
    """Points in a box."""

    width: int
    height: int
    points: Sequence[Point]


def draw(points: Sequence[tuple[str, Decimal, Decimal]]) -> Drawing | None:
    """Return where points (key, longitude, latitude) stand on a drawing that just holds them; None where there are none."""
    if not points:
        return None
    xs, ys = [float(x) for _, x, _ in points], [float(y) for _, _, y in points]
    west, east, south, north = min(xs), max(xs), min(ys), max(ys)
    shrink = cos(radians((south + north) / 2))
    span_x, span_y = max((east - west) * shrink, 0.01), max(north - south, 0.01)
    scale = (WIDTH - 2 * MARGIN) / max(span_x, span_y)
    height = round(span_y * scale) + 2 * MARGIN
    width = round(span_x * scale) + 2 * MARGIN
    return Drawing(
        width,
        height,
        [
            Point(
                key,
                round(MARGIN + (float(x) - west) * shrink * scale, 1),
                round(MARGIN + (north - float(y)) * scale, 1),
            )
            for key, x, y in points
        ],
    )
