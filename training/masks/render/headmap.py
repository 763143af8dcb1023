"""The head's surface by direction: where a ray from its middle leaves it. Masks, hats and hair are shells over it."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from .assets import Base, triangles

MIDDLE = np.array([0.0007, 7.0, 0.5])
STEP = 2.0  # degrees
TURNS = np.arange(-180, 180, STEP)
TILTS = np.arange(-78, 91, STEP)
BRIDGES = (8, 5, 3, 2, 1, 8, 5, 3, 2, 1, 2, 1)
NARROWEST = np.cos(np.radians(40))


def directions(turn: np.ndarray, tilt: np.ndarray) -> np.ndarray:
    """Returns unit vectors for turns (0 ahead, towards +x positive) and tilts (up positive), in degrees."""
    turn, tilt = np.radians(turn), np.radians(tilt)
    return np.stack([np.cos(tilt) * np.sin(turn), np.sin(tilt), np.cos(tilt) * np.cos(turn)], -1)


def cast(ray: np.ndarray, corners: np.ndarray) -> tuple[int, np.ndarray]:
    """Returns the triangle that a ray from the middle leaves the body by, and the hit's shares of its corners.

    The farthest hit of the head counts, and where there is none the nearest of the shoulders.
    """
    first, edge, other = corners[:, 0], corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    across = np.cross(ray, other)
    size = (edge * across).sum(1)
    size = np.where(np.abs(size) < 1e-12, 1e-12, size)
    off = MIDDLE - first
    u = (off * across).sum(1) / size
    around = np.cross(off, edge)
    v = around @ ray / size
    length = (other * around).sum(1) / size
    hits = np.flatnonzero((u >= -1e-5) & (v >= -1e-5) & (u + v <= 1 + 1e-5) & (length > 0.2))
    near = hits[length[hits] < 1.6]
    best = near[length[near].argmax()] if len(near) else hits[length[hits].argmin()]
    return int(best), np.array([1 - u[best] - v[best], u[best], v[best]])


@dataclass
class Surface:
    """One person's head by direction.

    Attributes:
        grid: (tilts, turns + 1, 3) points; the last column is the first again.
    """

    grid: np.ndarray

    def at(self, turn: ArrayLike, tilt: ArrayLike) -> np.ndarray:
        """Returns the points in given directions, (..., 3), between the grid's points linearly."""
        x = ((np.asarray(turn) + 180) % 360) / STEP
        y = np.clip((np.asarray(tilt) - TILTS[0]) / STEP, 0, len(TILTS) - 1.001)
        column, row = x.astype(int), y.astype(int)
        right, down = (x - column)[..., None], (y - row)[..., None]
        low = self.grid[row, column] * (1 - right) + self.grid[row, column + 1] * right
        high = self.grid[row + 1, column] * (1 - right) + self.grid[row + 1, column + 1] * right
        return low * (1 - down) + high * down


class HeadMap:
    """The map of the base mesh, which serves for everybody: it holds triangles and shares, not places."""

    def __init__(self, base: Base, cache: Path) -> None:
        """Reads the map from `cache`, or makes it and writes it there (some seconds)."""
        if not cache.exists():
            faces = triangles(base.faces["body"])
            faces = faces[(base.points[faces][..., 1] > -5).all(1)]
            turn, tilt = np.meshgrid(TURNS, TILTS)
            found = [cast(ray, base.points[faces]) for ray in directions(turn, tilt).reshape(-1, 3)]
            shape = (*turn.shape, 3)
            np.savez(
                cache,
                corners=faces[[f[0] for f in found]].reshape(shape),
                weights=np.array([f[1] for f in found]).reshape(shape),
            )
        with np.load(cache) as stored:
            self.corners, self.weights = stored["corners"], stored["weights"]

    def on(self, points: np.ndarray) -> Surface:
        """Returns the surface of the person whose base vertices are `points`."""
        grid = (points[self.corners] * self.weights[..., None]).sum(2)
        return Surface(np.concatenate([grid, grid[:, :1]], 1))


def envelope(radius: np.ndarray, tilt: np.ndarray) -> np.ndarray:
    """Returns (rows, columns) radii with the hollows along each column bridged by straight lines, as taut cloth would.

    Args:
        radius: (rows, columns) distances from the middle.
        tilt: (rows, columns) directions in degrees, evenly spaced along each column.
    """
    step = np.radians(np.abs(tilt[0] - tilt[-1])) / max(len(tilt) - 1, 1)
    nearness = 1 / radius
    for reach in BRIDGES:
        # half way between two points, by angle, the line joining them is as near as their mean over the angle's cosine
        cosine = np.cos(reach * step)
        if 2 * reach < len(radius) and cosine.min() > NARROWEST:
            line = (nearness[: -2 * reach] + nearness[2 * reach :]) / (2 * cosine)
            np.minimum(nearness[reach:-reach], line, out=nearness[reach:-reach])
    return 1 / nearness


def smooth(values: np.ndarray, times: int = 1) -> np.ndarray:
    """Returns (rows, columns, ...) values, each the mean of itself and its four neighbours, `times` times."""
    for _ in range(times):
        padded = np.pad(values, [(1, 1), (1, 1)] + [(0, 0)] * (values.ndim - 2), mode="edge")
        values = (2 * values + padded[:-2, 1:-1] + padded[2:, 1:-1] + padded[1:-1, :-2] + padded[1:-1, 2:]) / 6
    return values
