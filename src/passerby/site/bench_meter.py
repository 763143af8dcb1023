"""The guard's listener of `passerby bench`: which process serves which camera, and what it took."""

import time
from dataclasses import dataclass, field

from passerby.core.tallies import Tally
from passerby.gate.contract import FacingNow
from passerby.gate.faults import TEXTS
from passerby.gate.messages import FaultCode, HealthFigure
from passerby.site import usage
from passerby.site.usage import Usage

_WORKER, _FEED = "passerby.pixels.worker", "passerby.feed.reader"
_SAMPLE_S = 1.0
_SPAN = 2
"""Samples that are taken together where the busiest time is looked for; a single one may tell of a key frame alone."""
_BUSIEST = 0.1
_OF_FEEDS = frozenset({HealthFigure.PACKETS_READ, HealthFigure.CONNECTED, HealthFigure.DURATION_MS})


@dataclass(slots=True)
class _Process:
    """A room's process: what it took when it began to serve, and since.

    Attributes:
        samples: moments (monotonic seconds) and what it had taken by then; the first is of when it began.
    """

    pid: int
    samples: list[tuple[float, Usage]] = field(default_factory=list)

    def sample(self) -> None:
        """Notes what it took by now; a process that is gone has nothing to add."""
        now = usage.usage_of(self.pid)
        if now:
            self.samples.append((time.monotonic(), now))

    @property
    def seconds(self) -> float:
        """How long it served."""
        return self.samples[-1][0] - self.samples[0][0] if self.samples else 0.0

    @property
    def cpu_s(self) -> float:
        """Seconds of processor since it began to serve."""
        return self.samples[-1][1].cpu_s - self.samples[0][1].cpu_s if self.samples else 0.0

    @property
    def cores(self) -> float:
        """How many cores it kept at work, on average."""
        return self.cpu_s / self.seconds if self.seconds else 0.0

    @property
    def busiest(self) -> float:
        """How many cores it kept at work in the busiest tenth of the time."""
        pairs = zip(self.samples, self.samples[_SPAN:], strict=False)
        spans = [(b.cpu_s - a.cpu_s, until_s - since_s) for (since_s, a), (until_s, b) in pairs]
        rates = sorted(cpu_s / span_s for cpu_s, span_s in spans if span_s >= _SAMPLE_S)
        top = rates[-max(1, round(_BUSIEST * len(rates))) :]
        return sum(top) / len(top) if top else self.cores

    @property
    def grown_mb(self) -> float:
        """Memory that came to it while it served."""
        own = [one.own_mb for _, one in self.samples]
        return max(own) - own[0] if own else 0.0


@dataclass(slots=True)
class CameraMeter:
    """What is known of a camera.

    Attributes:
        fault: what is wrong with it, in words.
        people: whether anybody was counted.
        reached: whether its feed told of video, or of its failure.
    """

    worker: int
    figures: dict[HealthFigure, int] = field(default_factory=dict)
    fault: str = ""
    people: bool = False
    reached: bool = False
    feed: _Process | None = None
    began_s: float = 0.0
    packets_s: float = 0.0

    @property
    def media_s(self) -> float:
        """Seconds of video that were worked through."""
        return self.figures.get(HealthFigure.MEDIA_MS, 0) / 1000

    @property
    def observed_s(self) -> float:
        """Seconds of it that were observed."""
        return self.figures.get(HealthFigure.OBSERVED_MS, 0) / 1000

    @property
    def frames_read(self) -> int:
        """Frames that came, and were decoded or known to be like those before."""
        return self.figures.get(HealthFigure.FRAMES_READ, 0)

    @property
    def frames_analysed(self) -> int:
        """Frames looked at."""
        return self.figures.get(HealthFigure.FRAMES_ANALYSED, 0)

    @property
    def packets_dropped(self) -> int:
        """Packets for which there was no time."""
        return self.figures.get(HealthFigure.PACKETS_DROPPED, 0)

    @property
    def sent_fps(self) -> float:
        """Frames a second that the camera sends; not less than were read."""
        sent = self.figures.get(HealthFigure.PACKETS_READ, 0) / max(self.packets_s - self.began_s, 1.0)
        return max(sent, self.frames_read / self.media_s if self.media_s else 0.0)


class Meter:
    """Listens to the guard, and samples the rooms whenever `sample` is called.

    Args:
        names: the cameras of each worker.
    """

    def __init__(self, names: list[list[str]]) -> None:
        self._names = names
        self.cameras = {name: CameraMeter(worker) for worker, share in enumerate(names) for name in share}
        self._pids: list[int] = []
        self._workers: dict[int, _Process] = {}
        self._ready = 0
        self._newly_ready: list[int] = []
        self._to_come: list[str] = []
        self._known: set[int] = set()
        self._sampled_s = 0.0
        self._box: list[tuple[float, float]] = []

    # The guard's words

    def ready(self, worker: int, _landlock_abi: int, _seccomp: bool) -> None:
        """A worker is shut in, and has loaded what it needs: what it takes from now on is for its cameras."""
        # The guard starts all workers, in their order, before it hears the first.
        self._pids = self._pids or usage.rooms_of(_WORKER)
        if worker < len(self._pids):
            self._workers[worker] = _Process(self._pids[worker])
            self._workers[worker].sample()
        self._ready += 1
        self._newly_ready.append(worker)

    def bytes_out(self, worker: int, count: int) -> None:
        """How much is told does not matter here."""

    def tally(self, tally: Tally) -> None:
        """A window was closed: nothing of it is kept but whether anybody was there."""
        if tally.total > 0:
            self.cameras[tally.camera].people = True

    def health(self, camera: str, figure: HealthFigure, value: int, _line: int = 0) -> None:
        """How a camera is doing."""
        known = self.cameras[camera]
        known.figures[figure] = value
        if figure in _OF_FEEDS:
            known.packets_s = time.monotonic()
            self._reached(known)

    def shelf(self, now: FacingNow) -> None:
        """How shelves are does not matter here."""

    def fault(self, camera: str, code: FaultCode) -> None:
        """Something is wrong with a camera."""
        known = self.cameras[camera]
        known.fault = TEXTS[code]
        known.reached = True

    def done(self, camera: str) -> None:
        """All its video was worked through; only now is all of that paid for."""
        known = self.cameras[camera]
        known.reached = True
        if known.worker in self._workers:
            self._workers[known.worker].sample()

    def refused(self, worker: int, reason: str) -> None:
        """The guard raises the reason by itself."""

    def restarted(self, worker: int, reason: str) -> None:
        """A measurement starts nothing again."""

    # What was found

    def sample(self) -> None:
        """Notes what the rooms took by now; to be called between two rounds of the guard."""
        # Feeds are started in the order of the workers that became ready in the last round, and of their cameras.
        self._to_come += [name for worker in sorted(self._newly_ready) for name in self._names[worker]]
        self._newly_ready.clear()
        if self._to_come:
            self._meet_feeds()
        now_s = time.monotonic()
        if now_s - self._sampled_s >= _SAMPLE_S:
            self._sampled_s = now_s
            for process in self._processes():
                process.sample()
            if self.all_reached:
                self._box.append((now_s, usage.busy_s()))

    @property
    def open(self) -> bool:
        """Whether every worker is shut in and counts."""
        return self._ready == len(self._names)

    @property
    def all_reached(self) -> bool:
        """Whether each camera sent video or was found to be out of reach."""
        return all(camera.reached for camera in self.cameras.values())

    @property
    def told(self) -> bool:
        """Whether the system told what every worker takes."""
        return all(worker in self._workers and self._workers[worker].samples for worker in range(len(self._names)))

    @property
    def shares_workers(self) -> bool:
        """Whether a worker served several cameras."""
        return any(len(share) > 1 for share in self._names)

    @property
    def worker_memory_mb(self) -> float:
        """Memory of a worker before its first camera."""
        return max(process.samples[0][1].memory_mb for process in self._workers.values())

    @property
    def busy_cores(self) -> float:
        """Cores that were at work, for the rooms or for other programs, on average."""
        if len(self._box) < 2:
            return 0.0
        (since_s, before_s), (until_s, after_s) = self._box[0], self._box[-1]
        return (after_s - before_s) / max(until_s - since_s, 1.0)

    @property
    def others_cores(self) -> float:
        """Cores that programs other than the rooms kept at work, on average."""
        return max(0.0, self.busy_cores - sum(process.cores for process in self._processes()))

    def cpu_ms_per_s(self, name: str) -> tuple[float, float]:
        """Milliseconds of one core for a second of a camera's video: on average, and in its busiest tenth."""
        camera = self.cameras[name]
        worker = self._workers[camera.worker]
        video_s = sum(self.cameras[other].media_s for other in self._names[camera.worker])
        feed = camera.feed.cores if camera.feed else 0.0
        mean = worker.cpu_s / video_s
        share = worker.busiest / len(self._names[camera.worker])
        return (mean + feed) * 1000, (max(mean, share) + feed) * 1000

    def memory_mb(self, name: str) -> float:
        """Memory that a camera added to its worker, and that of its feed; what all feeds share is left out."""
        camera = self.cameras[name]
        feed_mb = max((one.own_mb for _, one in camera.feed.samples), default=0.0) if camera.feed else 0.0
        return self._workers[camera.worker].grown_mb / len(self._names[camera.worker]) + feed_mb

    def _processes(self) -> list[_Process]:
        # A feed that has not yet told of video is still starting, which happens once and is not what it costs.
        feeds = [camera.feed for camera in self.cameras.values() if camera.feed and camera.feed.samples]
        return [*self._workers.values(), *feeds]

    def _meet_feeds(self) -> None:
        for pid in usage.rooms_of(_FEED):
            if pid not in self._known and self._to_come:
                self._known.add(pid)
                self.cameras[self._to_come.pop(0)].feed = _Process(pid)

    @staticmethod
    def _reached(camera: CameraMeter) -> None:
        if not camera.reached:
            camera.reached = True
            camera.began_s = time.monotonic()
        if camera.feed and not camera.feed.samples:
            camera.feed.sample()
