"""The pixel room of `passerby masks`: looks at labelled pictures, and tells how often the judge was right.

Started as `python -m passerby.pixels.exam`, behind the locks of `pixels.worker`. What leaves it are ordinary tallies of
masks, of made-up places: one for each kind of face, such as "24-40 with_mask", and one for each picture. Of a picture
nothing is told but whether it could be read: asked is 1 then, and "cannot tell" is 1 if its boxes lie outside it.
"""

from collections import Counter
from typing import Protocol

import av
import av.error
import av.logging
import msgspec
import numpy as np
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter
from numpy.typing import NDArray

from passerby.core.masks import Answer, vote
from passerby.core.tallies import Measure, Tally
from passerby.errors import ModelError
from passerby.gate import lockdown
from passerby.gate.exams import LabelledFace, LabelledPicture
from passerby.gate.messages import CameraPlan, HealthFigure, Plan
from passerby.gate.packets import Packet, PacketKind
from passerby.pixels import worker
from passerby.pixels.frames import MAX_PIXELS
from passerby.pixels.heads import Judge
from passerby.pixels.masks import MaskJudge

_BEYOND_PX = 2.0
"""Pascal VOC counts pixels from 1, and labels are drawn by hand."""
_TOLD_AS = {
    Measure.MASKED: (Answer.MASKED,),
    Measure.WORN_WRONGLY: (Answer.WORN_WRONGLY,),
    Measure.CANNOT_TELL: (Answer.CANNOT_TELL,),
}


class Door(Protocol):
    """Where results leave the room."""

    def tally(self, tally: Tally) -> None:
        """Sends one tally."""
        ...


class Exam:
    """Looks at pictures, one after another; the answers are told at the end.

    Args:
        plan: its places.
        judge: who looks.
        door: where results go.
    """

    def __init__(self, plan: CameraPlan, judge: Judge, door: Door) -> None:
        self._plan = plan
        self._judge = judge
        self._door = door
        self._reformatter = VideoReformatter()
        self._answers: Counter[tuple[int, Answer]] = Counter()
        self._taken = 0

    def take(self, packet: Packet) -> None:
        """Looks at one picture."""
        if packet.kind is not PacketKind.PACKET:
            return
        try:
            labelled = LabelledPicture.of(packet)
        except msgspec.MsgspecError:
            return
        self._taken += 1
        picture = self._rgb(labelled)
        if picture is None:
            return
        if not all(_inside(face, picture) for face in labelled.faces):
            self._answers[labelled.place, Answer.CANNOT_TELL] += 1
            return
        self._answers[labelled.place, Answer.UNMASKED] += 1
        for face in labelled.faces:
            look = self._judge.judge_head(picture, face.box_px)
            self._answers[face.place, vote([look] if look else [])] += 1

    def end(self) -> None:
        """Tells all answers."""
        for index, place in enumerate(self._plan.places):
            asked = sum(self._answers[index, answer] for answer in Answer)
            judged = asked - self._answers[index, Answer.CANNOT_TELL]
            for measure, answers in _TOLD_AS.items():
                total = sum(self._answers[index, answer] for answer in answers)
                people = asked if measure is Measure.CANNOT_TELL else judged
                if people:
                    self._door.tally(Tally(self._plan.name, measure, place.name, 0, self._plan.window_s, total, people))

    def tick(self) -> None:
        """Time asks for nothing."""

    def figures(self) -> dict[HealthFigure, int]:
        """How many pictures were taken."""
        return {HealthFigure.FRAMES_READ: self._taken}

    def line_figures(self) -> list[dict[HealthFigure, int]]:
        """None: it has no lines."""
        return []

    def _rgb(self, labelled: LabelledPicture) -> NDArray[np.uint8] | None:
        """The picture, uint8 (h, w, 3) red green blue; None where it cannot be decoded whole."""
        frame = _decoded(labelled)
        if frame is None:
            return None
        return self._reformatter.reformat(frame, format="rgb24", threads=1).to_ndarray().astype(np.uint8, copy=False)


def _decoded(labelled: LabelledPicture) -> VideoFrame | None:
    """The first picture of a file; unlike a camera's, one that is damaged in part is refused."""
    try:
        context = av.CodecContext.create(labelled.codec, "r")
        if not isinstance(context, VideoCodecContext):
            return None
        context.options = {"max_pixels": str(MAX_PIXELS), "err_detect": "explode"}
        context.thread_count = 1
        frame = next(iter([*context.decode(av.Packet(labelled.data)), *context.decode(None)]), None)
    except (av.error.FFmpegError, ValueError):
        return None
    return frame if frame and frame.width * frame.height <= MAX_PIXELS else None


def _inside(face: LabelledFace, picture: NDArray[np.uint8]) -> bool:
    x1, y1, x2, y2 = face.box_px
    height, width = picture.shape[:2]
    return x1 >= -_BEYOND_PX and y1 >= -_BEYOND_PX and x2 <= width + _BEYOND_PX and y2 <= height + _BEYOND_PX


def load(plan: Plan) -> list[worker.Room]:
    """Loads the decoders and the judge.

    Raises:
        ModelError: the judge's model cannot be used, or none is given.
    """
    av.logging.set_level(av.logging.PANIC)
    lockdown.import_whole(av)
    if plan.masks is None:
        raise ModelError("an exam of masks needs a model of masks, and the plan has none.")
    camera = plan.cameras[0]
    return [Exam(camera, MaskJudge(plan.masks), worker.CameraDoor(0, camera))]


if __name__ == "__main__":
    worker.main(load)
