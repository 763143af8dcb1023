"""What a site forgets by itself: the data of those who work there goes as the tallies do."""

import sqlite3
import time
from contextlib import closing
from pathlib import Path

from passerby.site.housekeeping import housekeeping
from passerby.site.journal import Action, Journal
from passerby.site.proof import HandWindow, Proofs, ProvableLine
from passerby.site.state import SiteState
from passerby.site.store import KEEP_HOURS_S, Store
from passerby.site.watch import Watch
from tests.support.site import eventually

DOOR = ProvableLine("entrance", "door", "f" * 24)


def test_counts_by_hand_and_the_log_are_gone_after_13_months(tmp_path: Path) -> None:
    now = int(time.time()) // 900 * 900
    with Store(tmp_path / "a.sqlite") as store:
        proofs, journal = Proofs(store.file), Journal(store.file)
        journal.add("anna", Action.CONFIGURED)
        for start in (now - KEEP_HOURS_S - 900, now - KEEP_HOURS_S + 86_400):
            proofs.add([HandWindow(DOOR, start, 900, "anna", 20, 10)])
        _as_if_written(store.file, now - KEEP_HOURS_S - 900)
        with housekeeping(store, Watch(SiteState("x"), store.add), None, []):
            eventually(lambda: len(proofs.of(DOOR)) == 1)
            eventually(lambda: journal.since(0) == [])


def _as_if_written(file: Path, moment_unix_s: int) -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("UPDATE journal SET moment_unix_s = ?", (moment_unix_s,))
