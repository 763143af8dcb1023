"""The hub's tallies in SQLite: what is said when the disk or the file is at fault, and what is never lost."""

import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from passerby.core.tallies import Measure
from passerby.errors import StoreError
from passerby.hub.contract import Delivered, Series, Span, Sum, Taken
from passerby.hub.series import SqliteSeries
from passerby.hub.series.integrity import SMALL_BYTES, Integrity
from passerby.hub.series.together import Together
from passerby.records.damage import lying_aside
from passerby.records.sqlite import lock
from tests.support.deliveries import DOOR, OUTBOX, Count, batch, delivery, sealed
from tests.support.site import eventually

NOON = 1_759_752_000
IN = Measure.CROSSINGS_IN


def one(sequence: int = 1, venue: int = 1) -> Delivered:
    return delivery(batch(sequence, Count(DOOR, IN, NOON + 900 * sequence, 3)), venue=venue)


def people(series: Series) -> float:
    return sum(point.sum.total for point in series.now(NOON, [IN]))


def test_what_was_taken_is_there_after_a_restart(tmp_path: Path) -> None:
    with SqliteSeries(tmp_path / "a.sqlite") as series:
        series.take(one())
    with SqliteSeries(tmp_path / "a.sqlite") as series:
        assert series.take(one()).new == ()
        series.take(one(2))
        assert (people(series), series.problems()) == (6, [])
        series.close()


def test_a_second_writer_is_refused(tmp_path: Path) -> None:
    with (
        SqliteSeries(tmp_path / "a.sqlite"),
        pytest.raises(StoreError, match=r"a\.sqlite cannot be used: another passerby writes to it"),
    ):
        SqliteSeries(tmp_path / "a.sqlite")
    SqliteSeries(tmp_path / "a.sqlite").close()


def test_a_newer_schema_and_a_foreign_database_are_refused(tmp_path: Path) -> None:
    newer, theirs, text = (tmp_path / name for name in ("a.sqlite", "b.sqlite", "c.sqlite"))
    SqliteSeries(newer).close()
    with sqlite3.connect(newer) as connection:
        connection.execute("PRAGMA user_version = 99")
    with sqlite3.connect(theirs) as connection:
        connection.execute("CREATE TABLE theirs (x)")
    text.write_text("hello " * 1000)
    for file, words in ((newer, "newer passerby"), (theirs, "another program's"), (text, "not a store of passerby")):
        with pytest.raises(StoreError, match=words):
            SqliteSeries(file)


def test_a_file_that_is_held_is_said_and_taken_later(tmp_path: Path) -> None:
    with SqliteSeries(tmp_path / "a.sqlite") as series:
        other = sqlite3.connect(series.file, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="another program holds it"):
            series.take(one())
        other.execute("ROLLBACK")
        other.close()
        assert series.take(one()).new == (1,)


def damage(file: Path) -> None:
    raw = bytearray(file.read_bytes())
    raw[-8192:] = b"\xff" * 8192
    file.write_bytes(raw)


def filled(file: Path, batches: int = 40) -> None:
    with SqliteSeries(file) as series:
        for n in range(batches):
            counts = [Count(DOOR, IN, NOON + 900 * (100 * n + m), 1) for m in range(100)]
            series.take(delivery(sealed(n + 1, counts)))


def test_a_small_file_that_is_damaged_is_set_aside_and_said(tmp_path: Path) -> None:
    filled(tmp_path / "a.sqlite")
    damage(tmp_path / "a.sqlite")
    damaged = (tmp_path / "a.sqlite").read_bytes()
    for _ in range(2):
        with SqliteSeries(tmp_path / "a.sqlite") as series:
            assert series.marks(1) == {}
            (aside,) = lying_aside(series.file)
            assert aside.file.read_bytes() == damaged
            assert [str(aside.file) in words for words in series.problems()] == [True]


def test_a_file_that_was_never_a_store_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "a.sqlite").write_bytes(b"a photograph" * 1000)
    with pytest.raises(StoreError, match="not a store of passerby"):
        SqliteSeries(tmp_path / "a.sqlite")
    assert (tmp_path / "a.sqlite").read_bytes() == b"a photograph" * 1000


def test_a_store_whose_head_is_gone_is_known_for_one(tmp_path: Path) -> None:
    filled(tmp_path / "a.sqlite")
    with (tmp_path / "a.sqlite").open("r+b") as file:
        file.write(bytes(100))
    with SqliteSeries(tmp_path / "a.sqlite") as series:
        assert lying_aside(series.file) and series.marks(1) == {}


def test_what_is_found_damaged_at_work_gives_way_at_the_next_start(tmp_path: Path) -> None:
    file = tmp_path / "a.sqlite"
    filled(file)
    with SqliteSeries(file) as series:
        series._integrity.found()
        with pytest.raises(StoreError, match="start the hub again"):
            series.take(one())
        assert not lying_aside(file)
    with SqliteSeries(file) as series:
        assert lying_aside(file) and series.take(one()).mark == 1


def test_a_copy_in_the_place_of_a_file_that_was_found_damaged_is_used(tmp_path: Path) -> None:
    file, copy = tmp_path / "a.sqlite", tmp_path / "copy.sqlite"
    filled(file)
    shutil.copy(file, copy)
    with SqliteSeries(file) as series:
        series._integrity.found()
    copy.rename(file)
    with SqliteSeries(file) as series:
        assert not lying_aside(file)
        assert series.newest()
        series._integrity.found()
    filled(copy)
    damage(copy)
    copy.rename(file)
    with SqliteSeries(file):
        assert lying_aside(file), "a copy that is damaged too is none"


def test_a_large_file_is_looked_through_after_a_hub_that_was_killed(tmp_path: Path) -> None:
    file = tmp_path / "a.sqlite"
    filled(file)
    damage(file)
    with lock(file) as held:
        first = Integrity(file, held)
        first.begin(small_bytes=0)
        first.wait()
        assert first.problem is None, "the hub before ended by itself: nobody looks"
        again = Integrity(file, held)
        again.begin(small_bytes=0)
        again.wait()
        assert "damaged" in (again.problem or "")
        again.end()
        held.seek(0)
        assert held.read(), "it is looked through again at the next start"


def test_looking_through_a_large_file_stops_with_the_hub(tmp_path: Path) -> None:
    file = tmp_path / "a.sqlite"
    filled(file)
    assert file.stat().st_size < SMALL_BYTES
    with lock(file) as held:
        held.write(b"running\n")
        held.flush()
        look = Integrity(file, held)
        look.begin(small_bytes=0)
        look.end()
        held.seek(0)
        assert (held.read(), look.problem) == (b"stopped\n", None)


def test_nothing_is_taken_into_a_file_that_was_found_damaged(tmp_path: Path) -> None:
    with SqliteSeries(tmp_path / "a.sqlite") as series:
        series._integrity.problem = "it is damaged"
        with pytest.raises(StoreError, match="it is damaged"):
            series.take(one())
        assert [str(series.file) in words for words in series.problems()] == [True]


def test_many_who_send_at_once_lose_nothing(tmp_path: Path) -> None:
    with SqliteSeries(tmp_path / "a.sqlite") as series:

        def send(venue: int) -> None:
            for n in range(1, 21):
                assert series.take(one(n, venue)).new == (n,)
                assert series.marks(venue) == {OUTBOX: n}, "what was answered is there for those who read"

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(send, range(1, 9)))
        assert series.totals(Span(NOON, NOON + 86_400), None, [IN]) == {
            (venue, IN, 0): Sum(60, 18_000) for venue in range(1, 9)
        }


def test_one_delivery_that_cannot_be_stored_holds_up_no_other(tmp_path: Path) -> None:
    with SqliteSeries(tmp_path / "a.sqlite") as series:
        begun, go = threading.Event(), threading.Event()
        together: list[int] = []

        def take(connection: sqlite3.Connection, delivered: Delivered) -> Taken:
            if delivered.venue == 1:
                begun.set()
                go.wait(60)
            together.append(delivered.venue)
            if delivered.venue == 3:
                connection.execute("INSERT INTO nowhere VALUES (1)")
            return Taken(delivered.venue)

        def write(these: Sequence[Delivered]) -> list[Taken]:
            with series._transaction() as connection:
                return [take(connection, one) for one in these]

        writing = Together(write)
        with ThreadPoolExecutor(4) as pool:
            first = pool.submit(writing.take, one(venue=1))
            assert begun.wait(60)
            rest = [pool.submit(writing.take, one(venue=venue)) for venue in (2, 3, 4)]
            eventually(lambda: len(writing._waiting) == 3)
            go.set()
            assert [future.result(60).mark for future in (first, rest[0], rest[2])] == [1, 2, 4]
            with pytest.raises(StoreError, match="nowhere"):
                rest[1].result(60)
        assert together.count(3) == 2, "once with the others, once alone"


def test_a_bug_leaves_nobody_waiting(tmp_path: Path) -> None:
    with SqliteSeries(tmp_path / "a.sqlite") as series:

        def write(_these: Sequence[Delivered]) -> list[Taken]:
            with series._transaction():
                raise KeyError("a bug")

        with pytest.raises(KeyError):
            Together(write).take(one())
        assert series.take(one()).new == (1,), "and the next is stored"


FULL_DISK = """
import sys
from pathlib import Path
from passerby.errors import StoreError
from passerby.hub.series import SqliteSeries
from tests.unit.test_series_store import NOON, IN, DOOR, Count, delivery, sealed, people

file = Path(sys.argv[1]) / "series.sqlite"
with SqliteSeries(file) as series:
    taken = 0
    while True:
        counts = [Count(DOOR, IN, NOON + 60 * (500 * taken + m), 1, width_s=60, run=taken) for m in range(500)]
        try:
            series.take(delivery(sealed(taken + 1, counts)))
        except StoreError as error:
            print(error)
            break
        taken += 1
    assert people(series) == 500 * taken, "what was taken is there, what failed is not"
    assert list(series.marks(1).values()) == [taken]
    assert Path(f"{file}.ballast").exists()
    gone = series.forget(NOON + 60 * 500 * taken + 90_000, NOON)
    assert gone > 400 * taken, gone
    assert people(series) == 500 * taken, "sums stay"
    assert series.take(delivery(sealed(taken + 1, counts))).new == (taken + 1,)
    assert Path(f"{file}.ballast").exists(), "it is held again"
"""


def test_on_a_full_disk_what_is_old_can_still_be_forgotten(tmp_path: Path) -> None:
    mount = f"mount -t tmpfs -o size=44m tmpfs {tmp_path} && exec {sys.executable} - {tmp_path}"
    command = ["unshare", "--map-root-user", "--mount", "sh", "-c", mount]
    probe = ["unshare", "--map-root-user", "--mount", "mount", "-t", "tmpfs", "tmpfs", str(tmp_path)]
    if shutil.which("unshare") is None or subprocess.run(probe, check=False, capture_output=True).returncode:
        pytest.skip("no small disk can be made here")
    done = subprocess.run(command, input=FULL_DISK, check=False, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert "the disk is full; free some space. What was stored is safe; what comes waits at the sites" in done.stdout
