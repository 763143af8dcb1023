"""What the parts of a running hub share."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from passerby.hub.board import HubBoard
from passerby.hub.config import HubConfig
from passerby.hub.contract import Series, Venue, VenueState
from passerby.hub.enrolment import SiteKeys
from passerby.hub.fleet import Fleet
from passerby.hub.register import Register
from passerby.records.access import Access
from passerby.records.wire.keys import Key


@dataclass(frozen=True, slots=True)
class Hub:
    """A running hub.

    Attributes:
        config: as it was read.
        register: venues, and the log.
        series: tallies.
        fleet: how each site is now.
        keys: who may send as which venue.
        key: the hub's own.
        access: who is let in to pages and API.
        board: what pages tell of all venues, read once for all who look.
        clock: Unix seconds.
        metrics: what joins `/metrics`; parts of the hub add to it.
        problems: give what is wrong, for `/healthz`; parts of the hub add to it.
    """

    config: HubConfig
    register: Register
    series: Series
    fleet: Fleet
    keys: SiteKeys
    key: Key
    access: Access
    board: HubBoard
    clock: Callable[[], float] = time.time
    metrics: list[Callable[[], bytes]] = field(default_factory=list)
    problems: list[Callable[[], list[str]]] = field(default_factory=list)

    def all_problems(self) -> list[str]:
        """What is wrong, each in words; empty while all is well."""
        return [problem for problems in self.problems for problem in problems()]


def states(register: Register, keys: SiteKeys, fleet: Fleet, now_unix_s: float) -> dict[int, VenueState]:
    """How far each venue is, by number.

    Raises:
        StoreError: the register cannot be read.
    """
    invited = keys.invited()
    venues: list[Venue] = register.venues()
    return {one.number: fleet.state_of(one, now_unix_s, invited=one.number in invited) for one in venues}
