"""Spoilt copies of crops, made ahead, since H.264 costs more than learning does."""

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context

import cv2
import numpy as np
from numpy.random import Generator

from masks.heads import POOR, Crop, Pixels
from masks.spoil import POOR_PX, blurred, compressed, lit, moved, smaller

_BUCKET = 8
_TOGETHER = 48
_CROWDED = 0.3
"""So many heads have a neighbour."""


@dataclass(frozen=True, slots=True)
class Spoilt:
    """A crop as a camera might have seen it.

    Attributes:
        pixels: uint8 (n, n, 3), in the camera's own pixels.
        answer: index into `masks.heads.CLASSES`.
        crop: number of the crop that it was made from.
        face_px: height of the face.
        blur: standard deviation of all blur, in faces.
    """

    pixels: Pixels
    answer: int
    crop: int
    face_px: float
    blur: float


_shared: list[Crop] = []
"""What a process of `pool` spoils: it is forked, so that the crops need not be sent."""


def pool(crops: list[Crop], seeds: range, processes: int) -> Iterator[list[Spoilt]]:
    """One list of spoilt copies of all crops for each seed, in the order of the seeds.

    Args:
        crops: what is spoilt.
        seeds: one for each copy.
        processes: at work at once.
    """
    workers = ProcessPoolExecutor(processes, get_context("fork"), _begin, (crops,))
    with workers:
        yield from workers.map(_seeded, seeds)


def _begin(crops: list[Crop]) -> None:
    cv2.setNumThreads(1)
    _shared[:] = crops


def _seeded(seed: int) -> list[Spoilt]:
    return list(spoil_all(_shared, np.random.default_rng(seed)))


def spoil_all(crops: list[Crop], chance: Generator) -> Iterator[Spoilt]:
    """One spoilt copy of each crop."""
    waiting: dict[int, list[Spoilt]] = {}
    for number in chance.permutation(len(crops)):
        crop = crops[number]
        if chance.random() < _CROWDED:
            crop = _beside(crop, crops[int(chance.integers(len(crops)))], chance)
        one = _spoil(crop, int(number), chance)
        bucket = waiting.setdefault(len(one.pixels), [])
        bucket.append(one)
        if len(bucket) == _TOGETHER:
            yield from _encoded(waiting.pop(len(one.pixels)), chance)
    for bucket in waiting.values():
        yield from _encoded(bucket, chance)


def _spoil(crop: Crop, number: int, chance: Generator) -> Spoilt:
    wanted_px = min(crop.face_px, float(np.exp(chance.uniform(np.log(6), np.log(60)))))
    side = max(16, round(wanted_px / crop.face_px * len(crop.pixels) / _BUCKET) * _BUCKET)
    face_px = crop.face_px * side / len(crop.pixels)
    pixels = lit(crop.pixels, chance)
    focus = abs(chance.normal(0, 0.05)) if chance.random() < 0.6 else 0.0
    motion = abs(chance.normal(0, 0.12)) if chance.random() < 0.35 else 0.0
    pixels = moved(blurred(pixels, focus * crop.face_px), motion * crop.face_px, chance)
    pixels = smaller(pixels, side / len(pixels), chance)
    if chance.random() < 0.25 and len(pixels) >= 16:
        pixels = _sharpened(pixels, chance.uniform(0.3, 1.5))
    blur = float(np.hypot(focus, motion / 3.5))
    poor = face_px < POOR_PX or blur > 0.22
    return Spoilt(pixels, POOR if poor else crop.answer, number, face_px, blur)


def _sharpened(pixels: Pixels, amount: float) -> Pixels:
    """As cameras sharpen."""
    wide = pixels.astype(np.float32)
    return np.clip(wide + amount * (wide - blurred(pixels, 1.0)), 0, 255).astype(np.uint8)


def _encoded(bucket: list[Spoilt], chance: Generator) -> list[Spoilt]:
    """Most of what cameras send is compressed; some of it badly."""
    if chance.random() < 0.25:
        return bucket
    crf = int(np.clip(chance.normal(29, 6), 18, 44))
    pixels = compressed([one.pixels for one in bucket], crf, chance)
    return [
        Spoilt(after, one.answer, one.crop, one.face_px, one.blur) for one, after in zip(bucket, pixels, strict=True)
    ]


def _beside(crop: Crop, other: Crop, chance: Generator) -> Crop:
    """Somebody else to one side, before or behind, not nearer than a head's width."""
    side = len(crop.pixels)
    if len(other.pixels) != side:
        return crop
    shift = int(chance.uniform(1.0, 1.9) * crop.face_px) * (1 if chance.random() < 0.5 else -1)
    rise = int(chance.normal(0, 0.3) * crop.face_px)
    seam = side / 2 + shift * chance.uniform(0.5, 0.62)
    columns, rows = np.arange(side), np.clip(np.arange(side) - rise, 0, side - 1)
    theirs = columns >= seam if shift > 0 else columns < seam
    pixels = crop.pixels.copy()
    pixels[:, theirs] = other.pixels[rows[:, None], np.clip(columns - shift, 0, side - 1)[None, theirs]]
    return replace(crop, pixels=pixels)
