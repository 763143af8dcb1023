"""Edges of a picture, minute by minute: where the things of a scene stand in them, and for how many minutes so.

Decision 17 has the limits and what they were measured on.
"""

from dataclasses import dataclass

from passerby.pixels.alignment import Edges, far, likeness, near

EVERY_S = 5.0
_SPAN_S = 60.0
_LEAST_PICTURES = 6

_MOVED_SHARE = 0.015
"""Of the width: what a corner must have moved. A step of a cell is 0.8 to 1.3 %, so this is two cells, about 2 %."""
_NEAR_FIT, _NEAR_GAIN = 0.25, 0.05
_FAR_FIT, _FAR_GAIN = 0.35, 0.15
"""Correlation in the new place, and how much more than in the old one: three times what unrelated views reach."""
_LOST_FIT = 0.15
"""Unrelated views reach 0.1 near the old place by chance; with so little, nothing of the scene is left there."""
_STEADY_FIT = 0.4
"""A minute that is less like the one before shows people rather than a room."""
MOVED_SPANS, LOST_SPANS = 2, 10


@dataclass(slots=True)
class Minute:
    """The edges of a minute, added up."""

    sum: Edges
    began_s: float
    pictures: int = 0
    looked_s: float = float("-inf")

    def add(self, edges: Edges, time_s: float) -> None:
        """Adds those of a picture."""
        self.sum += edges
        self.pictures += 1
        self.looked_s = time_s

    @property
    def whole(self) -> bool:
        """Whether it is over. A clock that was set back does not make a minute longer."""
        return not 0 <= self.looked_s - self.began_s < _SPAN_S and self.pictures >= _LEAST_PICTURES

    def mean(self) -> Edges:
        """Its edges, on average."""
        return self.sum / self.sum.dtype.type(self.pictures)


@dataclass(frozen=True, slots=True)
class Seen:
    """What a minute shows of a scene.

    Attributes:
        moved: the scene stands elsewhere.
        lost: nothing of it is left near its place.
        here: it stands where it stood.
    """

    moved: bool
    lost: bool
    here: bool


def seen(scene: Edges, span: Edges, known: Edges | None = None) -> Seen:
    """Looks for a scene in a minute; see `alignment.near` for what is compared."""
    parts, whole = near(scene, span, known), far(scene, span, known)
    both = ((parts, _NEAR_FIT, _NEAR_GAIN), (whole, _FAR_FIT, _FAR_GAIN))
    moved = any(
        fit.moved_share >= _MOVED_SHARE and fit.best >= least and fit.best - fit.rest >= gain
        for fit, least, gain in both
    )
    here = not moved and any(fit.rest >= least for fit, least, _ in both)
    return Seen(moved, parts.best < _LOST_FIT, here)


class InARow:
    """For how many minutes in a row something was so, of minutes that resemble each other."""

    def __init__(self) -> None:
        self._before: Edges | None = None
        self._counts: tuple[int, ...] = ()

    def take(self, span: Edges, *so: bool) -> tuple[int, ...]:
        """Takes a minute and what was so in it; tells for how many minutes in a row each has been."""
        before, self._before = self._before, span
        steady = before is not None and likeness(before, span) >= _STEADY_FIT
        counts = self._counts or (0,) * len(so)
        self._counts = tuple(one * (count * steady + 1) for one, count in zip(so, counts, strict=True))
        return self._counts
