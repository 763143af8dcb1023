"""Looks at a head and tells how much its face seems masked: a few numbers, nothing about whose face it is.

The network is the one-stage detector of AIZOO, "FaceMaskDetection" (MIT): an SSD (Liu et al., arXiv 1512.02325) of two
classes, a masked and a bare face. It sees the surroundings of one head, brought to its input size. It knows faces best
as a small part of a picture: crops of five and six times the face beat narrower ones by far, see
docs/decisions/0009-mask-judge.md.
"""

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from passerby.core.masks import Look, logit
from passerby.errors import ModelError
from passerby.gate.messages import ModelPlan
from passerby.pixels.inference import Network
from passerby.pixels.sharpness import Sharpness
from passerby.pixels.squares import Box, Fitting, Floats, Square

_SIZE_PX = 260
_COLUMNS = 6
# As in the model's own `utils/anchor_generator.py` and `utils/anchor_decode.py`.
_GRIDS = (33, 17, 9, 5, 3)
_ANCHORS = ((0.04, 0.056), (0.08, 0.11), (0.16, 0.22), (0.32, 0.45), (0.64, 0.72))
_RATIOS = (1.0, 0.62, 0.42)
_VARIANCES = np.array([0.1, 0.1, 0.2, 0.2])

_WIDE, _NEAR = 6.0, 5.0
"""Sides of the first and the second crop, in faces."""
_ASTRAY, _UNLIKE = 0.3, 1.4
"""How far from its place, in faces, and by which factor of its size a face is likely to be: one standard deviation."""
_SAME_FACE = 0.3
"""Anchors whose boxes overlap so much (intersection over union) see the same face."""
_TALLER = 1.1
"""The model's boxes are so much higher than those that people draw from brow to chin."""
_LEAST = 1e-4


@dataclass(frozen=True, slots=True)
class Faces:
    """What the anchors saw in one crop.

    Attributes:
        boxes: float64 (n, 4), x1 y1 x2 y2 as shares of the crop.
        scores: float64 (n, 2), masked and bare, 0..1 each.
    """

    boxes: Floats
    scores: Floats


def anchors() -> Floats:
    """Centre x, centre y, width and height of each anchor as shares of the input, float64 (5972, 4)."""
    levels = []
    for grid, (size, larger) in zip(_GRIDS, _ANCHORS, strict=True):
        sides = [(size, size), (larger, larger)]
        sides += [(size * ratio**0.5, size / ratio**0.5) for ratio in _RATIOS[1:]]
        y, x = (np.mgrid[:grid, :grid] + 0.5) / grid
        centres = np.repeat(np.stack([x.ravel(), y.ravel()], axis=1), len(sides), axis=0)
        levels.append(np.concatenate([centres, np.tile(sides, (grid * grid, 1))], axis=1))
    return np.concatenate(levels)


class MaskJudge:
    """Looks at heads with one model.

    Args:
        plan: the model, of the family "aizoo", 260x260; `plan.threshold` is the least score of what may be a face, low:
            who votes decides what is sure enough.
        threads: CPU threads.

    Raises:
        ModelError: the file cannot be used, or is of another family or size.
    """

    def __init__(self, plan: ModelPlan, threads: int = 1) -> None:
        if plan.family != "aizoo" or (plan.width_px, plan.height_px) != (_SIZE_PX, _SIZE_PX):
            raise ModelError(
                f"{plan.file}: masks need a model of the family aizoo at {_SIZE_PX}x{_SIZE_PX}, not {plan.family} at "
                f"{plan.width_px}x{plan.height_px}. Check the model of `masks`."
            )
        self._threshold = plan.threshold
        self._anchors = anchors()
        self._network = Network(Path(plan.file), (_SIZE_PX, _SIZE_PX), (0, 0, 0), (255, 255, 255), threads)
        self._fitting = Fitting(_SIZE_PX)
        self._sharpness = Sharpness()
        # The first inference allocates and starts threads, which must happen before the room is locked.
        blank = np.zeros((8, 8, 3), np.uint8)
        self._sharpness.of(blank)
        self._network.picture[0] = self._fitting.fit(blank)
        shape = self._rows().shape
        if shape != (len(self._anchors), _COLUMNS):
            raise ModelError(
                f"{plan.file}: its outputs have the shape {shape}, but AIZOO's model gives {len(self._anchors)} boxes "
                "of 4 numbers with 2 scores each. Check the model of `masks`."
            )

    def judge_head(self, picture: NDArray[np.uint8], box_px: Box) -> Look | None:
        """Looks at one head: around the place where its face is expected, then around the face found there.

        Args:
            picture: uint8 (h, w, 3), red green blue, native size.
            box_px: where the face is expected, x1 y1 x2 y2 in pixels of the picture; half or twice its size is no harm.

        Returns:
            what was seen, or None where no face was found.

        Raises:
            ValueError: the box has no area.
        """
        expected = Square.of(box_px)
        # A head at the picture's edge has nothing beyond it; a box wholly outside shows nobody.
        if not expected.touches(picture):
            return None
        first = self._best(picture, expected, _WIDE)
        if first is None:
            return None
        second = self._best(picture, Square.around(first.box_px), _NEAR)
        faces = [first, second or _Face(first.box_px, self._threshold, self._threshold)]
        log_odds = sum(logit(face.masked, _LEAST) - logit(face.bare, _LEAST) for face in faces) / 2
        return Look(
            p_masked=1 / (1 + math.exp(-log_odds)),
            score=min(1.0, sum(max(face.masked, face.bare) for face in faces) / 2),
            face_px=float(first.box_px[3] - first.box_px[1]) / _TALLER,
            sharpness=self._sharpness.of(Square.around(first.box_px).cut(picture)),
        )

    def faces(self, crop: NDArray[np.uint8]) -> Faces:
        """What the anchors see in a square crop, uint8 (n, n, 3), red green blue."""
        self._network.picture[0] = self._fitting.fit(crop)
        rows = self._rows()
        seen = np.flatnonzero(rows[:, 4:].max(axis=1) >= self._threshold)
        shift, base = rows[seen, :4] * _VARIANCES, self._anchors[seen]
        centre = base[:, :2] + shift[:, :2] * base[:, 2:]
        half = np.exp(shift[:, 2:]) * base[:, 2:] / 2
        return Faces(np.concatenate([centre - half, centre + half], axis=1), rows[seen, 4:].astype(np.float64))

    def _best(self, picture: NDArray[np.uint8], expected: Square, times: float) -> "_Face | None":
        """The face that is surest and nearest to what is expected, in a crop so many times as large."""
        crop = expected.times(times)
        seen = self.faces(crop.cut(picture))
        boxes = seen.boxes * crop.side + np.tile(crop.corner, 2)
        middle, height = (boxes[:, :2] + boxes[:, 2:]) / 2, boxes[:, 3] - boxes[:, 1]
        astray = np.hypot(*(middle - (expected.x, expected.y)).T) / (_ASTRAY * expected.side)
        unlike = np.log(height / expected.side) / math.log(_UNLIKE)
        trust = seen.scores.max(axis=1) * np.exp(-(astray**2 + unlike**2) / 2)
        if not (trust >= self._threshold).any():
            return None
        best = int(np.argmax(trust))
        masked, bare = seen.scores[_overlap(boxes, boxes[best]) >= _SAME_FACE].max(axis=0)
        return _Face(boxes[best], float(masked), float(bare))

    def _rows(self) -> NDArray[np.float32]:
        """Encoded box and two scores of each anchor, float32 (n, 6), in one output or in two."""
        rows: NDArray[np.float32] = np.concatenate(self._network.infer_all(), axis=-1)[0]
        return rows


@dataclass(frozen=True, slots=True)
class _Face:
    """A face in one crop: its box in pixels of the picture, float64 (4,), and its two scores."""

    box_px: Floats
    masked: float
    bare: float


def _overlap(boxes: Floats, box: Floats) -> Floats:
    """Intersection over union of boxes (n, 4) with one box (4,): (n,)."""
    common = np.clip(np.minimum(boxes[:, 2:], box[2:]) - np.maximum(boxes[:, :2], box[:2]), 0, None).prod(axis=1)
    areas = (boxes[:, 2:] - boxes[:, :2]).prod(axis=1) + (box[2:] - box[:2]).prod()
    shares: Floats = common / (areas - common)
    return shares
