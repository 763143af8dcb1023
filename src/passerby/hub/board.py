"""Reads what pages and API tell of all venues, once every few seconds, for all who look."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace

from passerby.core.shares import MaskCounts
from passerby.core.tallies import MASK_MEASURES, Measure
from passerby.errors import StoreError
from passerby.hub.contract import Days, Known, Series, Sum, Venue, VenueState
from passerby.hub.overview import Overview, Visitors
from passerby.hub.telling import Tallied, tell
from passerby.hub.usual import UsualDays, first_and_last, midnight, today
from passerby.records.repeating import repeating

LOOK_EVERY_S = 5.0
MEASURES = (Measure.CROSSINGS_IN, *MASK_MEASURES)


@dataclass(frozen=True, slots=True)
class Sources:
    """Where a board reads.

    Attributes:
        series: tallies of all venues.
        venues: all that are registered, by the register; those that were merged into others too.
        states: how far each is, by number.
        known: what is known now of their sites, by number.
        clock: Unix seconds.
    """

    series: Series
    venues: Callable[[], Sequence[Venue]]
    states: Callable[[], Mapping[int, VenueState]]
    known: Callable[[], Mapping[int, Known]]
    clock: Callable[[], float] = time.time


class HubBoard:
    """What is known now of all venues, read for all who look and never for one reader alone.

    Args:
        sources: where it reads.
        every_s: what it tells is at most so old, as long as the stores answer.
    """

    def __init__(self, sources: Sources, every_s: float = LOOK_EVERY_S) -> None:
        self.sources = sources
        self._every_s = every_s
        self._reading = threading.Lock()
        self._usual = UsualDays(sources.series)
        self._overview = Overview()
        self.late_after_s = 12 * every_s
        """From when on what it knows is too old to be shown without a word."""
        self.read_monotonic_s = 0.0
        """When it last looked, by the clock that never jumps; 0: not yet."""

    def known(self) -> Overview | None:
        """All venues as of the last reading, at once; None before the first."""
        return self._overview if self._overview.as_of_unix_s else None

    def overview(self) -> Overview:
        """All venues, as of the last reading; the first who asks waits for it. Safe from any thread.

        Who shows or answers anything of it takes `overview().seen_by(scope(account))`.
        """
        if self._overview.as_of_unix_s == 0:
            self.look()
        return self._overview

    def look(self) -> None:
        """Reads all anew."""
        with self._reading:
            try:
                self._overview = self._read()
                self.read_monotonic_s = time.monotonic()
            except StoreError as error:
                as_of = self._overview.as_of_unix_s or self.sources.clock()
                self._overview = replace(self._overview, as_of_unix_s=as_of, problem=str(error), _scoped={})

    def kept_fresh(self) -> AbstractContextManager[None]:
        """Looks by itself as long as it is open, so that no reader waits for the stores."""
        return repeating("hub-board", self._every_s, self.look)

    def _read(self) -> Overview:
        now = self.sources.clock()
        venues = [venue for venue in self.sources.venues() if venue.merged_into is None]
        states, known = self.sources.states(), self.sources.known()
        tallied = self._tallied(venues, known, now)
        rows = [
            tell(
                venue,
                states.get(venue.number, VenueState.LISTED),
                known.get(venue.number, Known()),
                tallied.get(venue.number, Tallied()),
            )
            for venue in venues
        ]
        rows.sort(key=lambda row: (row.venue.name.casefold(), row.venue.number))
        return Overview(tuple(rows), now)

    def _tallied(self, venues: list[Venue], known: Mapping[int, Known], now: float) -> dict[int, Tallied]:
        """What was tallied today, by the calendar of each venue."""
        if not venues:
            return {}
        days = Days(*first_and_last(now, (venue.zone for venue in venues)))
        dates = {zone: today(now, zone) for zone in {venue.zone for venue in venues}}
        zone_of = {venue.number: venue.zone for venue in venues}
        sums: dict[int, dict[Measure, Sum]] = {}
        for one in self.sources.series.days(days, None, MEASURES):
            zone = zone_of.get(one.venue)
            if zone is not None and one.day == dates[zone]:
                sums.setdefault(one.venue, {})[one.measure] = one.sum
        self._usual.read(venues, now)
        newest = self.sources.series.newest()
        return {
            venue.number: Tallied(
                self._visitors(venue, known.get(venue.number, Known()), sums[venue.number], newest.get(venue.number)),
                mask_counts(sums[venue.number]),
            )
            for venue in venues
            if venue.number in sums
        }

    def _visitors(self, venue: Venue, known: Known, sums: Mapping[Measure, Sum], newest: int | None) -> Visitors:
        came = sums.get(Measure.CROSSINGS_IN)
        if came is None or came.exposure <= 0:
            return Visitors()
        now = self.sources.clock()
        until = min(int(now), newest or int(now))
        usual = self._usual.until(venue, until, came.exposure)
        since = midnight(today(now, venue.zone), venue.zone)
        lines = len([one for one in known.layout.places if one.kind == "line"]) if known.layout else 0
        could = lines * (until - since)
        coverage = min(1.0, came.exposure / could) if could > 0 else None
        return Visitors(came, until, coverage, usual.value, usual.days)


def mask_counts(sums: Mapping[Measure, Sum]) -> MaskCounts | None:
    """What was judged, of sums by measure; None where nobody was asked."""
    if not any(measure in sums for measure in MASK_MEASURES):
        return None
    none = Sum(0.0, 0.0)
    masked, unknown = sums.get(Measure.MASKED, none), sums.get(Measure.CANNOT_TELL, none)
    return MaskCounts(
        masked=round(masked.total),
        judged=round(masked.exposure),
        worn_wrongly=round(sums.get(Measure.WORN_WRONGLY, none).total),
        cannot_tell=round(unknown.total),
        asked=round(unknown.exposure),
    )
