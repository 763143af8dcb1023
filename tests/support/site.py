"""A site as its users run it: `passerby run` in a process of its own, with its page on a free port."""

import http.client
import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self, TypeVar

_T = TypeVar("_T")
_PATIENCE_S = 60.0
"""For what takes a moment: the machine may be slow, and busy with other things."""
_taken: set[int] = set()


def eventually(ask: Callable[[], _T], within_s: float = _PATIENCE_S) -> _T:
    """Asks until the answer is true.

    Raises:
        AssertionError: it never was.
    """
    until_s = time.monotonic() + within_s
    while not (answer := ask()):
        assert time.monotonic() < until_s, f"not within {within_s} s; last answer: {answer!r}"
        time.sleep(0.05)
    return answer


def free_port() -> int:
    """A port that nothing listens on.

    It is none of those that the kernel gives to whoever asks for any: such a one could be another's when it is used.
    """
    first = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    while True:
        port = random.randrange(first // 2, first)
        if port not in _taken and _is_free(port):
            _taken.add(port)
            return port


def _is_free(port: int) -> bool:
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


def overhead_camera(name: str, source: object, *more: str) -> str:
    """YAML of a camera that needs no model."""
    lines = [f"name: {name}", f"source: {source}", "view: overhead", *more]
    lines.append("lines: [{name: door, from: [0.5, 0.9], to: [0.5, 0.1]}]")
    lines.append("zones: [{name: floor, corners: [[0, 0], [1, 0], [1, 1], [0, 1]]}]")
    return "  - " + "\n    ".join(lines)


class RunningSite:
    """`passerby run` in a folder, with the given cameras.

    Attributes:
        log: path of what it said.
        more: keys of the configuration beside the cameras.
        program: what Python runs.
        environment: what it has beside that of the test.
        python: path of the Python that runs it.
        headers: who asks, where accounts are set.
    """

    def __init__(self, folder: Path, *cameras: str, workers: int = 1) -> None:
        self._folder, self._cameras, self._workers = folder, cameras, workers
        self.more = ""
        self.program: tuple[str, ...] = ("-m", "passerby.cli")
        self.environment: dict[str, str] = {}
        self.python = Path(sys.executable)
        self.headers: dict[str, str] = {}
        self.port = free_port()
        self.log = folder / "log.jsonl"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def write(self) -> Path:
        """Writes the configuration."""
        config = self._folder / "site.yaml"
        head = f"window_s: 60\nworkers: {self._workers}\nweb: {{port: {self.port}}}\n{self.more}cameras:\n"
        config.write_text(head + "\n".join(self._cameras) + "\n")
        return config

    def start(self, **popen: Any) -> Self:
        """Starts it, without waiting for its cameras."""
        command = [str(self.python), *self.program, "run", str(self.write())]
        environment = {**os.environ, **self.environment}
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, **{"env": environment, **popen}
            )
        return self

    def wait_live(self, within_s: float = _PATIENCE_S) -> None:
        """Waits until every camera was counted for a moment."""
        eventually(
            lambda: all(one["status"] == "live" for one in self.state().get("cameras", [{"status": ""}])), within_s
        )

    def get(self, path: str) -> Any:
        """An answer of the API; empty while nothing answers."""
        try:
            asked = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", headers=self.headers)
            with urllib.request.urlopen(asked, timeout=_PATIENCE_S) as answer:
                return json.load(answer)
        except (OSError, http.client.HTTPException):
            assert self._process is None or self._process.poll() is None, self.log.read_text()
            return {}

    def state(self) -> dict[str, Any]:
        """`/api/v1/state`."""
        found: dict[str, Any] = self.get("/api/v1/state")
        return found

    def camera(self, name: str) -> dict[str, Any]:
        """One camera of the state."""
        return next((one for one in self.state().get("cameras", []) if one["name"] == name), {})

    def tell(self, number: signal.Signals) -> None:
        """Sends it a signal, without waiting for anything."""
        assert self._process is not None
        self._process.send_signal(number)

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Ends it by a signal, and gives its exit status."""
        assert self._process is not None
        self._process.send_signal(number)
        status = self._process.wait(_PATIENCE_S)
        self._process = None
        return status

    def rooms(self, module: str) -> list[int]:
        """Process ids of its rooms: `pixels.worker` or `feed.reader`."""
        return [pid for pid in children(self.pid) if f"passerby.{module}".encode() in command_line(pid)]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()


def children(pid: int) -> list[int]:
    """Processes that a process started and that run."""
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        return [int(child) for task in tasks for child in (task / "children").read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []


def command_line(pid: int) -> bytes:
    """Arguments of a process; empty for one that ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""


def runs(pid: int) -> bool:
    """Whether a process is there and is not only a status that waits to be read."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def kill(pid: int) -> None:
    """As the kernel does when memory is short."""
    os.kill(pid, signal.SIGKILL)
