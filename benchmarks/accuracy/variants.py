"""The same clips, changed in ways that leave the truth known, so that counting is not judged on known pictures alone.

Mirrored left to right, played backwards (who went in comes out), darker, smaller: what a tracker learnt by heart breaks
here.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import msgspec
import numpy as np
from numpy.typing import NDArray

from benchmarks.accuracy.cases import Case

Picture = NDArray[np.uint8]
_SWAPPED = {"in": "out", "out": "in"}


def mirrored(case: Case, folder: Path) -> Case:
    """Left and right exchanged, and the line with them."""
    made, width, _ = _rewrite(case.clip, folder / f"mirrored-{case.clip.stem}.mp4", lambda picture: picture[:, ::-1])
    start, end = ((width - x, y) for x, y in (case.line.start, case.line.end))
    # A mirror also exchanges the hands of who walks along the line.
    line = msgspec.structs.replace(case.line, start=end, end=start)
    return replace(case, clip=made, line=line)


def backwards(case: Case, folder: Path) -> Case:
    """From the end to the start."""
    made, _, _ = _rewrite(case.clip, folder / f"backwards-{case.clip.stem}.mp4", lambda picture: picture, reverse=True)
    return replace(case, clip=made, truth={_SWAPPED[way]: count for way, count in case.truth.items()})


def darker(case: Case, folder: Path) -> Case:
    """Half the light."""
    made, _, _ = _rewrite(case.clip, folder / f"darker-{case.clip.stem}.mp4", lambda picture: picture // 2)
    return replace(case, clip=made)


def smaller(case: Case, folder: Path) -> Case:
    """Three quarters of the size, on a grey ground: people are further away."""

    def shrink(picture: Picture) -> Picture:
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
        small = frame.reformat(frame.width * 3 // 4, frame.height * 3 // 4).to_ndarray()
        ground = np.full_like(picture, 114)
        ground[: small.shape[0], : small.shape[1]] = small
        return ground

    made, width, height = _rewrite(case.clip, folder / f"smaller-{case.clip.stem}.mp4", shrink)
    factor = (width * 3 // 4 / width, height * 3 // 4 / height)
    start, end = ((x * factor[0], y * factor[1]) for x, y in (case.line.start, case.line.end))
    return replace(case, clip=made, line=msgspec.structs.replace(case.line, start=start, end=end))


VARIANTS: dict[str, Callable[[Case, Path], Case]] = {
    "mirrored": mirrored,
    "backwards": backwards,
    "darker": darker,
    "smaller": smaller,
}


def _rewrite(
    clip: Path, made: Path, change: Callable[[Picture], Picture], *, reverse: bool = False
) -> tuple[Path, int, int]:
    """Writes a changed copy, unless it is there; gives its path and the size of its picture."""
    with av.open(str(clip)) as source:
        stream = source.streams.video[0]
        size = (stream.width, stream.height)
        if not made.exists():
            frames: Iterable[av.VideoFrame] = source.decode(stream)
            if reverse:
                frames = list(frames)[::-1]
            _write(made, frames, stream.average_rate or Fraction(25), change)
    return made, *size


def _write(made: Path, frames: Iterable[av.VideoFrame], rate: Fraction, change: Callable[[Picture], Picture]) -> None:
    part = made.with_suffix(".part.mp4")
    with av.open(str(part), "w") as container:
        stream = container.add_stream("libx264", rate=rate, options={"crf": "15", "preset": "veryfast"})
        for index, frame in enumerate(frames):
            picture = change(frame.to_ndarray(format="rgb24"))
            changed = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
            if index == 0:
                stream.width, stream.height, stream.pix_fmt = changed.width, changed.height, "yuv420p"
            changed.pts, changed.time_base = index, 1 / rate
            container.mux(stream.encode(changed))
        container.mux(stream.encode(None))
    part.replace(made)
