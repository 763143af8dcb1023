"""A strict release: totals and the masked share of whole venues, in windows of 20 minutes or more.

It has no noise; `core.release` has the rule, which sites of the profile share. Only windows that are over and here
completely are told: told twice, once in part, one would tell by the difference of a shorter time.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from passerby.core.release import STRICT_MEASURES, STRICT_WINDOWS_S, StrictWindow, strict_width_s, strict_windows
from passerby.core.tallies import MIN_WINDOW_S, Tally
from passerby.hub.contract import Point, Span, Venue
from passerby.hub.release.tallied import GRACE_S, HOUR_S, Questions, Waiting, coverage_of, span_of
from passerby.records.tables import Row

COLUMNS = (
    *("district", "venue", "start", "start_unix_s", "width_s", "came_in", "went_out", "coverage_percent"),
    *("asked", "judged", "withheld", "share", "low", "high", "cannot_tell_share"),
)
WORDS = """\
Profile strict: whole venues, windows of {widths} minutes, {first} to {last}.

WHAT IT TELLS
- How many people came in and went out of a venue in a window, and how much of it was seen (coverage).
- Of people who were asked for masks: how many, and of how many it cannot be told (cannot_tell_share).
- The masked share of those judged, with its interval of 95 %. Where fewer than {minimum} were judged, it is withheld.

WHAT IT DOES NOT TELL
- Nothing of one camera, one door, one person's moment, or a time shorter than 20 minutes.
- Nothing of windows that are not over, or that a site has not sent completely yet.

WHAT IS NOT PROTECTED
- There is no noise. In a window in which one person came in, that one did, and whoever saw them knows when.
- A window in which all people judged gave the same answer tells what each of them wore.
For figures that protect people even from who knows all others, use the profile public.
"""


def strict_rows(series: Questions, asked: Waiting, now: tuple[float, int], minimum_judged: int) -> Iterator[Row]:
    """What is told, by venue and time.

    Args:
        series: the hub's.
        asked: venues and days.
        now: the hub's clock in Unix seconds, and for how many days what is not here completely is waited for.
        minimum_judged: of fewer people no share is told.

    Raises:
        StoreError: the series cannot be read.
    """
    newest = series.newest()
    for venue in asked.venues:
        over_unix_s = _over(newest.get(venue.number), *now)
        span = Span(span_of(venue, asked.first).since_unix_s, span_of(venue, asked.last).until_unix_s)
        points = series.course(venue.number, span, MIN_WINDOW_S, STRICT_MEASURES)
        if points:
            width_s = width_of(series, venue, points)
            told = strict_windows([_tally(point) for point in points], width_s, minimum_judged)
            yield from (_row(venue, one) for one in told if one.start_unix_s + width_s <= over_unix_s)


def width_of(series: Questions, venue: Venue, points: Sequence[Point]) -> int:
    """Width of a venue's windows: what all of its windows fill, so far as is known; of old ones, hours are left.

    Where a site's windows were changed so that others would fit, it is an hour: what was released before is whole parts
    of it. Windows of 20 and of 30 minutes over the same time would tell of 10.
    """
    widths = {point.width_s for point in points} | {one.window_s for one in series.layouts(venue.number).values()}
    fitting = {strict_width_s(width) for width in widths}
    return fitting.pop() if len(fitting) == 1 else max(STRICT_WINDOWS_S)


def words(asked: Waiting, minimum_judged: int) -> str:
    """What such a release tells and what it does not."""
    widths = ", ".join(str(width // 60) for width in STRICT_WINDOWS_S)
    return WORDS.format(widths=widths, first=asked.first, last=asked.last, minimum=minimum_judged)


def _over(newest_unix_s: int | None, now_unix_s: float, wait_days: int) -> float:
    """Until when windows are told."""
    waited_unix_s = now_unix_s - wait_days * 24 * HOUR_S
    return max(waited_unix_s, min(now_unix_s, (newest_unix_s or 0) - GRACE_S))


def _tally(point: Point) -> Tally:
    total, exposure = point.sum.total, point.sum.exposure
    # What a site sends as its whole is the sum over its lines, or a little longer than the window by rounding.
    seen = exposure if point.measure.per_person else min(exposure, point.width_s)
    return Tally(point.camera, point.measure, point.name, point.start_unix_s, point.width_s, total, seen, point.part)


def _row(venue: Venue, window: StrictWindow) -> Row:
    masks = window.masks
    start = datetime.fromtimestamp(window.start_unix_s, UTC).astimezone(ZoneInfo(venue.zone))
    return {
        "district": venue.district,
        "venue": venue.slug,
        "start": start.isoformat(timespec="minutes"),
        "start_unix_s": window.start_unix_s,
        "width_s": window.width_s,
        "came_in": window.came_in,
        "went_out": window.went_out,
        "coverage_percent": max(0, coverage_of(window.coverage, 1)) if window.coverage is not None else None,
        "asked": masks.asked,
        "judged": masks.judged,
        "withheld": masks.withheld,
        "share": masks.share,
        "low": masks.low,
        "high": masks.high,
        "cannot_tell_share": masks.cannot_tell_share,
    }
