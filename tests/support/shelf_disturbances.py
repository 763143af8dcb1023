"""What disturbs the sight of a made-up shelf: light, shadows, whoever passes, a camera that shakes, noise."""

from dataclasses import dataclass, fields, replace
from io import BytesIO
from typing import cast

import av
import numpy as np
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray
from scipy import ndimage

Picture = NDArray[np.float32]
Boxes = NDArray[np.float64]
"""(n, 4) x1, y1, x2, y2 in fractions of the picture."""


@dataclass(frozen=True)
class Disturbances:
    """Which disturbances a scene has; each can be on alone.

    Attributes:
        light: from morning to night, in brightness, colour and where it comes from.
        shadows: soft shadows that wander over the shelf.
        people: somebody passes in front, and the detector finds each one.
        unfound: people, trolleys and pallets in front that the detector does not find.
        shift: the camera shakes, by up to three pixels of 1920.
        noise: of the sensor.
        codec: JPEG or H.264.
        labels: price labels are changed.
        exchange: a facing is stocked with another product.
        pulled: what is left of a facing is pulled to the front.
    """

    light: bool = False
    shadows: bool = False
    people: bool = False
    unfound: bool = False
    shift: bool = False
    noise: bool = False
    codec: bool = False
    labels: bool = False
    exchange: bool = False
    pulled: bool = False


NAMES = tuple(one.name for one in fields(Disturbances))
ALL = Disturbances(**dict.fromkeys(NAMES, True))


def only(name: str) -> Disturbances:
    """One disturbance alone."""
    return replace(Disturbances(), **{name: True})


def lit(linear: Picture, share: float, seed: int) -> Picture:
    """The light of the day on a picture of linear light.

    Args:
        linear: float32 (h, w, 3).
        share: of the day that is over, 0..1.
        seed: of the scene: where its windows and lamps are.
    """
    rng = np.random.default_rng([seed, 11])
    day = np.clip(np.sin(np.pi * share) * rng.uniform(0.5, 1.1), 0, None)
    lamps = rng.uniform(0.35, 0.6)
    warm, cold = np.array([1.12, 1.0, 0.78]), np.array([0.92, 1.0, 1.14])
    height, width = linear.shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    side = rng.uniform(-1, 1, 2)
    slope = 1 + 0.6 * (side[0] * (x / width - 0.5) + side[1] * (y / height - 0.5))
    light = lamps * warm + (day * slope)[..., None] * cold
    return np.asarray(linear * light, np.float32)


def shaded(linear: Picture, time_s: float, seed: int) -> Picture:
    """Two shadows that wander, one soft and one sharper."""
    rng = np.random.default_rng([seed, 12])
    height, width = linear.shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32) / width
    light = np.ones((height, width), np.float32)
    for soft in (0.06, 0.012):
        angle, speed, offset = rng.uniform(-0.6, 0.6), rng.uniform(0.0004, 0.0015), rng.uniform(0, 1)
        middle = np.mod(offset + speed * time_s, 1.6) - 0.3
        across = (x - middle) * np.cos(angle) + y * np.sin(angle)
        light *= 1 - rng.uniform(0.25, 0.5) / (1 + np.exp((np.abs(across) - rng.uniform(0.05, 0.15)) / soft * 3))
    return np.asarray(linear * light[..., None], np.float32)


def passed(linear: Picture, rng: np.random.Generator, kind: str) -> tuple[Picture, NDArray[np.bool_], Boxes]:
    """Somebody or something in front of the shelf.

    Args:
        linear: float32 (h, w, 3).
        rng: where, how large, in which clothes.
        kind: "person", "trolley" or "pallet".

    Returns:
        the picture, what it covers (h, w), and its box in fractions.
    """
    height, width = linear.shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    middle = rng.uniform(0.05, 0.95) * width
    if kind == "person":
        tall = rng.uniform(0.65, 1.0) * height
        top, half = height * rng.uniform(0.0, 0.3), tall * rng.uniform(0.13, 0.18)
        head = ((x - middle) / (0.5 * half)) ** 2 + ((y - top - 0.08 * tall) / (0.08 * tall)) ** 2 < 1
        trunk = (np.abs(x - middle) < half * (0.8 + 0.2 * np.sin(y / 9))) & (y > top + 0.15 * tall) & (y < top + tall)
        covered = head | trunk
    else:
        half, tall = rng.uniform(0.06, 0.14) * width, rng.uniform(0.35, 0.7) * height
        top = height - tall * rng.uniform(0.8, 1.0)
        covered = (np.abs(x - middle) < half) & (y > top) & (y < top + tall)
        if kind == "trolley":
            covered &= (np.mod(x, 9) < 4) | (np.mod(y, 11) < 4) | (y > top + 0.6 * tall)
    cloth = rng.normal(size=(height // 6 + 1, width // 6 + 1, 3)) * rng.uniform(0.02, 0.25)
    looks = np.repeat(np.repeat(cloth, 6, 0), 6, 1)[:height, :width] + rng.uniform(0.02, 0.6, 3)
    picture = np.where(covered[..., None], np.clip(looks, 0.005, 1), linear).astype(np.float32)
    box = np.array([[(middle - half) / width, top / height, (middle + half) / width, (top + tall) / height]])
    return picture, covered, np.clip(box, 0, 1)


def shifted(linear: Picture, by_px: tuple[float, float]) -> Picture:
    """The picture moved right and down by parts of pixels."""
    whole = [int(np.floor(value)) for value in by_px]
    right, down = by_px[0] - whole[0], by_px[1] - whole[1]
    most = 5
    wide = np.pad(linear, ((most, most), (most, most), (0, 0)), mode="edge")
    height, width = linear.shape[:2]

    def at(x: int, y: int) -> Picture:
        return wide[most - y : most - y + height, most - x : most - x + width]

    x, y = whole
    above = (1 - right) * at(x, y) + right * at(x + 1, y)
    below = (1 - right) * at(x, y + 1) + right * at(x + 1, y + 1)
    return np.asarray((1 - down) * above + down * below, np.float32)


def exposed(linear: Picture, rng: np.random.Generator, noise: float) -> NDArray[np.uint8]:
    """What a camera makes of it: a lens, noise, gamma, 8 bit.

    Args:
        linear: float32 (h, w, 3).
        rng: the noise.
        noise: standard deviation in levels of 255 at middle grey.
    """
    soft = ndimage.gaussian_filter(linear, (0.6, 0.6, 0))
    levels = 255 * np.clip(soft, 0, 1) ** np.float32(1 / 2.2)
    if noise:
        levels += rng.standard_normal(levels.shape, np.float32) * np.float32(noise)
    return np.asarray(np.clip(levels, 0, 255), np.uint8)


def coded(rgb: NDArray[np.uint8], codec: str) -> VideoFrame:
    """The picture as a camera's encoder leaves it.

    Args:
        rgb: uint8 (h, w, 3).
        codec: "jpeg", "h264", or "" for none.
    """
    frame = VideoFrame.from_ndarray(rgb, format="rgb24").reformat(format="yuv420p", threads=1)
    if not codec:
        return frame
    buffer = BytesIO()
    name, options = ("mjpeg", {"qmin": "6", "qmax": "6"}) if codec == "jpeg" else ("libx264", {"crf": "29"})
    with av.open(buffer, "w", format="matroska") as out:
        stream = cast(VideoStream, out.add_stream(name, rate=1, options=options))
        stream.width, stream.height = frame.width, frame.height
        stream.pix_fmt = "yuvj420p" if codec == "jpeg" else "yuv420p"
        stream.codec_context.thread_count = 1
        for packet in (*stream.encode(frame.reformat(format=stream.pix_fmt)), *stream.encode(None)):
            out.mux(packet)
    buffer.seek(0)
    with av.open(buffer, "r") as back:
        return next(back.decode(video=0)).reformat(format="yuv420p", threads=1)
