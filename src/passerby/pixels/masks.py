"""Looks at a face and tells how much it seems masked: two numbers, nothing about whose face it is.

The network is the one-stage detector of AIZOO, "FaceMaskDetection" (MIT): an SSD (Liu et al., arXiv 1512.02325) of two
classes, a masked and a bare face. It sees only the surroundings of a head, enlarged or reduced to its input.
"""

from dataclasses import dataclass
from pathlib import Path

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
        x1, y1, x2, y2 = box_px
        side = 3.0 * max(x2 - x1, y2 - y1)
        left, top = (x1 + x2 - side) / 2, (y1 + y2 - side) / 2
        faces = self.faces(_crop(picture, left, top, side))
        if not len(faces.scores):
            return None
        best = int(np.argmax(faces.scores.max(axis=1)))
        masked, bare = faces.scores[best]
        height_px = float(faces.boxes[best, 3] - faces.boxes[best, 1]) * side
        return Look(float(masked / (masked + bare)), float(max(masked, bare)), height_px)

    def faces(self, crop: NDArray[np.uint8]) -> Faces:
        """Every anchor that sees a face in a square crop, uint8 (n, n, 3), red green blue."""
        self._resized(crop)
        rows = self._rows()
        seen = np.flatnonzero(rows[:, 4:].max(axis=1) >= self._threshold)
        rows, base = rows[seen].astype(np.float64), self._anchors[seen]
        shift = rows[:, :4] * _VARIANCES
        centre = base[:, :2] + shift[:, :2] * base[:, 2:]
        half = np.exp(shift[:, 2:]) * base[:, 2:] / 2
        return Faces(np.concatenate([centre - half, centre + half], axis=1), rows[:, 4:])

    def _resized(self, crop: NDArray[np.uint8]) -> None:
        """Puts a crop into the network's picture."""
        how = Interpolation.AREA if len(crop) > _SIZE_PX else Interpolation.BILINEAR
        frame = VideoFrame.from_ndarray(crop, format="rgb24")
        scaled = self._reformatter.reformat(frame, _SIZE_PX, _SIZE_PX, "rgb24", interpolation=how, threads=1)
        self._network.picture[0] = scaled.to_ndarray()

    def _rows(self) -> NDArray[np.float32]:
        """Encoded box and two scores of each anchor, float32 (n, 6)."""
        return np.concatenate(self._network.infer_all(), axis=-1)[0]


def _crop(picture: NDArray[np.uint8], left: float, top: float, side: float) -> NDArray[np.uint8]:
    """A square of the picture; what lies outside repeats the picture's edge."""
    size = max(2, round(side))
    rows = np.clip(np.arange(size) + round(top), 0, picture.shape[0] - 1)
    columns = np.clip(np.arange(size) + round(left), 0, picture.shape[1] - 1)
    return np.ascontiguousarray(picture[rows[:, None], columns[None, :]])
