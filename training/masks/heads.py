"""Rendered heads as they are learnt from: squares of 160 pixels, the face in the middle and a quarter of the side."""

import csv
import zlib
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]

CLASSES = ("with", "wrong", "without", "none", "poor")
"""What the network answers; "none" is a back of a head, a face of which too little shows, or no head at all."""
NONE, POOR = CLASSES.index("none"), CLASSES.index("poor")
FACE_PX = 40.0
"""Height of every rendered face."""
_OF_LABEL = {"with": 0, "wrong": 1, "without": 2, "back": NONE, "covered": POOR}
_MOST_YAW_DEG = 100.0
"""Turned further and yet no back of a head: an ear and a strip of cheek, of which nobody could tell."""
_HELD_OUT = 12
"""One head of so many is never learnt from."""


@dataclass(frozen=True, slots=True)
class Crop:
    """One head.

    Attributes:
        pixels: uint8 (n, n, 3), red green blue.
        face_px: height of the face in the crop, or the one that it would have.
        answer: index into `CLASSES`.
        name: of its file.
        yaw_deg: the head's turn against the camera.
        pitch_deg: from how far above the camera sees it.
        extra: what is worn or held besides a mask; see the README of `render`.
    """

    pixels: Pixels
    face_px: float
    answer: int
    name: str
    yaw_deg: float
    pitch_deg: float
    extra: frozenset[str]

    @property
    def held_out(self) -> bool:
        """Whether it is kept from learning, to calibrate and to check."""
        return zlib.crc32(f"s{self.name}".encode()) % _HELD_OUT == 0


def load(folder: Path) -> list[Crop]:
    """The heads of a folder that `render.make` filled, in the order of its labels.csv.

    Raises:
        OSError: a picture of the list is missing.
    """
    with (folder / "labels.csv").open() as lines:
        rows = list(csv.DictReader(lines))
    return [crop for crop in (_crop(folder, row) for row in rows) if crop is not None]


def _crop(folder: Path, row: dict[str, str]) -> Crop | None:
    answer, yaw_deg = _OF_LABEL[row["label"]], float(row["yaw_deg"])
    if answer != NONE and abs(yaw_deg) > _MOST_YAW_DEG:
        return None
    picture = cv2.imread(str(folder / row["file"]))
    if picture is None:
        raise OSError(f"{folder / row['file']} cannot be read as a picture")
    pixels: Pixels = np.ascontiguousarray(picture[:, :, ::-1], np.uint8)
    extra = frozenset(row["extra"].split("+")) - {""}
    return Crop(pixels, FACE_PX, answer, row["file"], yaw_deg, float(row["pitch_deg"]), extra)
