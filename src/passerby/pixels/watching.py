"""Watches one camera for a while and makes its people-free still."""

from typing import Protocol

import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray
from scipy import ndimage

from passerby.core.observations import Detections
from passerby.gate.setup_messages import STILL_MOST_PX
from passerby.pixels.blanking import GREY, PrivacyMasks
from passerby.pixels.frames import Sampler, Scaler
from passerby.pixels.overhead import OverheadDetector
from passerby.pixels.still import LOOKS, Boxes, Mask, Picture, StillMaker, grown

_LEAST_LOOKS = 20
"""With fewer, no still is made."""
_LEAST_SHARE = 0.5
"""Of the time to watch, that a recording must have lasted for a still to be made of it."""
_OVERHEAD_FPS = 8.0
"""A detector of movement has to see this many pictures a second; the still is made of some of them."""
_MOVING_MARGIN_PX = 6
_ROUNDS = 5


class Finder(Protocol):
    """Finds people for the still, and tells what else moves."""

    size_px: tuple[int, int]
    looks_per_s: float

    def find(self, bgr: Picture, time_s: float) -> tuple[Boxes, Mask | None] | None:
        """Boxes (n, 4) of people, and where something moves (h, w); None while the scene is not known yet."""
        ...

    def left(self, bgr: Picture, /) -> Boxes:
        """Boxes (n, 4) of whoever can be found in a finished still."""
        ...


class Detector(Protocol):
    """See `pixels.people.PersonDetector`."""

    size_px: tuple[int, int]

    def detect(self, bgr: NDArray[np.uint8], time_s: float) -> Detections:
        """Finds people; boxes in pixels of the frame."""
        ...


class PeopleFinder:
    """For a level camera: a detector of people, down to its least score.

    Args:
        detector: with a threshold far below what counts as a person elsewhere.
        looks_per_s: how often to look.
    """

    def __init__(self, detector: Detector, looks_per_s: float) -> None:
        self._detector = detector
        self.size_px = detector.size_px
        self.looks_per_s = looks_per_s

    def find(self, bgr: Picture, time_s: float) -> tuple[Boxes, Mask | None]:
        """Boxes of people, however unsure."""
        return self._detector.detect(bgr, time_s).boxes_px.astype(np.float64), None

    def left(self, bgr: Picture) -> Boxes:
        """Boxes of people in a finished still, as it is and enlarged."""
        height, width = bgr.shape[:2]
        ratio = min(self.size_px[0] / width, self.size_px[1] / height)
        found = [np.zeros((0, 4))]
        for scale in {1.0, ratio} if ratio > 1 else {ratio}:
            size = (max(1, int(height * scale)), max(1, int(width * scale)))
            looked_at = ndimage.zoom(
                bgr, (size[0] / height, size[1] / width, 1), order=1, grid_mode=True, mode="nearest"
            )
            boxes = self._detector.detect(np.ascontiguousarray(looked_at), 0.0).boxes_px
            found.append(boxes / np.tile([size[1] / width, size[0] / height], 2))
        return np.concatenate(found)


class MovementFinder:
    """For a camera that looks straight down: whatever is not the empty scene. It knows nobody who never moves."""

    def __init__(self, detector: OverheadDetector) -> None:
        self._detector = detector
        self.size_px = detector.size_px
        self.looks_per_s = _OVERHEAD_FPS

    def find(self, bgr: Picture, time_s: float) -> tuple[Boxes, Mask | None] | None:
        """Where something moves; None until the empty scene has been learnt."""
        people = self._detector.detect(bgr, time_s)
        if not self._detector.ready:
            return None
        moving = ndimage.binary_dilation(self._detector.moving, iterations=_MOVING_MARGIN_PX)
        for box in people.boxes_px.astype(np.float64):
            moving[grown(box)] = True
        return np.zeros((0, 4)), moving

    def left(self, _bgr: Picture, /) -> Boxes:
        """Nobody: from above there is no telling."""
        return np.zeros((0, 4))


class Watch:
    """Gathers what is seen of a camera, and makes the still.

    Args:
        finder: who finds people.
        watch_s: seconds of video.
        blank: the camera's privacy masks.
    """

    def __init__(self, finder: Finder, watch_s: float, blank: PrivacyMasks) -> None:
        self._finder = finder
        self._watch_s = watch_s
        self._blank = blank.blank
        self._scaler, self._small = Scaler(finder.size_px), Scaler(STILL_MOST_PX)
        self._sampler = Sampler(finder.looks_per_s)
        self._gap_s = watch_s / LOOKS
        self._due_s = float("-inf")
        self._maker: StillMaker | None = None

    def look(self, frame: VideoFrame, time_s: float, frame_s: float) -> None:
        """Takes one picture.

        Args:
            frame: the picture.
            time_s: seconds since the stream started.
            frame_s: time to the next picture.
        """
        if not self._sampler.wants(time_s, frame_s):
            return
        found = self._finder.find(self._blank(self._scaler.scale(frame)), time_s)
        if found is None or time_s < self._due_s - min(frame_s, self._gap_s) / 2:
            return
        self._due_s = max(self._due_s, time_s - self._gap_s) + self._gap_s
        boxes, moving = found
        size_px = self._small.size_of(frame)
        if self._maker is None or self._maker.size_px != size_px:
            self._maker = StillMaker(size_px)
        picture = self._blank(np.ascontiguousarray(self._small.scale(frame)[:, :, ::-1]))
        self._maker.look(picture, time_s, _scaled(boxes, self._scaler.size_of(frame), size_px), moving)

    @property
    def done(self) -> bool:
        """Whether enough was seen."""
        maker = self._maker
        if maker is None:
            return False
        return len(maker) >= LOOKS or (len(maker) >= _LEAST_LOOKS and maker.span_s >= self._watch_s)

    def still(self) -> Picture | None:
        """The still, uint8 (h, w, 3) red green blue; None where too little was seen."""
        maker = self._maker
        if maker is None or len(maker) < _LEAST_LOOKS or maker.span_s < _LEAST_SHARE * self._watch_s:
            return None
        return self._nobody_left(maker.make())

    def forget(self) -> None:
        """Forgets all pictures. The detector stays: to end its threads takes calls that the room may not make."""
        self._maker = None

    def _nobody_left(self, still: Picture) -> Picture:
        """Looks at the still itself, and blanks whom it finds; all of it, where somebody is found again and again."""
        for _ in range(_ROUNDS):
            found = self._finder.left(np.ascontiguousarray(still[:, :, ::-1]))
            if not len(found):
                return still
            for box in found:
                still[grown(box)] = GREY
        return np.full_like(still, GREY)


def _scaled(boxes: Boxes, from_px: tuple[int, int], to_px: tuple[int, int]) -> Boxes:
    scaled: Boxes = boxes * np.tile(np.array(to_px) / np.array(from_px), 2)
    return scaled
