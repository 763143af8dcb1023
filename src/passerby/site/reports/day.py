"""Today's tallies for reports that are made again and again: hours that are over are read once an hour."""

import math

from passerby.core.tallies import Measure, Tally
from passerby.site.figures import Settings, present_hour
from passerby.site.store import Filter, Store

_Places = dict[tuple[str, str], list[Tally]]
_Known = dict[tuple[Measure, int], tuple[tuple[float, float], int, _Places]]


class DayTallies:
    """Answers like a store, for single places and measures of the present day, of all places at once. Not for threads.

    Args:
        store: where tallies are.
        settings: clock.
    """

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._clock = settings.clock
        self._before: _Known = {}
        self._recent: _Known = {}

    def query(self, which: Filter) -> list[Tally]:
        """Tallies of one place and measure since a moment, in windows of an hour, or of a part of one.

        Raises:
            StoreError: the store cannot be read.
        """
        assert which.measure is not None
        assert which.since_unix_s is not None
        hour = max(which.since_unix_s, present_hour(self._clock()))
        place = (which.camera or "", which.subject or "")
        kind = (which.measure, which.width_s or 0)
        before = self._kept(self._before, kind, (which.since_unix_s, hour))
        recent = self._kept(self._recent, kind, (hour, math.inf))
        return before.get(place, []) + recent.get(place, [])

    def _kept(self, kept: _Known, kind: tuple[Measure, int], span: tuple[float, float]) -> _Places:
        """The tallies of a span, read again when something of it changed."""
        (measure, width_s), (since, until) = kind, span
        known = kept.get(kind)
        if known and known[0] == span and self._store.changed_since(known[1]) >= until:
            return known[2]
        revision = self._store.revision
        end = None if until == math.inf else until
        found: _Places = {}
        for tally in self._store.query(Filter(measure=measure, since_unix_s=since, until_unix_s=end, width_s=width_s)):
            found.setdefault((tally.camera, tally.subject), []).append(tally)
        kept[kind] = (span, revision, found)
        return found
