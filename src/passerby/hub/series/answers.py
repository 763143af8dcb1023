"""What answers of every store are put together by."""

from typing import Any

from passerby.core.tallies import SHELF_MEASURES, Measure
from passerby.hub.contract import Point, Span, Sum

HOUR_S = 3600
MILLI = 1000
MEASURES = {int(measure): measure for measure in Measure}
SEEN_ONCE = frozenset(one for one in Measure if not one.per_person and one not in SHELF_MEASURES)
"""As in core.tallies.merge: runs may overlap by a rounding, and no window is seen longer than it is. The exposures of a
shelf are a sum over its facings."""


def whole_hours(span: Span) -> tuple[int, int]:
    """The first and the last hour that start in a span, in hours since the Unix epoch."""
    return -(-span.since_unix_s // HOUR_S), -(-span.until_unix_s // HOUR_S) - 1


def sum_of(total_milli: int, exposure_milli: int, doubtful: int) -> Sum:
    """A sum of thousandths."""
    return Sum(total_milli / MILLI, exposure_milli / MILLI, doubtful > 0)


def by_place(point: Point) -> tuple[Any, ...]:
    """What points of places are ordered by."""
    return (point.camera, point.name, point.measure, point.part, point.start_unix_s, point.width_s)
