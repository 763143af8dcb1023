"""The disk of a hub is full while it takes in: sites keep what they have, pages are answered, and all comes once."""

import http.client
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from passerby.hub.simulate.crew import Crew
from passerby.hub.simulate.fleet import Order, make
from passerby.hub.simulate.site import SimulatedSite, Times
from passerby.records.outbox import HttpPost
from tests.support.faults import noted
from tests.support.hub import RunningHub
from tests.support.hub_batches import Venue, check, joined, looked_into
from tests.support.site import eventually

WINDOW_S, WINDOWS, TIMES, SITES = 900, 240, 5, 4
UNTIL = int(time.time()) // WINDOW_S * WINDOW_S
SINCE = UNTIL - WINDOWS * WINDOW_S
DISK = "64m"
"""The ballast takes half of it."""
OWN_DISK = (
    'cp -a "$0" "$0.kept" && mount -t tmpfs -o size="$1" tmpfs "$0" && cp -a "$0.kept/." "$0" && shift && exec "$@"'
)
UNSHARED = ("unshare", "--map-root-user", "--mount")


@dataclass
class Play:
    """A hub on a disk of its own, which its sites do not share.

    Attributes:
        over_unix_s: windows are over up to here.
    """

    hub: RunningHub
    venues: list[Venue]
    over_unix_s: float = SINCE

    @property
    def root(self) -> str:
        """The disks as the hub sees them."""
        return f"/proc/{self.hub.pid}/root"

    @property
    def filler(self) -> Path:
        return Path(f"{self.root}{self.hub.folder}/filler")

    def fill(self) -> None:
        """Takes all the room there is."""
        with self.filler.open("wb", buffering=0) as file:
            for size in (1 << 20, 4096, 1):
                try:
                    while file.write(b"\1" * size) == size:
                        pass
                except OSError:
                    continue

    def held(self) -> dict[int, int]:
        """Batches that the hub has, by venue."""
        with looked_into(self.hub, self.root) as series:
            return {one.number: sum(series.marks(one.number).values()) for one in self.venues}


@pytest.fixture
def play(tmp_path: Path) -> Iterator[Play]:
    probe = subprocess.run(
        [*UNSHARED, "mount", "-t", "tmpfs", "tmpfs", str(tmp_path)], check=False, capture_output=True
    )
    if probe.returncode:
        pytest.skip("no small disk can be made here")
    with RunningHub(tmp_path / "hub") as hub:
        venues = joined(hub, make(Order(SITES, cameras=2, all_well=True)), (SINCE, UNTIL, WINDOW_S))
        hub.start(*UNSHARED, "sh", "-c", OWN_DISK, str(hub.folder), DISK).wait_open()
        yield Play(hub, venues)


@contextmanager
def sending(play: Play, folder: Path) -> Iterator[list[SimulatedSite]]:
    """The venues' sites, which send what is over."""
    with ExitStack() as open_now:
        sites = []
        for one in play.venues:
            post = HttpPost(play.hub.link(), lambda key=one.key: key)  # type: ignore[misc]
            open_now.callback(post.close)
            (folder / str(one.number)).mkdir()
            times = Times(lambda: play.over_unix_s, time.time, hurry=10)
            sites.append(SimulatedSite(folder / str(one.number), one.script, post, times))
        open_now.enter_context(Crew(sites, threads=SITES))
        yield sites


def test_on_a_full_disk_a_hub_takes_nothing_says_so_and_has_all_once_there_is_room(play: Play, tmp_path: Path) -> None:
    with noted("disk-full-hub") as note, sending(play, tmp_path) as sites:
        for _ in range(TIMES):
            before = play.held()
            play.fill()
            play.over_unix_s += (UNTIL - SINCE) / TIMES
            for site in sites:
                eventually(lambda site=site: "the disk is full" in (site.sender.state.problem or ""))  # type: ignore[misc]
            health = play.hub.get("/healthz")
            assert any("the disk is full" in reason for reason in health["reasons"]), "its operator is told"
            for path in ("/", "/api/v1/venues"):
                assert answers(play.hub, path) == 200, "pages are answered"
            waiting = [site.waiting for site in sites]
            assert all(waiting), "sites keep what they have"

            play.filler.unlink()
            began_s = time.monotonic()
            eventually(lambda: not any(site.waiting for site in sites))
            recovered_s = time.monotonic() - began_s
            eventually(lambda: play.hub.get("/healthz") == {"status": "well", "reasons": []})
            after = play.held()
            note.once(recovered_s, sum(max(0, before[venue] - after[venue]) for venue in before))
        assert all(site.done for site in sites)
        note.lost += check(play.hub, play.venues, play.root)
    log = play.hub.log.read_text()
    assert log.count("what sites send cannot be stored") == log.count("what sites send is stored again") == TIMES


def answers(hub: RunningHub, path: str) -> int:
    """Status of a page."""
    try:
        with urllib.request.urlopen(hub.url + path, timeout=60) as answer:
            return int(answer.status)
    except http.client.HTTPException:
        return 0
