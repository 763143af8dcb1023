"""Reads what pages and API tell of all venues, once every few seconds, for all who look."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace

from passerby.errors import StoreError
from passerby.hub.contract import Known, Series, Venue, VenueState
from passerby.hub.overview import Overview
from passerby.records.repeating import repeating

LOOK_EVERY_S = 5.0


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
        self._overview = Overview()

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
            except StoreError as error:
                as_of = self._overview.as_of_unix_s or self.sources.clock()
                self._overview = replace(self._overview, as_of_unix_s=as_of, problem=str(error), _scoped={})

    def kept_fresh(self) -> AbstractContextManager[None]:
        """Looks by itself as long as it is open, so that no reader waits for the stores."""
        return repeating("hub-board", self._every_s, self.look)

    def _read(self) -> Overview:
        raise NotImplementedError
