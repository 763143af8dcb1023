"""People seen from straight above, where a detector of standing figures finds nobody: what is new and person-sized."""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from passerby.core.observations import Detections
from passerby.pixels.background import Background, Mask, Plane
from passerby.pixels.personsize import Blob, PersonSize

Centres = NDArray[np.float64]

_BOX_SIDES = 1.8
"""Side of a box in sides of a square as large as a person: shoulders and stride."""
_SMALLEST_SHARE = 0.07
"""Of the picture's width: side of a square below which nothing is looked at."""
_LEAST, _THIN = 0.3, 0.4
"""Of a learnt person's area, and of its side: what is smaller are feet and hands, what is thinner are doors."""
_APART = 0.85
"""Sides between the middles of two people; two halves of one are closer."""
_GROW, _SHRINK = 0.8, 0.65
"""Persons of area that must come or go before a group that was seen a moment ago grows or shrinks by one."""
_PAIR_ASPECT, _ROW_ASPECT, _DOOR_ASPECT = 2.4, 1.9, 6.0
"""Length over breadth, before the size is known: of a pair, of each person in a row, and of what is nobody."""
_FIRST_SHARE = 0.15
"""Of the picture's width: side of a person before the size is known, the middle of what cameras show."""
_SURE = 0.9


class OverheadDetector:
    """Finds people for one camera that looks straight down; keeps the empty scene and the size of a person in mind.

    Attributes:
        size_px: width and height of the largest picture worth analysing.
        confident: score from which a detection may start a track; all have it.
        moving: bool (h, w), where the frame last looked at is not the empty scene.
    """

    def __init__(self) -> None:
        self.size_px = (160, 120)
        self.confident = 0.4
        self._background = Background()
        self._size = PersonSize()
        self._people: Centres = np.zeros((0, 2))
        self.moving: Mask = np.zeros((1, 1), bool)

    @property
    def ready(self) -> bool:
        """Whether the empty scene has been seen; until then people are found, but who came before may leave a hole."""
        return self._background.settled

    @property
    def person_px(self) -> float | None:
        """Side of a square as large as a person; None until one was seen."""
        area_px = self._size.area_px
        return None if area_px is None else float(np.sqrt(area_px))

    def detect(self, bgr: NDArray[np.uint8], time_s: float) -> Detections:
        """Finds people in a frame.

        Args:
            bgr: uint8 (h, w, 3).
            time_s: seconds since the stream started.

        Returns:
            Boxes of a person's learnt size, in pixels of the frame.
        """
        picture = np.ascontiguousarray(bgr.transpose(2, 0, 1), dtype=np.float32)
        evidence = self._background.differ(picture, time_s)
        side = self.person_px
        mask = self._mask(evidence, side or 0.1 * bgr.shape[1])
        people = self._find(mask, side, time_s)
        self._background.learn(picture, mask, time_s)
        self._people, self.moving = people, mask
        return _boxes(people, side or _FIRST_SHARE * bgr.shape[1], time_s)

    def _mask(self, evidence: Plane, side: float) -> Mask:
        smooth = ndimage.gaussian_filter(evidence, max(0.8, 0.1 * side))
        mask: Mask = ndimage.binary_fill_holes(smooth > 0.3)
        return mask

    def _find(self, mask: Mask, side: float | None, time_s: float) -> Centres:
        """Centres (n, 2) of the people in a mask (h, w)."""
        height, width = mask.shape
        labels, _ = ndimage.label(mask)
        found, blobs = [], []
        for label, box in enumerate(ndimage.find_objects(labels), start=1):
            y, x = np.nonzero(labels[box] == label)
            if len(x) < (_SMALLEST_SHARE * width) ** 2:
                continue
            points = np.column_stack([x + box[1].start, y + box[0].start]) + 0.5
            length, breadth = _axes_px(points)
            whole = min(box[0].start, box[1].start, height - box[0].stop, width - box[1].stop) > 1
            blobs.append(Blob(points.mean(axis=0), len(points), length / breadth, whole))
            if _may_be_people(len(x), length, breadth, side):
                found.append(self._people_in(points, side, length / breadth))
        if self._background.settled:
            self._size.update(blobs, time_s)
        return np.concatenate(found) if found else np.zeros((0, 2))

    def _people_in(self, points: Centres, side: float | None, aspect: float) -> Centres:
        """Centres (n, 2) of the people whom a blob of pixels (m, 2) holds."""
        if side is None or not self._size.sure:
            return _cluster(points, 1 if aspect < _PAIR_ASPECT else round(aspect / _ROW_ASPECT), self._people)
        ratio = len(points) / side**2
        before = max(1, self._held(points))
        number = before
        while ratio > number + _GROW:
            number += 1
        while number > 1 and ratio < number - _SHRINK:
            number -= 1
        for fewer in range(number, 1, -1):
            centres = _cluster(points, fewer, self._people)
            if _closest(centres) > _APART * side:
                return centres
        return _cluster(points, 1, self._people)

    def _held(self, points: Centres) -> int:
        """How many of the people of the last frame stand on these pixels."""
        taken = {(int(x), int(y)) for x, y in points}
        return sum((int(x), int(y)) in taken for x, y in self._people)


def _may_be_people(area_px: int, length_px: float, breadth_px: float, side: float | None) -> bool:
    if side is None:
        return length_px < _DOOR_ASPECT * breadth_px
    return area_px > _LEAST * side**2 and breadth_px > _THIN * side


def _boxes(people: Centres, side: float, time_s: float) -> Detections:
    half = _BOX_SIDES / 2 * side
    boxes = np.concatenate([people - half, people + half], axis=1).astype(np.float32)
    return Detections(boxes, np.full(len(people), _SURE, np.float32), time_s)


def _closest(centres: Centres) -> float:
    """Distance between the two closest of points (n, 2)."""
    apart = np.hypot(*(centres[:, None] - centres).transpose(2, 0, 1))
    return float(apart[np.triu_indices(len(centres), 1)].min())


def _axes_px(points: Centres) -> tuple[float, float]:
    """Length and breadth of the ellipse with the same second moments as pixels (n, 2)."""
    short, long = np.linalg.eigvalsh(np.cov(points.T) + np.eye(2) / 12)
    return 4 * float(np.sqrt(long)), 4 * float(np.sqrt(short))


def _cluster(points: Centres, number: int, seeds: Centres) -> Centres:
    """Centres (number, 2) of pixels (n, 2), by k-means from where people were, else spread along the longest axis."""
    if number == 1:
        return np.asarray(points.mean(axis=0, keepdims=True))
    low, high = points.min(axis=0), points.max(axis=0)
    centres: Centres = seeds[((seeds >= low) & (seeds <= high)).all(axis=1)]
    if len(centres) != number:
        axis = np.linalg.eigh(np.cov(points.T))[1][:, 1]
        along = points @ axis
        parts = np.array_split(np.argsort(along), number)
        centres = np.stack([points[part].mean(axis=0) for part in parts])
    for _ in range(8):
        nearest = ((points[:, None] - centres) ** 2).sum(axis=2).argmin(axis=1)
        centres = np.stack(
            [points[nearest == i].mean(axis=0) if (nearest == i).any() else centres[i] for i in range(number)]
        )
    return centres
