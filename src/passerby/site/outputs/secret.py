"""Secrets of those who are told: read when the site starts, never logged, never in an error."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from passerby.errors import ConfigError

_MAX_BYTES = 8192


@dataclass(frozen=True, slots=True)
class Kept:
    """Where a secret is kept; one of the three is given.

    Attributes:
        whose: for messages: "notify: duty phone".
        file: path, relative to the folder of the configuration.
        env: environment variable.
        credential: name of a systemd credential.
    """

    whose: str
    file: str | None = None
    env: str | None = None
    credential: str | None = None

    def read(self, path_of: Callable[[str], Path]) -> str:
        """The secret.

        Args:
            path_of: a path of the configuration.

        Raises:
            ConfigError: it cannot be read, or is empty.
        """
        if self.env is not None:
            text, where = os.environ.get(self.env, ""), f"the environment variable {self.env}"
        else:
            # systemd.exec(5), LoadCredential=
            folder = Path(os.environ.get("CREDENTIALS_DIRECTORY", "/run/credentials"))
            path = path_of(self.file) if self.file is not None else folder / (self.credential or "")
            text, where = self._read(path), str(path)
        if not text.strip():
            raise ConfigError([f"{self.whose}: {where} is empty; put the URL or the secret there, alone"])
        return text.strip()

    def _read(self, path: Path) -> str:
        try:
            with path.open("rb") as file:
                raw = file.read(_MAX_BYTES + 1)
            text = raw.decode("utf-8")
        except OSError as error:
            raise ConfigError([f"{self.whose}: {path} cannot be read ({error.strerror})"]) from None
        except UnicodeDecodeError:
            raise ConfigError([f"{self.whose}: {path} is not text"]) from None
        if len(raw) > _MAX_BYTES or len(text.split()) > 1:
            raise ConfigError([f"{self.whose}: {path} must hold one line alone, of at most 8 KiB"])
        return text
