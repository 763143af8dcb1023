"""The ledger of the privacy budget: crashes, old copies, two at once, and people who change it."""

import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from passerby.errors import StoreError
from passerby.hub.release.desk import Releases, Sources
from passerby.hub.release.noise import OpenDP
from passerby.hub.release.public import Asked
from passerby.hub.release.words import BudgetError, LedgerError, ReleaseError
from tests.support.released import FIRST, Filled, filled, measured
from tests.support.source import ROOT

DAYS = 3
COUNTS = {FIRST.replace(day=FIRST.day + i): [100 + 10 * i + hour for hour in range(24)] for i in range(DAYS)}


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Filled]:
    with filled(tmp_path, "budget_day: 1.0") as hub:
        for slug in ("one", "two"):
            hub.add(slug, COUNTS, district="north")
        yield hub


def spent(hub: Filled) -> set[float]:
    return {row["spent_most_of_a_day"] for row in hub.releases().budget(hub.releases().venues([], []), FIRST.year)}


def make(hub: Filled, asked: Asked, releases: Releases | None = None) -> Path:
    return (releases or hub.releases()).make("public", asked, "tester")


# A program that ends at the worst moment


ENDS = """
import os, sys
from pathlib import Path
from passerby.hub.config import load
from passerby.hub.release import desk, public
from passerby.hub.release.noise import OpenDP
from passerby.hub.release.tallied import Waiting
from datetime import date

class Ends(OpenDP):
    def add(self, counts, scale, paid):
        noisy = super().add(counts, scale, paid)
        os._exit(9)

def no_files(*_):
    os._exit(9)

place, where = Path(sys.argv[1]), sys.argv[2]
if where == "before files":
    desk.files_of = no_files
with desk.open_releases(load(place)) as releases:
    releases._noise = Ends() if where == "before noise is kept" else None
    days = (date.fromisoformat(sys.argv[3]), date.fromisoformat(sys.argv[4]))
    asked = Waiting(releases.venues([], []), *days)
    releases.make("public", public.Asked(asked), "tester")
"""


@pytest.mark.parametrize("where", ["before noise is kept", "before files"])
def test_a_crash_costs_no_second_budget_and_gives_no_second_draw(hub: Filled, where: str) -> None:
    folder, days = hub.config.folder, [FIRST.isoformat(), max(COUNTS).isoformat()]
    command = [sys.executable, "-c", ENDS, str(folder), where, *days]
    assert subprocess.run(command, cwd=ROOT, timeout=120, check=False).returncode == 9
    accounts = hub.releases().ledger.read()
    draws = [draw for by_day in accounts.draws.values() for held in by_day.values() for draw in held]
    assert len(draws) == 2 * DAYS  # written before anything was drawn
    kept = {draw.counts is not None for draw in draws}
    assert kept == {where == "before files"}
    assert not list((folder / "releases").glob("*"))
    told = measured(make(hub, hub.asked(DAYS)))
    assert spent(hub) == {0.5}
    if where == "before files":
        noisy = [draw.counts.counts[0] for draw in draws if draw.counts]
        assert sorted(told.values()) == sorted(noisy)


def test_files_that_cannot_be_written_are_made_again_as_they_were(hub: Filled) -> None:
    (hub.config.folder / "releases").write_text("a file where the folder should be")
    with pytest.raises(StoreError, match="ask for it again, at no cost"):
        make(hub, hub.asked(DAYS))
    (hub.config.folder / "releases").unlink()
    first = make(hub, hub.asked(DAYS))
    told = {file.name: file.read_bytes() for file in first.iterdir()}
    shutil.rmtree(first)
    again = make(hub, hub.asked(DAYS))
    assert {file.name: file.read_bytes() for file in again.iterdir()} == told
    assert spent(hub) == {0.5}


def test_without_its_counter_nothing_is_handed_out(hub: Filled) -> None:
    class Full(OpenDP):
        def add(self, counts: Sequence[int], scale: float, paid: tuple[int, int]) -> list[int]:
            counter = hub.config.folder / "release.counter"
            counter.unlink()
            counter.mkdir()
            return super().add(counts, scale, paid)

    with pytest.raises(StoreError, match=r"release\.counter"):
        hub.releases(Full()).make("public", hub.asked(DAYS), "tester")
    assert not (hub.config.folder / "releases").exists()


# Copies


def copy_of(hub: Filled) -> Path:
    """A copy of the register as a backup makes it."""
    kept = hub.config.folder / "copy.sqlite"
    with sqlite3.connect(hub.config.folder / "register.sqlite") as live, sqlite3.connect(kept) as copy:
        live.backup(copy)
    return kept


def put_back(hub: Filled, copy: Path) -> None:
    """The copy takes the register's place."""
    with sqlite3.connect(copy) as kept, sqlite3.connect(hub.config.folder / "register.sqlite") as live:
        kept.backup(live)


@pytest.mark.parametrize("empty", [True, False])
def test_an_old_copy_is_found_out_and_data_sheets_settle_it(hub: Filled, empty: bool) -> None:
    if not empty:
        make(hub, hub.asked(1))
    copy = copy_of(hub)
    whole = make(hub, hub.asked(DAYS))
    one = make(hub, hub.asked(DAYS, "one"))
    put_back(hub, copy)
    with pytest.raises(LedgerError, match="put back from a copy"):
        make(hub, hub.asked(DAYS))
    with pytest.raises(LedgerError, match="put back from a copy"):
        hub.releases().explain("public", hub.asked(DAYS).what)
    settled = hub.releases().reconcile([whole / "datasheet.json"], "tester")
    assert settled.told == settled.missing > 0
    assert settled.closed_until is None
    assert spent(hub) == {0.5}  # and not 1: sheets that tell of the same spending count once
    # What was measured is not known any more: it is measured anew, and paid for.
    fresh = make(hub, hub.asked(DAYS))
    assert spent(hub) == {1.0}
    kept = {day for _venue, day, _hour in measured(one)} if empty else set()
    assert len(kept) in (0, DAYS)
    with pytest.raises(BudgetError, match="is left of the day"):
        make(hub, hub.asked(DAYS, again=True))
    assert measured(fresh) == measured(make(hub, hub.asked(DAYS)))
    with pytest.raises(ReleaseError, match="nothing to settle"):
        hub.releases().reconcile([], "tester")


@pytest.mark.parametrize("lost", ["a sheet", "all sheets", "the counter", "counter and sheets"])
def test_without_all_data_sheets_every_day_so_far_counts_as_spent(hub: Filled, lost: str) -> None:
    first = measured(make(hub, hub.asked(1)))
    copy = copy_of(hub)
    make(hub, hub.asked(2))
    make(hub, hub.asked(2, hourly=True))
    put_back(hub, copy)
    folders = sorted((hub.config.folder / "releases").glob("public-*"))
    for folder in {"a sheet": folders[1:2], "the counter": []}.get(lost, folders):
        shutil.rmtree(folder)
    if "counter" in lost:
        (hub.config.folder / "release.counter").unlink()
    with pytest.raises(LedgerError):
        make(hub, hub.asked(1))
    settled = hub.releases().reconcile([], "tester")
    assert settled.closed_until is not None
    assert settled.closed_until >= max(list(COUNTS)[:2])
    with pytest.raises(BudgetError, match="since entries were lost"):
        make(hub, hub.asked(2))
    assert measured(make(hub, hub.asked(1))) == first  # what the ledger still knows is told as it was
    later = max(COUNTS)
    if settled.closed_until < later:
        assert measured(make(hub, hub.asked(1, first=later)))


def test_ledger_and_counter_from_one_old_copy_are_found_out_by_a_data_sheet(hub: Filled) -> None:
    make(hub, hub.asked(1))
    copy = copy_of(hub)
    counter = (hub.config.folder / "release.counter").read_bytes()
    sheet = make(hub, hub.asked(2)) / "datasheet.json"
    kept = sheet.read_bytes()
    put_back(hub, copy)
    (hub.config.folder / "release.counter").write_bytes(counter)
    with pytest.raises(LedgerError, match="a data sheet that was handed out"):
        make(hub, hub.asked(2))
    shutil.rmtree(sheet.parent)
    elsewhere = hub.config.folder / "published.json"
    elsewhere.write_bytes(kept)
    assert hub.releases().reconcile([elsewhere], "tester").told == 3
    with pytest.raises(BudgetError):
        make(hub, hub.asked(2, again=True)) and make(hub, hub.asked(2, again=True))


def test_a_ledger_that_went_its_own_way_is_closed(hub: Filled) -> None:
    """Put back, and used by another hub with a counter of its own; then both are brought together."""
    copy = copy_of(hub)
    make(hub, hub.asked(2))
    counter = (hub.config.folder / "release.counter").read_bytes()
    put_back(hub, copy)
    shutil.rmtree(hub.config.folder / "releases")
    (hub.config.folder / "release.counter").unlink()
    make(hub, hub.asked(1))
    make(hub, hub.asked(DAYS, "two"))
    (hub.config.folder / "release.counter").write_bytes(counter)
    with pytest.raises(LedgerError, match="knows another entry"):
        make(hub, hub.asked(1))
    assert hub.releases().reconcile([], "tester").closed_until == max(COUNTS)
    with pytest.raises(BudgetError):
        make(hub, hub.asked(DAYS))


def test_a_copy_put_back_a_second_time_forgets_nothing(hub: Filled) -> None:
    copy = copy_of(hub)
    make(hub, hub.asked(DAYS))
    shutil.rmtree(hub.config.folder / "releases")
    for _time in range(2):
        put_back(hub, copy)
        assert hub.releases().reconcile([], "tester").closed_until == max(COUNTS)
        with pytest.raises(BudgetError):
            make(hub, hub.asked(DAYS))


def test_what_was_paid_and_not_measured_in_a_copy_may_have_been_measured(hub: Filled) -> None:
    """The copy was made between the two entries; the draw that came after was handed out."""
    copies: list[Path] = []

    class Copies(OpenDP):
        def add(self, counts: Sequence[int], scale: float, paid: tuple[int, int]) -> list[int]:
            copies.append(copy_of(hub))
            return super().add(counts, scale, paid)

    first = hub.releases(Copies()).make("public", hub.asked(1), "tester")
    put_back(hub, copies[0])
    with pytest.raises(LedgerError):
        make(hub, hub.asked(1))
    settled = hub.releases().reconcile([], "tester")
    assert (settled.missing, settled.told, settled.closed_until) == (2, 2, None)
    assert spent(hub) == {0.5}
    second = make(hub, hub.asked(1))
    assert spent(hub) == {1.0}  # a second draw is a second payment
    assert measured(first).keys() == measured(second).keys()


# Two at once


def at_once(hub: Filled, asked: Asked, n: int) -> list[Path | Exception]:
    """So many releases, each in its own thread with its own connection; all decide before any writes."""
    gate = threading.Barrier(n, timeout=60)
    done: list[Path | Exception] = []

    def clock(passed: list[bool]) -> Callable[[], float]:
        def now() -> float:
            if threading.current_thread() is not threading.main_thread() and len(passed) < 2:
                passed.append(True)
                if len(passed) == 2:  # the first reads tallies; the second stands in the entry that will be made
                    gate.wait()
            return hub.now_unix_s

        return now

    def one() -> None:
        sources = Sources(hub.config, hub.register, hub.series, clock([]))
        try:
            done.append(Releases(sources).make("public", asked, "tester"))
        except ReleaseError as error:
            done.append(error)

    threads = [threading.Thread(target=one) for _ in range(n)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return done


def test_the_same_question_asked_by_several_at_once_is_paid_and_drawn_once(hub: Filled) -> None:
    done = at_once(hub, hub.asked(DAYS), 4)
    assert len(done) == 4
    assert len({str(one) for one in done}) == 1
    assert isinstance(done[0], Path)
    assert spent(hub) == {0.5}


def test_what_is_left_is_not_spent_twice(hub: Filled) -> None:
    make(hub, hub.asked(DAYS))
    done = at_once(hub, hub.asked(DAYS, again=True), 4)
    assert len(done) == 4
    assert spent(hub) == {1.0}
    accounts = hub.releases().ledger.read()
    draws = [draw for by_day in accounts.draws.values() for held in by_day.values() for draw in held]
    assert len(draws) == 2 * 2 * DAYS
    assert all(draw.counts for draw in draws)


# People who change it


CHANGES = {
    "an amount": "UPDATE release_ledger SET body = replace(body, '500000', '5') WHERE entry = 1",
    "an entry taken out": "DELETE FROM release_ledger WHERE entry = 2",
    "the newest taken out": "DELETE FROM release_ledger WHERE entry = (SELECT max(entry) FROM release_ledger)",
    "all taken out": "DELETE FROM release_ledger",
    "a noisy count": "UPDATE release_ledger SET body = replace(body, 'measured', 'spent') WHERE entry = 2",
    "a date": "UPDATE release_ledger SET moment_unix_s = moment_unix_s + 1 WHERE entry = 3",
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_refused_by_the_database_and_found_where_it_was_made_anyway(hub: Filled, change: str) -> None:
    make(hub, hub.asked(1))
    with sqlite3.connect(hub.config.folder / "register.sqlite") as database:
        with pytest.raises(sqlite3.IntegrityError, match="only grows"):
            database.execute(CHANGES[change])
        for action in ("no_update", "no_delete"):
            database.execute(f"DROP TRIGGER release_ledger_{action}")
        assert database.execute(CHANGES[change]).rowcount > 0
    for releases in (hub.releases().explain, lambda _profile, what: make(hub, Asked(what))):
        with pytest.raises(LedgerError):
            releases("public", hub.asked(1).what)


def test_a_changed_ledger_cannot_be_settled_away(hub: Filled) -> None:
    make(hub, hub.asked(1))
    with sqlite3.connect(hub.config.folder / "register.sqlite") as database:
        database.execute("DROP TRIGGER release_ledger_no_update")
        database.execute(CHANGES["an amount"])
    with pytest.raises(LedgerError, match="entry 1 of the ledger of releases is not what was written"):
        hub.releases().reconcile([], "tester")


def test_a_chain_that_was_forged_from_the_beginning_is_found_by_the_counter(hub: Filled) -> None:
    make(hub, hub.asked(DAYS))
    counter = (hub.config.folder / "release.counter").read_bytes()
    with sqlite3.connect(hub.config.folder / "register.sqlite") as database:
        database.execute("DROP TRIGGER release_ledger_no_delete")
        database.execute("DELETE FROM release_ledger")
    shutil.rmtree(hub.config.folder / "releases")
    (hub.config.folder / "release.counter").unlink()
    make(hub, hub.asked(1, "one"))  # a chain without a flaw, that spends less
    (hub.config.folder / "release.counter").write_bytes(counter)
    with pytest.raises(LedgerError, match="knows another entry"):
        make(hub, hub.asked(1, "one"))


@pytest.mark.parametrize("raw", [b"", b"{}", b'{"entry": 3}', b"\x00" * 40])
def test_a_counter_that_is_none_stops_releases(hub: Filled, raw: bytes) -> None:
    (hub.config.folder / "release.counter").write_bytes(raw)
    with pytest.raises(StoreError, match="is no counter of releases"):
        make(hub, hub.asked(1))


def test_a_counter_never_goes_back(hub: Filled) -> None:
    make(hub, hub.asked(1))
    counter = hub.releases().ledger.counter
    known = counter.read()
    assert known is not None
    assert known.entry == 3
    counter.advance(type(known)(2, "0" * 64))
    assert counter.read() == known


@pytest.mark.parametrize("text", ["", "{}", "no sheet"])
def test_what_is_no_data_sheet_settles_nothing(hub: Filled, tmp_path: Path, text: str) -> None:
    (tmp_path / "sheet.json").write_text(text)
    with pytest.raises(ReleaseError, match=r"sheet\.json: is no data sheet"):
        hub.releases().reconcile([tmp_path / "sheet.json"], "tester")
    with pytest.raises(ReleaseError, match="cannot be read"):
        hub.releases().reconcile([tmp_path / "none.json"], "tester")
    with pytest.raises(ReleaseError, match="nothing is to settle"):
        hub.releases().reconcile([], "tester")
