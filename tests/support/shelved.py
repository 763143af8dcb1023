"""Two shelves of an aisle and one that was drawn by hand, and facings that a test fills and empties."""

from dataclasses import dataclass, field, replace

from passerby.core.shelves import FacingState
from passerby.gate.contract import FacingNow
from passerby.site.reports.shelf_now import ShelvesNow
from passerby.site.reports.shelf_tallies import FacingTallied, OnShelf, ShelfTallied
from passerby.site.reports.shelves import ShelvesReport, with_now
from passerby.site.settings import ShelfSettings
from passerby.site.shelf_board import ShelfBoard
from passerby.site.shelf_states import ShelfNow, ShelfStates
from passerby.site.state import CameraState, CameraStatus, SiteState
from tests.support import filled

_CORNERS = ((0.1, 0.1), (0.2, 0.1), (0.2, 0.2), (0.1, 0.2))
CRISPS = ShelfSettings("shop", "Crisps", "Snacks", (_CORNERS,) * 6, columns=3)
NUTS = ShelfSettings("shop", "Nuts", "Snacks", (_CORNERS,) * 2, columns=2)
TEA = ShelfSettings("entrance", "Tea", None, (_CORNERS,) * 2)
SHELVES = (CRISPS, NUTS, TEA)
LIVE = SiteState(
    "Museum of Tides",
    cameras=(CameraState("entrance", CameraStatus.LIVE), CameraState("shop", CameraStatus.LIVE)),
)
_LETTERS = {
    "s": FacingState.STOCKED,
    "l": FacingState.LOW,
    "e": FacingState.EMPTY,
    "?": FacingState.CANNOT_SEE,
}


@dataclass
class Shelved:
    """The shelves of a venue over time.

    Attributes:
        now_unix_s: the clock.
        state: how the cameras are.
        known: what shelves were not taught, and which cameras were moved.
    """

    now_unix_s: float = float(filled.NINE)
    state: SiteState = LIVE
    board: ShelfBoard = field(default_factory=ShelfBoard)
    known: ShelvesNow = field(default_factory=ShelvesNow)
    shelves: tuple[ShelfSettings, ...] = SHELVES

    def tell(self, shelf: ShelfSettings, letters: str) -> None:
        """Lets a room tell of a shelf: a letter for each facing, s(tocked), l(ow), e(mpty) or ?."""
        minute = int(self.now_unix_s) // 60 * 60
        for i, letter in enumerate(letters):
            self.board.tell(FacingNow(shelf.camera, shelf.shelf, i, _LETTERS[letter], minute))

    def minute(self, **letters: str) -> None:
        """Lets a minute go by, after which shelves are so, by their names; of others nothing is told."""
        self.now_unix_s += 60
        for shelf in self.shelves:
            if shelf.shelf in letters:
                self.tell(shelf, letters[shelf.shelf])

    def now(self) -> tuple[ShelfNow, ...]:
        """As the site tells it."""
        return ShelfStates(self._today, self.shelves, lambda: self.state).now()

    def _today(self) -> ShelvesReport:
        """Of a day without tallies."""
        unseen = [(one, ShelfTallied((FacingTallied(OnShelf()),) * len(one.facings), {})) for one in self.shelves]
        return with_now(unseen, replace(self.known, facings=self.board.now()), self.now_unix_s)

    def of(self, shelf: ShelfSettings) -> ShelfNow:
        """One of them."""
        return next(one for one in self.now() if one.shelf == shelf)
