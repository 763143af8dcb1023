"""Files of a hub that are damaged: tallies give way and come back from the sites; the register does not give way."""

import random
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from passerby.errors import StoreError
from passerby.hub.contract import Span
from passerby.hub.run import open_hub
from passerby.hub.simulate.fleet import Order, make
from passerby.hub.simulate.site import SimulatedSite, Times
from passerby.records.damage import lying_aside
from passerby.records.outbox import HttpPost
from passerby.records.wire.joining import DELIVER
from passerby.records.wire.link import Proof
from tests.support.faults import noted
from tests.support.hub import RunningHub
from tests.support.hub_batches import joined, looked_into
from tests.support.hub_truth import ALL
from tests.support.program import in_words, passerby
from tests.support.site import eventually
from tests.support.site_door import HEADERS, NOTHING

DAY_S, WINDOW_S, DAYS = 86_400, 3600, 20
NOW = int(time.time()) // DAY_S * DAY_S
SINCE = NOW - DAYS * DAY_S


@dataclass
class Clock:
    """A clock that is set."""

    now: float = SINCE

    def __call__(self) -> float:
        return self.now


@dataclass
class Play:
    """A hub, and one site that sends it what is over by a clock."""

    hub: RunningHub
    clock: Clock
    site: SimulatedSite

    def send_until(self, day: int) -> None:
        """The site goes on to the end of a day, counted from its first, and all is at the hub."""
        while self.clock.now < SINCE + day * DAY_S:
            self.clock.now += DAY_S
            eventually(lambda: self.site.turn() >= 0 and self.site.sealed_rows and not self.site.waiting)

    def tell(self) -> None:
        """The site says how it is, as it does each minute, and sends what the hub then lacks."""
        self.site.sender._told_s = float("-inf")
        self.site.sender.turn()
        eventually(lambda: self.site.turn() >= 0 and not self.site.waiting)

    def windows(self) -> list[int]:
        """When the windows begin that the hub has."""
        with looked_into(self.hub) as series:
            number = series.newest()
            points = [point for venue in number for point in series.course(venue, Span(0, 2**40), WINDOW_S, ALL)]
        return sorted({point.start_unix_s for point in points})

    def damage(self, draw: random.Random) -> None:
        """The hub ends, and its tallies are damaged; it starts again and says so."""
        self.hub.kill()
        spoil(self.hub.config.series_file, draw)
        self.hub.start_quickly().wait_open()
        aside = lying_aside(self.hub.config.series_file)[-1]
        told = self.hub.get("/healthz")
        assert told["status"] == "unwell" and any(str(aside.file) in words for words in told["reasons"])
        assert "it was set aside, and a new one begun" in self.hub.log.read_text()


@contextmanager
def playing(folder: Path) -> Iterator[Play]:
    with RunningHub(folder / "hub") as hub:
        hub.start_quickly().wait_open()
        (known,) = joined(hub, make(Order(1, cameras=2, all_well=True)), (SINCE, NOW, WINDOW_S))
        clock = Clock()
        with closing(HttpPost(hub.link(), lambda: known.key)) as post:
            (folder / "site").mkdir()
            site = SimulatedSite(folder / "site", known.script, post, Times(clock, clock, hurry=20))
            with closing(site):
                yield Play(hub, clock, site)


def spoil(file: Path, draw: random.Random) -> None:
    """Half of the pages hold something else, as of a disk that fails; now and then the first is among them."""
    for log in (Path(f"{file}-wal"), Path(f"{file}-shm")):
        log.unlink(missing_ok=True)
    pages = file.stat().st_size // 4096
    first = draw.randrange(2)
    with file.open("r+b") as handle:
        for page in (first, *draw.sample(range(1, pages), pages // 2)):
            handle.seek(4096 * page)
            handle.write(draw.randbytes(4096))


def test_damaged_tallies_are_set_aside_and_what_two_weeks_took_comes_back_from_the_sites(tmp_path: Path) -> None:
    draw = random.Random(5)
    with noted("damaged-hub") as note, playing(tmp_path) as play:
        for day in (3, 6, 9):
            play.send_until(day)
            before = play.windows()
            began_s = time.monotonic()
            play.damage(draw)
            play.send_until(day + 1)  # the next that the site says is answered with what the hub has
            recovered_s = time.monotonic() - began_s
            note.once(recovered_s, len(set(before) - set(play.windows())))
            assert [one for one in play.windows() if one < SINCE + day * DAY_S] == before


def test_what_is_older_than_two_weeks_comes_back_from_a_copy_and_the_rest_from_the_sites(tmp_path: Path) -> None:
    with noted("damaged-hub") as note, playing(tmp_path) as play:
        file = play.hub.config.series_file
        play.send_until(8)
        play.hub.kill()
        with closing(sqlite3.connect(file)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        shutil.copyfile(file, tmp_path / "copy.sqlite")
        play.hub.start_quickly().wait_open()
        play.send_until(DAYS - 1)
        before = play.windows()
        play.damage(random.Random(6))
        play.send_until(DAYS)
        there = play.windows()
        assert SINCE + 3 * DAY_S < min(there) <= SINCE + (DAYS - 1 - 14) * DAY_S, "the site kept two weeks"
        assert [one for one in before if one >= min(there)] == [one for one in there if one <= max(before)]

        play.hub.kill()
        for log in ("-wal", "-shm"):
            Path(f"{file}{log}").unlink(missing_ok=True)
        shutil.copyfile(tmp_path / "copy.sqlite", file)
        lying_aside(file)[0].file.rename(tmp_path / "elsewhere.sqlite")
        play.hub.start_quickly().wait_open()
        play.tell()
        assert set(before) <= set(play.windows())
        note.once(lost=len(set(before) - set(play.windows())))
        assert play.hub.get("/healthz")["status"] == "well"


def test_a_damaged_register_is_never_begun_anew(tmp_path: Path) -> None:
    draw = random.Random(7)
    with noted("damaged-hub") as note, RunningHub(tmp_path / "hub") as hub:
        key, file = hub.enrol("north"), hub.folder / "register.sqlite"
        with closing(sqlite3.connect(file)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        kept = file.read_bytes()
        for time_ in range(4):
            spoil(file, draw)
            spoilt = file.read_bytes()
            with pytest.raises(StoreError, match="put back a copy"), open_hub(hub.config, hub.folder):
                pass
            if not time_:
                said = passerby("hub", "run", hub.folder)
                assert said.status != 0 and "no new one is begun" in in_words(said)
            assert file.read_bytes() == spoilt
            for log in ("-wal", "-shm"):
                Path(f"{file}{log}").unlink(missing_ok=True)
            file.write_bytes(kept)
            hub.start_quickly().wait_open()
            with closing(hub.link()) as link:
                assert link.post(DELIVER, NOTHING, HEADERS, Proof(key)).status == 200
            hub.kill()
            note.once()


def test_how_sites_are_begins_anew_where_it_is_damaged(tmp_path: Path) -> None:
    with RunningHub(tmp_path / "hub") as hub:
        hub.start_quickly().wait_open()
        assert hub.stop() == 0
        spoil(hub.config.fleet_file, random.Random(8))
        hub.start_quickly().wait_open()
        assert hub.get("/healthz")["status"] == "well"
        assert lying_aside(hub.config.fleet_file)
