"""How late a picture is looked at, and with it counted: a crossing is counted in the same step."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.capacity.ours import Silent, Task, packets
from passerby.core.observations import Detections
from passerby.gate.messages import ModelPlan, Plan
from passerby.gate.packets import PacketKind
from passerby.pixels.camera import Camera
from passerby.pixels.furnish import furnish
from passerby.pixels.scene import Detector, Eyes


@dataclass(frozen=True)
class Latency:
    """Seconds from a picture's arrival until it was looked at.

    Attributes:
        median_s, p99_s, worst_s: of pictures in which somebody was found.
    """

    median_s: float
    p99_s: float
    worst_s: float


class _Watched:
    """A detector that notes which picture it was asked about."""

    def __init__(self, detector: Detector, note: Callable[[float], None]) -> None:
        self._detector, self._note = detector, note
        self.size_px, self.confident = detector.size_px, detector.confident

    @property
    def ready(self) -> bool:
        """As the detector's."""
        return self._detector.ready

    def detect(self, bgr: NDArray[np.uint8], time_s: float) -> Detections:
        """As the detector's."""
        found = self._detector.detect(bgr, time_s)
        if len(found):
            self._note(time_s)
        return found


def latency(task: Task, model: ModelPlan) -> Latency:
    """Plays a clip to one camera that has a core for itself, by a clock that is reckoned, not waited for.

    A packet arrives at its presentation time. It is taken then, or when the one before it is done with.
    """
    looked_s: list[float] = []
    ((plan, eyes),) = furnish(Plan((task.plan(),), (0,), model))
    watched = _Watched(eyes.detector(), looked_s.append)
    camera = Camera(plan, Eyes(lambda: watched, eyes.judge), Silent())
    camera.rehearse()
    looked_s.clear()
    first_us, free_s = None, 0.0
    late_s: list[float] = []
    for record in packets(task.clip):
        began_s = time.process_time()
        camera.take(record)
        took_s = time.process_time() - began_s
        if record.kind is not PacketKind.PACKET:
            continue
        first_us = record.pts_us if first_us is None else first_us
        free_s = max(free_s, (record.pts_us - first_us) / 1e6) + took_s
        late_s += [free_s - time_s for time_s in looked_s]
        looked_s.clear()
    median_s, p99_s, worst_s = np.quantile(late_s or [0.0], (0.5, 0.99, 1.0)).tolist()
    return Latency(median_s, p99_s, worst_s)
