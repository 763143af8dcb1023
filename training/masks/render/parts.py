"""What a scene is made of: meshes with a look, and the shells from which masks, hats, hair and cloth are cut."""

from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np

from .headmap import MIDDLE, Surface, envelope, smooth

LOWEST, WIDEST = 2.0, 1.6  # how far cloth and hair hang below and stand beside the head's middle, decimetres


class Kind(IntEnum):
    """What a pixel shows; up to HEADGEAR the kinds hide a face, and are drawn first."""

    NOTHING, BODY, HAIR, HEADGEAR, MASK, COVER, EXTRA = range(7)


class Pattern(IntEnum):
    """How the shader paints a surface from its two colours."""

    PLAIN, SKIN, STRANDS, PLEATS, STRIPES, CHECK, DOTS, BLOBS, COLUMNS, DARK_LENS = range(10)


CLOTH = (Pattern.PLAIN, Pattern.STRIPES, Pattern.CHECK, Pattern.DOTS, Pattern.BLOBS, Pattern.COLUMNS)


@dataclass
class Look:
    """Two colours (linear, (3,) or one for each vertex), how they are mixed, how fine, and how much it shines."""

    first: np.ndarray
    second: np.ndarray
    pattern: Pattern = Pattern.PLAIN
    scale: float = 4.0
    gloss: float = 0.05


@dataclass
class Part:
    """A mesh with its look.

    Attributes:
        points: (n, 3), decimetres, before the head is turned.
        faces: (m, 3) vertex numbers.
        tex: (n, 3) where the pattern is looked up.
        alpha: (n,) less than a half is cut away.
    """

    kind: Kind
    points: np.ndarray
    faces: np.ndarray
    tex: np.ndarray
    look: Look
    alpha: np.ndarray = field(default_factory=lambda: np.ones(1))


def grid_faces(rows: int, columns: int) -> np.ndarray:
    """Returns the triangles of a grid whose vertices are numbered row by row."""
    corner = (np.arange(rows - 1)[:, None] * columns + np.arange(columns - 1)).ravel()
    return np.concatenate(
        [
            np.stack([corner, corner + 1, corner + columns], 1),
            np.stack([corner + 1, corner + columns + 1, corner + columns], 1),
        ]
    )


def sheet(kind: Kind, points: np.ndarray, look: Look, alpha: np.ndarray | None = None) -> Part:
    """Returns a part of (rows, columns, 3) points; its texture runs 0..1 over columns and rows."""
    rows, columns = points.shape[:2]
    u, v = np.meshgrid(np.linspace(0, 1, columns), np.linspace(0, 1, rows))
    tex = np.stack([u, v, np.zeros_like(u)], -1).reshape(-1, 3)
    cut = np.ones(rows * columns) if alpha is None else alpha.ravel()
    return Part(kind, points.reshape(-1, 3), grid_faces(rows, columns), tex, look, cut)


def shell(surface: Surface, turn: np.ndarray, tilt: np.ndarray, thickness: np.ndarray, taut: int = 1) -> np.ndarray:
    """Returns the points that lie `thickness` above the head, (rows, columns, 3).

    Args:
        surface: The head.
        turn: (rows, columns) directions in degrees.
        tilt: (rows, columns) directions in degrees.
        thickness: (rows, columns) decimetres.
        taut: 0 follows every hollow, more bridges them and is smoothed so many times.
    """
    points = surface.at(turn, tilt) - MIDDLE
    radius = np.linalg.norm(points, axis=-1)
    way = points / radius[..., None]
    if taut:
        low = np.clip(-np.sin(np.radians(tilt)), 0.3, 1)
        limit = np.minimum(LOWEST / low, WIDEST / np.sqrt(1.0025 - low * low))
        radius = np.where(tilt < -20, np.minimum(radius, limit), radius)
        bridged = envelope(radius, tilt)
        radius = np.maximum(smooth(bridged, taut), bridged)
    return MIDDLE + way * (radius + thickness)[..., None]


def ribbon(kind: Kind, path: np.ndarray, width: float, look: Look, across: np.ndarray) -> Part:
    """Returns a narrow band along (n, 3) points, `width` wide in the direction `across`."""
    return sheet(kind, np.stack([path - across * width / 2, path + across * width / 2]), look)


def tube(kind: Kind, path: np.ndarray, width: float, look: Look, sides: int = 5) -> Part:
    """Returns a round cord along (n, 3) points."""
    along = np.gradient(path, axis=0)
    along /= np.linalg.norm(along, axis=1, keepdims=True) + 1e-9
    one = np.cross(along, [0.31, 0.2, 0.93])
    one /= np.linalg.norm(one, axis=1, keepdims=True) + 1e-9
    angle = np.linspace(0, 2 * np.pi, sides + 1)[:, None, None]
    ring = np.cos(angle) * one + np.sin(angle) * np.cross(along, one)
    return sheet(kind, path + ring * width / 2, look)


def waves(rng: np.random.Generator, turn: np.ndarray, tilt: np.ndarray, size: float) -> np.ndarray:
    """Returns smooth random heights of about `size`, alike over the seam at 180 degrees."""
    heights = np.zeros(np.broadcast(turn, tilt).shape)
    for _ in range(5):
        often, slope, phase = rng.integers(1, 9), rng.uniform(-6, 6), rng.uniform(0, 6.3)
        heights += np.sin(np.radians(turn) * often + np.radians(tilt) * slope + phase) / (1 + 0.25 * often)
    return heights * size / 2


def colour(rng: np.random.Generator, dull: float = 0.5) -> np.ndarray:
    """Returns a random colour in linear light; more of them grey and dark the higher `dull` is."""
    value = float(rng.beta(0.9, 1.5))
    pure = np.clip(rng.dirichlet([0.9] * 3) * 1.6, 0, 1)
    grey = rng.uniform(0.75, 1) if rng.random() < dull else rng.random()
    return np.clip((pure * (1 - grey) + 0.6 * grey) * value + 0.01, 0.008, 0.95)


def cloth(rng: np.random.Generator, scale: float = 6.0) -> Look:
    """Returns the look of some cloth: often plain, at times with a pattern."""
    pattern = Pattern.PLAIN if rng.random() < 0.6 else CLOTH[rng.integers(len(CLOTH))]
    return Look(colour(rng), colour(rng, 0.3), pattern, scale * float(rng.uniform(0.5, 2)), float(rng.uniform(0, 0.12)))
