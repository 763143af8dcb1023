"""Whether the file is whole.

A small one is read through when it is opened; a large one, which takes minutes, beside the work, and only where the hub
did not end by itself the last time. Nobody waits for that: a loss of power leaves SQLite's files whole on a disk that
keeps its word. A file that is found damaged while the hub works takes nothing more, and gives way at the next start.
"""

import sqlite3
import threading
from contextlib import closing
from pathlib import Path
from typing import IO

import structlog

from passerby.records.damage import DamagedError, is_whole
from passerby.records.sqlite import WORDS, check_whole, connect

SMALL_BYTES = 32 * 1024 * 1024
_STEPS = 100_000
_RUNNING, _STOPPED, _DAMAGED = b"running\n", b"stopped\n", b"damaged "
"""What a lock holds is never empty again: so a file is known for a store when nothing else of it can be read."""
WHILE_AT_WORK = "it is damaged; start the hub again: it is set aside, a new one is begun, and sites send what they keep"
_log = structlog.get_logger("passerby.hub")


class Integrity:
    """Looks through a file, and knows whether the hub that wrote it last stopped by itself.

    Args:
        file: path of the SQLite file.
        lock: the handle of its lock, in which is kept whether a hub is at work.
    """

    def __init__(self, file: Path, lock: IO[bytes]) -> None:
        self.problem: str | None = None
        self._file = file
        self._lock = lock
        self._stopped = False
        self._thread: threading.Thread | None = None

    def begin(self, *, small_bytes: int = SMALL_BYTES) -> None:
        """Looks through a small file now, and begins to look through a large one if there is a reason.

        Raises:
            DamagedError: the file is damaged.
            sqlite3.Error: it cannot be read.
        """
        self._lock.seek(0)
        before = self._lock.read()
        if before == self._damaged():
            raise DamagedError(WORDS["SQLITE_CORRUPT"])
        self._mark(_RUNNING)
        # A copy that was put in the place of a damaged file is another file, and is looked through whatever its size.
        if self._file.stat().st_size <= small_bytes or before.startswith(_DAMAGED):
            with closing(connect(self._file, "ro")) as connection:
                check_whole(connection)
        elif before == _RUNNING:
            self._thread = threading.Thread(target=self._look, name="integrity", daemon=True)
            self._thread.start()

    def forget(self) -> None:
        """The file is another one from now on."""
        self._mark(_STOPPED)

    def found(self) -> None:
        """Somebody who asked was told that the file is damaged: nothing more is taken into it."""
        if self.problem is None:
            self.problem = WHILE_AT_WORK
            self._mark(self._damaged())
            _log.error("the store is damaged", file=str(self._file), action=WHILE_AT_WORK)

    def wait(self) -> None:
        """Waits until a large file was looked through."""
        if self._thread is not None:
            self._thread.join()

    def end(self) -> None:
        """Notes that the hub stops by itself."""
        self._stopped = True
        self.wait()
        if not self._lock.closed and self.problem is None:
            self._mark(_STOPPED)

    def _damaged(self) -> bytes:
        """What is noted of a damaged file: which one it is."""
        return _DAMAGED + b"%d\n" % self._file.stat().st_ino

    def _mark(self, what: bytes) -> None:
        self._lock.truncate(0)
        self._lock.write(what)
        self._lock.flush()

    def _look(self) -> None:
        try:
            with closing(connect(self._file, "ro")) as connection:
                connection.set_progress_handler(lambda: self._stopped, _STEPS)
                whole = is_whole(connection)
        except sqlite3.Error:  # stopped, or a page could not be read; what asks for it will say so
            return
        if not whole:
            self.found()
