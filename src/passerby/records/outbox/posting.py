"""How a packed delivery gets to the hub."""

from collections.abc import Callable

from passerby.records.wire.joining import DELIVER
from passerby.records.wire.keys import Key
from passerby.records.wire.link import Answer, HubLink, NotPostedError, Proof

__all__ = ["Answer", "HttpPost", "NotPostedError", "Post"]
_HEADERS = {"content-type": "application/json", "content-encoding": "gzip"}

Post = Callable[[bytes], Answer]
"""Sends a packed delivery. Raises NotPostedError."""


class HttpPost:
    """Posts to a hub.

    Args:
        link: to the hub.
        key: gives the site's key as it is now; it changes.
    """

    def __init__(self, link: HubLink, key: Callable[[], Key]) -> None:
        self._link, self._key = link, key

    def close(self) -> None:
        """Closes the connection."""
        self._link.close()

    def __call__(self, body: bytes) -> Answer:
        """Posts.

        Raises:
            NotPostedError: the hub did not answer; the text says why.
        """
        return self._link.post(DELIVER, body, _HEADERS, Proof(self._key()))
