"""Writes benchmarks/faults.md from the notes of a run of the fault suite (`make faults`)."""

import sys
from collections.abc import Iterator
from statistics import median

from tests.support.faults import FAULTS, GROUPS, NOTES, Note, read
from tests.support.source import ROOT

REPORT = ROOT / "benchmarks" / "faults.md"
HEAD = """# Faults, played for real

Written by `make faults`; what a user loses in each case stands in [docs/reliability.md](../docs/reliability.md).
Lost: windows that the store or the hub had acknowledged and that are gone; of a damaged file, those that could still
be read in it; of a hub's damaged file, those of the last 14 days. Recovered: seconds until what the test waits for was
there again: a camera counted, a worker shut in (crashes, answers out of contract), a store open (power). Most kills of
passerby are of a process that only writes its store; the worst are of whole sites.
"""


def rows(notes: dict[str, Note]) -> Iterator[str]:
    """The report's lines, a table for each group."""
    for group, faults in GROUPS.items():
        yield f"\n## {group}\n"
        yield "| Fault | Times run | Lost | Recovered, median | Recovered, worst |"
        yield "|---|---:|---:|---:|---:|"
        for fault in faults:
            note = notes[fault.key]
            times_s = note.recovered_s
            recovered = f"{median(times_s):.1f} s | {max(times_s):.1f} s" if times_s else "| "
            yield f"| {fault.what} | {note.times} | {note.lost} | {recovered} |"


def main() -> None:
    """Writes the report, or says what the run did not play."""
    notes = read(NOTES.glob("*.jsonl"))
    missing = [key for key in FAULTS if key not in notes]
    if missing:
        sys.exit(f"The run played no {', '.join(missing)}: see the tests that failed or were skipped above.")
    REPORT.write_text("\n".join([HEAD.rstrip("\n"), *rows(notes)]) + "\n")
    print(f"{sum(note.times for note in notes.values())} faults of {len(notes)} kinds: {REPORT.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
