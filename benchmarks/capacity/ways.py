"""Other ways to count the same clip with the same detector: every picture, without any saving; and the naive loop."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import av
import numpy as np

from benchmarks.capacity.ours import Cost, Counts, Task, ends
from passerby.core.counting import LineCounter
from passerby.core.geometry import Line
from passerby.core.observations import Direction
from passerby.core.tracking import Tracker, rules_for
from passerby.gate.messages import LinePlan, ModelPlan
from passerby.pixels.frames import Scaler
from passerby.pixels.overhead import OverheadDetector
from passerby.pixels.people import PersonDetector


@contextmanager
def _decoded(task: Task) -> Iterator[tuple[Iterator[av.VideoFrame], float, tuple[int, int]]]:
    """The pictures of a clip, decoded on one thread; their rate, and their size."""
    with av.open(str(task.clip)) as container:
        stream = container.streams.video[0]
        stream.codec_context.thread_count = 1
        yield container.decode(stream), float(stream.average_rate or 25), (stream.width, stream.height)


def every_picture(task: Task, model: ModelPlan) -> Cost:
    """Passerby's detector, tracker and lines on each picture that the clip has: nothing is spared, nothing is left out.

    Counts are held against these. Built from the parts, so that no gate of the worker lies in between.
    """
    overhead = task.view == "overhead"
    detector = OverheadDetector() if overhead else PersonDetector(model)
    tracker, scaler = Tracker(rules_for(task.view, detector.confident)), Scaler(detector.size_px)
    counters: list[LineCounter] = []
    ways: dict[str, list[Direction]] = {line.name: [] for line in task.lines}
    pictures = 0
    began_s = time.process_time()
    with _decoded(task) as (frames, rate, size_px):
        for pictures, frame in enumerate(frames, 1):
            scaled = scaler.size_of(frame)
            counters = counters or [
                LineCounter(Line(line.name, *ends(line, size_px)), scaled, task.view) for line in task.lines
            ]
            tracks = tracker.update(detector.detect(scaler.scale(frame), (pictures - 1) / rate))
            for counter in counters if detector.ready else ():
                for crossing in counter.update(tracks):
                    ways[crossing.line].append(crossing.direction)
    cpu_s = time.process_time() - began_s
    counts = {name: (found.count(Direction.IN), found.count(Direction.OUT)) for name, found in ways.items()}
    return Cost(cpu_s / pictures * rate * 1000, counts, rate)


def naive(task: Task, model: ModelPlan) -> Cost:
    """What many write first: each picture to full-size BGR, the same network on each, ByteTrack, LineZone.

    Raises:
        ImportError: the libraries of the group `bench` are not installed.
    """
    import supervision as sv
    from trackers import ByteTrackTracker

    detector, zones, tracker = PersonDetector(model), [], None
    pictures = 0
    began_s = time.process_time()
    with _decoded(task) as (frames, rate, size_px):
        tracker = ByteTrackTracker(frame_rate=rate, track_activation_threshold=0.4, high_conf_det_threshold=0.4)
        zones = [_line_zone(sv, line, size_px) for line in task.lines]
        ratio = min(detector.size_px[0] / size_px[0], detector.size_px[1] / size_px[1])
        fit_px = (round(size_px[0] * ratio), round(size_px[1] * ratio))
        for pictures, frame in enumerate(frames, 1):
            full = av.VideoFrame.from_ndarray(frame.to_ndarray(format="bgr24"), format="bgr24")
            picture = full.reformat(*fit_px, "bgr24", threads=1).to_ndarray()
            found = detector.detect(picture, (pictures - 1) / rate)
            people = sv.Detections(
                found.boxes_px / ratio, confidence=found.scores.copy(), class_id=np.zeros(len(found), int)
            )
            people = tracker.update(people)
            if people.tracker_id is not None:
                people = people[people.tracker_id >= 0]
            for zone in zones:
                zone.trigger(people)
    cpu_s = time.process_time() - began_s
    # What LineZone calls "in" is from the right hand to the left.
    counts: Counts = {line.name: (zone.out_count, zone.in_count) for line, zone in zip(task.lines, zones, strict=True)}
    return Cost(cpu_s / pictures * rate * 1000, counts, rate)


def _line_zone(sv: Any, line: LinePlan, size_px: tuple[int, int]) -> Any:
    start, end = (sv.Point(x * size_px[0], y * size_px[1]) for x, y in ends(line, size_px))
    return sv.LineZone(start=start, end=end, triggering_anchors=[sv.Position.BOTTOM_CENTER])
