"""The geometry of the parcels' map: rings of the earth in, polygons on a drawing out. No tiles, nothing from outside."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import cos, radians

WIDTH, MARGIN = 640, 16
Ring = Sequence[Sequence[str]]


@dataclass(frozen=True)
class Polygon:
    """One outline on the drawing, as SVG writes its points, and its middle, where a mark shows what is too small to be seen."""

    key: str
    points: str
    x: str
    y: str


@dataclass(frozen=True)
class Drawing:
    """Outlines in a box."""

    width: int
    height: int
    polygons: tuple[Polygon, ...]


def draw(rings: Mapping[str, Ring]) -> Drawing | None:
    """Return outlines on a drawing that just holds them; None where there are none."""
    at = {key: [(float(x), float(y)) for x, y in ring] for key, ring in rings.items() if ring}
    points = [point for ring in at.values() for point in ring]
    if not points:
        return None
    west, east = min(x for x, _ in points), max(x for x, _ in points)
    south, north = min(y for _, y in points), max(y for _, y in points)
    shrink = cos(radians((south + north) / 2))
    span = max((east - west) * shrink, north - south, 1e-5)
    scale = (WIDTH - 2 * MARGIN) / span

    def polygon(key: str, ring: Sequence[tuple[float, float]]) -> Polygon:
        placed = [(MARGIN + (x - west) * shrink * scale, MARGIN + (north - y) * scale) for x, y in ring]
        xs, ys = [x for x, _ in placed], [y for _, y in placed]
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in placed)
        return Polygon(key, points, f"{(min(xs) + max(xs)) / 2:.1f}", f"{(min(ys) + max(ys)) / 2:.1f}")

    return Drawing(
        round((east - west) * shrink * scale) + 2 * MARGIN,
        round((north - south) * scale) + 2 * MARGIN,
        tuple(polygon(key, ring) for key, ring in at.items()),
    )


def feature(key: str, ring: Ring, **said: object) -> dict[str, object]:
    """Return an outline as a GeoJSON feature."""
    polygon = {"type": "Polygon", "coordinates": [[[float(x), float(y)] for x, y in ring]]}
    return {"type": "Feature", "id": key, "properties": said, "geometry": polygon}
