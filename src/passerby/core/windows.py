"""From what is seen, moment by moment, to tallies of windows."""

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from passerby.core.masks import Answer
from passerby.core.observations import Crossing, Direction
from passerby.core.tallies import EXPOSURE_GRID_S, SHELF_MEASURES, Measure, Place, Tally, window_start

MAX_HOLD_S = 0.5
"""One look stands for at most so long: what lies further from it was not seen."""

PEAK_HELD_S = 1.0
"""A peak counts when it was held for so long in all; a flicker of the detector is not a person."""

_OF_OTHERS = (Measure.HEAT, *SHELF_MEASURES)
"""What `core.heat` and `core.shelf_windows` gather."""

MEASURE_OF = {Direction.IN: Measure.CROSSINGS_IN, Direction.OUT: Measure.CROSSINGS_OUT}
_JUDGED = (Answer.MASKED, Answer.UNMASKED, Answer.WORN_WRONGLY)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened once at a place, of those that are only counted."""

    place: str
    measure: Measure
    part: int = 0

    @staticmethod
    def of(crossing: Crossing) -> "Event":
        """A crossing as what is counted."""
        return Event(crossing.line, MEASURE_OF[crossing.direction])


@dataclass(frozen=True, slots=True)
class Seen:
    """What one look tells of the places of a camera. It stays in the worker.

    Attributes:
        people: how many people are in each zone now.
        events: what happened in the span of the look; it counts at the span's end.
        answers: of each person who passed a place that asks for masks: the place, and whether one was visible.
        over_s: seconds of the span in which a zone was over its limit.
    """

    people: dict[str, int] = field(default_factory=dict)
    events: tuple[Event, ...] = ()
    answers: tuple[tuple[str, Answer], ...] = ()
    over_s: dict[str, float] = field(default_factory=dict)


@dataclass(slots=True)
class _Window:
    """What was seen so far in one window."""

    start_unix_s: int
    exposure_s: float = 0.0
    counts: Counter[Event] = field(default_factory=Counter)
    answers: Counter[tuple[str, Answer]] = field(default_factory=Counter)
    levels_s: dict[str, dict[int, float]] = field(default_factory=dict)
    over_s: dict[str, float] = field(default_factory=dict)

    def asked(self, place: str, answers: Iterable[Answer]) -> int:
        """How many people gave one of these answers at a place."""
        return sum(self.answers[place, answer] for answer in answers)


class WindowTallier:
    """Gathers the looks at one camera's places, and closes windows.

    Args:
        camera: its name.
        places: lines and zones, with what is tallied at each.
        width_s: width of a window.
        told_until_unix_s: what is seen before counts in the window that begins here.
    """

    def __init__(
        self, camera: str, places: tuple[Place, ...], width_s: int, told_until_unix_s: float = -math.inf
    ) -> None:
        self._camera = camera
        self._places = places
        self._width_s = width_s
        self._zones = [place.name for place in places if Measure.PEOPLE in place.measures]
        self._open: _Window | None = None
        self._closed_until_unix_s = told_until_unix_s
        self.observed_s = 0.0

    def look(self, span: tuple[float, float], seen: Seen) -> list[Tally]:
        """Takes one look. What it tells of a window that is closed already counts in the next one.

        Args:
            span: from when to when the look stands, in Unix seconds.
            seen: what it tells.

        Returns:
            Tallies of the windows that the span has left behind.
        """
        start_s, end_s = max(span[0], span[1] - MAX_HOLD_S), span[1]
        closed: list[Tally] = []
        while start_s < end_s:
            window = self._window_at(start_s, closed)
            piece_end_s = min(end_s, window.start_unix_s + self._width_s)
            self._expose(window, piece_end_s - start_s, seen.people)
            start_s = piece_end_s
        if seen.events or seen.answers or seen.over_s:
            # A moment at the very end of a window still belongs to it.
            window = self._window_at(math.nextafter(span[1], -math.inf), closed)
            window.counts.update(seen.events)
            window.answers.update(seen.answers)
            for zone, over_s in seen.over_s.items():
                window.over_s[zone] = window.over_s.get(zone, 0.0) + over_s
        return closed

    def close_before(self, now_unix_s: float) -> list[Tally]:
        """Closes the window if its time is over, though nothing more was seen."""
        if self._open and self._open.start_unix_s + self._width_s <= now_unix_s:
            return self.close()
        return []

    def close(self) -> list[Tally]:
        """Closes the window that is open, and gives its tallies: of each measure and place, zeros too.

        Of a measure with parts, those parts are given that are above zero.
        """
        window, self._open = self._open, None
        if window is None:
            return []
        self._closed_until_unix_s = window.start_unix_s + self._width_s
        return [
            tally
            for place in self._places
            for measure in place.measures
            if measure not in _OF_OTHERS
            for tally in self._tallies(window, place.name, measure)
        ]

    def _window_at(self, time_unix_s: float, closed: list[Tally]) -> _Window:
        start = window_start(max(time_unix_s, self._closed_until_unix_s), self._width_s)
        if self._open is None or start > self._open.start_unix_s:
            closed += self.close()
            self._open = _Window(start)
        return self._open

    def _expose(self, window: _Window, seconds: float, people: dict[str, int]) -> None:
        window.exposure_s += seconds
        self.observed_s += seconds
        for zone in self._zones:
            levels = window.levels_s.setdefault(zone, {})
            count = people.get(zone, 0)
            levels[count] = levels.get(count, 0.0) + seconds

    def _tallies(self, window: _Window, place: str, measure: Measure) -> list[Tally]:
        # Rounded down, so that no window claims to have seen more than it has.
        exposure = min(self._width_s, math.floor(window.exposure_s / EXPOSURE_GRID_S + 1e-6) * EXPOSURE_GRID_S)
        total: float
        if measure.parts > 1:
            totals = [window.counts[Event(place, measure, part)] for part in range(measure.parts)]
            return [self._tally(window, place, measure, (n, exposure, part)) for part, n in enumerate(totals) if n]
        if measure.per_person:
            total, exposure = _answers(window, place, measure)
        elif measure is Measure.PEAK:
            total = peak(window.levels_s.get(place, {}))
        elif measure in (Measure.PEOPLE, Measure.OVER_LIMIT):
            total = self._seconds(window, place, measure)
        else:
            total = window.counts[Event(place, measure)]
        return [self._tally(window, place, measure, (total, exposure, 0))]

    def _seconds(self, window: _Window, place: str, measure: Measure) -> float:
        """Person-seconds, or seconds over the limit."""
        if measure is Measure.OVER_LIMIT:
            return min(window.over_s.get(place, 0.0), window.exposure_s, self._width_s)
        # A clock that was set back leaves more to see than the window is long; the mean stays what it was.
        share = min(1.0, self._width_s / window.exposure_s) if window.exposure_s else 0.0
        return sum(count * seconds for count, seconds in window.levels_s.get(place, {}).items()) * share

    def _tally(self, window: _Window, place: str, measure: Measure, found: tuple[float, float, int]) -> Tally:
        total, exposure, part = found
        total = round(total / measure.grid) * measure.grid
        return Tally(self._camera, measure, place, window.start_unix_s, self._width_s, total, exposure, part)


def _answers(window: _Window, place: str, measure: Measure) -> tuple[int, int]:
    """How many people a measure of masks counts, and of how many."""
    judged = window.asked(place, _JUDGED)
    if measure is Measure.CANNOT_TELL:
        unknown = window.asked(place, (Answer.CANNOT_TELL,))
        return unknown, judged + unknown
    answer = Answer.MASKED if measure is Measure.MASKED else Answer.WORN_WRONGLY
    return window.asked(place, (answer,)), judged


def peak(levels_s: dict[int, float]) -> int:
    """The largest number of people seen for `PEAK_HELD_S` in all, or for half of a shorter time.

    Args:
        levels_s: seconds at which each number of people was seen.
    """
    needed_s = min(PEAK_HELD_S, sum(levels_s.values()) / 2)
    held_s = 0.0
    for count in sorted(levels_s, reverse=True):
        held_s += levels_s[count]
        if held_s >= needed_s:
            return count
    return 0
