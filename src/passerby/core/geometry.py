"""Lines and zones of a place, on the picture.

Coordinates are fractions of the picture, 0..1, origin top left, x to the right, y down.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
Point = tuple[float, float]

AT_EDGE = 0.02
"""What is so near to the picture's edge reaches it, as a share of the picture."""


@dataclass(frozen=True, slots=True)
class Line:
    """A counting line from `start` to `end`.

    "In" is crossing from the left hand to the right hand of someone who walks from `start` to `end` on the picture.

    Raises:
        ValueError: a coordinate is outside 0..1, or both ends are one point.
    """

    name: str
    start: Point
    end: Point

    def __post_init__(self) -> None:
        _check_inside(f"line {self.name}", (self.start, self.end))
        if self.start == self.end:
            raise ValueError(f"line {self.name}: both ends are the same point")

    def scaled(self, width_px: float, height_px: float) -> "PixelLine":
        """The line on a picture of the given size."""
        scale = np.array([width_px, height_px], dtype=np.float64)
        return PixelLine(np.array(self.start) * scale, np.array(self.end) * scale)


class PixelLine:
    """A line on a picture: signed distances and the part of the line that a point stands beside."""

    def __init__(self, start: Points, end: Points) -> None:
        self.start = start
        self.vector = end - start
        self.length_px = float(np.hypot(*self.vector))
        self._normal = np.array([-self.vector[1], self.vector[0]]) / self.length_px

    def distance_px(self, points: Points) -> Points:
        """Signed distance of points (n, 2) to the endless line, (n,): negative on the left hand, else positive."""
        result: Points = (points - self.start) @ self._normal
        return result

    def along(self, points: Points) -> Points:
        """Where points (n, 2) project onto the line, (n,): 0 at its start, 1 at its end."""
        result: Points = (points - self.start) @ self.vector / self.length_px**2
        return result


@dataclass(frozen=True, slots=True)
class Zone:
    """A polygon in which people are counted.

    Raises:
        ValueError: a corner is outside 0..1, or there are fewer than three corners, or the area is nil.
    """

    name: str
    corners: tuple[Point, ...]

    def __post_init__(self) -> None:
        _check_inside(f"zone {self.name}", self.corners)
        if len(set(self.corners)) < 3:
            raise ValueError(f"zone {self.name}: a zone needs three different corners or more")
        if polygon_area(np.array(self.corners)) < 1e-6:
            raise ValueError(f"zone {self.name}: its corners enclose no area")

    def contains(self, points: Points) -> NDArray[np.bool_]:
        """Which points (n, 2), as fractions, stand inside: (n,). Even-odd rule (Shimrat 1962)."""
        x, y = points[:, 0, None], points[:, 1, None]
        start = np.array(self.corners)
        end = np.roll(start, -1, axis=0)
        spans = (start[:, 1] > y) != (end[:, 1] > y)
        rise = np.where(end[:, 1] == start[:, 1], 1.0, end[:, 1] - start[:, 1])
        cut_x = start[:, 0] + (y - start[:, 1]) * (end[:, 0] - start[:, 0]) / rise
        inside: NDArray[np.bool_] = np.count_nonzero(spans & (x < cut_x), axis=1) % 2 == 1
        return inside


class PixelZone:
    """A zone on a picture: signed distances to its border.

    The picture's edge is no border: there is no "outside" to be seen beyond it. Corners that lie within
    `AT_EDGE` of the edge are taken to be on it, as nobody draws by the pixel.

    Args:
        zone: the zone.
        size_px: width and height of the picture.
    """

    def __init__(self, zone: Zone, size_px: tuple[int, int]) -> None:
        corners = _snapped(np.array(zone.corners, dtype=np.float64))
        self._zone = Zone(zone.name, tuple((float(x), float(y)) for x, y in corners))
        self._scale = np.array(size_px, dtype=np.float64)
        ends = np.roll(corners, -1, axis=0)
        on_edge = ((corners == ends) & np.isin(corners, (0.0, 1.0))).any(axis=1)
        real = ~on_edge & (corners != ends).any(axis=1)
        self._start = corners[real] * self._scale
        self._way = ends[real] * self._scale - self._start

    def distance_px(self, points: Points) -> Points:
        """Signed distance of points (n, 2), in pixels, to the border, (n,): positive inside, negative outside.

        Infinite where the zone is the whole picture. Points at the picture's edge or beyond are taken just inside it.
        """
        inside = self._zone.contains(np.clip(points / self._scale, 1e-6, 1 - 1e-6))
        if not len(self._start):
            return np.where(inside, np.inf, -np.inf)
        off = points[:, None] - self._start
        along = np.clip((off * self._way).sum(axis=2) / (self._way**2).sum(axis=1), 0, 1)
        nearest = np.linalg.norm(off - along[:, :, None] * self._way, axis=2).min(axis=1)
        signed: Points = np.where(inside, nearest, -nearest)
        return signed


def _snapped(corners: Points) -> Points:
    """Corners (n, 2), as fractions, with those near the picture's edge put on it, unless little would be left."""
    moved = np.where(corners <= AT_EDGE, 0.0, np.where(corners >= 1 - AT_EDGE, 1.0, corners))
    return moved if polygon_area(moved) >= polygon_area(corners) / 2 else corners


def polygon_area(corners: Points) -> float:
    """Area of a polygon, corners (n, 2), by the shoelace formula."""
    x, y = corners[:, 0], corners[:, 1]
    return float(abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2)


def _check_inside(what: str, points: tuple[Point, ...]) -> None:
    for x, y in points:
        if not (0.0 <= x <= 1.0 and 0.0 <= y <= 1.0):
            raise ValueError(f"{what}: the point {x:g},{y:g} is outside the picture (fractions run from 0 to 1)")
