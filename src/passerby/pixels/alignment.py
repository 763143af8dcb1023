"""Where the things of one view lie in another: as they lay, displaced, or nowhere."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

Edges = NDArray[np.float32]
"""(rows, columns): how much each cell of a picture stands out from its neighbours, -1..1."""

ROWS, COLUMNS = 4, 6
"""Parts that a view is compared in: what hides one part, as a crowd or an open door, has one voice of many."""

_REACH = 4
"""Cells by which parts are moved against each other; what went farther is found by the view as a whole."""
_TURNS_DEG = (-4, -3, -2, -1, 1, 2, 3, 4)
_ZOOMS = (-0.06, -0.03, 0.03, 0.06)
_TRACE = 0.005
"""Mean square of a part in which there is something to compare."""
_LEAST_PARTS = 4
_FAR_SHARE = 2
"""The view as a whole is looked for up to half of its width and height away."""


_NOISE_LEVELS = 4.0
"""An edge of so many levels of 255 counts half; a stronger one hardly more than another, whatever the light."""


@dataclass(frozen=True, slots=True)
class Fit:
    """How well one view fits another, as correlations, 0..1.

    Attributes:
        rest: in the same place.
        best: in the best place.
        moved_share: how far the corner that moved most has moved to get there, in widths of the picture.
    """

    rest: float
    best: float
    moved_share: float


def edges_of(cells: NDArray[np.float32]) -> Edges:
    """How much each cell of a picture, (rows, columns) in levels of 255, stands out; 0 in the outermost ones."""
    edges: Edges = np.zeros_like(cells)
    middle = edges[1:-1, 1:-1]
    middle += 4 * cells[1:-1, 1:-1] - cells[:-2, 1:-1] - cells[2:, 1:-1] - cells[1:-1, :-2] - cells[1:-1, 2:]
    edges /= np.abs(edges) + np.float32(_NOISE_LEVELS)
    return edges


def comparable(scene: Edges) -> bool:
    """Whether there is enough in a view to tell that it moved: not so of a white wall."""
    return bool(_structured(scene).sum() >= _LEAST_PARTS)


def likeness(scene: Edges, now: Edges) -> float:
    """How well the parts of a view fit in their places; both (rows, columns), whole parts of cells."""
    own, theirs = _of_parts(scene * scene), _of_parts(now * now)
    fits = np.maximum(0, _of_parts(scene * now) / np.sqrt(own * theirs + 1e-6))
    structured = _structured(scene)
    return float((fits * structured).sum() / max(1, structured.sum()))


def near(scene: Edges, now: Edges, known: Edges | None = None) -> Fit:
    """How a view fits part by part, shifted by a little, turned or zoomed; both (rows, columns), whole parts.

    Args:
        scene: 0 where it is not known.
        now: another view.
        known: 1 where the scene is known and 0 elsewhere; None where all of it is.
    """
    structured = _structured(scene)
    fits = _shifted_fits(scene, now, known) * structured
    shape, transforms = scene.shape, _transforms(scene.shape)
    told = _bilinear(fits, transforms).sum(axis=(3, 4)) / max(1, structured.sum())
    which = np.unravel_index(told.argmax(), told.shape)
    shift = np.array([which[2], which[1]]) - _REACH
    corners = transforms.corners[which[0]] + shift
    return Fit(
        rest=float(told[0, _REACH, _REACH]),
        best=float(told[which]),
        moved_share=float(np.hypot(*corners.T).max() / shape[1]),
    )


def far(scene: Edges, now: Edges, known: Edges | None = None) -> Fit:
    """How a view fits as a whole, shifted by up to half; see `near`."""
    rows, columns = scene.shape
    size = (2 * rows, 2 * columns)

    def slid(one: Edges, other: Edges) -> NDArray[np.float64]:
        return np.fft.irfft2(np.fft.rfft2(one, size) * np.conj(np.fft.rfft2(other, size)), size)

    whole = np.ones_like(scene)
    theirs = slid(whole if known is None else known, now * now)
    shared = np.maximum(0, slid(scene * scene, whole)) * np.maximum(0, theirs)
    fits = np.fft.fftshift(slid(scene, now) / (np.sqrt(shared) + 1))
    y, x = rows // _FAR_SHARE, columns // _FAR_SHARE
    fits = fits[rows - y : rows + y + 1, columns - x : columns + x + 1]
    best_y, best_x = np.unravel_index(fits.argmax(), fits.shape)
    moved = float(np.hypot(best_x - x, best_y - y) / columns)
    return Fit(max(0.0, float(fits[y, x])), max(0.0, float(fits.max())), moved)


@dataclass(frozen=True, slots=True)
class _Transforms:
    """Ways to turn and to zoom, the first of which does neither.

    Attributes:
        moves: (n, 2, ROWS, COLUMNS), cells by which the middle of each part moves, down and right.
        corners: (n, 4, 2), cells by which the corners of the view move, right and down.
    """

    moves: NDArray[np.float64]
    corners: NDArray[np.float64]


@cache
def _transforms(shape: tuple[int, int]) -> _Transforms:
    ways = [(0.0, 0.0), *((np.deg2rad(turn), 0.0) for turn in _TURNS_DEG), *((0.0, zoom) for zoom in _ZOOMS)]
    matrices = np.array([[[zoom, -turn], [turn, zoom]] for turn, zoom in ways])
    y, x = ((np.arange(parts) + 0.5) / parts - 0.5 for parts in (ROWS, COLUMNS))
    middles = np.stack(np.meshgrid(x * shape[1], y * shape[0]), axis=-1)
    corners = np.array([[x, y] for x in (-0.5, 0.5) for y in (-0.5, 0.5)]) * [shape[1], shape[0]]
    moves = (matrices[:, None, None] @ middles[..., None])[..., 0]
    return _Transforms(moves[..., ::-1].transpose(0, 3, 1, 2), (matrices[:, None] @ corners[..., None])[..., 0])


def _of_parts(cells: Edges) -> Edges:
    """Sums over each part, (ROWS, COLUMNS)."""
    rows, columns = cells.shape
    summed: Edges = cells.reshape(ROWS, rows // ROWS, COLUMNS, columns // COLUMNS).sum(axis=(1, 3))
    return summed


def _structured(scene: Edges) -> NDArray[np.bool_]:
    """Parts in which there is something to compare, (ROWS, COLUMNS)."""
    structured: NDArray[np.bool_] = _of_parts(scene * scene) > _TRACE * scene.size / (ROWS * COLUMNS)
    return structured


def _shifted_fits(scene: Edges, now: Edges, known: Edges | None = None) -> Edges:
    """How well each part fits, shifted by so many cells down and right: (shifts, shifts, ROWS, COLUMNS)."""
    rows, columns = scene.shape
    shifts = 2 * _REACH + 1
    wide = np.pad(now, _REACH)
    squares, own = wide * wide, _of_parts(scene * scene)
    fits = np.empty((shifts, shifts, ROWS, COLUMNS), np.float32)
    for y in range(shifts):
        for x in range(shifts):
            there = (slice(y, y + rows), slice(x, x + columns))
            theirs = _of_parts(squares[there] if known is None else known * squares[there])
            fits[y, x] = _of_parts(scene * wide[there]) / np.sqrt(own * theirs + 1e-6)
    return np.maximum(0, fits)


def _bilinear(fits: Edges, transforms: _Transforms) -> NDArray[np.float64]:
    """How well each part fits for each transform and shift: (n, shifts, shifts, ROWS, COLUMNS)."""
    shifts = np.arange(len(fits))
    most = int(np.ceil(np.abs(transforms.moves).max())) + 1
    wide = np.pad(fits, ((most, most), (most, most), (0, 0), (0, 0)))
    whole = np.floor(transforms.moves).astype(int)
    down, right = (transforms.moves - whole).transpose(1, 0, 2, 3)[:, :, None, None]
    y = whole[:, 0, None, None] + shifts[:, None, None, None] + most
    x = whole[:, 1, None, None] + shifts[None, :, None, None] + most
    row, column = np.ogrid[:ROWS, :COLUMNS]
    above = (1 - right) * wide[y, x, row, column] + right * wide[y, x + 1, row, column]
    below = (1 - right) * wide[y + 1, x, row, column] + right * wide[y + 1, x + 1, row, column]
    told: NDArray[np.float64] = (1 - down) * above + down * below
    return told
