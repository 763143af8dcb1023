"""Reads what can be read of a damaged database, row by row, into a new one whose constraints check each row.

A row is taken by a key that an index knows, so that bytes which only look like a row are none. A table without an index
that can be read through is read from its beginning until a page cannot be read, and from its end until the same.
Nothing is put together by guessing: what SQLite does not give is not taken.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from passerby.records.sqlite import connect

_DOUBLE = ("SQLITE_CONSTRAINT_PRIMARYKEY", "SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_ROWID")


@dataclass(frozen=True, slots=True)
class Table:
    """How a table is read.

    Attributes:
        name: of it.
        key: the columns that it is in the order of, which no two rows share.
        sane: what must hold of a row beside the new table's constraints, in SQL.
    """

    name: str
    key: tuple[str, ...]
    sane: str = "TRUE"


@dataclass(slots=True)
class Salvaged:
    """What became of the rows of a table.

    Attributes:
        rows: that were taken.
        refused: that could be read and make no sense.
        lost: that an index knows and that cannot be read.
        whole: whether all could be read, and none was refused.
    """

    rows: int = 0
    refused: int = 0
    lost: int = 0
    whole: bool = True


def salvage(file: Path, new: sqlite3.Connection, tables: Iterable[Table]) -> dict[str, Salvaged]:
    """Takes over what can be read of some tables; nothing where the file is no database any more.

    Args:
        file: the damaged database; it is only read.
        new: a database with the same tables, in a transaction.
        tables: in the order in which they are read.

    Raises:
        sqlite3.Error: the new one cannot be written.
    """
    with closing(_opened(file)) as old:
        return {table.name: _Reading(old, new, table).all() for table in tables}


def _opened(file: Path) -> sqlite3.Connection:
    old = connect(file, "ro")
    old.text_factory = lambda raw: raw.decode(errors="surrogateescape")  # the new one takes no such text
    for pragma in ("writable_schema", "cell_size_check"):  # what is damaged in the schema hides no more than itself
        with suppress(sqlite3.Error):
            old.execute(f"PRAGMA {pragma} = ON")
    return old


class _Rows:
    """Rows of a damaged database, until one cannot be read or stands in no order: damaged pages can lead in circles.

    Args:
        old: the database.
        statement, values: which rows.
        order: by how many first columns they are ordered; below 0: backwards.

    Attributes:
        ended: whether they came to their end.
    """

    def __init__(self, old: sqlite3.Connection, statement: str, values: Sequence[object] = (), order: int = 0) -> None:
        self.ended = False
        self._old, self._statement, self._values, self._order = old, statement, values, order

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        before: tuple[Any, ...] | None = None
        with suppress(sqlite3.Error, TypeError), closing(self._old.execute(self._statement, self._values)) as rows:
            for row in rows:
                place = row[: abs(self._order)]
                if before is not None and not (before < place if self._order > 0 else place < before):
                    return
                before = place if self._order else None
                yield row
            self.ended = True


class _Reading:
    """One table."""

    def __init__(self, old: sqlite3.Connection, new: sqlite3.Connection, table: Table) -> None:
        self._old, self._new, self._table = old, new, table
        columns = [row[1] for row in new.execute(f"PRAGMA table_info({table.name})")]
        names, marks, keys = ", ".join(columns), ", ".join("?" * len(columns)), ", ".join(table.key)
        # Names are the program's own.
        self._insert = f"INSERT INTO {table.name} ({names}) VALUES ({marks})"  # noqa: S608
        self._select = f"SELECT {keys}, {table.sane}, {names} FROM {table.name}"  # noqa: S608
        self._by_key = " AND ".join(f"{name} = ?" for name in table.key)
        self._found = Salvaged()

    def all(self) -> Salvaged:
        """Reads it."""
        found = self._found
        found.whole = any(map(self._by_index, self._indexes())) or self._from_both_ends()
        found.whole = found.whole and not found.lost and not found.refused
        return found

    def _from_both_ends(self) -> bool:
        """Takes rows from the beginning and from the end until a page cannot be read, and says whether none was."""
        key = self._table.key
        return any(self._take(f"ORDER BY {_ordered(key, way)}", order=way * len(key)) for way in (1, -1))

    def _indexes(self) -> list[str]:
        return [row[1] for row in self._new.execute(f"PRAGMA index_list({self._table.name})") if row[3] == "c"]

    def _by_index(self, name: str) -> bool:
        """Takes rows by the keys that an index knows, and says whether it knows them all."""
        columns = [row[2] for row in self._new.execute(f"PRAGMA index_info({name})")]
        ordered = columns + [one for one in self._table.key if one not in columns]
        at = [ordered.index(one) for one in self._table.key]
        asked = f"SELECT {', '.join(ordered)} FROM {self._table.name} INDEXED BY {name}"  # noqa: S608 - as above
        self._found.lost = 0
        for way in (1, -1):
            read = _Rows(self._old, f"{asked} ORDER BY {_ordered(ordered, way)}", order=way * len(ordered))
            for row in read:
                key = [row[index] for index in at]
                self._found.lost += not (self._is_taken(key) or self._take(f"WHERE {self._by_key} LIMIT 1", key))
            if read.ended:
                return True
        return False

    def _is_taken(self, key: Sequence[object]) -> bool:
        with suppress(UnicodeError):
            return bool(self._new.execute(f"SELECT 1 FROM {self._table.name} WHERE {self._by_key}", key).fetchone())  # noqa: S608
        return True  # a key that makes no sense has no row

    def _take(self, which: str, values: Sequence[object] = (), order: int = 0) -> bool:
        """Takes rows as far as they can be read, and says whether that was to the end."""
        rows, keys = _Rows(self._old, f"{self._select} {which}", values, order), len(self._table.key)
        for row in rows:
            self._put(row[keys + 1 :], sane=bool(row[keys]))
        return rows.ended

    def _put(self, row: Sequence[object], *, sane: bool) -> None:
        if not sane:
            self._found.refused += 1
            return
        try:
            self._new.execute(self._insert, row)
        except (sqlite3.IntegrityError, UnicodeError) as error:
            self._found.refused += getattr(error, "sqlite_errorname", "") not in _DOUBLE
        else:
            self._found.rows += 1


def _ordered(columns: Iterable[str], way: int) -> str:
    return ", ".join(f"{name} {'ASC' if way > 0 else 'DESC'}" for name in columns)
