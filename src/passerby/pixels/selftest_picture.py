"""A known picture: three drawn figures in a plain room. Nobody sat for it.

Each figure is made of ellipses and limbs in the proportions of figure drawing (a body is seven and a half heads tall).
Detectors trained on photographs find them as surely as real people, so that a detector which does not is broken.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

EXPECTED = 3
"""How many figures the picture has."""

_SMOOTH = 2  # drawn this much larger and averaged, so that edges are soft as in a photograph
_SKIN, _HAIR, _SHOE = (120, 150, 200), (30, 40, 50), (30, 30, 30)
_FLOOR = 0.40  # where the wall ends, in shares of the height


class Figure(NamedTuple):
    """One figure: where its feet stand and how tall it is, in shares of the picture; its clothes, blue green red."""

    x: float
    foot: float
    height: float
    shirt: tuple[int, int, int]
    trousers: tuple[int, int, int]


FIGURES = (
    Figure(0.20, 0.90, 0.66, (60, 60, 170), (70, 50, 40)),
    Figure(0.50, 0.86, 0.60, (70, 150, 190), (90, 50, 40)),
    Figure(0.80, 0.93, 0.70, (170, 120, 60), (60, 60, 60)),
)


def picture(size_px: tuple[int, int] = (416, 256)) -> NDArray[np.uint8]:
    """Draws the picture.

    Args:
        size_px: width and height that it has to fit into; its own proportions are 13 to 8.

    Returns:
        uint8 (height, width, 3), blue green red; always the same for one size.
    """
    scale = min(size_px[0] / 13, size_px[1] / 8)
    size_px = int(13 * scale), int(8 * scale)
    width, height = size_px[0] * _SMOOTH, size_px[1] * _SMOOTH
    canvas = _Canvas(width, height)
    for figure in FIGURES:
        canvas.draw(figure)
    fine = canvas.colour.reshape(size_px[1], _SMOOTH, size_px[0], _SMOOTH, 3)
    grain = np.random.default_rng(1).normal(0, 3, (size_px[1], size_px[0], 3))
    drawn: NDArray[np.uint8] = np.clip(fine.mean(axis=(1, 3)) + grain, 0, 255).astype(np.uint8)
    return drawn


class _Canvas:
    """An empty room and what is drawn into it; `colour` is float64 (height, width, 3)."""

    def __init__(self, width: int, height: int) -> None:
        self._y, self._x = np.mgrid[:height, :width].astype(np.float64)
        down = np.linspace(0, 1, height)[:, None, None]
        wall, floor = np.array([205, 200, 195]), np.array([120, 130, 140])
        room = np.where(down < _FLOOR, wall * (1 - 0.15 * down), floor * (0.6 + 0.5 * down))
        self.colour = np.repeat(room, width, axis=1)

    def draw(self, figure: Figure) -> None:
        """Draws a standing figure; all lengths in it are shares of its height."""
        height, width = self.colour.shape[:2]
        self._unit, self._left, self._foot = figure.height * height, figure.x * width, figure.foot * height
        self.colour[self._within(0, 0, 0.16, 0.03)] *= 0.7  # its shadow
        sleeve = tuple(int(0.8 * value) for value in figure.shirt)
        for side in (-1, 1):
            self._limb((side * 0.035, 0.50), (side * 0.054, 0.26), (0.062, 0.045), figure.trousers)
            self._limb((side * 0.054, 0.26), (side * 0.09, 0.04), (0.045, 0.030), figure.trousers)
            self._limb((side * 0.09, 0.025), (side * 0.09 + 0.045, 0.02), (0.026, 0.02), _SHOE)
            self._limb((side * 0.115, 0.79), (side * 0.155, 0.63), (0.04, 0.034), sleeve)
            self._limb((side * 0.155, 0.63), (side * 0.185, 0.47), (0.033, 0.025), sleeve)
            self.colour[self._within(side * 0.185, 0.445, 0.025, 0.03)] = _SKIN
        self._limb((0, 0.76), (0, 0.52), (0.115, 0.095), figure.shirt)
        self._limb((-0.06, 0.79), (0.06, 0.79), (0.05, 0.05), figure.shirt)
        self._limb((0, 0.86), (0, 0.82), (0.035, 0.04), _SKIN)
        self.colour[self._within(0, 0.925, 0.055, 0.075)] = _SKIN
        self.colour[self._within(0, 0.955, 0.058, 0.05)] = _HAIR

    def _within(self, x: float, y: float, half_width: float, half_height: float) -> NDArray[np.bool_]:
        """The pixels of an ellipse; y counts upwards from the foot."""
        across = (self._x - self._left) / self._unit - x
        up = (self._foot - self._y) / self._unit - y
        inside: NDArray[np.bool_] = (across / half_width) ** 2 + (up / half_height) ** 2 <= 1
        return inside

    def _limb(
        self, start: tuple[float, float], end: tuple[float, float], radii: tuple[float, float], colour: tuple[int, ...]
    ) -> None:
        """Draws a limb from `start` to `end` that is as thick as `radii` say at its ends."""
        across = (self._x - self._left) / self._unit - start[0]
        up = (self._foot - self._y) / self._unit - start[1]
        step = (end[0] - start[0], end[1] - start[1])
        share = np.clip((across * step[0] + up * step[1]) / (step[0] ** 2 + step[1] ** 2), 0, 1)
        distance = np.hypot(across - share * step[0], up - share * step[1])
        self.colour[distance <= radii[0] + (radii[1] - radii[0]) * share] = colour
