"""Passwords of cameras and servers: read when a feed starts, handed over by pipe, never logged."""

import os
from pathlib import Path

from passerby.errors import ConfigError
from passerby.gate.sources import Credentials as SignIn
from passerby.site.config import Camera, SiteConfig
from passerby.site.config_shapes import Credentials

_MAX_BYTES = 1024


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
    if given.password_env is not None:
        found = os.environ.get(given.password_env, "")
        where = f"the environment variable {given.password_env}"
    else:
        file = config.path_of(given.password_file) if given.password_file else _systemd_file(given.password_credential)
        found, where = _read(whose, file), str(file)
    if not found:
        raise ConfigError([f"{whose}: {where} holds no password; put the password there, alone"])
    return found


def _systemd_file(name: str | None) -> Path:
    """Where systemd puts a credential (systemd.exec(5), LoadCredential=)."""
    return Path(os.environ.get("CREDENTIALS_DIRECTORY", "/run/credentials")) / (name or "")


def _read(whose: str, file: Path) -> str:
    try:
        with file.open("rb") as handle:
            raw = handle.read(_MAX_BYTES + 1)
        text = raw.decode("utf-8")
    except OSError as error:
        raise ConfigError([f"{whose}: the password file {file} cannot be read ({error.strerror})"]) from None
    except UnicodeDecodeError:
        raise ConfigError([f"{whose}: the password file {file} is not text"]) from None
    if len(raw) > _MAX_BYTES:
        raise ConfigError([f"{whose}: the password file {file} is longer than 1 KiB; is it the right one?"])
    return text.removesuffix("\n").removesuffix("\r")
