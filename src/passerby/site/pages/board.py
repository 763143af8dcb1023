"""All that the page shows of today, read once for all who look."""

import math
import threading
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace

from passerby.core.tallies import Measure
from passerby.errors import StoreError
from passerby.records.page.figures import Figures
from passerby.records.repeating import repeating
from passerby.site.figures import FigureBoard, Settings
from passerby.site.occupancy import PlaceBoard, PlaceReport
from passerby.site.proof import ProofBoard
from passerby.site.reports import (
    Asked,
    HeatReport,
    MaskReport,
    ZoneSeries,
    heat_cameras,
    heat_report,
    mask_report,
    zone_report,
)
from passerby.site.reports.day import DayTallies
from passerby.site.state import SiteState
from passerby.site.store import HOUR_S, Store

_LOOK_EVERY_S = 0.9
_FRESH_EVERY_S = 0.5


@dataclass(frozen=True, slots=True)
class Today:
    """What the page shows of today.

    Attributes:
        figures: of lines and zones.
        places: how many people are inside; empty where none is configured.
        masks: None where nothing asks for masks.
        zones: stays and queues, zone by zone.
        proved: what stands beside the figures of a line whose counts are proved, by camera and line.
        problem: why something could not be read, or None; what was known before stays.
        as_of_unix_s: when it was read.
    """

    figures: Figures = field(default_factory=Figures)
    places: tuple[PlaceReport, ...] = ()
    masks: MaskReport | None = None
    zones: tuple[ZoneSeries, ...] = ()
    proved: Mapping[tuple[str, str], str] = field(default_factory=dict)
    problem: str | None = None
    as_of_unix_s: float = 0.0


class PageBoard:
    """Reads the store for the page: when it is new, when half a minute is over, and never for one reader alone.

    Args:
        store: where tallies are.
        state: how the site is now.
        settings: lines, zones, windows and clock.
        places: how many people are in each place; None where no place is configured.
        proofs: what is proved of the lines; None where nothing can be.
    """

    def __init__(
        self,
        store: Store,
        state: Callable[[], SiteState],
        settings: Settings,
        places: PlaceBoard | None = None,
        proofs: ProofBoard | None = None,
    ) -> None:
        self._store = store
        self._settings = settings
        self._places = places
        self._proofs = proofs
        self._figures = FigureBoard(store, state, settings)
        self._lock = threading.Lock()
        self._day = DayTallies(store, settings)
        self._looked_unix_s = -math.inf
        self._today = Today()
        self._has_looked = False
        self._drawing = threading.Lock()
        self._heat: dict[str, tuple[Figures, HeatReport]] = {}
        self._asking = frozenset(
            (plan.name, place.name)
            for plan in settings.plans
            for place in plan.places
            if Measure.MASKED in place.measures
        )
        self.asks_for_masks = settings.site_only or bool(self._asking)
        self.heat_cameras = heat_cameras(settings)

    def today(self) -> Today:
        """What the page shows, at most a second older than the store. Safe from any thread.

        While somebody reads the store, all others get what was known before, at once.
        """
        if not self._lock.acquire(blocking=not self._has_looked):
            return self._today
        try:
            now = self._settings.clock()
            if not 0 <= now - self._looked_unix_s < _LOOK_EVERY_S:
                self._today = replace(self._look(), as_of_unix_s=now)
                self._looked_unix_s, self._has_looked = now, True
            return self._today
        finally:
            self._lock.release()

    def kept_fresh(self) -> AbstractContextManager[None]:
        """Looks by itself as long as it is open, so that no reader waits for the store."""
        return repeating("board", _FRESH_EVERY_S, self.today)

    def heat(self, camera: str) -> HeatReport | None:
        """The maps of a camera today, as old as `today`; None where the store cannot be read. Safe from any thread."""
        figures = self.today().figures
        with self._drawing:
            known = self._heat.get(camera)
            if known and known[0] is figures:
                return known[1]
            try:
                read = heat_report(self._store, camera, Asked.today(self._settings), self._settings)
            except StoreError:
                return None
            self._heat[camera] = (figures, read)
            return read

    def _look(self) -> Today:
        before, figures = self._today, self._figures.figures()
        try:
            places = self._places.places() if self._places else ()
            proved = self._proved()
            if figures is before.figures:
                return replace(before, places=places, proved=proved, problem=figures.problem)
            return Today(figures, places, self._masks(figures), self._zones(), proved, figures.problem)
        except StoreError as error:
            return replace(before, problem=str(error))

    def _proved(self) -> dict[tuple[str, str], str]:
        zone = self._settings.zone
        told = self._proofs.told(zone) if self._proofs else ()
        return {(one.camera, one.line): words for one in told if (words := one.words(zone))}

    def _masks(self, figures: Figures) -> MaskReport | None:
        if not self.asks_for_masks:
            return None
        asked = replace(Asked.today(self._settings), width_s=figures.step_s or None)
        report = mask_report(self._day, asked, self._settings)
        # Tallies may be left of places that ask no more.
        return replace(report, places=tuple(one for one in report.places if (one.camera, one.place) in self._asking))

    def _zones(self) -> tuple[ZoneSeries, ...]:
        if self._settings.site_only or not any(plan.zones for plan in self._settings.plans):
            return ()
        # By the hour: only the sums are shown here, and the course comes with the figures.
        asked = replace(Asked.today(self._settings), width_s=HOUR_S)
        return zone_report(self._day, asked, self._settings).zones
