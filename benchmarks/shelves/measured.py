"""What a way of comparing finds on made-up shelves, beside the truth."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from benchmarks.shelves import backbone
from passerby.core.shelves import Facing, FacingState, ShelfRules
from passerby.pixels.shelf_features import Facings
from passerby.pixels.shelf_judge import Judge
from tests.support.shelf_scenes import EVERY_S, ShelfScene

Floats, Bools = NDArray[np.float64], NDArray[np.bool_]
SETTLED_LOOKS = 8
"""Looks at a facing, uncovered, after the truth of it changed, from which on its state is judged: a minute to confirm,
and two more."""
_CLEAR = 0.02


class Way(Protocol):
    """One way of comparing, taught one shelf."""

    rules: ShelfRules

    def look(self, frame: VideoFrame, people: Floats) -> tuple[Floats, Bools]:
        """Fill of each facing, and whether it was seen."""
        ...


class Contrasts:
    """The way that is in the product."""

    rules = ShelfRules()

    def __init__(self, scene: ShelfScene) -> None:
        self._facings = Facings(scene.polygons, scene.size_px)
        self._judge = Judge(*(self._facings.cells(scene.taught(state)) for state in ("full", "empty")))

    def look(self, frame: VideoFrame, people: Floats) -> tuple[Floats, Bools]:
        """Fill of each facing, and whether it was seen."""
        found = self._judge.look(self._facings.cells(frame), self._facings.hidden(people))
        return found.fill, found.seen


class Backbone:
    """Features of a general network."""

    rules = ShelfRules(empty_fill=0.3, low_fill=0.5)

    def __init__(self, network: backbone.Network, scene: ShelfScene) -> None:
        self._places = Facings(scene.polygons, scene.size_px)
        self._facings = backbone.Facings(network, scene.polygons)
        self._judge = backbone.Judge(*(self._facings.cells(scene.taught(state)) for state in ("full", "empty")))

    def look(self, frame: VideoFrame, people: Floats) -> tuple[Floats, Bools]:
        """Fill of each facing, and whether it was seen."""
        return self._judge.look(self._facings.cells(frame), self._places.hidden(people))


@dataclass
class Counts:
    """How often "empty" was right.

    Attributes:
        looks: of single looks at facings that nothing covers: empty and told so, told so wrongly, empty and not told.
        states: the same of the states reported, at every look from `SETTLED_LOOKS` on, covered or not.
        gaps: found, told wrongly, not found; a gap is one stretch of one facing.
        seen: of facings that nothing covers, and of those of which a third or more is covered: seen, and all.
    """

    looks: Floats = field(default_factory=lambda: np.zeros(3))
    states: Floats = field(default_factory=lambda: np.zeros(3))
    gaps: Floats = field(default_factory=lambda: np.zeros(3))
    clear: Floats = field(default_factory=lambda: np.zeros(2))
    hidden: Floats = field(default_factory=lambda: np.zeros(2))


def measure(
    scenes: Iterable[ShelfScene], looks: int, make: dict[str, Callable[[ShelfScene], Way]]
) -> dict[str, Counts]:
    """Shows the same scenes to each way."""
    counts = {name: Counts() for name in make}
    for scene in scenes:
        ways = {name: one(scene) for name, one in make.items()}
        found: dict[str, list[tuple[Floats, Bools]]] = {name: [] for name in make}
        fill, covered = [], []
        for sight in scene.sights(looks):
            fill.append(sight.fill)
            covered.append(sight.covered)
            for name, way in ways.items():
                found[name].append(way.look(sight.frame, sight.people))
        for name, way in ways.items():
            fills, seen = (np.stack(part) for part in zip(*found[name], strict=True))
            _count(counts[name], (fills, seen), (np.stack(fill) == 0, np.stack(covered)), way.rules)
    return counts


def _count(counts: Counts, found: tuple[Floats, Bools], truth: tuple[Bools, Floats], rules: ShelfRules) -> None:
    (fill, seen), (empty, covered) = found, truth
    clear, hidden = covered < _CLEAR, covered > 1 / 3
    counts.clear += (seen & clear).sum(), clear.sum()
    counts.hidden += (seen & hidden).sum(), hidden.sum()
    told = fill <= rules.empty_fill
    use = clear & seen
    counts.looks += (use & told & empty).sum(), (use & told & ~empty).sum(), (use & ~told & empty).sum()
    for facing in range(fill.shape[1]):
        one = slice(None), facing
        _states(counts, (fill[one], seen[one]), (empty[one], clear[one]), rules)


def _states(counts: Counts, found: tuple[Floats, Bools], truth: tuple[Bools, Bools], rules: ShelfRules) -> None:
    facing = Facing(rules)
    settled, before, gap_found = 0, None, False
    for number, (fill, seen, empty, clear) in enumerate(zip(*found, *truth, strict=True)):
        was = facing.last
        facing.look(number * EVERY_S, fill if seen else None)
        told = facing.last is FacingState.EMPTY
        if told and was is not FacingState.EMPTY and facing.since_s is not None:
            true = truth[0][round(facing.since_s / EVERY_S) : number + 1].any()
            counts.gaps[1] += not true
        if empty != before:
            if before:
                counts.gaps += _gap(gap_found, settled)
            settled, before, gap_found = 0, empty, False
        settled += bool(clear)
        gap_found |= bool(empty and told)
        if settled > SETTLED_LOOKS:
            counts.states += told and empty, told and not empty, empty and not told
    if before:
        counts.gaps += _gap(gap_found, settled)


def _gap(found: bool, settled: int) -> tuple[int, int, int]:
    """A gap that was not seen for long enough is one that nobody can find."""
    return (int(found), 0, int(not found)) if settled > SETTLED_LOOKS else (0, 0, 0)
