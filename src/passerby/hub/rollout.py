"""How far the roll-out is, for the command line: what each venue lacks until it conforms."""

from collections.abc import Iterable
from dataclasses import dataclass

from passerby.hub.contract import Venue, VenueState
from passerby.hub.fleet import Fleet

_CONNECTED = (VenueState.CONNECTED, VenueState.CONFORMING)


@dataclass(frozen=True, slots=True)
class Standing:
    """How far one venue is.

    Attributes:
        lacks: what is missing until it conforms, in words.
    """

    venue: Venue
    state: VenueState
    lacks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rollout:
    """How far all are.

    Attributes:
        connected: so many venues send.
        cameras: so many are expected.
        conforming: of these, so many are live, without findings, and at a site that sends.
        venues: each of them, those that lack something first.
    """

    connected: int
    cameras: int
    conforming: int
    venues: tuple[Standing, ...]

    def words(self) -> str:
        """In two sentences."""
        return (
            f"{self.connected:,} of {len(self.venues):,} venues connected. "
            f"{self.conforming:,} of {self.cameras:,} cameras conforming."
        )


def rollout(venues: Iterable[Venue], fleet: Fleet, invited: set[int], now_unix_s: float) -> Rollout:
    """How far all venues are.

    Args:
        venues: as registered.
        fleet: what is known of their sites.
        invited: numbers of those that have an invitation.
        now_unix_s: the present.
    """
    found = []
    cameras = conforming = 0
    for venue in venues:
        state = fleet.state_of(venue, now_unix_s, invited=venue.number in invited)
        lacks = () if state is VenueState.CONFORMING else fleet.lacks(venue, now_unix_s)
        found.append(Standing(venue, state, lacks))
        covered = fleet.cameras_of(venue)
        cameras += covered.expected
        conforming += min(covered.conforming, covered.expected) if state in _CONNECTED else 0
    found.sort(key=lambda one: (not one.lacks, one.venue.name.casefold()))
    return Rollout(sum(one.state in _CONNECTED for one in found), cameras, conforming, tuple(found))
