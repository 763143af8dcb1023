"""The power fails while a hub's register and its ledger of releases are written: what was answered is there."""

import random
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from passerby.hub.config import load
from passerby.hub.opening import open_register
from passerby.hub.release.desk import Releases, open_releases
from passerby.hub.release.public import Asked
from passerby.hub.release.tallied import Waiting
from tests.support.faults import noted
from tests.support.hub import RunningHub
from tests.support.power import cuts
from tests.support.released import FIRST, filled, measured

DAYS = 290
COUNTS = {FIRST + timedelta(days=n): [100 + n] for n in range(DAYS)}
VENUES = """
import sys
from pathlib import Path
from passerby.hub.config import load
from passerby.hub.contract import Venue
from passerby.hub.opening import hub_key, open_register
from passerby.hub.enrolment import SiteKeys
from passerby.records.wire.keys import Key

config = load(Path(sys.argv[1]))
with open_register(config) as register:
    keys = SiteKeys(register)
    for n in range(1, 100_000):
        register.add(Venue(0, f"venue-{n}", f"Venue {n}"), "tester")
        token = keys.invite(f"venue-{n}", 7, hub_key(config).public, "tester").token
        keys.join(token.key.public.name, Key.made().public)
        print(n, flush=True)
"""
RELEASES = """
import sys
from pathlib import Path
from passerby.hub.config import load
from passerby.hub.release.desk import open_releases
from tests.faults.test_hub_power import DAYS, day_of

with open_releases(load(Path(sys.argv[1]))) as releases:
    for n in range(DAYS):
        releases.make("public", day_of(releases, n), "tester")
        print(n, flush=True)
"""


def day_of(releases: Releases, n: int) -> Asked:
    """The release of the n-th day."""
    day = FIRST + timedelta(days=n)
    return Asked(Waiting(releases.venues([], []), day, day))


def whole(file: Path) -> bool:
    with closing(sqlite3.connect(file)) as connection:
        return bool(connection.execute("PRAGMA integrity_check").fetchone() == ("ok",))


def test_venues_and_keys_that_were_answered_outlive_a_loss_of_power(tmp_path: Path) -> None:
    hub = RunningHub(tmp_path / "hub")
    with noted("power-hub") as note:
        for copy, answered in cuts(VENUES, hub.folder, 15, random.Random(1)):
            with open_register(load(copy)) as register:
                numbers = {venue.slug: venue.number for venue in register.venues()}
                joined = {entry.detail for entry in register.log.newest(10_000) if entry.action == "site joined"}
            missing = [n for n in range(1, answered + 1) if f"venue-{n}" not in numbers]
            assert missing == [] and answered <= len(joined) <= len(numbers) <= answered + 1
            assert whole(copy / "register.sqlite")
            note.once()


def test_releases_that_were_answered_outlive_a_loss_of_power_and_are_paid_once(tmp_path: Path) -> None:
    folder = tmp_path / "hub"
    folder.mkdir()
    with filled(folder, "budget_day: 1.0") as hub:
        hub.add("one", COUNTS)
    with noted("power-hub") as note:
        for copy, answered in cuts(RELEASES, folder, 12, random.Random(2), most=4):
            made = [file for file in (copy / "releases").iterdir() if (file / "figures.csv").exists()]
            told = {file.name: measured(file) for file in made}
            assert len(told) >= answered + 1
            with open_releases(load(copy)) as releases:
                for n in (answered, answered + 1):  # as it was, and what was under way when the power went
                    again = releases.make("public", day_of(releases, n), "tester")
                    assert told.get(again.name, measured(again)) == measured(again)
                spent = releases.budget(releases.venues([], []), FIRST.year)
            assert {row["spent_most_of_a_day"] for row in spent} == {0.5}, "nothing was paid twice"
            assert whole(copy / "register.sqlite")
            note.once()
