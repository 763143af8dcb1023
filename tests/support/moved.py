"""Scenes for the question whether a camera was moved: made on the spot, or out of real recordings."""

from collections.abc import Callable, Iterable
from pathlib import Path

import av
import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import Interpolation
from numpy.typing import NDArray
from scipy import ndimage

from passerby.pixels.moved import Moved
from passerby.pixels.reference import Reference

Picture = NDArray[np.uint8]
EVERY_S = 5.0
PER_MINUTE = 12


def told_at(moved: Moved | Reference, pictures: Iterable[Picture], start_s: float = 0.0) -> list[float]:
    """Times at which it was told that the camera was moved, with a picture every five seconds."""
    times = ((start_s + index * EVERY_S, picture) for index, picture in enumerate(pictures))
    return [time_s for time_s, picture in times if moved.look(picture.copy(), time_s)]


def looped(pictures: list[Picture], minutes: int) -> list[Picture]:
    """So many minutes of pictures, over and over, one every five seconds and each time others."""
    return [pictures[index * 7 % len(pictures)] for index in range(minutes * PER_MINUTE)]


def room(seed: int = 1, size: tuple[int, int] = (408, 540)) -> Picture:
    """A picture with edges of all directions, larger than what a camera shows of it (see `view`)."""
    rng = np.random.default_rng(seed)
    height, width = size
    picture = np.full((height, width), 110.0)
    for _ in range(60):
        y, x = rng.integers(0, height - 20), rng.integers(0, width - 20)
        picture[y : y + rng.integers(10, 120), x : x + rng.integers(10, 120)] = rng.integers(30, 220)
    for _ in range(20):
        rows, columns = np.ogrid[:height, :width]
        away = (rows - rng.integers(height)) ** 2 + (columns - rng.integers(width)) ** 2
        picture[away < rng.integers(8, 40) ** 2] = rng.integers(30, 220)
    grey = ndimage.gaussian_filter(picture, 1)
    return np.repeat(grey[..., None], 3, axis=2).astype(np.uint8)


def view(of: Picture, right_px: int = 0, down_px: int = 0) -> Picture:
    """What a camera of 384x288 pixels shows of a room, turned by so many pixels."""
    return of[60 + down_px : 348 + down_px, 78 + right_px : 462 + right_px]


def turned(picture: Picture, degrees: float) -> Picture:
    """A picture whose camera was turned about its own axis."""
    around = np.array(picture.shape[:2]) / 2
    angle = np.deg2rad(degrees)
    matrix = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    planes = [
        ndimage.affine_transform(plane, matrix, around - matrix @ around, order=1, mode="nearest")
        for plane in picture.transpose(2, 0, 1)
    ]
    return np.stack(planes, axis=-1)


def lit(pictures: Iterable[Picture], light: Callable[[NDArray[np.float64]], NDArray[np.float64]]) -> list[Picture]:
    """Pictures in another light: a function of levels, 0..1 and of shape (h, w, 3)."""
    return [np.clip(255 * light(picture / 255.0), 0, 255).astype(np.uint8) for picture in pictures]


def noisy(pictures: Iterable[Picture], levels: float, seed: int = 1) -> list[Picture]:
    """Pictures with the noise of a poor sensor, in levels of 255."""
    rng = np.random.default_rng(seed)
    return [np.clip(one + rng.normal(0, levels, one.shape), 0, 255).astype(np.uint8) for one in pictures]


def crowd(pictures: Iterable[Picture], share: float, seed: int = 1, sway_px: int = 4) -> list[Picture]:
    """Pictures with people before the scene, who stand where they stand and sway; together they hide a share of it."""
    rng = np.random.default_rng(seed)
    taken, found = list(pictures), []
    height, width = taken[0].shape[:2]
    tall, broad = height // 4, width // 14
    hidden = np.zeros((height, width), bool)
    people: list[tuple[int, int, Picture]] = []
    while hidden.mean() < share:
        y, x = int(rng.integers(height - tall)), int(rng.integers(width - broad))
        hidden[y : y + tall, x : x + broad] = True
        cloth = ndimage.gaussian_filter(rng.normal(0, 1, (tall, broad)), 3)
        looks = np.clip(120 + 50 * cloth / cloth.std(), 0, 255).astype(np.uint8)
        people.append((y, x, np.repeat(looks[..., None], 3, axis=2)))
    for picture in taken:
        crowded = picture.copy()
        for y, x, looks in people:
            top = int(np.clip(y + rng.integers(-sway_px, sway_px + 1), 0, height - tall))
            left = int(np.clip(x + rng.integers(-sway_px, sway_px + 1), 0, width - broad))
            crowded[top : top + tall, left : left + broad] = looks
        found.append(crowded)
    return found


def pictures_of(clip: Path, count: int = 24) -> list[Picture]:
    """So many pictures of a recording, spread over it, in its own size."""
    with av.open(str(clip)) as container:
        frames = list(container.decode(container.streams.video[0]))
    chosen = np.linspace(0, len(frames) - 1, min(count, len(frames))).astype(int)
    return [frames[index].to_ndarray(format="bgr24").astype(np.uint8, copy=False) for index in chosen]


def scaled(pictures: Iterable[Picture], width: int) -> list[Picture]:
    """Pictures as a camera's scaler gives them to whoever looks."""
    found = []
    for one in pictures:
        frame = VideoFrame.from_ndarray(np.ascontiguousarray(one), format="bgr24")
        height = round(one.shape[0] * width / one.shape[1])
        smaller = frame.reformat(width, height, interpolation=Interpolation.AREA)
        found.append(smaller.to_ndarray(format="bgr24").astype(np.uint8, copy=False))
    return found
