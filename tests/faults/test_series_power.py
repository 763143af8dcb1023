"""The power fails while a hub takes in: what was answered is there, and sums are those of the windows.

A writer in a process of its own says each mark when `take` has returned.
"""

import random
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from passerby.core.tallies import Measure
from passerby.hub.contract import Span
from passerby.hub.series import SqliteSeries
from passerby.records.wire.batches import Batch
from tests.support.deliveries import DOOR, HALL, SIDE, Count, batch
from tests.support.faults import noted
from tests.support.power import cuts

IN, PEAK = Measure.CROSSINGS_IN, Measure.PEAK
NOON = 1_759_752_000
WRITER = """
import sys
from pathlib import Path
from passerby.hub.series import SqliteSeries
from tests.faults.test_series_power import told
from tests.support.deliveries import delivery

with SqliteSeries(Path(sys.argv[1], "series.sqlite")) as series:
    series._writer.execute("PRAGMA wal_autocheckpoint = 40")
    for n in range(1, 1_000_000):
        assert series.take(delivery(told(n), zone="Europe/Berlin")).mark == n
        print(n, flush=True)
"""


def told(n: int) -> Batch:
    """The n-th batch: each third comes back to a window of before, and lowers its peak."""
    start = NOON + 900 * (n - 1 if n % 3 else n - 2)
    return batch(n, Count(DOOR, IN, start, n), Count(SIDE, IN, start, 1), Count(HALL, PEAK, start, 1 + n * 7 % 11))


def truth(mark: int) -> dict[tuple[int, int, int], int]:
    """Thousandths by place, measure and start, when so many batches were taken."""
    rows: dict[tuple[int, int, int], int] = {}
    for n in range(1, mark + 1):
        rows |= {(row.place, row.measure, row.start_unix_s): row.total_milli for row in told(n).rows}
    return rows


def check(copy: Path, answered: int) -> int:
    """Opens what was copied, and gives how far it is."""
    with SqliteSeries(copy) as series:
        mark = max(series.marks(1).values(), default=0)
        assert answered <= mark, "what was answered is there"
        expected = truth(mark)
        span = Span(NOON, NOON + 900 * (mark + 1))
        windows = series.course(1, span, 900, [IN, PEAK])
        numbers = {"door": DOOR, "side door": SIDE, "hall": HALL}
        assert {
            (numbers[one.name], int(one.measure), one.start_unix_s): round(one.sum.total * 1000) for one in windows
        } == expected
        for measure, merged in ((IN, sum), (PEAK, max)):
            hours: dict[int, list[int]] = {}
            for (_place, code, start), total in expected.items():
                if code == measure:
                    hours.setdefault(start // 3600 * 3600, []).append(total)
            sums = {one.start_unix_s: round(one.sum.total * 1000) for one in series.now(NOON, [measure])}
            assert sums == {hour: merged(totals) for hour, totals in hours.items()}
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    return mark


@pytest.mark.timeout(180)
def test_what_was_answered_outlives_a_loss_of_power(tmp_path: Path) -> None:
    (tmp_path / "hub").mkdir()
    with noted("power-hub") as note:
        for copy, answered in cuts(WRITER, tmp_path / "hub", 20, random.Random(8)):
            note.once(lost=max(0, answered - check(copy / "series.sqlite", answered)))
