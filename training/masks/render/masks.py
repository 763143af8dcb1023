"""Masks, put on rightly and wrongly: sheets over the face between the bridge of the nose and the chin, with loops."""

from dataclasses import dataclass

import numpy as np

from .headmap import Surface
from .parts import Kind, Look, Part, Pattern, cloth, sheet, shell, tube, waves

STYLES = ("surgical", "ffp", "cloth", "black")
WRONG = ("under_nose", "under_chin", "on_ear")
TINTS = {
    "surgical": (
        [
            (168, 205, 232),
            (120, 180, 225),
            (235, 240, 245),
            (150, 215, 200),
            (100, 165, 150),
            (240, 190, 205),
            (45, 45, 50),
        ],
        (5, 4, 4, 2, 1, 1, 1),
    ),
    "ffp": ([(240, 240, 238), (225, 225, 222), (40, 40, 43), (150, 155, 160), (190, 210, 225)], (6, 3, 3, 1, 1)),
    "black": ([(28, 28, 30), (15, 15, 17), (50, 50, 55)], (1, 1, 1)),
}


@dataclass
class Outline:
    """Where a mask's edges run, degrees from the head's middle; eyes at 15, under the nose -12, chin -40."""

    top: float
    side_top: float
    bottom: float
    side_bottom: float
    wide: float

    def grid(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Returns (rows, columns) of across (-1..1), down (0..1), turn and tilt."""
        across, down = np.meshgrid(np.linspace(-1, 1, 27), np.linspace(0, 1, 17))
        far = np.abs(across) ** 1.6
        upper = self.top * (1 - far) + self.side_top * far
        lower = self.bottom * (1 - far) + self.side_bottom * far
        return across, down, across * self.wide, upper * (1 - down) + lower * down


def linear(tint: tuple[float, ...]) -> np.ndarray:
    """Returns a colour of 0..255 as a picture holds it in linear light."""
    return (np.array(tint) / 255) ** 2.2


def outline(rng: np.random.Generator, state: str) -> Outline:
    """Returns a mask's edges when it is 'worn', 'under_nose' or 'under_chin'."""
    low_high = {
        "worn": [(3, 12), (-10, 0), (-60, -46), (-40, -27), (54, 68)],
        "under_nose": [(-18, -13), (-20, -9), (-64, -52), (-46, -34), (52, 66)],
        "under_chin": [(-46, -30), (-40, -26), (-76, -66), (-62, -48), (50, 70)],
    }[state]
    return Outline(*(float(rng.uniform(*pair)) for pair in low_high))


def mask_look(rng: np.random.Generator, style: str) -> Look:
    """Returns how a mask of one style looks."""
    if style == "cloth":
        return cloth(rng, 8)
    tints, often = TINTS[style]
    tint = linear(tints[rng.choice(len(tints), p=np.array(often) / sum(often))]) * rng.uniform(0.85, 1.1)
    pleated = style == "surgical" or (style == "black" and rng.random() < 0.4)
    return Look(
        tint,
        tint * rng.uniform(0.55, 0.85),
        Pattern.PLEATS if pleated else Pattern.PLAIN,
        3,
        float(rng.uniform(0.0, 0.1)),
    )


def bulge(rng: np.random.Generator, style: str, across: np.ndarray, down: np.ndarray) -> np.ndarray:
    """Returns how far a mask stands off the face, decimetres: flat, with a ridge down or across, or as a cup."""
    middle = np.sin(np.pi * down) * (1 - across**2)
    shape = rng.integers(3) if style in ("ffp", "cloth") else 3
    if shape == 0:
        return 0.05 + rng.uniform(0.12, 0.26) * (1 - np.abs(across)) * np.sin(np.pi * down) ** 0.7
    if shape == 1:
        panel = np.interp(down, [0, 0.28, 0.62, 1], [0, 1, 1, 0])
        return 0.05 + rng.uniform(0.1, 0.24) * panel * (1 - across**2)
    return (
        0.04
        + rng.uniform(0.03, 0.15) * middle ** (0.5 if shape == 2 else 1.0)
        + waves(rng, across * 60, down * 60, 0.015)
    )


def loops(rng: np.random.Generator, surface: Surface, edge: Outline, lift: float) -> list[Part]:
    """Returns the bands from a mask's corners to the ears, or around the head."""
    tint = linear((235, 235, 235)) if rng.random() < 0.75 else linear((30, 30, 30))
    look = Look(tint, tint)
    around = rng.random() < 0.2
    made = []
    for side in (-1, 1):
        for start, stop in ((edge.side_top, 24), (edge.side_bottom, -10)):
            turns, tilts = (
                ([edge.wide, 100, 180], [start, stop + 4, stop])
                if around
                else ([edge.wide, 86, 108], [start, stop * 0.75, stop])
            )
            turn = np.linspace(turns[0], turns[-1], 14)
            tilt = np.interp(turn, turns, tilts)
            path = shell(
                surface, side * turn[None], tilt[None], np.full((1, 14), 0.03 + (lift if around else 0)), taut=0
            )[0]
            made.append(tube(Kind.EXTRA, path, 0.03, look, 4))
    return made


def on_ear(rng: np.random.Generator, surface: Surface, look: Look) -> list[Part]:
    """Returns a mask that hangs from one ear."""
    side = rng.choice([-1, 1])
    hook = surface.at(side * 96.0, 0.0) + np.array([side * 0.06, 0, 0.05])
    tilt, wide, high = rng.uniform(-0.5, 0.5), rng.uniform(0.5, 0.95), rng.uniform(0.7, 1.15)
    down = np.array([side * 0.12, -np.cos(tilt), np.sin(tilt)])
    forth = np.array([side * rng.uniform(-0.2, 0.4), np.sin(tilt), np.cos(tilt)])
    u, v = np.meshgrid(np.linspace(-0.35, 0.65, 9), np.linspace(0.12, 1, 12))
    points = hook + down * (v * high)[..., None] + forth * (u * wide * (0.5 + 0.5 * v))[..., None]
    points[..., 0] += side * (0.05 * np.sin(5 * v + 3 * u) + 0.03)
    cord = Look(linear((235, 235, 235)), linear((235, 235, 235)))
    return [
        sheet(Kind.MASK, points, look),
        tube(Kind.EXTRA, np.linspace(hook + [0, 0.15, 0], points[0, 4], 6), 0.03, cord, 4),
    ]


def mask(rng: np.random.Generator, surface: Surface, style: str, state: str, lift: float = 0.0) -> list[Part]:
    """Returns the parts of a mask.

    Args:
        rng: Where chance comes from.
        surface: The head.
        style: One of STYLES.
        state: 'worn' or one of WRONG.
        lift: What lies between skin and mask, a beard, in decimetres.
    """
    look = mask_look(rng, style)
    if state == "on_ear":
        return on_ear(rng, surface, look)
    edge = outline(rng, state)
    across, down, turn, tilt = edge.grid()
    thick = bulge(rng, style, across, down) * (0.6 if state == "under_chin" else 1.0) + lift
    points = shell(surface, turn, tilt, thick, taut=1)
    points[..., 1] += rng.normal(0, 0.015) * across
    return [sheet(Kind.MASK, points, look), *loops(rng, surface, edge, lift)]
