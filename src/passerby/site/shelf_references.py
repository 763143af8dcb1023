"""What the facings of shelves looked like when they were taught, in the site's store: features, and no picture."""

import hashlib
import time
from pathlib import Path

import msgspec

from passerby.errors import StoreError
from passerby.gate.messages import REFERENCE_BYTES, CameraPlan, ShelfPlan
from passerby.site.side_table import SideTable

_STEP = 7


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
        row = (camera, shelf.name, _drawn(shelf), shelf.full, shelf.empty, int(time.time()))
        with self._table.writing() as connection:
            connection.execute("INSERT OR REPLACE INTO shelf_reference VALUES (?, ?, ?, ?, ?, ?)", row)

    def fitted(self, plan: CameraPlan) -> CameraPlan:
        """The plan of a camera with what its shelves were taught; one that was drawn anew since was not taught.

        Raises:
            StoreError: the store cannot be read.
        """
        if not plan.shelves:
            return plan
        with self._table.reading() as connection:
            rows = connection.execute(
                "SELECT shelf, drawn, whole, gone FROM shelf_reference WHERE camera = ?", (plan.name,)
            ).fetchall()
        known = {(shelf, drawn): (full, empty) for shelf, drawn, full, empty in rows}
        shelves = []
        for shelf in plan.shelves:
            full, empty = known.get((shelf.name, _drawn(shelf)), (b"", b""))
            shelves.append(msgspec.structs.replace(shelf, full=full, empty=empty))
        return msgspec.structs.replace(plan, shelves=tuple(shelves))


def taught_plan(plan: CameraPlan, store: Path) -> CameraPlan:
    """The plan of a camera with what its shelves were taught, if there is a store that knows."""
    try:
        return ShelfReferences(store).fitted(plan)
    except StoreError:
        # A site that never ran has taught nothing; what else is wrong with the store is told when it is opened.
        return plan


def _drawn(shelf: ShelfPlan) -> str:
    """Changes when a facing does."""
    return hashlib.sha256(msgspec.json.encode(shelf.facings)).hexdigest()
