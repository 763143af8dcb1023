"""Looks at a face and tells how much it seems masked: two numbers, nothing about whose face it is.

The network is the one-stage detector of AIZOO, "FaceMaskDetection" (MIT): an SSD (Liu et al., arXiv 1512.02325) of two
classes, a masked and a bare face. It sees only the surroundings of a head, enlarged or reduced to its input.
"""

from dataclasses import dataclass
from pathlib import Path

import math
import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import Interpolation, VideoReformatter
from numpy.typing import NDArray

from passerby.core.masks import Look
from passerby.errors import ModelError
from passerby.gate.messages import ModelPlan
from passerby.pixels.inference import Network

_Floats = NDArray[np.float64]
_GRIDS = (33, 17, 9, 5, 3)
_ANCHORS = ((0.04, 0.056), (0.08, 0.11), (0.16, 0.22), (0.32, 0.45), (0.64, 0.72))
_RATIOS = (1.0, 0.62, 0.42)
_VARIANCES = np.array([0.1, 0.1, 0.2, 0.2])
_SIZE_PX = 260
_COLUMNS = 6
_WIDE, _NEAR = 6.0, 5.0
_ASTRAY, _UNLIKE = 0.3, 1.4
_SAME_FACE = 0.3
_TALLER = 1.1
_LEAST_FACE_PX = 24
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Faces:
    """Faces of one crop, every anchor that saw one.

    Attributes:
        boxes: float64 (n, 4), x1 y1 x2 y2 as shares of the crop.
        scores: float64 (n, 2), masked and bare, 0..1 each.
    """

    boxes: _Floats
    scores: _Floats


def anchors() -> _Floats:
    """Centre x, centre y, width and height of each anchor as shares of the input, float64 (5972, 4)."""
    rows = []
    for grid, (size, larger) in zip(_GRIDS, _ANCHORS, strict=True):
        sides = [(size, size), (larger, larger)]
        sides += [(size * ratio**0.5, size / ratio**0.5) for ratio in _RATIOS[1:]]
        y, x = (np.mgrid[:grid, :grid] + 0.5) / grid
        centres = np.repeat(np.stack([x.ravel(), y.ravel()], axis=1), len(sides), axis=0)
        rows.append(np.concatenate([centres, np.tile(sides, (grid * grid, 1))], axis=1))
    return np.concatenate(rows)


class MaskJudge:
    """Looks at heads with one model.

    Args:
        plan: the model, of the family "aizoo", 260x260; `plan.threshold` is the least score of a face.
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
        self._reformatter = VideoReformatter()
        # The first inference allocates and starts threads, which must happen before the room is locked.
        self._resized(np.zeros((8, 8, 3), np.uint8))
        shape = self._rows().shape
        if shape != (len(self._anchors), _COLUMNS):
            raise ModelError(
                f"{plan.file}: the outputs have {shape} numbers, but masks need {len(self._anchors)} boxes of 4 and as "
                "many pairs of scores. Check the model of `masks`."
            )

    def judge_head(self, picture: NDArray[np.uint8], box_px: Box) -> Look | None:
        """Looks at one head.

        Args:
            picture: uint8 (h, w, 3), red green blue, native size.
            box_px: where the face or head is expected, x1 y1 x2 y2 in pixels of the picture.

        Returns:
            what was seen, or None where no face was found.
        """
        picture_px = np.array([picture.shape[1], picture.shape[0]])
        x1, y1, x2, y2 = box_px
        expected = _Square((x1 + x2) / 2, (y1 + y2) / 2, max(x2 - x1, y2 - y1))
        if (expected.corner + expected.side < 0).any() or (expected.corner > picture_px).any():
            return None
        wide = self._best(picture, expected, _WIDE)
        if wide is None:
            return None
        near = self._best(picture, _Square.around(wide.box_px), _NEAR)
        seen = [wide, near] if near else [wide]
        log_odds = sum(_logit(one.masked) - _logit(one.bare) for one in seen) / len(seen)
        score = sum(max(one.masked, one.bare) for one in seen) / 2
        height_px = float(wide.box_px[3] - wide.box_px[1]) / _TALLER
        return Look(1 / (1 + math.exp(-log_odds)), score, height_px, self._sharpness(picture, wide.box_px))

    def _best(self, picture: NDArray[np.uint8], expected: "_Square", times: float) -> "_Face | None":
        """The surest face about where one is expected, in a crop so many times as large."""
        crop = _Square(expected.x, expected.y, expected.side * times)
        faces = self.faces(crop.cut(picture))
        boxes = faces.boxes * crop.side + np.tile(crop.corner, 2)
        middle, height = (boxes[:, :2] + boxes[:, 2:]) / 2, boxes[:, 3] - boxes[:, 1]
        astray = np.hypot(*(middle - (expected.x, expected.y)).T) / expected.side / _ASTRAY
        unlike = np.log(height / expected.side) / math.log(_UNLIKE)
        trust = faces.scores.max(axis=1, initial=0) * np.exp(-(astray**2 + unlike**2) / 2)
        if not len(trust) or trust.max() < self._threshold:
            return None
        best = np.argmax(trust)
        same = _overlap(boxes, boxes[best]) >= _SAME_FACE
        masked, bare = faces.scores[same].max(axis=0)
        return _Face(boxes[best], float(masked), float(bare))

    def _sharpness(self, picture: NDArray[np.uint8], box_px: _Floats) -> float:
        """Share of a face's contrast that is finest detail, once the face is as high as the least face that counts.

        So it asks whether the detail of such a face is there, however large the face is in the picture. The finest
        detail is what a binomial filter of 3 x 3 takes away (a level of the pyramid of Burt and Adelson, 1983).
        """
        left, top, right, bottom = np.clip(box_px, 0, np.tile(picture.shape[1::-1], 2)).round().astype(int)
        if right - left < 2 or bottom - top < 2:
            return 0.0
        frame = VideoFrame.from_ndarray(np.ascontiguousarray(picture[top:bottom, left:right]), format="rgb24")
        size = (max(4, round(_LEAST_FACE_PX * (right - left) / (bottom - top))), _LEAST_FACE_PX)
        grey = self._reformatter.reformat(frame, *size, "gray", interpolation=Interpolation.AREA, threads=1)
        luma = grey.to_ndarray().astype(np.float64)
        rows = (luma[:-2] + 2 * luma[1:-1] + luma[2:]) / 4
        smooth = (rows[:, :-2] + 2 * rows[:, 1:-1] + rows[:, 2:]) / 4
        return float(min(1.0, np.std(luma[1:-1, 1:-1] - smooth) / max(1.0, np.std(luma))))

    def faces(self, crop: NDArray[np.uint8]) -> Faces:
        """Every anchor that sees a face in a square crop, uint8 (n, n, 3), red green blue."""
        self._resized(crop)
        rows = self._rows()
        seen = np.flatnonzero(rows[:, 4:].max(axis=1) >= self._threshold)
        rows, base = rows[seen].astype(np.float64), self._anchors[seen]
        shift = rows[:, :4] * _VARIANCES
        centre = base[:, :2] + shift[:, :2] * base[:, 2:]
        half = np.exp(shift[:, 2:]) * base[:, 2:] / 2
        return Faces(np.concatenate([centre - half, centre + half], axis=1), rows[:, 4:].astype(np.float64))

    def _resized(self, crop: NDArray[np.uint8]) -> None:
        """Puts a crop into the network's picture."""
        how = Interpolation.AREA if len(crop) > _SIZE_PX else Interpolation.BICUBIC
        frame = VideoFrame.from_ndarray(crop, format="rgb24")
        scaled = self._reformatter.reformat(frame, _SIZE_PX, _SIZE_PX, "rgb24", interpolation=how, threads=1)
        self._network.picture[0] = scaled.to_ndarray()

    def _rows(self) -> NDArray[np.float32]:
        """Encoded box and two scores of each anchor, float32 (n, 6)."""
        rows: NDArray[np.float32] = np.concatenate(self._network.infer_all(), axis=-1)[0]
        return rows


@dataclass(frozen=True, slots=True)
class _Square:
    """A square of a picture by its middle and its side, pixels."""

    x: float
    y: float
    side: float

    @staticmethod
    def around(box_px: _Floats) -> "_Square":
        x1, y1, x2, y2 = box_px.tolist()
        return _Square((x1 + x2) / 2, (y1 + y2) / 2, max(x2 - x1, y2 - y1))

    @property
    def corner(self) -> _Floats:
        """Its upper left corner, (2,)."""
        return np.array([self.x, self.y]) - self.side / 2

    def cut(self, picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """The square; what lies outside of the picture repeats its edge."""
        steps = np.arange(max(2, round(self.side)))
        left, top = self.corner.round().astype(int)
        rows = np.clip(steps + top, 0, picture.shape[0] - 1)
        columns = np.clip(steps + left, 0, picture.shape[1] - 1)
        return picture[rows[:, None], columns[None, :]]


@dataclass(frozen=True, slots=True)
class _Face:
    """A face in one crop: its box in pixels of the picture, float64 (4,), and the two scores."""

    box_px: _Floats
    masked: float
    bare: float


def _overlap(boxes: _Floats, box: _Floats) -> _Floats:
    """Intersection over union of boxes (n, 4) with one box (4,): (n,)."""
    common = np.clip(np.minimum(boxes[:, 2:], box[2:]) - np.maximum(boxes[:, :2], box[:2]), 0, None).prod(axis=1)
    areas = (boxes[:, 2:] - boxes[:, :2]).prod(axis=1) + (box[2:] - box[:2]).prod()
    shares: _Floats = common / (areas - common)
    return shares


def _logit(share: float) -> float:
    share = min(max(share, 1e-4), 1 - 1e-4)
    return math.log(share / (1 - share))
