"""How the shelves are now: what can be seen of each, its gaps, its availability. One view for all who tell of it."""

from collections.abc import Callable
from dataclasses import dataclass

from passerby.core.shelves import FacingState, availability
from passerby.site.settings import ShelfSettings
from passerby.site.shelf_board import FacingKnown, ShelfBoard
from passerby.site.state import CameraStatus, SiteState

_FRESH_S = 180.0
"""A facing is told once a minute; what was told longer ago is not how it is now."""


@dataclass(frozen=True, slots=True)
class GapNow:
    """A facing that is empty.

    Attributes:
        facing: its index in the shelf.
        since_unix_s: the minute in which it was told empty first.
        covered: whether something stands in front now; a gap stays a gap until the facing is seen full.
    """

    facing: int
    since_unix_s: int
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
        board: what was told of facings.
        shelves: which there are.
        state: how the cameras are.
        clock: Unix seconds.
    """

    def __init__(
        self,
        board: ShelfBoard,
        shelves: tuple[ShelfSettings, ...],
        state: Callable[[], SiteState],
        clock: Callable[[], float],
    ) -> None:
        self._board = board
        self._shelves = shelves
        self._state = state
        self._clock = clock

    def now(self) -> tuple[ShelfNow, ...]:
        """Each shelf of the configuration, in its order."""
        if not self._shelves:
            return ()
        live = {one.name for one in self._state().cameras if one.status is CameraStatus.LIVE}
        known: dict[tuple[str, str], dict[int, FacingKnown]] = {}
        for facing in self._board.now():
            known.setdefault((facing.camera, facing.shelf), {})[facing.facing] = facing
        now_unix_s = self._clock()
        return tuple(
            _shelf(one, known.get((one.camera, one.shelf), {}), one.camera in live, now_unix_s) for one in self._shelves
        )


def _shelf(shelf: ShelfSettings, known: dict[int, FacingKnown], live: bool, now_unix_s: float) -> ShelfNow:
    told = [known.get(i) for i in range(len(shelf.facings))]
    was_seen = any(one is not None and one.last is not None for one in told)
    states = tuple(
        one.state if one and live and now_unix_s - one.told_unix_s <= _FRESH_S else FacingState.CANNOT_SEE
        for one in told
    )
    problem = None
    if not live:
        problem = f"camera {shelf.camera} sends no pictures"
    elif not any(state is not FacingState.CANNOT_SEE for state in states):
        problem = "no facing can be seen: the shelf is covered, the camera was moved, or the shelf is not taught yet"
    if problem:
        return ShelfNow(shelf, states, problem=problem, was_seen=was_seen)
    gaps = [
        GapNow(one.facing, one.since_unix_s, covered=state is FacingState.CANNOT_SEE)
        for one, state in zip(told, states, strict=True)
        if one and one.last is FacingState.EMPTY and one.since_unix_s is not None
    ]
    return ShelfNow(shelf, states, tuple(sorted(gaps, key=lambda gap: (gap.since_unix_s, gap.facing))), None, was_seen)
