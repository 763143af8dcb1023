"""Connections that only read, kept for the next who asks: each knows the tables and has pages at hand."""

import sqlite3
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from passerby.records.sqlite import connect, explained

WORDS = {"SQLITE_FULL": "the disk is full; free some space. What was stored is safe; what comes waits at the sites"}
"""What is said otherwise than at a site."""
_MOST_IDLE = 8
_CACHE_KB = 16 * 1024


class Readers:
    """Connections to a file. Safe from any thread: each question has one for itself.

    Args:
        file: path of the SQLite file.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._idle: deque[sqlite3.Connection] = deque()
        self._closed = False

    @contextmanager
    def one(self) -> Iterator[sqlite3.Connection]:
        """A connection for one question.

        Raises:
            StoreError: the file cannot be read.
        """
        with explained(self._file, WORDS):
            connection = self._next()
            try:
                yield connection
            finally:
                if self._closed or len(self._idle) >= _MOST_IDLE:
                    connection.close()
                else:
                    self._idle.append(connection)

    def close(self) -> None:
        """Closes those that nobody asks."""
        self._closed = True
        while self._idle:
            self._idle.pop().close()

    def _next(self) -> sqlite3.Connection:
        try:
            return self._idle.pop()
        except IndexError:
            return self._open()

    def _open(self) -> sqlite3.Connection:
        connection = connect(self._file, "ro")
        connection.execute(f"PRAGMA cache_size = -{_CACHE_KB}")
        return connection
