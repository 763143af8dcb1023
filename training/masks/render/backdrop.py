"""What is behind a head and what falls on it: backgrounds and lights."""

import cv2
import numpy as np

from .parts import colour
from .scene import SIDE, Light


def tint(rng: np.random.Generator) -> np.ndarray:
    """Returns a colour as a picture holds it, 0..255."""
    picked = colour(rng, 0.8) ** (1 / 2.2) * 255
    grey = rng.beta(2, 1)
    return picked * (1 - grey) + picked.mean() * grey


def plain(rng: np.random.Generator) -> np.ndarray:
    """Returns a wall: two colours that run into each other."""
    angle = rng.uniform(0, 6.3)
    y, x = np.mgrid[0:SIDE, 0:SIDE] / SIDE - 0.5
    share = np.clip(0.5 + (x * np.cos(angle) + y * np.sin(angle)) * rng.uniform(0.2, 2), 0, 1)[..., None]
    first = tint(rng)
    second = first * rng.uniform(0.6, 1.3) if rng.random() < 0.6 else tint(rng)
    return first * (1 - share) + second * share


def clouds(rng: np.random.Generator) -> np.ndarray:
    """Returns coloured noise of several sizes."""
    picture = np.zeros((SIDE, SIDE, 3))
    for size in (3, 7, 15, 40):
        grains = rng.random((size, size, 3)) ** 1.5
        picture += cv2.resize(grains, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC) * rng.uniform(0.1, 1)
    picture /= picture.max()
    grey = rng.uniform(0.7, 1)
    return (picture * (1 - grey) + picture.mean(2, keepdims=True) * grey) * 255


def floor(rng: np.random.Generator) -> np.ndarray:
    """Returns tiles or boards, seen at a slant."""
    y, x = np.mgrid[0:SIDE, 0:SIDE] / SIDE
    far = 1 / (0.35 + y * rng.uniform(0.3, 2))
    angle = rng.uniform(-0.8, 0.8)
    a, b = (x - 0.5) * far * np.cos(angle) + far * np.sin(angle), -(x - 0.5) * far * np.sin(angle) + far * np.cos(angle)
    size = rng.uniform(2, 9)
    which = np.floor(a * size) * 7 + np.floor(b * size * rng.uniform(0.3, 1)) * 13
    mottle = np.sin(which * 12.9898) * 43758.5453 % 1
    joint = (np.minimum(a * size % 1, b * size % 1) < 0.04) * rng.uniform(0, 0.5)
    return tint(rng) * (0.85 + 0.3 * (mottle - 0.5) * rng.random() - joint)[..., None]


def shelves(rng: np.random.Generator) -> np.ndarray:
    """Returns rows of coloured goods."""
    picture = np.ones((SIDE, SIDE, 3)) * tint(rng)
    top = -int(rng.integers(0, 30))
    while top < SIDE:
        high, left = int(rng.integers(25, 110)), -int(rng.integers(0, 20))
        row = tint(rng)
        while left < SIDE:
            wide = int(rng.integers(8, 60))
            shade = row * rng.uniform(0.5, 1.4) if rng.random() < 0.5 else tint(rng)
            upper = top + int(rng.integers(0, high // 2))
            cv2.rectangle(picture, (left, upper), (left + wide - 2, top + high - 5), shade.tolist(), -1)
            left += wide
        top += high
    return picture


def crowd(rng: np.random.Generator) -> np.ndarray:
    """Returns a wall or floor before which shapes of clothes stand."""
    picture = np.ascontiguousarray(floor(rng) if rng.random() < 0.5 else plain(rng))
    for _ in range(rng.integers(1, 7)):
        centre = (int(rng.integers(0, SIDE)), int(rng.integers(0, SIDE)))
        axes = (int(rng.integers(15, 70)), int(rng.integers(30, 140)))
        cv2.ellipse(picture, centre, axes, float(rng.uniform(-20, 20)), 0, 360, tint(rng).tolist(), -1)
    return picture


def backdrop(rng: np.random.Generator) -> np.ndarray:
    """Returns a background, (SIDE, SIDE, 3), 0..255."""
    kind = (plain, clouds, floor, shelves, crowd)[rng.choice(5, p=[0.2, 0.1, 0.25, 0.25, 0.2])]
    picture = kind(rng)
    blur = float(rng.choice([0, 1.5, 3, 6]))
    return cv2.GaussianBlur(picture, (0, 0), blur) if blur else picture


def lights(rng: np.random.Generator) -> Light:
    """Returns one to three lamps from above, behind or aside, and a glow; white, warm or cold, bright or dim."""
    ways = np.stack([rng.normal(0, 0.8, 3), rng.uniform(-0.1, 2.2, 3), rng.normal(0.35, 0.8, 3)], 1)
    ways /= np.linalg.norm(ways, axis=1, keepdims=True)
    warm = rng.normal(0, 0.12, (3, 1)) * np.array([1, 0, -1]) + 1
    coloured = 1 + rng.uniform(-0.5, 0.5, (3, 3)) * (rng.random() < 0.12)
    first = rng.uniform(0.1, 1.0)
    second, third = rng.uniform(0, 0.5) * (rng.random() < 0.6), rng.uniform(0, 0.4) * (rng.random() < 0.4)
    power = np.array([first, second, third])
    glow = rng.uniform(0.15, 0.6) * (1 + rng.normal(0, 0.06) * np.array([1, 0, -1]))
    level = float(np.exp(rng.normal(-0.05, 0.3))) / (power.sum() * 0.7 + glow.mean())
    level *= 0.95
    ground = glow * level * rng.uniform(0.3, 0.8)
    lamps = warm * coloured * power[:, None] * level
    return Light(ways, lamps, glow * level, ground, float(rng.uniform(0.3, 0.9)), float(rng.uniform(0, 50)))


def develop(rng: np.random.Generator, picture: np.ndarray) -> np.ndarray:
    """Returns the picture as a camera would give it: soft, noisy, with its own contrast and white."""
    blur = rng.uniform(0, 1.0)
    if blur > 0.3:
        picture = cv2.GaussianBlur(picture, (0, 0), blur)
    picture = (picture - 110) * rng.uniform(0.8, 1.2) + 110 * rng.uniform(0.85, 1.15)
    picture = picture * (1 + rng.normal(0, 0.04, 3))
    grey = rng.normal(0, rng.uniform(0.3, 6), picture.shape[:2])[..., None]
    return np.clip(picture + grey + rng.normal(0, rng.uniform(0.2, 2.5), picture.shape), 0, 255).astype(np.uint8)
