"""What the facings of shelves looked like when they were taught, in the site's store: features, and no picture."""

import hashlib
import sqlite3
import time
from dataclasses import dataclass
from pathlib import Path

import msgspec

from passerby.errors import StoreError
from passerby.gate.messages import REFERENCE_BYTES, CameraPlan, ShelfPlan
from passerby.gate.setup_messages import Taught
from passerby.site.side_table import SideTable

_STEP = 7


@dataclass(frozen=True, slots=True)
class Lessons:
    """What a shelf, as it is drawn now, was taught.

    Attributes:
        full, empty: whether it was taught so.
        taught_unix_s: when it was taught last; None if never.
        moved_unix_s: when its camera was moved since; None if it was not. Nothing that was taught before holds then.
    """

    full: bool = False
    empty: bool = False
    taught_unix_s: int | None = None
    moved_unix_s: int | None = None

    @property
    def whole(self) -> bool:
        """Whether the shelf can be watched."""
        return self.full and self.empty and self.moved_unix_s is None


class ShelfReferences:
    """The references of a site's shelves.

    Args:
        file: path of the store, which a site has made.
    """

    def __init__(self, file: Path) -> None:
        self._table = SideTable(file, _STEP, "shelves")

    def keep(self, camera: str, shelf: ShelfPlan) -> None:
        """Keeps what a shelf was taught; it is on the disk when this returns.

        Raises:
            ValueError: it is not of the shelf's facings.
            StoreError: nothing was written.
        """
        whole = REFERENCE_BYTES * len(shelf.facings)
        if not {len(shelf.full), len(shelf.empty)} <= {0, whole}:
            raise ValueError(f"shelf {shelf.name} has {len(shelf.facings)} facings, and what was taught is of others")
        with self._table.writing() as connection:
            _write(connection, camera, shelf)

    def learn(self, camera: str, shelf: ShelfPlan, taught: Taught, *, before_it_moved: bool = False) -> None:
        """Adds what a shelf was taught to what it was taught before, even if another state is added just now.

        Args:
            camera: its name.
            shelf: as it is drawn.
            taught: what came of it; nothing was in front of it.
            before_it_moved: add to what was taught before the camera was moved; else that is forgotten.

        Raises:
            StoreError: nothing was written.
        """
        with self._table.writing() as connection:
            before = _fitted(connection, CameraPlan(camera, shelves=(shelf,)), before_it_moved=before_it_moved)
            _write(connection, camera, taught.added_to(before[0]))

    def moved(self, camera: str) -> None:
        """A camera was moved: what its shelves were taught holds no longer, also after the next start.

        Raises:
            StoreError: nothing was written.
        """
        with self._table.writing() as connection:
            connection.execute(
                "UPDATE shelf_reference SET moved_unix_s = ? WHERE camera = ? AND moved_unix_s IS NULL",
                (int(time.time()), camera),
            )

    def fitted(self, plan: CameraPlan, *, before_it_moved: bool = False) -> CameraPlan:
        """The plan of a camera with what its shelves were taught; one that was drawn anew since was not taught.

        Args:
            plan: as it is configured.
            before_it_moved: give what was taught before the camera was moved as well.

        Raises:
            StoreError: the store cannot be read.
        """
        if not plan.shelves:
            return plan
        with self._table.reading() as connection:
            return msgspec.structs.replace(plan, shelves=_fitted(connection, plan, before_it_moved=before_it_moved))

    def lessons(self, camera: str, shelf: ShelfPlan) -> Lessons:
        """What a shelf was taught, as it is drawn now.

        Raises:
            StoreError: the store cannot be read.
        """
        with self._table.reading() as connection:
            row = connection.execute(
                "SELECT whole != x'', gone != x'', taught_unix_s, moved_unix_s FROM shelf_reference "
                "WHERE camera = ? AND shelf = ? AND drawn = ?",
                (camera, shelf.name, drawn(shelf)),
            ).fetchone()
        return Lessons(bool(row[0]), bool(row[1]), row[2], row[3]) if row else Lessons()


def _write(connection: sqlite3.Connection, camera: str, shelf: ShelfPlan) -> None:
    row = (camera, shelf.name, drawn(shelf), shelf.full, shelf.empty, int(time.time()))
    connection.execute("INSERT OR REPLACE INTO shelf_reference VALUES (?, ?, ?, ?, ?, ?, NULL)", row)


def _fitted(connection: sqlite3.Connection, plan: CameraPlan, *, before_it_moved: bool) -> tuple[ShelfPlan, ...]:
    rows = connection.execute(
        "SELECT shelf, drawn, whole, gone FROM shelf_reference WHERE camera = ? AND (? OR moved_unix_s IS NULL)",
        (plan.name, before_it_moved),
    ).fetchall()
    known = {(shelf, as_drawn): (full, empty) for shelf, as_drawn, full, empty in rows}
    shelves = []
    for shelf in plan.shelves:
        full, empty = known.get((shelf.name, drawn(shelf)), (b"", b""))
        shelves.append(msgspec.structs.replace(shelf, full=full, empty=empty))
    return tuple(shelves)


def taught_plan(plan: CameraPlan, store: Path) -> CameraPlan:
    """The plan of a camera with what its shelves were taught, if there is a store that knows."""
    try:
        return ShelfReferences(store).fitted(plan)
    except StoreError:
        # A site that never ran has taught nothing; what else is wrong with the store is told when it is opened.
        return plan


def drawn(shelf: ShelfPlan) -> str:
    """Changes when a facing does."""
    return hashlib.sha256(msgspec.json.encode(shelf.facings)).hexdigest()
