"""A site is killed, and the power of its computer is cut: what was acknowledged is there, once, and at the hub once.

A writer in a process of its own uses the product's store and outbox as a site does, and says each window once the store
has it. Whole sites are killed as well, half of them while they start.
"""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
import zlib
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest

from passerby.gate import landlock, seccomp
from passerby.records.damage import lying_aside
from passerby.records.outbox import Outbox
from passerby.records.wire.batches import Batch
from passerby.site.outbox.due import due
from passerby.site.side_table import SideTable
from passerby.site.store import Store
from tests.support.clips import make_clip
from tests.support.faults import moments, noted
from tests.support.power import copied, tear
from tests.support.rtsp_server import RtspServer, Serving
from tests.support.site import RunningSite, children, eventually, overhead_camera, runs
from tests.support.source import ROOT
from tests.support.store_writer import BEGAN, PLACES, tallies


class Writer:
    """The process that writes, and what it said so far."""

    def __init__(self, file: Path, first: int) -> None:
        command = [sys.executable, "-m", "tests.support.store_writer", str(file), str(first)]
        self._process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        self.said: list[int] = []
        self.is_open = threading.Event()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        self.pid = self._process.pid

    def _read(self) -> None:
        for line in self._process.stdout or ():
            if line.strip() == "open":
                self.is_open.set()
            elif line.endswith("\n"):
                self.said.append(int(line))

    def kill(self) -> list[int]:
        """Kills it, and gives what it had said."""
        self._process.kill()
        self._process.wait()
        self._reader.join()
        return self.said


def rows(file: Path) -> dict[tuple[str, int], tuple[int, int]]:
    """How often each window is stored, and its total in thousandths."""
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        found = connection.execute(
            "SELECT subject, start_unix_s, count(*), sum(total_milli) FROM tally GROUP BY 1, 2"
        ).fetchall()
    return {(place, start): (count, total) for place, start, count, total in found}


def lost(stored: dict[tuple[str, int], tuple[int, int]], said: list[int]) -> int:
    """Windows that were acknowledged and are not there just once with their totals."""
    wanted = {(one.subject, one.start_unix_s): (1, round(one.total * 1000)) for n in said for one in tallies(n)}
    return sum(stored.get(key) != value for key, value in wanted.items())


def told_or_due(file: Path) -> list[tuple[int, int]]:
    """Place and start of each tally that is sealed, or that is yet to be."""
    with closing(Outbox(file)) as outbox, outbox.writing() as connection:
        found = [(PLACES.index(one.subject), one.start_unix_s) for one in due(connection, 2**40, 2**40)]
        for (body,) in connection.execute("SELECT body FROM outbox_batch"):
            batch = msgspec.json.decode(zlib.decompress(body), type=Batch)
            found += [(row.place, row.start_unix_s) for row in batch.rows]
    return found


@pytest.mark.timeout(600)
def test_a_site_that_is_killed_while_it_writes_has_what_it_said(tmp_path: Path) -> None:
    """One store goes through all kills, so that what an earlier one left is under what the next one meets.

    Every second one comes while it starts, at a moment that is drawn from how long that took last.
    """
    file, said = tmp_path / "passerby.sqlite", list[int]()
    draw, starts_s, last = random.Random(36), 1.0, -1
    with noted("kill-site") as note:
        for number in range(38):
            began_s = time.monotonic()
            writer = Writer(file, last + 3)  # what was stored and not said may be there or not
            recovered_s = None
            if number % 2:
                time.sleep(draw.random() * starts_s)
            else:
                eventually(lambda writer=writer: writer.said)  # type: ignore[misc]  # bound now
                starts_s = time.monotonic() - began_s
                recovered_s = starts_s if note.times else None
                time.sleep(draw.random() * 0.2)
            said += writer.kill()
            stored = rows(file)
            note.once(recovered_s, lost(stored, said))
            last = max((start - BEGAN) // 900 for _, start in stored)
        places = told_or_due(file)
        assert len(places) == len(set(places)), "nothing waits for the hub twice"
        assert set(places) == {(PLACES.index(place), start) for place, start in rows(file)}, "and all of it does"


def test_what_was_said_outlives_a_loss_of_power(tmp_path: Path) -> None:
    """As the disk is at a moment, with the start of a write that nobody was told of; the shared memory is gone."""
    file, draw = tmp_path / "site" / "passerby.sqlite", random.Random(37)
    file.parent.mkdir()
    writer, copies = Writer(file, 0), list[tuple[Path, list[int]]]()
    try:
        for moment in range(16):
            wanted = len(writer.said) + draw.randrange(1, 60)
            eventually(lambda wanted=wanted: len(writer.said) >= wanted)  # type: ignore[misc]  # bound now
            os.kill(writer.pid, signal.SIGSTOP)
            eventually(lambda: Path(f"/proc/{writer.pid}/stat").read_text().rpartition(")")[2].split()[0] == "T")
            said = list(writer.said)
            copy = copied(file.parent, tmp_path / f"copy {moment}")
            os.kill(writer.pid, signal.SIGCONT)
            if moment % 2:
                tear(copy, draw)
            copies.append((copy / file.name, said))
    finally:
        writer.kill()
    with noted("power-site") as note:
        for copy, said in copies:
            began_s = time.monotonic()
            with Store(copy):
                recovered_s = time.monotonic() - began_s
            note.once(recovered_s, lost(rows(copy), said))
            assert lying_aside(copy) == [], "it was not damaged"


def test_what_is_said_was_handed_to_the_disk(tmp_path: Path) -> None:
    """SQLite waits for the disk at the end of each transaction: on every connection that acknowledges something."""
    file = tmp_path / "passerby.sqlite"
    with Store(file) as store, closing(Outbox(file)) as outbox, SideTable(file, 1, "a test").writing() as beside:
        for connection in (store._writer, outbox._connection, beside):
            assert connection.execute("PRAGMA synchronous").fetchone()[0] >= 2


class Venue:
    """A whole site that is killed again and again, and what it acknowledged so far."""

    def __init__(self, folder: Path, source: str) -> None:
        self.file = folder / "passerby.sqlite"
        self.site = RunningSite(folder, overhead_camera("hall", source))
        self.said: dict[tuple[Any, ...], tuple[float, float]] = {}
        with Store(self.file, run=1) as store:
            for n in range(200):
                store.add(tallies(n))

    def windows(self) -> dict[tuple[Any, ...], tuple[float, float]]:
        """All that the API tells: total and exposure by window."""
        found = self.site.get("/api/v1/tallies?since=0").get("tallies", [])
        names = ("camera", "measure", "subject", "part", "start_unix_s", "width_s")
        return {tuple(one[name] for name in names): (one["total"], one["exposure"]) for one in found}

    def lost(self) -> int:
        """Acknowledged windows that are gone or less; a later run may add its part to one that was open."""
        now = self.windows()
        gone = sum(now.get(key, (-1, -1)) < value for key, value in self.said.items())
        assert all(exposure <= key[-1] for key, (_, exposure) in now.items()), "counted twice"
        self.said = now
        return gone

    def kill(self) -> None:
        """All of it is dead when this returns; nothing outlives it."""
        rooms = children(self.site.pid)
        self.site.stop(signal.SIGKILL)
        eventually(lambda: not any(runs(pid) for pid in rooms))


@pytest.mark.timeout(600)
@pytest.mark.skipif(landlock.abi() == 0 or not seccomp.available(), reason="this kernel has no Landlock or seccomp")
@pytest.mark.usefixtures("rtsp_parts")
def test_a_whole_site_that_is_killed_counts_on(tmp_path: Path) -> None:
    """Half of the kills come while it starts, at any moment of that."""
    server = RtspServer(Serving(make_clip(tmp_path / "walk.mp4", seconds=6)))
    with noted("kill-site") as note, server:
        venue = Venue(tmp_path, server.url)
        with venue.site:
            venue.site.start().wait_live(180)
            assert venue.lost() == 0
            assert len(venue.said) >= 400
            for starting_s, counting_s in zip(moments(6, 4.0), moments(6, 1.0, seed=2), strict=True):
                time.sleep(counting_s)
                venue.said |= venue.windows()
                venue.kill()
                venue.site.start()
                time.sleep(starting_s)
                venue.kill()
                note.once()
                recovers_s = time.monotonic()
                venue.site.start().wait_live(180)
                note.once(time.monotonic() - recovers_s, venue.lost())
            assert venue.site.stop() == 0
        assert "Traceback" not in venue.site.log.read_text()
