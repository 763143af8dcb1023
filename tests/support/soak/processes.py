"""What the kernel says of processes while a soak runs: memory, open files, how many, and whether any is a zombie."""

import os
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from statistics import median
from typing import Self

from tests.support.site import children, command_line

EVERY_S = 5.0
SETTLE_S = 60.0
"""A process grows while it does everything for the first time; of that no slope is taken."""
_TICKS = os.sysconf("SC_CLK_TCK")
_MIB_KB = 1024
_ROOMS = {b"passerby.pixels.worker": "worker", b"passerby.feed.reader": "feed", b"passerby.audit": "audit"}
Identity = tuple[int, int]
"""Process id and the moment at which it began, which together are never given again."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One process at one moment.

    Attributes:
        at_s: seconds since the watch began.
        life_s: seconds since the first sample of the same process, or since it started afresh.
        memory_mib: resident.
        files: open file descriptors.
    """

    who: Identity
    at_s: float
    life_s: float
    memory_mib: float
    files: int


@dataclass(frozen=True, slots=True)
class Kept:
    """What there is of one kind of process.

    Attributes:
        number: of processes.
        files, store_files: the most that one has open, but for those of stores, and of stores.
    """

    number: int = 0
    files: int = 0
    store_files: int = 0

    @property
    def all_files(self) -> int:
        """The most that one can have had open."""
        return self.files + self.store_files

    def and_one(self, files: int, store_files: int) -> "Kept":
        """With one process more."""
        return Kept(self.number + 1, max(self.files, files), max(self.store_files, store_files))

    def most(self, other: "Kept") -> "Kept":
        """As many processes as now, and the most files of both moments."""
        return Kept(self.number, max(self.files, other.files), max(self.store_files, other.store_files))


@dataclass
class Watching:
    """Samples a hub, sites and their rooms in a thread of its own.

    Args:
        parents: process ids by what they are called; those that do not run are left out.

    Attributes:
        samples: by kind of process: "hub", "harbour", "harbour worker" and so on.
        numbers: by kind, at each moment how many there were.
        zombies: processes that were not reaped for a whole turn.
        known: all that were ever seen.
    """

    parents: Callable[[], dict[str, int]]
    samples: dict[str, list[Sample]] = field(default_factory=lambda: defaultdict(list))
    numbers: dict[str, list[tuple[float, int]]] = field(default_factory=lambda: defaultdict(list))
    zombies: set[Identity] = field(default_factory=set)
    known: set[Identity] = field(default_factory=set)

    def __enter__(self) -> Self:
        self._began_s = time.monotonic()
        self._first: dict[Identity, float] = {}
        self._before_mib: dict[Identity, float] = {}
        self._dead: set[Identity] = set()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    @property
    def elapsed_s(self) -> float:
        return time.monotonic() - self._began_s

    def now(self) -> dict[str, "Kept"]:
        """What there is of each kind."""
        found: dict[str, Kept] = {}
        for kind, pid in self._family():
            names = _names(pid)
            stores = sum(count for name, count in names.items() if ".sqlite" in name)
            found[kind] = found.get(kind, Kept()).and_one(names.total() - stores, stores)
        return found

    def open_now(self, kind: str) -> dict[str, int]:
        """What the processes of a kind have open, sockets as one."""
        return dict(sum((_names(pid) for one, pid in self._family() if one == kind), Counter[str]()).most_common())

    def most_files(self, kind: str) -> int:
        """The most that one process of a kind had open in any sample."""
        return max((one.files for one in self.samples[kind]), default=0)

    def slope_mib_h(self, kind: str, since_s: float) -> float | None:
        """How fast memory grows: the median of the slopes between any two samples of one life (Theil, Sen).

        Args:
            kind: of process.
            since_s: samples from here on are taken, of lives that have settled.
        """
        lives: dict[tuple[Identity, int], list[Sample]] = defaultdict(list)
        for one in self.samples[kind]:
            if one.at_s >= since_s and one.life_s >= SETTLE_S:
                lives[one.who, round(one.at_s - one.life_s)].append(one)
        slopes = [
            (late.memory_mib - early.memory_mib) / (late.at_s - early.at_s) * 3600
            for life in lives.values()
            for early, late in combinations(_thinned(life), 2)
            if late.at_s - early.at_s >= 2 * EVERY_S
        ]
        return median(slopes) if len(slopes) >= 10 else None

    def _watch(self) -> None:
        while not self._ended.is_set():
            self._look()
            self._ended.wait(EVERY_S)

    def _look(self) -> None:
        at_s, dead, counts = self.elapsed_s, set[Identity](), Counter[str]()
        for kind, pid in self._family():
            stat = _stat(pid)
            if stat is None:
                continue
            state, who = stat[0], (pid, int(stat[19]))
            self.known.add(who)
            if state == "Z":
                dead.add(who)
                continue
            counts[kind] += 1
            memory_mib = _memory_mib(pid)
            if memory_mib < self._before_mib.get(who, 0.0) / 2:
                del self._first[who]  # a reload is a fresh start of the same process
            self._before_mib[who] = memory_mib
            first = self._first.setdefault(who, at_s)
            self.samples[kind].append(Sample(who, at_s, at_s - first, memory_mib, _files(pid)))
        self.zombies |= dead & self._dead
        self._dead = dead
        for kind, number in counts.items():
            self.numbers[kind].append((at_s, number))

    def _family(self) -> Iterable[tuple[str, int]]:
        for name, pid in self.parents().items():
            yield name, pid
            for child in children(pid):
                room = next((words for part, words in _ROOMS.items() if part in command_line(child)), "other")
                yield f"{name} {room}", child


def cpu_s(pids: Iterable[int]) -> float:
    """Processor seconds of processes and of those of their children that they have reaped."""
    return sum(int(ticks) for pid in pids if (stat := _stat(pid)) for ticks in stat[11:15]) / _TICKS


def still_there(who: Identity) -> bool:
    """Whether a process runs, and no other has its number by now."""
    stat = _stat(who[0])
    return stat is not None and int(stat[19]) == who[1] and stat[0] != "Z"


def _thinned(life: list[Sample]) -> list[Sample]:
    """At most a few hundred: pairs are of their square."""
    return life[:: max(1, len(life) // 300)]


def _stat(pid: int) -> list[str] | None:
    """Fields of proc(5) stat from the state on; None for one that has gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None


def _memory_mib(pid: int) -> float:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1024 / _MIB_KB
    except OSError:
        return 0.0


def _names(pid: int) -> Counter[str]:
    names = Counter[str]()
    with suppress(OSError):
        for one in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(OSError):
                names[one.readlink().name.partition(":")[0]] += 1
    return names


def _files(pid: int) -> int:
    try:
        return len(list(Path(f"/proc/{pid}/fd").iterdir()))
    except OSError:
        return 0
