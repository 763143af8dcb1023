"""Damages SQLite files: overwrites, cuts and empties them, and finds a page to do it to."""

import sqlite3
from contextlib import closing
from pathlib import Path

PAGE_BYTES = 4096


def overwrite(file: Path, at: int, what: bytes) -> None:
    """Writes over bytes of a file."""
    with file.open("r+b") as handle:
        handle.seek(at)
        handle.write(what)


def page_of(file: Path, table: str, after: int = 0) -> int:
    """Where a page in the midst of a table begins, or one some pages after it, in bytes."""
    with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as connection:
        root = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)).fetchone()[0]
    head = file.read_bytes()[(root - 1) * PAGE_BYTES :][:PAGE_BYTES]
    cell = int.from_bytes(head[3:5]) // 2 + after
    at = int.from_bytes(head[12 + cell * 2 :][:2])
    return (int.from_bytes(head[at : at + 4]) - 1) * PAGE_BYTES
