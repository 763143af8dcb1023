"""How far the ledger has been, kept apart from it: one that was put back from a copy does not know what came after.

The file only moves forward. It lies beside the hub's keys, or better on another disk, and in no backup of the
register: an old counter together with an old ledger would agree with each other.
"""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from passerby.errors import StoreError


class Mark(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How far a ledger was.

    Attributes:
        entry: number of its newest entry.
        digest: of that entry.
        last_day: the latest day that anything was ever spent on, as an ordinal; 0: nothing was.
    """

    entry: int
    digest: str
    last_day: int = 0


@dataclass(frozen=True, slots=True)
class Counter:
    """The file of the mark. Safe from several processes.

    Attributes:
        file: its path.
    """

    file: Path

    def read(self) -> Mark | None:
        """The mark; None where there is no file.

        Raises:
            StoreError: it cannot be read.
        """
        try:
            return msgspec.json.decode(self.file.read_bytes(), type=Mark)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StoreError(f"{self.file}: cannot be read ({error.strerror}); nothing is released") from None
        except msgspec.MsgspecError:
            words = "is no counter of releases; move it away and run `passerby hub reconcile`"
            raise StoreError(f"{self.file}: {words}") from None

    def advance(self, mark: Mark) -> None:
        """Moves forward, on the disk when this returns; a mark that is not ahead changes nothing.

        Raises:
            StoreError: it cannot be written.
        """
        try:
            with self._locked():
                known = self.read()
                if known is None or mark.entry > known.entry:
                    self._write(mark)
        except OSError as error:
            words = f"cannot be written ({error.strerror}); nothing was handed out"
            raise StoreError(f"{self.file}: {words}") from None

    def _write(self, mark: Mark) -> None:
        fresh = self.file.with_name(f".{self.file.name}.new")
        with fresh.open("wb") as handle:
            handle.write(msgspec.json.encode(mark) + b"\n")
            handle.flush()
            os.fsync(handle.fileno())
        fresh.replace(self.file)
        folder = os.open(self.file.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        descriptor = os.open(self.file.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)
