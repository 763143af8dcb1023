"""The figures of the page, from the store: today, the last window and the day's course for each line and zone."""

import math
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from passerby.core.masks import Confusion
from passerby.core.tallies import Measure, Tally, window_start
from passerby.errors import StoreError
from passerby.gate.messages import CameraPlan
from passerby.site.state import CameraStatus, SiteState
from passerby.site.store import Filter, Store

_LATE_S = 30
"""A window may reach the store so much after its end before it counts as missing."""
_MAX_POINTS = 100
_STEPS_S = (300, 900, 1800, 3600)
_REFRESH_S = 30.0
LINE = (Measure.CROSSINGS_IN, Measure.CROSSINGS_OUT)
ZONE = (Measure.PEOPLE, Measure.PEAK)


@dataclass(frozen=True, slots=True)
class Settings:
    """What the page and the API know of the configuration.

    Attributes:
        plans: the cameras with their lines and zones.
        window_s: width of the windows.
        zone: the site's time zone; None for the machine's.
        names: host names to answer to, beside addresses and localhost.
        clock: Unix seconds; a recording that is played as a day has a clock of its own.
        minimum_judged: no share of masks is told of fewer people than these.
        heat_minimum: of cells of a heat map with fewer people in an hour nothing is told.
        purposes: why masks are asked for, by camera and line or zone.
        confusion: how the judge of masks did on known faces; None where that is not known.
        site_only: the site's profile keeps tallies of the whole site alone, and none of a camera or a place.
        reach: who can open the page, in a sentence.
    """

    plans: tuple[CameraPlan, ...]
    window_s: int
    zone: tzinfo | None = None
    names: tuple[str, ...] = ()
    clock: Callable[[], float] = time.time
    minimum_judged: int = 20
    heat_minimum: int = 5
    purposes: Mapping[tuple[str, str], str] = field(default_factory=dict)
    confusion: Confusion | None = None
    site_only: bool = False
    reach: str = "Only this machine can open this page."


@dataclass(frozen=True, slots=True)
class Figure:
    """A total with what was seen of its time.

    Attributes:
        total: people, or person-seconds, or people at most.
        exposure: seconds that were seen; 0 means "not seen", which is not 0 people.
        span_s: seconds that could have been seen.
    """

    total: float = 0.0
    exposure: float = 0.0
    span_s: float = 0.0

    @property
    def seen(self) -> bool:
        """Whether anything was seen."""
        return self.exposure > 0

    @property
    def coverage(self) -> float:
        """Share of the time that was seen, 0..1."""
        return min(1.0, self.exposure / self.span_s) if self.span_s > 0 else 0.0

    @property
    def mean(self) -> float | None:
        """Mean people, for person-seconds; None where nothing was seen."""
        return self.total / self.exposure if self.seen else None


@dataclass(frozen=True, slots=True)
class PlaceFigures:
    """A line or a zone.

    Attributes:
        camera, name: which.
        is_line: whether it is a line.
        since_unix_s: where today's first window starts, or None.
        last_unix_s, last_width_s: the last window that is closed by now, whether or not it was seen.
        today, last: by measure.
        course: by measure, one figure for each step of the day's course; unseen where there is none.
    """

    camera: str
    name: str
    is_line: bool
    since_unix_s: float | None
    last_unix_s: int
    last_width_s: int
    today: dict[Measure, Figure]
    last: dict[Measure, Figure]
    course: dict[Measure, tuple[Figure, ...]]


@dataclass(frozen=True, slots=True)
class Figures:
    """All figures of the page.

    Attributes:
        places: lines and zones in the order of the configuration.
        steps_unix_s: starts of the steps of the day's course.
        step_s: width of a step.
        problem: why the store could not be read, or None.
    """

    places: tuple[PlaceFigures, ...] = ()
    steps_unix_s: tuple[int, ...] = ()
    step_s: int = 0
    problem: str | None = None


class FigureBoard:
    """Today's figures, computed once for all who look.

    Args:
        store: where tallies are.
        state: how the site is now.
        settings: places, windows, zone and clock.
    """

    def __init__(self, store: Store, state: Callable[[], SiteState], settings: Settings) -> None:
        self._store = store
        self._state = state
        self._settings = settings
        self._clock = settings.clock
        self._lock = threading.Lock()
        self._read_at = (-1, -math.inf)
        self._figures = Figures()

    def figures(self) -> Figures:
        """Figures that are new when the store is, and at most half a minute old otherwise. Safe from any thread."""
        with self._lock:
            now = self._clock()
            revision = self._store.revision
            if revision != self._read_at[0] or not 0 <= now - self._read_at[1] < _REFRESH_S:
                self._figures = self._read(now)
                self._read_at = (revision, now)
            return self._figures

    def _read(self, now: float) -> Figures:
        try:
            since = midnight(now, self._settings.zone)
            # Measure by measure: maps and histograms have many parts, and none of them is needed here.
            today = [
                tally
                for measure in (*LINE, *ZONE)
                for tally in self._store.query(Filter(measure=measure, since_unix_s=since))
            ]
        except StoreError as error:
            return Figures(problem=str(error))
        return _figures(today, now, self._settings, self._finished())

    def _finished(self) -> frozenset[str]:
        """Cameras whose recording ended: nothing more is to be expected of them."""
        return frozenset(camera.name for camera in self._state().cameras if camera.status is CameraStatus.DONE)


@dataclass(frozen=True, slots=True)
class _Day:
    """What holds for all places of a day."""

    expected_unix_s: int
    window_s: int
    steps: tuple[int, ...]
    step_s: int


def midnight(now_unix_s: float, zone: tzinfo | None) -> float:
    """When the present day began in a zone (None: the machine's), also on days of 23 and 25 hours."""
    now = datetime.fromtimestamp(now_unix_s, zone)
    return now.replace(hour=0, minute=0, second=0, microsecond=0, fold=0).timestamp()


def _figures(today: list[Tally], now: float, settings: Settings, finished: frozenset[str]) -> Figures:
    by_place: dict[tuple[str, str], list[Tally]] = {}
    for tally in today:
        by_place.setdefault((tally.camera, tally.subject), []).append(tally)
    first = min((tally.start_unix_s for tally in today), default=int(now))
    last = max((tally.start_unix_s + tally.width_s for tally in today), default=0)
    expected = window_start(now - _LATE_S, settings.window_s)
    step_s = _step(max(last, expected) - first, settings.window_s)
    steps = tuple(range(window_start(first, step_s), max(last, expected), step_s))
    places = []
    for plan in settings.plans:
        # A recording that ended is not missing what comes after it.
        day = _Day(0 if plan.name in finished else expected, settings.window_s, steps, step_s)
        places += [_place((plan.name, line.name), LINE, by_place, day) for line in plan.lines]
        places += [_place((plan.name, zone.name), ZONE, by_place, day) for zone in plan.zones]
    return Figures(tuple(places), steps, step_s)


def _step(span_s: float, window_s: int) -> int:
    """Width of the steps of the day's course: no more of them than a chart can show."""
    widths = [window_s, *(width for width in _STEPS_S if width > window_s and width % window_s == 0)]
    return next((width for width in widths if span_s <= _MAX_POINTS * width), widths[-1])


def _place(
    which: tuple[str, str], measures: tuple[Measure, ...], by_place: dict[tuple[str, str], list[Tally]], day: _Day
) -> PlaceFigures:
    tallies = by_place.get(which, [])
    first = min((tally.start_unix_s for tally in tallies), default=None)
    until = max([day.expected_unix_s, *(tally.start_unix_s + tally.width_s for tally in tallies)])
    width_s = max((tally.width_s for tally in tallies), default=day.window_s)
    of = {measure: [tally for tally in tallies if tally.measure is measure] for measure in measures}
    return PlaceFigures(
        camera=which[0],
        name=which[1],
        is_line=measures is LINE,
        since_unix_s=first,
        last_unix_s=until - width_s,
        last_width_s=width_s,
        today={measure: _sum(of[measure], until - (until if first is None else first)) for measure in measures},
        last={
            measure: _sum([one for one in of[measure] if one.start_unix_s >= until - width_s], width_s)
            for measure in measures
        },
        course={measure: _course(of[measure], day, until) for measure in measures},
    )


def _course(tallies: list[Tally], day: _Day, until_unix_s: int) -> tuple[Figure, ...]:
    by_step: dict[int, list[Tally]] = {}
    for tally in tallies:
        by_step.setdefault(window_start(tally.start_unix_s, day.step_s), []).append(tally)
    return tuple(
        _sum(by_step.get(step, []), min(step + day.step_s, max(until_unix_s, step)) - step) for step in day.steps
    )


def _sum(tallies: list[Tally], span_s: float) -> Figure:
    """Merges as `core.tallies.merge` does, over any span."""
    totals = [tally.total for tally in tallies]
    is_peak = bool(tallies) and tallies[0].measure is Measure.PEAK
    total = max(totals) if is_peak else sum(totals)
    return Figure(total, sum(tally.exposure for tally in tallies), span_s)
