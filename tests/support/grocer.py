"""A grocer's with four shelves, and a store filled with a morning of them: pasta and sauces in aisle 3, bread that was
drawn facing by facing, and crisps that were not taught how they look empty.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from passerby.core.shelves import FacingState
from passerby.core.tallies import Measure, Tally
from passerby.gate.contract import FacingNow
from passerby.gate.messages import REFERENCE_BYTES, CameraPlan, ShelfPlan
from passerby.site.config_shelves import FacingShape, ShelfShape
from passerby.site.figures import Settings
from passerby.site.settings import ShelfSettings
from passerby.site.shelf_board import ShelfBoard
from passerby.site.shelf_references import ShelfReferences
from passerby.site.store import Store
from tests.support.filled import NINE, WINDOW_S, ZONE

_CORNERS = ((0.1, 0.1), (0.9, 0.1), (0.9, 0.9), (0.1, 0.9))
_LOAVES = tuple(
    ((x, y), (x + 0.18, y + 0.02), (x + 0.17, y + 0.3), (x, y + 0.26)) for y in (0.1, 0.5) for x in (0.1, 0.4, 0.7)
)
SHAPES = {
    "aisle 3": (
        ShelfShape(name="pasta", aisle="Aisle 3", corners=_CORNERS, rows=3, columns=8),
        ShelfShape(name="sauces", aisle="Aisle 3", corners=_CORNERS, rows=4, columns=20),
    ),
    "bakery": (ShelfShape(name="bread", facings=tuple(FacingShape(corners=loaf) for loaf in _LOAVES)),),
    "aisle 5": (ShelfShape(name="crisps", aisle="Aisle 5", corners=_CORNERS, rows=2, columns=5),),
}
PLANS = tuple(
    CameraPlan(camera, window_s=WINDOW_S, shelves=tuple(shape.plan for shape in shapes))
    for camera, shapes in SHAPES.items()
)
SHELVES = tuple(
    ShelfSettings(camera, shape.name, shape.aisle, shape.quads, shape.columns)
    for camera, shapes in SHAPES.items()
    for shape in shapes
)
PASTA, SAUCES, BREAD, CRISPS = SHELVES
UNTIL = NINE + 3 * 3600
"""Noon, to which the store is filled."""


@dataclass(frozen=True)
class Emptied:
    """When a facing was empty, in minutes after nine; without an end it is still."""

    shelf: ShelfSettings
    facing: int
    start_min: int
    end_min: int | None = None


EMPTIED = (
    Emptied(PASTA, 12, 50),
    Emptied(PASTA, 3, 20, 42),
    Emptied(PASTA, 3, 100, 131),
    Emptied(PASTA, 20, 92, 132),
    Emptied(SAUCES, 5, 10, 58),
    Emptied(SAUCES, 33, 130, 155),
    Emptied(SAUCES, 61, 150),
    Emptied(BREAD, 4, 165),
)
COVERED = ((PASTA, 7), (SAUCES, 61))
"""Facings before which somebody stands at noon, for a quarter of an hour."""
LOW = ((PASTA, 9), (SAUCES, 12), (BREAD, 1))


def settings(now_unix_s: float = UNTIL + 60.0) -> Settings:
    """What the page and the API know of it; the clock stands."""
    return Settings(PLANS, WINDOW_S, ZONE, clock=lambda: now_unix_s)


def teach(store: Store) -> None:
    """Teaches all shelves but one, of which the empty state is missing."""
    references = ShelfReferences(store.file)
    for plan in PLANS:
        for shelf in plan.shelves:
            references.keep(plan.name, _taught(shelf, shelf.name != CRISPS.shelf))


def _taught(shelf: ShelfPlan, whole: bool) -> ShelfPlan:
    learnt = bytes(REFERENCE_BYTES * len(shelf.facings))
    return ShelfPlan(shelf.name, shelf.facings, full=learnt, empty=learnt if whole else b"")


def tallies() -> Iterator[Tally]:
    """From nine to noon. Aisle 3 was not seen from ten to half past."""
    for shelf in (PASTA, SAUCES, BREAD):
        for facing in range(len(shelf.facings)):
            for start in range(NINE, UNTIL, WINDOW_S):
                if shelf.camera == "aisle 3" and 60 <= (start - NINE) / 60 < 90:
                    continue
                yield from _window(shelf, facing, start)


def _window(shelf: ShelfSettings, facing: int, start: int) -> Iterator[Tally]:
    covered = start == UNTIL - WINDOW_S and (shelf, facing) in COVERED
    # People pass in front; not where gaps are, so that their truth is that of the list.
    passed_s = 0 if any((one.shelf, one.facing) == (shelf, facing) for one in EMPTIED) else 60 * (facing % 5)
    seen_s = 0 if covered else WINDOW_S - passed_s
    empty_s = min(seen_s, sum(_inside(one, start) for one in EMPTIED if (one.shelf, one.facing) == (shelf, facing)))
    fill = 0.35 if (shelf, facing) in LOW else 0.9
    for measure, total in (
        (Measure.SHELF_SEEN, seen_s),
        (Measure.SHELF_FILL, round((seen_s - empty_s) * fill)),
        (Measure.SHELF_LOW, seen_s if fill < 0.5 else 0),
        (Measure.SHELF_EMPTY, empty_s),
    ):
        if total:
            yield Tally(shelf.camera, measure, shelf.shelf, start, WINDOW_S, total, WINDOW_S, facing)


def _inside(one: Emptied, start: int) -> int:
    """Seconds of a window in which it was empty."""
    begin = NINE + one.start_min * 60
    end = UNTIL if one.end_min is None else NINE + one.end_min * 60
    return max(0, min(end, start + WINDOW_S) - max(begin, start))


def board() -> ShelfBoard:
    """What the rooms told minute by minute, in the minutes in which anything changed."""
    made = ShelfBoard()
    for shelf in (PASTA, SAUCES, BREAD):
        for facing in range(len(shelf.facings)):
            for start, state in _states(shelf, facing):
                made.tell(FacingNow(shelf.camera, shelf.shelf, facing, state, start))
    return made


def _states(shelf: ShelfSettings, facing: int) -> Iterator[tuple[int, FacingState]]:
    usual = FacingState.LOW if (shelf, facing) in LOW else FacingState.STOCKED
    state = usual
    yield NINE, state
    for one in EMPTIED:
        if (one.shelf, one.facing) == (shelf, facing):
            state = FacingState.EMPTY
            yield NINE + one.start_min * 60, state
            if one.end_min is not None:
                state = usual
                yield NINE + one.end_min * 60, state
    if (shelf, facing) in COVERED:
        yield UNTIL - 15 * 60, state
        state = FacingState.CANNOT_SEE
    yield UNTIL, state
