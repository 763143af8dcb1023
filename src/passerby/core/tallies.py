"""Tallies: the only thing that passerby keeps.

A tally says how much of a measure was seen at a place in a window of time. `value = total / exposure`. Tallies of the
same place are merged by adding both, so that a site, a hub and a roll-up share one rule. An exposure of zero means "not
seen", which is not "nobody".
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import IntEnum

MIN_WINDOW_S = 60
MAX_WINDOW_S = 3600
DEFAULT_WINDOW_S = 900


class Measure(IntEnum):
    """What a tally counts. The number is the code on the wire; the name in lower case is what people read."""

    CROSSINGS_IN = 1
    CROSSINGS_OUT = 2
    PEOPLE = 3
    PEAK = 4
    ENTERED = 5
    LEFT = 6
    OVER_LIMIT = 7
    DWELL = 8
    DWELL_LOST = 9
    WAITED = 10
    GAVE_UP = 11
    MASKED = 12
    WORN_WRONGLY = 13
    CANNOT_TELL = 14
    HEAT = 15
    SHELF_SEEN = 16
    SHELF_FILL = 17
    SHELF_LOW = 18
    SHELF_EMPTY = 19

    @property
    def label(self) -> str:
        """The name as the API and the store write it."""
        return self.name.lower()

    @property
    def grid(self) -> float:
        """Totals are multiples of this: whole people, whole seconds of heat and of shelves, or tenths of a second."""
        return 0.1 if self in (Measure.PEOPLE, Measure.OVER_LIMIT) else 1.0

    @property
    def parts(self) -> int:
        """How many buckets or cells it has; of more than one, only those above zero are kept."""
        return _PARTS.get(self, 1)

    @property
    def per_person(self) -> bool:
        """Whether its exposure is people asked; else it is seconds seen."""
        return self in MASK_MEASURES

    def width_s(self, window_s: int) -> int:
        """Width of its windows, at a site whose windows have a width: heat is kept by the hour."""
        return HEAT_WINDOW_S if self is Measure.HEAT else window_s


HEAT_COLUMNS, HEAT_ROWS = 32, 18
HEAT_WINDOW_S = 3600
HEAT_MINIMUM = 5
"""Cells of a heat map with fewer people in an hour are blanked, unless told otherwise."""
PICTURE = "heat map"
"""The name of the whole picture of a camera, as the place of its heat."""
DWELL_BUCKETS = 13
MOST_FACINGS = 120
"""Facings of one shelf, at most."""
LINE_MEASURES = (Measure.CROSSINGS_IN, Measure.CROSSINGS_OUT)
ZONE_MEASURES = (
    *(Measure.PEOPLE, Measure.PEAK, Measure.ENTERED, Measure.LEFT),
    *(Measure.DWELL, Measure.DWELL_LOST),
)
QUEUE_MEASURES = (Measure.WAITED, Measure.GAVE_UP)
MASK_MEASURES = (Measure.MASKED, Measure.WORN_WRONGLY, Measure.CANNOT_TELL)
SHELF_MEASURES = (Measure.SHELF_SEEN, Measure.SHELF_FILL, Measure.SHELF_LOW, Measure.SHELF_EMPTY)
"""Of each facing, as a part of its shelf: seconds for which it could be seen, and of these fill times seconds, seconds
low, seconds empty. Availability is 1 - empty / seen, of the sums over any facings and windows."""
_PARTS = {
    **dict.fromkeys(SHELF_MEASURES, MOST_FACINGS),
    **dict.fromkeys((Measure.DWELL, Measure.DWELL_LOST, *QUEUE_MEASURES), DWELL_BUCKETS),
    Measure.HEAT: HEAT_COLUMNS * HEAT_ROWS,
}

EXPOSURE_GRID_S = 0.1


@dataclass(frozen=True, slots=True)
class Place:
    """Something that is tallied at: a line, a zone, a shelf, or the whole picture of a camera.

    Attributes:
        name: as the configuration has it.
        measures: what is tallied there.
        facings: how many facings it has, if it is a shelf.
    """

    name: str
    measures: tuple[Measure, ...]
    facings: int = 0

    def parts(self, measure: Measure) -> int:
        """How many parts of a measure there can be here."""
        return self.facings if measure in SHELF_MEASURES else measure.parts


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """What a tally is about and when: no two tallies of a site share a key."""

    camera: str
    measure: Measure
    subject: str
    start_unix_s: int
    width_s: int
    part: int = 0


@dataclass(frozen=True, slots=True)
class Tally:
    """How much of a measure was seen in one window.

    Attributes:
        camera: the camera's name.
        measure: what was counted.
        subject: the line or zone that it was counted at.
        start_unix_s: start of the window.
        width_s: length of the window.
        total: people, person-seconds or seconds; see docs/measures.md.
        exposure: seconds of the window that were observed; for the measures of masks, people asked.
        part: which bucket or cell of the measure.
        epoch: of the placement of the worker that counted it, where several boxes share a site's cameras: of what one
            run counted of a window, that of the highest is kept.

    Raises:
        ValueError: a number is negative, not finite or out of range, or the exposure is longer than the window.
    """

    camera: str
    measure: Measure
    subject: str
    start_unix_s: int
    width_s: int
    total: float
    exposure: float
    part: int = 0
    epoch: int = 0

    def __post_init__(self) -> None:
        if not (math.isfinite(self.total) and self.total >= 0):
            raise ValueError(f"total must be 0 or more, got {self.total}")
        if not 0 <= self.part < self.measure.parts:
            raise ValueError(f"part must be between 0 and {self.measure.parts - 1}, got {self.part}")
        most, unit = (self.width_s + EXPOSURE_GRID_S, "s") if not self.measure.per_person else (math.inf, "people")
        if not (math.isfinite(self.exposure) and 0 <= self.exposure <= most):
            raise ValueError(f"exposure must be between 0 and {most:g} {unit}, got {self.exposure}")
        if self.measure.per_person and self.total > self.exposure:
            raise ValueError(f"{self.total} of {self.exposure} people asked is no share")

    @property
    def key(self) -> Key:
        """What it is about and when."""
        return Key(self.camera, self.measure, self.subject, self.start_unix_s, self.width_s, self.part)

    @property
    def value(self) -> float | None:
        """Total by exposure: people per second, mean people, or a share; None where nothing was observed."""
        return self.total / self.exposure if self.exposure > 0 else None

    @property
    def coverage(self) -> float | None:
        """The share of the window that was observed, 0..1; None where the exposure is people."""
        return None if self.measure.per_person else min(1.0, self.exposure / self.width_s)


def window_start(time_unix_s: float, width_s: int) -> int:
    """Start of the window that holds a moment; windows are aligned to the Unix epoch."""
    return math.floor(time_unix_s / width_s) * width_s


def merge(tallies: Iterable[Tally], width_s: int) -> list[Tally]:
    """Merges tallies into wider windows, ordered by key. Those that are wider already stay as they are.

    Totals and exposures are added. `PEAK` alone keeps the largest total (docs/decisions/0006-peak.md).

    Args:
        tallies: of any cameras, measures and windows.
        width_s: width of the windows that come out.
    """
    merged: dict[Key, Tally] = {}
    for tally in tallies:
        width = max(width_s, tally.width_s)
        wide = replace(tally, start_unix_s=window_start(tally.start_unix_s, width), width_s=width)
        known = merged.get(wide.key)
        if known is None:
            merged[wide.key] = wide
            continue
        total = max(known.total, tally.total) if tally.measure is Measure.PEAK else known.total + tally.total
        exposure = known.exposure + tally.exposure
        if not tally.measure.per_person:
            # Each window may be over its width by a rounding; all of them together are not longer than the wide one.
            exposure = min(width, exposure)
        merged[wide.key] = replace(known, total=total, exposure=exposure)
    return [merged[key] for key in sorted(merged)]
