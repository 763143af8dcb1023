"""The signature of a view: where its people-free still has edges, light on dark or dark on light, in few bytes.

A view is cut into `SIGNATURE_CELLS`, whatever its shape. Of each cell is kept whether it is lighter than its neighbours
together, darker, like them, or not known: two bits.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from passerby.gate.messages import SIGNATURE_BYTES, SIGNATURE_CELLS
from passerby.pixels.alignment import Edges, edges_of
from passerby.pixels.blanking import GREY

_EDGE = 1 / 3
"""From here on, which is two levels, a cell is an edge."""
_LEAST_BLANK = 1e-3
"""Share of a cell; one that is blank at all is not known, nor are those beside it."""
_UNKNOWN = 3


def cells_of(green: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The mean of each cell of a picture's green (h, w), the most of luminance: (rows, columns)."""
    columns, rows = SIGNATURE_CELLS
    cells: NDArray[np.float32] = (
        _shares(rows, green.shape[0]) @ green.astype(np.float32) @ _shares(columns, green.shape[1]).T
    )
    return cells


def signature_of(still: NDArray[np.uint8]) -> bytes:
    """The signature of a people-free still, uint8 (h, w, 3); nothing is known of what is blank in it, and beside it."""
    hidden = ndimage.binary_dilation(cells_of((still == GREY).all(axis=2).astype(np.uint8)) > _LEAST_BLANK)
    edges = edges_of(cells_of(still[:, :, 1]))
    codes = np.where(hidden, _UNKNOWN, np.where(edges > _EDGE, 1, np.where(edges < -_EDGE, 2, 0))).astype(np.uint8)
    quads = codes.reshape(-1, 4)
    return (quads[:, 0] | quads[:, 1] << 2 | quads[:, 2] << 4 | quads[:, 3] << 6).astype(np.uint8).tobytes()


def read(signature: bytes) -> tuple[Edges, Edges]:
    """The edges of a signature, -1, 0 or 1, and where they are known, 1 or 0; both (rows, columns).

    Raises:
        ValueError: it is none.
    """
    if len(signature) != SIGNATURE_BYTES:
        raise ValueError(f"a signature has {SIGNATURE_BYTES} bytes, got {len(signature)}")
    quads = np.frombuffer(signature, np.uint8)
    codes = np.stack([quads >> shift & 3 for shift in (0, 2, 4, 6)], axis=1).reshape(SIGNATURE_CELLS[::-1])
    edges = (codes == 1).astype(np.float32) - (codes == 2)
    return edges, (codes != _UNKNOWN).astype(np.float32)


@lru_cache(maxsize=8)
def _shares(cells: int, pixels: int) -> Edges:
    """Which share of each cell each pixel is, along one side: (cells, pixels), rows that add up to 1."""
    cuts = np.linspace(0, pixels, cells + 1)
    pixel = np.arange(pixels)
    overlap = np.minimum(cuts[1:, None], pixel + 1) - np.maximum(cuts[:-1, None], pixel)
    shares: Edges = (np.maximum(0, overlap) * cells / pixels).astype(np.float32)
    return shares
