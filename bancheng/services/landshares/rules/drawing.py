"""The drawing of a building: its units floor by floor, the lowest below, each a box. No colour speaks alone: each box carries its words."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, FLOOR, GAP, MARGIN = 640, 30, 4, 6


@dataclass(frozen=True)
class Box:
    """Where a unit stands on the drawing."""

    code: str
    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True)
class Facade:
    """A building as it is drawn."""

    width: int
    height: int
    boxes: tuple[Box, ...]


def facade(codes: Sequence[str], floors: int) -> Facade:
    """Return where the units of a building stand, as many on each floor as are needed for its `floors`."""
    floors = max(1, min(floors, len(codes) or 1))
    across = -(-len(codes) // floors) or 1
    width = (WIDTH - 2 * MARGIN - (across - 1) * GAP) // across
    boxes = []
    for n, code in enumerate(codes):
        floor, place = divmod(n, across)
        y = MARGIN + (floors - 1 - floor) * (FLOOR + GAP)
        boxes.append(Box(code, MARGIN + place * (width + GAP), y, width, FLOOR))
    return Facade(WIDTH, 2 * MARGIN + floors * (FLOOR + GAP) - GAP, tuple(boxes))
