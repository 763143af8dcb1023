"""Counts people from straight above, on made-up scenes and on the clip with known truth, and prints tables.

    python -m benchmarks.overhead     # the clip at 5, 8, 10 and 25 looks a second, and 80 scenes at 8
    python -m benchmarks.overhead --first 1000 --scenes 20 --fps 10 --each

Missed is true crossings less counted ones, wrong is the reverse, each way by itself; milliseconds are the median
process time per look. Each rule set tracks the same detections: `shipped` is `RULES["overhead"]`, `scaled` is
described in docs/decisions/0005-overhead.md.
"""

import argparse
import json
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from passerby.core.counting import LineCounter
from passerby.core.geometry import Line
from passerby.core.motion import Noise
from passerby.core.observations import Direction
from passerby.core.tracking import RULES, Rules, Tracker
from passerby.pixels.frames import Sampler, Scaler
from passerby.pixels.overhead import OverheadDetector
from tests.support.overhead_scenes import Scene

CLIP = Path(__file__).resolve().parents[2] / "shared" / "data" / "video" / "overhead_doorway_footfall.mp4"
SCALED = Rules(noise=Noise(acceleration=0.75, speed=2.0, box=(0.1, 0.125, 0.125)))
RULE_SETS = {"shipped": RULES["overhead"], "scaled": SCALED}
Counts = dict[str, int]


@dataclass
class Result:
    """What was counted with each rule set, and how long a look took."""

    counts: dict[str, Counts] = field(default_factory=dict)
    look_ms: list[float] = field(default_factory=list)


def count(frames: Iterable[tuple[float, av.VideoFrame]], line: Line) -> Result:
    """Counts over a line; "in" is from its left hand to its right hand."""
    detector, result = OverheadDetector(), Result({name: {"in": 0, "out": 0} for name in RULE_SETS})
    scaler = Scaler(detector.size_px)
    chains: dict[str, tuple[Tracker, LineCounter]] = {}
    for time_s, frame in frames:
        picture = scaler.scale(frame)
        start_s = time.process_time()
        detections = detector.detect(picture, time_s)
        result.look_ms.append((time.process_time() - start_s) * 1000)
        for name, rules in RULE_SETS.items():
            tracker, counter = chains.setdefault(
                name, (Tracker(rules), LineCounter(line, scaler.size_of(frame), "overhead"))
            )
            for crossing in counter.update(tracker.update(detections)):
                result.counts[name]["in" if crossing.direction is Direction.IN else "out"] += 1
    return result


def missed_and_wrong(truth: Counts, counted: Counts) -> NDArray[np.int_]:
    """Crossings too few and too many, (2,)."""
    off = np.array([counted[way] - truth[way] for way in ("in", "out")])
    return np.array([np.clip(-off, 0, None).sum(), np.clip(off, 0, None).sum()])


def clip_frames(fps: float) -> Iterator[tuple[float, av.VideoFrame]]:
    """The clip's frames, as many a second as asked for."""
    sampler = Sampler(fps)
    with av.open(str(CLIP)) as container:
        for number, frame in enumerate(container.decode(video=0)):
            if sampler.wants(number / 25, 1 / 25):
                yield number / 25, frame


def print_clip() -> None:
    if not CLIP.exists():
        print("left out: the clip in ../shared/data is absent")
        return
    truth = json.loads((CLIP.parents[1] / "ground_truth.json").read_text())["video"][CLIP.name]
    (x1, y1), (x2, y2) = np.array(truth["lines"][0]["line"]) / 240
    table = Table("looks a second", *RULE_SETS, "ms", title=f"{CLIP.name}: true {truth['lines'][0]['counts']}")
    for fps in (5, 8, 10, 25):
        # "In" is upwards here, the left hand of someone who walks from the second point to the first.
        result = count(clip_frames(fps), Line("door", (min(x2, 1), y2), (x1, y1)))
        cells = [f"in {one['in']} out {one['out']}" for one in result.counts.values()]
        table.add_row(str(fps), *cells, f"{np.median(result.look_ms):.1f}")
    Console(width=120).print(table)


def print_scenes(first: int, scenes: int, fps: float, *, each: bool) -> None:
    table = Table(
        "scenes", "true", *(f"{name}: missed, wrong" for name in RULE_SETS), "ms", title=f"made up, {fps} fps"
    )
    total, errors, look_ms = 0, {name: np.zeros(2, int) for name in RULE_SETS}, []
    for seed in range(first, first + scenes):
        scene = Scene(seed)
        frames = ((t, av.VideoFrame.from_ndarray(bgr, format="bgr24")) for t, bgr in scene.frames(fps))
        result = count(frames, Line("door", (1.0, 0.5), (0.0, 0.5)))
        total += sum(scene.truth.values())
        look_ms.append(np.median(result.look_ms))
        for name, counted in result.counts.items():
            errors[name] += missed_and_wrong(scene.truth, counted)
        if each:
            print(
                seed, f"{scene.breadth_px / scene.width:.2f}", len(scene.people), scene.truth, result.counts, flush=True
            )
    cells = [f"{missed}, {wrong}" for missed, wrong in errors.values()]
    table.add_row(f"{first} to {first + scenes - 1}", str(total), *cells, f"{np.median(look_ms):.1f}")
    Console(width=120).print(table)


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--first", type=int, default=0, help="seed of the first scene")
    parser.add_argument("--scenes", type=int, default=80, help="how many scenes")
    parser.add_argument("--fps", type=float, default=8, help="looks a second in the scenes")
    parser.add_argument("--each", action="store_true", help="a line for each scene, too")
    given = parser.parse_args()
    print_clip()
    print_scenes(given.first, given.scenes, given.fps, each=given.each)


if __name__ == "__main__":
    main()
