"""What the tallies of a shelf tell of a span: seconds seen and empty, by facing and hour, and the gaps."""

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from passerby.core.shelves import FacingWindow, Gap, availability, gaps
from passerby.core.tallies import Measure, Tally, window_start
from passerby.site.figures import Settings
from passerby.site.reports.asked import Asked, Queries, Window, read, rounded
from passerby.site.settings import ShelfSettings
from passerby.site.store import HOUR_S

_GAP_WIDTH_S = 300
"""Gaps are read from windows of at least so long: by the minute, a day of 120 facings is half a million tallies."""


@dataclass(frozen=True, slots=True)
class OnShelf:
    """How much of the time there was something, over facings and windows; sums of these are sums of their parts.

    Attributes:
        seen_s: seconds for which facings could be seen, all of them together; 0 is "not seen", which is not "empty".
        empty_s: of these, seconds for which they were empty.
        could_s: seconds for which they could have been seen.
    """

    seen_s: float = 0.0
    empty_s: float = 0.0
    could_s: float = 0.0

    def __add__(self, other: "OnShelf") -> "OnShelf":
        return OnShelf(self.seen_s + other.seen_s, self.empty_s + other.empty_s, self.could_s + other.could_s)

    @property
    def availability(self) -> float | None:
        """On-shelf availability, 0..1; None where nothing was seen."""
        return availability(self.seen_s, self.empty_s)

    @property
    def coverage(self) -> float:
        """Share of the time that was seen, 0..1."""
        return min(1.0, self.seen_s / self.could_s) if self.could_s > 0 else 0.0

    def as_dict(self) -> dict[str, Any]:
        """As the API writes it."""
        return {
            "availability": rounded(self.availability),
            "coverage": rounded(self.coverage),
            "seen_s": rounded(self.seen_s, 1),
            "empty_s": rounded(self.empty_s, 1),
        }


@dataclass(frozen=True, slots=True)
class FacingTallied:
    """A facing over a span.

    Attributes:
        sum: of all windows.
        gaps: by time; the last one may last.
        seen_until_unix_s: end of the last window in which it was seen; None if in none.
        fill: mean fill in that window, 0..1.
    """

    sum: OnShelf
    gaps: tuple[Gap, ...] = ()
    seen_until_unix_s: float | None = None
    fill: float | None = None


@dataclass(frozen=True, slots=True)
class ShelfTallied:
    """A shelf over a span.

    Attributes:
        facings: in the order of their indices.
        hours: of all facings, from the first window of the span to its end; what was not seen is among them.
    """

    facings: tuple[FacingTallied, ...]
    hours: dict[Window, OnShelf]


def added(parts: Iterable[OnShelf]) -> OnShelf:
    """The sum."""
    return sum(parts, OnShelf())


def shelf_tallied(store: Queries, asked: Asked, settings: Settings, shelf: ShelfSettings) -> ShelfTallied:
    """Reads what was tallied at a shelf.

    Args:
        store: where tallies are.
        asked: the span; its width is that of the hours, at least an hour.
        settings: of the site.
        shelf: which.

    Raises:
        StoreError: the store cannot be read.
    """
    fine = replace(asked, width_s=_GAP_WIDTH_S if settings.window_s < _GAP_WIDTH_S else None)
    count = len(shelf.facings)
    # Of a shelf that had more facings once, what belongs to the others is over.
    seen, empty, fill = (
        [tally for tally in read(store, fine, shelf.where, (measure,)) if tally.part < count]
        for measure in (Measure.SHELF_SEEN, Measure.SHELF_EMPTY, Measure.SHELF_FILL)
    )
    windows = _windows(seen, empty)
    hours = _hours(windows, max(asked.width_s or 0, HOUR_S), asked.end_unix_s(settings), count)
    could_s = sum(one.could_s for one in hours.values()) / count
    fills = {tally.part: tally for tally in fill}  # the last of each facing
    facings = tuple(_facing(windows.get(facing, []), fills.get(facing), could_s) for facing in range(count))
    return ShelfTallied(facings, hours)


def _windows(seen: list[Tally], empty: list[Tally]) -> dict[int, list[FacingWindow]]:
    """Windows in which it was seen, of each facing, by time."""
    empty_s = {(tally.part, tally.start_unix_s): tally.total for tally in empty}
    found: defaultdict[int, list[FacingWindow]] = defaultdict(list)
    for one in seen:
        of_it = min(one.total, empty_s.get((one.part, one.start_unix_s), 0.0))
        found[one.part].append(FacingWindow(one.start_unix_s, one.width_s, one.total, of_it))
    return found


def _facing(windows: list[FacingWindow], fill: Tally | None, could_s: float) -> FacingTallied:
    total = OnShelf(sum(one.seen_s for one in windows), sum(one.empty_s for one in windows), could_s)
    if not windows:
        return FacingTallied(total)
    last = windows[-1]
    # Of what is empty to the last packet no fill is kept, since nothing of zero is.
    filled_s = fill.total if fill and fill.start_unix_s == last.start_unix_s else 0.0
    share = min(1.0, filled_s / last.seen_s) if last.seen_s else None
    return FacingTallied(total, tuple(gaps(windows)), last.start_unix_s + last.width_s, share)


def _hours(
    windows: dict[int, list[FacingWindow]], width_s: int, end_unix_s: float, facings: int
) -> dict[Window, OnShelf]:
    """All facings by the hour, from the first window to the end."""
    told = [one for of_one in windows.values() for one in of_one]
    if not told:
        return {}
    first = min(one.start_unix_s for one in told)
    end = max(end_unix_s, *(one.start_unix_s + one.width_s for one in told))
    sums: defaultdict[int, OnShelf] = defaultdict(OnShelf)
    for one in told:
        start = window_start(one.start_unix_s, width_s)
        sums[start] += OnShelf(one.seen_s, one.empty_s)
    hours = {}
    for start in range(window_start(first, width_s), math.ceil(end), width_s):
        could_s = (min(end, start + width_s) - max(first, start)) * facings
        hours[Window(start, width_s)] = sums[start] + OnShelf(could_s=could_s)
    return hours
