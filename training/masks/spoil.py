"""What cameras do to a head: few pixels, blur of focus and motion, little light, noise, H.264."""

import io
from typing import Any

import av
import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]

POOR_PX = 8.0
"""A face with fewer pixels is too poor to tell."""
_TILE = 8
"""Crops of one size are compressed together, so many in a row."""


def _pixels(array: NDArray[Any]) -> Pixels:
    """What OpenCV and PyAV give, whose types say less than is known."""
    return np.asarray(array, np.uint8)


def smaller(crop: Pixels, times: float, chance: Generator) -> Pixels:
    """Fewer pixels, as a sensor or as a scaler makes them."""
    side = max(8, round(len(crop) * times))
    how = cv2.INTER_AREA if chance.random() < 0.7 else cv2.INTER_LINEAR
    return _pixels(cv2.resize(crop, (side, side), interpolation=how))


def blurred(crop: Pixels, sigma_px: float) -> Pixels:
    """Out of focus."""
    return _pixels(cv2.GaussianBlur(crop, (0, 0), sigma_px)) if sigma_px > 0.15 else crop


def moved(crop: Pixels, length_px: float, chance: Generator) -> Pixels:
    """A straight move while the shutter is open."""
    if length_px < 1.2:
        return crop
    size = int(np.ceil(length_px)) | 1
    kernel = np.zeros((size, size), np.float32)
    angle = chance.uniform(0, np.pi) if chance.random() < 0.5 else chance.normal(0, 0.2)
    half = np.array([np.cos(angle), np.sin(angle)]) * length_px / 2
    middle = size / 2
    ends = [tuple(int(v) for v in (middle + sign * half)) for sign in (-1, 1)]
    cv2.line(kernel, ends[0], ends[1], 1.0, 1)
    return _pixels(cv2.filter2D(crop, -1, kernel / kernel.sum(), borderType=cv2.BORDER_REPLICATE))


def lit(crop: Pixels, chance: Generator) -> Pixels:
    """Another light: gain, gamma, colour, a shadow or glare to one side, noise of the sensor."""
    light = crop.astype(np.float32) / 255
    light = light ** np.exp(chance.normal(0, 0.3))
    light *= np.exp(chance.normal(-0.1, 0.3)) * np.exp(chance.normal(0, 0.06, 3)).astype(np.float32)
    if chance.random() < 0.4:
        y, x = np.mgrid[-1 : 1 : len(crop) * 1j, -1 : 1 : len(crop) * 1j]
        angle = chance.uniform(0, 2 * np.pi)
        light *= np.exp(chance.normal(0, 0.5) * (np.cos(angle) * x + np.sin(angle) * y))[..., None].astype(np.float32)
    if chance.random() < 0.15:
        light = light.mean(axis=2, keepdims=True).repeat(3, axis=2)
    noise = abs(chance.normal(0, 0.025))
    light += chance.normal(0, 1, light.shape).astype(np.float32) * noise
    return _pixels((np.clip(light, 0, 1) * 255).astype(np.uint8))


def compressed(crops: list[Pixels], crf: int, chance: Generator) -> list[Pixels]:
    """H.264 at a constant rate factor; a later frame of a short stream in which everything moves a little.

    Args:
        crops: uint8 (n, n, 3) of one size.
        crf: of x264.
        chance: decides the move.
    """
    side = len(crops[0])
    step = (side + 15) // 16 * 16
    rows = (len(crops) + _TILE - 1) // _TILE
    sheet = np.full((rows * step, _TILE * step, 3), 110, np.uint8)
    places = [(number // _TILE * step, number % _TILE * step) for number in range(len(crops))]
    for crop, (y, x) in zip(crops, places, strict=True):
        sheet[y : y + step, x : x + step] = cv2.copyMakeBorder(
            crop, 0, step - side, 0, step - side, cv2.BORDER_REPLICATE
        )
    frames = [np.roll(sheet, move, (0, 1)) for move in (*(tuple(chance.integers(-2, 3, 2)) for _ in range(2)), (0, 0))]
    last = _through(frames, crf)
    return [np.ascontiguousarray(last[y : y + side, x : x + side]) for y, x in places]


def _through(frames: list[Pixels], crf: int) -> Pixels:
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp4") as container:
        stream = container.add_stream(
            "libx264", rate=10, options={"crf": str(crf), "preset": "veryfast", "threads": "1", "bf": "0"}
        )
        stream.width, stream.height, stream.pix_fmt = frames[0].shape[1], frames[0].shape[0], "yuv420p"
        for frame in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), format="rgb24")))
        container.mux(stream.encode())
    buffer.seek(0)
    with av.open(buffer, "r") as encoded:
        return _pixels(list(encoded.decode(video=0))[-1].to_ndarray(format="rgb24"))
