"""What people lean or sit on: walking sticks, chairs and wheelchairs."""

import numpy as np

from masks.render.parts import Kind, Look, Part, Pattern, tube

from .carry import Grip, block
from .clothes import dark
from .rig import NUMBER

ROUND = np.linspace(0, 2 * np.pi, 25)


def wheel(radius: float, x: float, z: float) -> np.ndarray:
    """Returns a ring that stands on the ground at 0, (25, 3)."""
    return np.stack([ROUND * 0 + x, radius * np.cos(ROUND) + radius, radius * np.sin(ROUND) + z], 1)


def frame(rolls: bool, wide: float, high: float, size: float) -> list[np.ndarray]:
    """Returns the cords of a wheelchair's wheels and rods, or of a chair's legs."""
    if not rolls:
        corners = [(x * wide * 0.45, z) for x in (-1, 1) for z in (-1.4, 2.8)]
        return [np.array([[x, high, z], [x, 0, z]]) for x, z in corners]
    cords = []
    for x in (-wide / 2 - 0.25, wide / 2 + 0.25):
        cords += [wheel(3.0 * size, x, -0.8), wheel(0.9 * size, x, 3.4)]
        side = [[x, high + 4, -2.6], [x, high + 3.9, -1.7], [x, high, -1.5], [x, high, 2.8], [x, 0.6, 3.6]]
        cords.append(np.array(side))
    return cords


def seat(rng: np.random.Generator, grip: Grip) -> list[Part]:
    """Returns a chair or a wheelchair under somebody who sits."""
    pelvis = grip.at("root", grip.joints[NUMBER["root"]][None])[0]
    look = Look(dark(rng), dark(rng), Pattern.PLAIN, 2, 0.1)
    wide = float(np.clip(np.ptp(grip.rest[grip.near_hips, 0]), 3.4, 5.2))
    high = max(float(pelvis[1]) - 1.3 - grip.ground, 1.0)
    made = [block(np.array([wide, 0.6, 4.6]), look, 0.2), block(np.array([wide, 4.5, 0.4]), look, 0.2)]
    made[0].points += [0, high - 0.3, 0.8]
    made[1].points += [0, high + rng.uniform(1.8, 2.6), -1.7]
    cords = frame(bool(rng.random() < 0.5), wide, high, grip.size)
    made += [tube(Kind.EXTRA, cord, 0.28 * grip.size, look, 5) for cord in cords]
    for part in made:
        part.points = part.points + [pelvis[0], grip.ground, pelvis[2]]
    return made
