"""Whether a camera's memory grows: a clip played over and over, faster than it happened, in this process."""

import os
from dataclasses import dataclass
from pathlib import Path

import msgspec

from benchmarks.capacity.ours import Silent, Task, packets
from passerby.gate.messages import ModelPlan, Plan
from passerby.gate.packets import PacketKind
from passerby.pixels.camera import Camera
from passerby.pixels.furnish import furnish

SECONDS = 3600


@dataclass(frozen=True)
class Growth:
    """Memory of this process, RSS, in MB of 10^6 bytes.

    Attributes:
        first_mb: after the first sixth, when all that is kept for reuse is there.
        last_mb: at the end.
    """

    first_mb: float
    last_mb: float


def growth(task: Task, model: ModelPlan) -> Growth:
    """Plays an hour of video to one camera."""
    head, *records = packets(task.clip)
    ((_, eyes),) = furnish(Plan((task.plan(),), (0,), model))
    camera = Camera(msgspec.structs.replace(task.plan(), window_s=60), eyes, Silent())
    camera.rehearse()
    camera.take(head)
    pts_us = [record.pts_us for record in records if record.kind is PacketKind.PACKET]
    length_us = max(pts_us) - min(pts_us) + pts_us[1] - pts_us[0]
    turns = -(-SECONDS * 1_000_000 // length_us)
    memory_mb = []
    for turn in range(turns):
        for record in records:
            camera.take(msgspec.structs.replace(record, pts_us=record.pts_us + turn * length_us))
        memory_mb.append(_resident_mb())
    return Growth(memory_mb[turns // 6], memory_mb[-1])


def _resident_mb() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
