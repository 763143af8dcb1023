"""Runs the program as its users do."""

import json
import subprocess
import sys
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Ran:
    """How a command ended."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """What it printed."""
        found: dict[str, Any] = json.loads(self.out)
        return found


def passerby(*arguments: object, stdin: bytes | None = None, timeout_s: float = 120) -> Ran:
    """Runs `passerby` with arguments; no terminal is attached."""
    command = [sys.executable, "-m", "passerby.cli", *map(str, arguments)]
    done = subprocess.run(command, input=stdin or b"", capture_output=True, timeout=timeout_s, check=False)
    return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())


def in_words(ran: Ran) -> str:
    """The error of a command that must have failed with words and not with a trace-back."""
    assert "Traceback" not in ran.err
    assert ran.err.startswith("passerby:")
    return ran.err
