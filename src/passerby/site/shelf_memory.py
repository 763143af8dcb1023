"""How the facings of shelves were last, in the site's store, so that since when they are so outlives a restart."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import structlog

from passerby.core.shelves import FacingState
from passerby.errors import StoreError
from passerby.gate.messages import CameraPlan
from passerby.site.shelf_board import FacingKnown, ShelfBoard
from passerby.site.shelf_references import drawn
from passerby.site.side_table import SideTable

_STEP = 7
_log = structlog.get_logger("passerby.site")


class ShelfMemory:
    """The last states of a site's facings.

    Args:
        file: path of the store, which a site has made.
        plans: of its cameras. Facings that are drawn anew, or gone, are forgotten.
    """

    def __init__(self, file: Path, plans: Iterable[CameraPlan]) -> None:
        self._table = SideTable(file, _STEP, "shelves")
        self._drawn = {(plan.name, shelf.name): drawn(shelf) for plan in plans for shelf in plan.shelves}
        self._kept: tuple[FacingKnown, ...] = ()

    def known(self) -> tuple[FacingKnown, ...]:
        """How the facings were when they were kept last.

        Raises:
            StoreError: the store cannot be read.
        """
        with self._table.reading() as connection:
            rows = connection.execute(
                "SELECT drawn, camera, shelf, facing, state, last, since_unix_s, seen_unix_s, told_unix_s "
                "FROM shelf_state"
            ).fetchall()
        return tuple(_known(row[1:]) for row in rows if self._drawn.get(row[1:3]) == row[0])

    def keep(self, board: ShelfBoard) -> None:
        """Keeps how the facings are, if anything was told since.

        Raises:
            StoreError: nothing was written.
        """
        now = board.now()
        if now == self._kept:
            return
        rows = [
            (one.camera, one.shelf, one.facing, self._drawn[one.camera, one.shelf], one.state, one.last)
            + (one.since_unix_s, one.seen_unix_s, one.told_unix_s)
            for one in now
            if (one.camera, one.shelf) in self._drawn
        ]
        with self._table.writing() as connection:
            connection.execute("DELETE FROM shelf_state")
            connection.executemany("INSERT INTO shelf_state VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
        self._kept = now

    @contextmanager
    def remembering(self, board: ShelfBoard) -> Iterator[None]:
        """Reminds the board when this opens, and keeps it once more when this closes.

        Raises:
            StoreError: the store cannot be read.
        """
        if self._drawn:
            board.remember(self.known())
        try:
            yield
        finally:
            try:
                self.keep(board)
            except StoreError as error:
                _log.error("how shelves are could not be kept", problem=str(error))


def _known(row: tuple[str, str, int, int, int | None, int | None, int | None, int]) -> FacingKnown:
    camera, shelf, facing, state, last, *moments = row
    seen = None if last is None else FacingState(last)
    return FacingKnown(camera, shelf, facing, FacingState(state), seen, *moments)  # type: ignore[arg-type]  # of the table
