"""Pictures and sprites on the device, as bytes, each once."""

import json
import zipfile
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

SPRITE_PX = 256
PICTURE_PX = (640, 640)
MOST_BOXES = 24
_Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Sprites:
    """People without a background.

    Attributes:
        atlas: uint8 (n, 4, 256, 384), blue green red and coverage, smaller and smaller beside each other.
        size: float (n, 2), width and height of the largest.
        foot: float (n, 2), where the sprite stands, in its own pixels.
        box: float (n, 4), the person without what is carried.
        elevation: float (n,), degrees from which it is seen, rising with n.
        px_per_m: float (n,).
    """

    atlas: Tensor
    size: Tensor
    foot: Tensor
    box: Tensor
    elevation: Tensor
    px_per_m: Tensor


@dataclass(frozen=True, slots=True)
class Pictures:
    """Photographs.

    Attributes:
        pixels: uint8 (n, 3, 640, 640), each in the upper left corner.
        size: float (n, 2), width and height.
        boxes: float (n, 24, 4), people in it.
        known: bool (n, 24), which of them are boxes; `crowd`, bool (n, 24), which are of crowds.
        labelled: bool (n,), whether the boxes are all people that are in it.
    """

    pixels: Tensor
    size: Tensor
    boxes: Tensor
    known: Tensor
    crowd: Tensor
    labelled: Tensor


def _opened(file: Path) -> tuple[list[_Row], list[bytes]]:
    with zipfile.ZipFile(file) as archive:
        rows: list[_Row] = json.loads(archive.read("index.json"))
        return rows, [archive.read(row["file"]) for row in rows]


def _atlas(content: bytes) -> NDArray[np.uint8]:
    found = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED)
    assert found is not None
    assert found.shape[2] == 4
    assert max(found.shape[:2]) <= SPRITE_PX
    whole = np.zeros((SPRITE_PX, SPRITE_PX * 3 // 2, 4), np.float32)
    level = np.zeros((SPRITE_PX, SPRITE_PX, 4), np.float32)
    level[: found.shape[0], : found.shape[1]] = found
    level[..., :3] *= level[..., 3:] / 255  # coverage is in the colour, so that it can be averaged
    whole[:, :SPRITE_PX] = level
    top = 0
    for _ in range(4):
        level = level.reshape(len(level) // 2, 2, -1, 2, 4).mean(axis=(1, 3))
        whole[top : top + len(level), SPRITE_PX : SPRITE_PX + len(level)] = level
        top += len(level)
    return np.ascontiguousarray(whole.round().astype(np.uint8).transpose(2, 0, 1))


def _picture(content: bytes) -> NDArray[np.uint8]:
    found = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
    assert found is not None
    whole = np.full((3, PICTURE_PX[1], PICTURE_PX[0]), 114, np.uint8)
    whole[:, : found.shape[0], : found.shape[1]] = found.transpose(2, 0, 1)
    return whole


def sprites(file: Path, device: str, processes: int) -> Sprites:
    """Reads sprites, sorted by the elevation from which they are seen."""
    rows, contents = _opened(file)
    order = sorted(range(len(rows)), key=lambda number: float(rows[number]["e_deg"]))
    rows, contents = [rows[number] for number in order], [contents[number] for number in order]
    with ProcessPoolExecutor(processes) as pool:
        atlas = np.stack(list(pool.map(_atlas, contents, chunksize=32)))
    column = {name: _floats((row[name] for row in rows), device) for name in ("foot_xy", "box", "e_deg", "px_per_m")}
    size = _floats(((row["w"], row["h"]) for row in rows), device)
    return Sprites(
        torch.from_numpy(atlas).to(device), size, column["foot_xy"], column["box"], column["e_deg"], column["px_per_m"]
    )


def pictures(file: Path, device: str, processes: int) -> Pictures:
    """Reads photographs; those whose boxes are not known are not `labelled`."""
    rows, contents = _opened(file)
    with ProcessPoolExecutor(processes) as pool:
        pixels = np.stack(list(pool.map(_picture, contents, chunksize=32)))
    boxes = np.zeros((len(rows), MOST_BOXES, 5), np.float32)
    known = np.zeros((len(rows), MOST_BOXES), bool)
    for number, row in enumerate(rows):
        largest = sorted(row["boxes"] or [], key=lambda box: -(box[2] - box[0]) * (box[3] - box[1]))[:MOST_BOXES]
        if largest:
            boxes[number, : len(largest)] = largest
            known[number, : len(largest)] = True
    crowd = boxes[..., 4] > 0
    labelled = np.array([row["boxes"] is not None and len(row["boxes"]) <= MOST_BOXES for row in rows])
    parts = [torch.from_numpy(part).to(device) for part in (pixels, boxes[..., :4], known, crowd, labelled)]
    return Pictures(parts[0], _floats(((row["w"], row["h"]) for row in rows), device), *parts[1:])


def _floats(values: Iterable[Any], device: str) -> Tensor:
    return torch.tensor(list(values), dtype=torch.float32, device=device)
