"""Labelled faces, as they are or spoilt, and what the judge sees of them."""

import io
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import av
import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import Interpolation, VideoReformatter
from numpy.typing import NDArray
from scipy import ndimage

from passerby.core.assignment import assign
from passerby.core.masks import Answer, Look, vote
from passerby.core.observations import Detections, Tracks
from passerby.pixels.frames import Scaler
from passerby.pixels.heads import Judge, MaskWatch, face_of
from passerby.pixels.people import PersonDetector
from passerby.site import voc

ROOT = Path(__file__).resolve().parents[2]
Pixels = NDArray[np.uint8]
Spoil = Callable[[Pixels], Pixels]


@dataclass(frozen=True, slots=True)
class Judged:
    """One labelled face and what was made of it.

    Attributes:
        picture: number of its picture.
        label: one of `voc.LABELS`.
        height_px: of its labelled box, in the picture that was judged.
        answer: of one look.
        look: what was seen; None where no face was, or where only the answer is told.
    """

    picture: int
    label: str
    height_px: float
    answer: Answer
    look: Look | None = None


@dataclass(frozen=True, slots=True)
class Labelled:
    """A picture, uint8 (h, w, 3), red green blue, and its faces."""

    rgb: Pixels
    faces: tuple[voc.Face, ...]


def at_hand(data: Path) -> bool:
    """Whether there is something to measure, which is said if there is not; the models beside the data are used."""
    if not data.is_dir():
        print(f"{data} is absent: nothing to measure", file=sys.stderr)
        return False
    shared = ROOT.parent / "shared" / "models"
    if shared.is_dir():
        os.environ.setdefault("PASSERBY_MODELS", str(shared))
    return True


def pictures(folder: Path) -> list[Labelled]:
    """The labelled pictures of a folder."""
    return [Labelled(_read(one.file), one.faces) for one in voc.find([folder]).pictures]


def _read(file: Path) -> Pixels:
    with av.open(str(file)) as container:
        return next(container.decode(video=0)).to_ndarray(format="rgb24").astype(np.uint8, copy=False)


def judged(found: list[Labelled], judge: Judge, spoil: Spoil = lambda rgb: rgb) -> list[Judged]:
    """Each face, looked at straight from its labelled box."""
    result = []
    for number, one in enumerate(found):
        rgb = spoil(one.rgb)
        scale = rgb.shape[0] / one.rgb.shape[0]
        for face in one.faces:
            x1, y1, x2, y2 = (side * scale for side in face.box_px)
            look = judge.judge_head(rgb, (x1, y1, x2, y2))
            answer = vote([look] if look else [])
            result.append(Judged(number, face.label, y2 - y1, answer, look))
    return result


def from_people(found: list[Labelled], judge: Judge, detector: PersonDetector) -> list[Judged]:
    """Each face whose person a detector finds: person, head, look, vote, as in the pixel room."""
    result, scaler = [], Scaler(detector.size_px)
    for number, one in enumerate(found):
        frame = VideoFrame.from_ndarray(one.rgb, format="rgb24")
        people = _confident(detector.detect(scaler.scale(frame), 0.0), detector.confident)
        watch = MaskWatch(judge)
        watch.look(people, scaler.size_of(frame), partial(np.asarray, one.rgb))
        for face, track in _pairs(one, people, scaler.size_of(frame)):
            result.append(Judged(number, face.label, face.height_px, watch.vote(track)))
    return result


def _confident(detections: Detections, least: float) -> Tracks:
    boxes = detections.boxes_px[detections.scores >= least]
    count = len(boxes)
    return Tracks(np.arange(count, dtype=np.int32), boxes.copy(), np.ones(count, np.float32), boxes.copy(), 0.0)


def _pairs(one: Labelled, people: Tracks, size_px: tuple[int, int]) -> Iterator[tuple[voc.Face, int]]:
    """Faces and people that belong together: the face's middle is within one face of where it is expected."""
    scale = one.rgb.shape[1] / size_px[0]
    expected = np.array([face_of(box * scale) for box in people.boxes_px]).reshape(-1, 4)
    labelled = np.array([face.box_px for face in one.faces]).reshape(-1, 4)
    apart = (expected[:, None, :2] + expected[:, None, 2:] - labelled[None, :, :2] - labelled[None, :, 2:]) / 2
    cost = np.hypot(*np.moveaxis(apart, 2, 0)) / (labelled[:, 3] - labelled[:, 1])
    for person, face in zip(*assign(cost, 1.0), strict=True):
        yield one.faces[face], int(people.ids[person])


def smaller(times: float) -> Spoil:
    """Fewer pixels."""

    def spoil(rgb: Pixels) -> Pixels:
        return resized(rgb, 1 / times, Interpolation.AREA)

    return spoil


def blurred(sigma_px: float) -> Spoil:
    """Out of focus."""

    def spoil(rgb: Pixels) -> Pixels:
        return np.asarray(ndimage.gaussian_filter(rgb, (sigma_px, sigma_px, 0)), np.uint8)

    return spoil


def compressed(crf: int) -> Spoil:
    """H.264 at a constant rate factor, second frame of a stream."""

    def spoil(rgb: Pixels) -> Pixels:
        rgb = np.ascontiguousarray(rgb[: rgb.shape[0] // 2 * 2, : rgb.shape[1] // 2 * 2])
        buffer = io.BytesIO()
        with av.open(buffer, "w", format="mp4") as container:
            stream = container.add_stream("libx264", rate=10, options={"crf": str(crf), "threads": "1"})
            stream.width, stream.height, stream.pix_fmt = rgb.shape[1], rgb.shape[0], "yuv420p"
            for _ in range(2):
                container.mux(stream.encode(VideoFrame.from_ndarray(rgb, format="rgb24")))
            container.mux(stream.encode())
        buffer.seek(0)
        with av.open(buffer, "r") as encoded:
            return list(encoded.decode(video=0))[-1].to_ndarray(format="rgb24").astype(np.uint8, copy=False)

    return spoil


def resized(rgb: Pixels, times: float, how: Interpolation) -> Pixels:
    """The picture so many times as large."""
    width, height = (max(32, round(side * times)) for side in rgb.shape[1::-1])
    frame = VideoFrame.from_ndarray(np.ascontiguousarray(rgb), format="rgb24")
    changed = VideoReformatter().reformat(frame, width, height, "rgb24", interpolation=how, threads=1)
    return changed.to_ndarray().astype(np.uint8, copy=False)
