"""Corrections by hand: written while the site runs, refused in plain words, and gone after 13 months."""

import json
import os
import pwd
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from passerby.core.tallies import Measure, Tally
from passerby.errors import ConfigError, StoreError
from passerby.records.sqlite import migrate
from passerby.site.config import SiteConfig, load
from passerby.site.corrections import Correction, Corrections, correct
from passerby.site.journal import Journal
from passerby.site.schema import APPLICATION_ID, MIGRATIONS
from passerby.site.store import KEEP_HOURS_S, Store

NOON = 1_760_004_000
SITE = """
cameras:
  - name: street
    source: rtsp://127.0.0.1/one
    lines: [{name: front, from: [0, 0], to: [1, 1], place: hall}]
    zones: [{name: floor, corners: [[0, 0], [1, 0], [1, 1]], place: gallery}]
places: [{name: hall}, {name: gallery, zones_see_all: true}]
"""


@pytest.fixture
def config(tmp_path: Path) -> SiteConfig:
    (tmp_path / "site.yaml").write_text(SITE)
    return load(tmp_path / "site.yaml")


def test_a_correction_comes_back_with_who_wrote_it(config: SiteConfig) -> None:
    with Store(config.store_file):
        before_unix_s = int(time.time())
        written = correct(config, "hall", 12, "counted at the door")
        (found,) = Corrections(config.store_file).since(0)
    assert found == written
    assert (found.place, found.people, found.note) == ("hall", 12, "counted at the door")
    assert found.account == pwd.getpwuid(os.getuid()).pw_name
    assert before_unix_s <= found.moment_unix_s <= time.time() + 1
    (entry,) = Journal(config.store_file).since(0)
    assert (entry.account, entry.action, entry.detail) == (found.account, "occupancy corrected", "hall: 12 people")


def test_another_process_writes_while_the_site_runs(config: SiteConfig, tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from passerby.site.config import load; "
        "from passerby.site.corrections import correct; print(correct(load(Path(sys.argv[1])), 'hall', 5, None).number)"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "site.yaml")]
    with Store(config.store_file) as store:
        others = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(3)]
        index = 0
        while any(one.poll() is None for one in others):
            store.add([Tally("street", Measure.CROSSINGS_IN, "front", NOON + 900 * index, 900, 1, 900)])
            index += 1
            time.sleep(0.01)  # a site writes now and then
        numbers = sorted(int(one.communicate()[0]) for one in others)
        assert len(store.query()) == index
        # in the order of their moments, which is not always that of writing
        assert numbers == sorted(one.number for one in Corrections(config.store_file).since(0)) == [1, 2, 3]


def test_all_mistakes_at_once_with_what_there_is(config: SiteConfig) -> None:
    with pytest.raises(ConfigError) as caught:
        correct(config, "hal", -1, "two\nlines")
    place, people, note = caught.value.problems
    assert "'hal'" in place and "hall, gallery" in place
    assert "-1" in people and "0 to 1000000" in people
    assert "one line" in note


def test_a_place_without_lines_has_nothing_to_correct(config: SiteConfig) -> None:
    with pytest.raises(ConfigError, match="has no lines"):
        correct(config, "gallery", 3, None)


def test_a_configuration_without_places_says_so(tmp_path: Path) -> None:
    (tmp_path / "site.yaml").write_text("cameras: []")
    with pytest.raises(ConfigError, match="has no places"):
        correct(load(tmp_path / "site.yaml"), "hall", 3, None)


def test_no_store_is_made(config: SiteConfig) -> None:
    with pytest.raises(StoreError, match=r"no store .* start the site once"):
        correct(config, "hall", 3, None)
    assert not config.store_file.exists()


def older(file: Path) -> None:
    connection = sqlite3.connect(file, isolation_level=None)
    migrate(connection, MIGRATIONS[:2], APPLICATION_ID)
    connection.close()


def newer(file: Path) -> None:
    connection = sqlite3.connect(file, isolation_level=None)
    migrate(connection, (*MIGRATIONS, "CREATE TABLE later (a)"), APPLICATION_ID)
    connection.close()


def foreign(file: Path) -> None:
    connection = sqlite3.connect(file)
    connection.execute("CREATE TABLE theirs (a)")
    connection.close()


def no_database(file: Path) -> None:
    file.write_text(json.dumps({"not": "a database"}) * 100)


@pytest.mark.parametrize(
    ("make", "words"),
    [(older, "older passerby"), (newer, "newer passerby"), (foreign, "not a store"), (no_database, "not a database")],
)
def test_a_file_that_does_not_fit_is_left_alone(config: SiteConfig, make: Callable[[Path], None], words: str) -> None:
    make(config.store_file)
    before = config.store_file.read_bytes()
    with pytest.raises(StoreError, match=words):
        correct(config, "hall", 3, None)
    assert config.store_file.read_bytes() == before


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everything")
def test_a_file_that_may_not_be_written_says_whose_account_to_use(config: SiteConfig) -> None:
    with Store(config.store_file):
        pass
    config.store_file.chmod(0o400)
    with pytest.raises(StoreError, match="the account that the site runs under"):
        correct(config, "hall", 3, None)
    assert Journal(config.store_file).since(0) == []


def test_a_store_that_is_held_for_too_long_is_said_and_nothing_is_written(config: SiteConfig) -> None:
    with Store(config.store_file):
        holder = sqlite3.connect(config.store_file, isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match=r"held it for 0.1 s; try again"):
            Corrections(config.store_file, patience_s=0.1).add(Correction("hall", NOON, 3))
        holder.execute("ROLLBACK")
        holder.close()
        assert Corrections(config.store_file).since(0) == []


def test_corrections_are_in_the_order_of_time(tmp_path: Path) -> None:
    with Store(tmp_path / "a.sqlite") as store:
        log = Corrections(store.file)
        for moment in (NOON, NOON - 60, NOON, NOON + 60):
            log.add(Correction("hall", moment, 1))
        assert [one.moment_unix_s for one in log.since(NOON)] == [NOON, NOON, NOON + 60]
        assert [one.number for one in log.since(0)] == [2, 1, 3, 4]


def test_after_13_months_nothing_stays(tmp_path: Path) -> None:
    with Store(tmp_path / "a.sqlite") as store:
        log = Corrections(store.file)
        log.add(Correction("hall", NOON - KEEP_HOURS_S - 1, 1))
        log.add(Correction("hall", NOON - KEEP_HOURS_S + 60, 2))
        log.forget(NOON)
        assert [one.people for one in log.since(0)] == [2]


def test_one_that_is_written_by_a_wrong_clock_deletes_none(tmp_path: Path) -> None:
    with Store(tmp_path / "a.sqlite") as store:
        log = Corrections(store.file)
        log.add(Correction("hall", NOON, 1))
        log.add(Correction("hall", NOON + 10 * KEEP_HOURS_S, 2))
        assert [one.people for one in log.since(0)] == [1, 2]
