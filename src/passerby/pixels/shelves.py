"""The shelves of one camera inside the pixel room: a look every few seconds, states each minute, tallies of windows."""

from typing import Protocol

import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from passerby.core.shelf_windows import ShelfTallier
from passerby.core.shelves import Facing, FacingState, ShelfRules
from passerby.core.tallies import Tally, window_start
from passerby.gate.messages import REFERENCE_BYTES, SHELF_STATE_S, CameraPlan, FaultCode, ShelfPlan
from passerby.pixels.shelf_features import LEAST_SIDE_PX, Facings, least_side_px
from passerby.pixels.shelf_judge import Judge
from passerby.pixels.shelf_reference import unpack


class Door(Protocol):
    """Where what is known of shelves leaves the room."""

    def tally(self, tally: Tally) -> None:
        """Sends one tally."""
        ...

    def shelf(self, shelf: str, facing: int, state: FacingState, start_unix_s: int) -> None:
        """Sends how a facing is in a minute."""
        ...

    def fault(self, code: FaultCode) -> None:
        """Sends one fault."""
        ...


class ShelfWatch:
    """The shelves of one camera. A shelf that was not taught cannot be seen.

    Args:
        plan: the camera's plan.
        door: where results go.
    """

    def __init__(self, plan: CameraPlan, door: Door) -> None:
        self._door = door
        self._plans = plan.shelves
        self._shelves = [_Shelf(plan, shelf) for shelf in plan.shelves]
        self._every_s = min((shelf.every_s for shelf in plan.shelves), default=float("inf"))
        self._size_px = (0, 0)
        self._facings: list[Facings] = []
        self._looked_s: float | None = None
        self._moved = False
        self._first_unix_s = 0
        self._told_until_unix_s = plan.told.states

    def due(self, time_s: float) -> bool:
        """Whether the shelves are to be looked at now."""
        return bool(self._shelves) and (self._looked_s is None or not 0 <= time_s - self._looked_s < self._every_s)

    def look(self, frame: VideoFrame, people: NDArray[np.float64], time_s: float, start_unix_s: float) -> None:
        """Looks at the shelves, if it is time to.

        Args:
            frame: the picture, in its own size.
            people: (n, 4) boxes of all who are seen, x1, y1, x2, y2 in fractions.
            time_s: seconds since the stream started.
            start_unix_s: when it started.
        """
        if not self.due(time_s):
            return
        self._looked_s = time_s
        self._fit((frame.width, frame.height))
        blocks = self._facings[0].blocks(frame)
        for shelf, facings in zip(self._shelves, self._facings, strict=True):
            shelf.look(facings, blocks, people, blind=self._moved)
            for tally in shelf.tell(time_s, start_unix_s + time_s):
                self._door.tally(tally)
            self._tell(shelf, time_s, start_unix_s + time_s)

    def moved(self) -> None:
        """The camera was moved: nothing that was taught fits any more, until it is taught again."""
        self._moved = True
        for shelf in self._shelves:
            shelf.forget()

    def close_before(self, now_unix_s: float) -> None:
        """Closes windows whose time is over."""
        for shelf in self._shelves:
            for tally in shelf.tallier.close_before(now_unix_s):
                self._door.tally(tally)

    def close(self) -> None:
        """Closes the windows that are open."""
        for shelf in self._shelves:
            for tally in shelf.tallier.close():
                self._door.tally(tally)

    def _fit(self, size_px: tuple[int, int]) -> None:
        if self._size_px == size_px:
            return
        self._size_px = size_px
        polygons = [np.array(shelf.facings, float) for shelf in self._plans]
        self._facings = [Facings(one, size_px) for one in polygons]
        if min(least_side_px(one, size_px) for one in polygons) < LEAST_SIDE_PX:
            self._door.fault(FaultCode.FACING_TOO_SMALL)

    def _tell(self, shelf: "_Shelf", time_s: float, now_unix_s: float) -> None:
        minute = window_start(now_unix_s, SHELF_STATE_S)
        if not shelf.told_unix_s:
            # In the first minute as soon as all is known, or not at all.
            self._first_unix_s = self._first_unix_s or minute
            if minute == self._first_unix_s and FacingState.CANNOT_SEE in shelf.states:
                return
        if minute > shelf.told_unix_s and minute >= self._told_until_unix_s:
            shelf.told_unix_s = minute
            for facing, state in enumerate(shelf.told(time_s)):
                self._door.shelf(shelf.name, facing, state, minute)


def rehearse(frame: VideoFrame) -> None:
    """Does once all that a look asks for; nothing is kept of the picture."""
    corners = ((0.1, 0.1), (0.9, 0.1), (0.9, 0.9), (0.1, 0.9))
    nothing = bytes(REFERENCE_BYTES)
    shelf = _Shelf(CameraPlan(""), ShelfPlan("shelf", (corners,), full=nothing, empty=nothing))
    facings = Facings(np.array([corners]), (frame.width, frame.height))
    shelf.look(facings, facings.blocks(frame), np.zeros((0, 4)), blind=False)
    shelf.tell(0.0, 0.0)


class _Shelf:
    """One shelf: what was taught of it, and how its facings are."""

    def __init__(self, camera: CameraPlan, plan: ShelfPlan) -> None:
        self.name = plan.name
        self.tallier = ShelfTallier(camera.name, plan.name, len(plan.facings), camera.window_s, camera.told.windows)
        self.told_unix_s = 0
        self._window_s = camera.window_s
        rules = ShelfRules(confirm_s=plan.confirm_s, every_s=plan.every_s)
        self._hold_s = rules.hold_s
        self._facings = [Facing(rules) for _ in plan.facings]
        self._judge = Judge(unpack(plan.full), unpack(plan.empty)) if plan.taught else None
        self._found: list[float | None] = [None] * len(plan.facings)
        self._looked_s: float | None = None

    @property
    def states(self) -> list[FacingState]:
        """How each facing is now."""
        return [facing.state for facing in self._facings]

    def told(self, time_s: float) -> list[FacingState]:
        """How each facing is told to be: as it was seen last, until somebody has hidden it for a whole window."""
        ages_s = [facing.age_s(time_s) for facing in self._facings]
        hidden = [age_s is None or age_s >= self._window_s for age_s in ages_s]
        return [
            one.state if gone or one.last is None else one.last for one, gone in zip(self._facings, hidden, strict=True)
        ]

    def look(self, facings: Facings, blocks: NDArray[np.float32], people: NDArray[np.float64], *, blind: bool) -> None:
        """Judges one picture."""
        self._found = [None] * len(self._facings)
        if self._judge is None or blind:
            return
        found = self._judge.look(facings.cells_of(blocks), facings.hidden(people))
        self._found = [float(fill) if seen else None for fill, seen in zip(found.fill, found.seen, strict=True)]

    def tell(self, time_s: float, now_unix_s: float) -> list[Tally]:
        """Takes what was judged into states and tallies; gives the tallies of windows that are over."""
        states = [facing.look(time_s, fill)[0] for facing, fill in zip(self._facings, self._found, strict=True)]
        step_s = 0.0 if self._looked_s is None else min(max(0.0, time_s - self._looked_s), self._hold_s)
        self._looked_s = time_s
        fills = [fill or 0.0 for fill in self._found]
        return self.tallier.look((now_unix_s - step_s, now_unix_s), states, fills)

    def forget(self) -> None:
        """Forgets how the facings were."""
        for facing in self._facings:
            facing.forget()
