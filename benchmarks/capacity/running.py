"""A site that really runs: how soon all its cameras count, what a further camera takes, and what that costs in all.

The guard starts feeds and workers behind their locks. The cameras are files played at their own speed, which the worker
is told are recordings, so that it reports every second and not every ten.
"""

import os
import statistics
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import msgspec

from benchmarks.capacity.ours import Task
from passerby.core.tallies import Tally
from passerby.gate.contract import FacingNow
from passerby.gate.guard import Guard, Job, Settings
from passerby.gate.messages import FaultCode, HealthFigure, ModelPlan
from passerby.gate.sources import parse

START_CAMERAS = 12
FEW, MANY = 1, 6
_TICK_S = 0.05
_GIVE_UP_S = 60.0
_CLOCK_TICKS = os.sysconf("SC_CLK_TCK")
_WORKER, _FEED = b"passerby.pixels.worker", b"passerby.feed.reader"


@dataclass(frozen=True)
class Ran:
    """How a site ran.

    Attributes:
        ready_s: from nothing until the last worker was shut in.
        start_s: from nothing until every camera had looked at a picture; None if that never was.
        worker_mb: memory of the workers together, RSS, in MB of 10^6 bytes.
        feed_mb: what one feed has for itself; the libraries that all feeds share are left out.
        cores: processor seconds each second, of workers and feeds, once all counted.
    """

    ready_s: float
    start_s: float | None
    worker_mb: float
    feed_mb: float
    cores: float


@dataclass
class _Listener:
    """Notes when each camera was first known to count."""

    counting: dict[str, float] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    ready_s: float = 0.0

    def ready(self, _worker: int, _landlock_abi: int, _seccomp: bool) -> None:
        self.ready_s = time.monotonic()

    def bytes_out(self, _worker: int, _count: int) -> None: ...

    def tally(self, _tally: Tally) -> None: ...

    def health(self, camera: str, figure: HealthFigure, value: int, _line: int = 0) -> None:
        if figure is HealthFigure.FRAMES_ANALYSED and value:
            self.counting.setdefault(camera, time.monotonic())

    def shelf(self, now: FacingNow) -> None: ...

    def fault(self, camera: str, code: FaultCode) -> None:
        self.faults.append(f"{camera}: {code.name}")

    def done(self, _camera: str) -> None: ...

    def refused(self, _worker: int, _reason: str) -> None: ...

    def restarted(self, _worker: int, _reason: str) -> None: ...


def run(task: Task, model: ModelPlan, cameras: int, workers: int, watch_s: float) -> Ran:
    """Runs a site whose cameras all show the same clip, and watches it for so long once all count.

    Raises:
        PasserbyError: it cannot start.
    """
    source = replace(parse(str(task.clip)).at_its_own_pace(), loops=0)
    plans = [msgspec.structs.replace(task.plan(), name=f"camera {index + 1}") for index in range(cameras)]
    listener, stop = _Listener(), threading.Event()
    guard = Guard([Job(plan, source) for plan in plans], Settings(model=model, workers=workers), listener)
    began_s = time.monotonic()
    # The guard starts its rooms in the thread that it runs in, and a room dies with that thread.
    watcher = _Watcher(lambda: len(listener.counting) == cameras, watch_s, stop)
    watcher.start()
    guard.run(stop)
    watcher.join()
    whole = len(listener.counting) == cameras
    ready_s = listener.ready_s - began_s
    return Ran(ready_s, max(listener.counting.values()) - began_s if whole else None, *watcher.told())


class _Watcher(threading.Thread):
    """Looks at the rooms from outside, by what the kernel says of them."""

    def __init__(self, counting: Callable[[], bool], watch_s: float, stop: threading.Event) -> None:
        super().__init__(daemon=True)
        self._counting, self._watch_s, self._ended = counting, watch_s, stop
        self._worker_mb: list[float] = []
        self._feed_mb: list[float] = []
        self._cores = 0.0

    def run(self) -> None:
        """Watches until it has seen enough, then ends the site."""
        try:
            self._watch()
        finally:
            self._ended.set()

    def told(self) -> tuple[float, float, float]:
        """Memory of all workers and of one feed, in MB, and processor seconds each second."""
        return max(self._worker_mb, default=0.0), statistics.median(self._feed_mb or [0.0]), self._cores

    def _watch(self) -> None:
        until_s = time.monotonic() + _GIVE_UP_S
        while not self._counting() and time.monotonic() < until_s:
            time.sleep(_TICK_S)
        began_s, used_s = time.monotonic(), _processor_s()
        while time.monotonic() - began_s < self._watch_s:
            time.sleep(1.0)
            self._worker_mb.append(sum(map(_rss_mb, _rooms(_WORKER))))
            self._feed_mb += map(_own_mb, _rooms(_FEED))
        self._cores = (_processor_s() - used_s) / (time.monotonic() - began_s)


def _rooms(name: bytes) -> list[Path]:
    """The processes of this one's children that run a room."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int(_stat(folder)[1])
            if parent == os.getpid() and name in (folder / "cmdline").read_bytes().split(b"\0"):
                found.append(folder)
        except OSError:
            continue  # it has ended
    return found


def _stat(folder: Path) -> list[str]:
    """The fields of proc(5) stat, from the state on."""
    return (folder / "stat").read_text().rpartition(")")[2].split()


def _rss_mb(folder: Path) -> float:
    return int((folder / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def _own_mb(folder: Path) -> float:
    """Without pages of files, which all processes of a kind share."""
    _, resident, shared, *_ = map(int, (folder / "statm").read_text().split())
    return (resident - shared) * os.sysconf("SC_PAGE_SIZE") / 1e6


def _processor_s() -> float:
    rooms = [*_rooms(_WORKER), *_rooms(_FEED)]
    return sum(int(ticks) for room in rooms for ticks in _stat(room)[11:13]) / _CLOCK_TICKS
