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

    @property
    def label(self) -> str:
        """The name as the API and the store write it."""
        return self.name.lower()

    @property
    def grid(self) -> float:
        """Totals are multiples of this: whole people, or tenths of a person-second."""
        return 0.1 if self is Measure.PEOPLE else 1.0

    @property
    def of_line(self) -> bool:
        """Whether the measure belongs to a line (else to a zone)."""
        return self in (Measure.CROSSINGS_IN, Measure.CROSSINGS_OUT)


EXPOSURE_GRID_S = 0.1


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """What a tally is about and when: no two tallies of a site share a key."""

    camera: str
    measure: Measure
    subject: str
    start_unix_s: int
    width_s: int


@dataclass(frozen=True, slots=True)
class Tally:
    """How much of a measure was seen in one window.

    Attributes:
        camera: the camera's name.
        measure: what was counted.
        subject: the line or zone that it was counted at.
        start_unix_s: start of the window.
        width_s: length of the window.
        total: crossings (people), person-seconds (`PEOPLE`), or people (`PEAK`).
        exposure: seconds of the window that were observed.

    Raises:
        ValueError: a number is negative or not finite, or the exposure is longer than the window.
    """

    camera: str
    measure: Measure
    subject: str
    start_unix_s: int
    width_s: int
    total: float
    exposure: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.total) and self.total >= 0):
            raise ValueError(f"total must be 0 or more, got {self.total}")
        if not (math.isfinite(self.exposure) and 0 <= self.exposure <= self.width_s + EXPOSURE_GRID_S):
            raise ValueError(f"exposure must be between 0 and {self.width_s} s, got {self.exposure}")

    @property
    def key(self) -> Key:
        """What it is about and when."""
        return Key(self.camera, self.measure, self.subject, self.start_unix_s, self.width_s)

    @property
    def value(self) -> float | None:
        """People per observed second, or mean people; None where nothing was observed."""
        return self.total / self.exposure if self.exposure > 0 else None

    @property
    def coverage(self) -> float:
        """The share of the window that was observed, 0..1."""
        return min(1.0, self.exposure / self.width_s)


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
        # Each window may be over its width by a rounding; all of them together are not longer than the wide one.
        exposure = min(width, known.exposure + tally.exposure)
        merged[wide.key] = replace(known, total=total, exposure=exposure)
    return [merged[key] for key in sorted(merged)]
