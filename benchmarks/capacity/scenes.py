"""The scenes that capacity is measured on: made once from the clips with known truth, then kept in the user's cache.

A camera's stream is imitated: H.264 without B-frames, one slice, a key frame every two seconds, sensor noise in each
picture. They are not part of the project and are never copied into it.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import islice
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from benchmarks.accuracy.cases import Case, cases
from passerby.gate.messages import LinePlan

FPS = 15
BIT_RATE = 2_000_000
BUSY_S = 40
QUIET_S = 300
_MADE = 1  # raise it when what is made below changes
_NOISE = 2.0  # standard deviation of the sensor noise in brightness, of 255; half of it in colour
_WALK_S = (73.0, 88.5)  # of one-by-one-person-detection.mp4: empty, one person comes and leaves, empty
_WALK_AT_S = 130.0
_FADE_S = 3.0

Picture = NDArray[np.uint8]
"""YUV 4:2:0 as PyAV lays it out: uint8 (3 h / 2, w)."""


@dataclass(frozen=True)
class Scene:
    """One made recording.

    Attributes:
        name: as the tables call it.
        clip: the file.
        lines: where to count, in fractions.
        truth: crossings in and out, by line.
        peers: whether other ways are measured on it too.
    """

    name: str
    clip: Path
    lines: tuple[LinePlan, ...]
    truth: dict[str, tuple[int, int]]
    peers: bool = True


@dataclass(frozen=True)
class Encoding:
    """How a camera encodes.

    Attributes:
        size_px: width and height.
        options: of x264, besides those of every camera here.
        bit_rate: wanted mean, bits a second; 0 leaves it to `options`.
    """

    size_px: tuple[int, int] = (1280, 720)
    options: tuple[tuple[str, str], ...] = ()
    bit_rate: int = BIT_RATE


_VBR = Encoding(options=(("crf", "24"), ("maxrate", str(BIT_RATE)), ("bufsize", str(BIT_RATE))), bit_rate=0)
_CBR = Encoding(options=(("maxrate", str(BIT_RATE)), ("minrate", str(BIT_RATE)), ("bufsize", str(BIT_RATE))))
_SUB = Encoding((640, 360), bit_rate=500_000)


def cache() -> Path:
    """Where made clips and the peers' environments are kept."""
    home = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
    folder = home / "passerby-bench"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def busy(data: Path, *, sub_stream: bool = False) -> Scene:
    """A busy door: 40 s with up to eight people at once, and two lines."""
    found = _cases(data, "vtest_part_a.mp4")
    encoding = _SUB if sub_stream else Encoding()
    name = "busy door, 360p sub-stream" if sub_stream else "busy door"
    made = _scene(name, found, encoding, lambda size: _busy(found[0].clip, size))
    return replace(made, peers=not sub_stream)


def idle(data: Path, *, cbr: bool = False) -> Scene:
    """Nobody: the same place as the busy door, empty. Capped VBR, as cameras come; or CBR, which spends on noise."""
    found = _cases(data, "vtest_part_a.mp4")
    made = _scene(
        f"idle, {'CBR' if cbr else 'capped VBR'}",
        found,
        _CBR if cbr else _VBR,
        lambda size: _still(_median(found[0].clip, size), BUSY_S * FPS),
    )
    return replace(made, truth=dict.fromkeys(made.truth, (0, 0)), peers=not cbr)


def quiet(data: Path) -> Scene:
    """Five minutes in which one person comes and leaves."""
    found = _cases(data, "one-by-one-person-detection.mp4")
    made = _scene("quiet, one passer-by", found, _VBR, lambda size: _quiet(found[0].clip, size))
    return replace(made, truth=dict.fromkeys(made.truth, (0, 1)), peers=False)


def _cases(data: Path, clip: str) -> list[Case]:
    return [case for case in cases(data) if case.clip.name == clip]


def _scene(
    name: str, found: list[Case], encoding: Encoding, pictures: Callable[[tuple[int, int]], Iterator[Picture]]
) -> Scene:
    made = cache() / f"{name.replace(', ', '-').replace(' ', '-')}-{_MADE}.mp4"
    if not made.exists():
        _write(made, encoding, _noisy(pictures(encoding.size_px), encoding.size_px[1]))
    with av.open(str(found[0].clip)) as container:
        width, height = container.streams.video[0].width, container.streams.video[0].height
    lines = tuple(_in_fractions(case.line, width, height) for case in found)
    return Scene(name, made, lines, {case.line.name: (case.truth["in"], case.truth["out"]) for case in found})


def _in_fractions(line: LinePlan, width: int, height: int) -> LinePlan:
    start, end = ((x / width, y / height) for x, y in (line.start, line.end))
    return LinePlan(line.name, start, end)


def _busy(clip: Path, size_px: tuple[int, int]) -> Iterator[Picture]:
    """The clip at 15 frames a second: the nearest picture of its ten, each with noise of its own."""
    with av.open(str(clip)) as container:
        rate = float(container.streams.video[0].average_rate or FPS)
        shown = 0
        for index, frame in enumerate(container.decode(video=0)):
            picture = _scaled(frame, size_px)
            while shown < BUSY_S * FPS and shown / FPS * rate < index + 0.5:
                yield picture
                shown += 1


def _still(picture: NDArray[np.float32], count: int) -> Iterator[Picture]:
    for _ in range(count):
        yield picture.astype(np.uint8)


def _quiet(clip: Path, size_px: tuple[int, int]) -> Iterator[Picture]:
    """The empty place; then its real pictures, faded in and out, while one person comes and leaves."""
    empty = _median(clip, size_px)
    yield from _still(empty, round(_WALK_AT_S * FPS))
    walk = list(_cut(clip, size_px, _WALK_S))
    for index, picture in enumerate(walk):
        share = min(1.0, index / FPS / _FADE_S * 2, (len(walk) - 1 - index) / FPS / _FADE_S * 2)
        yield (empty + share * (picture - empty)).astype(np.uint8)
    yield from _still(empty, QUIET_S * FPS - round(_WALK_AT_S * FPS) - len(walk))


def _cut(clip: Path, size_px: tuple[int, int], span_s: tuple[float, float]) -> Iterator[Picture]:
    shown = 0
    with av.open(str(clip)) as container:
        for frame in container.decode(video=0):
            time_s = float(frame.time or 0.0)
            if time_s >= span_s[1]:
                return
            while time_s >= span_s[0] and shown / FPS < time_s - span_s[0] + 0.05:
                yield _scaled(frame, size_px)
                shown += 1


def _median(clip: Path, size_px: tuple[int, int]) -> NDArray[np.float32]:
    with av.open(str(clip)) as container:
        step = max(1, (container.streams.video[0].frames or 400) // 25)
        seen = [_scaled(frame, size_px) for frame in islice(container.decode(video=0), 0, None, step)]
    return np.median(np.stack(seen), axis=0).astype(np.float32)


def _scaled(frame: av.VideoFrame, size_px: tuple[int, int]) -> Picture:
    return frame.reformat(*size_px, "yuv420p").to_ndarray()


def _noisy(pictures: Iterator[Picture], height: int) -> Iterator[Picture]:
    """Adds sensor noise that differs from picture to picture (a large patch of it, cut anew for each)."""
    random = np.random.default_rng(1)
    patch: NDArray[np.int16] | None = None
    for picture in pictures:
        rows, columns = picture.shape
        if patch is None:
            patch = np.rint(random.normal(0, _NOISE, (rows + 64, columns + 64))).astype(np.int16)
        down, right = random.integers(0, 64, 2)
        noise = patch[down : down + rows, right : right + columns].copy()
        noise[height:] //= 2
        yield np.clip(picture + noise, 0, 255).astype(np.uint8)


def _write(made: Path, encoding: Encoding, pictures: Iterator[Picture]) -> None:
    part = made.with_suffix(f".{os.getpid()}.mp4")
    # A camera's encoder: one slice, one reference, no B-frames, no key frame but those on time.
    options = {"preset": "veryfast", "g": str(2 * FPS), "bf": "0", "sc_threshold": "0", "rc-lookahead": "0"}
    with av.open(str(part), "w") as container:
        stream = container.add_stream("libx264", rate=FPS, options=options | dict(encoding.options))
        stream.width, stream.height = encoding.size_px
        stream.pix_fmt = "yuv420p"
        stream.codec_context.thread_count = 1
        stream.bit_rate = encoding.bit_rate
        for index, picture in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(picture, format="yuv420p")
            frame.pts, frame.time_base = index, Fraction(1, FPS)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    part.replace(made)
