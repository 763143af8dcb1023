"""Whose head is looked at when, in one scene, and what came of it. All of it is forgotten with the track."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from passerby.core.masks import LIMITS, Answer, Look, good, vote
from passerby.core.observations import Tracks
from passerby.pixels.squares import Box

Picture = NDArray[np.uint8]

LOOKS = 5
"""So often is one person looked at, whether or not a face was seen."""
EVERY_S = 1.0
"""At most so often; from the second look that shows no good face on, each pause is twice the one before."""
FORGET_S = 6.0
"""Longer than a stay goes on unseen: that is told of when its track is forgotten, and asks then."""

_OF_HEIGHT, _OF_WIDTH = 0.115, 0.32
_SMALLER = 0.7
"""A face is seldom larger than expected by more than 1 / 0.7."""
_EPSILON_S = 1e-6


class Judge(Protocol):
    """Looks at one head; `pixels.masks.MaskJudge` is one."""

    def judge_head(self, picture: Picture, box_px: Box) -> Look | None:
        """What is seen where a face is expected, or None."""
        ...


def face_of(person_px: NDArray[np.floating]) -> Box:
    """Where the face is expected in a person's box, a square x1 y1 x2 y2.

    A face, brow to chin, has about a ninth of the height of someone standing and a third of the width of someone's box;
    the larger of the two serves people of whom only the upper part is seen too. Its middle is one face below the box's
    top. Measured on photographs, `benchmarks/masks`: half of all faces are within 0.9 to 1.3 of that size.
    """
    x1, y1, x2, y2 = (float(value) for value in person_px)
    face = max(_OF_HEIGHT * (y2 - y1), _OF_WIDTH * (x2 - x1))
    x, y = (x1 + x2) / 2, y1 + face
    return x - face / 2, y - face / 2, x + face / 2, y + face / 2


@dataclass(slots=True)
class _Watched:
    """One track: its good looks, looks without a face, when it may be looked at again, when it was last seen."""

    looks: list[Look] = field(default_factory=list)
    fruitless: int = 0
    due_s: float = 0.0
    seen_s: float = 0.0

    @property
    def done(self) -> bool:
        return len(self.looks) + self.fruitless >= LOOKS


class MaskWatch:
    """Looks at the heads of the people in one scene, and answers for each track.

    Its memory is bounded by the tracks of the last seconds.

    Args:
        judge: who looks at a head.
    """

    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        self._watched: dict[int, _Watched] = {}
        self._native_px: tuple[int, int] | None = None

    def __len__(self) -> int:
        """How many tracks are kept in mind."""
        return len(self._watched)

    def look(self, tracks: Tracks, size_px: tuple[int, int], native: Callable[[], Picture]) -> None:
        """Looks at the heads that are due.

        Args:
            tracks: of this frame.
            size_px: width and height of the frame that the tracks' boxes are in.
            native: gives the same frame in its own size, uint8 (h, w, 3), red green blue. It is asked for only when
                somebody is due, and once more at the scene's first person, to learn that size.
        """
        now_s = tracks.time_s
        self._watched = {track: one for track, one in self._watched.items() if now_s - one.seen_s <= FORGET_S}
        picture: Picture | None = None
        for track, box in zip(tracks.ids.tolist(), tracks.boxes_px, strict=True):
            one = self._watched.setdefault(track, _Watched())
            one.seen_s = now_s
            if one.done or now_s < one.due_s - _EPSILON_S or not self._large_enough(box, size_px):
                continue
            picture = native() if picture is None else picture
            self._native_px = picture.shape[1], picture.shape[0]
            if self._large_enough(box, size_px):
                look = self._judge.judge_head(picture, self._face(box, size_px))
                self._take(one, look, now_s)

    def _face(self, box: NDArray[np.float32], size_px: tuple[int, int]) -> Box:
        """Where a person's face is expected in the native picture, as far as its size is known."""
        return face_of(box * np.tile(np.divide(self._native_px or size_px, size_px), 2))

    def _large_enough(self, box: NDArray[np.float32], size_px: tuple[int, int]) -> bool:
        """Whether the face may be large enough; yes as long as the native size is not known."""
        _, top, _, bottom = self._face(box, size_px)
        return self._native_px is None or bottom - top >= _SMALLER * LIMITS.face_px

    def _take(self, one: _Watched, look: Look | None, now_s: float) -> None:
        """Keeps a look if it is good."""
        if look and good(look):
            one.looks.append(look)
        else:
            one.fruitless += 1
        # Who is far away or turned from the camera has looks left for later.
        one.due_s = now_s + EVERY_S * 2 ** max(0, one.fruitless - 1)

    def vote(self, track: int) -> Answer:
        """The answer for a track, out of the looks so far."""
        one = self._watched.get(track)
        return vote(one.looks) if one else Answer.CANNOT_TELL

    def forget(self, track: int) -> None:
        """Forgets a track."""
        self._watched.pop(track, None)
