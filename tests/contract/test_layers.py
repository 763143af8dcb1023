"""Who may import whom: import-linter holds the contracts; here is what it cannot say, and a proof that it bites."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.source import PACKAGE, ROOT, imports, python_files, relative

# Pure Python of the standard library: no input or output, no clock, no process.
PURE = {
    "abc", "bisect", "collections", "dataclasses", "enum", "fractions", "functools", "heapq", "itertools", "math",
    "operator", "statistics", "typing",
}  # fmt: skip
ROOMS = ("passerby.feed", "passerby.pixels")
NOT_IN_RECORDS = {"av", "openvino", "scipy", "cv2", "PIL", "openvino_telemetry"}


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache", "--no-logo"]
    places = {"PYTHONPATH": str(folder / "src"), "COLUMNS": "200"}
    return subprocess.run(command, cwd=folder, env=places, capture_output=True, text=True, timeout=120, check=False)


def test_the_contracts_hold() -> None:
    done = lint(ROOT)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        ("core/geometry.py", "import passerby.gate.messages", "Higher may import lower"),
        ("gate/messages.py", "import passerby.site", "Higher may import lower"),
        ("pixels/__init__.py", "import passerby.site.state", "Higher may import lower"),
        ("newcomer.py", "import math", "Higher may import lower"),
        ("core/geometry.py", "import time", "The core has no input"),
        ("gate/messages.py", "import av", "Only the feed (demuxing)"),
        ("site/state.py", "import passerby.pixels", "Nobody imports the pixel room"),
        ("cli/site.py", "import passerby.pixels.worker", "Nobody imports the pixel room"),
        ("cli/site.py", "import passerby.feed", "Nobody imports the feed"),
        ("site/state.py", "import scipy", "Only the pixel room"),
        ("feed/__init__.py", "import openvino", "Only the pixel room"),
        ("pixels/__init__.py", "import openvino_telemetry", "Nobody reports home"),
    ],
)
def test_a_breach_is_found(module: str, line: str, contract: str, tmp_path: Path) -> None:
    shutil.copytree(PACKAGE, tmp_path / "src" / "passerby", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copyfile(ROOT / "pyproject.toml", tmp_path / "pyproject.toml")
    with (tmp_path / "src" / "passerby" / module).open("a") as file:
        file.write(f"\n{line}\n")
    _kept, _title, broken = lint(tmp_path).stdout.partition("Broken contracts")
    assert contract in broken


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


@pytest.mark.parametrize(
    "modules",
    [
        "site.config, site.models",
        "site.count",
        "hub.config, hub.enrolment, hub.opening, hub.rollout",
    ],
)
def test_commands_that_serve_nothing_load_nothing_that_serves(modules: str) -> None:
    """They would take three times as long to start."""
    names = ", ".join(f"passerby.{name}" for name in modules.split(", "))
    look = f"import sys, json, {names}; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, timeout=120, check=True)
    assert not set(json.loads(done.stdout.splitlines()[-1])) & {"nicegui", "fastapi", "authlib", "onnx"}
