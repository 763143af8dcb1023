"""Passwords of cameras: read when a feed starts, handed over by pipe, never logged."""

from passerby.gate.sources import Credentials as SignIn
from passerby.site.config import Camera, SiteConfig


def sign_in(camera: Camera, config: SiteConfig) -> SignIn | None:
    """The credentials of a camera, or None.

    Raises:
        ConfigError: the password cannot be read.
    """
    given = camera.credentials
    return SignIn(given.username, given.password_of(f"camera {camera.name}", config.path_of)) if given else None
