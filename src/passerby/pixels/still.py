"""The people-free still of set-up mode: what a place looks like when nobody is there.

A pixel of it is the median over the looks in which nobody's box was near, and in which nothing was seen there that is
in somebody's box at another look. It is blank where too few looks are left, and where what was seen changed.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from passerby.pixels.blanking import GREY

Picture = NDArray[np.uint8]
Mask = NDArray[np.bool_]
Boxes = NDArray[np.float64]
Levels = NDArray[np.float64]

LOOKS = 60
"""A still is made of so many looks, however long it takes; this bounds the memory: 12 MB."""

_MARGIN, _BELOW = 0.15, 0.3
"""By how much a box is grown, in its longer side; more below, where shadows and reflections lie."""
_ALIKE, _INNER = 0.5, 0.6
"""Share of the inner part of a box that must be like it was for the same to be seen in it; how much of a box, across
and down, is inner."""
_LEAST_SHARE = 0.3
"""Of all looks, that must have shown a pixel uncovered."""
_PARTS, _LEAST_PARTS = 5, 4
"""Of the time, and in how many of them a pixel must have been seen uncovered: who stands for long does not count."""
_TOLERANCE = 10.0
"""Levels of 255 by which a pixel may differ from its median, once the light of the whole picture is evened out."""
_MOST_STRANGE = 0.1
"""Share of the uncovered looks in which it may differ by more."""
_HOLE_PX = 4
"""What changes on both sides of a place so near changes there."""
_EVERY_PX, _ENOUGH_PX, _ENOUGH_LEVELS, _FITS = 7, 100, 30.0, 3
"""The light is found from every so many pixels, from so many or more, of levels at least so far apart, in so many
steps."""


@dataclass(frozen=True, slots=True)
class _Look:
    time_s: float
    picture: Picture
    boxes: Boxes
    moving: Mask | None


class StillMaker:
    """Gathers looks, and makes the still of them.

    Args:
        size_px: width and height of the still.
    """

    def __init__(self, size_px: tuple[int, int]) -> None:
        self.size_px = size_px
        self._looks: list[_Look] = []

    def __len__(self) -> int:
        """How many looks were gathered."""
        return len(self._looks)

    @property
    def span_s(self) -> float:
        """Time between the first look and the last."""
        return self._looks[-1].time_s - self._looks[0].time_s if self._looks else 0.0

    def look(self, picture: Picture, time_s: float, boxes: Boxes, moving: Mask | None = None) -> None:
        """Gathers one look; beyond `LOOKS` it is let go.

        Args:
            picture: uint8 (h, w, 3) of the still's size, privacy masks blanked.
            time_s: seconds since the stream started.
            boxes: float64 (n, 4), where people were found, however unsure, in pixels of the still.
            moving: (h, w) of any size, where something moves; None where that is not known.
        """
        if len(self._looks) < LOOKS:
            self._looks.append(_Look(time_s, picture, boxes, None if moving is None else self._fitted(moving)))

    def make(self) -> Picture:
        """The still, uint8 (h, w, 3), grey where nothing may be shown."""
        pictures = np.stack([look.picture for look in self._looks])
        covered = self._covered(pictures)
        middle = _median(pictures, covered)
        near = _near(_evened(pictures, covered, middle), middle)
        blank = self._seldom_seen(covered) | _changing(near, covered)
        still: Picture = np.where(blank[:, :, None], np.uint8(GREY), middle)
        return still

    def _covered(self, pictures: Picture) -> Mask:
        """Where somebody was near at each look, (n, h, w).

        A box also covers the looks at which the same is seen in it: a detector that finds somebody who stands still at
        one look may miss them at another.
        """
        covered = np.zeros(pictures.shape[:3], bool)
        for number, look in enumerate(self._looks):
            if look.moving is not None:
                covered[number] |= look.moving
            for box in look.boxes:
                inner = (slice(None), *_inner(box))
                alike = _near(pictures[inner], pictures[number][inner[1:]]).mean(axis=(1, 2)) > _ALIKE
                alike[number] = True
                covered[(alike, *grown(box))] = True
        return covered

    def _fitted(self, mask: Mask) -> Mask:
        """A mask in the still's size."""
        rows, columns = (
            np.arange(side) * of // side for side, of in zip(reversed(self.size_px), mask.shape, strict=True)
        )
        return mask[np.ix_(rows, columns)]

    def _seldom_seen(self, covered: Mask) -> Mask:
        """Where too few looks were left, or all of them from one part of the time, (h, w)."""
        times_s = np.array([look.time_s for look in self._looks])
        part = np.minimum(_PARTS * (times_s - times_s[0]) / max(self.span_s, 1e-9), _PARTS - 1).astype(int)
        parts = sum((~covered[part == number]).any(axis=0).astype(int) for number in range(_PARTS))
        seldom: Mask = ((~covered).mean(axis=0) < _LEAST_SHARE) | (parts < _LEAST_PARTS)
        return seldom


def grown(box: NDArray[np.float64]) -> tuple[slice, slice]:
    """Rows and columns that a box, float64 x1 y1 x2 y2, covers with its margin."""
    x1, y1, x2, y2 = box
    margin = _MARGIN * max(x2 - x1, y2 - y1) + 1
    return _slices(x1 - margin, y1 - margin, x2 + margin, y2 + margin * _BELOW / _MARGIN)


def _inner(box: NDArray[np.float64]) -> tuple[slice, slice]:
    x1, y1, x2, y2 = box
    aside, down = (1 - _INNER) / 2 * (x2 - x1), (1 - _INNER) / 2 * (y2 - y1)
    return _slices(x1 + aside, y1 + down, x2 - aside, y2 - down)


def _slices(x1: float, y1: float, x2: float, y2: float) -> tuple[slice, slice]:
    return slice(max(0, int(np.floor(y1))), max(0, int(np.ceil(y2)))), slice(
        max(0, int(np.floor(x1))), max(0, int(np.ceil(x2)))
    )


def _median(pictures: Picture, covered: Mask) -> Picture:
    """The median of each pixel over the looks (n, h, w, 3) at which it was not covered (n, h, w); else nonsense."""
    middle = np.empty(pictures.shape[1:], np.uint8)
    which = np.maximum((~covered).sum(axis=0) - 1, 0) // 2
    for row in range(pictures.shape[1]):
        seen = pictures[:, row].astype(np.uint16)
        seen[covered[:, row]] = 256
        seen.sort(axis=0)
        middle[row] = np.take_along_axis(seen, which[row][None, :, None], axis=0)[0].clip(0, 255)
    return middle


def _evened(pictures: Picture, covered: Mask, middle: Picture) -> NDArray[np.int16]:
    """The looks as they would be with the light of the middle, (n, h, w, 3): a camera opens and closes its iris."""
    evened = pictures.astype(np.int16)
    for number, free in enumerate(~covered):
        seen, usual = (one[free][::_EVERY_PX].astype(np.float64) for one in (pictures[number], middle))
        for channel in range(3):
            slope, level = _light(seen[:, channel], usual[:, channel])
            evened[number, :, :, channel] = np.rint(slope * pictures[number, :, :, channel] + level)
    return evened


def _light(seen: Levels, usual: Levels) -> tuple[float, float]:
    """Slope and level of the straight line from levels (n,) as seen to the usual ones, over most of the pixels."""
    slope, level = 1.0, float(np.median(usual - seen)) if len(seen) else 0.0
    for _ in range(_FITS):
        fits = np.abs(slope * seen + level - usual) <= _TOLERANCE
        if fits.sum() < _ENOUGH_PX or np.ptp(seen[fits]) < _ENOUGH_LEVELS:
            break
        x, y = seen[fits] - seen[fits].mean(), usual[fits]
        slope = float(x @ y / (x @ x))
        level = float(y.mean() - slope * seen[fits].mean())
    return slope, level


def _near(pictures: NDArray[np.generic], other: NDArray[np.generic]) -> Mask:
    """Where pictures (n, h, w, 3) are like another one (h, w, 3), (n, h, w)."""
    near: Mask = np.abs(pictures.astype(np.int16) - other.astype(np.int16)).max(axis=3) <= _TOLERANCE
    return near


def _changing(near: Mask, covered: Mask) -> Mask:
    """Where something else was seen too often though nobody was found there, and what that encloses, (h, w)."""
    strange = (~near & ~covered).sum(axis=0) > _MOST_STRANGE * (~covered).sum(axis=0)
    strange = ndimage.binary_opening(strange, np.ones((2, 2)))
    padded = np.pad(strange, _HOLE_PX + 1)
    closed = ndimage.binary_closing(padded, iterations=_HOLE_PX)
    filled = ndimage.binary_dilation(ndimage.binary_fill_holes(closed), iterations=1)
    inside = slice(_HOLE_PX + 1, -_HOLE_PX - 1)
    changing: Mask = filled[inside, inside]
    return changing
