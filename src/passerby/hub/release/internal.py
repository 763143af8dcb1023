"""An internal release: the operator's own tallies as they are, for the operator's own tools."""

from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from passerby.core.tallies import MIN_WINDOW_S, Measure
from passerby.hub.contract import Span
from passerby.hub.release.tallied import Questions, Waiting, span_of
from passerby.records.tables import Row

COLUMNS = (
    *("district", "venue", "camera", "subject", "measure", "part", "start", "start_unix_s", "width_s"),
    *("total", "exposure", "doubtful"),
)
MEASURES = tuple(measure for measure in Measure if measure is not Measure.HEAT)
WORDS = """\
Profile internal: tallies as they are, {first} to {last}, for the operator alone.

Each row is one measure of one place in one window: total by exposure is its value, and both are added where rows are
merged. There is no noise, and nothing is withheld. Do not publish it: a quiet window at one door may be one person.
"""


def internal_rows(series: Questions, asked: Waiting) -> Iterator[Row]:
    """All tallies, by venue, place, measure and time.

    Raises:
        StoreError: the series cannot be read.
    """
    for venue in asked.venues:
        zone = ZoneInfo(venue.zone)
        span = Span(span_of(venue, asked.first).since_unix_s, span_of(venue, asked.last).until_unix_s)
        for point in series.course(venue.number, span, MIN_WINDOW_S, MEASURES):
            start = datetime.fromtimestamp(point.start_unix_s, UTC).astimezone(zone)
            yield {
                "district": venue.district,
                "venue": venue.slug,
                "camera": point.camera,
                "subject": point.name,
                "measure": point.measure.label,
                "part": point.part,
                "start": start.isoformat(timespec="minutes"),
                "start_unix_s": point.start_unix_s,
                "width_s": point.width_s,
                "total": point.sum.total,
                "exposure": point.sum.exposure,
                "doubtful": point.sum.doubtful,
            }


def words(asked: Waiting) -> str:
    """What such a release tells."""
    return WORDS.format(first=asked.first, last=asked.last)
