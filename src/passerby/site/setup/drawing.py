"""What is being drawn on the people-free still: lines, zones and shelves, point by point. Pure; the page shows it.

All points are fractions of the picture.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from html import escape

from passerby.core.facings import convex, grid
from passerby.core.geometry import Line, Point, Zone
from passerby.core.polygons import crossing_words
from passerby.core.tallies import MOST_FACINGS
from passerby.gate.messages import CameraPlan, LinePlan, ZonePlan
from passerby.site.config_shelves import ShelfShape
from passerby.site.setup.edit import Grid, Shape, Shapes

NEAR = 0.06
"""So near to a point, as a share of the picture's width, a press takes hold of it."""


class Kind(StrEnum):
    """What can be drawn."""

    LINE = "line"
    ZONE = "zone"
    SHELF = "shelf"


@dataclass(frozen=True, slots=True)
class Drawn:
    """A line, a zone or a shelf.

    Attributes:
        kind: which of them.
        shape: its name and points; one that is not finished has fewer than `NEEDS` says.
    """

    kind: Kind
    shape: Shape

    @property
    def whole(self) -> bool:
        """Whether it has all the points that it needs."""
        return len(self.shape.points) >= NEEDS[self.kind]

    def problem(self) -> str | None:
        """Why it could not be counted at; None where it can."""
        name, points = self.shape.name.strip(), self.shape.points
        if not name:
            return f"a {self.kind} has no name"
        if not self.whole:
            return f"{name}: {_MAKES[self.kind]}"
        if self.shape.grid:
            return self._shelf_problem(self.shape.grid)
        crossing = crossing_words(points) if self.kind is Kind.ZONE else None
        if crossing:
            return f"{name}: {crossing}"
        try:
            Line(name, *points) if self.kind is Kind.LINE else Zone(name, points)
        except ValueError as error:
            return f"{name}: {error}"
        return None

    def _shelf_problem(self, shape: Grid) -> str | None:
        name, facings = self.shape.name.strip(), shape.rows * shape.columns
        if not convex(self.shape.points):
            return f"{name}: its corners go clockwise from the upper left one, around a shape without a dent"
        if not 1 <= facings <= MOST_FACINGS or shape.rows > _MOST_ROWS or shape.columns > _MOST_COLUMNS:
            most = f"{MOST_FACINGS} facings, {_MOST_ROWS} rows and {_MOST_COLUMNS} columns"
            return f"{name}: {shape.rows} rows of {shape.columns}; a shelf has at most {most}"
        return None


NEEDS = {Kind.LINE: 2, Kind.ZONE: 3, Kind.SHELF: 4}
"""So many points make it whole; a zone may have more."""
_MAKES = {
    Kind.LINE: "two points make a line",
    Kind.ZONE: "three corners make a zone",
    Kind.SHELF: "four corners make a shelf",
}
_FIRST_NAMES = {Kind.LINE: "door", Kind.ZONE: "hall", Kind.SHELF: "shelf"}
_MOST_ROWS, _MOST_COLUMNS = 20, 60
_FIRST_GRID = Grid(4, 6)


@dataclass(slots=True)
class Drawing:
    """All that is drawn for one camera.

    Attributes:
        camera: its name.
        drawn: lines, zones and shelves.
        open: which of them is being drawn; None while none is.
        held: a point that is held: which shape, which of its points.
        knows_shelves: whether the shelves that are configured are among them; else they stay as they are.
    """

    camera: str
    drawn: list[Drawn] = field(default_factory=list)
    open: int | None = None
    held: tuple[int, int] | None = None
    knows_shelves: bool = True

    @staticmethod
    def of(plan: CameraPlan, shelves: Sequence[ShelfShape] | None = None) -> "Drawing":
        """What is configured now; shapes in pixels of the picture cannot be shown and are left out.

        Args:
            plan: the camera.
            shelves: of the camera, as they are configured; None if not known. Those without a grid are left out.
        """
        lines = [Drawn(Kind.LINE, Shape(one.name, (one.start, one.end), one.name)) for one in plan.lines]
        zones = [Drawn(Kind.ZONE, Shape(one.name, one.corners, one.name)) for one in plan.zones]
        racks = [
            Drawn(Kind.SHELF, Shape(one.name, one.corners, one.name, Grid(one.rows or 1, one.columns or 1, one.aisle)))
            for one in shelves or ()
            if one.corners
        ]
        return Drawing(plan.name, lines + zones + racks, knows_shelves=shelves is not None)

    def begin(self, kind: Kind) -> None:
        """Begins a new line, zone or shelf; the next presses are its points."""
        self.cancel()
        grid = _FIRST_GRID if kind is Kind.SHELF else None
        self.drawn.append(Drawn(kind, Shape(self._free_name(kind), (), grid=grid)))
        self.open = len(self.drawn) - 1

    def press(self, point: Point) -> None:
        """Puts a point of what is being drawn, or takes hold of one that is near."""
        if self.open is None:
            self.held = self._near(point)
            return
        one = self._change(self.open, lambda points: (*points, _inside(point)))
        if one.kind is not Kind.ZONE and one.whole:
            if one.kind is Kind.SHELF:
                self._change(self.open, _clockwise)
            self.open = None

    def release(self, point: Point) -> None:
        """Lets go of a point that was held, where it shall be."""
        if self.held is not None:
            self.move(*self.held, point)
            self.held = None

    def move(self, index: int, corner: int, point: Point) -> None:
        """Moves one point of a shape."""
        self._change(index, lambda points: (*points[:corner], _inside(point), *points[corner + 1 :]))

    def close(self) -> None:
        """Finishes the zone that is being drawn; it needs three corners."""
        if self.open is not None and self.drawn[self.open].whole:
            self.open = None

    def cancel(self) -> None:
        """Takes what is being drawn away."""
        if self.open is not None:
            del self.drawn[self.open]
            self.open = None

    def rename(self, index: int, name: str) -> None:
        """Gives another name."""
        one = self.drawn[index]
        self.drawn[index] = replace(one, shape=replace(one.shape, name=name))

    def divide(self, index: int, grid: Grid) -> None:
        """Gives a shelf other rows, columns or another aisle."""
        one = self.drawn[index]
        self.drawn[index] = replace(one, shape=replace(one.shape, grid=grid))

    def turn(self, index: int) -> None:
        """Turns the arrow of a line: in becomes out."""
        self._change(index, lambda points: points[::-1])

    def remove(self, index: int) -> None:
        """Takes a line or zone away."""
        self.cancel()
        del self.drawn[index]

    def problems(self) -> list[str]:
        """Why it cannot be used yet; empty where it can."""
        names = [one.shape.name.strip().casefold() for one in self.drawn]
        twice = sorted({one.shape.name for one, name in zip(self.drawn, names, strict=True) if names.count(name) > 1})
        found = [problem for one in self.drawn if (problem := one.problem())]
        return found + [f"{name}: two have this name" for name in twice if name.strip()]

    def shapes(self) -> Shapes:
        """As they are written into the configuration."""
        of = {kind: tuple(one.shape for one in self.drawn if one.kind is kind) for kind in Kind}
        return Shapes(self.camera, of[Kind.LINE], of[Kind.ZONE], of[Kind.SHELF] if self.knows_shelves else None)

    def plans(self) -> tuple[tuple[LinePlan, ...], tuple[ZonePlan, ...]]:
        """As they are rehearsed."""
        shapes = self.shapes()
        lines = tuple(LinePlan(one.name, one.points[0], one.points[1]) for one in shapes.lines)
        return lines, tuple(ZonePlan(one.name, one.points) for one in shapes.zones)

    def _change(self, index: int, how: Callable[[tuple[Point, ...]], tuple[Point, ...]]) -> Drawn:
        one = self.drawn[index]
        self.drawn[index] = replace(one, shape=replace(one.shape, points=how(one.shape.points)))
        return self.drawn[index]

    def _near(self, point: Point) -> tuple[int, int] | None:
        """The nearest point, if it is near."""
        found = [
            (math.dist(corner, point), (index, number))
            for index, one in enumerate(self.drawn)
            for number, corner in enumerate(one.shape.points)
        ]
        distance, which = min(found, default=(math.inf, None))
        return which if distance <= NEAR else None

    def _free_name(self, kind: Kind) -> str:
        taken = {one.shape.name for one in self.drawn}
        names = [_FIRST_NAMES[kind], *(f"{kind} {number}" for number in range(2, 200))]
        return next(name for name in names if name not in taken)


def _clockwise(points: tuple[Point, ...]) -> tuple[Point, ...]:
    """Corners in their order around the middle, from the upper left one on, in whatever order they were pressed."""
    x, y = (sum(axis) / len(points) for axis in zip(*points, strict=True))
    around = sorted(points, key=lambda point: math.atan2(point[1] - y, point[0] - x))
    first = min(range(len(around)), key=lambda number: sum(around[number]))
    return tuple(around[first:] + around[:first])


def _inside(point: Point) -> Point:
    return (min(1.0, max(0.0, point[0])), min(1.0, max(0.0, point[1])))


def overlay(drawing: Drawing, size_px: tuple[int, int]) -> str:
    """SVG of all that is drawn, for a picture of this size; the arrow of a line shows the way in."""
    width, height = size_px
    parts = []
    for index, one in enumerate(drawing.drawn):
        points = [(x * width, y * height) for x, y in one.shape.points]
        classes = f"{one.kind}{' open' if index == drawing.open else ''}"
        body = _line(points) if one.kind is Kind.LINE else _zone(points) + _cells(one, size_px)
        dots = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.4" />' for x, y in points)
        parts.append(f'<g class="drawn-{classes}">{body}{dots}{_label(one.shape.name, points)}</g>')
    return "".join(parts)


def _line(points: list[Point]) -> str:
    if len(points) < 2:
        return ""
    (x1, y1), (x2, y2) = points
    length = math.hypot(x2 - x1, y2 - y1) or 1.0
    # To the right hand of someone who walks from the first point to the second, with y down.
    across, down = -(y2 - y1) / length, (x2 - x1) / length
    x, y, reach = (x1 + x2) / 2, (y1 + y2) / 2, 18.0
    tip_x, tip_y = x + across * reach, y + down * reach
    back_x, back_y = tip_x - across * 6, tip_y - down * 6
    wings = f"M {back_x - down * 4:.1f} {back_y + across * 4:.1f} L {tip_x:.1f} {tip_y:.1f} "
    wings += f"L {back_x + down * 4:.1f} {back_y - across * 4:.1f}"
    return (
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" />'
        f'<path d="M {x:.1f} {y:.1f} L {tip_x:.1f} {tip_y:.1f} {wings}" fill="none" />'
        f'<text x="{tip_x + across * 7:.1f}" y="{tip_y + down * 7 + 2:.1f}" text-anchor="middle">in</text>'
    )


def _zone(points: list[Point]) -> str:
    corners = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polygon points="{corners}" />' if len(points) > 2 else f'<polyline points="{corners}" fill="none" />'


def _cells(one: Drawn, size_px: tuple[int, int]) -> str:
    """The facings of a shelf."""
    if one.shape.grid is None or one.problem():
        return ""
    quads = grid(one.shape.points, one.shape.grid.rows, one.shape.grid.columns)
    return "".join(_zone([(x * size_px[0], y * size_px[1]) for x, y in quad]) for quad in quads)


def _label(name: str, points: list[Point]) -> str:
    if not points:
        return ""
    x, y = points[0]
    return f'<text x="{x + 4:.1f}" y="{max(8.0, y - 4):.1f}">{escape(name)}</text>'
