"""A hub and two sites under faults at random, for minutes or hours; a failed soak is played again by its seed.

    python -m benchmarks.soak --minutes 10
    python -m benchmarks.soak --hours 24 --seed 7 --write      # and writes benchmarks/soak.md

Each fault is logged with its time in .cache/soak/<seed>/faults.jsonl, where logs and files of hub and sites lie too;
tests/soak/test_soak.py is the short form.
"""

import argparse
import json
import os
import platform
import secrets
import shutil
import sys
from contextlib import ExitStack
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from benchmarks.soak.chart import chart
from benchmarks.soak.report import report
from tests.support.rtsp_server import missing_parts
from tests.support.soak.faults import Played
from tests.support.soak.play import Ear, Outcome, Plan, run
from tests.support.source import ROOT

_REPORT = ROOT / "benchmarks" / "soak.md"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    length = parser.add_mutually_exclusive_group()
    length.add_argument(
        "--minutes", type=float, default=10.0, help="for which faults are played; two more are around it"
    )
    length.add_argument("--hours", type=float)
    parser.add_argument("--seed", type=int, help="plays the same faults again; another each time if it is left out")
    parser.add_argument("--write", action="store_true", help="writes benchmarks/soak.md and its picture")
    asked = parser.parse_args()
    if reason := missing_parts():
        sys.exit(reason)
    minutes = asked.hours * 60 if asked.hours else asked.minutes
    plan = Plan(minutes, asked.seed if asked.seed is not None else secrets.randbelow(1_000_000))
    folder = ROOT / ".cache" / "soak" / str(plan.seed)
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "run").mkdir(parents=True)
    outcome = _play(folder, plan)
    _tell(outcome, folder, write=asked.write)
    return 1 if outcome.problems else 0


def _play(folder: Path, plan: Plan) -> Outcome:
    """Plays it, with a bar for a person and without one in a log."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    with ExitStack() as open_now:
        log = open_now.enter_context((folder / "faults.jsonl").open("w"))
        bar = open_now.enter_context(Progress(*columns, console=console, disable=not console.is_terminal))
        task = bar.add_task(f"seed {plan.seed}", total=plan.seconds)

        def fault(played: Played) -> None:
            _log(log, played)
            bar.update(task, description=f"seed {plan.seed}: {played.fault.key}")

        return run(folder / "run", plan, Ear(fault, lambda seconds: bar.update(task, completed=seconds)))


def _log(log: TextIO, played: Played) -> None:
    line = {"at": datetime.fromtimestamp(played.at_unix_s, UTC).isoformat(timespec="milliseconds"), **asdict(played)}
    log.write(json.dumps(line) + "\n")
    log.flush()


def _tell(outcome: Outcome, folder: Path, *, write: bool) -> None:
    day = datetime.now(UTC).date().isoformat()
    load = os.getloadavg()[2]
    when = f"{day}, {os.cpu_count()} cores ({platform.machine()}), load {load:.1f} in the last quarter of an hour."
    picture = folder / "memory.svg"
    picture.write_text(chart(outcome))
    text = report(outcome, when, "soak.svg" if write else str(picture))
    if write:
        _REPORT.write_text(text)
        shutil.copy(picture, _REPORT.with_suffix(".svg"))
    print(text)
    print(f"Picture: {picture}\nFaults: {folder / 'faults.jsonl'}\nAgain: --seed {outcome.plan.seed}")


if __name__ == "__main__":
    sys.exit(main())
