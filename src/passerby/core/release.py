"""What may be told of a venue under the profile `strict`: totals and the masked share of windows of 20 minutes or more.

It is the shape of the French decree 2021-269. A site that sends under it and a hub that releases under it share this
rule: the widths, the measures, and what is withheld where too few people were judged.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from passerby.core.shares import MaskCounts, MaskShare, mask_share
from passerby.core.tallies import LINE_MEASURES, MASK_MEASURES, Measure, Tally, window_start

STRICT_MIN_WINDOW_S = 1200
"""Nothing is told of a shorter time."""
STRICT_WINDOWS_S = (1200, 1800, 3600)
"""Widths of windows, each a whole part of an hour."""
STRICT_MEASURES = (*LINE_MEASURES, *MASK_MEASURES)


def strict_width_s(window_s: int) -> int:
    """Width of the windows that are told of a venue: the narrowest that its own windows fill without a rest.

    A venue has one such width. Of two, the difference would tell of a shorter time.

    Args:
        window_s: width of the venue's own windows, 60..3600.

    Raises:
        ValueError: no width of `STRICT_WINDOWS_S` is a multiple of it.
    """
    for width_s in STRICT_WINDOWS_S:
        if width_s % window_s == 0:
            return width_s
    raise ValueError(f"windows of {window_s} s fill none of {STRICT_WINDOWS_S} s; write a whole part of an hour")


def strict_measures(judged: int, minimum_judged: int) -> tuple[Measure, ...]:
    """Measures of one window that may be told.

    Where too few people were judged, of masks only `CANNOT_TELL` is: how many passed, and of how many it is not known.

    Args:
        judged: people judged at the venue in this window.
        minimum_judged: of fewer no share is told; less than 1 counts as 1.
    """
    return STRICT_MEASURES if judged >= max(1, minimum_judged) else (*LINE_MEASURES, Measure.CANNOT_TELL)


@dataclass(frozen=True, slots=True)
class StrictWindow:
    """All that is told of a venue and one window.

    Attributes:
        start_unix_s, width_s: the window.
        came_in, went_out: people, over all lines.
        coverage: share of the window that the lines were seen, 0..1; None where there are no lines.
        masks: the masked share over all places that ask; withheld where too few people were judged.
    """

    start_unix_s: int
    width_s: int
    came_in: int
    went_out: int
    coverage: float | None
    masks: MaskShare


def strict_windows(tallies: Iterable[Tally], width_s: int, minimum_judged: int) -> list[StrictWindow]:
    """What is told of one venue, in the order of time.

    Args:
        tallies: of all its places, in windows that fill those of `width_s`; measures that are not told do not matter.
        width_s: one of `STRICT_WINDOWS_S`.
        minimum_judged: of fewer people no share is told.

    Raises:
        ValueError: the width is another, or a tally's window is wider or not a whole part of it.
    """
    if width_s not in STRICT_WINDOWS_S:
        raise ValueError(f"the width must be one of {STRICT_WINDOWS_S} s, got {width_s}")
    windows: dict[int, list[Tally]] = defaultdict(list)
    lines = set()
    for tally in tallies:
        if tally.measure not in STRICT_MEASURES:
            continue
        if width_s % tally.width_s:
            raise ValueError(f"windows of {tally.width_s} s do not fill those of {width_s} s")
        windows[window_start(tally.start_unix_s, width_s)].append(tally)
        if tally.measure is Measure.CROSSINGS_IN:
            lines.add((tally.camera, tally.subject))
    whole_s = width_s * len(lines)
    return [_told(start, width_s, windows[start], (whole_s, minimum_judged)) for start in sorted(windows)]


def _told(start_unix_s: int, width_s: int, tallies: list[Tally], terms: tuple[int, int]) -> StrictWindow:
    whole_s, minimum_judged = terms
    people = {one: round(sum(tally.total for tally in tallies if tally.measure is one)) for one in LINE_MEASURES}
    seen_s = sum(tally.exposure for tally in tallies if tally.measure is Measure.CROSSINGS_IN)
    return StrictWindow(
        start_unix_s=start_unix_s,
        width_s=width_s,
        came_in=people[Measure.CROSSINGS_IN],
        went_out=people[Measure.CROSSINGS_OUT],
        coverage=min(1.0, seen_s / whole_s) if whole_s else None,
        masks=mask_share(MaskCounts.of(tallies), minimum_judged),
    )
