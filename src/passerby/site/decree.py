"""The profile `decree-2021-269`, after the French decree 2021-269 of 10 March 2021 on masks in transport.

Only totals and the masked share leave: of the whole site, of windows of 20 minutes or more, and nothing of a camera or
of a shorter time is stored on the way. `SiteTotals` stands between the watch and the store and adds in memory.
"""

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import structlog

from passerby.core.release import STRICT_WINDOWS_S, strict_measures
from passerby.core.tallies import MASK_MEASURES, MAX_WINDOW_S, Key, Measure, Tally
from passerby.errors import ConfigError
from passerby.gate.messages import CameraPlan
from passerby.records.reading import Location, path_text
from passerby.site.store import Filter, Store

if TYPE_CHECKING:
    from passerby.site.config import Camera, SiteConfig

PROFILE = "decree-2021-269"
SITE = "site"
"""The one camera and the one place that the store knows under this profile."""
GRACE_S = 60.0
"""A camera that says nothing of a window is waited for so long after its end, and after the first that did."""

_log = structlog.get_logger("passerby.site")
_Sender = tuple[str, str, Measure]


def check_decree(config: "SiteConfig") -> list[tuple[Location, str]]:
    """What in a configuration the profile does not allow: where it stands, and what to write instead."""
    problems: list[tuple[Location, str]] = []
    if config.window_s not in STRICT_WINDOWS_S:
        words = f"{config.window_s} does not go with profile {PROFILE}; write 1200, 1800 or 3600"
        problems.append((("window_s",), words))
    if config.places:
        problems.append((("places",), f"profile {PROFILE} keeps no occupancy; take places away"))
    if config.hub and config.hub.profile == "internal":
        problems.append((("hub", "profile"), f"profile {PROFILE} lets only strict go to a hub; write strict"))
    for i, camera in enumerate(config.cameras):
        problems += [(("cameras", i, *where), words) for where, words in _of_camera(camera)]
    return [(where, f"{path_text(where)}: {words}") for where, words in problems]


def _of_camera(camera: "Camera") -> Iterator[tuple[Location, str]]:
    if camera.heat_map:
        yield ("heat_map",), f"profile {PROFILE} keeps no heat map; take heat_map away"
    if camera.shelves:
        yield ("shelves",), f"profile {PROFILE} keeps only masks; take shelves away"
    shapes = (("lines", camera.lines), ("zones", camera.zones))
    for where, shape in (((kind, j), one) for kind, all_ in shapes for j, one in enumerate(all_)):
        if not shape.masks:
            yield where, f"profile {PROFILE} keeps only masks; write masks: true and purpose: ..."
        if shape.place is not None:
            yield (*where, "place"), f"profile {PROFILE} keeps no occupancy; take place away"
    for j, zone in enumerate(camera.zones):
        if zone.queue is not None:
            yield ("zones", j, "queue"), f"profile {PROFILE} keeps no waiting times; take queue away"
        if zone.crowd_limit is not None:
            yield ("zones", j, "crowd_limit"), f"profile {PROFILE} keeps no numbers of people; take crowd_limit away"


def check_store(store: Store) -> None:
    """Refuses a store of an older configuration: what it holds of single cameras and short times would be told on.

    Raises:
        ConfigError: it holds more than the whole site's.
        StoreError: it cannot be read.
    """
    other = next((one for one in store.sums() if (one.camera, one.subject) != (SITE, SITE)), None)
    if other:
        found = f"the store {store.file} holds tallies of {other.camera}, {other.subject}"
        words = f"profile {PROFILE} keeps none; name a new file under store: file:, or move the old one away"
        raise ConfigError([f"{found}, and {words}"])


@dataclass(frozen=True, slots=True)
class Release:
    """What is handed on, and when.

    Attributes:
        width_s: width of the windows.
        minimum_judged: of windows with fewer people judged at the whole site, only CANNOT_TELL is handed on, which says
            how many people were asked, and of how many it could not be told.
        expected: which camera tells which measure of which place; when all have, a window that is over is complete.
        since_unix_s: when the site opened. A window that had begun before would tell of a shorter time.
    """

    width_s: int
    minimum_judged: int
    expected: frozenset[_Sender]
    since_unix_s: float = 0.0

    @staticmethod
    def of(plans: Iterable[CameraPlan], width_s: int, minimum_judged: int) -> "Release":
        """The release of a site with these cameras."""
        expected = frozenset(
            (plan.name, place.name, measure)
            for plan in plans
            for place in plan.places
            for measure in place.measures
            if measure in MASK_MEASURES
        )
        return Release(width_s, minimum_judged, expected)


@dataclass(slots=True)
class _Window:
    """What the cameras told of one window: total and people, by camera, place and measure."""

    opened_unix_s: float
    told: dict[_Sender, tuple[float, float]] = field(default_factory=dict)

    def whole_places(self) -> set[tuple[str, str]]:
        """Cameras and places that told of everything; their records come one by one."""
        places = {(camera, place) for camera, place, _ in self.told}
        return {place for place in places if all((*place, measure) in self.told for measure in MASK_MEASURES)}

    def sum(self, measure: Measure) -> tuple[float, float]:
        """Total and people of a measure over all whole places."""
        told = [self.told[(*place, measure)] for place in self.whole_places()]
        return sum(total for total, _ in told), sum(people for _, people in told)


class SiteTotals:
    """Adds the mask tallies of all cameras, and hands on those of the whole site, once for each window.

    No window is ever handed on twice, not by another run of the site either, since the difference of two would tell of
    a shorter time or of one camera. So what comes in part, or late for a window that was handed on, is dropped and
    counted in `late`, as is a window that had begun before the site opened; one that is not over when it closes is
    forgotten.

    Args:
        keep: takes tallies for good; it may raise `StoreError`.
        release: what is handed on, and when.
        released: whether any of the window that starts at this Unix second was handed on before; see `released_in`.
        clock: Unix seconds.
    """

    def __init__(
        self,
        keep: Callable[[list[Tally]], None],
        release: Release,
        released: Callable[[int], bool],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._keep_for_good = keep
        self._release = release
        self._released = released
        self._clock = clock
        self._lock = threading.Lock()
        self._windows: dict[int, _Window] = {}
        self._ready: list[Tally] = []
        self._taken: set[Key] = set()
        self.late = 0

    def keep(self, tallies: list[Tally]) -> None:
        """Takes tallies of cameras. Where it raises, the same may be given again: none counts twice.

        Raises:
            StoreError: a window that is due could not be stored; it is tried again.
        """
        with self._lock:
            for tally in tallies:
                if tally.measure in MASK_MEASURES and tally.key not in self._taken:
                    self._taken.add(tally.key)
                    self._add(tally)
            self._hand_over()
            self._taken.clear()

    def flush(self) -> None:
        """Hands on what is due by now; call it every few seconds.

        Raises:
            StoreError: it could not be stored; it is tried again.
        """
        with self._lock:
            self._hand_over()

    def close(self) -> None:
        """Hands on the windows that are over, though not all cameras told of them, and forgets the others.

        Raises:
            StoreError: they could not be stored.
        """
        with self._lock:
            self._hand_over(grace_s=0.0)
            self._windows.clear()

    def _add(self, tally: Tally) -> None:
        window = self._windows.setdefault(tally.start_unix_s, _Window(self._clock()))
        window.told[tally.camera, tally.subject, tally.measure] = (tally.total, tally.exposure)

    def _hand_over(self, grace_s: float = GRACE_S) -> None:
        for start in sorted(start for start in self._windows if self._is_due(start, grace_s)):
            again = any(tally.start_unix_s == start for tally in self._ready) or self._released(start)
            in_part = start < self._release.since_unix_s
            window = self._windows.pop(start)
            whole = 0 if again or in_part else len(window.whole_places())
            dropped = len(window.told) - whole * len(MASK_MEASURES)
            if dropped:
                self.late += dropped
                _log.warning("tallies came late or in part and were dropped", dropped=dropped)
            if whole:
                self._ready += self._tallies(start, window)
        if self._ready:
            self._keep_for_good(list(self._ready))
            self._ready = []

    def _is_due(self, start_unix_s: int, grace_s: float) -> bool:
        window, now_unix_s = self._windows[start_unix_s], self._clock()
        end_unix_s = start_unix_s + self._release.width_s
        complete = window.told.keys() >= self._release.expected
        return now_unix_s >= (end_unix_s if complete else max(end_unix_s, window.opened_unix_s) + grace_s)

    def _tallies(self, start_unix_s: int, window: _Window) -> list[Tally]:
        _masked, judged = window.sum(Measure.MASKED)
        told = strict_measures(round(judged), self._release.minimum_judged)
        measures = [one for one in told if one in MASK_MEASURES]
        width_s = self._release.width_s
        return [Tally(SITE, one, SITE, start_unix_s, width_s, *window.sum(one)) for one in measures]


def released_in(store: Store, width_s: int) -> Callable[[int], bool]:
    """Tells whether any of a window was handed on to a store, be it in a window of another width.

    What it gives may raise `StoreError`.
    """

    def released(start_unix_s: int) -> bool:
        if start_unix_s + width_s <= store.renewed_unix_s:
            return True  # the store was damaged, and what was handed on before may not be known
        near = Filter(
            camera=SITE, subject=SITE, since_unix_s=start_unix_s - MAX_WINDOW_S, until_unix_s=start_unix_s + width_s
        )
        return any(tally.start_unix_s + tally.width_s > start_unix_s for tally in store.query(near))

    return released
