"""Compares detectors of persons by what counting needs, on clips with known truth, and prints tables.

    python -m benchmarks.persons                                   # every detector of the catalogue that is here
    python -m benchmarks.persons --model FILE:FAMILY:WIDTHxHEIGHT  # and one more

`vtest_part_a`: all 400 frames against their boxes, IoU 0.4. Its truth leaves out the path behind y = 145, and whoever
just comes in at the side: finds there that are nobody's say nothing. Half the size and half the light as well.
`one-by-one`: ten looks a second; whoever is there is found when any box is; a box while nobody is there is false.
Milliseconds are of the detectors' looks at noise, in turn, on one thread.
"""

import argparse
import json
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from benchmarks.detectors import catalogue_plans, given_plan
from benchmarks.persons.matching import Finds
from passerby.gate.messages import ModelPlan
from passerby.pixels.people import PersonDetector

SHARED = Path(__file__).resolve().parents[3] / "shared"
DATA = SHARED / "data"
NOT_ANNOTATED_PX, BORDER_PX = 145, 12
LEAST = 0.01
_Picture = NDArray[np.uint8]


def _half(picture: _Picture) -> _Picture:
    return scaled(picture, (picture.shape[1] // 2, picture.shape[0] // 2))


def scaled(picture: _Picture, size_px: tuple[int, int]) -> _Picture:
    """A picture of another width and height, as the feed makes them."""
    frame = av.VideoFrame.from_ndarray(picture, format="bgr24")
    return np.asarray(frame.reformat(*size_px, "bgr24", interpolation="AREA").to_ndarray(), np.uint8)


CHANGES: dict[str, Callable[[_Picture], _Picture]] = {
    "as recorded": lambda picture: picture,
    "half the size": _half,
    "half the light": lambda picture: (picture // 2).astype(np.uint8),
}


def frames(clip: Path) -> Iterator[tuple[int, _Picture]]:
    """Each frame of a clip, blue green red."""
    with av.open(str(clip)) as container:
        for number, frame in enumerate(container.decode(video=0)):
            yield number, np.asarray(frame.to_ndarray(format="bgr24"), np.uint8)


def look(detector: PersonDetector, picture: _Picture) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Boxes in pixels of the picture and scores, best first."""
    scale = min(detector.size_px[0] / picture.shape[1], detector.size_px[1] / picture.shape[0])
    size = round(picture.shape[1] * scale), round(picture.shape[0] * scale)
    small = scaled(picture, size)
    found = detector.detect(small, 0.0)
    return found.boxes_px.astype(np.float64) / scale, found.scores.astype(np.float64)


def truth_of(file: Path) -> dict[int, NDArray[np.float64]]:
    """Boxes and track (n, 5) by frame number from 0, from a MOTChallenge file."""
    rows = np.loadtxt(file, delimiter=",")
    boxes = np.column_stack([rows[:, 2:4], rows[:, 2:4] + rows[:, 4:6], rows[:, 1]])
    return {int(frame) - 1: boxes[rows[:, 0] == frame] for frame in np.unique(rows[:, 0])}


def vtest(detectors: dict[str, PersonDetector], change: Callable[[_Picture], _Picture]) -> dict[str, Finds]:
    """What each finds on the street, in turn on each frame."""
    truth = truth_of(DATA / "tracks" / "vtest_part_a" / "gt.txt")
    finds = {name: Finds() for name in detectors}
    for number, picture in frames(DATA / "video" / "vtest_part_a.mp4"):
        changed = change(picture)
        scale = picture.shape[1] / changed.shape[1]
        for name, detector in detectors.items():
            boxes, scores = look(detector, changed)
            finds[name].take((boxes * scale, scores), truth.get(number, np.zeros((0, 5))), number, left_out)
    return finds


def left_out(box: NDArray[np.float64]) -> bool:
    """Whether the street's truth would leave out somebody there."""
    return bool(box[3] < NOT_ANNOTATED_PX or box[0] < BORDER_PX or box[2] > 768 - BORDER_PX)


def one_by_one(detectors: dict[str, PersonDetector]) -> dict[str, Finds]:
    """Who is found of those that come one by one; only whether anybody is, since there are no boxes."""
    clip = "one-by-one-person-detection.mp4"
    spans = json.loads((DATA / "ground_truth.json").read_text())["video"][clip]["occupancy"]["present_intervals_s"]
    finds = {name: Finds() for name in detectors}
    for number, picture in frames(DATA / "video" / clip):
        time_s = number / 10
        surely = any(start + 0.5 <= time_s <= end - 0.5 for start, end in spans)
        if not surely and any(start - 0.5 <= time_s <= end + 1.0 for start, end in spans):
            continue
        for name, detector in detectors.items():
            _, scores = look(detector, picture)
            finds[name].people += surely
            if len(scores):
                finds[name].scores.append(float(scores.max()))
                finds[name].right.append(surely)
    return finds


def milliseconds(detectors: dict[str, PersonDetector], looks: int) -> dict[str, tuple[float, float]]:
    """Median and least time of a look, all in turn."""
    times: dict[str, list[float]] = {name: [] for name in detectors}
    chance = np.random.default_rng(0)
    for _ in range(looks):
        for name, detector in detectors.items():
            picture = chance.integers(0, 255, (detector.size_px[1], detector.size_px[0], 3), np.uint8)
            for _again in range(3):
                start_s = time.perf_counter()
                detector.detect(picture, 0.0)
                times[name].append((time.perf_counter() - start_s) * 1000)
    return {name: (float(np.median(mine)), min(mine)) for name, mine in times.items()}


def show(title: str, finds: dict[str, Finds]) -> None:
    """Prints one table."""
    columns = ("detector", "recall at precision .99", "its score", "recall at .95", "AP", "foot jumps: median, 90 %")
    table = Table(*columns, title=title)
    for name, found in finds.items():
        (strict, score), (loose, _) = found.recall_at(0.99), found.recall_at(0.95)
        jumps = ", ".join(f"{jump:.3f}" for jump in found.jitter())
        table.add_row(name, f"{strict:.3f}", f"{score:.2f}", f"{loose:.3f}", f"{found.average_precision():.3f}", jumps)
    Console(width=120).print(table)


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", action="append", default=[], metavar="FILE:FAMILY:WIDTHxHEIGHT", help="one more")
    parser.add_argument("--looks", type=int, default=60, help="for the time")
    given = parser.parse_args()
    os.environ.setdefault("PASSERBY_MODELS", str(SHARED / "models"))
    plans: dict[str, ModelPlan] = {**catalogue_plans(), **{Path(text).name: given_plan(text) for text in given.model}}
    detectors = {}
    for name, plan in plans.items():
        least = ModelPlan(plan.file, plan.family, plan.width_px, plan.height_px, LEAST)
        detectors[f"{name} {plan.width_px}x{plan.height_px}"] = PersonDetector(least)
    table = Table("detector", "ms, median", "ms, least", title="one look, random pictures, one thread")
    for name, (median, least_ms) in milliseconds(detectors, given.looks).items():
        table.add_row(name, f"{median:.2f}", f"{least_ms:.2f}")
    Console(width=120).print(table)
    if not DATA.is_dir():
        raise SystemExit(f"{DATA} is absent: nothing else to measure.")
    for title, change in CHANGES.items():
        show(f"vtest_part_a, {title}", vtest(detectors, change))
    show("one-by-one, anybody at all", one_by_one(detectors))


if __name__ == "__main__":
    main()
