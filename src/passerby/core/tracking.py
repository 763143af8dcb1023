"""Follows people from one look to the next, within one camera and by motion alone.

Nothing about how anyone looks is used or kept: a track is a box and how it moves. All thresholds are seconds and body heights.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from passerby.core.assignment import assign
from passerby.core.motion import Floats, Motion, Noise, shrunk
from passerby.core.observations import Detections, Tracks

Indices = NDArray[np.intp]
TAIL = 2.0


@dataclass(frozen=True, slots=True)
class Rules:
    """When tracks begin and end.

    Attributes:
        start_score: least score that begins a track.
        keep_score: least score that keeps one alive; tentative tracks need `start_score` (ByteTrack, arXiv 2110.06864).
        confirm_s: a track is confirmed once it was seen again after so long.
        tentative_s: a tentative track is forgotten when unseen for so long.
        lost_s: a confirmed track is forgotten when unseen for so long.
        shown_s: an unseen track is still reported for so long.
        gate: deviations, of all three sides together, beyond which a box cannot belong to a track.
        side_gate: deviations at which one hidden side of a box (feet or head) costs no more.
        duplicate: share of a smaller box inside a known person's above which it starts no track.
        noise: how people move and boxes err.
    """

    start_score: float = 0.4
    keep_score: float = 0.2
    confirm_s: float = 0.3
    tentative_s: float = 0.3
    lost_s: float = 1.5
    shown_s: float = 0.4
    weak_s: float = 0.5
    weak_relief: float = 0.0
    partial_s: float = 1.0
    gate: float = 18.0
    side_gate: float = 9.0
    weak_blur: float = 2.0
    duplicate: float = 0.8
    noise: Noise = field(default_factory=Noise)


class Tracker:
    """Tracks of one camera.

    Args:
        rules: when tracks begin and end.
    """

    def __init__(self, rules: Rules | None = None) -> None:
        self._rules = rules or Rules()
        self._motion = Motion(np.zeros((0, 5)), np.zeros((0, 5, 5)))
        self._ids = np.zeros(0, np.int32)
        self._width_px = np.zeros(0)
        self._born_s = np.zeros(0)
        self._born_px = np.zeros((0, 4))
        self._seen_s = np.zeros(0)
        self._whole_s = np.zeros(0)
        self._confirmed = np.zeros(0, bool)
        self._next_id = 1
        self._time_s: float | None = None

    def __len__(self) -> int:
        return len(self._ids)

    def update(self, detections: Detections) -> Tracks:
        """Takes one look.

        Args:
            detections: of this look, with weak ones; times never run backwards.

        Returns:
            confirmed tracks seen now or moments ago.
        """
        rules, now_s = self._rules, detections.time_s
        self._age(now_s)
        boxes = _Boxes.of(detections, rules)
        strong = np.flatnonzero(boxes.scores >= rules.start_score)
        confirmed, tentative = np.flatnonzero(self._confirmed), np.flatnonzero(~self._confirmed)
        known = self._match(confirmed, np.flatnonzero(boxes.scores >= rules.keep_score), boxes, now_s)
        new = self._match(tentative, np.setdiff1d(strong, known), boxes, now_s)
        self._confirmed |= self._seen_s - self._born_s >= rules.confirm_s - 1e-6
        self._start(np.setdiff1d(strong, np.union1d(known, new)), boxes, now_s)
        return self._reported(now_s)

    def _age(self, now_s: float) -> None:
        seconds = 0.0 if self._time_s is None else max(0.0, now_s - self._time_s)
        self._time_s = now_s
        self._motion.predict(seconds, self._rules.noise)
        patience_s = np.where(self._confirmed, self._rules.lost_s, self._rules.tentative_s)
        self._keep((now_s - self._seen_s <= patience_s + 1e-6) & (now_s - self._whole_s <= self._rules.partial_s))

    def _keep(self, which: NDArray[np.bool_]) -> None:
        self._motion = self._motion[which]
        for name in ("_ids", "_width_px", "_born_s", "_born_px", "_seen_s", "_whole_s", "_confirmed"):
            setattr(self, name, getattr(self, name)[which])

    def _match(self, tracks: Indices, which: Indices, boxes: "_Boxes", now_s: float) -> Indices:
        """Matches some tracks with some boxes; gives the boxes that found their track."""
        rows, columns = assign(self._cost(tracks, which, boxes), self._rules.gate)
        matched, found = tracks[rows], which[columns]
        whole = self._motion.update(matched, boxes.measured[found], boxes.blur[found], self._rules.noise)
        self._whole_s[matched[whole]] = now_s
        self._width_px[matched] += 0.3 * (boxes.width_px[found] - self._width_px[matched])
        self._seen_s[matched] = now_s
        return found

    def _cost(self, tracks: Indices, which: Indices, boxes: "_Boxes") -> Floats:
        """How badly boxes fit tracks, (tracks, boxes): squared deviations, a hidden end of a box costing little."""
        expected, variance, blank = self._motion[tracks].expected(self._rules.noise)
        off = boxes.measured[which][None] - expected[:, None]
        # blank: variance of a box of a known place.
        spread = variance[:, None] + blank[:, None] * (boxes.blur[which][None, :, None] ** 2)
        deviation = np.abs(off) / np.sqrt(spread)
        side = np.where(deviation > TAIL, TAIL * (2 * deviation - TAIL), deviation**2)
        hidden = np.where(shrunk(off), side - np.minimum(side, self._rules.side_gate), 0).max(axis=2)
        doubt = np.log(spread / blank[:, None]).sum(axis=2)
        hidden = hidden * np.where(boxes.blur[which] > 1, self._rules.weak_relief, 1.0)
        cost: Floats = side.sum(axis=2) - hidden + doubt
        lost = self._time_s - self._seen_s[tracks] > self._rules.weak_s
        cost[lost[:, None] & (boxes.blur[which] > 1)[None]] = np.inf
        return cost

    def _start(self, which: Indices, boxes: "_Boxes", now_s: float) -> None:
        if len(which) == 0:
            return
        n = len(which)
        self._motion = self._motion.joined(Motion.started(boxes.measured[which], self._rules.noise))
        self._ids = np.concatenate([self._ids, np.arange(self._next_id, self._next_id + n, dtype=np.int32)])
        self._next_id += n
        self._width_px = np.concatenate([self._width_px, boxes.width_px[which]])
        self._born_s = np.concatenate([self._born_s, np.full(n, now_s)])
        self._born_px = np.concatenate([self._born_px, boxes.boxes_px[which]])
        self._seen_s = np.concatenate([self._seen_s, np.full(n, now_s)])
        self._whole_s = np.concatenate([self._whole_s, np.full(n, now_s)])
        self._confirmed = np.concatenate([self._confirmed, np.zeros(n, bool)])

    def _reported(self, now_s: float) -> Tracks:
        shown = self._confirmed & (now_s - self._seen_s <= self._rules.shown_s + 1e-6)
        mean, half = self._motion.mean[shown], self._width_px[shown] / 2
        boxes = np.stack([mean[:, 0] - half, mean[:, 1] - mean[:, 2], mean[:, 0] + half, mean[:, 1]], axis=1)
        age_s = now_s - self._born_s[shown]
        return Tracks(self._ids[shown].copy(), boxes.astype(np.float32), age_s.astype(np.float32), self._born_px[shown].astype(np.float32), now_s)


@dataclass(frozen=True, slots=True)
class _Boxes:
    """Boxes of one look: x, foot and top (n, 3), width (n,), score (n,), and by how much they err more than a sure one (n,)."""

    boxes_px: Floats
    measured: Floats
    width_px: Floats
    scores: Floats
    blur: Floats

    @classmethod
    def of(cls, detections: Detections, rules: Rules) -> "_Boxes":
        x1, y1, x2, y2 = detections.boxes_px.astype(np.float64).T
        scores = detections.scores.astype(np.float64)
        blur = np.where(scores < rules.start_score, rules.weak_blur, 1.0)
        return cls(detections.boxes_px.astype(np.float64), np.stack([(x1 + x2) / 2, y2, y1], axis=1), x2 - x1, scores, blur)
