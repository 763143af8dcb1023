"""Profile strict: crossings and the masked share of the whole site, of 20 minutes or more, each told once.

As under the French decree (`site.decree`), no window is told that had begun before the site opened, for it would tell
of a shorter time, and none is told twice, for the difference would tell of one camera. What comes late is not told.
"""

import math
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from passerby.core.release import STRICT_MEASURES, strict_measures
from passerby.core.tallies import Measure
from passerby.records.wire.batches import Row
from passerby.site.store import Filter, StoredTallies, StoredTally

GRACE_S = 120
"""What of a window is not in the store so long after its end is late."""
_MILLI = 1000
_SEEN_GRID_MILLI = 100
_UNTIL = "strict until"
_MOST_WINDOWS = 100


@dataclass(slots=True)
class Strict:
    """What profile strict lets go.

    Attributes:
        store: where tallies are.
        width_s: of the windows.
        minimum_judged: of fewer people judged, only is told how many were asked, and of how many it could not be told.
        since_unix_s: when the site opened.
    """

    store: StoredTallies
    width_s: int
    minimum_judged: int
    since_unix_s: float

    def rows(self, connection: sqlite3.Connection, now_unix_s: float) -> list[Row]:
        """Tallies of windows that are over and were not told, which count as told from now on.

        Args:
            connection: to the outbox, in a transaction.
            now_unix_s: the present.

        Raises:
            StoreError: the store cannot be read.
        """
        found = connection.execute("SELECT value FROM outbox_count WHERE name = ?", (_UNTIL,)).fetchone()
        first = max(found[0] if found else 0, math.ceil(self.since_unix_s / self.width_s) * self.width_s)
        starts = range(first, math.floor(now_unix_s - GRACE_S) - self.width_s + 1, self.width_s)[:_MOST_WINDOWS]
        rows = [row for start in starts for row in self._window(start)]
        if starts:
            connection.execute(
                "INSERT INTO outbox_count VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = ?2",
                (_UNTIL, starts[-1] + self.width_s),
            )
        return rows

    def _window(self, start_unix_s: int) -> list[Row]:
        which = Filter(since_unix_s=start_unix_s, until_unix_s=start_unix_s + self.width_s)
        return whole_site(self.store.rows(which), start_unix_s, self.width_s, self.minimum_judged)


def whole_site(stored: Iterable[StoredTally], start_unix_s: int, width_s: int, minimum_judged: int) -> list[Row]:
    """The tallies of a site as those of one place.

    What was seen of crossings is the mean of all lines, so that it says which share of the window was seen.

    Args:
        stored: all tallies of the window.
        start_unix_s: where it starts.
        width_s: how wide it is.
        minimum_judged: of fewer people judged no share is told.
    """
    sums: dict[Measure, dict[tuple[str, str], list[float]]] = {one: {} for one in STRICT_MEASURES}
    unsafe = 0
    for one in stored:
        tally = one.tally
        if tally.measure in sums:
            known = sums[tally.measure].setdefault((tally.camera, tally.subject), [0.0, 0.0])
            known[0] += tally.total
            known[1] += tally.exposure
            unsafe |= one.unsafe
    told = {one: list(places.values()) for one, places in sums.items()}
    judged = round(sum(people for _, people in told[Measure.MASKED]))
    return [
        _row(measure, told[measure], (start_unix_s, width_s), unsafe)
        for measure in sorted(strict_measures(judged, minimum_judged))
        if told[measure]
    ]


def _row(measure: Measure, places: list[list[float]], window: tuple[int, int], unsafe: int) -> Row:
    total = round(sum(one for one, _ in places)) * _MILLI
    seen = sum(seen for _, seen in places)
    start_unix_s, width_s = window
    if measure.per_person:
        exposure = round(seen) * _MILLI
    else:
        exposure = min(width_s * _MILLI, round(seen / len(places) * _MILLI / _SEEN_GRID_MILLI) * _SEEN_GRID_MILLI)
    return Row(0, int(measure), 0, start_unix_s, width_s, 0, 1 if unsafe else 0, total, exposure)
