"""Counts at the lines and zones that are being drawn, so that whoever draws them can walk through and see it count."""

from collections import Counter

from av.video.frame import VideoFrame

from passerby.core.tallies import Measure
from passerby.gate.messages import CameraPlan
from passerby.gate.setup_messages import Head, SetupKind, rehearsed_at
from passerby.pixels.frames import Sampler, Scaler
from passerby.pixels.scene import Eyes, Places, Scene


class Rehearsal:
    """Running totals of one camera since it began; no window, and nothing of one person.

    Args:
        plan: where to count.
        eyes: who looks.
    """

    def __init__(self, plan: CameraPlan, eyes: Eyes) -> None:
        self._plan = plan
        self._eyes = eyes
        self._told_at = rehearsed_at(plan)
        self._sampler = Sampler(plan.most_fps)
        self._scaler = Scaler(eyes.detector().size_px)
        self._places: Places | None = None
        self._scene: Scene | None = None
        self._events: Counter[tuple[str, Measure]] = Counter()
        self._people: dict[str, int] = {}

    def look(self, frame: VideoFrame, time_s: float, frame_s: float) -> None:
        """Takes one picture.

        Args:
            frame: the picture.
            time_s: seconds since the stream started.
            frame_s: time to the next picture.

        Raises:
            ValueError: a place lies outside the picture.
        """
        if not self._sampler.wants(time_s, frame_s):
            return
        size_px = self._scaler.size_of(frame)
        self._places = self._places or Places.of(self._plan, (frame.width, frame.height))
        if self._scene is None or self._scene.size_px != size_px:
            self._scene = Scene(self._plan, self._places, self._eyes, size_px)
        look = self._scene.look(self._scaler.scale(frame), time_s, lambda: self._scaler.native(frame))
        if look is None:
            return
        self._events.update((event.place, event.measure) for event in look.seen.events)
        self._people = dict(look.seen.people)

    def totals(self) -> list[Head]:
        """All numbers, as records of the door."""
        return [
            Head(SetupKind.REHEARSED, measure, subject=subject, a=self._total(place.name, measure))
            for subject, place in enumerate(self._told_at)
            for measure in place.measures
        ]

    def _total(self, place: str, measure: Measure) -> int:
        return self._people.get(place, 0) if measure is Measure.PEOPLE else self._events[place, measure]
