"""Labelled pictures become crops: squares of four faces around each face, at most 160 pixels wide."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]

SIDE_FACES = 4.0
"""A crop's side in faces: wider than what the network sees, so that it can be moved about in training."""
MOST_PX = 160
CLASSES = ("with", "wrong", "without", "none", "poor")
"""What the network answers; "none" is a back of a head, a face of which too little shows, or no head at all."""
_OF_LABEL = {
    "with": 0,
    "with_synthetic": 0,
    "wrong": 1,
    "without": 2,
    "back": 3,
    "other": 3,
}


@dataclass(frozen=True, slots=True)
class Crop:
    """One head.

    Attributes:
        pixels: uint8 (n, n, 3), red green blue.
        face_px: height of the face in the crop, or the one that it would have.
        answer: index into `CLASSES`.
        source: which set it is from.
        picture: number of its picture in the set; crops of one picture are never both learnt from and checked with.
        has_box: whether the face's place is known well enough to be learnt.
    """

    pixels: Pixels
    face_px: float
    answer: int
    source: str
    picture: str
    has_box: bool


def crops(folder: Path, least_px: float = 12.0) -> Iterator[Crop]:
    """The crops of one set: a folder with pictures and `labels.csv`.

    Args:
        folder: with columns file, x1, y1, x2, y2, label; a box is a face from brow to chin.
        least_px: faces smaller than that are left out.
    """
    rows: dict[str, list[dict[str, str]]] = {}
    with (folder / "labels.csv").open() as lines:
        for row in csv.DictReader(lines):
            rows.setdefault(row["file"], []).append(row)
    for file, faces in sorted(rows.items()):
        picture = cv2.imread(str(folder / file))
        if picture is None:
            continue
        for row in faces:
            answer = _OF_LABEL.get(row["label"])
            box = [float(row[side]) for side in ("x1", "y1", "x2", "y2")]
            size = max(box[2] - box[0], box[3] - box[1])
            if answer is None or size < least_px or not _fits(box, picture):
                continue
            pixels = cut(picture[:, :, ::-1], ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2), size * SIDE_FACES)
            times = min(1.0, MOST_PX / len(pixels))
            if times < 1:
                pixels = cv2.resize(pixels, (MOST_PX, MOST_PX), interpolation=cv2.INTER_AREA)
            yield Crop(pixels, size * times, answer, folder.name, f"{folder.name}/{file}", answer != 3)


def cut(rgb: Pixels, centre: tuple[float, float], side: float) -> Pixels:
    """A square of a picture; what lies outside repeats its edge."""
    steps = np.arange(max(2, round(side)))
    rows = np.clip(steps + round(centre[1] - side / 2), 0, rgb.shape[0] - 1)
    columns = np.clip(steps + round(centre[0] - side / 2), 0, rgb.shape[1] - 1)
    return np.ascontiguousarray(rgb[rows[:, None], columns])


def _fits(box: list[float], picture: Pixels) -> bool:
    """Whether enough surroundings are there: a face that fills its picture is not what a camera sees."""
    height, width = picture.shape[:2]
    return max(box[2] - box[0], box[3] - box[1]) < 0.6 * max(width, height)
