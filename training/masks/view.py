"""What the network is shown of a spoilt head: not quite at the right place, nor of the right size."""

import math
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from numpy.random import Generator
from numpy.typing import NDArray
from torch import Tensor

from masks.heads import NONE, POOR
from masks.network import SEES_FACES, SIDE_PX
from masks.pool import Spoilt

ASTRAY_FACES, UNLIKE = 0.3, 0.22
"""How far off a head's expected place and the logarithm of its size are: standard deviations, as in the pixel room."""
NOWHERE = 0.05
"""So many views show no head: a detector's mistake."""
_TURNED, _TURN_DEG = 0.5, 9.0


@dataclass(frozen=True, slots=True)
class Example:
    """What the network sees and what it should say.

    Attributes:
        picture: uint8 (96, 96, 3), red green blue.
        answer: index into `masks.heads.CLASSES`.
        place: how far the face's middle lies from the picture's, right and down, and the logarithm of its size to the
            expected one; in expected faces.
        has_place: whether the place is to be learnt.
    """

    picture: NDArray[np.uint8]
    answer: int
    place: tuple[float, float, float]
    has_place: bool


@dataclass(frozen=True, slots=True)
class Batch:
    """Examples for torch: float (n, 3, 96, 96) 0..1, and of each its answer, place (n, 3) and whether it has one."""

    pictures: Tensor
    answers: Tensor
    places: Tensor
    has_place: Tensor


def view(spoilt: Spoilt, chance: Generator) -> Example:
    """A head as the pixel room would cut it out."""
    if chance.random() < NOWHERE:
        return _nowhere(spoilt, chance)
    expected = spoilt.face_px * math.exp(float(np.clip(chance.normal(0, UNLIKE), -0.5, 0.4)))
    astray = np.clip(chance.normal(0, 1, 2) * ASTRAY_FACES * expected, -0.6 * expected, 0.6 * expected)
    half = len(spoilt.pixels) / 2
    times = SIDE_PX / (SEES_FACES * expected)
    x, y = SIDE_PX / 2 - times * (half + astray)
    move = np.array([[times, 0, x], [0, times, y]], np.float32)
    flip = chance.random() < 0.5
    if chance.random() < _TURNED:
        turn = cv2.getRotationMatrix2D((SIDE_PX / 2, SIDE_PX / 2), chance.normal(0, _TURN_DEG), 1.0)
        move = (turn @ np.vstack([move, [0, 0, 1]])).astype(np.float32)
    picture = _warped(spoilt.pixels, move, times)
    x, y = (move @ np.array([half, half, 1])) / SIDE_PX - 0.5
    if flip:
        picture, x = picture[:, ::-1], -x
    place = (float(x) * SEES_FACES, float(y) * SEES_FACES, math.log(spoilt.face_px / expected))
    return Example(picture, spoilt.answer, place, spoilt.answer != POOR)


def _warped(pixels: NDArray[np.uint8], move: NDArray[np.float32], times: float) -> NDArray[np.uint8]:
    soft = cv2.GaussianBlur(pixels, (0, 0), 0.4 / times) if times < 0.7 else pixels
    return np.asarray(
        cv2.warpAffine(soft, move, (SIDE_PX, SIDE_PX), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE), np.uint8
    )


def _nowhere(spoilt: Spoilt, chance: Generator) -> Example:
    """A corner of a crop, in which there is no face."""
    side = round(spoilt.face_px * chance.uniform(0.9, 1.3))
    far = len(spoilt.pixels) - side
    y, x = (int(chance.choice([0, far])) for _ in range(2))
    corner = spoilt.pixels[y : y + side, x : x + side]
    picture = np.asarray(cv2.resize(corner, (SIDE_PX, SIDE_PX), interpolation=cv2.INTER_CUBIC), np.uint8)
    return Example(picture, NONE, (0.0, 0.0, 0.0), False)


def collated(found: list[Example]) -> Batch:
    """Examples as one batch."""
    pictures = torch.from_numpy(np.stack([one.picture for one in found])).permute(0, 3, 1, 2).float() / 255
    return Batch(
        pictures.contiguous(memory_format=torch.channels_last),
        torch.tensor([one.answer for one in found]),
        torch.tensor([one.place for one in found], dtype=torch.float32),
        torch.tensor([one.has_place for one in found]),
    )
