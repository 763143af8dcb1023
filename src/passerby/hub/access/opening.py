"""Opens the log-in of a configuration: reads the client's secret, and says what the log-in needs of the hub."""

from collections.abc import Callable
from pathlib import Path

from passerby.hub.access.openid.config import Oidc
from passerby.hub.access.openid.flow import OpenIdParts
from passerby.hub.access.openid.provider import Provider
from passerby.hub.register import Register
from passerby.records.access import Access


def log_in(oidc: Oidc, path_of: Callable[[str], Path], access: Access, register: Register) -> OpenIdParts:
    """What a log-in by a provider needs.

    Args:
        oidc: the configuration's.
        path_of: a path of the configuration.
        access: who is let in.
        register: knows venues.

    Raises:
        ConfigError: the client's secret cannot be read.
    """

    def number_of(slug: str) -> int | None:
        venue = register.venue(slug)
        return venue.number if venue else None

    return OpenIdParts(Provider(oidc, oidc.kept_secret.read(path_of)), access, access.kept, number_of)
