"""What an empty doorway looks like, and how surely each pixel of a picture shows something else."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Plane = NDArray[np.float32]
Mask = NDArray[np.bool_]

_SETTLE_S = 3.0
"""By then those who stood in the first picture have mostly left it, and the hole they left is filled."""
_FOLLOW_S, _FOLLOW_SHADOW_S = 4.0, 60.0
_QUIET_GHOST_S, _QUIET_THING_S = 1.0, 150.0
_SHADOW_DEEP, _SHADOW_DEEPEST = 0.5, 0.3
"""Shares of the light: a shadow may leave the first; what leaves less than the second is dark clothes."""
_PART_PX = 12
_FADE_IN_S, _FADE_IN_GAIN = 1.0, 0.04
"""A camera that was just switched on finds its exposure; lamps and walls do not follow it alike."""
_BLACK, _WHITE = 12.0, 250.0
_STRANGE_SHARE, _BRIGHT_SHARE = 0.08, 0.06
_NEW_SCENE_SHARE, _NEW_SCENE_GAIN = 0.75, 2.5


class Background:
    """The empty scene of one camera, learnt while people walk through it.

    It begins as the first picture and follows the light where nobody is. A quick change of exposure is a gain,
    estimated anew for each frame from the pixels that were empty. Pictures are float32 (3, h, w):
    planes of blue, green and red.
    """

    def __init__(self) -> None:
        self._started_s = float("-inf")
        self._time_s: float | None = None

    @property
    def settled(self) -> bool:
        """Whether the scene has been seen for long enough to be taken for empty."""
        return self._time_s is not None and self._time_s - self._started_s >= _SETTLE_S

    def differ(self, picture: Plane, time_s: float) -> Plane:
        """How surely each pixel is neither the empty scene nor a shadow on it.

        Args:
            picture: float32 (3, h, w).
            time_s: seconds since the stream started.

        Returns:
            float32 (h, w), from 0 for the empty scene to 1 for something else.
        """
        if self._time_s is None or picture.shape != self._scene.shape:
            self._restart(picture, time_s)
        self._gain = self._estimate_gain(picture)
        evidence = self._evidence(picture)
        gain = float(self._gain.mean())
        if (evidence > 0.5).mean() > _NEW_SCENE_SHARE or not 1 / _NEW_SCENE_GAIN < gain < _NEW_SCENE_GAIN:
            self._restart(picture, time_s)
            evidence = self._evidence(picture)
        elif time_s - self._started_s < _FADE_IN_S and abs(gain - 1) > _FADE_IN_GAIN:
            started_s = self._started_s
            self._restart(picture, time_s)
            self._started_s = started_s
            evidence = self._evidence(picture)
        return evidence

    def learn(self, picture: Plane, mask: Mask, time_s: float) -> None:
        """Follows the light where nobody is, and takes in what has long been still.

        Args:
            picture: float32 (3, h, w), as given to `differ`.
            mask: (h, w), where people or things are.
            time_s: seconds since the stream started.
        """
        occupied = ndimage.binary_dilation(mask, iterations=2)
        step_s = 0.0 if self._time_s is None else time_s - self._time_s
        self._time_s = time_s
        self._occupied = occupied
        even = picture / self._gain
        rate = np.where(self._changed, np.float32(step_s / _FOLLOW_SHADOW_S), np.float32(step_s / _FOLLOW_S))
        rate[occupied] = 0
        np.minimum(rate, 1, out=rate)
        difference = even - self._scene
        self._noise += np.minimum(rate, 0.1) * (np.abs(difference).max(axis=0) - self._noise)
        self._scene += rate * difference
        # What is a gain now becomes the scene itself within some seconds.
        share = self._gain ** min(1.0, step_s / _FOLLOW_S)
        self._scene *= share
        self._take_in_still(picture, mask, time_s)

    def _restart(self, picture: Plane, time_s: float) -> None:
        shape = picture.shape[1:]
        self._scene = picture.copy()
        self._time_s = self._started_s = time_s
        self._gain = np.ones((3, 1, 1), np.float32)
        self._noise = np.full(shape, 2.0, np.float32)
        self._occupied = np.zeros(shape, bool)
        self._previous = picture
        self._moved_s = np.full(shape, time_s)

    def _estimate_gain(self, picture: Plane) -> Plane:
        """Of each channel, (3, 1, 1): the median ratio over empty pixels that are neither black nor saturated."""
        scene, now, occupied = self._scene[:, 1::3, 1::3], picture[:, 1::3, 1::3], self._occupied[1::3, 1::3]
        usable = ~occupied & (scene.min(axis=0) > _BLACK) & (now.max(axis=0) < _WHITE)
        if usable.sum() < 40:
            return np.ones((3, 1, 1), np.float32)
        ratio = (now[:, usable] + 1) / (scene[:, usable] + 1)
        gain: Plane = np.median(ratio, axis=1).astype(np.float32)[:, None, None]
        return gain

    def _evidence(self, picture: Plane) -> Plane:
        """What light alone cannot do: another colour or texture, more light than before, or hardly any left."""
        empty = self._scene * self._gain
        level = empty.sum(axis=0) / 3 + 1
        both = ndimage.uniform_filter((picture * empty).sum(axis=0), 5)
        share = both / (ndimage.uniform_filter((empty * empty).sum(axis=0), 5) + 3 * _BLACK)
        residual = np.abs(picture - share * empty).max(axis=0)
        change = picture.sum(axis=0) / 3 - level
        limit = 3.0 * self._noise + 3.0
        size = change / (limit + _BRIGHT_SHARE * level)
        strange = residual / (limit + _STRANGE_SHARE * level)
        bright = np.minimum(size, (share - 1) * 12)
        dark = np.clip((_SHADOW_DEEP - share) / (_SHADOW_DEEP - _SHADOW_DEEPEST), 0, 1) * -size
        self._changed = np.abs(change) > limit + 0.04 * level
        surest = np.maximum(np.maximum(strange, bright), dark)
        evidence: Plane = np.clip(surest - 0.5, 0, 1).astype(np.float32)
        return evidence

    def _take_in_still(self, picture: Plane, mask: Mask, time_s: float) -> None:
        """Takes in the holes that somebody left, soon, and things put down, after minutes without movement."""
        even = picture / self._gain
        moved = np.abs(even - self._previous).max(axis=0) > 4 * self._noise + 6
        self._previous = even
        self._moved_s[ndimage.uniform_filter(moved.astype(np.float32), 7) > 0.06] = time_s
        quiet_s = time_s - self._moved_s
        for box, part in _parts(mask & (quiet_s > _QUIET_GHOST_S)):
            here = (slice(None), *box)
            if is_ghost(picture[here], self._scene[here] * self._gain, part):
                self._take_in(box, part, even, time_s)
        if (mask & (quiet_s > _QUIET_THING_S)).any():
            for box, part in _parts(mask):
                # Who stands still moves a hand or the head in all that time.
                if quiet_s[box][part].min() > _QUIET_THING_S:
                    self._take_in(box, part, even, time_s)

    def _take_in(self, box: tuple[slice, slice], part: Mask, even: Plane, time_s: float) -> None:
        part = ndimage.binary_dilation(part, iterations=2)
        self._scene[(slice(None), *box)][:, part] = even[(slice(None), *box)][:, part]
        self._moved_s[box][part] = time_s


def _parts(mask: Mask) -> Iterator[tuple[tuple[slice, slice], Mask]]:
    """Connected parts of a mask (h, w), each with a margin: where it lies, and which pixels there are its own."""
    labels, _ = ndimage.label(mask)
    for label, (rows, columns) in enumerate(ndimage.find_objects(labels), start=1):
        box = (slice(max(0, rows.start - 3), rows.stop + 3), slice(max(0, columns.start - 3), columns.stop + 3))
        part = labels[box] == label
        if part.sum() > _PART_PX:
            yield box, part


def is_ghost(picture: Plane, scene: Plane, part: Mask) -> bool:
    """Whether the outline of a part is drawn in the scene rather than in the picture: what was there has left.

    Args:
        picture: float32 (3, h, w).
        scene: float32 (3, h, w), the empty scene as it is believed to be.
        part: (h, w), where the two differ.
    """
    outline = ndimage.binary_dilation(part, iterations=2) & ~ndimage.binary_erosion(part, iterations=2)
    smooth = (ndimage.uniform_filter(one, (1, 3, 3)) for one in (picture, scene))
    drawn, believed = (np.hypot(*np.gradient(one, axis=(1, 2))).max(axis=0)[outline].mean() for one in smooth)
    return bool(believed > 1.25 * drawn + 0.5)
