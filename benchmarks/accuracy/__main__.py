"""Counts every clip with known truth, and prints a table: `python -m benchmarks.accuracy [--data DIR] [--model NAME ...]`.

Each clip goes through all that `passerby count` does: feed, pixel room behind its locks, tallies. "missed" and "wrong" compare
totals per line and direction: what lies below and above the truth.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from passerby.errors import ModelError
from passerby.gate.messages import LinePlan
from passerby.gate.sources import parse
from passerby.site import models
from passerby.site.count import Order, count

ROOT = Path(__file__).resolve().parents[2]
WAYS = {"left to right": (1, 0), "right to left": (-1, 0), "up": (0, -1), "down": (0, 1)}


@dataclass(frozen=True)
class Case:
    """One line of one clip, with what truly crossed it."""

    clip: Path
    view: str
    line: LinePlan
    truth: dict[str, int]


def cases(data: Path) -> Iterator[Case]:
    """The lines of the ground truth, turned so that "in" is what its words say."""
    for name, clip in json.loads((data / "ground_truth.json").read_text())["video"].items():
        for index, line in enumerate(clip.get("lines", [])):
            view = "overhead" if name.startswith("overhead") else "level"
            start, end = line["line"]
            way = next(way for words, way in WAYS.items() if words in line["in"])
            if (end[0] - start[0]) * way[1] - (end[1] - start[1]) * way[0] < 0:
                start, end = end, start
            plan = LinePlan(line.get("name", f"line{index + 1}"), tuple(start), tuple(end), in_px=True)
            yield Case(data / "video" / name, view, plan, {"in": 0, "out": 0, **line["counts"]})


def measure(case: Case, model: models.ResolvedModel, analysed_fps: float) -> tuple[dict[str, int], float, float]:
    """Counts one line: crossings, frames read in a second, coverage."""
    chosen = model if case.view == "level" else None
    order = Order(parse(str(case.clip)), (case.line,), (), case.view, chosen, analysed_fps)
    started_s = time.monotonic()
    summary = count(order, lambda _done, _total: None).summary()
    fps = summary["frames_read"] / (time.monotonic() - started_s)
    return summary["lines"][case.line.name], fps, summary["coverage"]


def table(found: list[Case], model: models.ResolvedModel, analysed_fps: float) -> None:
    """Prints the table of one model."""
    print(f"\n### {model.name}, {analysed_fps:g} analysed frames a second\n")
    print("| clip | line | truth in/out | counted | missed | wrong | frames/s | coverage |")
    print("|---|---|---|---|---|---|---|---|")
    missed = wrong = 0
    for case in found:
        counted, fps, coverage = measure(case, model, analysed_fps)
        below = sum(max(0, case.truth[way] - counted[way]) for way in ("in", "out"))
        above = sum(max(0, counted[way] - case.truth[way]) for way in ("in", "out"))
        missed, wrong = missed + below, wrong + above
        print(
            f"| {case.clip.name} | {case.line.name} | {case.truth['in']}/{case.truth['out']} "
            f"| {counted['in']}/{counted['out']} | {below} | {above} | {fps:.0f} | {coverage:.1%} |",
            flush=True,
        )
    crossings = sum(sum(case.truth.values()) for case in found)
    print(f"\nTotal absolute error: {missed + wrong} of {crossings} crossings ({missed} missed, {wrong} wrong).")


def main() -> int:
    """Runs the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--model", action="append", help="a detector of the catalogue; each that is present if absent")
    parser.add_argument("--fps", type=float, default=8.0, help="analysed frames a second")
    options = parser.parse_args()
    if not options.data.is_dir():
        print(f"{options.data} is absent: nothing to measure", file=sys.stderr)
        return 0
    shared = ROOT.parent / "shared" / "models"
    if shared.is_dir():
        os.environ.setdefault("PASSERBY_MODELS", str(shared))
    here = [state.entry.name for state in models.installed() if state.whole]
    found = list(cases(options.data))
    for name in options.model or here:
        try:
            table(found, models.resolve(name), options.fps)
        except ModelError as error:
            print(f"\n### {name}: left out, {error}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
