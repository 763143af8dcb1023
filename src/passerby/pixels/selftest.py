"""Lets a detector look at the known picture: `python -m passerby.pixels.selftest < plan.json`.

In goes a `ModelPlan` as JSON on standard input, out comes one line of JSON: `found` figures with a score good enough to
start a track, `expected` ones, and `ms` of the fastest look. A detector that finds none is broken, whatever it says.
"""

import sys
import time

import msgspec

from passerby.errors import ModelError
from passerby.gate.messages import ModelPlan
from passerby.pixels.people import PersonDetector
from passerby.pixels.selftest_picture import EXPECTED, picture

_LOOKS = 5


class Result(msgspec.Struct, frozen=True):
    """How the self-test went."""

    found: int
    expected: int
    ms: float


def check(plan: ModelPlan) -> Result:
    """Looks at the known picture with one model.

    Raises:
        ModelError: the model cannot be used.
    """
    detector = PersonDetector(plan)
    known = picture(detector.size_px)
    times_s = []
    for _ in range(_LOOKS):
        start_s = time.perf_counter()
        detections = detector.detect(known, 0.0)
        times_s.append(time.perf_counter() - start_s)
    found = int((detections.scores >= detector.confident).sum())
    return Result(found, EXPECTED, round(min(times_s) * 1000, 2))


def main() -> int:
    """Reads the plan, prints the result and gives the exit status."""
    try:
        result = check(msgspec.json.decode(sys.stdin.buffer.read(), type=ModelPlan))
    except (ModelError, msgspec.DecodeError) as error:
        sys.stderr.write(f"{error}\n")
        return ModelError.exit_code
    sys.stdout.write(msgspec.json.encode(result).decode() + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
