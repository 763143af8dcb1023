"""A file that holds space for the moment in which the disk is full: given up, it lets SQLite delete what frees more."""

import os
from contextlib import suppress
from pathlib import Path

SIZE_BYTES = 4 * 1024 * 1024


class Ballast:
    """Space on the disk of another file.

    Args:
        file: that is held; it need not be there.
        size_bytes: of it; 0 holds nothing.
    """

    def __init__(self, file: Path, size_bytes: int = SIZE_BYTES) -> None:
        self._file = file
        self._size_bytes = size_bytes

    @classmethod
    def beside(cls, file: Path) -> "Ballast":
        """That of a store."""
        return cls(file.with_name(f"{file.name}.ballast"))

    @classmethod
    def none(cls) -> "Ballast":
        """None: for a file whose disk is not its own care."""
        return cls(Path(), 0)

    @property
    def held(self) -> bool:
        """Whether there is space to give up."""
        try:
            return 0 < self._size_bytes <= self._file.stat().st_size
        except OSError:
            return False

    def hold(self) -> bool:
        """Takes space where there is some, and says whether it is held now."""
        if self.held or not self._size_bytes:
            return True
        try:
            with self._file.open("wb") as handle:
                os.posix_fallocate(handle.fileno(), 0, self._size_bytes)
        except OSError:
            self.give_up()
            return False
        return True

    def give_up(self) -> None:
        """Frees it."""
        if not self._size_bytes:
            return
        with suppress(OSError):
            self._file.unlink(missing_ok=True)
