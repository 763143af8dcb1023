"""How a site joins a hub and changes its key: paths, messages and times that both know."""

import base64
import binascii
from dataclasses import dataclass
from typing import Annotated

import msgspec

from passerby.errors import ConfigError
from passerby.records.wire.batches import Moment
from passerby.records.wire.keys import Key, PublicKey

SITES = "/sites/v1/"
"""All that sites ask of a hub begins with this; who signs in to a hub as a person has no business there."""
JOIN = SITES + "join"
CHANGE_KEY = SITES + "key"
DELIVER = SITES + "deliver"
DAY_S = 86_400
KEY_LIFE_S = 180 * DAY_S
CHANGE_AFTER_S = 60 * DAY_S
"""A site changes its key when it is so old. It goes on trying as long as the key is taken."""
LONGEST_OUTAGE_S = 90 * DAY_S
"""Promised: a site that reached its hub before is known to it after an outage as long as this."""
OVERLAP_S = 7 * DAY_S
"""A key that was changed is taken for so long, so that what is under way arrives."""
MOST_INVITATION_DAYS = 60
_PREFIX = "passerby1"

KeyName = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]


class JoinRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A site joins, or changes its key. Signed with the token, or the key before, and with the new key itself.

    Attributes:
        version: of this message.
        key: the site's new public key.
    """

    version: Annotated[int, msgspec.Meta(ge=1, le=1000)]
    key: KeyName


class JoinAnswer(msgspec.Struct, frozen=True):
    """The hub took the key.

    Attributes:
        venue: short name of the venue that the site is of.
        name: of the venue.
        zone: its time zone.
        from_unix_s, until_unix_s: how long the key is taken, by the hub's clock.
    """

    venue: str
    name: str
    zone: str
    from_unix_s: Moment
    until_unix_s: Moment


@dataclass(frozen=True, slots=True)
class Token:
    """What an invitation is proved with. It is a private key: it signs, and is itself sent nowhere.

    Attributes:
        key: the private key.
        hub: public key of the hub.
    """

    key: Key
    hub: PublicKey

    def text(self) -> str:
        """As it is shown, once."""
        return f"{_PREFIX}.{_written(self.key.seed)}.{_written(self.hub.raw)}"

    def __repr__(self) -> str:
        return "Token"

    @staticmethod
    def read(text: str) -> "Token":
        """The token of a text.

        Raises:
            ConfigError: it is none; the text is not repeated.
        """
        try:
            secret, hub = text.strip().removeprefix(f"{_PREFIX}.").split(".")
            return Token(Key.of_seed(_read(secret)), PublicKey.of(_read(hub).hex()))
        except (ValueError, binascii.Error):
            words = "this is no token of `passerby hub invite`; give all of it, with nothing around it"
            raise ConfigError([words]) from None


def _written(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _read(text: str) -> bytes:
    if len(text) != 43 or not text.isascii():
        raise ValueError
    return base64.b64decode(text + "=", altchars=b"-_", validate=True)
