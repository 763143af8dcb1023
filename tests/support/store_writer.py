"""Writes windows into a store and seals them for a hub, as a site does, to be killed at any moment.

`python -m tests.support.store_writer FILE FIRST` says `open`, and each window once the store has it.
"""

import sys
import time
from contextlib import closing
from pathlib import Path

from passerby.core.tallies import Measure, Tally
from passerby.records.outbox import Outbox, seal_in
from passerby.records.wire.batches import Layout, PlaceName, Row
from passerby.site.outbox.due import due, told, watch_tallies
from passerby.site.store import Store

BEGAN = int(time.time()) // 86_400 * 86_400 - 20 * 86_400
"""Windows of before are rolled up, sooner or later."""
PLACES = ("door", "side door")
_LAYOUT = Layout(
    ("entrance",),
    tuple(PlaceName("entrance", one, "line") for one in PLACES),
    profile="internal",
    zone="",
    window_s=900,
)


def tallies(n: int) -> list[Tally]:
    """The n-th window."""
    start = BEGAN + 900 * n
    return [
        Tally("entrance", Measure.CROSSINGS_IN, place, start, 900, n % 50 + number, 900)
        for number, place in enumerate(PLACES)
    ]


def main(file: Path, first: int) -> None:
    """Writes until it is killed."""
    with Store(file, run=first + 1) as store, closing(Outbox(file)) as outbox:
        store._writer.execute("PRAGMA wal_autocheckpoint = 20")  # so that kills meet checkpoints too
        print("open", flush=True)  # noqa: T201 - read by the test
        with outbox.writing() as connection:
            watch_tallies(connection)
        for n in range(first, first + 100_000):
            store.add(tallies(n))
            print(n, flush=True)  # noqa: T201 - the same
            if n % 5 == 0:
                _seal(outbox, BEGAN + 900 * (n + 1))


def _seal(outbox: Outbox, now_unix_s: int) -> None:
    with outbox.writing() as connection:
        found = due(connection, now_unix_s, 1000)
        rows = [
            Row(PLACES.index(one.subject), 1, 0, one.start_unix_s, 900, one.run, 0, one.total_milli or 0, 900_000)
            for one in found
        ]
        seal_in(connection, _LAYOUT, rows, now_unix_s)
        told(connection, found)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
