"""Looks at a head with passerby's own network: how a mask seems to be worn, and nothing about whose face it is.

The network takes the head alone, a square of 2.6 faces, and gives two outputs: how likely each of five answers is, and
where in the square the face really lies and how large it is. So it looks twice: where the face is expected, and then
where the first look says that it is. How it was made is told in docs/decisions/0043-own-mask-judge.md.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from passerby.core.masks import OPERATING, Limits, Look
from passerby.errors import ModelError
from passerby.gate.messages import ModelPlan
from passerby.pixels.inference import Network
from passerby.pixels.squares import Box, Fitting, Floats, Square

FAMILY = "passerby-mask"
_SIZE_PX = 96
_SHAPES = [(1, 5), (1, 3)]
_MASKED, _WRONG, _UNMASKED, _NO_FACE = range(4)
"""The first of the five answers; the last is "too poor to tell"."""
_READABLE = slice(_MASKED, _UNMASKED + 1)

_SEES = 2.6
"""Side of a crop, in faces."""
_FARTHEST, _MOST_LOG_SIZE = 0.7, 0.5
"""So far the second look may move, in expected faces, and so far its size may differ, as a natural logarithm."""
_LIKELY = 0.5
_LEAST = 1e-6


class HeadJudge:
    """Looks at heads with one model of the family "passerby-mask".

    Args:
        plan: the model, 96x96. `plan.threshold` is not asked for: what is too poor has a class of its own.
        threads: CPU threads.

    Raises:
        ModelError: the file cannot be used, or is of another family or size.
    """

    def __init__(self, plan: ModelPlan, threads: int = 1) -> None:
        if plan.family != FAMILY or (plan.width_px, plan.height_px) != (_SIZE_PX, _SIZE_PX):
            raise ModelError(
                f"{plan.file}: this judge of masks needs a model of the family {FAMILY} at {_SIZE_PX}x{_SIZE_PX}, not "
                f"{plan.family} at {plan.width_px}x{plan.height_px}. Check the model of `masks`."
            )
        self._network = Network(Path(plan.file), (_SIZE_PX, _SIZE_PX), (0, 0, 0), (255, 255, 255), threads)
        self._fitting = Fitting(_SIZE_PX)
        # The first inference allocates and starts threads, which must happen before the room is locked.
        blank = np.zeros((8, 8, 3), np.uint8)
        self._network.picture[0] = self._fitting.fit(blank)
        shapes = [tuple(output.shape) for output in self._network.infer_all()]
        if shapes != _SHAPES:
            raise ModelError(
                f"{plan.file}: its outputs have the shapes {shapes}, but five answers and a place have {_SHAPES}. "
                "Check the model of `masks`."
            )

    @property
    def limits(self) -> Limits:
        """From when on its looks count."""
        return OPERATING[FAMILY].limits

    def judge_head(self, picture: NDArray[np.uint8], box_px: Box) -> Look | None:
        """Looks at one head: at the place where its face is expected, then at the place where it was seen.

        Args:
            picture: uint8 (h, w, 3), red green blue, native size.
            box_px: where the face is expected, x1 y1 x2 y2 in pixels of the picture.

        Returns:
            what was seen, or None where most likely no face is: the back of a head, or no head.

        Raises:
            ValueError: the box has no area.
        """
        expected = Square.of(box_px)
        if not expected.touches(picture):
            return None
        first, (right, down, log_size) = self._see(picture, expected)
        right, down = np.clip((right, down), -_FARTHEST, _FARTHEST) * expected.side
        larger = float(np.exp(np.clip(log_size, -_MOST_LOG_SIZE, _MOST_LOG_SIZE)))
        seen = Square(expected.x + float(right), expected.y + float(down), expected.side * larger)
        second, _ = self._see(picture, seen)
        shares = np.exp((np.log(first) + np.log(second)) / 2)
        shares /= shares.sum()
        if shares[_NO_FACE] > _LIKELY:
            return None
        readable = float(shares[_READABLE].sum())
        return Look(
            p_masked=float(shares[_MASKED]) / readable,
            score=min(1.0, readable),
            face_px=seen.side,
            p_wrong=float(shares[_WRONG]) / readable,
        )

    def _see(self, picture: NDArray[np.uint8], face: Square) -> tuple[Floats, Floats]:
        """Shares of the five answers, none of them 0, and the face's place and size; float64 (5,) and (3,)."""
        self._network.picture[0] = self._fitting.fit(face.times(_SEES).cut(picture))
        shares, place = (output[0].astype(np.float64) for output in self._network.infer_all())
        return np.maximum(shares, _LEAST), place
