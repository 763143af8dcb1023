"""What the hub knows now of each venue's site, and how far that makes the venue."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from passerby.hub.contract import Known, Venue, VenueState

SILENT_AFTER_S = 900.0
"""A site that was not heard for so long is silent, unless told otherwise: it sends each minute."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """What there is of what shall be there.

    Attributes:
        expected: cameras, or lines, of the register.
        connected: of its site's, those that are there; of cameras, those that are live.
        conforming: of these cameras, without findings; of lines as `connected`.
    """

    expected: int
    connected: int
    conforming: int


class Fleet:
    """How all sites are now; safe from any thread. It is kept in a file, so that a hub that starts again knows it.

    Args:
        file: SQLite file; made where there is none.
        silent_after_s: from when on a site that says nothing is silent.
    """

    def __init__(self, file: Path, silent_after_s: float = SILENT_AFTER_S) -> None:
        raise NotImplementedError

    def of(self, venue: int) -> Known:
        """What is known of a venue's site."""
        raise NotImplementedError

    def all(self) -> dict[int, Known]:
        """By venue: what is known of all that were ever heard."""
        raise NotImplementedError

    def hear(self, venue: int, known: Callable[[Known], Known]) -> None:
        """Takes what a site said."""
        raise NotImplementedError

    def forget(self, venue: int) -> None:
        """Forgets a site, since its venue was merged or its key revoked."""
        raise NotImplementedError

    def state_of(self, venue: Venue, now_unix_s: float, *, invited: bool) -> VenueState:
        """How far a venue is."""
        raise NotImplementedError

    def cameras_of(self, venue: Venue) -> Coverage:
        """Its cameras."""
        raise NotImplementedError

    def lines_of(self, venue: Venue) -> Coverage:
        """Its lines."""
        raise NotImplementedError

    def lacks(self, venue: Venue, now_unix_s: float) -> tuple[str, ...]:
        """What a venue lacks until it conforms, in words; empty where it lacks nothing."""
        raise NotImplementedError

    def close(self) -> None:
        """Closes it; closing twice does nothing."""
        raise NotImplementedError
