"""How the shelves are now: what can be seen of each, its gaps, its availability. One view for all who tell of it."""

from collections.abc import Callable
from dataclasses import dataclass

from passerby.core.shelves import FacingState, availability
from passerby.errors import StoreError
from passerby.site.reports.shelves import ShelfReport, ShelvesReport
from passerby.site.settings import ShelfSettings
from passerby.site.state import CameraStatus, SiteState


@dataclass(frozen=True, slots=True)
class GapNow:
    """A facing that is empty.

    Attributes:
        facing: its index in the shelf.
        since_unix_s: since when.
        covered: whether something stands in front now; a gap stays a gap until the facing is seen full.
    """

    facing: int
    since_unix_s: float
    covered: bool


@dataclass(frozen=True, slots=True)
class ShelfNow:
    """How a shelf is.

    Attributes:
        shelf: which it is.
        states: of each facing, by its index; `CANNOT_SEE` of all while there is a problem.
        gaps: longest first; none while there is a problem.
        problem: why nothing is known of it now, in words; or None.
        was_seen: whether it was ever seen as it is taught.
    """

    shelf: ShelfSettings
    states: tuple[FacingState, ...]
    gaps: tuple[GapNow, ...] = ()
    problem: str | None = None
    was_seen: bool = False

    def count(self, state: FacingState) -> int:
        """How many facings are so."""
        return self.states.count(state)

    @property
    def seen(self) -> int:
        """How many facings can be seen."""
        return len(self.states) - self.count(FacingState.CANNOT_SEE)

    @property
    def availability(self) -> float | None:
        """On-shelf availability, 0..1, of the facings that can be seen; None if none can."""
        return availability(self.seen, self.count(FacingState.EMPTY))

    def where(self, facing: int) -> dict[str, int]:
        """Which facing it is, for people: row and column from the upper left, or a number if it is drawn by hand."""
        place = self.shelf.row_column(facing)
        return {"row": place[0], "column": place[1]} if place else {"facing": facing + 1}


class ShelfStates:
    """The shelves of a site; safe from any thread.

    Args:
        today: the report of today, which also says how each facing is now.
        shelves: which there are.
        state: how the cameras are.
    """

    def __init__(
        self,
        today: Callable[[], ShelvesReport],
        shelves: tuple[ShelfSettings, ...],
        state: Callable[[], SiteState],
    ) -> None:
        self._today = today
        self._shelves = shelves
        self._state = state

    def now(self) -> tuple[ShelfNow, ...]:
        """Each shelf of the configuration, in its order."""
        if not self._shelves:
            return ()
        try:
            told = self._today().shelves
        except StoreError as error:
            return tuple(_unknown(one, str(error), was_seen=True) for one in self._shelves)
        live = {one.name for one in self._state().cameras if one.status is CameraStatus.LIVE}
        return tuple(_shelf(one, is_live=one.shelf.camera in live) for one in told)


def _shelf(told: ShelfReport, *, is_live: bool) -> ShelfNow:
    was_seen = told.moved or any(one.last is not None for one in told.facings)
    states = tuple(one.state for one in told.facings)
    problem = _problem(told, states, is_live=is_live)
    if problem:
        return _unknown(told.shelf, problem, was_seen=was_seen)
    gaps = [
        GapNow(one.facing, one.since_unix_s, covered=one.state is FacingState.CANNOT_SEE)
        for one in told.facings
        if one.is_empty and one.since_unix_s is not None
    ]
    return ShelfNow(
        told.shelf, states, tuple(sorted(gaps, key=lambda gap: (gap.since_unix_s, gap.facing))), None, was_seen
    )


def _problem(told: ShelfReport, states: tuple[FacingState, ...], *, is_live: bool) -> str | None:
    if told.untaught:
        return f"it was not taught yet: {', '.join(told.untaught)}"
    if not is_live:
        return f"camera {told.shelf.camera} sends no pictures"
    if told.moved:
        return f"camera {told.shelf.camera} was moved; teach its shelves again"
    if all(state is FacingState.CANNOT_SEE for state in states):
        return "no facing can be seen: something stands in front of all of them"
    return None


def _unknown(shelf: ShelfSettings, problem: str, *, was_seen: bool) -> ShelfNow:
    states = (FacingState.CANNOT_SEE,) * len(shelf.facings)
    return ShelfNow(shelf, states, problem=problem, was_seen=was_seen)
