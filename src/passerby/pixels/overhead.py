"""People seen from straight above, where a detector of standing figures finds nobody: what moves and has a person's size."""

from collections import deque

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from passerby.core.observations import Detections
from passerby.pixels.background import Background, Mask, Plane

Centres = NDArray[np.float64]
_SMALLEST_SHARE = 0.07
_MEMORY = 300


class OverheadDetector:
    """Finds people for one camera that looks straight down; keeps the empty scene and the size of a person in mind."""

    def __init__(self) -> None:
        self.size_px = (160, 120)
        self._background = Background()
        self._sizes: deque[float] = deque(maxlen=_MEMORY)
        self._people: Centres = np.zeros((0, 2))
        self._blobs: list[tuple[Centres, Centres, float]] = []

    @property
    def ready(self) -> bool:
        """Whether the empty scene has been seen."""
        return self._background.settled

    @property
    def person_px(self) -> float | None:
        """Side of a square as large as a person; None until one was seen."""
        return float(np.sqrt(np.quantile(self._sizes, 0.45))) if len(self._sizes) >= 5 else None

    def detect(self, bgr: NDArray[np.uint8], time_s: float) -> Detections:
        """Finds people in a frame.

        Args:
            bgr: uint8 (h, w, 3).
            time_s: seconds since the stream started.

        Returns:
            Boxes of a person's learnt size, in pixels of the frame.
        """
        picture = bgr.astype(np.float32)
        evidence = self._background.differ(picture, time_s)
        side = self.person_px or 0.1 * bgr.shape[1]
        mask = self._mask(evidence, side)
        people = self._split(mask, bgr.shape[1])
        occupied = ndimage.binary_dilation(mask, iterations=2)
        self._background.learn(picture, occupied, time_s)
        self._people = people
        return self._boxes(people, side if self.person_px else 0.2 * bgr.shape[1], time_s)

    def _mask(self, evidence: Plane, side: float) -> Mask:
        smooth = ndimage.gaussian_filter(evidence, max(0.8, 0.1 * side))
        mask: Mask = ndimage.binary_fill_holes(smooth > 0.3)
        return mask

    def _split(self, mask: Mask, width: int) -> Centres:
        labels, count = ndimage.label(mask)
        areas = np.bincount(labels.ravel(), minlength=count + 1)
        one = self.person_px**2 if self.person_px else None
        least = 0.3 * one if one else (_SMALLEST_SHARE * width) ** 2
        centres, blobs = [], []
        for label, box in enumerate(ndimage.find_objects(labels), start=1):
            if areas[label] < least:
                continue
            y, x = np.nonzero(labels[box] == label)
            points = np.column_stack([x + box[1].start, y + box[0].start]) + 0.5
            number = self._number(points, one)
            centres.append(_cluster(points, number, self._people))
            inside = (
                box[0].start > 1 and box[1].start > 1 and box[0].stop < mask.shape[0] - 1 and box[1].stop < width - 1
            )
            blobs.append((points.mean(axis=0), float(areas[label]), inside, _aspect(points)))
        self._learn_size(blobs)
        return np.concatenate(centres) if centres else np.zeros((0, 2))

    def _number(self, points: Centres, one: float | None) -> int:
        if one is None:
            aspect = _aspect(points)
            return 1 if aspect < 2.7 else round(aspect / 1.9)
        ratio = len(points) / one
        before = self._held(points)
        options = np.arange(1, int(ratio) + 3)
        cost = np.abs(options - ratio) - 0.25 * (options == before) + 0.15 * (options > max(before, 1))
        return int(options[cost.argmin()])

    def _held(self, points: Centres) -> int:
        """How many of the people of the last frame stand on these pixels."""
        taken = {(int(x), int(y)) for x, y in points}
        return sum((int(x), int(y)) in taken for x, y in self._people)

    def _learn_size(self, blobs: list[tuple[Centres, float, bool, float]]) -> None:
        """Takes the area of those who travel alone: same blob, moved by its own size since first seen."""
        known = []
        for centre, area, inside, aspect in blobs:
            start, begun = centre, area
            near = [
                old
                for old in self._blobs
                if np.hypot(*(old[0] - centre)) < 0.8 * np.sqrt(area) and 0.6 < old[2] / area < 1.7
            ]
            if near:
                start = min(near, key=lambda old: float(np.hypot(*(old[0] - centre))))[1]
            if inside and aspect < 2.6 and np.hypot(*(centre - start)) > 0.7 * np.sqrt(area):
                self._sizes.append(area)
            known.append((centre, start, area))
        self._blobs = known

    def _boxes(self, people: Centres, side: float, time_s: float) -> Detections:
        half = 0.6 * side
        boxes = np.concatenate([people - half, people + half], axis=1).astype(np.float32)
        return Detections(boxes, np.full(len(people), 0.9, np.float32), time_s)


def _aspect(points: Centres) -> float:
    """Length over breadth of pixels (n, 2), of the ellipse with the same second moments."""
    values = np.linalg.eigvalsh(np.cov(points.T) + np.eye(2) / 12)
    return float(np.sqrt(values[1] / values[0]))


def _cluster(points: Centres, number: int, seeds: Centres) -> Centres:
    """Centres (number, 2) of pixels (n, 2), by k-means from where people were, else spread along the longest axis."""
    if number == 1:
        return points.mean(axis=0, keepdims=True)
    low, high = points.min(axis=0), points.max(axis=0)
    centres = seeds[((seeds >= low) & (seeds <= high)).all(axis=1)]
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
