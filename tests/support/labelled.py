"""Pictures with labels, made for tests: encoded in memory, noise instead of faces."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.video.codeccontext import VideoCodecContext

ENCODERS = {
    "jpg": ("mjpeg", "yuvj420p"),
    "png": ("png", "rgb24"),
    "bmp": ("bmp", "bgr24"),
    "webp": ("libwebp", "yuv420p"),
}


def encoded(kind: str, size_px: tuple[int, int] = (160, 120)) -> bytes:
    """Noise as a picture of one of the kinds in `ENCODERS`."""
    codec, pixel_format = ENCODERS[kind]
    noise = np.random.default_rng(5).integers(0, 256, (size_px[1], size_px[0], 3), np.uint8)
    frame = av.VideoFrame.from_ndarray(noise, format="rgb24").reformat(format=pixel_format)
    context = av.CodecContext.create(codec, "w")
    assert isinstance(context, VideoCodecContext)
    context.width, context.height = size_px
    context.pix_fmt, context.time_base = pixel_format, Fraction(1, 25)
    return b"".join(bytes(packet) for packet in [*context.encode(frame), *context.encode(None)])


def labelled(folder: Path, name: str, data: bytes, box: tuple[int, int, int, int] = (10, 10, 60, 60)) -> Path:
    """A picture with one masked face and no stated size, in a folder of its own."""
    place = folder / name.replace(".", "-")
    place.mkdir(parents=True)
    (place / name).write_bytes(data)
    sides = "".join(
        f"<{side}>{value}</{side}>" for side, value in zip(("xmin", "ymin", "xmax", "ymax"), box, strict=True)
    )
    face = f"<object><name>with_mask</name><bndbox>{sides}</bndbox></object>"
    (place / name).with_suffix(".xml").write_text(f"<annotation>{face}</annotation>")
    return place / name
