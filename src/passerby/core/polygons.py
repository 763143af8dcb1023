"""Polygons as people draw them: whether one crosses itself, and whether two share some area.

All is exact in the decimals that were written: 0.1, 0.2 and 0.3 lie on one line here, which they do not in floating
point. For the few corners of a zone that is fast enough.
"""

from fractions import Fraction
from itertools import combinations, pairwise

from passerby.core.geometry import Point

Corners = tuple[Point, ...]
_Exact = tuple[Fraction, Fraction]
_Edge = tuple[_Exact, _Exact]


def crossing_edges(corners: Corners) -> tuple[int, int] | None:
    """The first two edges of a polygon that cross or touch, where they should not; None if it is simple.

    Edge i goes from corner i to the next one. Neighbours share their corner, and only that. A corner that is given
    twice in a row makes no edge.
    """
    edges = _edges(corners)
    real = [index for index, (start, end) in enumerate(edges) if start != end]
    for (place, first), (other, second) in combinations(enumerate(real), 2):
        neighbours = other - place == 1 or (place, other) == (0, len(real) - 1)
        meet = _folded if neighbours and len(real) > 2 else _touch
        if meet(edges[first], edges[second]):
            return first, second
    return None


def crossing_words(corners: Corners) -> str | None:
    """Says which edges of a polygon cross or touch, counted from one; None if it is simple."""
    found = crossing_edges(corners)
    if found is None:
        return None
    first, second = (
        f"edge {index + 1} (from {_words(corners[index])} to {_words(corners[(index + 1) % len(corners)])})"
        for index in found
    )
    return f"{first} crosses or touches {second}; give the corners in the order in which one walks round"


def overlap(a: Corners, b: Corners) -> bool:
    """Whether two simple polygons, concave ones too, share some area. Touching borders share none.

    Either some of one border lies within the other polygon, or one polygon holds the other whole, and then any point
    within the smaller one.
    """
    edges_a, edges_b = _edges(a), _edges(b)
    if any(_strictly_inside(point, edges_b) for point in _samples(edges_a, edges_b)):
        return True
    if any(_strictly_inside(point, edges_a) for point in _samples(edges_b, edges_a)):
        return True
    return _strictly_inside(_inner_point(edges_a), edges_b)


def _words(point: Point) -> str:
    return f"{point[0]:g},{point[1]:g}"


def _edges(corners: Corners) -> list[_Edge]:
    # The shortest decimal that reads back as this number is what was written.
    exact = [(Fraction(repr(float(x))), Fraction(repr(float(y)))) for x, y in corners]
    return list(pairwise([*exact, exact[0]]))


def _turn(a: _Exact, b: _Exact, c: _Exact) -> Fraction:
    """Above zero where a, b, c turn clockwise on the picture, zero where they lie on one line."""
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _on(point: _Exact, edge: _Edge) -> bool:
    (x1, y1), (x2, y2) = edge
    between = min(x1, x2) <= point[0] <= max(x1, x2) and min(y1, y2) <= point[1] <= max(y1, y2)
    return between and _turn(*edge, point) == 0


def _touch(one: _Edge, other: _Edge) -> bool:
    """Whether two edges have a point in common."""
    if any(_on(point, other) for point in one) or any(_on(point, one) for point in other):
        return True
    return (_turn(*one, other[0]) > 0) != (_turn(*one, other[1]) > 0) and (_turn(*other, one[0]) > 0) != (
        _turn(*other, one[1]) > 0
    )


def _folded(one: _Edge, other: _Edge) -> bool:
    """Whether two edges that share a corner have more in common."""
    common = set(one) & set(other)
    return (
        len(common) > 1
        or any(_on(point, other) for point in one if point not in common)
        or any(_on(point, one) for point in other if point not in common)
    )


def _samples(edges: list[_Edge], cutters: list[_Edge]) -> list[_Exact]:
    """The middle of each piece of the edges, cut where others cross or touch them."""
    middles = []
    for start, end in edges:
        cuts = {Fraction(0), Fraction(1)}
        for cutter in cutters:
            cuts.update(share for share in _cuts((start, end), cutter) if 0 < share < 1)
        for low, high in pairwise(sorted(cuts)):
            share = (low + high) / 2
            middles.append((start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1])))
    return middles


def _cuts(edge: _Edge, cutter: _Edge) -> list[Fraction]:
    """Where a cutter meets an edge's endless line, as shares of the edge; of a parallel one, where its ends are."""
    (a, b), (c, d) = edge, cutter
    way = (b[0] - a[0], b[1] - a[1])
    sides = _turn(c, d, a), _turn(c, d, b)
    if sides[0] != sides[1]:
        return [sides[0] / (sides[0] - sides[1])]
    if sides[0] != 0 or a == b:
        return []
    return [((end[0] - a[0]) * way[0] + (end[1] - a[1]) * way[1]) / (way[0] ** 2 + way[1] ** 2) for end in cutter]


def _strictly_inside(point: _Exact, edges: list[_Edge]) -> bool:
    """Whether a point is inside and not on the border. Even-odd rule (Shimrat 1962)."""
    if any(_on(point, edge) for edge in edges):
        return False
    return sum(x > point[0] for x in _cuts_at(point[1], edges)) % 2 == 1


def _cuts_at(y: Fraction, edges: list[_Edge]) -> list[Fraction]:
    """Where edges cross a level line, from left to right."""
    return sorted(x1 + (y - y1) * (x2 - x1) / (y2 - y1) for (x1, y1), (x2, y2) in edges if (y1 > y) != (y2 > y))


def _inner_point(edges: list[_Edge]) -> _Exact:
    """A point within a polygon: half-way between the two uppermost corners' levels."""
    upper, second, *_ = sorted({start[1] for start, _ in edges})
    y = (upper + second) / 2
    left, right, *_ = _cuts_at(y, edges)
    return (left + right) / 2, y
