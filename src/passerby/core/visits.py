"""Who walks into a zone and out of it, and how long they stay; in a queue, whether they were served.

The reasons: docs/decisions/0010-dwell.md. None of it leaves the worker but as a tally.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from passerby.core.counting import CLEAR_HEIGHTS, FORGET_S, body_heights_px, standing_points
from passerby.core.geometry import Line, PixelLine, PixelZone, Point, Zone
from passerby.core.observations import Tracks

PASSING_S = 5.0
"""Who stays for less than this in a queue's zone only walks through it."""

_HEAD_HALF = 0.5


class Ending(Enum):
    """How a stay ended, or how our sight of it did."""

    LEFT = "left"
    LOST = "lost"


class Outcome(Enum):
    """What a queue gave to someone who left it."""

    SERVED = "served"
    GAVE_UP = "gave up"


@dataclass(frozen=True, slots=True)
class Queue:
    """Where a queue is served and the way back from there, as fractions of the picture.

    Who leaves nearer to the head than to the tail was served. A tail where the second person stands tells best who gave
    up; with one at the far end, whoever turns away from the front half counts as served.

    Raises:
        ValueError: a point is outside 0..1, or both are the same.
    """

    head: Point
    tail: Point

    def __post_init__(self) -> None:
        self.scaled(1, 1)

    def scaled(self, width_px: float, height_px: float) -> PixelLine:
        """The way from tail to head on a picture of the given size."""
        return Line("queue, from tail to head", self.tail, self.head).scaled(width_px, height_px)


@dataclass(frozen=True, slots=True)
class Visit:
    """One stay that is over. It stays in the worker, where it becomes a tally.

    Attributes:
        zone: the zone's name.
        track: whose.
        dwell_s: length of the stay, as far as it was seen; None where its beginning was not seen.
        ending: LEFT, or LOST where sight was lost: the stay was at least so long (right-censored).
        outcome: of a queue, for stays of known length that ended by leaving and were longer than `PASSING_S`.
    """

    zone: str
    track: int
    dwell_s: float | None
    ending: Ending
    outcome: Outcome | None = None


@dataclass(frozen=True, slots=True)
class ZoneLook:
    """What one look told of a zone.

    Attributes:
        entered: people who walked in. Who appears in its middle is not among them.
        visits: stays that ended.
    """

    entered: int
    visits: tuple[Visit, ...]


@dataclass(frozen=True, slots=True)
class _Spot:
    """Where someone stood.

    Attributes:
        distance: to the zone's border in body heights, positive inside.
        at_edge: whether the box reaches the edge of the picture, over which people come and go.
        along: 0 at the queue's tail, 1 at its head; 0 where there is no queue.
        time_s: when.
    """

    distance: float
    at_edge: bool
    along: float
    time_s: float

    @property
    def side(self) -> int:
        """1 clear inside, -1 clear outside, 0 on the border."""
        return 0 if abs(self.distance) < CLEAR_HEIGHTS else (1 if self.distance > 0 else -1)

    def border_between(self, before: "_Spot") -> "_Spot | None":
        """Where the straight way from an earlier spot met the border, if it did."""
        if (before.distance > 0) == (self.distance > 0):
            return None
        share = before.distance / (before.distance - self.distance)
        along = before.along + share * (self.along - before.along)
        return _Spot(0.0, False, along, before.time_s + share * (self.time_s - before.time_s))


@dataclass(slots=True)
class _Walk:
    """One track's way about a zone.

    Attributes:
        spot: where it was seen last.
        side: the side it was last clear on, 0 as long as that is not known.
        met: where it last met the border; at first, where it appeared.
        since_s: when the stay began; None outside, and where the beginning was not seen.
    """

    spot: _Spot
    side: int
    met: _Spot
    since_s: float | None = None

    @staticmethod
    def begun(first: _Spot) -> "_Walk":
        """A way that begins here. Who appears at the picture's edge was outside a moment ago."""
        return _Walk(first, -1 if first.at_edge else first.side, first)

    def go(self, spot: _Spot) -> tuple[bool, bool]:
        """Goes on; tells whether they walked in by it, and whether they walked out."""
        self.met = spot.border_between(self.spot) or self.met
        self.spot = spot
        before, self.side = self.side, spot.side or self.side
        entered, left = (before, self.side) == (-1, 1), (before, self.side) == (1, -1)
        if entered:
            self.since_s = self.met.time_s
        return entered, left


class ZoneVisits:
    """Tells who walks into one zone and out of it, and how long they stayed.

    A track enters when it goes from clear outside of the border to clear inside, and leaves the other way round; jitter
    on the border is nothing. The edge of the picture is a border as well. A track's way begins at its first box, though
    it was confirmed later.

    Args:
        zone: the zone.
        size_px: width and height of the picture that boxes are given in.
        view: "level" or "overhead".
        queue: head and tail, where the zone is a queue.
    """

    def __init__(self, zone: Zone, size_px: tuple[int, int], view: str, queue: Queue | None = None) -> None:
        self._name = zone.name
        self._zone = PixelZone(zone, size_px)
        self._axis = queue.scaled(*size_px) if queue else None
        self._size_px = size_px
        self._view = view
        self._walks: dict[int, _Walk] = {}
        self._sight_s: float | None = None
        self._now_s = -np.inf

    def __len__(self) -> int:
        """How many tracks are kept in mind."""
        return len(self._walks)

    @property
    def inside(self) -> int:
        """How many stays are open."""
        return sum(walk.side > 0 for walk in self._walks.values())

    def update(self, tracks: Tracks) -> ZoneLook:
        """Takes one look."""
        entered, visits = 0, self._forget(tracks.time_s)
        ids, times = np.unique(tracks.ids, return_counts=True)
        shared = set(ids[times > 1].tolist())
        now = self._spots(tracks.boxes_px, np.full(len(tracks), tracks.time_s))
        self._begin(tracks)
        for track, spot in zip(tracks.ids.tolist(), now, strict=True):
            if track in shared:
                self._walks.pop(track, None)
                continue
            walk = self._walks[track]
            came, went = walk.go(spot)
            entered += came
            if went:
                visits.append(self._visit(track, walk, Ending.LEFT))
                walk.since_s = None
        return ZoneLook(entered, tuple(visits))

    def end(self) -> ZoneLook:
        """The stream is over: gives all stays that are open as lost."""
        return ZoneLook(0, tuple(self._lose(lambda _walk: True, edge_is_exit=False)))

    def _forget(self, now_s: float) -> list[Visit]:
        """Gives the stays of tracks that were not seen for too long; of all, where time runs backwards."""
        back, self._now_s = now_s < self._now_s, now_s
        if back or self._sight_s is None:
            self._sight_s = now_s
            return self._lose(lambda _walk: True, edge_is_exit=False)
        return self._lose(lambda walk: now_s - walk.spot.time_s > FORGET_S, edge_is_exit=True)

    def _lose(self, gone: Callable[[_Walk], bool], *, edge_is_exit: bool) -> list[Visit]:
        lost = {track: walk for track, walk in self._walks.items() if gone(walk)}
        for track in lost:
            del self._walks[track]
        for walk in lost.values():
            walk.met = walk.spot
        return [
            self._visit(track, walk, Ending.LEFT if edge_is_exit and walk.spot.at_edge else Ending.LOST)
            for track, walk in lost.items()
            if walk.side > 0
        ]

    def _visit(self, track: int, walk: _Walk, ending: Ending) -> Visit:
        """The stay that ended where the track last met the border, or was last seen."""
        if walk.since_s is None:
            return Visit(self._name, track, None, ending)
        dwell_s = max(0.0, walk.met.time_s - walk.since_s)
        outcome = None
        if self._axis and ending is Ending.LEFT and dwell_s >= PASSING_S:
            outcome = Outcome.SERVED if walk.met.along >= _HEAD_HALF else Outcome.GAVE_UP
        return Visit(self._name, track, dwell_s, ending, outcome)

    def _begin(self, tracks: Tracks) -> None:
        """Begins the ways of new tracks at their first boxes.

        Who is there at the first look, and a track that is met long after its beginning, begin where they are; over
        which edge they came nobody saw.
        """
        new = np.array([track not in self._walks for track in tracks.ids.tolist()], dtype=bool)
        if not new.any():
            return
        age_s = tracks.age_s[new].astype(np.float64)
        fresh = (age_s <= FORGET_S) & (tracks.time_s - age_s > (self._sight_s or 0.0) + 1e-3)
        boxes = np.where(fresh[:, None], tracks.born_px[new], tracks.boxes_px[new])
        spots = self._spots(boxes, tracks.time_s - np.where(fresh, age_s, 0.0))
        for track, spot, sure in zip(tracks.ids[new].tolist(), spots, fresh.tolist(), strict=True):
            self._walks[track] = _Walk.begun(replace(spot, at_edge=spot.at_edge and sure))

    def _spots(self, boxes_px: NDArray[np.float32], time_s: NDArray[np.float64]) -> list[_Spot]:
        points = standing_points(boxes_px, self._size_px, self._view)
        heights_px = body_heights_px(boxes_px, self._view)
        distance = self._zone.distance_px(points) / heights_px
        along = self._axis.along(points) if self._axis else np.zeros(len(points))
        edge = at_edge(boxes_px, self._size_px, self._view)
        columns = (distance.tolist(), edge.tolist(), along.tolist(), time_s.tolist())
        return [_Spot(*row) for row in zip(*columns, strict=True)]


def at_edge(boxes_px: NDArray[np.float32], size_px: tuple[int, int], view: str) -> NDArray[np.bool_]:
    """Which boxes, float32 (n, 4), reach an edge of the picture over which people come and go, (n,).

    A level camera cuts off heads at the upper edge; nobody walks away over it.
    """
    room = CLEAR_HEIGHTS * body_heights_px(boxes_px, view)[:, None]
    near_px = boxes_px[:, :2] < room
    far_px = boxes_px[:, 2:] > np.array(size_px) - room
    if view != "overhead":
        near_px[:, 1] = False
    reached: NDArray[np.bool_] = np.any(near_px | far_px, axis=1)
    return reached
