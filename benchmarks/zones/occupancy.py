"""People in a zone, moment by moment, against clips and tracks with truth."""

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np

from passerby.core.counting import ZoneCounter
from passerby.core.geometry import Point, Zone
from passerby.core.observations import Detections
from passerby.core.tracking import Tracker
from passerby.gate.messages import ModelPlan
from passerby.pixels.frames import Sampler, Scaler
from passerby.pixels.people import PersonDetector

RATES = (2.5, 5.0, 8.0, 25.0)
WHOLE: tuple[Point, ...] = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
HALF: tuple[Point, ...] = ((0.25, 0.0), (0.75, 0.0), (0.75, 1.0), (0.25, 1.0))


@dataclass(frozen=True)
class Scene:
    """What was detected, and how many people truly were in the zone.

    Attributes:
        looks: of every frame.
        size_px: of the picture that boxes are given in.
        zone: corners, as fractions.
        truth: people in the zone at a time; NaN where it is not known.
    """

    name: str
    looks: list[Detections]
    size_px: tuple[int, int]
    zone: tuple[Point, ...]
    truth: Callable[[float], float]


def occupancy(data: Path, models: Path) -> None:
    """Prints the table."""
    if not data.is_dir():
        print(f"{data} is absent: nothing to measure", file=sys.stderr)
        return
    print("\n### People in a zone\n")
    print("| scene | frames/s | looks/s | true mean | counted mean | mean absolute error | right within one |")
    print("|---|---|---|---|---|---|---|")
    for scene in (*clips(data, models), *tracks(data)):
        times = [look.time_s for look in scene.looks]
        own = 1 / float(np.median(np.diff(times)))
        for rate in [each for each in RATES if each < own + 4]:
            truth, counted = measured(scene, rate)
            off = np.abs(counted - truth)
            print(
                f"| {scene.name} | {own:.0f} | {min(rate, own):.3g} | {truth.mean():.2f} | {counted.mean():.2f} "
                f"| {off.mean():.2f} | {(off <= 1).mean():.0%} |",
                flush=True,
            )


def measured(scene: Scene, rate: float) -> tuple[np.ndarray, np.ndarray]:
    """People in the zone, true and counted, at each look whose truth is known."""
    sampler, tracker = Sampler(rate), Tracker()
    counter = ZoneCounter(Zone("zone", scene.zone), scene.size_px, "level")
    frame_s = float(np.median(np.diff([look.time_s for look in scene.looks])))
    rows = [
        (scene.truth(look.time_s), counter.update(tracker.update(look)))
        for look in scene.looks
        if sampler.wants(look.time_s, frame_s)
    ]
    both = np.array(rows, np.float64)
    both = both[np.isfinite(both[:, 0])]
    return both[:, 0], both[:, 1]


def clips(data: Path, models: Path) -> Iterator[Scene]:
    """Clips through the detector."""
    truth = json.loads((data / "ground_truth.json").read_text())["video"]
    detector = PersonDetector(ModelPlan(str(models / "yolox_nano_person_416x256.onnx"), "yolox", 416, 256, 0.1))
    name = "vtest_part_a.mp4"
    corners, (width, height) = truth[name]["occupancy"]["zone"], truth[name]["size"]
    zone = tuple((x / width, y / height) for x, y in corners)
    marked = people(data / "tracks" / "vtest_part_a")
    yield Scene(
        name,
        *detect(data / "video" / name, detector),
        zone,
        boxes_in(marked, zone, ((width, height), 10)),
    )
    name = "one-by-one-person-detection.mp4"
    present = truth[name]["occupancy"]["present_intervals_s"]

    def one_by_one(time_s: float) -> float:
        # The moments are known to 0.3 s.
        if any(abs(time_s - edge) < 0.3 for interval in present for edge in interval):
            return np.nan
        return float(any(start <= time_s <= end for start, end in present))

    yield Scene(name, *detect(data / "video" / name, detector), WHOLE, one_by_one)
    aisle = detect(data / "video" / "store_aisle_preview.gif", detector)
    yield Scene("store_aisle_preview.gif", *aisle, WHOLE, lambda t: 2 if t < 1.1 else 3 if t > 1.8 else np.nan)
    yield Scene(
        "corridor_two_people_preview.gif",
        *detect(data / "video" / "corridor_two_people_preview.gif", detector),
        WHOLE,
        lambda _t: 2,
    )


def detect(clip: Path, detector: PersonDetector) -> tuple[list[Detections], tuple[int, int]]:
    """Detections of all frames, and the analysed picture's size."""
    scaler = Scaler(detector.size_px)
    looks = []
    with av.open(str(clip)) as container:
        for frame in container.decode(video=0):
            picture = np.ascontiguousarray(scaler.scale(frame))
            looks.append(detector.detect(picture, float(frame.time or 0.0)))
            size_px = scaler.size_of(frame)
    return looks, size_px


def tracks(data: Path) -> Iterator[Scene]:
    """Tracks of MOTChallenge: the true boxes of those who can be seen, as if a detector had found them."""
    for name in ("TUD-Campus", "MOT17-09-FRCNN", "MOT17-04-FRCNN"):
        folder = data / "tracks" / name
        size_px, fps = sequence(folder)
        rows = visible(folder)
        looks = []
        for frame in range(1, int(rows[:, 0].max()) + 1):
            boxes = rows[rows[:, 0] == frame, 2:6]
            boxes = np.clip(np.hstack([boxes[:, :2], boxes[:, :2] + boxes[:, 2:]]), 0, [*size_px, *size_px])
            boxes = boxes[(boxes[:, 2:] - boxes[:, :2] >= 1).all(axis=1)].astype(np.float32)
            looks.append(Detections(boxes, np.full(len(boxes), 0.8, np.float32), (frame - 1) / fps))
        yield Scene(f"{name}, true boxes", looks, size_px, HALF, boxes_in(rows, HALF, (size_px, fps)))


def sequence(folder: Path) -> tuple[tuple[int, int], float]:
    """Width, height and frames a second."""
    facts = dict(line.split("=", 1) for line in (folder / "seqinfo.ini").read_text().splitlines() if "=" in line)
    return (int(facts["imWidth"]), int(facts["imHeight"])), float(facts["frameRate"])


def people(folder: Path) -> np.ndarray:
    """Rows of MOTChallenge's truth that are people: frame, id, x, y, width, height, flag, class, visible share."""
    rows = np.loadtxt(folder / "gt.txt", delimiter=",", ndmin=2)
    return rows[(rows[:, 7] < 0) | ((rows[:, 7] == 1) & (rows[:, 6] == 1))]


def visible(folder: Path) -> np.ndarray:
    """The rows of people of whom 40 % or more are seen; of some sequences it is not known, and all are taken."""
    rows = people(folder)
    return rows[(rows[:, 8] >= 0.4) | (rows[:, 8] < 0)]


def boxes_in(
    rows: np.ndarray, corners: tuple[Point, ...], picture: tuple[tuple[int, int], float]
) -> Callable[[float], float]:
    """How many people's feet are in a zone at a time, by the true boxes."""
    size_px, fps = picture
    feet = np.stack([rows[:, 2] + rows[:, 4] / 2, rows[:, 3] + rows[:, 5]], axis=1) / size_px
    shown = (feet[:, 0] >= 0) & (feet[:, 0] <= 1)  # who is out of the picture is not there
    inside = Zone("zone", corners).contains(np.clip(feet, 1e-6, 1 - 1e-6)) & shown
    counts = np.bincount(rows[inside, 0].astype(int), minlength=int(rows[:, 0].max()) + 2)
    return lambda time_s: float(counts[min(len(counts) - 1, round(time_s * fps) + 1)])
