"""Who sends: a site is known by the signature of its request, and by nothing that it says."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from passerby.errors import HubError


class SenderError(HubError):
    """Nobody who is known sent this; the text says what to do, and tells a stranger nothing."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it arrived.

    Attributes:
        method, path: as in its first line; the path without a query.
        headers: by name in lower case.
        body: as it came over the wire, still packed; a signature covers these bytes.
    """

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Sender:
    """A venue's site.

    Attributes:
        venue: number of the venue that it was enrolled for.
        zone: its time zone, of the IANA database.
        shown_as: number of the venue as which it is shown, where the other was merged into that one, which has no site
            of its own; None: as the venue that it was enrolled for.
    """

    venue: int
    zone: str
    shown_as: int | None = None

    @property
    def shown(self) -> int:
        """Number of the venue whose site it is shown as."""
        return self.venue if self.shown_as is None else self.shown_as


Verify = Callable[[Asked], Sender]
"""Says who signed a request. It may be asked in any thread, and raises SenderError."""
