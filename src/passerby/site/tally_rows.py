"""The answer of `/api/v1/tallies`: one row for each tally."""

from datetime import datetime
from functools import cache
from typing import Any

from passerby.core.tallies import Measure
from passerby.site.figures import Settings
from passerby.site.store import StoredTally

COLUMNS = (
    *("camera", "measure", "subject", "part", "start_unix_s", "start", "width_s"),
    *("total", "exposure", "value", "coverage", "withheld", "unsafe"),
)
_WITHHELD = (Measure.MASKED, Measure.WORN_WRONGLY)


def as_rows(stored: list[StoredTally], settings: Settings) -> list[dict[str, Any]]:
    """Tallies as people and programs read them."""

    @cache  # many tallies share a window
    def start(unix_s: int) -> str:
        return datetime.fromtimestamp(unix_s, settings.zone).astimezone(settings.zone).isoformat()

    return [_row(one, start(one.tally.start_unix_s), settings.minimum_judged) for one in stored]


def _row(one: StoredTally, start: str, minimum_judged: int) -> dict[str, Any]:
    tally = one.tally
    # Of so few people judged no share is told, here as in `reports.masks`: only how many they were.
    withheld = tally.measure in _WITHHELD and tally.exposure < max(1, minimum_judged)
    # The largest number of people at once is not a rate: dividing it by time means nothing. Of buckets and cells only
    # those above zero are here, so their rates would be read wrongly.
    is_rate = tally.measure is not Measure.PEAK and tally.measure.parts == 1
    value = tally.value if is_rate and not withheld else None
    return {
        "camera": tally.camera,
        "measure": tally.measure.label,
        "subject": tally.subject,
        "part": tally.part,
        "start_unix_s": tally.start_unix_s,
        "start": start,
        "width_s": tally.width_s,
        "total": None if withheld else tally.total,
        "exposure": tally.exposure,
        "value": None if value is None else round(value, 6),
        "coverage": None if tally.coverage is None else round(tally.coverage, 4),
        "withheld": withheld,
        "unsafe": one.unsafe,
    }
