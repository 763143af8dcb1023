"""The profile `decree-2021-269`, after the French decree 2021-269 of 10 March 2021 on masks in transport.

Only totals and the masked share leave: of the whole site, of windows of 20 minutes or more, and nothing of a camera or
of a shorter time is stored on the way. `SiteTotals` stands between the watch and the store and adds in memory.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import structlog

from passerby.core.tallies import MASK_MEASURES, MAX_WINDOW_S, Key, Measure, Tally
from passerby.gate.messages import CameraPlan
from passerby.site.reading import path_text
from passerby.site.store import Filter, Store

if TYPE_CHECKING:
    from passerby.site.config import Camera, SiteConfig

PROFILE = "decree-2021-269"
SITE = "site"
"""The one camera and the one place that the store knows under this profile."""
WINDOWS_S = (1200, 1800, 3600)
GRACE_S = 60.0
"""A camera that says nothing is waited for so long after the end of a window."""

_log = structlog.get_logger("passerby.site")
_Sender = tuple[str, str, Measure]


def check_decree(config: "SiteConfig") -> list[str]:
    """What in a configuration the profile does not allow, each with what to write instead."""
    problems = []
    if config.window_s not in WINDOWS_S:
        problems.append(f"window_s: {config.window_s} does not go with profile {PROFILE}; write 1200, 1800 or 3600")
    if config.places:
        problems.append(f"places: profile {PROFILE} keeps no occupancy; take places away")
    for i, camera in enumerate(config.cameras):
        problems += _of_camera(camera, i)
    return problems


def _of_camera(camera: "Camera", i: int) -> list[str]:
    problems = []
    if camera.heat_map:
        where = path_text(("cameras", i, "heat_map"))
        problems.append(f"{where}: profile {PROFILE} keeps no heat map; take heat_map away")
    shapes = (("lines", camera.lines), ("zones", camera.zones))
    for where, shape in (
        (path_text(("cameras", i, kind, j)), one) for kind, all_ in shapes for j, one in enumerate(all_)
    ):
        if not shape.masks:
            problems.append(f"{where}: profile {PROFILE} keeps only masks; write masks: true and purpose: ...")
        if shape.place is not None:
            problems.append(f"{where}.place: profile {PROFILE} keeps no occupancy; take place away")
    for j, zone in enumerate(camera.zones):
        where = path_text(("cameras", i, "zones", j))
        if zone.queue is not None:
            problems.append(f"{where}.queue: profile {PROFILE} keeps no waiting times; take queue away")
        if zone.crowd_limit is not None:
            problems.append(f"{where}.crowd_limit: profile {PROFILE} keeps no numbers of people; take crowd_limit away")
    return problems


@dataclass(frozen=True, slots=True)
class Release:
    """What is handed on, and when.

    Attributes:
        width_s: width of the windows.
        minimum_judged: of windows with fewer people judged at the whole site, only CANNOT_TELL is handed on, which says
            how many people were asked, and of how many it could not be told.
        expected: which camera tells which measure of which place; when all have, a window that is over is complete.
    """

    width_s: int
    minimum_judged: int
    expected: frozenset[_Sender]

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
    """What the cameras told of one window."""

    told: set[_Sender] = field(default_factory=set)
    totals: Counter[Measure] = field(default_factory=Counter)
    people: Counter[Measure] = field(default_factory=Counter)


class SiteTotals:
    """Adds the mask tallies of all cameras, and hands on those of the whole site, once for each window.

    No window is ever handed on twice, not by another run of the site either, since the difference of two would tell of
    a shorter time or of one camera. So what comes late for a window that was handed on is dropped and counted in
    `late`, and a window that is not over when the site closes is forgotten.

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
        window = self._windows.setdefault(tally.start_unix_s, _Window())
        window.told.add((tally.camera, tally.subject, tally.measure))
        window.totals[tally.measure] += round(tally.total)
        window.people[tally.measure] += round(tally.exposure)

    def _hand_over(self, grace_s: float = GRACE_S) -> None:
        for start in sorted(start for start in self._windows if self._is_due(start, grace_s)):
            again = any(tally.start_unix_s == start for tally in self._ready) or self._released(start)
            window = self._windows.pop(start)
            if again:
                self.late += len(window.told)
                _log.warning("tallies came late and were dropped", cameras=sorted({told[0] for told in window.told}))
            else:
                self._ready += self._tallies(start, window)
        if self._ready:
            self._keep_for_good(list(self._ready))
            self._ready = []

    def _is_due(self, start_unix_s: int, grace_s: float) -> bool:
        since_end_s = self._clock() - start_unix_s - self._release.width_s
        complete = self._windows[start_unix_s].told >= self._release.expected
        return since_end_s >= (0.0 if complete else grace_s)

    def _tallies(self, start_unix_s: int, window: _Window) -> list[Tally]:
        enough = window.people[Measure.MASKED] >= self._release.minimum_judged
        return [
            Tally(SITE, one, SITE, start_unix_s, self._release.width_s, window.totals[one], window.people[one])
            for one in (MASK_MEASURES if enough else (Measure.CANNOT_TELL,))
        ]


def released_in(store: Store, width_s: int) -> Callable[[int], bool]:
    """Tells whether any of a window was handed on to a store, be it in a window of another width.

    What it gives may raise `StoreError`.
    """

    def released(start_unix_s: int) -> bool:
        near = Filter(
            camera=SITE, subject=SITE, since_unix_s=start_unix_s - MAX_WINDOW_S, until_unix_s=start_unix_s + width_s
        )
        return any(tally.start_unix_s + tally.width_s > start_unix_s for tally in store.query(near))

    return released
