"""Accounts of a hub: kept in the register, so that all processes of a hub share them."""

import threading
import time
from collections.abc import Callable

import msgspec
from sqlalchemy import Column, Connection, Integer, Table, Text, insert, select, update

from passerby.errors import ConfigError, StoreError
from passerby.hub.register.database import METADATA, Database, Part, creates
from passerby.records.access.book import EMPTY, Book, understood

_LOOK_EVERY_S = 1.0
_PATIENCE_S = 30.0
"""A register that does not answer for longer lets nobody in: who was removed must not stay for that."""
_FAILED = (-1,)

BOOK = Table(
    "access_book",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("version", Integer, nullable=False),
    Column("book", Text, nullable=False),
)
"""One row: the book is short, is read whole, and changes as a whole or not at all."""


def _nobody(connection: Connection) -> None:
    """A step: the row is there from the beginning, so that two who write first do not both make it."""
    connection.execute(insert(BOOK).values(number=1, version=0, book=msgspec.json.encode(EMPTY).decode()))


PART = Part("access", (creates(BOOK), _nobody))


class RegisterBook:
    """The book in the register. Safe from any thread and any number of processes.

    Args:
        database: the register's; the table is made where there is none.
        clock: seconds, which only go on.

    Raises:
        StoreError: the database cannot be used.
    """

    def __init__(self, database: Database, clock: Callable[[], float] = time.monotonic) -> None:
        database.prepare(PART)
        self._database, self._clock = database, clock
        self._lock = threading.Lock()
        self._stamp: tuple[int, ...] | None = None
        self._asked_s = self._answered_s = float("-inf")

    def read(self) -> Book:
        """What stands in it.

        Raises:
            ConfigError: it cannot be read or understood.
        """
        try:
            return self._read()[1]
        except StoreError as error:
            raise ConfigError([str(error)]) from None

    def _read(self) -> tuple[int, Book]:
        with self._database.reading() as connection:
            row = connection.execute(select(BOOK.c.version, BOOK.c.book).where(BOOK.c.number == 1)).one()
        return int(row.version), understood(row.book.encode(), "the accounts in the register")

    def change(self, how: Callable[[Book], Book]) -> Book:
        """Changes it; whoever reads at the same time sees all of the change or nothing.

        Raises:
            ConfigError: it cannot be read or written, or `how` refuses; nothing has changed.
        """
        try:
            while True:
                version, book = self._read()
                changed = how(book)
                if changed == book or self._replace(version, changed):
                    self._asked_s = float("-inf")
                    return changed
        except StoreError as error:
            raise ConfigError([str(error)]) from None

    def _replace(self, version: int, book: Book) -> bool:
        """Writes it, unless another process was first; gives whether it was written."""
        text = msgspec.json.encode(book).decode()
        with self._database.writing() as connection:
            there = (BOOK.c.number == 1) & (BOOK.c.version == version)
            written = connection.execute(update(BOOK).where(there).values(version=version + 1, book=text))
            return written.rowcount == 1

    def stamp(self) -> tuple[int, ...] | None:
        """Changes when the book does. It is asked for with each request, and looked up once a second."""
        with self._lock:
            now_s = self._clock()
            if now_s - self._asked_s >= _LOOK_EVERY_S:
                self._asked_s = now_s
                self._look(now_s)
            return self._stamp

    def _look(self, now_s: float) -> None:
        try:
            with self._database.reading() as connection:
                version = connection.execute(select(BOOK.c.version).where(BOOK.c.number == 1)).scalar_one()
        except StoreError:
            if now_s - self._answered_s >= _PATIENCE_S:
                self._stamp = _FAILED
            return
        self._answered_s = now_s
        self._stamp = (int(version),)
