"""The door for sites: who asks is a site of this hub, by its signature, now, and not a second time."""

import threading
from collections import OrderedDict
from collections.abc import Callable

from passerby.hub.enrolment.site_keys import SiteKeys
from passerby.hub.gather.senders import Asked, Sender, SenderError
from passerby.records.wire.keys import PublicKey
from passerby.records.wire.signing import (
    HUB,
    SITE_TAG,
    WINDOW_S,
    Known,
    Message,
    Signed,
    UnsignedError,
    check_request,
)

_MOST_REMEMBERED = 500_000
"""Signatures that were taken; at 600 sites that send each minute, ten minutes' are 6,000."""


class Door:
    """Says who signed a request. Safe from any thread.

    Args:
        keys: of sites.
        hub: public key of this hub.
        clock: Unix seconds.
    """

    def __init__(self, keys: SiteKeys, hub: PublicKey, clock: Callable[[], float]) -> None:
        self._keys, self._hub, self._clock = keys, hub, clock
        self._taken = _Taken()

    def verify(self, asked: Asked) -> Sender:
        """Whose site sent a request.

        Raises:
            SenderError: nobody's, or it is not for this hub, of another moment, or was sent before.
            StoreError: the register cannot be read.
        """
        message = Message(asked.method, asked.path, dict(asked.headers), asked.body)
        signed = self.signed(message, any_key)
        sender = self._keys.sender(signed.key)
        self.once(signed)
        return sender

    def signed(self, message: Message, known: Known, tag: str = SITE_TAG) -> Signed:
        """A signature of a request for this hub, of about now.

        Args:
            message: the request.
            known: the keys that may have signed it.
            tag: what the signature must be for.

        Raises:
            SenderError: it is not right.
        """
        try:
            signed = check_request(message, known, tag)
        except UnsignedError as error:
            raise SenderError(f"{error}; nothing was taken") from None
        if message.headers.get(HUB) != self._hub.name:
            raise SenderError("this was signed for another hub; nothing was taken")
        off_s = signed.created_unix_s - self._clock()
        if abs(off_s) > WINDOW_S:
            raise SenderError(f"this was signed {abs(off_s):.0f} s {'ahead' if off_s > 0 else 'ago'}; sign it anew")
        return signed

    def once(self, signed: Signed) -> None:
        """Remembers a signature.

        Raises:
            SenderError: it was taken before.
        """
        if not self._taken.add((signed.key, signed.nonce), self._clock()):
            raise SenderError("this request was taken before; sign it anew")


class _Taken:
    """Signatures that were taken, for as long as their moment is near.

    A hub that starts again begins anew: what is sent twice is stored once in any case.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: OrderedDict[tuple[str, str], float] = OrderedDict()

    def add(self, what: tuple[str, str], now_unix_s: float) -> bool:
        """Whether it is there for the first time."""
        with self._lock:
            while self._known and (
                next(iter(self._known.values())) < now_unix_s - 2 * WINDOW_S or len(self._known) > _MOST_REMEMBERED
            ):
                self._known.popitem(last=False)
            if what in self._known:
                return False
            self._known[what] = now_unix_s
            return True


def any_key(name: str) -> PublicKey | None:
    """The key of a name, which is the key itself; whether it is known is asked once the signature is right."""
    try:
        return PublicKey.of(name)
    except ValueError:
        return None
