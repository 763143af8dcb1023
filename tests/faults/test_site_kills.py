"""A site is killed, and the power of its computer is cut: what was acknowledged is there, once, and at the hub once.

A writer in a process of its own uses the product's store and outbox as a site does, and says each window once the store
has it. Whole sites are killed as well, half of them while they start.
"""

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest

from passerby.core.tallies import Measure, Tally
from passerby.gate import landlock, seccomp
from passerby.records.outbox import Outbox
from passerby.records.wire.batches import Batch
from passerby.site.outbox.due import due
from passerby.site.store import Store
from tests.support.clips import make_clip
from tests.support.faults import moments, noted
from tests.support.rtsp_server import RtspServer, Serving
from tests.support.site import RunningSite, children, eventually, overhead_camera, runs
from tests.support.source import ROOT

NOON = 1_759_752_000
PLACES = ("door", "side door")
WRITER = """
import sys
from pathlib import Path
from tests.faults.test_site_kills import write
write(Path(sys.argv[1]), int(sys.argv[2]))
"""


def tallies(n: int) -> list[Tally]:
    """The n-th window."""
    start = NOON + 900 * n
    return [Tally("entrance", Measure.CROSSINGS_IN, place, start, 900, n % 50 + i, 900) for i, place in enumerate(PLACES)]


def write(file: Path, first: int) -> None:
    """Stores one window after the other, and seals them for a hub; says each once the store has it."""
    from passerby.records.outbox import seal_in
    from passerby.records.wire.batches import Layout, PlaceName, Row
    from passerby.site.outbox.due import told, watch_tallies

    places = tuple(PlaceName("entrance", one, "line") for one in PLACES)
    layout = Layout(("entrance",), places, profile="internal", zone="", window_s=900)
    with Store(file, run=first + 1) as store, closing(Outbox(file)) as outbox:
        store._writer.execute("PRAGMA wal_autocheckpoint = 20")
        print("open", flush=True)
        with outbox.writing() as connection:
            watch_tallies(connection)
        for n in range(first, first + 100_000):
            store.add(tallies(n))
            print(n, flush=True)
            if n % 5 == 0:
                with outbox.writing() as connection:
                    found = due(connection, NOON + 900 * (n + 1), 1000)
                    rows = [
                        Row(PLACES.index(one.subject), 1, 0, one.start_unix_s, 900, one.run, 0, one.total_milli, 900_000)
                        for one in found
                    ]
                    seal_in(connection, layout, rows, NOON + 900 * n)
                    told(connection, found)


class Writer:
    """The process that writes, and what it said so far."""

    def __init__(self, file: Path, first: int) -> None:
        command = [sys.executable, "-c", WRITER, str(file), str(first)]
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
        import zlib

        for (body,) in connection.execute("SELECT body FROM outbox_batch"):
            batch = msgspec.json.decode(zlib.decompress(body), type=Batch)
            found += [(row.place, row.start_unix_s) for row in batch.rows]
    return found


def test_a_site_that_is_killed_while_it_writes_has_what_it_said(tmp_path: Path) -> None:
    """One store goes through all kills, so that what an earlier one left is under what the next one meets."""
    file, said = tmp_path / "passerby.sqlite", list[int]()
    draw = random.Random(36)
    with noted("kill-site") as note:
        for _ in range(25):
            began_s = time.monotonic()
            first = (max(said) if said else -1) + 3  # what was stored and not said may be there or not
            writer = Writer(file, first)
            writer.is_open.wait(60)
            eventually(lambda: writer.said)  # noqa: B023 - asked at once
            if note.times:
                recovered_s = time.monotonic() - began_s
            time.sleep(draw.random() * 0.2)
            said += writer.kill()
            note.once(recovered_s if note.times else None, lost(rows(file), said))
        places = told_or_due(file)
        assert len(places) == len(set(places)), "nothing waits for the hub twice"
        stored = {(PLACES.index(place), start) for place, start in rows(file)}
        assert set(places) == stored, "and all of it does"
