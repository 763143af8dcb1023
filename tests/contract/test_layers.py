"""Who may import whom. import-linter holds the contracts; here is what it cannot say, and a proof that it does its work."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.source import PACKAGE, ROOT, imports, python_files, relative

# Pure Python of the standard library: no input or output, no clock, no process.
PURE = {
    "abc", "bisect", "collections", "dataclasses", "enum", "functools", "heapq", "itertools", "math", "operator", "statistics",
    "typing",
}  # fmt: skip
ROOMS = ("passerby.feed", "passerby.pixels")
NOT_IN_RECORDS = {"av", "openvino", "scipy", "cv2", "PIL", "openvino_telemetry"}


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [
        shutil.which("lint-imports", path=Path(sys.executable).parent) or "lint-imports",
        "--no-cache",
        "--no-logo",
    ]
    environment = {"PYTHONPATH": str(folder / "src"), "COLUMNS": "200"}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False
    )


def test_the_contracts_hold() -> None:
    done = lint(ROOT)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("core/geometry.py", "import passerby.gate.messages"),
        ("core/geometry.py", "import time"),
        ("gate/messages.py", "import passerby.site"),
        ("gate/messages.py", "import av"),
        ("site/state.py", "import passerby.pixels"),
        ("site/state.py", "import passerby.feed"),
        ("site/state.py", "import scipy"),
        ("feed/__init__.py", "import openvino"),
        ("pixels/__init__.py", "import passerby.site.state"),
        ("pixels/__init__.py", "import openvino_telemetry"),
        ("newcomer.py", "import math"),
    ],
)
def test_a_breach_is_found(module: str, line: str, tmp_path: Path) -> None:
    shutil.copytree(PACKAGE, tmp_path / "src" / "passerby", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copyfile(ROOT / "pyproject.toml", tmp_path / "pyproject.toml")
    with (tmp_path / "src" / "passerby" / module).open("a") as file:
        file.write(f"\n{line}\n")
    assert lint(tmp_path).returncode != 0


@pytest.mark.parametrize("path", python_files("src/passerby/core"), ids=relative)
def test_the_core_is_numpy_and_pure_python(path: Path) -> None:
    modules = {name.split(".")[0] for name in imports(path)}
    assert modules <= PURE | {"numpy", "passerby"}


@pytest.mark.parametrize("path", python_files("src/passerby"), ids=relative)
def test_rooms_are_not_imported_by_a_side_door(path: Path) -> None:
    own = ".".join(("passerby", *path.relative_to(PACKAGE).parts[:1]))
    others = [room for room in ROOMS if room != own]
    assert not [name for name in imports(path) if name.startswith(tuple(others))]


def test_the_records_process_never_loads_image_code() -> None:
    look = "import sys, json, passerby.cli; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, timeout=120, check=True)
    loaded = set(json.loads(done.stdout.splitlines()[-1]))
    assert not loaded & NOT_IN_RECORDS
    assert not [name for name in loaded if name.startswith(ROOMS)]
