"""The checks are checked: each of these defects, planted in counting, merging and the outbox, turns the suite red.

A defect is one line changed in a copy of the package. The tests named with it run against the copy, as the suite runs
them, and have to fail; against the package as it is they pass, since the suite runs them too.
"""

import os
import shutil
import subprocess
import sys
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.source import PACKAGE, ROOT


@dataclass(frozen=True)
class Defect:
    """A line that is wrong, and who has to notice.

    Attributes:
        name: what is wrong, in short.
        file: under src/passerby.
        right, wrong: a text that stands once in the file, and what it becomes.
        tests: files that notice.
    """

    name: str
    file: str
    right: str
    wrong: str
    tests: str


COUNTING, WINDOWS, TALLIES = "core/counting.py", "core/windows.py", "core/tallies.py"
OUTBOX, ADMITTING, ADDING = "records/outbox/outbox.py", "hub/series/admitting.py", "hub/series/adding.py"
OF_COUNTING = "tests/unit/test_counting.py tests/property/test_counting_properties.py"
OF_OUTBOX = "tests/unit/test_outbox.py"
OF_SERIES = "tests/golden/test_series_taking.py"

DEFECTS = (
    Defect(
        "in and out are exchanged",
        COUNTING,
        "Direction.IN if crossing[0] > 0 else Direction.OUT",
        "Direction.IN if crossing[0] < 0 else Direction.OUT",
        OF_COUNTING,
    ),
    Defect(
        "who begins on the line counts", COUNTING, "before in (0, self.side)", "before in (self.side,)", OF_COUNTING
    ),
    Defect(
        "whoever passes beyond the line's end counts",
        COUNTING,
        "crossing and -place.ends <= crossing[1].along <= 1 + place.ends",
        "crossing",
        OF_COUNTING,
    ),
    Defect("a box that two share counts", COUNTING, "if times[track] > 1:", "if times[track] > 2:", OF_COUNTING),
    Defect(
        "tracks are never forgotten", COUNTING, "tracks.time_s - w.place.time_s <= FORGET_S", "w.side < 9", OF_COUNTING
    ),
    Defect(
        "a gap counts as seen",
        WINDOWS,
        "max(span[0], span[1] - MAX_HOLD_S), span[1]",
        "span[0], span[1]",
        "tests/unit/test_windows.py tests/property/test_windows_properties.py",
    ),
    Defect(
        "the end of a window belongs to the next",
        WINDOWS,
        "math.nextafter(span[1], -math.inf)",
        "span[1]",
        "tests/unit/test_windows.py tests/property/test_windows_properties.py",
    ),
    Defect(
        "a closed window is opened again",
        WINDOWS,
        "max(time_unix_s, self._closed_until_unix_s)",
        "time_unix_s",
        "tests/unit/test_windows.py tests/property/test_windows_properties.py",
    ),
    Defect(
        "merging adds peaks",
        TALLIES,
        "max(known.total, tally.total) if tally.measure is Measure.PEAK",
        "known.total + tally.total if tally.measure is Measure.PEAK",
        "tests/unit/test_tallies.py tests/property/test_store_merge.py",
    ),
    Defect(
        "merging forgets exposure",
        TALLIES,
        "exposure = known.exposure + tally.exposure",
        "exposure = known.exposure",
        "tests/unit/test_tallies.py tests/property/test_store_merge.py",
    ),
    Defect(
        "the same run's window is added and not replaced",
        "site/statements.py",
        "total_milli = excluded.total_milli, exposure",
        "total_milli = total_milli + excluded.total_milli, exposure",
        "tests/unit/test_store.py",
    ),
    Defect(
        "an offer leaves the oldest out",
        OUTBOX,
        "WHERE outbox = ? AND sequence > ? ORDER BY sequence LIMIT ?\n",
        "WHERE outbox = ? AND sequence > ? + 1 ORDER BY sequence LIMIT ?\n",
        OF_OUTBOX,
    ),
    Defect(
        "a hub that was restored gets nothing again",
        OUTBOX,
        '"UPDATE outbox SET taken = ?1, offered',
        '"UPDATE outbox SET taken = max(taken, ?1), offered',
        OF_OUTBOX,
    ),
    Defect(
        "on a full disk the newest is given up",
        OUTBOX,
        '"WHERE sequence > taken ORDER BY outbox, sequence"',
        '"WHERE sequence > taken ORDER BY outbox DESC, sequence DESC"',
        OF_OUTBOX,
    ),
    Defect(
        "a gap in the sequence is passed over",
        ADMITTING,
        "came.get(mark + 1)",
        "came.get(min((k for k in came if k > mark), default=0))",
        OF_SERIES,
    ),
    Defect(
        "a batch that came before is stored again",
        ADMITTING,
        "while (one := came.get(mark + 1))",
        "mark = 0\n    while (one := came.get(mark + 1))",
        OF_SERIES,
    ),
    Defect("sums add what a row replaces", ADDING, "value[0] if peak else value[0] - was[0]", "value[0]", OF_SERIES),
)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package, to be spoilt."""
    folder = tmp_path_factory.mktemp("spoilt")
    shutil.copytree(PACKAGE, folder / "passerby", ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def run(folder: Path, tests: str) -> subprocess.CompletedProcess[str]:
    """Runs tests against the package in a folder, up to the first that fails."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "--no-header", "-p", "no:cacheprovider", "-p", "no:xdist"]
    environment = os.environ | {"PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [*command, *tests.split()], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300, check=False
    )


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda one: one.name)
def test_a_defect_turns_the_suite_red(defect: Defect, copy: Path) -> None:
    file = copy / "passerby" / defect.file
    good = file.read_text(encoding="utf-8")
    assert good.count(defect.right) == 1, f"{defect.file} has changed; plant this defect anew"
    file.write_text(good.replace(defect.right, defect.wrong), encoding="utf-8")
    try:
        ran = run(copy, defect.tests)
    finally:
        file.write_text(good, encoding="utf-8")
    assert ran.returncode == 1, ran.stdout[-2000:] + ran.stderr[-2000:]
    assert "failed" in ran.stdout.splitlines()[-1] or "error" in ran.stdout.splitlines()[-1]


def test_the_copy_is_what_runs(copy: Path) -> None:
    """Else every defect would be found for a wrong reason, or none."""
    said = subprocess.run(
        [sys.executable, "-c", "import passerby; print(passerby.__file__)"],
        env=os.environ | {"PYTHONPATH": str(copy)}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert said.stdout.strip() == str(copy / "passerby" / "__init__.py")


def test_there_are_enough_and_of_all_three() -> None:
    by_part: dict[str, int] = defaultdict(int)
    for defect in DEFECTS:
        by_part[defect.file.split("/")[0]] += 1
    assert len(DEFECTS) >= 10
    assert min(by_part[part] for part in ("core", "records", "hub", "site")) >= 1
