"""What `passerby bench` found: what each camera costs, how many such cameras this box serves, and what limits it."""

import math
from dataclasses import asdict, dataclass
from typing import Any

from rich.markup import escape
from rich.table import Table

_USABLE = 0.8
"""The share of processor and memory that is given out; the rest is for the page, the store and moments of crowding."""


@dataclass(frozen=True, slots=True)
class Box:
    """What cameras may take of this machine.

    Attributes:
        cores: of the processor; a quota can make it a fraction.
        memory_mb: free before the measurement, in millions of bytes.
    """

    cores: float
    memory_mb: float


@dataclass(frozen=True, slots=True)
class CameraCost:
    """What one camera took.

    Attributes:
        cpu_ms_per_s: milliseconds of one core for a second of its video: decoding, looking, and the feed.
        busy_cpu_ms_per_s: the same at a busy door: measured where people came by, else estimated.
        memory_mb: memory that it added to its worker, and that of its feed.
        fps: frames in a second of video; those of a quiet scene pass undecoded.
        analysed_fps: frames looked at in a second of video.
        coverage: share of the video that was observed, 0..1.
        packets_dropped: packets for which there was no time.
    """

    name: str
    cpu_ms_per_s: float
    busy_cpu_ms_per_s: float
    memory_mb: float
    fps: float
    analysed_fps: float
    coverage: float
    packets_dropped: int


@dataclass(frozen=True, slots=True)
class Report:
    """What was found.

    Attributes:
        box: this machine.
        seconds: how long it was measured.
        cameras: those that gave video; at least one.
        worker_memory_mb: memory of a worker before its first camera.
        notes: what the reader should know of these figures.
    """

    box: Box
    seconds: float
    cameras: tuple[CameraCost, ...]
    worker_memory_mb: float
    notes: tuple[str, ...]

    @property
    def cpu_ms_per_s(self) -> float:
        """What a camera costs on average, as measured."""
        return sum(one.cpu_ms_per_s for one in self.cameras) / len(self.cameras)

    @property
    def busy_cpu_ms_per_s(self) -> float:
        """What a camera costs on average at a busy door."""
        return sum(one.busy_cpu_ms_per_s for one in self.cameras) / len(self.cameras)

    @property
    def served(self) -> int:
        """How many such cameras the box serves at the load that was measured."""
        return min(self._by_processor(self.cpu_ms_per_s), self._by_memory)

    @property
    def served_busy(self) -> int:
        """How many it serves when all of them look at busy doors."""
        return min(self._by_processor(self.busy_cpu_ms_per_s), self._by_memory)

    @property
    def limit(self) -> str:
        """What runs out first at the load that was measured: "processor" or "memory"."""
        return "memory" if self._by_memory < self._by_processor(self.cpu_ms_per_s) else "processor"

    def _by_processor(self, cpu_ms_per_s: float) -> int:
        return math.floor(_USABLE * self.box.cores * 1000 / max(cpu_ms_per_s, 0.1))

    @property
    def _by_memory(self) -> int:
        workers_mb = math.ceil(self.box.cores) * self.worker_memory_mb
        camera_mb = sum(one.memory_mb for one in self.cameras) / len(self.cameras)
        return max(0, math.floor((_USABLE * self.box.memory_mb - workers_mb) / max(camera_mb, 0.1)))

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "cores": round(self.box.cores, 2),
            "seconds": round(self.seconds, 1),
            "cameras": [_rounded(one) for one in self.cameras],
            "worker_memory_mb": round(self.worker_memory_mb, 1),
            "cameras_served": {"as_measured": self.served, "busy": self.served_busy},
            "limit": self.limit,
            "notes": list(self.notes),
        }

    def table(self) -> Table:
        """The cameras, for a terminal."""
        table = Table()
        for index, column in enumerate(("camera", "of a core", "busy", "memory", "frames", "looked at", "coverage")):
            table.add_column(column, justify="right" if index else "left")
        for one in self.cameras:
            shares = (f"{one.cpu_ms_per_s / 10:.1f} %", f"{one.busy_cpu_ms_per_s / 10:.1f} %")
            rates = (f"{one.fps:.1f} a s", f"{one.analysed_fps:.1f} a s")
            table.add_row(escape(one.name), *shares, f"{one.memory_mb:.0f} MB", *rates, f"{one.coverage:.0%}")
        return table

    def words(self) -> str:
        """The answer, in sentences."""
        worst = max(self.cameras, key=lambda one: one.cpu_ms_per_s)
        plural = len(self.cameras) > 1
        most = f" on average, {worst.name} the most with {worst.cpu_ms_per_s / 10:.1f} %" if plural else ""
        these = f"These {len(self.cameras)} cameras need" if plural else f"{worst.name} needs"
        return (
            f"This box has {self.box.cores:g} {'core' if self.box.cores == 1 else 'cores'}. "
            f"{these} {self.cpu_ms_per_s / 10:.1f} % of one core{most}, a worker {self.worker_memory_mb:.0f} MB.\n"
            f"It serves about {self.served} such cameras at the load of these {self.seconds:.0f} s, and about "
            f"{self.served_busy} when all look at busy doors. Limited by: {self.limit}."
        )


def _rounded(cost: CameraCost) -> dict[str, Any]:
    return {key: round(value, 3) if isinstance(value, float) else value for key, value in asdict(cost).items()}
