"""How large a person is for a camera that looks straight down, learnt from those who walk by alone."""

import math
from collections import deque
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Centre = NDArray[np.float64]

_REMEMBERED = 60
_LOST_S = 0.6
_ALONE_ASPECT = 2.5
"""Two people side by side, shoulders touching, are 3.5 times as long as broad."""
_LOOKS = 3
_FEW, _SHARE = 4, 0.6
"""Of fewer walks the largest counts: the smaller may be feet at the edge, and too large a size splits nobody."""


@dataclass(slots=True)
class Blob:
    """A connected part of the picture where something is.

    Attributes:
        centre_px: (2,) x and y.
        area_px: how many pixels.
        aspect: length over breadth.
        whole: whether it lies clear of the picture's border.
    """

    centre_px: Centre
    area_px: float
    aspect: float
    whole: bool


@dataclass(slots=True)
class _Walk:
    start_px: Centre
    last: Blob
    last_s: float
    whole_px: list[float] = field(default_factory=list)
    largest_px: float = 0.0

    def add(self, blob: Blob, time_s: float) -> None:
        self.last, self.last_s = blob, time_s
        if blob.aspect < _ALONE_ASPECT:
            self.largest_px = max(self.largest_px, blob.area_px)
            if blob.whole:
                self.whole_px.append(blob.area_px)

    @property
    def typical_px(self) -> float:
        """Area while it was seen whole; parts that a first or last look missed do not count."""
        return float(np.quantile(self.whole_px, 0.7))

    @property
    def travelled(self) -> bool:
        """Whether it went further than it is long: doors, lights and people who wait do not."""
        return float(np.hypot(*(self.last.centre_px - self.start_px))) > math.sqrt(self.largest_px) > 0


class PersonSize:
    """Running median of the areas of blobs that walked through the picture, one value for each walk.

    Walks that were seen whole come first; where people are too large for the picture to hold them, the largest area of
    each walk stands for it.
    """

    def __init__(self) -> None:
        self._walks: list[_Walk] = []
        self._whole_px: deque[float] = deque(maxlen=_REMEMBERED)
        self._cut_px: deque[float] = deque(maxlen=_REMEMBERED)

    @property
    def area_px(self) -> float | None:
        """Pixels that a person covers; None before the first one walked by."""
        areas = self._areas()
        if not areas:
            return None
        return float(np.quantile(areas, _SHARE if len(areas) >= _FEW else 1.0))

    @property
    def sure(self) -> bool:
        """Whether enough walked by to tell one person from two by area."""
        return len(self._areas()) >= _FEW

    def _areas(self) -> list[float]:
        walks = [walk for walk in self._walks if walk.travelled]
        whole = [*self._whole_px, *(w.typical_px for w in walks if len(w.whole_px) >= _LOOKS)]
        return whole or [*self._cut_px, *(w.largest_px for w in walks)]

    def update(self, blobs: list[Blob], time_s: float) -> None:
        """Takes the blobs of one frame, each with one person or what may be one."""
        free = list(self._walks)
        for blob in blobs:
            near = [walk for walk in free if _same(walk.last, blob)]
            if near:
                walk = min(near, key=lambda one: _distance_px(one.last, blob))
                free = [one for one in free if one is not walk]
            else:
                walk = _Walk(blob.centre_px, blob, time_s)
                self._walks.append(walk)
            walk.add(blob, time_s)
        ended = [walk for walk in self._walks if time_s - walk.last_s > _LOST_S]
        self._walks = [walk for walk in self._walks if time_s - walk.last_s <= _LOST_S]
        for walk in ended:
            if walk.travelled and len(walk.whole_px) >= _LOOKS:
                self._whole_px.append(walk.typical_px)
            elif walk.travelled:
                self._cut_px.append(walk.largest_px)


def _distance_px(one: Blob, other: Blob) -> float:
    return float(np.hypot(*(one.centre_px - other.centre_px)))


def _same(before: Blob, now: Blob) -> bool:
    return _distance_px(before, now) < math.sqrt(max(before.area_px, now.area_px))
