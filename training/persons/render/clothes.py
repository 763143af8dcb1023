"""Clothes: MakeHuman's garments (CC0), mixed, and shells over its tights and skirt helpers cut at random."""

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from masks.render.assets import Base, Fitted, read_fitted, triangles
from masks.render.body import between
from masks.render.parts import CLOTH, Kind, Look, Part, Pattern, colour, waves
from masks.render.scene import vertex_normals

from .rig import NUMBER, Rig

WAIST = 1.1
SUITS = (
    *(f"female_{name}" for name in ("casualsuit01", "casualsuit02", "elegantsuit01", "sportsuit01")),
    *(f"male_casualsuit0{number}" for number in range(1, 7)),
    "male_elegantsuit01",
)
SHOES = tuple(f"shoes0{number}" for number in range(1, 7))
_NIGHT = [(12, 12, 14), (28, 28, 32), (22, 26, 42), (45, 42, 40), (58, 60, 64)]
_JEANS = [(28, 36, 58), (48, 66, 100), (88, 112, 150)]
_EARTH = [(72, 66, 48), (120, 100, 76), (180, 160, 128), (206, 196, 176)]
_SIGNAL = [(240, 120, 30), (225, 235, 60)]
_LIGHT = [(150, 150, 152), (205, 205, 205), (240, 240, 236)]


def dark(rng: np.random.Generator) -> np.ndarray:
    """Returns a dark linear colour."""
    return between(_NIGHT, rng) * rng.uniform(0.6, 1.3)


def tint(rng: np.random.Generator) -> np.ndarray:
    """Returns a linear colour as tops have: dark, light or coloured."""
    lists = [_NIGHT, _JEANS, _EARTH, _LIGHT]
    kind = rng.choice(5, p=[0.36, 0.08, 0.1, 0.16, 0.3])
    return colour(rng, 0.25) if kind == 4 else between(lists[kind], rng) * rng.uniform(0.85, 1.15, 3)


def look_for(rng: np.random.Generator, first: np.ndarray | None = None, plain: float = 0.6) -> Look:
    """Returns the look of some cloth."""
    pattern = Pattern.PLAIN if rng.random() < plain else CLOTH[rng.integers(len(CLOTH))]
    first = tint(rng) if first is None else first
    return Look(first, tint(rng), pattern, float(np.exp(rng.uniform(-1.2, 1.2))), float(rng.choice([0, 0.03, 0.15])))


def legs_look(rng: np.random.Generator) -> Look:
    """Returns the look of trousers and skirts: rather dark, jeans, earth."""
    kind = rng.choice(4, p=[0.48, 0.24, 0.14, 0.14])
    first = [dark, lambda r: between(_JEANS, r), lambda r: between(_EARTH, r), tint][kind](rng)
    return look_for(rng, first, 0.88)


@dataclass
class Garment:
    """A mesh of MakeHuman's: its weights, its places at rest for the pattern, the base vertices that it hides."""

    fitted: Fitted
    faces: np.ndarray
    weights: np.ndarray
    tex: np.ndarray
    hides: np.ndarray

    @property
    def low(self) -> float:
        """The height at rest of its lowest point."""
        return float(self.tex[np.unique(self.faces), 1].min())


def hidden_by(path: Path, count: int) -> np.ndarray:
    """Returns which base vertices a .mhclo file says it hides."""
    words = path.read_text().partition("delete_verts")[2].split()
    hides, place = np.zeros(count, bool), 0
    while place < len(words) and words[place].isdigit():
        first, more = int(words[place]), words[place + 1 : place + 2] == ["-"]
        hides[first : (int(words[place + 2]) if more else first) + 1] = True
        place += 3 if more else 1
    return hides


def islands(faces: np.ndarray, count: int) -> np.ndarray:
    """Returns for each vertex the lowest vertex that it hangs together with."""
    label = np.arange(count)
    while True:
        low = label[faces].min(1)
        new = label.copy()
        for corner in range(3):
            np.minimum.at(new, faces[:, corner], low)
        new = new[new]
        if (new == label).all():
            return label
        label = new


class Wardrobe:
    """All garments and the regions of the body, measured once."""

    def __init__(self, folder: Path, base: Base, rig: Rig) -> None:
        """Reads the garments and measures the base mesh."""
        self.base, self.rig = base, rig
        self.y, self.x, self.z = base.points[:, 1], np.abs(base.points[:, 0]), base.points[:, 2]
        self.tights = triangles(base.faces["helper-tights"])
        self.skirt = triangles(base.faces["helper-skirt"])
        joints = rig.joints(base.points)
        self.arm = np.zeros(len(base.points))
        for side in "LR":
            numbers = [NUMBER[f"{name}.{side}"] for name in ("upperarm", "lowerarm", "hand")]
            share = rig.weights[:, numbers].sum(1)
            for near, far in pairwise(numbers):
                bone = joints[far] - joints[near]
                self.arm += share * np.clip((base.points - joints[near]) @ bone / (bone @ bone), 0, 1)
        self.tops: list[list[Garment]] = []
        self.lowers: list[list[Garment]] = []
        for name in SUITS:
            self._sort(self._read(folder / f"base/clothes/{name}/{name}.mhclo"))
        self.shoes = [self._whole(self._read(folder / f"base/clothes/{name}/{name}.mhclo")) for name in SHOES]

    def _read(self, path: Path) -> Garment:
        fitted = read_fitted(path)
        hides = hidden_by(path, len(self.base.points))
        return Garment(fitted, triangles(fitted.faces), self.rig.of(fitted), fitted.on(self.base.points), hides)

    def _whole(self, garment: Garment) -> list[Garment]:
        label = islands(garment.faces, len(garment.tex))
        roots = np.unique(label)
        cut = [garment.faces[label[garment.faces[:, 0]] == root] for root in roots]
        return [Garment(garment.fitted, faces, garment.weights, garment.tex, garment.hides) for faces in cut]

    def _sort(self, garment: Garment) -> None:
        """Puts a suit's pieces to the tops and to the lowers."""
        pieces = self._whole(garment)
        top: list[Garment] = []
        low: list[Garment] = []
        for piece in pieces:
            (top if garment.tex[np.unique(piece.faces), 1].mean() > 1.4 else low).append(piece)
        above = self.y > 0.9
        for piece in top:
            piece.hides = garment.hides & (above | (self.arm > 0.2)) if low else garment.hides
        for piece in low:
            piece.hides = garment.hides & (self.y < 1.0) & (self.arm < 0.2)
        if top:
            self.tops.append(top)
        if low:
            self.lowers.append(low)

    def worn(self, garment: Garment, points: np.ndarray, look: Look) -> tuple[Part, np.ndarray]:
        """Returns a garment on a body, and its weights."""
        placed = garment.fitted.on(points)
        return Part(Kind.BODY, placed, garment.faces, garment.tex, look, np.ones(len(placed))), garment.weights

    def shell(
        self, points: np.ndarray, which: str, alpha: np.ndarray, bulk: np.ndarray, look: Look
    ) -> tuple[Part, np.ndarray]:
        """Returns the part of a helper where `alpha` is over a half, blown up by `bulk`, and its weights."""
        faces = self.tights if which == "tights" else self.skirt
        outside = points + vertex_normals(points, faces) * bulk[:, None]
        kept = faces[(alpha > 0.5)[faces].any(1)]
        return Part(Kind.BODY, outside, kept, self.base.points, look, alpha), self.rig.weights

    def folds(self, rng: np.random.Generator, size: float) -> np.ndarray:
        """Returns heights of folds over the whole body."""
        return waves(rng, self.x * 70 + self.z * 50, self.y * 70, size)

    def upper(self, rng: np.random.Generator, hem: float, sleeve: float, collar: float) -> np.ndarray:
        """Returns where a top is: from the hem to the collar, and along the sleeve (1 the elbow, 2 the wrist)."""
        slope = self.y - 0.3 * (0.2 - self.z) - 0.75 * np.clip(self.x - 0.5, 0, 1)
        deep = rng.uniform(0, 0.6) * np.clip(1 - self.x / rng.uniform(0.3, 0.8), 0, 1) * (self.z > 0)
        body = np.where(self.arm > 0.3, 9, self.y - hem)
        return 0.5 + 4 * np.minimum(np.minimum(collar - slope - deep, body), (sleeve - self.arm) * 3)

    def lower(self, waist: float, length: float) -> np.ndarray:
        """Returns where trousers are, from the waist to a height at the legs."""
        low = np.minimum(waist - self.y, self.y - length)
        return np.where(self.arm > 0.15, 0, 0.5 + 4 * low)
