"""The peer `mesopic`: where its environment is, how it is made, and what a clip costs it."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import av

from benchmarks.capacity.ours import Cost, Counts, Task, ends, packets
from benchmarks.capacity.scenes import cache

VERSION = "0.1.2"
RUNTIMES = ("ort-cpu", "openvino")
"""Its default, and the one that passerby has."""


class AbsentError(Exception):
    """The peer cannot be measured here; the text says why."""


def python() -> Path:
    """The Python of its environment, which is made if a Python 3.12 is at hand.

    Raises:
        AbsentError: it cannot be had.
    """
    home = cache() / f"mesopic-{VERSION}"
    there = home / "bin" / "python"
    if (home / "ready").exists():
        return there
    uv = shutil.which("uv")
    if uv is None:
        raise AbsentError("uv is not installed")
    refusals = [_made(uv, home, base) for base in _bases()]
    if None not in refusals:
        raise AbsentError(f"no Python 3.12 could be used ({refusals[0]})")
    refusal = _ran([uv, "pip", "install", "--quiet", "--python", str(there), f"mesopic[openvino]=={VERSION}"])
    if refusal is not None:
        raise AbsentError(refusal)
    (home / "ready").touch()
    return there


def _bases() -> list[str]:
    """Where a Python 3.12 may be: where uv finds it; pyenv hides those that are not its default."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    return ["3.12", *(str(found) for found in sorted(pyenv.glob("versions/3.12*/bin/python3.12")))]


def _made(uv: str, home: Path, base: str) -> str | None:
    """Makes the environment, unless there is one already."""
    if (home / "bin" / "python").exists():
        return None
    return _ran([uv, "venv", "--quiet", "--no-python-downloads", "--python", base, str(home)])


def _ran(command: list[str]) -> str | None:
    """Runs a command; gives what it said if it failed."""
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=300, text=True)
    except subprocess.TimeoutExpired:
        return "it took longer than five minutes"
    except subprocess.CalledProcessError as error:
        return " ".join(error.stderr.split())[:200] or "uv failed"
    return None


def count(task: Task, model: Path, runtime: str) -> Cost:
    """Counts a clip with it.

    Args:
        task: what to count.
        model: YOLOX-nano with its 80 classes for a square of 416 pixels, the form that its detector takes.
        runtime: one of `RUNTIMES`.

    Raises:
        AbsentError: it is not here, or failed.
    """
    if not model.is_file():
        raise AbsentError(f"{model.name} is absent")
    with av.open(str(task.clip)) as container:
        stream = container.streams.video[0]
        size_px, rate = (stream.width, stream.height), float(stream.average_rate or 25)
    seconds = (len(packets(task.clip)) - 1) / rate  # not every container states its number of pictures
    order = {
        "clip": str(task.clip),
        "model": str(model),
        "runtime": runtime,
        "size_px": size_px,
        "lines": [
            dict(zip(("name", "start", "end"), (line.name, *ends(line, size_px)), strict=True)) for line in task.lines
        ],
    }
    child = Path(__file__).with_name("mesopic_child.py")
    try:
        ran = subprocess.run(
            [python(), "-I", child],
            input=json.dumps(order),
            capture_output=True,
            text=True,
            check=True,
            timeout=300,
            env={"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
        )
    except subprocess.TimeoutExpired:
        raise AbsentError("it took longer than five minutes") from None
    except subprocess.CalledProcessError as error:
        raise AbsentError((error.stderr.strip().splitlines() or ["it failed"])[-1]) from None
    told = json.loads(ran.stdout)
    counts: Counts = {line.name: _ways(told["crossed"], line.name) for line in task.lines}
    return Cost(told["cpu_s"] / seconds * 1000, counts, told["looks"] / seconds, told["peak_mb"])


def _ways(crossed: list[tuple[str, int]], name: str) -> tuple[int, int]:
    ways = [way for line, way in crossed if line == name]
    return ways.count(1), ways.count(-1)  # its positive way is from the left hand of the line to the right, as our "in"
