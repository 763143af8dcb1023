"""Puts sprites, and gathered photographs, into the archives that are learnt from."""

import json
import random
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2

HELD_OUT, SPLIT_SEED = 60, 1
_NEEDED = ("e_deg", "px_per_m", "foot_xy", "box")
_Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Packed:
    """A file's name and content, and what is known of it."""

    row: _Row
    content: bytes


def write(file: Path, packed: Iterable[Packed]) -> None:
    """Writes one uncompressed archive, the same bytes for the same content."""
    every = list(packed)
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(zipfile.ZipInfo("index.json"), json.dumps([one.row for one in every]))
        for one in every:
            archive.writestr(zipfile.ZipInfo(one.row["file"]), one.content)


def sprites(folder: Path) -> list[Packed]:
    """All sprites that `persons.render` wrote into a folder."""
    found = []
    for line in (folder / "sprites.jsonl").read_text().splitlines():
        row = json.loads(line)
        content = (folder / "sprites" / row["file"]).read_bytes()
        picture = cv2.imread(str(folder / "sprites" / row["file"]), cv2.IMREAD_UNCHANGED)
        assert picture is not None
        known = {"file": row["file"], "w": picture.shape[1], "h": picture.shape[0]}
        found.append(Packed(known | {name: row[name] for name in _NEEDED}, content))
    return found


def photographs(folder: Path, longest_px: int, quality: int) -> list[Packed]:
    """Photographs of a folder with an index.jsonl, made smaller where they are larger, with their boxes.

    Args:
        folder: each line of its index names a `file` and its `boxes`: x1, y1, x2, y2 and whether it is a crowd; an
            empty list where nobody is there, null where nobody has looked.
        longest_px: of a picture's longer side.
        quality: of JPEG.
    """
    found = []
    for line in (folder / "index.jsonl").read_text().splitlines():
        row = json.loads(line)
        picture = cv2.imread(str(folder / row["file"]))
        assert picture is not None
        share = min(1.0, longest_px / max(picture.shape[:2]))
        if share < 1:
            size = (round(picture.shape[1] * share), round(picture.shape[0] * share))
            picture = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
        boxes = row["boxes"] and [[*(side * share for side in box[:4]), box[4]] for box in row["boxes"]]
        known = {"file": f"{folder.name}_{row['file']}", "w": picture.shape[1], "h": picture.shape[0], "boxes": boxes}
        encoded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
        found.append(Packed(known, encoded.tobytes()))
    return found


def all_photographs(gathered: Path, out: Path) -> None:
    """Writes held.zip, photos.zip and rooms.zip of the four gathered folders; rooms are also photographs of nobody."""
    coco = photographs(gathered / "coco_cc", 480, 78)
    random.Random(SPLIT_SEED).shuffle(coco)  # noqa: S311  # no secret
    held, learnt = coco[:HELD_OUT], coco[HELD_OUT:] + photographs(gathered / "intel_videos", 420, 78)
    rooms = photographs(gathered / "hdri_crops", 448, 72) + photographs(gathered / "floors", 320, 72)
    write(out / "held.zip", held)
    write(out / "photos.zip", learnt)
    write(out / "rooms.zip", rooms + [one for one in learnt if one.row["boxes"] == []])
