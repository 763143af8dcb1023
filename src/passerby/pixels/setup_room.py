"""The pixel room of set-up mode.

It sends one people-free still with its signature and then totals of a rehearsal, or what a shelf was taught, and ends
by itself.

Started as `python -m passerby.pixels.setup_room`, behind the locks of `pixels.worker`. No tally leaves it. Before it
is locked it asks the kernel to end it when its time is over; no call behind the lock can put that off.
"""

import os
import signal
import time
from dataclasses import dataclass

import av
import av.logging
import msgspec
import numpy as np
from av.video.frame import VideoFrame

from passerby.core.geometry import Zone
from passerby.errors import ModelError
from passerby.gate import lockdown
from passerby.gate.messages import (
    CameraPlan,
    FaultCode,
    HealthFigure,
    Kind,
    LinePlan,
    Message,
    Plan,
    SetupPlan,
    ShelfPlan,
    TeachState,
    ZonePlan,
)
from passerby.gate.packets import Packet
from passerby.gate.setup_messages import REHEARSED_EVERY_S, Signature, Still, longest_s
from passerby.pixels import shelves, worker
from passerby.pixels.blanking import GREY, PrivacyMasks
from passerby.pixels.overhead import OverheadDetector
from passerby.pixels.people import FAMILIES, PersonDetector
from passerby.pixels.rehearsal import Rehearsal
from passerby.pixels.scene import Detector, Eyes
from passerby.pixels.shelf_teaching import LEAST_LOOKS, Lesson
from passerby.pixels.signature import signature_of
from passerby.pixels.still import LOOKS
from passerby.pixels.stream import Stream
from passerby.pixels.watching import Finder, MovementFinder, PeopleFinder, Watch

_LEAST_SCORE = 0.25
"""Of the score from which a detector is sure of a person: from there on somebody is blanked."""
_WARM_UP_LOOKS = 80


class SetupRoom:
    """One camera in set-up mode.

    Args:
        work: what it does.
        rehearse_s: seconds to rehearse for.
        live: whether the clock tells when the frames were.
    """

    def __init__(self, work: "Work", rehearse_s: float, *, live: bool) -> None:
        self._watch = work.watch
        self._rehearsal = work.rehearsal
        self._lesson = work.lesson
        self._rehearse_s = rehearse_s
        self._stream = Stream(live=live, on_fault=self._fault)
        self._faults: set[FaultCode] = set()
        self._rehearsing = False
        self._began_s = self._told_s = 0.0
        if work.watch is None and work.lesson is None:
            self._begin_rehearsal()

    def take(self, packet: Packet) -> None:
        """Takes one packet."""
        for timed in self._stream.take(packet):
            self._look(*timed)

    def end(self) -> None:
        """The video is over, and with it the work."""
        for timed in self._stream.end():
            self._look(*timed)
        if self._lesson:
            self._send_taught(self._lesson)
        if self._watch and not self._rehearsing:
            self._send_still(self._watch)
        self._tell()
        os._exit(0)

    def tick(self) -> None:
        """Tells the totals when they are due, and ends the rehearsal when its time is over."""
        now_s = time.monotonic()
        if self._rehearsing and now_s - self._began_s >= self._rehearse_s:
            os._exit(0)
        if self._rehearsing and now_s - self._told_s >= REHEARSED_EVERY_S:
            self._tell()

    def figures(self) -> dict[HealthFigure, int]:
        """None: how much was seen is not told."""
        return {}

    def line_figures(self) -> list[dict[HealthFigure, int]]:
        """None either."""
        return []

    def _look(self, frame: VideoFrame, time_s: float) -> None:
        if self._lesson:
            self._lesson.look(frame, time_s, self._stream.frame_s)
            if self._lesson.done:
                self._send_taught(self._lesson)
        elif self._rehearsal and self._rehearsing:
            self._rehearse(self._rehearsal, frame, time_s)
        elif self._watch:
            self._watch.look(frame, time_s, self._stream.frame_s)
            if self._watch.done:
                self._send_still(self._watch)

    def _rehearse(self, rehearsal: Rehearsal, frame: VideoFrame, time_s: float) -> None:
        try:
            rehearsal.look(frame, time_s, self._stream.frame_s)
        except ValueError:
            self._fault(FaultCode.PLACE_OUTSIDE)
            os._exit(0)
        self.tick()

    def _send_still(self, watch: Watch) -> None:
        """Sends the still, once: what it was made of is forgotten with this."""
        still = watch.still()
        watch.forget()
        if still is None:
            self._fault(FaultCode.NO_FRAMES)
            os._exit(0)
        height, width = still.shape[:2]
        _send(Signature(signature_of(still)).pack())
        _send(Still(width, height, still.tobytes()).pack())
        self._begin_rehearsal()

    def _send_taught(self, lesson: Lesson) -> None:
        """Sends what the shelf was taught, and with it the work is done."""
        taught = lesson.taught()
        if taught:
            _send(taught.pack())
        elif not lesson.looks:
            self._fault(FaultCode.NO_FRAMES)
        os._exit(0)

    def _begin_rehearsal(self) -> None:
        self._rehearsing = True
        self._began_s = time.monotonic()

    def _tell(self) -> None:
        """Tells all totals; the first time after `REHEARSED_EVERY_S`."""
        if self._rehearsal and self._rehearsing:
            self._told_s = time.monotonic()
            for head in self._rehearsal.totals():
                _send(head.pack())

    def _fault(self, code: FaultCode) -> None:
        if code not in self._faults:
            self._faults.add(code)
            worker.send(Message(Kind.FAULT, code))


def _send(record: bytes) -> None:
    while record:
        record = record[os.write(worker.DOOR_FD, record) :]


@dataclass(frozen=True, slots=True)
class _People:
    """Who looks at a level camera: the same graph, once for the still and once as it counts."""

    least: PersonDetector
    counting: PersonDetector

    @staticmethod
    def of(plan: Plan) -> "_People | None":
        """The detectors of a plan; None for a camera that looks straight down.

        Raises:
            ModelError: the model cannot be used, or none is given and the camera needs one.
        """
        if plan.cameras[0].view == "overhead":
            return None
        if plan.model is None:
            raise ModelError("set-up mode needs a model of persons for this camera, and the plan has none.")
        counting = PersonDetector(plan.model)
        threshold = _LEAST_SCORE * FAMILIES[plan.model.family].confident
        return _People(PersonDetector(msgspec.structs.replace(plan.model, threshold=threshold)), counting)


@dataclass(frozen=True, slots=True)
class Work:
    """What a room does.

    Attributes:
        watch: makes the still; None where none is asked for.
        rehearsal: counts; None where none is asked for.
        lesson: teaches a shelf; None where none is taught.
    """

    watch: Watch | None
    rehearsal: Rehearsal | None
    lesson: Lesson | None


def furnish(camera: CameraPlan, setup: SetupPlan, people: _People | None) -> Work:
    """What a room is to do: watch, rehearse or both, or teach."""
    finder: Finder
    detector: Detector
    if people:
        finder, detector = PeopleFinder(people.least, LOOKS / (setup.watch_s or LOOKS)), people.counting
    else:
        detector = OverheadDetector()
        finder = MovementFinder(detector)
    blank = PrivacyMasks(tuple(Zone("privacy mask", corners) for corners in camera.privacy_masks))
    watch = Watch(finder, setup.watch_s, blank) if setup.watch_s else None
    rehearsal = Rehearsal(camera, Eyes(lambda: detector)) if setup.rehearse_s else None
    lesson = Lesson(camera, setup.teach, people.counting if people else None) if setup.teach else None
    return Work(watch, rehearsal, lesson)


def warm_up(view: str, people: _People | None) -> None:
    """Does all of it once with grey pictures, so that all that will be needed is loaded; nothing is kept of it."""
    camera = CameraPlan(
        "",
        (LinePlan("line", (0.1, 0.1), (0.9, 0.9)),),
        (ZonePlan("zone", ((0, 0), (1, 0), (1, 1))),),
        view,
        privacy_masks=(((0, 0), (0.1, 0), (0.1, 0.1)),),
        shelves=(ShelfPlan("shelf", (((0.1, 0.1), (0.9, 0.1), (0.9, 0.9), (0.1, 0.9)),)),),
    )
    work = furnish(camera, SetupPlan(watch_s=4, rehearse_s=1, teach=TeachState.FULL), people)
    watch, rehearsal, lesson = work.watch, work.rehearsal, work.lesson
    assert watch
    assert rehearsal
    assert lesson
    grey = VideoFrame.from_ndarray(np.full((288, 384, 3), GREY, np.uint8), format="rgb24")
    frame = grey.reformat(format="yuv420p", threads=1)
    for number in range(_WARM_UP_LOOKS):
        watch.look(frame, number / 8, 1 / 8)
    watch.still()
    signature_of(np.full((288, 384, 3), GREY, np.uint8))
    for number in range(LEAST_LOOKS):
        lesson.look(frame, float(number), 1.0)
    lesson.taught()
    shelves.rehearse(frame)
    rehearsal.look(frame, 0.0, 1 / 8)
    rehearsal.totals()


def load(plan: Plan) -> list[worker.Room]:
    """Loads the decoders and the models, and asks the kernel for an end.

    Raises:
        ModelError: the model cannot be used, or none is given.
    """
    av.logging.set_level(av.logging.PANIC)
    lockdown.import_whole(av)
    camera, setup = plan.cameras[0], plan.setup or SetupPlan(0, 0)
    people = _People.of(plan)
    warm_up(camera.view, people)
    work = furnish(camera, setup, people)
    # The default of this signal is the end of the process.
    signal.alarm(longest_s(setup) or 1)
    return [SetupRoom(work, setup.rehearse_s, live=camera.live)]


if __name__ == "__main__":
    worker.main(load)
