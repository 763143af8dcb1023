"""Sums by the hour of the site's days, kept in memory once they were read.

The store keeps windows as recorded for 35 days, which at one minute and twenty cameras is a million rows a measure:
too many to read for each reader. A day is read once, and again when something of it changed.
"""

import math
import threading
from array import array
from collections import OrderedDict
from collections.abc import Sequence
from datetime import date, timedelta

from passerby.core.tallies import Measure
from passerby.site.figures import Settings
from passerby.site.history.calendar import HOUR_S, day_of, hours, midnight_of
from passerby.site.reports.asked import Where
from passerby.site.store import KEEP_HOURS_S, Filter, Store

_MOST_DAYS = 40_000
"""So many days of places and measures are kept: 20 MB."""
_Key = tuple[Measure, Where, date]
Hours = Sequence[float]
"""Totals and exposures by turns, one pair for each hour of a day."""


class HourSums:
    """Sums of single hours, for all who ask.

    Args:
        store: where tallies are.
        settings: zone and clock.
    """

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._settings = settings
        self._lock = threading.Lock()
        self._revision = -1
        self._known: OrderedDict[_Key, Hours] = OrderedDict()

    def days(self, measure: Measure, where: Where, days: Sequence[date]) -> list[Hours]:
        """The hours of each of some days in a row, at one place. Safe from any thread.

        Raises:
            StoreError: the store cannot be read.
        """
        with self._lock:
            self._forget()
            missing = [day for day in days if (measure, where, day) not in self._known]
            if missing:
                self._read(measure, where, missing[0], missing[-1])
            found = [self._known[measure, where, day] for day in days]
            while len(self._known) > _MOST_DAYS:
                self._known.popitem(last=False)
            return found

    def _forget(self) -> None:
        """Drops what changed since, and what is so old that the store keeps it no more."""
        revision = self._store.revision
        if revision == self._revision:
            return
        changed, zone = self._store.changed_since(self._revision), self._settings.zone
        kept_from = day_of(max(0.0, self._settings.clock() - KEEP_HOURS_S), zone)
        before = date.min if changed == -math.inf else day_of(changed, zone) if changed < math.inf else date.max
        for key in [key for key in self._known if not kept_from <= key[2] < before]:
            del self._known[key]
        self._revision = revision

    def _read(self, measure: Measure, where: Where, first: date, last: date) -> None:
        zone = self._settings.zone
        days = [first + timedelta(days=index) for index in range((last - first).days + 1)]
        starts = [midnight_of(day, zone) for day in days]
        end = midnight_of(last + timedelta(days=1), zone)
        # Where a clock changes by half an hour, days begin at full hours and at half ones.
        grain_s = math.gcd(HOUR_S, *(int(start - starts[0]) for start in starts))
        which = Filter(measure=measure, camera=where[0], subject=where[1], since_unix_s=starts[0], until_unix_s=end)
        read = {index: sums for index, *sums in self._store.steps(which, int(starts[0]), grain_s)}
        for day, start in zip(days, starts, strict=True):
            begin, per_hour = int(start - starts[0]) // grain_s, HOUR_S // grain_s
            kept = array("d")
            for hour in range(len(hours(day, zone))):
                parts = [read[index] for step in range(per_hour) if (index := begin + hour * per_hour + step) in read]
                total = max if measure is Measure.PEAK else math.fsum
                kept.append(total([one[0] for one in parts]) if parts else 0.0)
                kept.append(math.fsum(one[1] for one in parts))
            self._known[measure, where, day] = kept
