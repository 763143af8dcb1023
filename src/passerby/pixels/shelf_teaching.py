"""Teaches a shelf: what its facings look like full, or empty, out of half a minute in which nobody is in front of them.

Of each cell the median over the looks is kept, so that who passes leaves nothing behind; a facing before which somebody
stands, or something moves, for much of the time is not taught, and is told by its index.
"""

from typing import Protocol

import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from passerby.core.geometry import Zone
from passerby.core.observations import Detections
from passerby.core.shelves import ShelfRules
from passerby.gate.messages import CameraPlan, ShelfPlan, TeachState
from passerby.gate.setup_messages import TEACH_S, Taught
from passerby.pixels.blanking import PrivacyMasks
from passerby.pixels.frames import Sampler, Scaler
from passerby.pixels.shelf_features import INNER, Cells, Facings
from passerby.pixels.shelf_judge import Judge, distance
from passerby.pixels.shelf_reference import pack, unpack

LOOKS = 20
"""Looks that a shelf is taught with, a second or more apart."""
LEAST_LOOKS = 10
"""With fewer, as of a short recording, nothing is taught."""

_HIDDEN_LOOKS, _HIDDEN_CELLS = 0.3, 0.1
_RESTLESS_CELLS, _RESTLESS = 0.2, 0.35


class Detector(Protocol):
    """See `pixels.people.PersonDetector`."""

    size_px: tuple[int, int]

    def detect(self, bgr: NDArray[np.uint8], time_s: float) -> Detections:
        """Finds people; boxes in pixels of the frame."""
        ...


class Teaching:
    """One shelf that is taught.

    Args:
        plan: the shelf, with what was taught before.
        state: what it is shown as.

    Raises:
        ValueError: it is to be taught as it stands, and was not taught full and empty before.
    """

    def __init__(self, plan: ShelfPlan, state: TeachState) -> None:
        if state is TeachState.NOW and not plan.taught:
            raise ValueError(f"shelf {plan.name} was not taught before: teach it full and empty first.")
        self._plan, self._state = plan, state
        self._cells: list[Cells] = []
        self._hidden: list[NDArray[np.bool_]] = []

    def __len__(self) -> int:
        return len(self._cells)

    @property
    def done(self) -> bool:
        """Whether enough was seen."""
        return len(self._cells) >= LOOKS

    def look(self, cells: Cells, hidden: NDArray[np.float64]) -> None:
        """Takes one look: what the facings look like, and whether people stand in front of each cell."""
        if not self.done:
            self._cells.append(cells)
            self._hidden.append(hidden[:, INNER].mean(axis=(1, 2)) > _HIDDEN_CELLS)

    def taught(self) -> Taught:
        """What came of it; what was seen is forgotten with this.

        Raises:
            ValueError: nothing was seen.
        """
        if not self._cells:
            raise ValueError("the camera showed nothing")
        looks, hidden = np.stack(self._cells), np.stack(self._hidden)
        self._cells, self._hidden = [], []
        middle: Cells = np.median(looks, axis=0).astype(np.float32)
        restless = np.median([distance(look, middle) for look in looks], axis=0)[:, INNER] > _RESTLESS
        covered = (hidden.mean(axis=0) > _HIDDEN_LOOKS) | (restless.mean(axis=(1, 2)) > _RESTLESS_CELLS)
        states, known = self._taken_for(middle)
        covered |= ~known
        references = pack(middle)
        if covered.any():
            references = bytes(len(references))
        told = (None if hidden else state for state, hidden in zip(states, covered, strict=True))
        return Taught(tuple(told), references)

    def _taken_for(self, seen: Cells) -> tuple[list[TeachState], NDArray[np.bool_]]:
        """What each facing is shown as, and whether what was taught before allows it."""
        if self._state is not TeachState.NOW:
            return [self._state] * len(seen), np.ones(len(seen), bool)
        judge = Judge(unpack(self._plan.full), unpack(self._plan.empty))
        found = judge.look(seen, np.zeros(seen.shape[:3]))
        gaps = found.fill <= ShelfRules().empty_fill
        return [TeachState.EMPTY if gap else TeachState.FULL for gap in gaps], found.seen


class Lesson:
    """Shows a shelf of one camera to its teaching, a look each second, for as long as it takes.

    Args:
        camera: with the one shelf that is taught.
        state: what it is shown as.
        detector: finds people in front of it; None for a camera that looks straight down, where only what moves tells.
    """

    def __init__(self, camera: CameraPlan, state: TeachState, detector: Detector | None) -> None:
        (self._shelf,) = camera.shelves
        self._teaching = Teaching(self._shelf, state)
        self._detector = detector
        self._scaler = Scaler(detector.size_px) if detector else None
        self._blank = PrivacyMasks(tuple(Zone("privacy mask", corners) for corners in camera.privacy_masks)).blank
        self._sampler = Sampler(LOOKS / TEACH_S)
        self._size_px = (0, 0)
        self._facings: Facings | None = None

    @property
    def done(self) -> bool:
        """Whether enough was seen."""
        return self._teaching.done

    @property
    def looks(self) -> int:
        """How often it was looked at."""
        return len(self._teaching)

    def look(self, frame: VideoFrame, time_s: float, frame_s: float) -> None:
        """Takes one picture.

        Args:
            frame: the picture.
            time_s: seconds since the stream started.
            frame_s: time to the next picture.
        """
        if not self._sampler.wants(time_s, frame_s):
            return
        if self._facings is None or self._size_px != (frame.width, frame.height):
            self._size_px = (frame.width, frame.height)
            self._facings = Facings(np.array(self._shelf.facings, float), self._size_px)
        self._teaching.look(self._facings.cells(frame), self._facings.hidden(self._people(frame, time_s)))

    def taught(self) -> Taught | None:
        """What came of it; None if too little was seen."""
        return self._teaching.taught() if len(self._teaching) >= LEAST_LOOKS else None

    def _people(self, frame: VideoFrame, time_s: float) -> NDArray[np.float64]:
        if self._detector is None or self._scaler is None:
            return np.zeros((0, 4))
        found = self._detector.detect(self._blank(self._scaler.scale(frame)), time_s)
        boxes: NDArray[np.float64] = found.boxes_px / np.tile(np.array(self._scaler.size_of(frame), float), 2)
        return boxes
