"""A damaged database is known for one, is set aside and never deleted, and what it still gives is taken over."""

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from passerby.records.damage import (
    DamagedError,
    finish,
    is_damage,
    is_remembered,
    is_whole,
    lying_aside,
    remember,
    replace_damaged,
    set_aside,
)
from passerby.records.salvage import Salvaged, Table, salvage
from passerby.records.sqlite import connect, explained, lock
from tests.support.damaging import PAGE_BYTES, overwrite, page_of

SCHEMA = """
    CREATE TABLE seen (place TEXT NOT NULL, start INTEGER NOT NULL, total INTEGER NOT NULL CHECK (total >= 0),
        PRIMARY KEY (place, start)) STRICT, WITHOUT ROWID;
    CREATE INDEX seen_by_start ON seen (start);
    CREATE TABLE note (id INTEGER PRIMARY KEY, moment INTEGER NOT NULL, said TEXT NOT NULL) STRICT;
    CREATE INDEX note_by_moment ON note (moment);
"""
SEEN, NOTE = Table("seen", ("place", "start"), "total < 1000000"), Table("note", ("id",))
ROWS = [(f"door {n % 7}", 900 * n, n % 100) for n in range(6000)]
NOTES = [(n, 10 * n, f"somebody changed something, time {n}") for n in range(1, 2000)]


def made(file: Path) -> Path:
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(SCHEMA)
        connection.executemany("INSERT INTO seen VALUES (?, ?, ?)", ROWS)
        connection.executemany("INSERT INTO note VALUES (?, ?, ?)", NOTES)
        connection.commit()
    return file


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return made(tmp_path / "a.sqlite")


@pytest.fixture
def new(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(tmp_path / "new.sqlite")) as connection:
        connection.executescript(SCHEMA)
        yield connection


def makes_new(file: Path) -> None:
    file.write_bytes(b"new")


def read(connection: sqlite3.Connection, table: str) -> set[tuple[object, ...]]:
    return set(connection.execute(f"SELECT * FROM {table}"))


class TestSalvage:
    def test_a_whole_file_is_taken_whole(self, file: Path, new: sqlite3.Connection) -> None:
        taken = salvage(file, new, [SEEN, NOTE])
        assert taken == {"seen": Salvaged(len(ROWS)), "note": Salvaged(len(NOTES))}
        assert read(new, "seen") == set(ROWS)
        assert read(new, "note") == set(NOTES)

    @pytest.mark.parametrize(("table", "rows"), [(SEEN, ROWS), (NOTE, NOTES)], ids=["seen", "note"])
    def test_around_pages_that_are_gone(self, file: Path, new: sqlite3.Connection, table: Table, rows: list) -> None:  # type: ignore[type-arg]
        for after in (0, 3):  # rows between the two are found by the index alone
            overwrite(file, page_of(file, table.name, after), b"\xa5" * PAGE_BYTES)
        found = salvage(file, new, [table])[table.name]
        assert not found.whole
        assert 0 < found.lost < len(rows) // 5
        assert found.rows + found.lost == len(rows)
        assert read(new, table.name) < set(rows)

    def test_what_makes_no_sense_is_refused(self, file: Path, new: sqlite3.Connection) -> None:
        with closing(sqlite3.connect(file)) as connection:
            connection.execute("PRAGMA ignore_check_constraints = ON")
            connection.execute("UPDATE seen SET total = -1 WHERE start = 900")
            connection.execute("UPDATE seen SET total = 1000000 WHERE start = 1800")
            connection.commit()
        assert salvage(file, new, [SEEN])["seen"] == Salvaged(len(ROWS) - 2, refused=2, whole=False)

    def test_random_damage_brings_nothing_that_was_not_there(self, file: Path, tmp_path: Path) -> None:
        draw, whole = random.Random(3), file.read_bytes()
        for round_ in range(10):
            file.write_bytes(whole)
            for _ in range(draw.randrange(1, 6)):
                overwrite(file, draw.randrange(PAGE_BYTES, len(whole)), bytes(draw.randrange(1, 3000)))
            with closing(sqlite3.connect(tmp_path / f"{round_}.sqlite")) as new:
                new.executescript(SCHEMA)
                salvage(file, new, [SEEN, NOTE])
                assert all(start % 900 == 0 for _, start, _ in read(new, "seen"))  # type: ignore[operator]

    @pytest.mark.parametrize("content", [b"", b"no database", bytes(9 * PAGE_BYTES)])
    def test_of_no_database_nothing_is_taken(self, file: Path, new: sqlite3.Connection, content: bytes) -> None:
        file.write_bytes(content)
        assert salvage(file, new, [SEEN])["seen"] == Salvaged(whole=False)


class TestSettingAside:
    def test_nothing_is_deleted(self, file: Path) -> None:
        Path(f"{file}-wal").write_bytes(b"a log")
        Path(f"{file}-shm").write_bytes(b"its index")
        before = file.read_bytes()
        aside = replace_damaged(file, makes_new)
        assert file.read_bytes() == b"new"
        assert aside.file.read_bytes() == before
        assert Path(f"{aside.file}-wal").read_bytes() == b"a log"
        assert lying_aside(file) == [aside]
        assert sorted(one.name for one in file.parent.iterdir()) == sorted(
            [file.name, aside.file.name, f"{aside.file.name}-wal"]
        )

    def test_two_within_a_second_have_names_of_their_own(self, file: Path) -> None:
        asides = []
        for n in range(3):
            file.write_bytes(b"%d" % n)
            asides.append(set_aside(file))
        assert [one.file.read_bytes() for one in asides] == [b"0", b"1", b"2"]
        assert [one.file.read_bytes() for one in lying_aside(file)] == [b"0", b"1", b"2"]

    def test_a_new_one_that_cannot_be_made_changes_nothing(self, file: Path) -> None:
        before = file.read_bytes()

        def fails(new: Path) -> None:
            new.write_bytes(b"half")
            raise OSError(28, "No space left on device")

        with pytest.raises(OSError, match="No space"):
            replace_damaged(file, fails)
        assert [one.name for one in file.parent.iterdir()] == [file.name]
        assert file.read_bytes() == before

    @pytest.mark.parametrize("renamed", range(4))
    def test_killed_in_between_it_is_done_by_the_next_start(
        self, file: Path, renamed: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Whatever was renamed by then, nothing of the old one is gone and the new one gets its place."""
        Path(f"{file}-wal").write_bytes(b"a log")
        before = file.read_bytes()
        done, real = [0], Path.rename

        def rename(path: Path, to: Path | str) -> Path:
            if done[0] == renamed:
                raise KeyboardInterrupt
            done[0] += 1
            return real(path, to)

        with monkeypatch.context() as patched:
            patched.setattr(Path, "rename", rename)
            with pytest.raises(KeyboardInterrupt):
                replace_damaged(file, makes_new)
        again = finish(file)
        if renamed == 0:  # the new one had not got its name: all is as before, and is done anew
            assert again is None
            assert file.read_bytes() == before
            return
        assert file.read_bytes() == b"new"
        contents = {one.read_bytes() for one in file.parent.iterdir()}
        assert {before, b"a log", b"new"} <= contents
        assert finish(file) is None


class TestKnowing:
    def test_damage_is_told_from_other_troubles(self, file: Path) -> None:
        overwrite(file, 0, b"\xff" * 100)
        with (
            pytest.raises(DamagedError, match="it is not a store"),
            explained(file),
            closing(connect(file, "ro")) as one,
        ):
            one.execute("SELECT * FROM note").fetchall()
        with pytest.raises(sqlite3.OperationalError) as full:
            sqlite3.connect(":memory:").execute("SELECT * FROM nowhere")
        assert not is_damage(full.value)
        assert not is_damage(OSError(28, "No space left on device"))

    def test_a_file_is_read_through(self, file: Path) -> None:
        with closing(connect(file, "ro")) as connection:
            assert is_whole(connection)
        overwrite(file, page_of(file, "seen"), bytes(PAGE_BYTES))
        with closing(connect(file, "ro")) as connection:
            assert not is_whole(connection)

    def test_only_what_was_opened_as_a_store_is_one(self, file: Path) -> None:
        assert not is_remembered(file)
        handle = lock(file)
        assert not is_remembered(file), "whoever names a photograph by mistake makes a lock beside it"
        remember(handle)
        remember(handle)
        handle.close()
        assert is_remembered(file)
        file.unlink()
        assert not is_remembered(file), "somebody moved it away"
