"""A person's own parts: skin, eyes, clothes and hair."""

import numpy as np

from .assets import Base, Fitted, triangles
from .headmap import MIDDLE, HeadMap, Surface
from .masks import linear
from .parts import Kind, Look, Part, Pattern, cloth, colour, sheet, shell, waves
from .scene import vertex_normals

# fmt: off
SKINS = [(252, 226, 208), (238, 200, 175), (222, 178, 148), (200, 150, 115), (168, 118, 85),
         (130, 88, 62), (95, 62, 45), (62, 42, 34)]
HAIRS = [(18, 15, 14), (35, 25, 20), (60, 42, 30), (95, 66, 42), (150, 110, 68),
         (205, 170, 115), (140, 62, 35), (150, 148, 145), (225, 222, 218)]
# fmt: on
HAIR_ODDS = np.array([5, 5, 4, 3, 2, 1.5, 0.7, 2, 1.5])


def bump(value: np.ndarray, middle: float, width: float) -> np.ndarray:
    """Returns 1 at the middle, falling to 0 a width away."""
    return np.clip(1 - np.abs(value - middle) / width, 0, 1)


def between(
    colours: list[tuple[int, int, int]], rng: np.random.Generator, odds: np.ndarray | None = None
) -> np.ndarray:
    """Returns a linear colour at random between two neighbours of a list."""
    weights = np.ones(len(colours) - 1) if odds is None else odds[:-1]
    low = rng.choice(len(colours) - 1, p=weights / weights.sum())
    share = rng.random()
    return linear(colours[low]) * (1 - share) + linear(colours[low + 1]) * share


def inner(points: np.ndarray, surface: Surface) -> np.ndarray:
    """Returns which points lie inside the head: the mouth's, the nostrils' and the eyes' caves."""
    way = points - MIDDLE
    far = np.linalg.norm(way, axis=1)
    turn, tilt = np.degrees(np.arctan2(way[:, 0], way[:, 2])), np.degrees(np.arcsin(way[:, 1] / far))
    deep = far < np.linalg.norm(surface.at(turn, tilt) - MIDDLE, axis=1) - 0.15
    return deep & (np.abs(turn) < 70) & (tilt > -60) & (far < 1.6)


class Body:
    """The base mesh cut into what is drawn; all is found once, and serves for everybody."""

    def __init__(self, base: Base, head: HeadMap) -> None:
        """Cuts and measures the base mesh."""
        self.base = base
        rest = base.points
        faces = triangles(base.faces["body"])
        kept = (rest[faces][..., 1] > 0.3).all(1) & (np.abs(rest[faces][..., 0]) < 3.75).all(1)
        self.faces = faces[kept & ~inner(rest[faces].mean(1), head.on(rest))]
        self.eyes = np.concatenate([triangles(base.faces[f"helper-{side}-eye"]) for side in "lr"])
        lashes = [faces for name, faces in base.faces.items() if "eyelashes" in name]
        self.lashes = triangles(np.concatenate(lashes))
        self.x, self.y, self.z = rest.T

    def paint(self, rng: np.random.Generator, skin: np.ndarray, hair: np.ndarray) -> np.ndarray:
        """Returns a colour for each base vertex: lips, brows, cheeks and eyelids on the skin."""
        x, y, z = np.abs(self.x), self.y, self.z
        front = z > 1.0
        lips = bump(y, 6.64, 0.13) * (x < 0.26) * (z > 1.4) * np.clip((0.27 - x) * 8, 0, 1)
        arch = bump(y, 7.47 + 0.05 * np.sin(x * 7) - 0.05 * (x > 0.5), 0.075)
        brow = np.clip(arch * 2.2, 0, 1) * (x > 0.12) * (x < 0.62) * front
        socket = bump(x, 0.32, 0.26) * bump(y, 7.3, 0.16) * front
        cheek = bump(x, 0.5, 0.3) * bump(y, 6.95, 0.35) * front
        red = skin * [1.12, 0.62, 0.62]
        painted = np.tile(skin, (len(x), 1))
        coats = [(lips * rng.uniform(0.4, 1), red * rng.uniform(0.6, 1.05)), (cheek * rng.uniform(0, 0.5), red)]
        for share, tint in [*coats, (socket * rng.uniform(0.2, 0.6), skin * 0.5)]:
            painted += share[:, None] * (tint - painted)
        painted += (brow * rng.uniform(0.3, 0.95))[:, None] * (hair - painted)
        return painted

    def skin(self, rng: np.random.Generator, points: np.ndarray, hair: np.ndarray) -> Part:
        """Returns the whole body in skin."""
        tone = np.clip(between(SKINS, rng) * rng.uniform(0.9, 1.1, 3) ** [1, 0.6, 1], 0, 1)
        look = Look(self.paint(rng, tone, hair), tone * [1.3, 0.5, 0.4], Pattern.SKIN, 4, float(rng.uniform(0.01, 0.1)))
        return Part(Kind.BODY, points, self.faces, self.base.points, look, np.ones(len(points)))

    def eye_parts(self, rng: np.random.Generator, points: np.ndarray) -> list[Part]:
        """Returns eyeballs with their irises, and lashes."""
        ahead = np.array([rng.normal(0, 0.15), rng.normal(-0.05, 0.12), 1.0])
        first = np.tile(linear((215, 205, 200)), (len(points), 1))
        for side in "lr":
            numbers = np.unique(self.base.faces[f"helper-{side}-eye"])
            out = points[numbers] - points[numbers].mean(0)
            cosine = out @ ahead / np.linalg.norm(out, axis=1) / np.linalg.norm(ahead)
            first[numbers[cosine > 0.78]] = linear((60, 40, 28)) * rng.uniform(0.2, 2)
        tex = self.base.points
        eyes = Part(Kind.BODY, points, self.eyes, tex, Look(first, first, Pattern.PLAIN, 4, 0.3))
        lashes = Part(Kind.BODY, points, self.lashes, tex, Look(np.full(3, 0.01), np.full(3, 0.01)))
        return [eyes, lashes]

    def clothes(self, rng: np.random.Generator, points: np.ndarray) -> Part:
        """Returns a shirt or jacket: the body below the neck, blown up."""
        slope = self.y - 0.3 * (0.2 - self.z) - 0.9 * np.clip(np.abs(self.x) - 0.5, 0, 1)
        deep = rng.uniform(0, 0.5) * np.clip(1 - np.abs(self.x) / rng.uniform(0.3, 0.8), 0, 1) * (self.z > 0)
        collar = rng.choice([5.55, 5.65, 5.75, 6.0]) + rng.uniform(-0.06, 0.06)
        alpha = 0.5 + (collar - slope - deep) * 4
        if rng.random() < 0.3:
            alpha = np.minimum(alpha, 0.5 + (rng.uniform(1.6, 2.6) - np.abs(self.x)) * 4)
        faces = self.faces[(alpha > 0.5)[self.faces].any(1)]
        bulk = rng.uniform(0.04, 0.3)
        folds = waves(rng, self.x * 60 + self.z * 40, self.y * 60, 0.25 * bulk)
        swell = bulk * np.clip((collar - slope) / 0.5, 0.35, 1) + np.abs(folds)
        look = cloth(rng, 3)
        if rng.random() < 0.3:
            strip = np.clip(1 - np.abs(self.x) / rng.uniform(0.2, 0.6), 0, 1) * (self.z > 0)
            look.first = look.first + np.clip(strip * 4, 0, 1)[:, None] * (colour(rng) - look.first)
        outside = points + vertex_normals(points, self.faces) * swell[:, None]
        return Part(Kind.BODY, outside, faces, self.base.points, look, alpha)


def hair_line(turn: np.ndarray, low: bool, fringe: float) -> np.ndarray:
    """Returns the tilt down to which hair grows: round the ears and to the nape, or `low`, hanging to the shoulders."""
    far = np.abs(turn)
    if low:
        return np.interp(far, [0, 40, 58, 70, 80], [46 - fringe, 44 - fringe, 30, -20, -74])
    tilts = [46 - fringe, 44 - fringe, 36, 12, -4, 27, 24, -14, -44]
    return np.interp(far, [0, 40, 58, 72, 80, 86, 112, 120, 180], tilts)


def shell_hair(rng: np.random.Generator, surface: Surface, tint: np.ndarray, most: float) -> Part:
    """Returns hair as a shell over the scalp, not thicker than `most`: cropped, short, round, long, or bald above."""
    turn, tilt = np.meshgrid(np.linspace(-180, 180, 61), np.linspace(90, -77, 36))
    low, fringe = rng.random() < 0.4, rng.choice([0, 0, 6, 18]) * rng.random()
    line = hair_line(turn, low, fringe) + waves(rng, turn, tilt * 0, 4)
    inside = np.clip((tilt - line) / 9, -1, 1)
    if rng.random() < 0.15 and not low:
        bald = np.clip((np.hypot(turn * np.cos(np.radians(tilt)) * 0.6, tilt - 90) - rng.uniform(35, 75)) / 12, -1, 1)
        bald = np.where(np.abs(turn) < 66, -1, bald)
        inside = np.minimum(inside, np.where(tilt > 20, bald, 1))
    bulk = min(most, float(rng.choice([0.03, 0.1, 0.2, 0.45], p=[0.2, 0.35, 0.3, 0.15])) * rng.uniform(0.7, 1.4))
    thick = bulk * np.clip(inside + 0.3, 0.1, 1) ** 0.5 + waves(rng, turn * 2, tilt * 2, 0.35 * bulk)
    points = shell(surface, turn, tilt, np.maximum(thick, 0.015), taut=2 if low else 1)
    look = Look(tint, tint * 0.35, Pattern.STRANDS, float(rng.uniform(4, 9)), 0.06)
    part = sheet(Kind.HAIR, points, look, 0.5 + 0.5 * inside)
    part.tex *= [3, 1.5, 1]
    return part


def mesh_hair(rng: np.random.Generator, points: np.ndarray, hair: Fitted, tint: np.ndarray) -> Part:
    """Returns one of MakeHuman's hair meshes on a person."""
    placed = hair.on(points)
    tex = np.c_[hair.uv * [4, 2], np.zeros(len(placed))]
    look = Look(tint, tint * 0.3, Pattern.STRANDS, float(rng.uniform(2, 5)), 0.06)
    return Part(Kind.HAIR, placed, triangles(hair.faces), tex, look)


def bun(rng: np.random.Generator, surface: Surface, tint: np.ndarray) -> Part:
    """Returns a ball of hair on the back or top of the head."""
    u, v = np.meshgrid(np.linspace(0, 2 * np.pi, 15), np.linspace(0, np.pi, 9))
    size = rng.uniform(0.2, 0.42)
    ball = np.stack([np.sin(v) * np.sin(u), np.cos(v), np.sin(v) * np.cos(u)], -1) * size
    spot = surface.at(180.0, rng.uniform(10, 85))
    way = (spot - MIDDLE) / np.linalg.norm(spot - MIDDLE)
    return sheet(Kind.HAIR, ball + spot + way * size * 0.7, Look(tint, tint * 0.4, Pattern.STRANDS, 6, 0.06))
