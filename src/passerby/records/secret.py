"""Where secrets are kept: read when they are needed, never logged, never in an error."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from passerby.errors import ConfigError

_MOST_KIB = 8


@dataclass(frozen=True, slots=True)
class Kept:
    """Where a secret is kept; one of the three is given.

    Attributes:
        whose: for messages: "camera door".
        what: it is, for messages: "password".
        file: path, relative to the folder of the configuration.
        env: environment variable.
        credential: name of a systemd credential.
    """

    whose: str
    what: str
    file: str | None = None
    env: str | None = None
    credential: str | None = None

    def read(self, path_of: Callable[[str], Path]) -> str:
        """The secret, without the end of its line.

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
        if not text:
            raise ConfigError([f"{self.whose}: {where} holds no {self.what}; put the {self.what} there, alone"])
        return text

    def _read(self, path: Path) -> str:
        file = f"{self.whose}: the {self.what} file {path}"
        try:
            with path.open("rb") as handle:
                raw = handle.read(_MOST_KIB * 1024 + 1)
            text = raw.decode("utf-8")
        except OSError as error:
            raise ConfigError([f"{file} cannot be read ({error.strerror})"]) from None
        except UnicodeDecodeError:
            raise ConfigError([f"{file} is not text"]) from None
        if len(raw) > _MOST_KIB * 1024:
            raise ConfigError([f"{file} is longer than {_MOST_KIB} KiB; is it the right one?"])
        return text.removesuffix("\n").removesuffix("\r")
