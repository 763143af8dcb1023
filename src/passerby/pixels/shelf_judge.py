"""Tells how full each facing is, by what its cells looked like full and empty; nothing is learnt of a product.

What looks the same full and empty is furniture: the edges of the boards, the posts. It is there whenever the facing can
be seen, so that a facing whose furniture is gone is covered; and it tells how the light has changed. What is not like
the empty shelf, in that light, is stocked, with whatever it may be: a product that was exchanged needs no teaching.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from passerby.pixels.shelf_features import COLUMNS, CONTRASTS, INNER, LIGHT, ROWS, Cells

Shares = NDArray[np.float64]
Mask = NDArray[np.bool_]

_TRACE = 0.03
"""Contrast of a cell in which there is something to compare."""
_NEVER_SAME, _SAME = 0.55, 0.3
_FURNITURE_LEAST = 4
_GONE_SHARE = 0.4
_SLACK = 0.03
_STEEP = 8.0
_CONTRAST, _LIGHT, _COLOUR = 0.5, 0.25, 0.03
"""What is taken for half unlike the empty shelf: a distance of contrasts, and steps of log luminance and colour."""
_MOST_LIGHT, _MOST_COLOUR = 0.4, 0.06
"""By so much a facing as a whole may be brighter or of another colour than its furniture tells: a shadow in it."""
_COVERED_BY_PEOPLE = 0.25


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one look tells of the facings.

    Attributes:
        fill: (facings,) how much of each is not like the empty shelf, 0..1; of a facing unseen it means nothing.
        seen: (facings,) whether the facing could be seen.
    """

    fill: Shares
    seen: Mask


class Judge:
    """Compares what is seen with what was taught.

    Args:
        full, empty: what the facings looked like.
    """

    def __init__(self, full: Cells, empty: Cells) -> None:
        self._empty = empty
        apart = distance(full, empty)
        strong = np.minimum(strength(full), strength(empty)) > _TRACE
        self._furniture = strong & (apart < _SAME)
        self._reference = ((full + empty) / 2).astype(np.float32)
        inner = ~self._furniture
        inner[:, 0] = inner[:, -1] = False
        self._inner = inner
        self._full_share = np.maximum(0.2, self._unlike(full, *self._change(full)))

    def look(self, cells: Cells, covered: Shares) -> Evidence:
        """Judges one look.

        Args:
            cells: what is seen.
            covered: (facings, ROWS, COLUMNS) whether people stand in front of a cell, 0 or 1.
        """
        gone = self._gone(cells)
        seen = (gone < _GONE_SHARE) & (covered[:, INNER].mean(axis=(1, 2)) < _COVERED_BY_PEOPLE)
        fill = self._unlike(cells, *self._change(cells)) / self._full_share
        return Evidence(np.clip(fill, 0.0, 1.0), seen)

    def _gone(self, cells: Cells) -> Shares:
        """The share of its furniture that a facing lacks."""
        unlike = distance(cells, self._reference) > _NEVER_SAME
        count = self._furniture.sum(axis=(1, 2))
        return np.where(
            count >= _FURNITURE_LEAST, (unlike & self._furniture).sum(axis=(1, 2)) / np.maximum(1, count), 0.0
        )

    def _change(self, cells: Cells) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """How light (facings,) and colours (facings, 2) have changed since it was taught empty, by the furniture."""
        step = cells[..., LIGHT:] - self._reference[..., LIGHT:]
        own = _middle(step, self._furniture)
        few = self._furniture.sum(axis=(1, 2)) < _FURNITURE_LEAST
        if few.any():
            own[few] = np.median(step[self._furniture], axis=0) if self._furniture.any() else 0
        return own[:, 0], own[:, 1:]

    def _unlike(self, cells: Cells, light: NDArray[np.float32], colour: NDArray[np.float32]) -> Shares:
        change = np.concatenate([light[:, None], colour], axis=1)
        step = cells[..., LIGHT:] - self._empty[..., LIGHT:] - change[:, None, None]
        level = np.clip(_middle(step, self._inner), -_MOST, _MOST)
        step = np.abs(step - level[:, None, None])
        apart = (
            (distance(cells, self._empty) / _CONTRAST) ** 2
            + (step[..., 0] / _LIGHT) ** 2
            + (step[..., 1:].max(axis=-1) / _COLOUR) ** 2
        )
        unlike = 1 / (1 + np.exp(_STEEP * (1 - np.minimum(2, np.sqrt(apart)))))
        count = np.maximum(1, self._inner.sum(axis=(1, 2)))
        shares: Shares = (unlike * self._inner).sum(axis=(1, 2)) / count
        return shares


_MOST = np.array([_MOST_LIGHT, _MOST_COLOUR, _MOST_COLOUR], np.float32)


def _middle(values: NDArray[np.float32], which: Mask) -> NDArray[np.float32]:
    """The median over some cells of each facing: (facings, ROWS, COLUMNS, n) to (facings, n); zeros where none are."""
    flat = np.where(which[..., None], values, np.inf).reshape(len(values), ROWS * COLUMNS, -1)
    flat.sort(axis=1)
    count = which.sum(axis=(1, 2))
    low, high = np.maximum(0, (count - 1) // 2), count // 2
    facing = np.arange(len(values))
    middle: NDArray[np.float32] = (flat[facing, low] + flat[facing, high]) / 2
    middle[count == 0] = 0
    return middle


def distance(one: Cells, other: Cells) -> NDArray[np.float32]:
    """How unlike the contrasts of cells are, 0..1; (facings, ROWS, COLUMNS)."""
    a, b = one[..., CONTRASTS], other[..., CONTRASTS]
    apart: NDArray[np.float32] = np.abs(a - b).sum(axis=-1) / (np.maximum(a, b).sum(axis=-1) + np.float32(_SLACK))
    return apart


def strength(cells: Cells) -> NDArray[np.float32]:
    """How much contrast cells have."""
    strong: NDArray[np.float32] = cells[..., CONTRASTS].sum(axis=-1)
    return strong
