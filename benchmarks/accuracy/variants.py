"""The same clips, changed in ways that leave the truth known, so that counting is not judged on known pictures alone.

Mirrored left to right, played backwards (who went in comes out), darker, smaller: what a tracker learnt by heart breaks
here. And as other cameras would have seen it: with noise, out of focus, with little data, looked at between the
moments at which the clip itself is looked at.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import msgspec
import numpy as np
from numpy.typing import NDArray

from benchmarks.accuracy.cases import Case

Picture = NDArray[np.uint8]
_SWAPPED = {"in": "out", "out": "in"}
_NOISE, _HALF_A_LOOK_S = 8.0, 0.2
_GOOD_CRF, _POOR_CRF = 15, 36


def mirrored(case: Case, folder: Path) -> Case:
    """Left and right exchanged, and the line with them."""
    made, width, _ = _rewrite(case.clip, folder / "mirrored", _How(lambda picture: picture[:, ::-1]))
    start, end = ((width - x, y) for x, y in (case.line.start, case.line.end))
    # A mirror also exchanges the hands of who walks along the line.
    line = msgspec.structs.replace(case.line, start=end, end=start)
    return replace(case, clip=made, line=line)


def backwards(case: Case, folder: Path) -> Case:
    """From the end to the start."""
    how = _How(lambda picture: picture, order=lambda frames: list(frames)[::-1])
    made, _, _ = _rewrite(case.clip, folder / "backwards", how)
    return replace(case, clip=made, truth={_SWAPPED[way]: count for way, count in case.truth.items()})


def darker(case: Case, folder: Path) -> Case:
    """Half the light."""
    made, _, _ = _rewrite(case.clip, folder / "darker", _How(lambda picture: picture // 2))
    return replace(case, clip=made)


def noisy(case: Case, folder: Path) -> Case:
    """With a sensor's noise, of its own in each picture and channel."""
    chance = np.random.default_rng(1)

    def with_noise(picture: Picture) -> Picture:
        seen = picture + chance.normal(0, _NOISE, picture.shape)
        return np.clip(seen, 0, 255).astype(np.uint8)

    made, _, _ = _rewrite(case.clip, folder / "noisy", _How(with_noise))
    return replace(case, clip=made)


def softer(case: Case, folder: Path) -> Case:
    """A little out of focus: twice the mean of neighbours, 1 2 1, in each direction."""

    def blurred(picture: Picture) -> Picture:
        seen: NDArray[Any] = picture.astype(np.float32)
        for axis in (0, 1, 0, 1):
            seen = (np.roll(seen, 1, axis) + 2 * seen + np.roll(seen, -1, axis)) / 4
        return seen.astype(np.uint8)

    made, _, _ = _rewrite(case.clip, folder / "softer", _How(blurred))
    return replace(case, clip=made)


def coarser(case: Case, folder: Path) -> Case:
    """Encoded with little data (H.264, CRF 36)."""
    how = _How(lambda picture: picture, crf=_POOR_CRF)
    made, _, _ = _rewrite(case.clip, folder / "coarser", how)
    return replace(case, clip=made)


def later(case: Case, folder: Path) -> Case:
    """Begun half a look later, so that all looks fall between those at the clip itself."""

    def from_then_on(frames: Iterable[av.VideoFrame]) -> Iterable[av.VideoFrame]:
        return (frame for frame in frames if frame.time is not None and frame.time >= _HALF_A_LOOK_S)

    how = _How(lambda picture: picture, order=from_then_on)
    made, _, _ = _rewrite(case.clip, folder / "later", how)
    return replace(case, clip=made)


def smaller(case: Case, folder: Path) -> Case:
    """Three quarters of the size, on a grey ground: people are further away."""

    def shrink(picture: Picture) -> Picture:
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
        small = frame.reformat(frame.width * 3 // 4, frame.height * 3 // 4).to_ndarray()
        ground = np.full_like(picture, 114)
        ground[: small.shape[0], : small.shape[1]] = small
        return ground

    made, width, height = _rewrite(case.clip, folder / "smaller", _How(shrink))
    factor = (width * 3 // 4 / width, height * 3 // 4 / height)
    start, end = ((x * factor[0], y * factor[1]) for x, y in (case.line.start, case.line.end))
    return replace(case, clip=made, line=msgspec.structs.replace(case.line, start=start, end=end))


VARIANTS: dict[str, Callable[[Case, Path], Case]] = {
    "mirrored": mirrored,
    "backwards": backwards,
    "darker": darker,
    "smaller": smaller,
    "noisy": noisy,
    "softer": softer,
    "coarser": coarser,
    "later": later,
}


@dataclass(frozen=True, slots=True)
class _How:
    """How a copy is made.

    Attributes:
        change: of each picture, uint8 (h, w, 3) red green blue.
        order: which frames, and in which order.
        crf: how well it is encoded, less is better.
    """

    change: Callable[[Picture], Picture]
    order: Callable[[Iterable[av.VideoFrame]], Iterable[av.VideoFrame]] = iter
    crf: int = _GOOD_CRF


def _rewrite(clip: Path, kind: Path, how: _How) -> tuple[Path, int, int]:
    """Writes a changed copy, its name begun as `kind`, unless it is there; gives its path and its picture's size."""
    made = kind.with_name(f"{kind.name}-{clip.stem}.mp4")
    with av.open(str(clip)) as source:
        stream = source.streams.video[0]
        size = (stream.width, stream.height)
        if not made.exists():
            _write(made, how.order(source.decode(stream)), stream.average_rate or Fraction(25), how)
    return made, *size


def _write(made: Path, frames: Iterable[av.VideoFrame], rate: Fraction, how: _How) -> None:
    part = made.with_suffix(".part.mp4")
    with av.open(str(part), "w") as container:
        stream = container.add_stream("libx264", rate=rate, options={"crf": str(how.crf), "preset": "veryfast"})
        for index, frame in enumerate(frames):
            picture = how.change(np.asarray(frame.to_ndarray(format="rgb24"), np.uint8))
            changed = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
            if index == 0:
                stream.width, stream.height, stream.pix_fmt = changed.width, changed.height, "yuv420p"
            changed.pts, changed.time_base = index, 1 / rate
            container.mux(stream.encode(changed))
        container.mux(stream.encode(None))
    part.replace(made)
