"""What a run was: seeds, versions, hashes, seconds and losses, as JSON beside its weights."""

import hashlib
import json
import platform
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

_PACKAGES = ("torch", "numpy", "opencv-python-headless", "av", "onnx", "moderngl")


@dataclass
class Record:
    """Facts and the seconds of each stage."""

    facts: dict[str, Any] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Tells that a stage begins, and measures how long it takes."""
        sys.stdout.write(f"== {name}\n")
        sys.stdout.flush()
        began_s = time.monotonic()
        yield
        self.seconds[name] = round(time.monotonic() - began_s, 1)

    def write(self, file: Path) -> None:
        """Writes all as JSON, with what it ran on."""
        versions = {"python": platform.python_version()} | {name: version(name) for name in _PACKAGES}
        machine = {"machine": platform.machine(), "system": platform.system()}
        whole = self.facts | {"seconds": self.seconds, "versions": versions, "ran_on": machine}
        file.write_text(json.dumps(whole, indent=1) + "\n")


def sha256(*files: Path) -> str:
    """SHA-256 of a file, or of several, one behind the other."""
    whole = hashlib.sha256()
    for file in files:
        whole.update(file.read_bytes())
    return whole.hexdigest()
