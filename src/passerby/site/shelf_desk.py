"""All that is told of a site's shelves, for the page and the API: what was tallied, and how they are now."""

import math
import threading
from collections.abc import Callable, Sequence

from passerby.errors import StoreError
from passerby.site.figures import Settings
from passerby.site.reports.asked import Asked, Where
from passerby.site.reports.day import DayTallies
from passerby.site.reports.shelf_now import ShelvesNow
from passerby.site.reports.shelf_tallies import ShelfTallied, shelf_tallied
from passerby.site.reports.shelves import ShelvesReport, shelf_report, with_now
from passerby.site.settings import ShelfSettings
from passerby.site.shelf_board import ShelfBoard
from passerby.site.shelf_references import ShelfReferences
from passerby.site.state import SiteState
from passerby.site.store import Store

_LOOK_EVERY_S = 0.9
_TAUGHT_EVERY_S = 5.0


class ShelfDesk:
    """Tells of shelves; safe from any thread.

    Args:
        store: where tallies are, and what was taught.
        state: how the site is now.
        settings: clock, zone and windows.
        shelves: those of the site.
        board: how their facings are.

    Attributes:
        shelves: those of the site.
    """

    def __init__(
        self,
        store: Store,
        state: Callable[[], SiteState],
        settings: Settings,
        shelves: Sequence[ShelfSettings] = (),
        board: ShelfBoard | None = None,
    ) -> None:
        self._store, self._state, self._settings = store, state, settings
        self._board = board or ShelfBoard()
        self.shelves = tuple(shelves)
        self._lock = threading.Lock()
        self._day = DayTallies(store, settings)
        self._tallied: tuple[tuple[int, float, float], list[tuple[ShelfSettings, ShelfTallied]]] | None = None
        self._taught: tuple[float, dict[Where, tuple[str, ...]]] = (-math.inf, {})
        self._looked_unix_s = -math.inf
        self._today: ShelvesReport | None = None

    def report(self, asked: Asked) -> ShelvesReport:
        """Of any span.

        Raises:
            StoreError: the store cannot be read.
        """
        return shelf_report(self._store, asked, self._settings, self.shelves, self._now())

    def today(self) -> ShelvesReport:
        """Of today, at most a second old; where the store cannot be read, as it was known before.

        While somebody reads the store, all others get what was known before, at once.

        Raises:
            StoreError: the store could not be read, and nothing was known before.
        """
        if not self._lock.acquire(blocking=self._today is None):
            assert self._today
            return self._today
        try:
            now = self._settings.clock()
            if self._today is None or not 0 <= now - self._looked_unix_s < _LOOK_EVERY_S:
                try:
                    self._today = with_now(self._tallied_today(), self._now(), now)
                except StoreError:
                    if self._today is None:
                        raise
                self._looked_unix_s = now
            return self._today
        finally:
            self._lock.release()

    def _tallied_today(self) -> list[tuple[ShelfSettings, ShelfTallied]]:
        """What was tallied, read again when the store is new and when a window is over."""
        asked = Asked.today(self._settings)
        at = (self._store.revision, asked.since_unix_s, asked.end_unix_s(self._settings))
        known = self._tallied
        if known is None or known[0] != at:
            told = [(shelf, shelf_tallied(self._day, asked, self._settings, shelf)) for shelf in self.shelves]
            known = self._tallied = (at, told)
        return known[1]

    def _now(self) -> ShelvesNow:
        moved = frozenset(camera.name for camera in self._state().cameras if camera.picture.moved)
        return ShelvesNow(self._board.now(), self._untaught(), moved)

    def _untaught(self) -> dict[Where, tuple[str, ...]]:
        """What each shelf was not taught yet."""
        now, (then, known) = self._settings.clock(), self._taught
        if not self.shelves or 0 <= now - then < _TAUGHT_EVERY_S:
            return known
        references = ShelfReferences(self._store.file)
        missing = {
            (plan.name, shelf.name): tuple(name for name in ("full", "empty") if not getattr(shelf, name))
            for plan in map(references.fitted, self._settings.plans)
            for shelf in plan.shelves
        }
        self._taught = (now, {where: names for where, names in missing.items() if names})
        return self._taught[1]
