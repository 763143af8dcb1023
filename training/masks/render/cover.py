"""What people have on and around their heads: hats, hoods, cloths, scarves, glasses, beards, hands."""

import numpy as np

from .assets import Base, triangles
from .headmap import Surface
from .masks import linear
from .parts import Kind, Look, Part, Pattern, cloth, colour, sheet, shell, tube, waves

AROUND = np.linspace(-180, 180, 61)


def field(low: float, high: float, rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Returns turns all around and tilts from `high` down to `low`, both (rows, columns)."""
    turn, tilt = np.meshgrid(AROUND, np.linspace(high, low, rows))
    return turn, tilt


def scarf(rng: np.random.Generator, surface: Surface, top: float, kind: Kind) -> Part:
    """Returns cloth wound round the neck, up to a tilt of `top` in front."""
    turn, share = np.meshgrid(AROUND, np.linspace(0, 1, 16))
    upper = top + (-22 - top) * np.clip((np.abs(turn) - 50) / 70, 0, 1) + waves(rng, turn, turn * 0, 2.5)
    tilt = upper * (1 - share) - 77 * share
    bulk = rng.uniform(0.08, 0.3)
    thick = bulk * np.sin(np.pi * np.clip(share * 1.1, 0.06, 1)) ** 0.5 + 0.04 + waves(rng, turn, tilt * 4, 0.05)
    return sheet(kind, shell(surface, turn, tilt, np.maximum(thick, 0.03), taut=2), cloth(rng, 14))


def bandana(rng: np.random.Generator, surface: Surface) -> Part:
    """Returns a cloth tied over nose and mouth, its lower edge hanging free."""
    turn, share = np.meshgrid(np.linspace(-150, 150, 51), np.linspace(0, 1, 16))
    far = np.clip(np.abs(turn) / 130, 0, 1)
    tilt = (rng.uniform(0, 10) * (1 - far) + 2 * far) * (1 - share) + (-74 * (1 - far) - 14 * far) * share
    thick = 0.05 + 0.1 * share * (1 - far) + waves(rng, turn * 2, tilt * 2, 0.03)
    return sheet(Kind.COVER, shell(surface, turn, tilt, np.maximum(thick, 0.03), taut=2), cloth(rng, 10))


def headcloth(rng: np.random.Generator, surface: Surface, opening: str, loose: float) -> Part:
    """Returns a hijab or hood over head, neck and shoulders; `opening` is 'face', 'wide' or 'eyes'."""
    turn, tilt = field(-77, 90, 38)
    wide, middle, high = {
        "face": (rng.uniform(44, 58), rng.uniform(-6, 0), rng.uniform(38, 48)),
        "wide": (rng.uniform(55, 75), 0, rng.uniform(50, 66)),
        "eyes": (rng.uniform(42, 55), rng.uniform(14, 18), rng.uniform(8, 13)),
    }[opening]
    around = (np.abs(turn) / wide) ** 2.4 + (np.abs(tilt - middle) / high) ** 2.4
    thick = (
        loose
        + 0.22 * np.clip((-tilt - 25) / 50, 0, 1)
        + waves(rng, turn * 1.5, tilt, 0.06) * np.clip(1.2 - tilt / 60, 0.1, 1)
    )
    ears = 0.1 * np.clip(1 - np.abs(np.abs(turn) - 98) / 18, 0, 1) * np.clip(1 - np.abs(tilt - 10) / 35, 0, 1)
    points = shell(surface, turn, tilt, np.maximum(thick, 0.04) + ears, taut=4)
    return sheet(
        Kind.COVER if opening == "eyes" else Kind.HEADGEAR,
        points,
        cloth(rng, 12),
        np.clip(0.5 + (around - 1) * 3, 0, 1),
    )


def crown(rng: np.random.Generator, surface: Surface, front: float, back: float, bulk: float) -> Part:
    """Returns a cap over the top of the head, down to tilts `front` and `back`."""
    turn, share = np.meshgrid(AROUND, np.linspace(1, 0, 20))
    edge = front + (back - front) * (1 - np.cos(np.radians(turn))) / 2
    tilt = edge + (90 - edge) * share
    thick = bulk + 0.05 + waves(rng, turn, tilt, 0.03)
    return sheet(Kind.HEADGEAR, shell(surface, turn, tilt, thick, taut=6), cloth(rng, 8))


def brim(surface: Surface, look: Look, ahead: float, tilt: float, size: float) -> Part:
    """Returns a cap's peak in the direction `ahead`; a size of 1 is seven centimetres."""
    turn, out = np.meshgrid(np.linspace(-52, 52, 19), np.linspace(0, 1, 7))
    root = shell(surface, ahead + turn, np.full_like(turn, tilt), np.full_like(turn, 0.1), taut=0)
    way = np.radians(ahead)
    reach = size * 0.7 * out * np.cos(np.radians(turn * 1.6)) ** 0.6
    root[..., 0] += reach * np.sin(way)
    root[..., 2] += reach * np.cos(way)
    root[..., 1] -= reach * 0.3 + 0.25 * size * out * (turn / 52) ** 2 - 0.03
    return sheet(Kind.HEADGEAR, root, look)


def round_brim(surface: Surface, look: Look, size: float) -> Part:
    """Returns the brim all around a hat."""
    turn, out = np.meshgrid(AROUND, np.linspace(0, 1, 5))
    tilt = 38 - 10 * (1 - np.cos(np.radians(turn))) / 2
    root = shell(surface, turn, tilt, 0.08 + out * size, taut=0)
    root[..., 1] = root[:1, :, 1] - 0.12 * out * np.cos(np.radians(turn)) ** 2
    return sheet(Kind.HEADGEAR, root, look)


def hat(rng: np.random.Generator, surface: Surface) -> tuple[str, list[Part]]:
    """Returns a cap, woollen hat, brimmed hat or helmet, and its name."""
    name = str(rng.choice(["cap", "beanie", "hat", "helmet"], p=[0.45, 0.2, 0.15, 0.2]))
    if name == "beanie":
        return name, [crown(rng, surface, rng.uniform(30, 44), rng.uniform(-15, 12), rng.uniform(0.06, 0.2))]
    top = crown(rng, surface, 40, 24, rng.uniform(0.06, 0.16))
    if name == "cap":
        ahead = 180.0 if rng.random() < 0.1 else float(rng.normal(0, 4))
        look = top.look if rng.random() < 0.6 else Look(colour(rng), colour(rng))
        return name, [top, brim(surface, look, ahead, 38 if ahead < 90 else 26, rng.uniform(0.7, 1.25))]
    if name == "hat":
        return name, [top, round_brim(surface, top.look, rng.uniform(0.35, 0.8))]
    return name, helmet(rng, surface)


def helmet(rng: np.random.Generator, surface: Surface) -> list[Part]:
    """Returns a helmet with its chin strap; at times with a short peak."""
    paint = Look(colour(rng, 0.1), colour(rng), Pattern.PLAIN, 2, float(rng.uniform(0.15, 0.5)))
    turn, share = np.meshgrid(AROUND, np.linspace(1, 0, 20))
    edge = rng.uniform(28, 42) + (rng.uniform(-25, 10) - 35) * (1 - np.cos(np.radians(turn))) / 2
    tilt = edge + (90 - edge) * share
    made = [
        sheet(Kind.HEADGEAR, shell(surface, turn, tilt, np.full_like(turn, rng.uniform(0.18, 0.35)), taut=14), paint)
    ]
    if rng.random() < 0.5:
        made.append(brim(surface, paint, 0.0, 36, rng.uniform(0.4, 0.8)))
    tilts = np.linspace(25, -52, 12)
    for side in (-1, 1):
        path = shell(surface, side * np.linspace(82, 4, 12)[None], tilts[None], np.full((1, 12), 0.05), taut=0)[0]
        made.append(tube(Kind.EXTRA, path, 0.06, Look(linear((30, 30, 32)), linear((30, 30, 32))), 4))
    return made


def glasses(rng: np.random.Generator, surface: Surface) -> list[Part]:
    """Returns glasses, at times dark ones."""
    frame = colour(rng, 0.9) * rng.choice([0.1, 0.3, 0.8])
    look = Look(frame, frame, Pattern.PLAIN, 2, 0.3)
    angle = np.linspace(0, 2 * np.pi, 22)
    bridge = surface.at(0.0, 14.0)
    wide, high, dark = rng.uniform(0.19, 0.27), rng.uniform(0.13, 0.23), rng.random() < 0.35
    width, made = rng.uniform(0.018, 0.055), []
    for side in (-1, 1):
        centre = np.array([side * 0.33, bridge[1] - 0.02, bridge[2] + 0.02])
        ring = centre + np.stack([wide * np.cos(angle), high * np.sin(angle), -0.1 * side * np.cos(angle)], 1)
        made.append(tube(Kind.EXTRA, ring, width, look, 4))
        if dark:
            disc = centre + (ring - centre) * np.array([0.05, 1.0])[:, None, None]
            made.append(
                sheet(
                    Kind.EXTRA,
                    disc,
                    Look(np.full(3, 0.012), np.full(3, 0.02), Pattern.DARK_LENS, 1, float(rng.choice([0.4, 1.0]))),
                )
            )
        ear = surface.at(side * 92.0, 20.0)
        made.append(tube(Kind.EXTRA, np.linspace(ring[0 if side > 0 else 11], ear, 5), width, look, 4))
    made.append(
        tube(Kind.EXTRA, bridge + np.array([[-0.12, 0, 0.04], [0, 0.03, 0.06], [0.12, 0, 0.04]]), width, look, 4)
    )
    return made


def beard(rng: np.random.Generator, surface: Surface, tint: np.ndarray, long: float) -> Part:
    """Returns a beard; `long` is 0 for stubble, 1 for one that reaches the chest."""
    turn, tilt = np.meshgrid(np.linspace(-88, 88, 45), np.linspace(-6, -76, 30))
    upper = np.interp(np.abs(turn), [0, 14, 30, 60, 80], [-14, -14, -24, -22, 0]) + waves(rng, turn, tilt, 2)
    mouth = (turn / 15) ** 2 + ((tilt + 21) / 5) ** 2
    inside = np.minimum(np.clip((upper - tilt) / 6, -1, 1), np.clip((mouth - 1) * 2, -1, 1))
    inside = np.minimum(inside, np.clip((tilt + rng.uniform(60, 72)) / 8, -1, 1))
    if rng.random() < 0.25:
        inside = np.minimum(inside, np.clip((rng.uniform(22, 40) - np.abs(turn)) / 8, -1, 1))
    thick = (0.012 + 0.2 * long) * np.clip(inside, 0, 1) ** 0.5 + waves(rng, turn * 3, tilt * 3, 0.02) * long
    points = shell(surface, turn, tilt, np.maximum(thick, 0.01), taut=0)
    hang = np.clip((-tilt - 28) / 30, 0, 1) * np.cos(np.radians(turn)).clip(0)
    points[..., 1] -= hang * long * 1.3
    points[..., 2] += hang * long * 0.35
    return sheet(Kind.EXTRA, points, Look(tint, tint * 0.45, Pattern.STRANDS, 6, 0.03), 0.5 + 0.5 * inside)


class Hand:
    """The base mesh's own left hand and forearm, to be held before or beside a face."""

    def __init__(self, base: Base) -> None:
        """Cuts the hand out and finds its directions."""
        faces = triangles(base.faces["body"])
        faces = faces[(base.points[faces][..., 0] > 2.9).all(1)]
        numbers, inverse = np.unique(faces, return_inverse=True)
        self.faces = inverse.reshape(faces.shape)
        root = base.joint("l-hand")
        ahead = base.joint("l-finger-3-2") - root
        ahead /= np.linalg.norm(ahead)
        palm = np.cross(ahead, base.joint("l-finger-2-1") - base.joint("l-finger-5-1"))
        palm /= np.linalg.norm(palm)
        self.points = (base.points[numbers] - base.joint("l-finger-3-1")) @ np.stack(
            [ahead, np.cross(palm, ahead), palm], 1
        )

    def at(self, rng: np.random.Generator, spot: np.ndarray, skin: Look, kind: Kind) -> Part:
        """Returns a hand whose palm is at `spot` and turned to the face, its fingers up and inward."""
        side, lean = rng.choice([-1, 1]), rng.uniform(-0.2, 1.2)
        ahead = np.array([-np.cos(lean), np.sin(lean), 0.0])
        palm = np.array([0.0, rng.uniform(-0.2, 0.3), -1.0])
        palm -= ahead * (ahead @ palm)
        palm /= np.linalg.norm(palm)
        points = self.points * rng.uniform(0.95, 1.15) @ np.stack([ahead, np.cross(palm, ahead), palm])
        points = (points + ahead * 0.15) * [side, 1, 1] + spot
        tone = skin.first if skin.first.ndim == 1 else skin.first.mean(0)
        return Part(
            kind, points, self.faces, self.points, Look(tone, skin.second, Pattern.SKIN, skin.scale, skin.gloss)
        )
