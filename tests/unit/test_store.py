"""The store: what is kept, what is refused, and what is said when the disk or the file is at fault."""

import resource
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from passerby.core.tallies import LINE_MEASURES, Measure, Tally
from passerby.errors import StoreError
from passerby.records.damage import lying_aside
from passerby.records.sqlite import migrate
from passerby.site.schema import APPLICATION_ID, MIGRATIONS
from passerby.site.statements import QUERY, SUMS
from passerby.site.store import KEEP_HOURS_S, KEEP_WINDOWS_S, Filter, Store

NOON = 1_760_004_000


def tally(start: int = NOON, total: float = 3, measure: Measure = Measure.CROSSINGS_IN, width_s: int = 900) -> Tally:
    subject = "door" if measure in LINE_MEASURES else "hall"
    return Tally("entrance", measure, subject, start, width_s, total, width_s * 0.5)


def test_what_is_added_comes_back(tmp_path: Path) -> None:
    kept = [tally(), tally(measure=Measure.PEOPLE, total=12.3), tally(NOON + 900)]
    with Store(tmp_path / "a.sqlite") as store:
        store.add(kept)
        assert sorted(store.query(), key=lambda one: one.key) == sorted(kept, key=lambda one: one.key)
    with Store(tmp_path / "a.sqlite") as store:
        assert len(store.query()) == 3


def test_adding_again_replaces(tmp_path: Path) -> None:
    with Store(tmp_path / "a.sqlite") as store:
        store.add([tally(total=3)])
        store.add([tally(total=3)])
        store.add([tally(total=5)])
        assert [one.total for one in store.query()] == [5]


def test_a_restart_within_a_window_loses_nothing(tmp_path: Path) -> None:
    for run, total in ((1, 30), (2, 40)):
        with Store(tmp_path / "a.sqlite", run=run) as store:
            store.add([tally(total=total)])
            kept = store.query()
    assert [(one.total, one.exposure) for one in kept] == [(70, 900)]


def test_filters_choose(tmp_path: Path) -> None:
    with Store(tmp_path / "a.sqlite") as store:
        store.add([tally(), tally(NOON + 900, measure=Measure.PEAK), tally(NOON + 1800)])
        assert [one.start_unix_s for one in store.query(Filter(measure=Measure.CROSSINGS_IN))] == [NOON, NOON + 1800]
        assert [one.subject for one in store.query(Filter(subject="hall"))] == ["hall"]
        assert store.query(Filter(camera="exit")) == []
        assert [one.start_unix_s for one in store.query(Filter(since_unix_s=NOON + 900, until_unix_s=NOON + 1800))] == [
            NOON + 900
        ]
        assert len(store.query(Filter(limit=2))) == 2


@pytest.mark.parametrize("measure", [Measure.PEOPLE, Measure.DWELL])
def test_one_place_is_read_by_the_whole_key(tmp_path: Path, measure: Measure) -> None:
    which = Filter("entrance", measure, "hall", NOON, NOON + 900)
    with Store(tmp_path / "a.sqlite") as store, sqlite3.connect(store.file) as connection:
        for statement in (QUERY, SUMS):
            plan = connection.execute(
                "EXPLAIN QUERY PLAN " + statement.format(where=which.conditions()), which.values()
            )
            assert "PRIMARY KEY (camera=? AND measure=? AND subject=? AND part=? AND start_unix_s>?" in str(list(plan))


def test_sums_say_from_when_to_when(tmp_path: Path) -> None:
    with Store(tmp_path / "a.sqlite") as store:
        store.add([tally(total=2), tally(NOON + 900, total=5), tally(measure=Measure.PEAK, total=4)])
        store.add([tally(NOON + 900, measure=Measure.PEAK, total=3)])
        sums = {one.measure: one for one in store.sums()}
    crossings = sums[Measure.CROSSINGS_IN]
    assert (crossings.total, crossings.exposure) == (7, 900)
    assert (crossings.first_unix_s, crossings.last_unix_s) == (NOON, NOON + 1800)
    assert sums[Measure.PEAK].total == 4


def test_wider_windows_than_asked_stay_as_they_are(tmp_path: Path) -> None:
    hour = NOON // 3600 * 3600
    with Store(tmp_path / "a.sqlite") as store:
        store.add([tally(hour, width_s=3600), tally(hour + 3600), tally(hour + 4500)])
        assert [one.width_s for one in store.query(Filter(width_s=1800))] == [3600, 1800]


def test_unsafe_tallies_are_marked(tmp_path: Path) -> None:
    with Store(tmp_path / "a.sqlite", run=1, unsafe=True) as store:
        store.add([tally()])
    with Store(tmp_path / "a.sqlite", run=2) as store:
        store.add([tally(NOON + 900)])
        assert [row.unsafe for row in store.rows()] == [True, False]
        assert [row.unsafe for row in store.rows(Filter(width_s=3600))] == [True]


def test_old_windows_become_hours_and_then_go(tmp_path: Path) -> None:
    hour = NOON // 3600 * 3600
    with Store(tmp_path / "a.sqlite") as store:
        store.add([tally(hour + 900 * i, total=i) for i in range(4)])
        store.roll_up(hour + KEEP_WINDOWS_S)
        assert len(store.query()) == 4, "not yet old enough"
        store.roll_up(hour + 3600 + KEEP_WINDOWS_S)
        assert [(one.start_unix_s, one.width_s, one.total) for one in store.query()] == [(hour, 3600, 6)]
        store.roll_up(hour + 3600 + KEEP_HOURS_S)
        assert store.query() == []


def test_a_reader_sees_what_was_committed_while_the_writer_goes_on(tmp_path: Path) -> None:
    with Store(tmp_path / "a.sqlite") as store:
        seen: list[int] = []
        reader = threading.Thread(target=lambda: seen.extend(len(store.query()) for _ in range(50)))
        reader.start()
        for i in range(50):
            store.add([tally(NOON + 900 * i)])
        reader.join()
        assert seen == sorted(seen)
        assert len(store.query()) == 50


def test_a_second_writer_is_refused(tmp_path: Path) -> None:
    with Store(tmp_path / "a.sqlite"), pytest.raises(StoreError, match="another passerby writes to it"):
        Store(tmp_path / "a.sqlite")
    Store(tmp_path / "a.sqlite").close()


def test_a_newer_schema_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "a.sqlite"
    Store(file).close()
    with sqlite3.connect(file) as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(StoreError, match=r"newer passerby \(schema 99"):
        Store(file)


def test_a_foreign_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "a.sqlite"
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE theirs (x)")
    with pytest.raises(StoreError, match="another program's database"):
        Store(file)
    with sqlite3.connect(file) as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("theirs",)]


def test_what_is_not_a_database_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "a.sqlite"
    file.write_text("hello " * 1000)
    with pytest.raises(StoreError, match="not a store of passerby"):
        Store(file)


def test_what_is_not_a_database_is_left_alone_however_often_it_is_named(tmp_path: Path) -> None:
    file = tmp_path / "holiday.jpg"
    file.write_bytes(b"\xff\xd8\xff\xe0" * 1000)
    for _ in range(3):
        with pytest.raises(StoreError, match="not a store of passerby"):
            Store(file)
    assert file.read_bytes() == b"\xff\xd8\xff\xe0" * 1000
    assert lying_aside(file) == []


def test_a_missing_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="No such file or directory; check its folder"):
        Store(tmp_path / "nowhere" / "a.sqlite")


def test_a_held_database_is_said(tmp_path: Path) -> None:
    file = tmp_path / "a.sqlite"
    with Store(file) as store:
        other = sqlite3.connect(file, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="another program holds it"):
            store.add([tally()])
        other.execute("ROLLBACK")
        other.close()
        store.add([tally()])
        assert len(store.query()) == 1


def test_migrations_run_once_each_and_in_order(tmp_path: Path) -> None:
    file = tmp_path / "a.sqlite"
    with Store(file) as store:
        store.add([tally()])
    newer = (*MIGRATIONS, "ALTER TABLE tally ADD COLUMN later INTEGER NOT NULL DEFAULT 7")
    connection = sqlite3.connect(file, isolation_level=None)
    migrate(connection, newer, APPLICATION_ID)
    migrate(connection, newer, APPLICATION_ID)
    assert connection.execute("SELECT later FROM tally").fetchall() == [(7,)]
    connection.close()


def test_a_migration_that_fails_changes_nothing(tmp_path: Path) -> None:
    file = tmp_path / "a.sqlite"
    Store(file).close()
    connection = sqlite3.connect(file, isolation_level=None)
    broken = "ALTER TABLE tally ADD COLUMN later INTEGER; INSERT INTO nowhere VALUES (1)"
    with pytest.raises(sqlite3.OperationalError):
        migrate(connection, (*MIGRATIONS, broken), APPLICATION_ID)
    connection.close()
    Store(file).close()
    with sqlite3.connect(file) as connection:
        assert "later" not in {row[1] for row in connection.execute("PRAGMA table_info(tally)")}


FULL_DISK = """
import resource, sys
from pathlib import Path
from passerby.core.tallies import Measure, Tally
from passerby.errors import StoreError
from passerby.records.damage import lying_aside
from passerby.site.store import Store

def batch(i):
    return [Tally(f"camera {i} {j}", Measure.CROSSINGS_IN, "door", 900 * j, 900, j, 900) for j in range(50)]

store = Store(Path(sys.argv[1]))
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, resource.RLIM_INFINITY))
stored = 0
try:
    while stored < 1000:
        store.add(batch(stored))
        stored += 1
except StoreError as error:
    print(error)
assert len(store.query()) == 50 * stored, "what was stored is there, what failed is not"
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
store.add(batch(stored))
assert len(store.query()) == 50 * (stored + 1), "it goes on when there is space again"
store.close()
print(stored)
"""


def test_a_disk_without_space_loses_nothing_and_is_said(tmp_path: Path) -> None:
    if resource.getrlimit(resource.RLIMIT_FSIZE)[1] != resource.RLIM_INFINITY:
        pytest.skip("this machine limits the size of files already")
    command = [sys.executable, "-c", FULL_DISK, str(tmp_path / "a.sqlite")]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    said, stored = done.stdout.splitlines()
    assert "the disk" in said
    assert "Traceback" not in done.stderr
    with Store(tmp_path / "a.sqlite") as store:
        assert len(store.query()) == 50 * (int(stored) + 1)


def test_a_full_database_is_said(tmp_path: Path) -> None:
    with Store(tmp_path / "a.sqlite") as store:
        store.add([tally()])
        store._writer.execute("PRAGMA max_page_count = 20")
        with pytest.raises(StoreError, match="the disk is full; free some space"):
            store.add([tally(NOON + 900 * i) for i in range(5000)])
        assert len(store.query()) == 1
        store._writer.execute("PRAGMA max_page_count = 100000")
        store.add([tally(NOON + 900)])
        assert len(store.query()) == 2


def test_a_clock_that_is_years_ahead_is_not_believed_when_it_comes_to_deleting(tmp_path: Path) -> None:
    with Store(tmp_path / "a.sqlite") as store:
        years_s = 10 * 366 * 86_400
        assert store.has_lived(NOON + years_s), "there is nothing to delete"
        store.add([Tally("cam", Measure.CROSSINGS_IN, "door", NOON, 900, 3, 900)])
        assert store.has_lived(NOON + 3600)
        assert not store.has_lived(NOON + years_s)
        store.add([Tally("cam", Measure.CROSSINGS_IN, "door", NOON + years_s, 900, 3, 900)])
        assert not store.has_lived(NOON + years_s + 3600)
        assert store.has_lived(NOON + years_s + 86_400 + 900), "it was right for a day"


def test_a_run_has_a_number_of_its_own_though_the_clock_was_set_back(tmp_path: Path) -> None:
    tally = Tally("cam", Measure.CROSSINGS_IN, "door", NOON, 900, 3, 400)
    for run in (4_000_000_000, None, None):
        with Store(tmp_path / "a.sqlite", run=run) as store:
            store.add([tally])
    with Store(tmp_path / "a.sqlite") as store:
        assert [one.total for one in store.query()] == [9]
