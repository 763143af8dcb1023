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
        venue: its number.
        zone: its time zone, of the IANA database.
    """

    venue: int
    zone: str


Verify = Callable[[Asked], Sender]
"""Says who signed a request. It may be asked in any thread, and raises SenderError."""
