"""Finds against truth: which find is whose, and what follows for recall, precision and the steadiness of feet."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from benchmarks.detectors import overlap

_Floats = NDArray[np.float64]
MATCH_IOU = 0.4


@dataclass
class Finds:
    """What a detector found in a set of pictures.

    Attributes:
        scores: of each find that counts, for or against.
        right: whether it is somebody's.
        people: how many there truly are.
        feet: by whose track, in the order of time: frame, and how far the foot is off, right and down, in heights.
    """

    scores: list[float] = field(default_factory=list)
    right: list[bool] = field(default_factory=list)
    people: int = 0
    feet: dict[int, list[tuple[int, float, float]]] = field(default_factory=dict)

    def take(
        self, found: tuple[_Floats, _Floats], true: _Floats, frame: int, passed: Callable[[_Floats], bool]
    ) -> None:
        """Takes the finds of one picture.

        Args:
            found: boxes (n, 4), best first, and their scores (n,).
            true: boxes (m, 4), or (m, 5) with the track's number last.
            frame: its number.
            passed: whether a find, a box (4,), that is nobody's says nothing.
        """
        self.people += len(true)
        free = np.ones(len(true), bool)
        for box, score in zip(*found, strict=True):
            overlaps = np.where(free, overlap(box, true[:, :4]), 0.0) if len(true) else np.zeros(1)
            best = int(overlaps.argmax())
            right = bool(overlaps[best] >= MATCH_IOU)
            if not right and passed(box):
                continue
            self.scores.append(float(score))
            self.right.append(right)
            if right:
                free[best] = False
                self._foot(box, true[best], frame)

    def _foot(self, box: _Floats, true: _Floats, frame: int) -> None:
        if len(true) > 4:
            high = true[3] - true[1]
            off = float((box[0] + box[2] - true[0] - true[2]) / 2 / high), float((box[3] - true[3]) / high)
            self.feet.setdefault(int(true[4]), []).append((frame, *off))

    def curve(self) -> tuple[_Floats, _Floats, _Floats]:
        """Scores from the highest on, and recall and precision of all finds that have at least that score."""
        order = np.argsort(-np.array(self.scores), kind="stable")
        hits = np.cumsum(np.array(self.right, bool)[order])
        return np.array(self.scores)[order], hits / max(self.people, 1), hits / np.arange(1, len(hits) + 1)

    def recall_at(self, precision: float) -> tuple[float, float]:
        """The largest recall at which at least that share of finds is right, and the score that it takes."""
        scores, recall, precisions = self.curve()
        good = np.flatnonzero(precisions >= precision)
        return (float(recall[good[-1]]), float(scores[good[-1]])) if len(good) else (0.0, 1.0)

    def average_precision(self) -> float:
        """Area under precision over recall."""
        _, recall, precision = self.curve()
        best = np.maximum.accumulate(precision[::-1])[::-1]
        return float((np.diff(recall, prepend=0.0) * best).sum())

    def jitter(self) -> tuple[float, float]:
        """Median and 90th percentile of how far feet jump from one picture to the next beside the truth, in heights."""
        jumps = [
            float(np.hypot(later[1] - before[1], later[2] - before[2]))
            for rows in self.feet.values()
            for before, later in itertools.pairwise(rows)
            if later[0] - before[0] == 1
        ]
        return (float(np.median(jumps)), float(np.quantile(jumps, 0.9))) if jumps else (float("nan"), float("nan"))
