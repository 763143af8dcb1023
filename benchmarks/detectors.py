"""Compares the detectors of the catalogue on clips with known truth, and prints a table.

    python benchmarks/detectors.py            # every person detector of the catalogue that can be had
    python benchmarks/detectors.py --model ../shared/models/yolox_nano_person_320x192.onnx:yolox:320x192

Every twentieth frame of `vtest_part_a` is matched with its boxes at an intersection over union of 0.4, best score
first; in `one-by-one` a sampled frame with a person counts as found when any box is. Milliseconds are
the median over the frames of the fastest of five looks on one CPU thread, preparation and decoding of the output
included.
"""

import argparse
import time
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from passerby.core.observations import Detections
from passerby.errors import ModelError
from passerby.gate.messages import ModelPlan
from passerby.pixels.people import PersonDetector

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
MATCH_IOU = 0.4
# Seconds at which one person is in the picture, from the presence intervals of the clip's truth.
PRESENT_S = (10, 15, 25, 30, 35, 40, 55, 60, 65, 78, 83, 100, 110, 128)


def frames(clip: Path, numbers: set[int], size_px: tuple[int, int]) -> Iterator[tuple[int, NDArray[np.uint8], float]]:
    """Chosen frames of a clip, scaled to fit, each with its number and its scale."""
    with av.open(str(clip)) as container:
        for number, frame in enumerate(container.decode(video=0)):
            if number > max(numbers):
                return
            if number in numbers:
                scale = min(size_px[0] / frame.width, size_px[1] / frame.height)
                picture = frame.reformat(
                    round(frame.width * scale), round(frame.height * scale), "bgr24", interpolation="AREA"
                )
                yield number, np.asarray(picture.to_ndarray(), np.uint8), scale


def overlap(one: NDArray[np.float64], others: NDArray[np.float64]) -> NDArray[np.float64]:
    """Intersection over union of one box (4,) with others (n, 4)."""
    corner = np.minimum(one[2:], others[:, 2:]) - np.maximum(one[:2], others[:, :2])
    common = np.clip(corner, 0, None).prod(axis=1)
    areas = (others[:, 2:] - others[:, :2]).prod(axis=1) + (one[2:] - one[:2]).prod()
    return np.asarray(common / (areas - common))


def matches(found: NDArray[np.float64], truth: NDArray[np.float64]) -> int:
    """How many found boxes (n, 4), best first, match a true box (m, 4) that no better one has taken."""
    free = np.ones(len(truth), bool)
    for box in found:
        scores = np.where(free, overlap(box, truth), 0) if len(truth) else np.zeros(1)
        if scores.max() >= MATCH_IOU:
            free[scores.argmax()] = False
    return int((~free).sum())


def truth_of(file: Path) -> dict[int, NDArray[np.float64]]:
    """Boxes (n, 4) x1 y1 x2 y2 in native pixels by frame number from 0, from a MOTChallenge file."""
    rows = np.loadtxt(file, delimiter=",")
    rows[:, 4:6] += rows[:, 2:4]
    return {int(frame) - 1: rows[rows[:, 0] == frame, 2:6] for frame in np.unique(rows[:, 0])}


def vtest(detector: PersonDetector, thresholds: list[float]) -> tuple[list[tuple[float, float]], float]:
    """Recall and precision for each threshold, and milliseconds per frame."""
    truth = truth_of(DATA / "tracks" / "vtest_part_a" / "gt.txt")
    seen: list[tuple[Detections, float, int]] = []
    times_s = []
    for number, picture, scale in frames(DATA / "video" / "vtest_part_a.mp4", set(range(0, 400, 20)), detector.size_px):
        looks_s = []
        for _ in range(5):
            start_s = time.perf_counter()
            detections = detector.detect(picture, 0.0)
            looks_s.append(time.perf_counter() - start_s)
        times_s.append(min(looks_s))
        seen.append((detections, scale, number))
    figures = []
    for threshold in thresholds:
        kept = [(one.boxes_px[one.scores >= threshold] / scale, truth[number]) for one, scale, number in seen]
        right = sum(matches(found.astype(np.float64), true) for found, true in kept)
        found_count, true_count = (sum(len(pair[i]) for pair in kept) for i in (0, 1))
        figures.append((right / true_count, right / max(found_count, 1)))
    return figures, float(np.median(times_s)) * 1000


def one_by_one(detector: PersonDetector, threshold: float) -> int:
    """In how many of the sampled frames with one person somebody is found."""
    clip = DATA / "video" / "one-by-one-person-detection.mp4"
    pictures = frames(clip, {10 * second for second in PRESENT_S}, detector.size_px)
    return sum(bool((detector.detect(picture, 0.0).scores >= threshold).any()) for _, picture, _ in pictures)


def catalogue_plans() -> dict[str, ModelPlan]:
    """The plan of each person detector that can be had now."""
    from passerby.site.models import catalogue, resolve

    plans = {}
    for entry in catalogue.PERSONS:
        try:
            plans[entry.name] = resolve(entry.name).plan
        except ModelError as error:
            Console(stderr=True).print(f"left out: {error}")
    return plans


def given_plan(text: str) -> ModelPlan:
    """A plan from FILE:FAMILY:WIDTHxHEIGHT."""
    file, family, size = text.rsplit(":", 2)
    width, height = (int(side) for side in size.split("x"))
    return ModelPlan(file, family, width, height, 0.05)


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", action="append", metavar="FILE:FAMILY:WIDTHxHEIGHT", help="instead of the catalogue")
    parser.add_argument("--threshold", action="append", type=float, help="may be given more than once")
    given = parser.parse_args()
    plans = {Path(text).name: given_plan(text) for text in given.model} if given.model else catalogue_plans()
    table = Table(
        "detector", "input", "ms", "score", "recall", "precision", "one-by-one", title="vtest_part_a, IoU 0.4"
    )
    for name, plan in plans.items():
        detector = PersonDetector(plan)
        thresholds = given.threshold or [detector.confident]
        figures, milliseconds = vtest(detector, thresholds)
        for threshold, (recall, precision) in zip(thresholds, figures, strict=True):
            found = f"{one_by_one(detector, threshold)}/{len(PRESENT_S)}"
            size = f"{plan.width_px}x{plan.height_px}"
            cells = (f"{milliseconds:.1f}", f"{threshold:.2f}", f"{recall:.2f}", f"{precision:.2f}", found)
            table.add_row(name, size, *cells)
    Console(width=120).print(table)


if __name__ == "__main__":
    main()
