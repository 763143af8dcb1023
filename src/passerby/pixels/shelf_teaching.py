"""Teaches a shelf: what its facings look like full, or empty, out of half a minute in which nobody is in front of them.

Of each cell the median over the looks is kept, so that who passes leaves nothing behind; a facing before which somebody
stands, or something moves, for much of the time is not taught, and is told by its index.
"""

from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from passerby.core.shelves import ShelfRules
from passerby.gate.messages import ShelfPlan
from passerby.pixels.shelf_features import INNER, Cells
from passerby.pixels.shelf_judge import Judge, distance
from passerby.pixels.shelf_reference import pack, unpack

LOOKS = 20
"""Looks that a shelf is taught with, a second or more apart."""

_HIDDEN_LOOKS, _HIDDEN_CELLS = 0.3, 0.1
_RESTLESS_CELLS, _RESTLESS = 0.2, 0.35


class TeachState(Enum):
    """What a shelf is shown as. `NOW`: each facing as it stands, full or empty, by what was taught before."""

    FULL = "full"
    EMPTY = "empty"
    NOW = "now"


@dataclass(frozen=True, slots=True)
class Taught:
    """What came of it.

    Attributes:
        full, empty: as in `ShelfPlan`; what was not taught now stays what it was.
        covered: facings that something was in front of; if there are any, nothing is to be kept.
    """

    full: bytes
    empty: bytes
    covered: tuple[int, ...]


class Teaching:
    """One shelf that is taught.

    Args:
        plan: the shelf, with what was taught before.
        state: what it is shown as.

    Raises:
        ValueError: it is to be taught as it stands, and was not taught full and empty before.
    """

    def __init__(self, plan: ShelfPlan, state: TeachState) -> None:
        if state is TeachState.NOW and not plan.taught:
            raise ValueError(f"shelf {plan.name} was not taught before: teach it full and empty first.")
        self._plan, self._state = plan, state
        self._cells: list[Cells] = []
        self._hidden: list[NDArray[np.bool_]] = []

    @property
    def done(self) -> bool:
        """Whether enough was seen."""
        return len(self._cells) >= LOOKS

    def look(self, cells: Cells, hidden: NDArray[np.float64]) -> None:
        """Takes one look: what the facings look like, and whether people stand in front of each cell."""
        if not self.done:
            self._cells.append(cells)
            self._hidden.append(hidden[:, INNER].mean(axis=(1, 2)) > _HIDDEN_CELLS)

    def taught(self) -> Taught:
        """What came of it; what was seen is forgotten with this.

        Raises:
            ValueError: nothing was seen.
        """
        if not self._cells:
            raise ValueError("the camera showed nothing")
        looks, hidden = np.stack(self._cells), np.stack(self._hidden)
        self._cells, self._hidden = [], []
        middle: Cells = np.median(looks, axis=0).astype(np.float32)
        restless = np.median([distance(look, middle) for look in looks], axis=0)[:, INNER] > _RESTLESS
        covered = (hidden.mean(axis=0) > _HIDDEN_LOOKS) | (restless.mean(axis=(1, 2)) > _RESTLESS_CELLS)
        full, empty = self._kept(middle)
        return Taught(full, empty, tuple(np.flatnonzero(covered).tolist()))

    def _kept(self, seen: Cells) -> tuple[bytes, bytes]:
        plan = self._plan
        if self._state is TeachState.FULL:
            return pack(seen), plan.empty
        if self._state is TeachState.EMPTY:
            return plan.full, pack(seen)
        full, empty = unpack(plan.full).copy(), unpack(plan.empty).copy()
        fill = Judge(full, empty).look(seen, np.zeros(seen.shape[:3])).fill
        gaps = fill <= ShelfRules().empty_fill
        empty[gaps], full[~gaps] = seen[gaps], seen[~gaps]
        return pack(full), pack(empty)
