"""Model files on this machine: the folder `PASSERBY_MODELS`, the cache, and how files get into the cache whole."""

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from passerby.errors import ModelError

_SUFFIXES = (".onnx", ".json", ".bin", ".pb")
_LARGEST = 256 << 20


def given_folder() -> Path | None:
    """The folder named by `PASSERBY_MODELS`, or None.

    Raises:
        ModelError: it is named, but not a folder.
    """
    named = os.environ.get("PASSERBY_MODELS")
    if not named:
        return None
    folder = Path(named).expanduser()
    if not folder.is_dir():
        raise ModelError(f"PASSERBY_MODELS names {folder}, which is not a folder. Make it, or unset PASSERBY_MODELS.")
    return folder


def cache_folder() -> Path:
    """Where models are kept between runs: `$XDG_CACHE_HOME/passerby/models`."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "passerby" / "models"


def sha256_of(file: Path) -> str:
    """SHA-256 of a file in hexadecimal, or an empty string if it cannot be read."""
    try:
        with file.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return ""


def given_files() -> dict[str, Path]:
    """Files of the folder `PASSERBY_MODELS` by their SHA-256.

    Raises:
        ModelError: the folder is named, but absent or unreadable.
    """
    folder = given_folder()
    if folder is None:
        return {}
    try:
        files = sorted(file for file in folder.iterdir() if file.suffix in _SUFFIXES and file.is_file())
        return {sha256_of(file): file for file in files if file.stat().st_size <= _LARGEST}
    except OSError as error:
        raise ModelError(f"PASSERBY_MODELS: {folder} cannot be read: {error.strerror}.") from error


@contextmanager
def kept_in(folder: Path) -> Iterator[None]:
    """Makes a folder of the cache, and turns what the disk refuses into an error for people.

    Raises:
        ModelError: the folder cannot be written, or the disk is full.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as error:
        raise ModelError(
            f"a model cannot be kept in {folder}: {error.strerror or error}. "
            "Free space there, or name another place with XDG_CACHE_HOME."
        ) from error


def write_whole(file: Path, content: bytes) -> None:
    """Writes a file so that nobody ever sees half of it.

    Raises:
        OSError: the disk refuses.
    """
    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}-")
    arriving = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        arriving.chmod(0o644)
        arriving.replace(file)
    finally:
        arriving.unlink(missing_ok=True)
