"""What an empty doorway looks like, and how far a picture differs from it."""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Plane = NDArray[np.float32]
Mask = NDArray[np.bool_]

_SETTLE_S = 3.0
_FOLLOW_S = 4.0
_FOLLOW_SHADOW_S = 60.0
_QUIET_GHOST_S = 1.0
_QUIET_THING_S = 150.0
_SHADOW_DEEPEST, _SHADOW_DEEP = 0.3, 0.5
_MIN_LEVEL = 12.0


class Background:
    """The empty scene of one camera, learnt while people walk through it.

    It begins as the first picture and follows the light where nobody is. A quick change of exposure is a gain, estimated anew
    for each frame from the pixels that were empty.
    """

    def __init__(self) -> None:
        self._started_s = float("-inf")
        self._time_s: float | None = None

    @property
    def settled(self) -> bool:
        """Whether those who stood in the first picture had the time to leave a hole, and the hole to be filled."""
        return self._time_s is not None and self._time_s - self._started_s >= _SETTLE_S

    def _restart(self, picture: Plane, time_s: float) -> None:
        self._scene = picture.copy()
        self._time_s = self._started_s = time_s
        self._noise = np.full(picture.shape[:2], 2.0, np.float32)
        self._occupied = np.zeros(picture.shape[:2], bool)
        self._previous = picture
        self._moved_s = np.full(picture.shape[:2], time_s)

    def differ(self, picture: Plane, time_s: float) -> Plane:
        """How surely each pixel is not the empty scene or its shadow.

        Args:
            picture: float32 (h, w, 3), BGR.
            time_s: seconds since the stream started.

        Returns:
            float32 (h, w), 0 for the empty scene to 1 for something else.
        """
        if self._time_s is None or picture.shape != self._scene.shape:
            self._restart(picture, time_s)
        self._gain = self._estimate_gain(picture)
        evidence = self._evidence(picture)
        if (evidence > 0.5).mean() > 0.75 or not 0.4 < float(self._gain.mean()) < 2.5:
            self._restart(picture, time_s)
            self._gain = np.ones(3, np.float32)
            evidence = self._evidence(picture)
        return evidence

    def _estimate_gain(self, picture: Plane) -> Plane:
        """Of each channel, (3,): the median ratio over the pixels that were empty and are neither black nor saturated."""
        scene, now, occupied = self._scene[1::3, 1::3], picture[1::3, 1::3], self._occupied[1::3, 1::3]
        usable = ~occupied & (scene.min(axis=2) > _MIN_LEVEL) & (now.max(axis=2) < 250)
        if usable.sum() < 40:
            return np.ones(3, np.float32)
        gain: Plane = np.median((now[usable] + 1) / (scene[usable] + 1), axis=0).astype(np.float32)
        return gain

    def _evidence(self, picture: Plane) -> Plane:
        empty = self._scene * self._gain
        level = empty.mean(axis=2) + 1
        size = (5, 5)
        dot = ndimage.uniform_filter((picture * empty).sum(axis=2), size)
        norm = ndimage.uniform_filter((empty * empty).sum(axis=2), size) + 3 * _MIN_LEVEL
        share = dot / norm
        residual = np.abs(picture - share[..., None] * empty).max(axis=2)
        change = picture.mean(axis=2) - level
        limit = 3.0 * self._noise + 3.0
        strange = residual / (limit + 0.08 * level)
        bright = np.minimum(change / (limit + 0.06 * level), (share - 1) * 12)
        deep = np.clip((_SHADOW_DEEP - share) / (_SHADOW_DEEP - _SHADOW_DEEPEST), 0, 1)
        dark = deep * -change / (limit + 0.06 * level)
        self._changed = np.abs(change) > limit + 0.04 * level
        evidence: Plane = np.clip(np.maximum(np.maximum(strange, bright), dark) - 0.5, 0, 1).astype(np.float32)
        return evidence

    def learn(self, picture: Plane, occupied: Mask, time_s: float) -> None:
        """Follows the light where nobody is, and takes in what has long been still.

        Args:
            picture: float32 (h, w, 3), as given to `differ`.
            occupied: (h, w), where people or things are.
            time_s: seconds since the stream started.
        """
        step_s = time_s - self._time_s if self._time_s is not None else 0.0
        self._time_s = time_s
        self._occupied = occupied
        even = picture / self._gain
        rate = np.where(self._changed, step_s / _FOLLOW_SHADOW_S, step_s / _FOLLOW_S)
        rate = np.minimum(np.where(occupied, 0, rate), 1).astype(np.float32)
        difference = even - self._scene
        self._noise += np.minimum(rate, 0.1) * (np.abs(difference).max(axis=2) - self._noise)
        self._scene += rate[..., None] * difference
        # What is a gain now becomes the scene itself within some seconds.
        self._scene *= self._gain ** min(1.0, step_s / _FOLLOW_S)
        self._take_in_still(picture, occupied, time_s)

    def _take_in_still(self, picture: Plane, occupied: Mask, time_s: float) -> None:
        """Ghosts, which are holes in the scene where somebody stood, soon; things put down, after minutes."""
        even = picture / self._gain
        moved = np.abs(even - self._previous).max(axis=2) > 4 * self._noise + 6
        self._previous = even
        near = ndimage.uniform_filter(moved.astype(np.float32), 7) > 0.06
        self._moved_s[near] = time_s
        quiet_s = time_s - self._moved_s
        self._scene[occupied & (quiet_s > _QUIET_THING_S)] = picture[occupied & (quiet_s > _QUIET_THING_S)]
        quiet = occupied & (quiet_s > _QUIET_GHOST_S)
        if not quiet.any():
            return
        labels, count = ndimage.label(quiet)
        empty = self._scene * self._gain
        for label, box in enumerate(ndimage.find_objects(labels), start=1):
            around = tuple(slice(max(0, side.start - 2), side.stop + 2) for side in box)
            part = labels[around] == label
            if part.sum() > 12 and is_ghost(picture[around], empty[around], part):
                self._scene[around][part] = picture[around][part] / self._gain
                self._moved_s[around][part] = time_s


def is_ghost(picture: Plane, scene: Plane, part: Mask) -> bool:
    """Whether the outline of a part (h, w) is drawn in the scene (h, w, 3) rather than in the picture (h, w, 3)."""
    outline = ndimage.binary_dilation(part, iterations=2) & ~ndimage.binary_erosion(part, iterations=2)
    smooth = [ndimage.uniform_filter(one.mean(axis=2), 3) for one in (picture, scene)]
    edges = [np.hypot(*np.gradient(one))[outline].mean() for one in smooth]
    return bool(edges[1] > 1.25 * edges[0] + 0.5)
