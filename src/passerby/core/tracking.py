"""Follows people from one look to the next, within one camera and by motion alone.

Nothing of how anyone looks is used or kept: a track is a box and how it moves. All limits are seconds and body heights.
docs/decisions/0004-tracking.md tells why each step is there and what it is worth.
"""

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from passerby.core.assignment import assign
from passerby.core.motion import Floats, Motion, Noise
from passerby.core.observations import Detections, Tracks

_Indices = NDArray[np.intp]
_EPSILON_S = 1e-6
_TRACK = np.dtype(
    [
        ("id", np.int32),
        ("born_s", np.float64),
        ("born_px", np.float32, 4),
        ("seen_s", np.float64),
        ("whole_s", np.float64),
        ("width_px", np.float64),
        ("confirmed", np.bool_),
    ]
)
"""What is known of a track beside its motion; `whole_s` is when neither its feet nor its head were hidden."""


@dataclass(frozen=True, slots=True)
class Rules:
    """When tracks begin, go on and end.

    Attributes:
        start_score: least score that begins a track.
        keep_score: least score that keeps a confirmed track alive (ByteTrack, Zhang et al., arXiv 2110.06864).
        confirm_s: a track is confirmed when it is still seen so long after its first box.
        tentative_s: an unconfirmed track is forgotten when it was not seen for so long.
        lost_s: a confirmed track is forgotten when it was not seen whole for so long.
        shown_s: a track that is not seen is still reported for so long.
        misfit: boxes that fit a track worse are not its own; see `Motion.misfit`.
        weak_blur: by how much the errors of boxes below `start_score` are larger.
        noise: how people move and how boxes err.
    """

    start_score: float = 0.4
    keep_score: float = 0.2
    confirm_s: float = 0.3
    tentative_s: float = 0.3
    lost_s: float = 1.0
    shown_s: float = 0.3
    misfit: float = 18.0
    weak_blur: float = 2.0
    noise: Noise = field(default_factory=Noise)


RULES = {
    "level": Rules(),
    "overhead": Rules(confirm_s=0.2, lost_s=0.6, noise=Noise(acceleration=2.0, speed=2.0, box=(0.15, 0.15, 0.15))),
}
"""By the camera's view. Blobs of movement come and go faster than boxes of a detector, and err more: decision 5."""


def rules_for(view: str, confident: float) -> Rules:
    """The rules of a view, for a detector that is sure of a person from the score `confident` on."""
    return replace(RULES[view], start_score=confident, keep_score=confident / 2)


@dataclass(frozen=True, slots=True)
class _Boxes:
    """Boxes of one look: x, foot and top (n, 3), and how much larger their errors are than those of a sure box (n,)."""

    detections: Detections
    shown: Floats
    blur: Floats

    @classmethod
    def of(cls, detections: Detections, rules: Rules) -> "_Boxes":
        x1, y1, x2, y2 = detections.boxes_px.astype(np.float64).T
        blur = np.where(detections.scores < rules.start_score, rules.weak_blur, 1.0)
        return cls(detections, np.stack([(x1 + x2) / 2, y2, y1], axis=1), blur)


class Tracker:
    """Tracks of one camera. Its memory is bounded by the people seen in the last second.

    Args:
        rules: when tracks begin, go on and end; those of the camera's view are in `RULES`.
    """

    def __init__(self, rules: Rules | None = None) -> None:
        self._rules = rules or RULES["level"]
        self._motion = Motion.nobody(self._rules.noise)
        self._tracks = np.zeros(0, _TRACK)
        self._next_id = 1
        self._time_s: float | None = None

    def __len__(self) -> int:
        """How many tracks are kept in mind, unconfirmed ones too."""
        return len(self._tracks)

    def update(self, detections: Detections) -> Tracks:
        """Takes one look.

        Args:
            detections: of this look, weak ones too; times never run backwards.

        Returns:
            the confirmed tracks that are seen now or were a moment ago.
        """
        boxes = _Boxes.of(detections, self._rules)
        strong = np.flatnonzero(detections.scores >= self._rules.start_score)
        weak_too = np.flatnonzero(detections.scores >= self._rules.keep_score)
        self._age(detections.time_s)
        confirmed = self._tracks["confirmed"]
        taken = self._match(np.flatnonzero(confirmed), weak_too, boxes)
        free = np.setdiff1d(strong, taken, assume_unique=True)
        taken = self._match(np.flatnonzero(~confirmed), free, boxes)
        self._confirm()
        self._start(np.setdiff1d(free, taken, assume_unique=True), boxes)
        return self._reported(detections.time_s)

    def hold(self, time_s: float) -> Tracks:
        """Takes a look at which nothing had moved since the last one: who was seen then is where they were."""
        tracks = self._tracks
        there = tracks["confirmed"] & (tracks["seen_s"] >= (time_s if self._time_s is None else self._time_s))
        tracks["seen_s"][there] = tracks["whole_s"][there] = self._time_s = time_s
        return self._reported(time_s)

    def _age(self, now_s: float) -> None:
        """Moves all tracks on to now, and forgets those unseen for too long."""
        rules, tracks = self._rules, self._tracks
        passed_s = 0.0 if self._time_s is None else max(0.0, now_s - self._time_s)
        self._time_s = now_s
        self._motion.predict(passed_s)
        # However rare the looks are, who was seen at the last one has a chance at this one.
        tentative_s = max(rules.tentative_s, min(passed_s, rules.lost_s))
        unseen_s = now_s - np.where(tracks["confirmed"], tracks["whole_s"], tracks["seen_s"])
        kept = unseen_s <= np.where(tracks["confirmed"], rules.lost_s, tentative_s) + _EPSILON_S
        self._motion, self._tracks = self._motion[kept], tracks[kept]

    def _match(self, which: _Indices, candidates: _Indices, boxes: _Boxes) -> _Indices:
        """Gives some tracks their boxes, out of some candidates; tells which boxes were taken."""
        if not (len(which) and len(candidates)):
            return candidates[:0]
        cost = self._motion[which].misfit(boxes.shown[candidates], boxes.blur[candidates])
        rows, columns = assign(cost, self._rules.misfit)
        matched, taken = which[rows], candidates[columns]
        whole = self._motion.update(matched, boxes.shown[taken], boxes.blur[taken])
        tracks, now_s = self._tracks, boxes.detections.time_s
        width_px = boxes.detections.boxes_px[taken, 2] - boxes.detections.boxes_px[taken, 0]
        tracks["width_px"][matched] += 0.3 * (width_px - tracks["width_px"][matched])
        tracks["seen_s"][matched] = now_s
        tracks["whole_s"][matched[whole]] = now_s
        return taken

    def _confirm(self) -> None:
        tracks = self._tracks
        tracks["confirmed"] |= tracks["seen_s"] - tracks["born_s"] >= self._rules.confirm_s - _EPSILON_S

    def _start(self, which: _Indices, boxes: _Boxes) -> None:
        """Begins a track at each of some boxes."""
        if not len(which):
            return
        new = np.zeros(len(which), _TRACK)
        new["id"] = np.arange(self._next_id, self._next_id + len(which))
        new["born_px"] = boxes.detections.boxes_px[which]
        new["width_px"] = new["born_px"][:, 2] - new["born_px"][:, 0]
        new["born_s"] = new["seen_s"] = new["whole_s"] = boxes.detections.time_s
        self._next_id += len(which)
        self._tracks = np.concatenate([self._tracks, new])
        self._motion = self._motion.joined(Motion.started(boxes.shown[which], self._rules.noise))

    def _reported(self, now_s: float) -> Tracks:
        tracks = self._tracks
        shown = tracks["confirmed"] & (now_s - tracks["seen_s"] <= self._rules.shown_s + _EPSILON_S)
        tracks, mean = tracks[shown], self._motion.mean[shown]
        x, foot, height, half = mean[:, 0], mean[:, 1], mean[:, 2], tracks["width_px"] / 2
        boxes = np.stack([x - half, foot - height, x + half, foot], axis=1).astype(np.float32)
        age_s = (now_s - tracks["born_s"]).astype(np.float32)
        return Tracks(tracks["id"].copy(), boxes, age_s, tracks["born_px"].copy(), now_s)
