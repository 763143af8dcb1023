"""Compares trackers by what they count on the same detections: `python -m benchmarks.tracking [--constants]`.

Error is the sum over lines of |counted - true|, in and out each. `--constants` needs no other library: it moves each
constant of ours by 30 % and counts again.
"""

import argparse
from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path

from benchmarks.tracking.looks import Sight, sights
from passerby.core import counting
from passerby.core.counting import LineCounter
from passerby.core.observations import Direction
from passerby.core.tracking import RULES, Rules, Tracker
from passerby.gate.messages import ModelPlan

ROOT = Path(__file__).resolve().parents[2]
RATES = (5.0, 8.0, 10.0, 25.0)


def error(sight: Sight, counts: dict[str, int]) -> int:
    return sum(abs(counts[way] - sight.truth[way]) for way in ("in", "out"))


def compare(seen: dict[float, list[Sight]]) -> None:
    from benchmarks.tracking.peers import COUNTS  # the only part that needs the group `bench`

    print("| tracker and line | way of the clips | " + " | ".join(f"{rate:g} fps" for rate in seen) + " |")
    print("|---|---|" + "---|" * len(seen))
    for name, count in COUNTS.items():
        errors = {rate: [error(sight, count(sight, rate)) for sight in found] for rate, found in seen.items()}
        for words, first in (("forwards", 0), ("backwards", 1)):
            print(f"| {name} | {words} | " + " | ".join(str(sum(row[first::2])) for row in errors.values()) + " |")
    first_rate = next(iter(seen.values()))
    print(f"\nEach cell: absolute error over {sum(sum(sight.truth.values()) for sight in first_rate[::2])} crossings.")


def counted(sight: Sight, rules: Rules) -> dict[str, int]:
    tracker, line = Tracker(rules), LineCounter(sight.line, sight.size_px, "level")
    ways = [crossing.direction for look in sight.looks for crossing in line.update(tracker.update(look))]
    return {"in": ways.count(Direction.IN), "out": ways.count(Direction.OUT)}


def moved_rules(rules: Rules, factor: float) -> Iterator[tuple[str, Rules]]:
    """Each constant of the tracker times a factor."""
    for each in fields(Rules):
        if each.name != "noise":
            yield each.name, replace(rules, **{each.name: getattr(rules, each.name) * factor})
    for each in fields(rules.noise):
        value = getattr(rules.noise, each.name)
        moved = tuple(part * factor for part in value) if isinstance(value, tuple) else value * factor
        yield f"noise.{each.name}", replace(rules, noise=replace(rules.noise, **{each.name: moved}))


def constants(seen: dict[float, list[Sight]]) -> None:
    """Prints the error with each constant moved."""
    found = [sight for rate in seen.values() for sight in rate]
    total = sum(sum(sight.truth.values()) for sight in found)

    def all_errors(rules: Rules) -> int:
        return sum(error(sight, counted(sight, rules)) for sight in found)

    print(f"Error over {total} crossings as it is: {all_errors(RULES['level'])}.\n")
    print("| constant | -30 % | +30 % |\n|---|---|---|")
    less, more = (dict(moved_rules(RULES["level"], factor)) for factor in (0.7, 1.3))
    for name in less:
        print(f"| {name} | {all_errors(less[name])} | {all_errors(more[name])} |", flush=True)
    for name in ("CLEAR_HEIGHTS", "BEYOND_HEIGHTS"):
        value, errors = getattr(counting, name), []
        for factor in (0.7, 1.3):
            setattr(counting, name, value * factor)
            errors.append(all_errors(RULES["level"]))
        setattr(counting, name, value)
        print(f"| {name} | {errors[0]} | {errors[1]} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--models", type=Path, default=ROOT.parent / "shared" / "models")
    parser.add_argument("--constants", action="store_true", help="move the constants instead of comparing")
    arguments = parser.parse_args()
    model = ModelPlan(str(arguments.models / "yolox_nano_person_416x256.onnx"), "yolox", 416, 256, 0.1)
    rates = (5.0, 8.0) if arguments.constants else RATES
    seen = {rate: list(sights(arguments.data, model, rate)) for rate in rates}
    (constants if arguments.constants else compare)(seen)


if __name__ == "__main__":
    main()
