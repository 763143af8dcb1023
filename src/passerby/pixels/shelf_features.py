"""What the facings of a shelf look like, cell by cell: how contrasts run, how bright it is, and which colour it has.

A facing is `ROWS` x `COLUMNS` cells, of which each has `CHANNELS` numbers. The outermost rows lie above and below the
facing. Contrast is of the logarithm of luminance, so that it is the same in half the light.
"""

import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import Interpolation, VideoReformatter
from numpy.typing import NDArray
from scipy.sparse import csr_array

ROWS, COLUMNS, CHANNELS = 8, 6, 7
INNER = slice(1, ROWS - 1)
"""The rows that lie within the facing."""
CONTRASTS, LIGHT, COLOUR = slice(0, 4), 4, slice(5, 7)

Cells = NDArray[np.float32]
"""(facings, ROWS, COLUMNS, CHANNELS): brightening and darkening to the right and down, log luminance, two colours."""

LEAST_SIDE_PX = 48.0
"""A facing that is narrower or lower in the camera's own picture has too little in each cell (benchmarks/shelves)."""

_WIDTH_PX = 640
_BLOCK_PX = 4
_SAMPLES = 4
_DARK_LEVELS = 8.0
_FAINT = 0.04
"""Contrast between neighbours, as a logarithm, that noise of a sensor and an encoder make as well."""


class Facings:
    """Where the facings of a camera's shelves are in its pictures of one size.

    Args:
        polygons: (facings, 4, 2) in fractions, each clockwise from its upper left corner.
        size_px: width and height of the camera's own picture.
    """

    def __init__(self, polygons: NDArray[np.float64], size_px: tuple[int, int]) -> None:
        width, height = size_px
        scale = min(1.0, _WIDTH_PX / width)
        block = 2 * _BLOCK_PX
        self._small_px = (
            max(block, round(width * scale) // block * block),
            max(block, round(height * scale) // block * block),
        )
        self._reformatter = VideoReformatter()
        self._middles = _points(polygons, 1)
        self._weights = cell_weights(polygons, (self._small_px[1] // _BLOCK_PX, self._small_px[0] // _BLOCK_PX))

    def cells(self, frame: VideoFrame) -> Cells:
        """What they look like in a frame."""
        return self.cells_of(self.blocks(frame))

    def cells_of(self, blocks: NDArray[np.float32]) -> Cells:
        """What they look like in the blocks of a frame."""
        cells: Cells = (self._weights @ blocks).reshape(-1, ROWS, COLUMNS, CHANNELS)
        return cells

    def blocks(self, frame: VideoFrame) -> NDArray[np.float32]:
        """A frame in blocks, (blocks, CHANNELS); the same for all facings of pictures of this size."""
        width, height = self._small_px
        small = self._reformatter.reformat(frame, width, height, "yuv420p", interpolation=Interpolation.AREA, threads=1)
        flat = small.to_ndarray().astype(np.uint8, copy=False)
        luma = flat[:height]
        light = np.take(_LOGARITHMS, luma)
        bright = _blocks(luma.astype(np.int16), _BLOCK_PX) + np.float32(2 * _DARK_LEVELS)
        colours = [
            (_blocks(plane.astype(np.int16), _BLOCK_PX // 2) - np.float32(128)) / bright
            for plane in flat[height:].reshape(2, height // 2, width // 2)
        ]
        channels = [*_contrasts(light), _blocks(light, _BLOCK_PX) / _STEPS, *colours]
        return np.stack(channels, axis=-1).reshape(-1, CHANNELS)

    def hidden(self, boxes: NDArray[np.float64]) -> NDArray[np.float64]:
        """Whether people stand in front of each cell: (facings, ROWS, COLUMNS), 0 or 1.

        Args:
            boxes: (n, 4) x1, y1, x2, y2 of people, in fractions of the picture.
        """
        x, y = self._middles[..., 0], self._middles[..., 1]
        covered = np.zeros(x.shape, bool)
        for x1, y1, x2, y2 in boxes:
            covered |= (x >= x1) & (x <= x2) & (y >= y1) & (y <= y2)
        return covered.astype(np.float64)


_STEPS = np.float32(1024)
"""Logarithms are whole numbers of so many to one, because sums of those are quick."""
_LOGARITHMS = np.round(np.log(np.arange(256) + _DARK_LEVELS) * _STEPS).astype(np.int16)


def _contrasts(light: NDArray[np.int16]) -> list[NDArray[np.float32]]:
    """Mean of each block: what brightens and what darkens to the right and down, above what noise does."""
    means = []
    faint = np.int16(_FAINT * _STEPS)
    for axis in (1, 0):
        step = np.zeros_like(light)
        if axis:
            np.subtract(light[:, 2:], light[:, :-2], out=step[:, 1:-1])
        else:
            np.subtract(light[2:], light[:-2], out=step[1:-1])
        means += [_blocks(np.maximum(step, faint) - faint, _BLOCK_PX) / _STEPS]
        means += [_blocks(-faint - np.minimum(step, -faint), _BLOCK_PX) / _STEPS]
    return means


def _blocks(plane: NDArray[np.int16], side: int) -> NDArray[np.float32]:
    """Means of blocks of a plane; a column of a block must not add up to more than 16 bits hold."""
    down = plane[0::side].copy()
    for row in range(1, side):
        down += plane[row::side]
    summed = down[:, 0::side].astype(np.float32)
    for column in range(1, side):
        summed += down[:, column::side]
    return summed / np.float32(side * side)


def least_side_px(polygons: NDArray[np.float64], size_px: tuple[int, int]) -> float:
    """The shortest side of any facing in a picture of this size."""
    sides = (np.roll(polygons, -1, axis=1) - polygons) * size_px
    return float(np.hypot(sides[..., 0], sides[..., 1]).min())


def _points(polygons: NDArray[np.float64], each: int) -> NDArray[np.float64]:
    """Points within cells, `each` across and down: (facings, ROWS * each, COLUMNS * each, 2), in fractions."""
    across = (np.arange(COLUMNS * each) + 0.5) / (COLUMNS * each)
    inner = ROWS - 2
    down = (np.arange(ROWS * each) + 0.5) / (inner * each) - 1 / inner
    upper = polygons[:, None, 0] + across[:, None] * (polygons[:, None, 1] - polygons[:, None, 0])
    lower = polygons[:, None, 3] + across[:, None] * (polygons[:, None, 2] - polygons[:, None, 3])
    points: NDArray[np.float64] = upper[:, None] + down[:, None, None] * (lower - upper)[:, None]
    return points


def cell_weights(polygons: NDArray[np.float64], shape: tuple[int, int]) -> csr_array:
    """How much each block (of rows and columns) has of each cell: (cells, blocks), rows add up to one."""
    rows, columns = shape
    at = _points(polygons, _SAMPLES)
    x = np.clip(at[..., 0] * columns - 0.5, 0, columns - 1.001)
    y = np.clip(at[..., 1] * rows - 0.5, 0, rows - 1.001)
    facing = np.arange(len(polygons))[:, None, None] * ROWS * COLUMNS
    cell = np.arange(ROWS * _SAMPLES)[:, None] // _SAMPLES * COLUMNS + np.arange(COLUMNS * _SAMPLES) // _SAMPLES
    cell = np.broadcast_to(facing + cell, x.shape).ravel()
    left, top = x.astype(int), y.astype(int)
    right, below = x - left, y - top
    parts = [
        (top, left, (1 - below) * (1 - right)),
        (top, left + 1, (1 - below) * right),
        (top + 1, left, below * (1 - right)),
        (top + 1, left + 1, below * right),
    ]
    weights = np.concatenate([share.ravel() for _, _, share in parts]) / _SAMPLES**2
    block = np.concatenate([(row * columns + column).ravel() for row, column, _ in parts])
    size = (len(polygons) * ROWS * COLUMNS, rows * columns)
    return csr_array((weights.astype(np.float32), (np.tile(cell, 4), block)), shape=size)
