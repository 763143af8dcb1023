"""Passwords of cameras and servers: read when a feed starts, handed over by pipe, never logged."""

from passerby.gate.sources import Credentials as SignIn
from passerby.records.config_parts import Credentials
from passerby.records.secret import Kept
from passerby.site.config import Camera, SiteConfig


def sign_in(camera: Camera, config: SiteConfig) -> SignIn | None:
    """The credentials of a camera, or None.

    Raises:
        ConfigError: the password cannot be read.
    """
    given = camera.credentials
    return SignIn(given.username, password(given, f"camera {camera.name}", config)) if given else None


def password(given: Credentials, whose: str, config: SiteConfig) -> str:
    """A password, from where the configuration says that it is.

    Args:
        given: says where.
        whose: what it opens, for messages: "camera door".
        config: the site's.

    Raises:
        ConfigError: it cannot be read.
    """
    kept = Kept(whose, "password", given.password_file, given.password_env, given.password_credential)
    return kept.read(config.path_of)
