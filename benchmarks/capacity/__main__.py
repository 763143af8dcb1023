"""How many cameras one core serves: `python -m benchmarks.capacity [--quick]`. See README.md beside this file."""

import argparse
import os
import sys
import time
from pathlib import Path

# One thread each, before any library starts its own.
os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}

from benchmarks.capacity import scenes, tables
from benchmarks.capacity.tables import Bench
from passerby.site import models

ROOT = Path(__file__).resolve().parents[2]


def whole(bench: Bench) -> None:
    """Every table."""
    busy, idle = scenes.busy(bench.data), scenes.idle(bench.data)
    quiet, small = scenes.quiet(bench.data), scenes.busy(bench.data, sub_stream=True)
    found = [busy, idle, scenes.idle(bench.data, cbr=True), small, quiet]
    results = tables.speed(bench, found, peers=True)
    tables.a_day(results, busy, idle)
    tables.counts(bench)
    tables.site(bench, busy, idle)
    tables.delay(bench, [busy, quiet])
    tables.an_hour(bench, quiet)


def main() -> int:
    """Runs the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--quick", action="store_true", help="only busy and idle, passerby and the floor")
    parser.add_argument("--long", action="store_true", help="other ways three times too, and peers on all clips")
    parser.add_argument("--hour", action="store_true", help="only whether memory grows")
    parser.add_argument("--site", action="store_true", help="only a running site, and delay")
    parser.add_argument("--counts", action="store_true", help="only the counts")
    parser.add_argument("--model", help="a name of `passerby models list`; the best at hand if left out")
    options = parser.parse_args()
    if not options.data.is_dir():
        print(f"{options.data} is absent: nothing to measure", file=sys.stderr)
        return 0
    shared = (ROOT.parent / "shared" / "models").resolve()
    if shared.is_dir():
        os.environ.setdefault("PASSERBY_MODELS", str(shared))
    bench = Bench(options.data, models.resolve(options.model).plan, shared / tables.COCO, options.long)
    began_s = time.monotonic()
    if options.quick:
        tables.speed(bench, [scenes.busy(bench.data), scenes.idle(bench.data)], peers=False)
    elif options.counts:
        tables.counts(bench)
    elif options.site:
        tables.site(bench, scenes.busy(bench.data), scenes.idle(bench.data))
        tables.delay(bench, [scenes.busy(bench.data), scenes.quiet(bench.data)])
    elif options.hour:
        tables.an_hour(bench, scenes.quiet(bench.data))
    else:
        whole(bench)
    print(f"\n{time.monotonic() - began_s:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
