"""The figures of the page, from the store: today, the last window and the day's course for each line and zone."""

import math
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from functools import cache, partial

from passerby.core.masks import Confusion
from passerby.core.tallies import Measure, window_start
from passerby.errors import StoreError
from passerby.gate.messages import CameraPlan
from passerby.records.page.figures import LINE, ZONE, Figure, Figures, PlaceFigures
from passerby.site.settled import Settled, joined
from passerby.site.state import CameraStatus, SiteState
from passerby.site.store import HOUR_S, Filter, PlaceSum, StepSum, Store

_LATE_S = 30
"""A window may reach the store so much after its end before it counts as missing."""
_HOUR_LATE_S = 120
"""So long after its end an hour is still read with every new window; later, when something of it changed."""
_MAX_POINTS = 100
_STEPS_S = (300, 900, 1800, 3600)
_REFRESH_S = 30.0
_NEXT_DAY_S = 26 * HOUR_S
"""So long after a midnight it is the next day, whether the day has 23 or 25 hours."""


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
        self._over: tuple[int, Settled[Measure, StepSum]] | None = None

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
            # A clock that was ahead has left windows of days to come, which are none of today's.
            until = midnight(since + _NEXT_DAY_S, self._settings.zone)
            found = [self._store.earliest(one, since) for one in (*LINE, *ZONE)]
            starts = [start for start in found if start is not None and start < until]
            expected = window_start(now - _LATE_S, self._settings.window_s)
            first = min(starts, default=int(now))
            step_s = _step(expected - first, self._settings.window_s)
            day = _Day(
                self._store,
                self._settings.window_s,
                self._courses((since, until), now, step_s),
                (expected, until),
                step_s,
            )
            return day.figures(first, self._settings.plans, self._finished())
        except StoreError as error:
            return Figures(problem=str(error))

    def _courses(self, day: tuple[float, float], now: float, step_s: int) -> list[StepSum]:
        """Sums of today's steps. Those of hours that are over are kept: they are most of a day."""
        read = partial(self._between, step_s)
        if self._over is None or self._over[0] != step_s:
            self._over = (step_s, Settled(self._store, read))
        hour = max(day[0], present_hour(now))
        found = joined(self._over[1].between(day[0], hour), read(hour, day[1]))
        return [one for sums in found.values() for one in sums]

    def _between(self, step_s: int, since: float, until: float) -> dict[Measure, list[StepSum]]:
        # Measure by measure: maps and histograms have many parts, and none of them is needed here.
        spans = {one: Filter(None, one, None, since, until, step_s) for one in (*LINE, *ZONE)}
        return {measure: self._store.courses(which) for measure, which in spans.items()}

    def _finished(self) -> frozenset[str]:
        """Cameras whose recording ended: nothing more is to be expected of them."""
        return frozenset(camera.name for camera in self._state().cameras if camera.status is CameraStatus.DONE)


@dataclass(frozen=True, slots=True)
class _Day:
    """The sums of a day, and what holds for all its places. `ends`: until when windows are expected, and of the day."""

    store: Store
    window_s: int
    sums: list[StepSum]
    ends: tuple[int, float]
    step_s: int

    def figures(self, first_unix_s: int, plans: tuple[CameraPlan, ...], finished: frozenset[str]) -> Figures:
        """All places; a recording that ended is not missing what comes after it."""
        by_place: dict[tuple[str, str], list[StepSum]] = {}
        for one in self.sums:
            by_place.setdefault((one.camera, one.subject), []).append(one)
        last = max((one.last_unix_s for one in self.sums), default=0)
        start = window_start(first_unix_s, self.step_s)
        steps = tuple(range(start, max(last, self.ends[0]), self.step_s))
        ends = {plan.name: 0 if plan.name in finished else self.ends[0] for plan in plans}
        of_last = cache(self._of_last)  # most places have their last window at the same time
        places = []
        for plan in plans:
            named = [*((line.name, LINE) for line in plan.lines), *((zone.name, ZONE) for zone in plan.zones)]
            for name, measures in named:
                found = by_place.get((plan.name, name), [])
                until = max([ends[plan.name], *(one.last_unix_s for one in found)])
                width_s = max((one.widest_s for one in found), default=self.window_s)
                place = _Place((plan.name, name), measures, found, until, width_s)
                places.append(place.figures(steps, self.step_s, of_last(until - width_s)))
        return Figures(tuple(places), steps, self.step_s)

    def _of_last(self, since_unix_s: int) -> dict[tuple[str, str, Measure], PlaceSum]:
        """Sums of what began at a moment or after."""
        return {
            (one.camera, one.subject, one.measure): one
            for measure in (*LINE, *ZONE)
            for one in self.store.sums(Filter(measure=measure, since_unix_s=since_unix_s, until_unix_s=self.ends[1]))
        }


@dataclass(frozen=True, slots=True)
class _Place:
    """One line or zone: its sums of today, where its last window ends, and how wide that is."""

    which: tuple[str, str]
    measures: tuple[Measure, ...]
    found: list[StepSum]
    until_unix_s: int
    width_s: int

    def figures(
        self, steps: tuple[int, ...], step_s: int, of_last: Mapping[tuple[str, str, Measure], PlaceSum]
    ) -> PlaceFigures:
        """All that the page shows of it."""
        until, width_s = self.until_unix_s, self.width_s
        first = min((one.first_unix_s for one in self.found), default=None)
        of = {measure: [one for one in self.found if one.measure is measure] for measure in self.measures}
        keys = {measure: (*self.which, measure) for measure in self.measures}
        last = {measure: [of_last[key]] if key in of_last else [] for measure, key in keys.items()}
        return PlaceFigures(
            camera=self.which[0],
            name=self.which[1],
            is_line=self.measures is LINE,
            since_unix_s=first,
            last_unix_s=until - width_s,
            last_width_s=width_s,
            today={one: _sum(of[one], until - (until if first is None else first)) for one in self.measures},
            last={one: _sum(last[one], width_s) for one in self.measures},
            course={one: self._course(of[one], steps, step_s) for one in self.measures},
        )

    def _course(self, found: list[StepSum], steps: tuple[int, ...], step_s: int) -> tuple[Figure, ...]:
        by_step: dict[int, list[StepSum]] = {}
        for one in found:
            by_step.setdefault(one.start_unix_s, []).append(one)
        until = self.until_unix_s
        return tuple(_sum(by_step.get(step, []), min(step + step_s, max(until, step)) - step) for step in steps)


def present_hour(now_unix_s: float) -> int:
    """Start of the hour that windows still come of: what is older need not be read with every new window."""
    return window_start(now_unix_s - _HOUR_LATE_S, HOUR_S)


def midnight(now_unix_s: float, zone: tzinfo | None) -> float:
    """When the present day began in a zone (None: the machine's), also on days of 23 and 25 hours."""
    now = datetime.fromtimestamp(now_unix_s, zone)
    return now.replace(hour=0, minute=0, second=0, microsecond=0, fold=0).timestamp()


def _step(span_s: float, window_s: int) -> int:
    """Width of the steps of the day's course: no more of them than a chart can show."""
    widths = [window_s, *(width for width in _STEPS_S if width > window_s and width % window_s == 0)]
    return next((width for width in widths if span_s <= _MAX_POINTS * width), widths[-1])


def _sum(sums: Sequence[PlaceSum], span_s: float) -> Figure:
    """Adds up as `core.tallies.merge` does, over any span."""
    totals = [one.total for one in sums]
    is_peak = bool(sums) and sums[0].measure is Measure.PEAK
    total = max(totals) if is_peak else math.fsum(totals)
    return Figure(total, math.fsum(one.exposure for one in sums), span_s)
