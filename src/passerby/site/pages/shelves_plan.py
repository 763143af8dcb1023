"""The plan of a shelf: its facings as they hang, coloured and signed by their state."""

from collections.abc import Sequence
from html import escape

from passerby.core.shelves import FacingState
from passerby.site.pages import shelves_words as words
from passerby.site.reports.shelves import FacingReport, ShelfReport
from passerby.site.settings import ShelfSettings

_CELL, _SPACE = 24.0, 2.0
_LEAST_PX = 16
"""A cell is drawn no smaller; what does not fit then is scrolled inside the card."""
_WIDE, _HIGH = 640.0, 360.0

Points = Sequence[tuple[float, float]]

_CLASSES = {
    FacingState.STOCKED: "pb-stocked",
    FacingState.LOW: "pb-low",
    FacingState.EMPTY: "pb-empty",
    FacingState.CANNOT_SEE: "pb-hidden",
}
_PATHS = {
    FacingState.STOCKED: "M-4 .5l2.8 3 5.4-6.5",
    FacingState.LOW: "M0-4.5v8m-3.6-3.4L0 4l3.6-3.9",
    FacingState.EMPTY: "M-4-4l8 8m0-8l-8 8",
    FacingState.CANNOT_SEE: "M-2.6-2.6a2.7 2.7 0 1 1 3.9 2.5q-1.3.6-1.3 2M0 4.6v.1",
}
"""Signs that are told apart without colour: a tick, an arrow down, a cross, a question mark."""
_WAS_EMPTY = "M-7-3l6 6m0-6l-6 6M2.4-1.8a2 2 0 1 1 2.9 1.9q-.9.4-.9 1.6M4.4 3.6v.1"
"""A cross and a question mark: empty when it was seen last."""


def plan(shelf: ShelfReport) -> str:
    """The plan as SVG in its frame."""
    shapes = _shapes(shelf.shelf)
    left, top = (min(point[axis] for shape in shapes for point in shape) - _SPACE for axis in (0, 1))
    right, bottom = (max(point[axis] for shape in shapes for point in shape) + _SPACE for axis in (0, 1))
    wide, high = right - left, bottom - top
    cells = "".join(_cell(one, shape) for one, shape in zip(shelf.facings, shapes, strict=True))
    columns = shelf.shelf.columns
    least = f"min-width:{columns * _LEAST_PX}px;max-width:{columns * 44}px" if columns else "max-width:720px"
    box = f'viewBox="{left:.0f} {top:.0f} {wide:.0f} {high:.0f}"'
    label = escape(words.plan_summary(shelf))
    return f'<svg {box} role="img" aria-label="{label}" style="{least}">{cells}</svg>'


def legend() -> str:
    """What the signs mean."""
    told = [(_CLASSES[state], path, words.SIGNS[state]) for state, path in _PATHS.items()]
    told.append(("pb-hidden pb-was-empty", _WAS_EMPTY, "Cannot be seen now, was empty"))
    square = ((-10.0, -10.0), (10.0, -10.0), (10.0, 10.0), (-10.0, 10.0))
    return "".join(
        f'<span><svg viewBox="-12 -12 24 24" width="24" height="24" aria-hidden="true">{_drawn(kind, path, square)}'
        f"</svg>{escape(text)}</span>"
        for kind, path, text in told
    )


def _shapes(shelf: ShelfSettings) -> list[Points]:
    """Corners of each facing: of a grid as if looked at from the front, else as they are in the picture."""
    if shelf.columns is None:
        return [[(x * _WIDE, y * _HIGH) for x, y in corners] for corners in shelf.facings]
    side = _CELL - _SPACE
    found: list[Points] = []
    for facing in range(len(shelf.facings)):
        row, column = divmod(facing, shelf.columns)
        x, y = column * _CELL, row * _CELL
        found.append([(x, y), (x + side, y), (x + side, y + side), (x, y + side)])
    return found


def _cell(one: FacingReport, shape: Points) -> str:
    kind, path = _CLASSES[one.state], _PATHS[one.state]
    if one.state is FacingState.CANNOT_SEE and one.is_empty:
        kind, path = f"{kind} pb-was-empty", _WAS_EMPTY
    return _drawn(kind, path, shape, f"<title>{escape(words.facing(one))}</title>")


def _drawn(kind: str, path: str, shape: Points, title: str = "") -> str:
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in shape)
    x, y = (sum(point[axis] for point in shape) / len(shape) for axis in (0, 1))
    side = min(max(point[axis] for point in shape) - min(point[axis] for point in shape) for axis in (0, 1))
    sign = f'<path d="{path}" transform="translate({x:.1f} {y:.1f}) scale({max(0.3, min(3.0, side / 20)):.2f})"/>'
    return f'<g class="{kind}">{title}<polygon points="{points}"/>{sign}</g>'
