"""What is kept of a facing that was taught, and why no picture can be made of it.

8 x 6 cells of seven numbers, a byte each: how much the logarithm of luminance rises and falls to the right and down, on
average over the cell, its mean, and two mean colours. The best that can be drawn of it is a mosaic of 6 x 6 coloured
tiles for each facing, 48 x 30 for a shelf of 8 x 5; what is smaller than a sixth of a facing is gone. It is of facings
alone, and nothing is taught while anybody is in front of one.
"""

import numpy as np
from numpy.typing import NDArray

from passerby.gate.messages import REFERENCE_BYTES
from passerby.pixels.shelf_features import CHANNELS, COLUMNS, ROWS, Cells

_LOWEST = np.array([0.0, 0.0, 0.0, 0.0, 2.0, -0.6, -0.6], np.float32)
_HIGHEST = np.array([0.5, 0.5, 0.5, 0.5, 5.6, 0.6, 0.6], np.float32)
_STEP = (_HIGHEST - _LOWEST) / np.float32(255)

assert ROWS * COLUMNS * CHANNELS == REFERENCE_BYTES


def pack(cells: Cells) -> bytes:
    """Facings as bytes, `REFERENCE_BYTES` each."""
    levels: NDArray[np.uint8] = np.rint((np.clip(cells, _LOWEST, _HIGHEST) - _LOWEST) / _STEP).astype(np.uint8)
    return levels.tobytes()


def unpack(reference: bytes) -> Cells:
    """Facings out of bytes.

    Raises:
        ValueError: they are not whole facings.
    """
    levels = np.frombuffer(reference, np.uint8).reshape(-1, ROWS, COLUMNS, CHANNELS)
    cells: Cells = (levels * _STEP + _LOWEST).astype(np.float32)
    return cells
