"""Counts every clip with known truth, and prints a table: `python -m benchmarks.accuracy [--model NAME] [--variants]`.

Each clip goes through all that `passerby count` does: feed, pixel room behind its locks, tallies. "missed" and "wrong"
compare totals per line and direction: what lies below and above the truth.
"""

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.accuracy.cases import Case, cases
from benchmarks.accuracy.variants import VARIANTS
from passerby.errors import ModelError
from passerby.gate.sources import parse
from passerby.site import models
from passerby.site.count import Models, Order, count
from passerby.site.shapes import Shapes

ROOT = Path(__file__).resolve().parents[2]


def measure(case: Case, model: models.ResolvedModel, analysed_fps: float | None) -> tuple[dict[str, int], float, float]:
    """Counts one line: crossings, frames read in a second, coverage."""
    chosen = model if case.view == "level" else None
    order = Order(parse(str(case.clip)), Shapes((case.line,), ()), case.view, Models(chosen), analysed_fps=analysed_fps)
    started_s = time.monotonic()
    summary = count(order, lambda _done, _total: None).summary()
    fps = summary["frames_read"] / (time.monotonic() - started_s)
    return summary["lines"][case.line.name], fps, summary["coverage"]


def table(title: str, found: list[Case], model: models.ResolvedModel, analysed_fps: float | None) -> None:
    """Prints one table."""
    rate = "2.5 looks a second, 8 from above" if analysed_fps is None else f"at most {analysed_fps:g} looks a second"
    print(f"\n### {title}: {model.name}, {rate}\n")
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
    parser.add_argument("--fps", type=float, help="analysed frames a second, at most; what users get if absent")
    parser.add_argument("--variants", action="store_true", help=f"also the clips {', '.join(VARIANTS)}")
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
            table("as recorded", found, models.resolve(name), options.fps)
        except ModelError as error:
            print(f"\n### {name}: left out, {error}")
        if options.variants:
            _vary(found, name, options.fps)
    return 0


def _vary(found: list[Case], name: str, analysed_fps: float | None) -> None:
    for variant, change in VARIANTS.items():
        with tempfile.TemporaryDirectory() as folder:
            changed = [change(case, Path(folder)) for case in found]
            table(variant, changed, models.resolve(name), analysed_fps)


if __name__ == "__main__":
    sys.exit(main())
