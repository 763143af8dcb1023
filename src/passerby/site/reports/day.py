"""Today's tallies for reports that are made again and again: hours that are over are kept."""

from functools import partial

from passerby.core.tallies import Measure, Tally
from passerby.site.figures import Settings, present_hour
from passerby.site.settled import Settled
from passerby.site.store import Filter, Store

_Places = dict[tuple[str, str], list[Tally]]
_Kind = tuple[Measure, int | None]


class DayTallies:
    """Answers like a store, for single places and measures of the present day, of all places at once. Not for threads.

    Args:
        store: where tallies are.
        settings: clock.
    """

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._clock = settings.clock
        self._over: dict[_Kind, Settled[tuple[str, str], Tally]] = {}
        self._recent: dict[_Kind, tuple[float, int, _Places]] = {}

    def query(self, which: Filter) -> list[Tally]:
        """Tallies of one place and measure since a moment, in windows of an hour, or of a part of one.

        Raises:
            StoreError: the store cannot be read.
        """
        assert which.measure is not None
        assert which.since_unix_s is not None
        hour = max(which.since_unix_s, present_hour(self._clock()))
        place, kind = (which.camera or "", which.subject or ""), (which.measure, which.width_s)
        over = self._over.setdefault(kind, Settled(self._store, partial(self._read, kind)))
        before, recent = over.between(which.since_unix_s, hour), self._since(kind, hour)
        return before.get(place, []) + recent.get(place, [])

    def _since(self, kind: _Kind, hour: float) -> _Places:
        """The tallies of the present hour, read again when anything changed."""
        known, revision = self._recent.get(kind), self._store.revision
        if known is None or known[:2] != (hour, revision):
            known = self._recent[kind] = (hour, revision, self._read(kind, hour, None))
        return known[2]

    def _read(self, kind: _Kind, since: float, until: float | None) -> _Places:
        measure, width_s = kind
        found: _Places = {}
        for tally in self._store.query(Filter(None, measure, None, since, until, width_s)):
            found.setdefault((tally.camera, tally.subject), []).append(tally)
        return found
