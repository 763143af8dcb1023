"""What is seen in the pictures of one camera: people, where they stand, and what they do at its places."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from passerby.core.counting import FORGET_S, LineCounter, ZoneCounter, standing_points
from passerby.core.crowd import CrowdLimit
from passerby.core.dwell import bucket
from passerby.core.geometry import Line, Point, Points, Zone
from passerby.core.masks import Answer
from passerby.core.observations import Crossing, Detections, Tracks
from passerby.core.staff import StaffAreas
from passerby.core.tallies import Measure
from passerby.core.tracking import Tracker, rules_for
from passerby.core.visits import Ending, Outcome, Queue, Visit, ZoneVisits
from passerby.core.windows import MAX_HOLD_S, Event, Seen
from passerby.gate.messages import CameraPlan, ZonePlan
from passerby.pixels.blanking import PrivacyMasks
from passerby.pixels.heads import Judge, MaskWatch
from passerby.pixels.stillness import Stillness

Picture = NDArray[np.uint8]
_OUTCOMES = {Outcome.SERVED: Measure.WAITED, Outcome.GAVE_UP: Measure.GAVE_UP}


class Detector(Protocol):
    """Finds people in a frame that fits into `size_px`, and is sure of them from the score `confident` on."""

    size_px: tuple[int, int]
    confident: float

    @property
    def ready(self) -> bool:
        """Whether it knows the scene well enough to see people in it."""
        ...

    def detect(self, bgr: NDArray[np.uint8], time_s: float) -> Detections:
        """Finds people; boxes in pixels of the frame."""
        ...


@dataclass(frozen=True, slots=True)
class Eyes:
    """Who looks at the pictures of a camera.

    Attributes:
        detector: makes who finds people; a new scene may need a new one.
        judge: who looks for masks, where a place asks for them.
    """

    detector: Callable[[], Detector]
    judge: Judge | None = None


@dataclass(frozen=True, slots=True)
class Places:
    """Where a camera counts and where it does not look, in fractions of its picture.

    Attributes:
        lines, zones: in the order of the plan.
        queues: of the zones that are queues, by name.
        staff_areas: who stands there is not counted.
        privacy_masks: what nobody looks at.
    """

    lines: tuple[Line, ...]
    zones: tuple[Zone, ...]
    queues: dict[str, Queue]
    staff_areas: tuple[Zone, ...]
    privacy_masks: tuple[Zone, ...]

    @staticmethod
    def of(plan: CameraPlan, native_px: tuple[int, int]) -> "Places":
        """The places of a plan, on a source whose own picture has this size.

        Raises:
            ValueError: a place lies outside the picture.
        """

        def fraction(point: Point, in_px: bool) -> Point:
            return (point[0] / native_px[0], point[1] / native_px[1]) if in_px else point

        return Places(
            tuple(Line(p.name, fraction(p.start, p.in_px), fraction(p.end, p.in_px)) for p in plan.lines),
            tuple(Zone(p.name, tuple(fraction(corner, p.in_px) for corner in p.corners)) for p in plan.zones),
            {
                p.name: Queue(fraction(p.queue.head, p.in_px), fraction(p.queue.tail, p.in_px))
                for p in plan.zones
                if p.queue
            },
            tuple(Zone("staff area", corners) for corners in plan.staff_areas),
            tuple(Zone("privacy mask", corners) for corners in plan.privacy_masks),
        )


@dataclass(frozen=True, slots=True)
class Look:
    """What one look at a picture told. It stays in the worker.

    Attributes:
        seen: of the places.
        standing: float64 (n, 2), where people stand, in fractions of the picture.
        ids: int32 (n,), whose track each is.
        crossed: lines that were crossed now, and how tall who crosses is, as a share of the picture's height.
    """

    seen: Seen
    standing: Points
    ids: NDArray[np.int32]
    crossed: tuple[tuple[Crossing, float], ...] = ()


class Scene:
    """Tracker and counters for pictures of one size. A new size or a new stream starts a new scene."""

    def __init__(self, plan: CameraPlan, places: Places, eyes: Eyes, size_px: tuple[int, int]) -> None:
        self.size_px = size_px
        self._view = plan.view
        self.detector = eyes.detector()
        self._tracker = Tracker(rules_for(plan.view, self.detector.confident))
        self._blank = PrivacyMasks(places.privacy_masks).blank
        self._staff = StaffAreas(places.staff_areas, size_px, plan.view)
        self._lines = [LineCounter(line, size_px, plan.view) for line in places.lines]
        self._zones = [
            _ZoneWatch(of, zone, places.queues.get(of.name), (size_px, plan.view))
            for of, zone in zip(plan.zones, places.zones, strict=True)
        ]
        self._masks = _Questions(eyes.judge, plan) if eyes.judge and plan.masks else None
        # A detector of movement has to see every look; a detector of people need not be asked about a still, empty
        # scene.
        self._stillness = Stillness() if plan.view == "level" else None
        self._time_s = 0.0
        self.boxes = np.zeros((0, 4))
        """(n, 4) of all people in the last look, staff too: x1, y1, x2, y2 in fractions."""

    def look(self, bgr: Picture, time_s: float, native: Callable[[], Picture]) -> Look | None:
        """Looks at one frame; None while the scene is still being learnt: then nothing counts.

        Args:
            bgr: uint8 (h, w, 3) of the scene's size; privacy masks are blanked in it.
            time_s: seconds since the stream started.
            native: gives the same frame in red, green, blue and its own size, for faces.
        """
        everyone = self._tracks(self._blank(bgr), time_s)
        self.boxes = everyone.boxes_px / np.array([*self.size_px, *self.size_px], float)
        tracks = self._staff.without(everyone)
        if self._masks:
            self._masks.look(tracks, self.size_px, lambda: self._blank(native()))
        return self._told(tracks)

    def hold(self, time_s: float) -> Look | None:
        """A look without a picture, of a scene in which nothing has moved: all are where they were."""
        return self._told(self._staff.without(self._tracker.hold(time_s)))

    def still(self, bgr: Picture) -> bool:
        """Whether a picture is like the one last looked at."""
        return self._stillness is not None and self._stillness.still(self._blank(bgr))

    def still_s(self, time_s: float) -> float:
        """For how long nothing has moved; 0 where every look has to be taken."""
        return self._stillness.still_s(time_s) if self._stillness else 0.0

    def _told(self, tracks: Tracks) -> Look | None:
        passed_s = min(max(0.0, tracks.time_s - self._time_s), MAX_HOLD_S)
        self._time_s = tracks.time_s
        crossings = [crossing for line in self._lines for crossing in line.update(tracks)]
        if not self.detector.ready:
            return None  # Zones know nobody by then, so that nobody leaves who did not enter.
        told = [zone.update(tracks, passed_s) for zone in self._zones]
        standing = standing_points(tracks.boxes_px, self.size_px, self._view) / np.array(self.size_px)
        shares = dict(zip(tracks.ids.tolist(), np.ptp(tracks.boxes_px[:, 1::2], axis=1) / self.size_px[1], strict=True))
        crossed = tuple((one, float(shares[one.track])) for one in crossings if one.track in shares)
        return Look(self._seen(crossings, told), standing, tracks.ids, crossed)

    def end(self) -> Seen:
        """What is still to be told: stays that go on when the scene ends."""
        return self._seen([], [zone.end() for zone in self._zones])

    def _tracks(self, bgr: Picture, time_s: float) -> Tracks:
        if self._stillness and self._stillness.may_skip(bgr, time_s):
            return self._tracker.hold(time_s)
        return self._tracker.update(self.detector.detect(bgr, time_s))

    def _seen(self, crossings: list[Crossing], told: list["_Told"]) -> Seen:
        events = [Event.of(crossing) for crossing in crossings] + [event for one in told for event in one.events]
        passed = [(crossing.line, crossing.track) for crossing in crossings]
        passed += [(visit.zone, visit.track) for one in told for visit in one.visits]
        return Seen(
            people={one.zone: one.people for one in told},
            events=tuple(events),
            answers=self._masks.answers(passed) if self._masks else (),
            over_s={one.zone: one.over_s for one in told if one.over_s},
        )


@dataclass(frozen=True, slots=True)
class _Told:
    """What one look told of one zone."""

    zone: str
    people: int
    over_s: float
    visits: tuple[Visit, ...]
    events: tuple[Event, ...]


class _ZoneWatch:
    """All that is watched at one zone."""

    def __init__(self, plan: ZonePlan, zone: Zone, queue: Queue | None, seen: tuple[tuple[int, int], str]) -> None:
        size_px, view = seen
        self._name = plan.name
        self._people = ZoneCounter(zone, size_px, view)
        self._visits = ZoneVisits(zone, size_px, view, queue)
        self._limit = CrowdLimit(plan.crowd_limit) if plan.crowd_limit is not None else None

    def update(self, tracks: Tracks, passed_s: float) -> _Told:
        """Takes one look, so long after the last one."""
        people, look = self._people.update(tracks), self._visits.update(tracks)
        over_s = self._limit.update(people, passed_s) if self._limit else 0.0
        return _Told(self._name, people, over_s, look.visits, self._events(look.entered, look.visits))

    def end(self) -> _Told:
        """Stays that go on when the scene ends were lost sight of."""
        visits = self._visits.end().visits
        return _Told(self._name, 0, 0.0, visits, self._events(0, visits))

    def _events(self, entered: int, visits: tuple[Visit, ...]) -> tuple[Event, ...]:
        events = [Event(self._name, Measure.ENTERED)] * entered
        for visit in visits:
            left = visit.ending is Ending.LEFT
            events += [Event(self._name, Measure.LEFT)] * left
            if visit.dwell_s is None:
                continue
            part = bucket(visit.dwell_s)
            events.append(Event(self._name, Measure.DWELL if left else Measure.DWELL_LOST, part))
            if visit.outcome:
                events.append(Event(self._name, _OUTCOMES[visit.outcome], part))
        return tuple(events)


class _Questions:
    """Asks of each person, once at each place that wants to know, whether a mask is visible."""

    def __init__(self, judge: Judge, plan: CameraPlan) -> None:
        self._watch = MaskWatch(judge)
        self._places = frozenset(place.name for place in plan.places if Measure.MASKED in place.measures)
        self._seen_s: dict[int, float] = {}
        self._asked: set[tuple[str, int]] = set()

    def look(self, tracks: Tracks, size_px: tuple[int, int], native: Callable[[], Picture]) -> None:
        """Looks at the heads that are due."""
        self._watch.look(tracks, size_px, native)
        self._seen_s |= dict.fromkeys(tracks.ids.tolist(), tracks.time_s)
        # A stay whose end is not seen is told of when the track is forgotten, so this memory is a little longer.
        self._seen_s = {k: s for k, s in self._seen_s.items() if tracks.time_s - s <= 2 * FORGET_S}
        self._asked = {one for one in self._asked if one[1] in self._seen_s}

    def answers(self, passed: list[tuple[str, int]]) -> tuple[tuple[str, Answer], ...]:
        """The answers of those who passed: place, and track, which is forgotten with this."""
        new = [one for one in dict.fromkeys(passed) if one[0] in self._places and one not in self._asked]
        self._asked.update(new)
        return tuple((place, self._watch.vote(track)) for place, track in new)
