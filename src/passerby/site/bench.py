"""`passerby bench`: runs a site's cameras for a while, and tells how many such cameras this box serves.

The cameras go through the same rooms as in `passerby run`. Nothing is stored and no page is served. What the rooms take
is read from outside (`site.usage`), so that no room has to tell more than it does anyway.
"""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from passerby.errors import ConfigError, ModelError, PasserbyError, SourceError
from passerby.gate.guard import Guard, Job, Settings
from passerby.gate.messages import ModelPlan
from passerby.records.interrupts import interruptible
from passerby.site import usage
from passerby.site.bench_meter import CameraMeter, Meter
from passerby.site.bench_report import Box, CameraCost, Report
from passerby.site.config import SiteConfig, load
from passerby.site.count import Models
from passerby.site.ready import job_of, models_of

Progress = Callable[[float, float], None]
"""Is told how many seconds were measured, and of how many."""

_REACH_S = 20.0
_ENOUGH_S = 2.0
_WORKERS_PER_CORE = 4
_ROUGH_WORKER_MB = 300.0
_OTHERS = 0.1
_FULL = 0.95
_SELF_TEST = (sys.executable, "-I", "-m", "passerby.pixels.selftest")
_SELF_TEST_LIMIT_S = 60


def bench(path: Path, seconds: float, on_progress: Progress, *, unsafe_no_lockdown: bool = False) -> Report:
    """Runs the cameras of a site, and measures what they take.

    Args:
        path: the site's configuration.
        seconds: how long, from when all cameras were reached; recordings may end sooner.
        on_progress: is told how far it is.
        unsafe_no_lockdown: leave the rooms open. For development only.

    Raises:
        ConfigError, SourceError, ModelError, LockdownError, GateError: it cannot start, or no camera gave video.
        PasserbyError: the system does not tell what processes take.
    """
    config = load(path)
    if not config.cameras:
        raise ConfigError([f"{path}, cameras: none is given; add one, as the example of `passerby init` shows."])
    box = Box(usage.cores(), usage.free_memory_mb())
    jobs = [job_of(camera, config) for camera in config.cameras]
    known = models_of(config)
    workers = _workers(config, box)
    settings = Settings(
        model=known.people.plan if known.people else None,
        masks=known.masks.plan if known.masks else None,
        workers=workers,
        unsafe_no_lockdown=unsafe_no_lockdown,
    )
    meter = Meter([[job.plan.name for job in jobs[index::workers]] for index in range(workers)])
    with interruptible() as interrupted:
        Guard(jobs, settings, meter).run(_Clock(meter, seconds, on_progress, interrupted).over)
    return _report(box, jobs, known, meter)


def _workers(config: SiteConfig, box: Box) -> int:
    """A worker for each camera, so that costs can be told apart, where the box has room for so many."""
    cameras = len(config.cameras)
    apart = cameras <= _WORKERS_PER_CORE * box.cores and cameras * _ROUGH_WORKER_MB <= box.memory_mb / 2
    return cameras if apart else config.worker_count


class _Clock:
    """Tells the guard when it is over. The guard asks at least four times a second, and each time a sample is taken."""

    def __init__(self, meter: Meter, seconds: float, on_progress: Progress, interrupted: Callable[[], bool]) -> None:
        self._meter, self._seconds = meter, seconds
        self._on_progress, self._interrupted = on_progress, interrupted
        self._ready_s: float | None = None
        self._began_s: float | None = None

    def over(self) -> bool:
        """Whether it was measured for long enough."""
        self._meter.sample()
        now_s = time.monotonic()
        if self._ready_s is None and self._meter.open:
            self._ready_s = now_s
        if self._began_s is None and self._ready_s is not None:
            late = now_s - self._ready_s > _REACH_S
            self._began_s = now_s if late or self._meter.all_reached else None
        done_s = now_s - self._began_s if self._began_s is not None else 0.0
        self._on_progress(min(done_s, self._seconds), self._seconds)
        return self._interrupted() or done_s >= self._seconds


def _report(box: Box, jobs: list[Job], known: Models, meter: Meter) -> Report:
    measured = [job for job in jobs if meter.cameras[job.plan.name].media_s >= _ENOUGH_S]
    failed = [f"{name}: {_why(one)}" for name, one in meter.cameras.items() if one.media_s < _ENOUGH_S]
    if not measured:
        raise SourceError("no camera gave video to measure.\n  " + "\n  ".join(failed))
    if not meter.told:
        raise PasserbyError(
            "the system does not tell what processes take. If /proc is mounted with hidepid, run it as another user."
        )
    empty = [job for job in measured if job.plan.view == "level" and not meter.cameras[job.plan.name].people]
    look_ms = _look_ms(known.people.plan) if empty and known.people else 0.0
    costs = tuple(_cost(job, meter, look_ms if job in empty else None) for job in measured)
    seconds = max(meter.cameras[job.plan.name].media_s for job in measured)
    notes = [*failed, *_notes(box, jobs, meter, costs)]
    if empty:
        names = ", ".join(job.plan.name for job in empty)
        notes.append(
            f"Nobody was counted at {names}, so a busy hour costs more. It was estimated: as in the busiest seconds, "
            f"and the detector asked at every look ({look_ms:.1f} ms each, by its self-test). Measure in a busy hour."
        )
    return Report(box, seconds, costs, meter.worker_memory_mb, tuple(notes))


def _cost(job: Job, meter: Meter, look_ms: float | None) -> CameraCost:
    """What a camera took; `look_ms` is what a look of the detector takes, where it was hardly ever asked.

    Even a quiet scene is decoded whole in its busiest seconds, the first ones: until it is known to be quiet.
    """
    camera = meter.cameras[job.plan.name]
    mean, busiest = meter.cpu_ms_per_s(job.plan.name)
    return CameraCost(
        name=job.plan.name,
        cpu_ms_per_s=mean,
        busy_cpu_ms_per_s=busiest + job.plan.most_fps * (look_ms or 0.0),
        memory_mb=meter.memory_mb(job.plan.name),
        fps=camera.frames_read / camera.media_s,
        analysed_fps=camera.frames_analysed / camera.media_s,
        coverage=min(1.0, camera.observed_s / camera.media_s),
        packets_dropped=camera.packets_dropped,
    )


def _notes(box: Box, jobs: list[Job], meter: Meter, costs: tuple[CameraCost, ...]) -> list[str]:
    notes = []
    late = [one.name for one in costs if one.packets_dropped]
    if late:
        notes.append(f"There was no time for all video of {', '.join(late)}: the box is full already.")
    if meter.busy_cores > _FULL * box.cores:
        notes.append(
            "The processor was full. Cameras are then looked at less often than they should be, so they cost more than "
            "was measured."
        )
    asked = {job.plan.name: job.plan.most_fps for job in jobs}
    slow = [one.name for one in costs if meter.cameras[one.name].sent_fps < 0.9 * asked[one.name]]
    if slow:
        notes.append(
            f"Fewer frames come from {', '.join(slow)} than are to be looked at (analysed_fps): the camera's own rate "
            "is the limit there."
        )
    if meter.shares_workers:
        notes.append("Cameras shared workers, as there are many: cameras of one worker show its mean.")
    if meter.others_cores > _OTHERS * box.cores:
        notes.append(
            f"Other programs used {meter.others_cores:.1f} of {box.cores:g} cores meanwhile; that is not taken off."
        )
    return notes


def _why(camera: CameraMeter) -> str:
    if camera.fault:
        return f"left out: {camera.fault}"
    return f"left out: it gave {camera.media_s:.1f} s of video, which is too little to measure."


def _look_ms(plan: ModelPlan) -> float:
    """Milliseconds of one core that a look of the detector takes, by its self-test on a picture that is built in.

    Raises:
        ModelError: the self-test failed.
    """
    encoded = msgspec.json.encode(plan)
    done = subprocess.run(_SELF_TEST, input=encoded, capture_output=True, timeout=_SELF_TEST_LIMIT_S, check=False)
    if done.returncode != 0:
        raise ModelError(f"the detector's self-test failed: {done.stderr.decode(errors='replace').strip()}")
    return float(msgspec.json.decode(done.stdout)["ms"])
