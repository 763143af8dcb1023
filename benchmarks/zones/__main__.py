"""Zones against truth: `python -m benchmarks.zones [--people N] [--only stays|waits|occupancy]`.

Stays and waits are those of people on paper through the real tracker; occupancy is that of clips and tracks with truth.
"""

import argparse
from pathlib import Path

from benchmarks.zones.occupancy import occupancy
from benchmarks.zones.stays import stays, waits

SHARED = Path(__file__).resolve().parents[3] / "shared"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=100, help="people on paper in each run")
    parser.add_argument("--only", choices=("stays", "waits", "occupancy"), help="one table alone")
    arguments = parser.parse_args()
    if arguments.only in (None, "stays"):
        stays(arguments.people)
    if arguments.only in (None, "waits"):
        waits(arguments.people)
    if arguments.only in (None, "occupancy"):
        occupancy(SHARED / "data", SHARED / "models")


if __name__ == "__main__":
    main()
