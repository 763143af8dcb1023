"""What the measures of a camera's picture say of real clips, and of the same ones blurred, dark, burnt out, and so on.

    python -m benchmarks.picture_health FOLDER_OF_CLIPS

Each picture is coded anew as H.264 at a usual and at a low quality, as it would come from a camera. A star is a flag
that is wrong, or one that is missing, by the limits of docs/decisions/0020-picture-health.md.
"""

import argparse
import time
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from statistics import median

import av
import numpy as np
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from passerby.pixels.edge_slopes import BLURRED, EdgeSlopes
from passerby.pixels.frames import Scaler
from passerby.pixels.frozen import Frozen
from passerby.pixels.picture_health import PictureHealth, Seen

Floats = NDArray[np.float64]
_RNG = np.random.default_rng(1)
_PICTURES = 6
_QUALITIES = (23, 35)
DARK, BRIGHT = 0.8, 0.3


def blurred(picture: Floats) -> Floats:
    """Out of focus by three pixels of a picture of 720 rows."""
    sigma = 3 * len(picture) / 720
    reach = int(np.ceil(3 * sigma))
    weights = np.exp(-np.square(np.arange(-reach, reach + 1)) / (2 * sigma**2))
    weights /= weights.sum()
    for axis in (0, 1):
        pad = [(reach, reach) if one == axis else (0, 0) for one in range(3)]
        wide, size = np.pad(picture, pad, "edge"), picture.shape[axis]
        slices = (np.take(wide, range(shift, shift + size), axis) for shift in range(2 * reach + 1))
        picture = sum(weight * part for weight, part in zip(weights, slices, strict=True))
    return picture


def covered(picture: Floats) -> Floats:
    """A cloth: a slope of light and noise."""
    slope = 80 + 40 * np.linspace(0, 1, picture.shape[1])[None, :, None] + np.zeros_like(picture)
    return slope + _RNG.normal(0, 3, picture.shape)


CHANGES: dict[str, tuple[Callable[[Floats], Floats], set[str]]] = {
    "as is": (lambda picture: picture, set()),
    "noise 10": (lambda picture: picture + _RNG.normal(0, 10, picture.shape), set()),
    "light x 0.4": (lambda picture: picture * 0.4, set()),
    "blurred": (blurred, {"blurred"}),
    "blurred, noise 4": (lambda picture: blurred(picture) + _RNG.normal(0, 4, picture.shape), {"blurred"}),
    "light x 0.1, noise 3": (lambda picture: picture * 0.1 + _RNG.normal(0, 3, picture.shape), {"dark"}),
    "light x 2.5": (lambda picture: picture * 2.5, {"bright"}),
    "covered": (covered, {"covered"}),
    "grey": (lambda picture: picture.mean(axis=2, keepdims=True).repeat(3, axis=2), {"night"}),
}


def encoded(pictures: list[Floats], options: dict[str, str], gop: int = 1) -> Iterator[VideoFrame]:
    """The pictures as H.264, decoded again as a worker does."""
    encoder, decoder = av.CodecContext.create("libx264", "w"), av.CodecContext.create("h264", "r")
    assert isinstance(encoder, VideoCodecContext)
    assert isinstance(decoder, VideoCodecContext)
    height, width = (side // 2 * 2 for side in pictures[0].shape[:2])
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuv420p"
    encoder.time_base, encoder.gop_size = Fraction(1, 10), gop
    encoder.options = {"preset": "veryfast", "tune": "zerolatency", **options}
    decoder.options = {"skip_loop_filter": "all"}
    for index, picture in enumerate(pictures):
        rgb = np.ascontiguousarray(np.clip(picture[:height, :width], 0, 255).astype(np.uint8))
        frame = VideoFrame.from_ndarray(rgb, format="rgb24").reformat(format="yuv420p")
        frame.pts = index
        for packet in encoder.encode(frame):
            yield from decoder.decode(packet)
    for packet in encoder.encode(None):
        yield from decoder.decode(packet)
    yield from decoder.decode(None)


def pictures_of(clip: Path) -> list[Floats]:
    """Some pictures of a clip, spread over it: float64 (h, w, 3), red green blue."""
    with av.open(str(clip)) as container:
        frames = list(container.decode(video=0))
    chosen = np.linspace(0, len(frames) - 1, _PICTURES).astype(int)
    return [frames[index].to_ndarray(format="rgb24").astype(np.float64) for index in chosen]


def told(seen: list[Seen]) -> tuple[set[str], str]:
    """The flags of a clip, and its figures."""
    dark, bright = median(one.dark for one in seen), median(one.bright for one in seen)
    sharpness = [one.sharpness for one in seen if one.sharpness is not None]
    flags = {
        "dark": dark >= DARK,
        "bright": bright >= BRIGHT,
        "covered": sum(bool(one.covered) for one in seen) * 2 > len(seen),
        "night": sum(bool(one.night) for one in seen) * 2 > len(seen),
        "blurred": bool(sharpness) and median(sharpness) < BLURRED,
    }
    sharp = f"{min(sharpness):.2f} to {max(sharpness):.2f}" if sharpness else "-"
    return {flag for flag, up in flags.items() if up}, f"{dark:.2f} | {bright:.2f} | {sharp}"


def picture_table(clips: list[Path]) -> None:
    """Prints what is told of each clip and change."""
    slopes, spent_s, looks = EdgeSlopes(), 0.0, 0
    print("| clip | change | quality | dark | bright | sharpness | flags |\n|---|---|---|---|---|---|---|")
    for clip in clips:
        pictures = pictures_of(clip)
        for name, (change, expected) in CHANGES.items():
            for quality in _QUALITIES:
                health, scaler, seen = PictureHealth(), Scaler((416, 416)), []
                for frame in encoded([change(picture) for picture in pictures], {"crf": str(quality)}):
                    bgr = scaler.scale(frame)
                    began_s = time.process_time()
                    seen.append(health.measure(lambda frame=frame: slopes.luma(frame), bgr))
                    spent_s, looks = spent_s + time.process_time() - began_s, looks + 1
                flags, figures = told(seen)
                wrong = "" if flags == expected else f" * (right: {', '.join(sorted(expected)) or 'none'})"
                print(f"| {clip.stem} | {name} | {quality} | {figures} | {', '.join(sorted(flags)) or 'none'}{wrong} |")
    print(
        f"\n{spent_s / looks * 1000:.2f} ms a look, every 5 s: {spent_s / looks * 200:.2f} ms for a second of video.\n"
    )


def frozen_table(clip: Path) -> None:
    """Prints how soon a picture that hangs is told, and that a quiet scene is not."""
    picture = pictures_of(clip)[0][:360, :640]
    print(
        "| coding, 20 key frames, one a second | noise | equal to one of two before | frozen for |\n|---|---|---|---|"
    )
    rates = {"crf": "23"}, {"crf": "40"}, {"b": "300000"}, _constant(300_000), _constant(60_000)
    for options in rates:
        for noise in (0.0, 0.5, 1.0, 3.0):
            noisy = [picture + _RNG.normal(0, noise, picture.shape) for _ in range(200)]
            frozen, keys, last_s = Frozen(), list[bytes](), 0.0
            for index, frame in enumerate(encoded(noisy, {"preset": "ultrafast", **options}, gop=10)):
                last_s = index / 10
                if frame.key_frame:
                    frozen.key(frame, last_s)
                    keys.append(bytes(frame.planes[0]))
            equal = sum(key in keys[max(0, index - 2) : index] for index, key in enumerate(keys))
            print(f"| {options} | {noise} | {equal} of {len(keys)} | {frozen.seconds(last_s):.0f} s |", flush=True)


def _constant(bits: int) -> dict[str, str]:
    return {"b": str(bits), "nal-hrd": "cbr", "maxrate": str(bits), "bufsize": str(bits)}


def main() -> None:
    """Prints both tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, nargs="?", default=Path("../shared/data/video"))
    clips = [path for path in sorted(parser.parse_args().folder.glob("*")) if path.suffix in {".mp4", ".mpg", ".gif"}]
    picture_table(clips)
    frozen_table(next((clip for clip in clips if clip.stem.startswith("one")), clips[0]))


if __name__ == "__main__":
    main()
