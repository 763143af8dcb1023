"""Detections of every look at the clips with known truth, so that trackers are compared on the same ones."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import av
import numpy as np

from benchmarks.accuracy.cases import Case, cases
from passerby.core.geometry import Line
from passerby.core.observations import Detections
from passerby.gate.messages import ModelPlan
from passerby.pixels.frames import Sampler, Scaler
from passerby.pixels.people import PersonDetector

_SWAPPED = {"in": "out", "out": "in"}


@dataclass(frozen=True)
class Sight:
    """One line, what truly crossed it, and what a detector saw of its clip.

    Attributes:
        name: the clip's and the line's.
        line: as fractions of the picture.
        truth: crossings in and out.
        looks: at the wanted rate.
        size_px: of the analysed picture.
    """

    name: str
    line: Line
    truth: dict[str, int]
    looks: tuple[Detections, ...]
    size_px: tuple[int, int]

    def backwards(self) -> "Sight":
        """The same from the end to the start: who went in comes out."""
        end_s = self.looks[-1].time_s
        looks = tuple(replace(look, time_s=end_s - look.time_s) for look in reversed(self.looks))
        truth = {_SWAPPED[way]: count for way, count in self.truth.items()}
        return replace(self, name=f"{self.name}, backwards", looks=looks, truth=truth)


def sights(data: Path, model: ModelPlan, analysed_fps: float) -> Iterator[Sight]:
    """The level lines of the ground truth at one rate, each forwards and backwards."""
    for case in cases(data):
        if case.view != "level":
            continue
        looks, size_px, native_px = _detect(case.clip, model)
        chosen = tuple(_sampled(looks, analysed_fps))
        name = f"{case.clip.stem} {case.line.name}"
        sight = Sight(name, _line(case, native_px), case.truth, chosen, size_px)
        yield sight
        yield sight.backwards()


def _line(case: Case, native_px: tuple[int, int]) -> Line:
    (x1, y1), (x2, y2) = case.line.start, case.line.end
    width, height = native_px
    return Line(case.line.name, (x1 / width, y1 / height), (x2 / width, y2 / height))


@cache
def _detect(clip: Path, model: ModelPlan) -> tuple[list[Detections], tuple[int, int], tuple[int, int]]:
    """Detections of all frames, the analysed picture's size and the clip's."""
    detector = PersonDetector(model)
    scaler = Scaler(detector.size_px)
    looks = []
    with av.open(str(clip)) as container:
        for frame in container.decode(video=0):
            picture = np.ascontiguousarray(scaler.scale(frame))
            looks.append(detector.detect(picture, float(frame.time or 0.0)))
            size_px, native_px = scaler.size_of(frame), (frame.width, frame.height)
    return looks, size_px, native_px


def _sampled(looks: list[Detections], analysed_fps: float) -> Iterator[Detections]:
    sampler = Sampler(analysed_fps)
    frame_s = float(np.median(np.diff([look.time_s for look in looks])))
    return (look for look in looks if sampler.wants(look.time_s, frame_s))
