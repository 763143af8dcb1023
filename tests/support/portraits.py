"""A clip of people who walk by, one after another, made of photographs of single people."""

from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

SIZE_PX = (1280, 720)
FPS = 10
WALK_S = 4.0
PAUSE_S = 1.5


def make_portraits(path: Path, photographs: list[Path]) -> Path:
    """Writes the clip: each photograph, standing on the lower edge, goes from left to right."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=FPS, options={"crf": "18", "preset": "veryfast"})
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = *SIZE_PX, "yuv420p"
        pts = 0
        for photograph in photographs:
            person = _person(photograph)
            for step in range(round((WALK_S + PAUSE_S) * FPS)):
                frame = av.VideoFrame.from_ndarray(_picture(person, step / (WALK_S * FPS)), format="rgb24")
                frame.pts, pts = pts, pts + 1
                container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def _person(photograph: Path) -> NDArray[np.uint8]:
    """A photograph as high as most of the picture."""
    with av.open(str(photograph)) as container:
        frame = next(container.decode(video=0))
    height = SIZE_PX[1] * 5 // 6
    scaled = frame.reformat(frame.width * height // frame.height // 2 * 2, height, "rgb24")
    return scaled.to_ndarray().astype(np.uint8, copy=False)


def _picture(person: NDArray[np.uint8], way: float) -> NDArray[np.uint8]:
    """A grey wall, and a person at a part of their way, 0..1; nobody beyond it."""
    width, height = SIZE_PX
    picture = np.full((height, width, 3), 150, np.uint8)
    if way <= 1:
        left = round(way * (width - person.shape[1]))
        picture[height - person.shape[0] :, left : left + person.shape[1]] = person
    return picture
