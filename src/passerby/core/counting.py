"""Counts people over lines and in zones, by where they stand.

Distances are body heights, so that near and far people are treated alike. The reasons: docs/decisions/0004-tracking.md.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from passerby.core.geometry import Line, Zone
from passerby.core.motion import SEEN_FROM_ABOVE
from passerby.core.observations import Crossing, Direction, Tracks

_Floats = NDArray[np.float64]
_Boxes = NDArray[np.float32]

RULES = 1
"""Raised when people are counted otherwise than before: what was proved of the counts then holds no more."""

CLEAR_HEIGHTS = 0.1
"""Someone is clear of a line when they stand so far from it, in body heights (17 cm)."""

BEYOND_HEIGHTS = 0.1
"""A line counts so far beyond its ends, in body heights."""

FORGET_S = 3.0
"""A track that was not reported for so long does not come back; the tracker has forgotten it before."""


def standing_points(boxes_px: _Boxes, size_px: tuple[int, int], view: str) -> _Floats:
    """Where people stand, within the picture.

    Args:
        boxes_px: float32 (n, 4), x1 y1 x2 y2.
        size_px: width and height of the picture; feet that it cuts off are taken to be at its edge.
        view: "level" (the bottom's centre) or "overhead" (the box's centre).

    Returns:
        float64 (n, 2), x and y in pixels.
    """
    x1, y1, x2, y2 = boxes_px.astype(np.float64).T
    y = (y1 + y2) / 2 if view == "overhead" else y2
    points: _Floats = np.clip(np.stack([(x1 + x2) / 2, y], axis=1), 0, size_px)
    return points


def body_heights_px(boxes_px: _Boxes, view: str) -> _Floats:
    """How many pixels are one body height, (n,)."""
    sides = (boxes_px[:, 2:] - boxes_px[:, :2]).astype(np.float64)
    heights: _Floats = sides.mean(axis=1) * SEEN_FROM_ABOVE if view == "overhead" else sides[:, 1]
    return heights


@dataclass(frozen=True, slots=True)
class _Place:
    """Where someone stood as seen from a line.

    Attributes:
        distance: body heights, positive on the right hand.
        along: 0 at the line's start, 1 at its end.
        ends: how far beyond 0 and 1 the line still counts.
        time_s: when.
    """

    distance: float
    along: float
    ends: float
    time_s: float

    @property
    def side(self) -> int:
        """1 clear on the right hand, -1 clear on the left, 0 on the line."""
        return 0 if abs(self.distance) < CLEAR_HEIGHTS else (1 if self.distance > 0 else -1)

    def crossed_between(self, before: "_Place") -> "_Place | None":
        """Where the way from an earlier place met the endless line, if it did; straight on between both."""
        if (before.distance > 0) == (self.distance > 0):
            return None
        share = before.distance / (before.distance - self.distance)
        along = before.along + share * (self.along - before.along)
        return _Place(0.0, along, self.ends, before.time_s + share * (self.time_s - before.time_s))


@dataclass(slots=True)
class _Walk:
    """One track's way about a line: where it is, the side it was last clear on, and where it last met the line."""

    place: _Place
    side: int
    met: _Place | None = None

    def go(self, place: _Place) -> tuple[int, _Place] | None:
        """Goes on; tells of a crossing, to which side and where."""
        self.met = place.crossed_between(self.place) or self.met
        self.place = place
        before, self.side = self.side, place.side or self.side
        if self.met is None or before in (0, self.side):
            return None
        return self.side, self.met


class LineCounter:
    """Counts the crossings of one line.

    A track crosses when it goes from clear of the line on one side to clear on the other, over the line and not past
    its ends. Going back is a crossing the other way. A track's way begins at its first box, though it was confirmed
    later.

    Args:
        line: the line.
        size_px: width and height of the picture that boxes are given in.
        view: "level" or "overhead".
    """

    def __init__(self, line: Line, size_px: tuple[int, int], view: str) -> None:
        self._name = line.name
        self._line = line.scaled(*size_px)
        self._size_px = size_px
        self._view = view
        self._walks: dict[int, _Walk] = {}

    def __len__(self) -> int:
        """How many tracks are kept in mind."""
        return len(self._walks)

    def update(self, tracks: Tracks) -> list[Crossing]:
        """Takes one look, and tells which crossings were completed by it."""
        now = self._places(tracks.boxes_px, np.full(len(tracks), tracks.time_s))
        born = self._places(tracks.born_px, tracks.time_s - tracks.age_s.astype(np.float64))
        ids, times = np.unique(tracks.ids, return_counts=True)
        shared = set(ids[times > 1].tolist())
        crossings = []
        for track, first, place in zip(tracks.ids.tolist(), born, now, strict=True):
            if track in shared:
                self._walks.pop(track, None)
                continue
            walk = self._walks.setdefault(track, _Walk(first, first.side))
            crossing = walk.go(place)
            if crossing and -place.ends <= crossing[1].along <= 1 + place.ends:
                direction = Direction.IN if crossing[0] > 0 else Direction.OUT
                crossings.append(Crossing(self._name, direction, crossing[1].time_s, track))
        self._walks = {k: w for k, w in self._walks.items() if tracks.time_s - w.place.time_s <= FORGET_S}
        return crossings

    def _places(self, boxes_px: _Boxes, time_s: _Floats) -> list[_Place]:
        points = standing_points(boxes_px, self._size_px, self._view)
        height_px = body_heights_px(boxes_px, self._view)
        distance = self._line.distance_px(points) / height_px
        ends = BEYOND_HEIGHTS * height_px / self._line.length_px
        return [_Place(*row) for row in np.stack([distance, self._line.along(points), ends, time_s], axis=1).tolist()]


class ZoneCounter:
    """Counts the people who stand in one zone.

    Args:
        zone: the zone.
        size_px: width and height of the picture that boxes are given in.
        view: "level" or "overhead".
    """

    def __init__(self, zone: Zone, size_px: tuple[int, int], view: str) -> None:
        self._zone = zone
        self._size_px = size_px
        self._view = view

    def update(self, tracks: Tracks) -> int:
        """How many people are inside now."""
        # Just inside the picture, so that feet below its edge are in a zone that reaches the edge.
        points = standing_points(tracks.boxes_px, self._size_px, self._view) / np.array(self._size_px)
        return int(self._zone.contains(np.clip(points, 1e-6, 1 - 1e-6)).sum())
