"""The file with the counts is damaged: it is set aside, a new one takes over what can be read, and that is said."""

import json
import random
import shutil
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import httpx
import pytest

from passerby.core.tallies import Measure, Tally
from passerby.records.damage import lying_aside
from passerby.records.outbox import Outbox, seal_in
from passerby.records.wire.batches import Layout, PlaceName, Row
from passerby.site.journal import Action, Journal
from passerby.site.outbox.due import due, watch_tallies
from passerby.site.renewal import renew
from passerby.site.schema import ROLLED_UP
from passerby.site.store import Store
from tests.support.clips import make_clip
from tests.support.damaging import PAGE_BYTES, overwrite, page_of
from tests.support.faults import noted
from tests.support.program import passerby
from tests.support.receiving import receiving
from tests.support.site import RunningSite, eventually, overhead_camera

NOON = int(time.time()) // 86_400 * 86_400 - 20 * 86_400
WINDOWS = 1000
PLACES = ("door", "side door", "yard")
Key = tuple[str, int]


def tallies() -> list[Tally]:
    """What is acknowledged: windows of three places."""
    return [
        Tally("entrance", Measure.CROSSINGS_IN, place, NOON + 900 * n, 900, n % 90 + number, 900)
        for n in range(WINDOWS)
        for number, place in enumerate(PLACES)
    ]


TRUTH = {(one.subject, one.start_unix_s): one.total for one in tallies()}


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a store of many pages, which has all that a store can have."""
    folder = tmp_path_factory.mktemp("filled")
    file = folder / "passerby.sqlite"
    with Store(file, run=1) as store:
        store.add(tallies())
        Journal(file).add("Ada", Action.CONFIGURED, "a door was moved")
    return folder


def test_an_hour_that_a_clock_went_through_twice_is_carried_over(tmp_path: Path) -> None:
    """It holds more than it is long; the windows of such an hour do not."""
    file = tmp_path / "passerby.sqlite"
    hour = Tally("entrance", Measure.PEOPLE, "yard", NOON, 3600, 7000, 3600)
    with Store(file, run=ROLLED_UP) as store:
        store.add([hour])
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("UPDATE tally SET exposure_milli = 2 * exposure_milli")
        connection.commit()
    renew(file)
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("SELECT exposure_milli FROM tally").fetchall() == [(7_200_000,)]


def copied(filled: Path, folder: Path) -> Path:
    shutil.copytree(filled, folder, dirs_exist_ok=True)
    return folder / "passerby.sqlite"


def stored(file: Path) -> dict[Key, float]:
    with Store(file) as store:
        return {(one.subject, one.start_unix_s): one.total for one in store.query()}


def readable(file: Path) -> dict[Key, float]:
    """What SQLite gives of each acknowledged window, asked for by its key; a total that is wrong is not it."""
    found: dict[Key, float] = {}
    asked = (
        "SELECT total_milli FROM tally WHERE camera = 'entrance' AND measure = 1 AND subject = ? AND part = 0 "
        "AND start_unix_s = ? AND width_s = 900 AND run = 1"
    )
    with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as connection:
        for key, total in TRUTH.items():
            with suppress(sqlite3.Error):
                if connection.execute(asked, key).fetchone() == (total * 1000,):
                    found[key] = total
    return found


def lost(file: Path, before: dict[Key, float]) -> int:
    """Windows that could be read of the damaged file and are not in the new one."""
    now = stored(file)
    return sum(now.get(key) != total for key, total in before.items())


def overwritten(draw: random.Random, raw: bytearray) -> None:
    for _ in range(draw.randrange(1, 4)):
        at, length = draw.randrange(100, len(raw)), draw.randrange(500, 9000)
        raw[at : at + length] = draw.randbytes(min(length, len(raw) - at))


def page_gone(draw: random.Random, raw: bytearray) -> None:
    at = draw.randrange(1, len(raw) // PAGE_BYTES) * PAGE_BYTES
    raw[at : at + PAGE_BYTES] = bytes(PAGE_BYTES)


def truncated(draw: random.Random, raw: bytearray) -> None:
    del raw[draw.randrange(PAGE_BYTES, len(raw) - 1) :]


def header_gone(draw: random.Random, raw: bytearray) -> None:
    raw[: draw.randrange(16, PAGE_BYTES)] = draw.randbytes(16)


def no_database(draw: random.Random, raw: bytearray) -> None:
    raw[:] = draw.randbytes(draw.randrange(1, 9000))


def emptied(_: random.Random, raw: bytearray) -> None:
    del raw[:]


DAMAGES: dict[Callable[[random.Random, bytearray], None], int] = {
    **{overwritten: 6, page_gone: 6, truncated: 3, header_gone: 2, no_database: 2, emptied: 1}
}


def is_seen(file: Path) -> bool:
    """Whether SQLite sees that a file is damaged; it has no checksums, and a figure that was changed looks like one."""
    with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as connection:
        try:
            whole = connection.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok"
            return not whole or not connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        except sqlite3.Error:
            return True


def test_what_can_be_read_is_carried_over_and_nothing_is_deleted(filled: Path, tmp_path: Path) -> None:
    draw = random.Random(36)
    with noted("damaged-site") as note:
        for damage in [damage for damage, times in DAMAGES.items() for _ in range(times)]:
            folder = tmp_path / f"{note.times}"
            file = copied(filled, folder)
            while True:
                raw = bytearray((filled / file.name).read_bytes())
                damage(draw, raw)
                file.write_bytes(raw)
                if is_seen(file):
                    break
            before = readable(file)
            note.once(lost=lost(file, before))
            (aside,) = lying_aside(file)
            assert aside.file.read_bytes() == raw, "it is as it was"
            assert set(stored(file)) <= set(TRUTH), "no window was made up"
            (entry,) = [one for one in Journal(file).since(0) if one.action == Action.STORE_SET_ASIDE]
            assert "tallies were carried over" in entry.detail
            assert lying_aside(file) == [aside], "the next start finds nothing more"


def test_what_waits_for_the_hub_goes_on_under_a_new_name_and_the_rest_is_told_again(tmp_path: Path) -> None:
    """The damaged outbox's own word on what the hub has is not trusted: it would skip what it takes for known."""
    file, now = tmp_path / "passerby.sqlite", NOON + WINDOWS * 900
    layout = Layout(
        ("entrance",),
        tuple(PlaceName("entrance", one, "line") for one in PLACES),
        profile="internal",
        zone="",
        window_s=900,
    )
    with Store(file, run=1) as store, closing(Outbox(file)) as outbox:
        with outbox.writing() as connection:
            watch_tallies(connection)
            for n in range(300):
                seal_in(connection, layout, [Row(0, 1, 0, NOON + 900 * n, 900, 1, 0, n * 1000, 900_000)], now)
        before = outbox.offer(1)
        assert before
        store.add(tallies())
    overwrite(file, page_of(file, "tally"), bytes(PAGE_BYTES))
    assert len(stored(file)) > len(TRUTH) // 2
    with closing(Outbox(file)) as outbox:
        offer = outbox.offer(1000)
        assert offer
        assert offer.outbox != before.outbox
        batches = [json.loads(body) for body in offer.bodies]
        assert [one["sequence"] for one in batches] == list(range(1, len(batches) + 1))
        assert len(batches) == 300
        with outbox.writing() as connection:
            assert due(connection, now, 10)


class Running:
    """A site that runs with a filled store; who is told of alerts listens."""

    def __init__(self, folder: Path, receiver: str) -> None:
        self.file = folder / "passerby.sqlite"
        (folder / "secret").write_text("a-secret-of-the-receiver")
        self.site = RunningSite(folder, overhead_camera("hall", make_clip(folder / "walk.mp4", seconds=2)))
        self.site.more = f"notify: [{{name: phone, webhook: 'http://{receiver}/', secret_file: secret}}]\n"

    def windows(self) -> dict[Key, float]:
        """Of the entrance, as the API tells them."""
        found = self.site.get("/api/v1/tallies?since=0&camera=entrance&limit=10000").get("tallies", [])
        return {(one["subject"], one["start_unix_s"]): one["total"] for one in found}

    def damage(self, at: int, what: bytes) -> tuple[float, int]:
        """Overwrites bytes while it runs; gives how long it took until all was well, and what was lost."""
        copy = self.file.with_name("copy.sqlite")
        shutil.copyfile(self.file, copy)
        overwrite(copy, at, what)
        before, asides = readable(copy), len(lying_aside(self.file))
        overwrite(self.file, at, what)
        began_s = time.monotonic()
        eventually(lambda: (self.windows(), len(lying_aside(self.file)) > asides)[1])
        now = eventually(self.windows) if before else {}
        return time.monotonic() - began_s, sum(now.get(key) != total for key, total in before.items())


def test_damage_while_a_site_runs_is_noticed_mended_and_said(filled: Path, tmp_path: Path) -> None:
    copied(filled, tmp_path)
    with noted("damaged-site") as note, receiving() as phone:
        venue = Running(tmp_path, phone.address)
        with venue.site.start() as site:
            eventually(lambda: len(venue.windows()) == len(TRUTH))
            assert site.state()["store_set_aside"] is None
            note.once(*venue.damage(page_of(venue.file, "tally"), bytes(PAGE_BYTES)))
            assert len(venue.windows()) > len(TRUTH) * 0.9
            said = eventually(lambda: site.state()["store_set_aside"])
            assert "was damaged and was set aside" in said
            (aside,) = lying_aside(venue.file)
            assert aside.file.name in said
            base = f"http://127.0.0.1:{site.port}"
            assert aside.file.name in eventually(lambda: httpx.get(f"{base}/", trust_env=False, timeout=60).text)
            assert 'passerby_store_set_aside{site="My venue"} 1.0' in httpx.get(f"{base}/metrics", trust_env=False).text
            eventually(lambda: phone.got)
            assert json.loads(phone.got[0].body)["when"] == "store_damaged"
            assert site.state()["store_problem"] is None
            note.once(*venue.damage(0, bytes(100)))
            eventually(lambda: site.state()["store_set_aside"] != said)
            assert len(lying_aside(venue.file)) == 2
            eventually(lambda: len(phone.got) == 2)
            assert site.stop() == 0
        log = venue.site.log.read_text()
        assert log.count('"event": "the store was damaged"') == 2
        assert "Traceback" not in log


def test_a_site_that_strangers_may_not_see_stays_closed(filled: Path, tmp_path: Path) -> None:
    """Accounts stand in a file of their own: the new store has nothing that could open the page."""
    file = copied(filled, tmp_path)
    venue = Running(tmp_path, "127.0.0.1:9")
    config = venue.site.write()
    added = passerby(
        "access", "add", config, "ada", "--role", "admin", "--password-stdin", stdin=b"correct horse battery\n"
    )
    assert added.status == 0, added
    with file.open("r+b") as handle:
        handle.truncate(PAGE_BYTES * 5)
    with noted("damaged-site") as note, venue.site.start() as site:
        began_s = time.monotonic()

        def status() -> int:
            try:
                return httpx.get(f"http://127.0.0.1:{site.port}/api/v1/state", trust_env=False).status_code
            except httpx.HTTPError:
                return 0

        eventually(status)
        note.once(time.monotonic() - began_s)
        assert lying_aside(file)
        assert status() == 401
