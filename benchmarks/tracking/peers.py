"""The kept libraries for the same job: `trackers` follows, `supervision` counts over a line by foot-points."""

from collections.abc import Callable
from typing import Any

import numpy as np
import supervision as sv
from trackers import ByteTrackTracker, OCSORTTracker

from benchmarks.tracking.looks import Sight
from passerby.core.counting import LineCounter
from passerby.core.observations import Detections, Direction, Tracks
from passerby.core.tracking import RULES, Tracker

Counts = dict[str, int]
Count = Callable[[Sight, float], Counts]


def passerby(sight: Sight, _fps: float) -> Counts:
    """Tracker and line of passerby."""
    tracker = Tracker(RULES["level"])
    return _by_our_line(sight, (tracker.update(look) for look in sight.looks))


def _by_our_line(sight: Sight, tracks: Any) -> Counts:
    counter = LineCounter(sight.line, sight.size_px, "level")
    counts = {"in": 0, "out": 0}
    for seen in tracks:
        for crossing in counter.update(seen):
            counts["in" if crossing.direction is Direction.IN else "out"] += 1
    return counts


def _as_supervision(look: Detections) -> sv.Detections:
    return sv.Detections(xyxy=look.boxes_px.copy(), confidence=look.scores.copy(), class_id=np.zeros(len(look), int))


def _follow(tracker: Any, sight: Sight) -> Any:
    """Each look's followed people, and its time."""
    for look in sight.looks:
        followed = tracker.update(_as_supervision(look))
        if followed.tracker_id is not None:
            followed = followed[followed.tracker_id >= 0]
        yield followed, look.time_s


def _by_line_zone(sight: Sight, tracker: Any) -> Counts:
    start, end = (sv.Point(x * sight.size_px[0], y * sight.size_px[1]) for x, y in (sight.line.start, sight.line.end))
    zone = sv.LineZone(start=start, end=end, triggering_anchors=[sv.Position.BOTTOM_CENTER])
    for followed, _ in _follow(tracker, sight):
        zone.trigger(followed)
    # What it calls "in" is from the right hand to the left.
    return {"in": zone.out_count, "out": zone.in_count}


def _tracks(tracker: Any, sight: Sight) -> Any:
    """What another tracker follows, as the tracks of passerby."""
    born: dict[int, tuple[Any, float]] = {}
    for followed, now_s in _follow(tracker, sight):
        ids = np.array([] if followed.tracker_id is None else followed.tracker_id, np.int32)
        boxes = np.asarray(followed.xyxy, np.float32).reshape(-1, 4)
        for track, box in zip(ids.tolist(), boxes, strict=True):
            born.setdefault(track, (box.copy(), now_s))
        first = np.array([born[track][0] for track in ids.tolist()], np.float32).reshape(-1, 4)
        age_s = np.array([now_s - born[track][1] for track in ids.tolist()], np.float32)
        yield Tracks(ids, boxes.copy(), age_s, first, now_s)


def byte_track(fps: float) -> Any:
    """ByteTrack, told the rate and the score that starts a track of ours."""
    return ByteTrackTracker(frame_rate=fps, track_activation_threshold=0.4, high_conf_det_threshold=0.4)


def oc_sort(fps: float) -> Any:
    """OC-SORT, told the same."""
    return OCSORTTracker(frame_rate=fps, high_conf_det_threshold=0.4)


COUNTS: dict[str, Count] = {
    "passerby": passerby,
    "ByteTrack as it comes + LineZone": lambda sight, _fps: _by_line_zone(sight, ByteTrackTracker()),
    "ByteTrack, rate and scores set + LineZone": lambda sight, fps: _by_line_zone(sight, byte_track(fps)),
    "OC-SORT, rate and scores set + LineZone": lambda sight, fps: _by_line_zone(sight, oc_sort(fps)),
    "ByteTrack, rate and scores set + passerby's line": lambda sight, fps: _by_our_line(
        sight, _tracks(byte_track(fps), sight)
    ),
    "OC-SORT, rate and scores set + passerby's line": lambda sight, fps: _by_our_line(
        sight, _tracks(oc_sort(fps), sight)
    ),
}
