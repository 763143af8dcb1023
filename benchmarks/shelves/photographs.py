"""Photographs of real shelves (SKU-110K) with labelled gaps: what they can show, and no more.

Nobody photographed the same shelf twice, so that nothing is taught here as it is in a shop. Of each labelled gap its
neighbours to the left and right, as large as itself and free of gaps, stand for the same facing when it is stocked:
the left one is taught as full, the gap as empty, and both the gap and the right one, which mostly is another product,
are judged in a copy of the photograph that is disturbed. A second question is asked
of gaps that are judged by the empty reference of another gap of the photograph.

It shows whether contrasts of real products and real empty boards differ enough and outlast the disturbance. It cannot
show the light of a real day, the look of a facing when its neighbours are taken, or whoever passes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from passerby.core.shares import wilson
from passerby.core.shelves import ShelfRules
from passerby.pixels.shelf_features import COLUMNS, ROWS, Cells, Facings
from passerby.pixels.shelf_judge import Judge
from tests.support.shelf_disturbances import Disturbances, coded, exposed, lit, shifted

Boxes, Bools = NDArray[np.float64], NDArray[np.bool_]
_LEAST_PX = 24.0
_MOST_PX = 1920


@dataclass(frozen=True)
class Photograph:
    """A photograph, and its gaps with a neighbour on each side: boxes x1, y1, x2, y2 in fractions, each (n, 4)."""

    rgb: NDArray[np.uint8]
    gaps: Boxes
    left: Boxes
    right: Boxes


def table(folder: Path, most: int | None = None) -> None:
    """Prints how often gaps and stocked facings are told right."""
    if not folder.is_dir():
        print(f"\n{folder} is absent: no photographs to measure")
        return
    found = list(photographs(folder, most))
    sides = np.concatenate([(one.gaps[:, 2:] - one.gaps[:, :2]) * one.rgb.shape[1::-1] for one in found]).min(axis=1)
    print(
        f"\n{len(found)} photographs, gaps of {sides.min():.0f} to {sides.max():.0f} px, median {np.median(sides):.0f}"
    )
    print("\n| photographs, judged in | gap told empty | stocked told empty | gap told empty by another gap |")
    print("|---|---|---|---|")
    for title, on in SHOWN.items():
        told = [_of_one(photograph, number, on) for number, photograph in enumerate(found)]
        cells = []
        for answers in zip(*told, strict=True):
            empty = np.concatenate(answers)
            low, high = wilson(int(empty.sum()), len(empty))
            cells.append(f"{empty.mean():.3f} ({low:.3f}..{high:.3f}; n {len(empty)})")
        print(f"| {title} | {' | '.join(cells)} |", flush=True)


SHOWN = {
    "the same picture": Disturbances(),
    "another light": Disturbances(light=True),
    "another light, and noise": Disturbances(light=True, noise=True),
    "shifted by up to 3 px of 1920": Disturbances(shift=True),
    "JPEG or H.264": Disturbances(codec=True),
    "all of it": Disturbances(light=True, noise=True, shift=True, codec=True),
}


def _of_one(photograph: Photograph, seed: int, on: Disturbances) -> tuple[Bools, Bools, Bools]:
    """Whether gaps, stocked facings, and gaps by another gap are told empty."""
    places = photograph.gaps, photograph.left, photograph.right
    empty, full, _ = (_cells(_frame(photograph.rgb), boxes) for boxes in places)
    now = disturbed(photograph.rgb, seed, on)
    gap, _, stocked = (_cells(now, boxes) for boxes in places)
    judge, other = Judge(full, empty), Judge(full, np.roll(empty, 1, axis=0))
    alone = len(photograph.gaps) == 1
    return _told(judge, gap), _told(judge, stocked), _told(other, gap)[:0] if alone else _told(other, gap)


def photographs(folder: Path, most: int | None = None) -> Iterator[Photograph]:
    """The photographs that have gaps with free neighbours."""
    for label in sorted((folder / "labels").glob("*.txt"))[:most]:
        with av.open(str(folder / "images" / f"{label.stem}.jpg")) as opened:
            frame = next(opened.decode(video=0))
        scale = min(1.0, _MOST_PX / max(frame.width, frame.height))
        size = round(frame.width * scale) // 2 * 2, round(frame.height * scale) // 2 * 2
        rgb = frame.reformat(*size, "rgb24", interpolation="AREA").to_ndarray()
        rows = np.loadtxt(label, ndmin=2)[:, 1:]
        boxes = np.concatenate([rows[:, :2] - rows[:, 2:] / 2, rows[:, :2] + rows[:, 2:] / 2], axis=1)
        found = [sides for box in boxes if (sides := _neighbours(box, boxes, size)) is not None]
        if found:
            gaps, left, right = (np.array(part) for part in zip(*found, strict=True))
            yield Photograph(rgb, gaps, left, right)


def _neighbours(gap: Boxes, gaps: Boxes, size_px: tuple[int, int]) -> tuple[Boxes, Boxes, Boxes] | None:
    if ((gap[2:] - gap[:2]) * size_px < _LEAST_PX).any():
        return None
    sides = [gap + [step, 0, step, 0] for step in (-1.1 * (gap[2] - gap[0]), 1.1 * (gap[2] - gap[0]))]
    for side in sides:
        meets = (np.minimum(side[2:], gaps[:, 2:]) > np.maximum(side[:2], gaps[:, :2])).all(axis=1)
        if meets.any() or side[0] < 0 or side[2] > 1:
            return None
    return gap, sides[0], sides[1]


def disturbed(rgb: NDArray[np.uint8], seed: int, on: Disturbances) -> VideoFrame:
    """The photograph at another hour of the day."""
    rng = np.random.default_rng([seed, 21])
    linear = ((rgb / np.float32(255)) ** np.float32(2.2)).astype(np.float32)
    linear = lit(linear, rng.uniform(0, 1), seed) if on.light else linear
    linear = shifted(linear, tuple(rng.uniform(-3, 3, 2) * rgb.shape[1] / 1920)) if on.shift else linear
    return coded(exposed(linear, rng, 3.0 if on.noise else 0.0), ("jpeg", "h264")[seed % 2] if on.codec else "")


def _cells(frame: VideoFrame, boxes: Boxes) -> Cells:
    x1, y1, x2, y2 = boxes.T
    polygons = np.stack([np.stack(corner, axis=1) for corner in ((x1, y1), (x2, y1), (x2, y2), (x1, y2))], axis=1)
    return Facings(polygons, (frame.width, frame.height)).cells(frame)


def _frame(rgb: NDArray[np.uint8]) -> VideoFrame:
    return VideoFrame.from_ndarray(rgb, format="rgb24").reformat(format="yuv420p", threads=1)


def _told(judge: Judge, cells: Cells) -> Bools:
    found = judge.look(cells, np.zeros((len(cells), ROWS, COLUMNS)))
    return np.asarray(found.fill <= ShelfRules().empty_fill)
