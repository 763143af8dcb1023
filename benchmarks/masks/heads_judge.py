"""Looks at a head with the network of `training/masks`, which passerby does not ship.

The network takes the head alone, a square of 2.6 faces, and gives two outputs: how likely each of five answers is, and
where in the square the face really lies and how large it is. So it looks twice: where the face is expected, and then
where the first look says that it is. Why it was left out is told in docs/decisions/0045-own-mask-judge-left-out.md.
"""

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.masks.faces import Pixels
from passerby.core.masks import Answer, Limits, Look, logit, vote
from passerby.errors import ModelError
from passerby.pixels.inference import Network
from passerby.pixels.squares import Box, Fitting, Floats, Square

SIZE_PX = 96
LIMITS = Limits(face_px=12.0, score=0.8, sharpness=0.0, clear=0.85)
"""From when on its looks count; decision 43 in docs/decisions tells how they were chosen."""

_SHAPES = [(1, 5), (1, 3)]
_MASKED, _WRONG, _UNMASKED, _NO_FACE = range(4)
"""The first of the five answers; the last is "too poor to tell"."""
_READABLE = slice(_MASKED, _UNMASKED + 1)

_SEES = 2.6
"""Side of a crop, in faces."""
_FARTHEST, _MOST_LOG_SIZE = 0.7, 0.5
"""So far the second look may move, in expected faces, and so far its size may differ, as a natural logarithm."""
_LIKELY = 0.5
_RATHER_WRONG = 0.6
"""So likely, against "unmasked", is "worn wrongly" where it is the answer."""
_LEAST, _LEAST_WRONG = 1e-6, 1e-3


@dataclass(frozen=True, slots=True)
class Head:
    """What was seen of one head.

    Attributes:
        look: masked against everything else that a face can be.
        p_wrong: how likely "worn wrongly" is of a face that can be read, 0..1; what is left of 1 is "unmasked".
    """

    look: Look
    p_wrong: float

    @property
    def answer(self) -> Answer:
        """First whether the mask is worn as it should be; whoever surely does not has it at the wrong place, or none.

        Were all three weighed at once, more bare faces than masked ones would be "cannot tell", and the share too high.
        """
        answer = vote([self.look], LIMITS)
        bare = max(1 - self.look.p_masked - self.p_wrong, _LEAST_WRONG)
        rather = math.log(max(self.p_wrong, _LEAST_WRONG) / bare) >= logit(_RATHER_WRONG, _LEAST_WRONG)
        return Answer.WORN_WRONGLY if answer is Answer.UNMASKED and rather else answer


class HeadsJudge:
    """Looks at heads with one network of the training.

    Args:
        file: the ONNX file that a run wrote.

    Raises:
        ModelError: the file cannot be used, or has other outputs.
    """

    def __init__(self, file: Path) -> None:
        self._network = Network(file, (SIZE_PX, SIZE_PX), (0, 0, 0), (255, 255, 255), 1)
        self._fitting = Fitting(SIZE_PX)
        shapes = [tuple(output.shape) for output in self._network.infer_all()]
        if shapes != _SHAPES:
            raise ModelError(f"{file}: its outputs have the shapes {shapes}, but five answers and a place {_SHAPES}.")

    def judge_head(self, picture: Pixels, box_px: Box) -> Head | None:
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
        look = Look(p_masked=float(shares[_MASKED]) / readable, score=min(1.0, readable), face_px=seen.side)
        return Head(look, float(shares[_WRONG]) / readable)

    def _see(self, picture: Pixels, face: Square) -> tuple[Floats, Floats]:
        """Shares of the five answers, none of them 0, and the face's place and size; float64 (5,) and (3,)."""
        self._network.picture[0] = self._fitting.fit(face.times(_SEES).cut(picture))
        shares, place = (output[0].astype(np.float64) for output in self._network.infer_all())
        return np.maximum(shares, _LEAST), place
