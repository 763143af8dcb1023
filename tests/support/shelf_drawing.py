"""Draws made-up shelves: products of many looks, and the furniture that they stand on, seen straight from the front.

Nothing is taken from a photograph. Colours are linear light, 0..1; pictures are float32 (h, w, 3), red, green, blue.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Picture = NDArray[np.float32]
Box = tuple[int, int, int, int]
"""x1, y1, x2, y2 in pixels."""

_TEXTURE_PX = 48
_DEEPER_SCALE, _DEEPER_LIGHT = 0.9, 0.72


@dataclass(frozen=True)
class Product:
    """One look of a product.

    Attributes:
        texture: float32 (48, 48, 3), what its front shows.
        shape: (48, 48), 0..1, where there is something of it.
        height: share of the facing's height.
    """

    texture: Picture
    shape: Picture
    height: float


@dataclass(frozen=True)
class Furniture:
    """How the empty shelf looks.

    Attributes:
        back: colour of the panel behind, (3,).
        strip: colour of the edge that carries the price labels, (3,).
        pattern: "plain", "slats", "holes" or "mesh".
        strip_share: height of the edge, in rows.
        shade: how dark it gets towards the board above, 0..1.
    """

    back: Picture
    strip: Picture
    pattern: str
    strip_share: float
    shade: float


def product(rng: np.random.Generator, style: str) -> Product:
    """A product of a style: "boxes" (packets, tins, bottles) or "soft" (bags, jars, fruit; held out from tuning)."""
    y, x = np.mgrid[0:_TEXTURE_PX, 0:_TEXTURE_PX].astype(np.float32) / _TEXTURE_PX
    if style == "soft":
        return _soft(rng, y, x)
    base = rng.uniform(0.02, 0.8, 3).astype(np.float32)
    texture = np.ones((_TEXTURE_PX, _TEXTURE_PX, 3), np.float32) * base
    if rng.random() > 0.08:
        for _ in range(rng.integers(1, 4)):
            _patch(rng, texture)
        _writing(rng, texture)
    shape = np.ones((_TEXTURE_PX, _TEXTURE_PX), np.float32)
    if rng.random() < 0.4:
        texture *= (0.45 + 0.75 * np.sqrt(np.clip(1 - (2 * x - 0.9) ** 2, 0, 1)))[..., None]
    if rng.random() < 0.3:
        shape[(y < 0.3) & (np.abs(x - 0.5) > rng.uniform(0.12, 0.3))] = 0
    texture *= (1.08 - 0.25 * y)[..., None]
    return Product(np.clip(texture, 0, 1), shape, rng.uniform(0.5, 0.9))


def _patch(rng: np.random.Generator, texture: Picture) -> None:
    x1, y1 = rng.integers(0, 30, 2)
    x2, y2 = x1 + rng.integers(8, 40), y1 + rng.integers(6, 30)
    texture[y1:y2, x1:x2] = rng.uniform(0.02, 0.9, 3)


def _writing(rng: np.random.Generator, texture: Picture) -> None:
    ink = rng.uniform(0.0, 1.0, 3)
    for row in rng.integers(2, 44, rng.integers(2, 6)):
        thick = int(rng.integers(1, 4))
        for start in rng.integers(2, 40, rng.integers(2, 7)):
            texture[row : row + thick, start : start + rng.integers(2, 7)] = ink


def _soft(rng: np.random.Generator, y: Picture, x: Picture) -> Product:
    blobs = ndimage.gaussian_filter(rng.normal(size=(_TEXTURE_PX, _TEXTURE_PX)), rng.uniform(1.5, 5)).astype(np.float32)
    blobs /= np.abs(blobs).max()
    one, other = rng.uniform(0.02, 0.8, (2, 3)).astype(np.float32)
    texture = one + (other - one) * np.clip(0.5 + blobs * rng.uniform(0.3, 1.2), 0, 1)[..., None]
    if rng.random() < 0.6:
        disc = (x - rng.uniform(0.3, 0.7)) ** 2 + (y - rng.uniform(0.4, 0.7)) ** 2 < rng.uniform(0.03, 0.09)
        texture[disc] = rng.uniform(0.05, 0.95, 3)
    shape = np.ones((_TEXTURE_PX, _TEXTURE_PX), np.float32)
    kind = rng.integers(0, 3)
    if kind == 0:
        shape[(2 * x - 1) ** 4 + (2 * y - 1.1) ** 4 > 1] = 0
    elif kind == 1:
        bumps = 0.12 + 0.1 * np.abs(np.sin((x + rng.uniform()) * np.pi * rng.integers(2, 5)))
        shape[y < bumps] = 0
    texture *= (0.7 + 0.4 * np.sin(np.pi * x))[..., None]
    return Product(np.clip(texture, 0, 1).astype(np.float32), shape, rng.uniform(0.4, 0.92))


def furniture(rng: np.random.Generator, style: str) -> Furniture:
    """Furniture of a style; that of "soft" is lighter, as in a cooled cabinet."""
    light = rng.uniform(0.35, 0.7) if style == "soft" else rng.uniform(0.06, 0.45)
    tint = rng.uniform(0.85, 1.15, 3)
    strip = rng.uniform(0.5, 0.8) if rng.random() < 0.7 else rng.uniform(0.05, 0.2)
    patterns = ("plain", "mesh") if style == "soft" else ("plain", "slats", "holes")
    return Furniture(
        (light * tint).astype(np.float32),
        (strip * rng.uniform(0.9, 1.1, 3)).astype(np.float32),
        str(rng.choice(patterns)),
        rng.uniform(0.09, 0.16),
        rng.uniform(0.3, 0.7),
    )


def draw_empty(canvas: Picture, box: Box, looks: Furniture) -> None:
    """Draws the inside of a facing without products."""
    x1, y1, x2, y2 = box
    y, x = np.mgrid[0 : y2 - y1, 0 : x2 - x1].astype(np.float32)
    light = 1 - looks.shade * (1 - y / max(1, y2 - y1)) ** 1.5
    if looks.pattern == "slats":
        light *= 1 - 0.3 * (np.mod(y + y1, 17) < 2)
    elif looks.pattern == "holes":
        light *= 1 - 0.5 * ((np.mod(y + y1, 14) < 4) & (np.mod(x + x1, 14) < 4))
    elif looks.pattern == "mesh":
        light *= 1 - 0.35 * ((np.mod(y + y1, 20) < 2) | (np.mod(x + x1, 20) < 2))
    canvas[y1:y2, x1:x2] = light[..., None] * looks.back
    floor = y1 + round((y2 - y1) * 0.86)
    fall = np.linspace(0.7, 1.1, y2 - floor, dtype=np.float32)
    canvas[floor:y2, x1:x2] = fall[:, None, None] * (0.5 * looks.back + 0.3 * looks.strip)


def draw_units(canvas: Picture, box: Box, front: Product, left: NDArray[np.int64]) -> None:
    """Draws what is left of a facing, the deepest first.

    Args:
        canvas: what to draw into.
        box: the facing.
        front: what stands there.
        left: (wide, deep), 1 where a unit is left; [:, 0] is the front.
    """
    x1, y1, x2, y2 = box
    wide, deep = left.shape
    width = (x2 - x1) / wide
    for depth in range(deep - 1, -1, -1):
        scale = _DEEPER_SCALE**depth
        bottom = y2 - (y2 - y1) * 0.035 * depth
        for column in range(wide):
            if not left[column, depth]:
                continue
            middle = (x1 + x2) / 2 + (x1 + (column + 0.5) * width - (x1 + x2) / 2) * scale
            half, tall = width * 0.47 * scale, (y2 - y1) * front.height * scale
            _paste(canvas, (middle - half, bottom - tall, middle + half, bottom), front, _DEEPER_LIGHT**depth)


def _paste(canvas: Picture, at: tuple[float, float, float, float], front: Product, light: float) -> None:
    x1, y1, x2, y2 = (round(value) for value in at)
    if x2 - x1 < 2 or y2 - y1 < 2:
        return
    rows = np.arange(y2 - y1) * _TEXTURE_PX // (y2 - y1)
    columns = np.arange(x2 - x1) * _TEXTURE_PX // (x2 - x1)
    there = front.shape[np.ix_(rows, columns)][..., None]
    # What stands in a row throws a shadow on the board and on the panel behind it.
    canvas[y1:y2, x2 : x2 + 3] *= 0.75
    spot = canvas[y1:y2, x1:x2]
    spot += there * (front.texture[np.ix_(rows, columns)] * light - spot)


def draw_strip(canvas: Picture, box: Box, looks: Furniture, labels: NDArray[np.int64]) -> None:
    """Draws the edge below a row, with a price label for each seed in `labels`."""
    x1, y1, x2, y2 = box
    canvas[y1:y2, x1:x2] = looks.strip
    canvas[y1 : y1 + 2, x1:x2] *= 1.3
    canvas[y2 - 2 : y2, x1:x2] *= 0.4
    step = (x2 - x1) / len(labels)
    for number, seed in enumerate(labels):
        rng = np.random.default_rng(int(seed))
        left = round(x1 + (number + rng.uniform(0.1, 0.5)) * step)
        right, top, bottom = left + round(0.4 * step), y1 + 2, y2 - 3
        canvas[top:bottom, left:right] = (0.8, 0.8, 0.75) if rng.random() < 0.7 else (0.8, 0.6, 0.1)
        for _ in range(4):
            x = int(rng.integers(left, max(left + 1, right - 4)))
            canvas[top + 2 : bottom - 2, x : x + 2] *= 0.15
