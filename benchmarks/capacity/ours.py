"""What one camera costs: passerby's own way through a clip, and the least that it could cost, which is to decode it."""

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path

import av

from passerby.core.shelves import FacingState
from passerby.core.tallies import Measure, Tally
from passerby.gate.messages import CameraPlan, FaultCode, HealthFigure, LinePlan, ModelPlan, Plan
from passerby.gate.packets import NO_PTS, Packet, PacketKind, StreamHead
from passerby.pixels.camera import Camera
from passerby.pixels.furnish import furnish

Counts = dict[str, tuple[int, int]]
"""Crossings in and out, by line."""

_WAYS = (Measure.CROSSINGS_IN, Measure.CROSSINGS_OUT)


@dataclass(frozen=True)
class Cost:
    """What a clip cost.

    Attributes:
        ms_per_s: milliseconds of processor time for a second of video.
        counts: crossings.
        looks_per_s: pictures that were looked at, for a second of video.
        peak_mb: most memory of its process, where it had one of its own.
    """

    ms_per_s: float
    counts: Counts
    looks_per_s: float = 0.0
    peak_mb: float = 0.0

    @property
    def cameras(self) -> float:
        """Cameras that one core serves."""
        return 1000 / self.ms_per_s


class Silent:
    """A door that nobody stands behind."""

    def tally(self, _tally: Tally) -> None:
        """Takes a tally."""

    def shelf(self, shelf: str, facing: int, state: FacingState, start_unix_s: int) -> None:
        """Takes how a facing is."""

    def fault(self, code: FaultCode) -> None:
        """Ends the benchmark: a clip that cannot be counted measures nothing."""
        raise RuntimeError(f"the clip cannot be counted: {code.name}")


class _Door(Silent):
    """Adds up what a camera tells."""

    def __init__(self) -> None:
        self.totals: Counter[tuple[str, Measure]] = Counter()

    def tally(self, tally: Tally) -> None:
        """Takes a tally."""
        self.totals[tally.subject, tally.measure] += round(tally.total)


@cache
def packets(clip: Path) -> tuple[Packet, ...]:
    """The records that a feed would send of a clip."""
    return tuple(_demux(clip))


def _demux(clip: Path) -> Iterator[Packet]:
    with av.open(str(clip)) as container:
        stream = container.streams.video[0]
        context, rate = stream.codec_context, stream.average_rate or Fraction(25)
        head = StreamHead(
            context.name,
            context.width,
            context.height,
            context.pix_fmt or "",
            float(1 / rate),
            context.extradata or b"",
        )
        yield head.packet()
        for one in container.demux(stream):
            if one.size:
                pts_us = NO_PTS if one.pts is None else round(one.pts * (one.time_base or Fraction(1)) * 1_000_000)
                yield Packet(PacketKind.PACKET, pts_us, one.is_keyframe, bytes(one))


@dataclass(frozen=True)
class Task:
    """What to count in a clip.

    Attributes:
        clip: the file.
        lines: where to count.
        view: "level" or "overhead".
    """

    clip: Path
    lines: tuple[LinePlan, ...]
    view: str = "level"

    def plan(self, analysed_fps: float | None = None) -> CameraPlan:
        """As the worker is told; the rate of analysis is the one that users get, unless given."""
        plan = CameraPlan("camera", self.lines, (), self.view, 3600, recording_start_unix_s=0)
        if analysed_fps is None:
            return plan
        return CameraPlan("camera", self.lines, (), self.view, 3600, analysed_fps, recording_start_unix_s=0)


def ends(line: LinePlan, size_px: tuple[int, int]) -> tuple[tuple[float, float], tuple[float, float]]:
    """Both ends of a line, in fractions of a picture of this size."""
    width, height = size_px if line.in_px else (1, 1)
    return (line.start[0] / width, line.start[1] / height), (line.end[0] / width, line.end[1] / height)


def count(task: Task, model: ModelPlan, analysed_fps: float | None = None) -> Cost:
    """Runs a clip through one camera of a worker, in this process."""
    records = packets(task.clip)
    ((plan, eyes),) = furnish(Plan((task.plan(analysed_fps),), (0,), model))
    door = _Door()
    camera = Camera(plan, eyes, door)
    camera.rehearse()
    began_s = time.process_time()
    for record in records:
        camera.take(record)
    camera.end()
    cpu_s = time.process_time() - began_s
    figures = camera.figures()
    media_s = figures[HealthFigure.MEDIA_MS] / 1000
    counts = {line.name: (door.totals[line.name, _WAYS[0]], door.totals[line.name, _WAYS[1]]) for line in task.lines}
    return Cost(cpu_s / media_s * 1000, counts, figures[HealthFigure.FRAMES_ANALYSED] / media_s)


def decode(clip: Path) -> Cost:
    """Decodes every picture of a clip on one thread, and does nothing with them."""
    head, *records = packets(clip)
    stream = StreamHead.of(head)
    context = av.CodecContext.create(stream.codec, "r")
    context.thread_count = 1
    context.extradata = stream.extradata or None
    pictures = 0
    began_s = time.process_time()
    for record in [*records, None]:
        pictures += len(context.decode(av.Packet(record.payload) if record else None))
    cpu_s = time.process_time() - began_s
    return Cost(cpu_s / (pictures * stream.frame_s) * 1000, {})
