"""Areas where staff work: who stands inside is not a visitor, and is not counted."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from passerby.core.counting import CLEAR_HEIGHTS, FORGET_S, body_heights_px, standing_points
from passerby.core.geometry import PixelZone, Zone
from passerby.core.observations import Tracks

_Floats = NDArray[np.float64]
_Boxes = NDArray[np.float32]


@dataclass(slots=True)
class _Known:
    """A track that was in a staff area.

    Attributes:
        seen_s: when it was reported last.
        inside: whether it still is there.
        number: what it is called since it stepped out.
        out_s: when it stepped out.
        out_px: float32 (4,), its box then.
    """

    seen_s: float
    inside: bool = True
    number: int = 0
    out_s: float = 0.0
    out_px: _Boxes | None = None


class StaffAreas:
    """Takes those who stand in a staff area out of what is counted.

    Who steps out begins anew there, under another number, so that no crossing and no visit reaches back into the area.
    In and out are told by the same hysteresis as at a zone's border.

    Args:
        zones: the areas.
        size_px: width and height of the picture that boxes are given in.
        view: "level" or "overhead".
    """

    def __init__(self, zones: tuple[Zone, ...], size_px: tuple[int, int], view: str) -> None:
        self._zones = [PixelZone(zone, size_px) for zone in zones]
        self._size_px = size_px
        self._view = view
        self._known: dict[int, _Known] = {}
        # The tracker counts up from one; below zero no number is taken.
        self._next_number = -1

    def __len__(self) -> int:
        """How many tracks are kept in mind."""
        return len(self._known)

    def without(self, tracks: Tracks) -> Tracks:
        """The tracks of visitors."""
        if not self._zones:
            return tracks
        # A clock that jumps back forgets all.
        now_s = tracks.time_s
        self._known = {k: known for k, known in self._known.items() if 0 <= now_s - known.seen_s <= FORGET_S}
        now, born = self._depth(tracks.boxes_px), self._depth(tracks.born_px)
        for row, track in enumerate(tracks.ids.tolist()):
            if track not in self._known and max(now[row], born[row]) > 0:
                self._known[track] = _Known(now_s)
            if track in self._known:
                self._go(self._known[track], float(now[row]), tracks, row)
        return self._visitors(tracks)

    def _depth(self, boxes_px: _Boxes) -> _Floats:
        """How deep inside any staff area, (n,), in body heights; below zero outside of all."""
        points = standing_points(boxes_px, self._size_px, self._view)
        depths: _Floats = np.max([zone.distance_px(points) for zone in self._zones], axis=0)
        return depths / body_heights_px(boxes_px, self._view)

    def _go(self, known: _Known, depth: float, tracks: Tracks, row: int) -> None:
        known.seen_s = tracks.time_s
        if depth >= CLEAR_HEIGHTS:
            known.inside = True
        elif known.inside and depth <= -CLEAR_HEIGHTS:
            known.inside, known.number = False, self._next_number
            known.out_s, known.out_px = tracks.time_s, tracks.boxes_px[row]
            self._next_number -= 1

    def _visitors(self, tracks: Tracks) -> Tracks:
        ids, age_s, born_px = tracks.ids.copy(), tracks.age_s.copy(), tracks.born_px.copy()
        kept = np.ones(len(tracks), bool)
        for row, track in enumerate(tracks.ids.tolist()):
            known = self._known.get(track)
            if known is None:
                continue
            kept[row] = not known.inside
            if known.out_px is not None:
                ids[row], age_s[row], born_px[row] = known.number, tracks.time_s - known.out_s, known.out_px
        return Tracks(ids[kept], tracks.boxes_px[kept], age_s[kept], born_px[kept], tracks.time_s)
