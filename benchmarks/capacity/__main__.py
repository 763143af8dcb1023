"""How many cameras one core serves: `python -m benchmarks.capacity [--quick]`. See README.md beside this file."""

import argparse
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

# One thread each, before any library starts its own.
os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}

from benchmarks.capacity import scenes
from benchmarks.capacity.ours import Cost, Task, count, decode
from benchmarks.capacity.scenes import Scene
from passerby.gate.messages import ModelPlan
from passerby.site import models

ROOT = Path(__file__).resolve().parents[2]
REPEATS = 3


def repeated(runs: list[Callable[[], Cost]]) -> list[tuple[Cost, float]]:
    """Each run's median, and half of its range as a share of it; they take turns, so that all meet the same noise."""
    found: list[list[Cost]] = [[] for _ in runs]
    for _ in range(REPEATS):
        for costs, run in zip(found, runs, strict=True):
            costs.append(run())
    return [_middle(costs) for costs in found]


def _middle(costs: list[Cost]) -> tuple[Cost, float]:
    values = [cost.ms_per_s for cost in costs]
    middle = median(values)
    return next(cost for cost in costs if cost.ms_per_s == middle), (max(values) - min(values)) / 2 / middle


def shown(counts: dict[str, tuple[int, int]]) -> str:
    """Counts as in/out, line by line."""
    return ", ".join(f"{came}/{went}" for came, went in counts.values())


def speed(found: list[Scene], model: ModelPlan) -> None:
    """Prints cameras per core."""
    print("\n### Cameras per core\n")
    print(
        "| scene | ms/s of video | cameras per core | decode floor | share of the floor | looks/s | counted | truth |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for scene in found:
        task = Task(scene.clip, scene.lines)
        (ours, noise), (floor, floor_noise) = repeated(
            [lambda task=task: count(task, model), lambda scene=scene: decode(scene.clip)]
        )
        print(
            f"| {scene.name} | {ours.ms_per_s:.1f} ± {noise:.0%} | **{ours.cameras:.1f}** "
            f"| {floor.cameras:.1f} ± {floor_noise:.0%} | {ours.cameras / floor.cameras:.0%} | {ours.looks_per_s:.1f} "
            f"| {shown(ours.counts)} | {shown(scene.truth)} |",
            flush=True,
        )


def main() -> int:
    """Runs the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--quick", action="store_true", help="only busy and idle, passerby and the floor")
    options = parser.parse_args()
    if not options.data.is_dir():
        print(f"{options.data} is absent: nothing to measure", file=sys.stderr)
        return 0
    shared = ROOT.parent / "shared" / "models"
    if shared.is_dir():
        os.environ.setdefault("PASSERBY_MODELS", str(shared))
    model = models.resolve("yolox-nano").plan
    began_s = time.monotonic()
    speed([scenes.busy(options.data), scenes.idle(options.data)], model)
    print(f"\n{time.monotonic() - began_s:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
