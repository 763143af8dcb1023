"""One site whose feeds and workers are killed at seeded moments, also while what replaced them is starting.

Three cameras, each with a worker of its own. Of one the feed is killed, of one the worker, and one is left alone: all
that it saw has to be counted. Each connection shows the clip from its beginning, so that the truth of what a camera was
shown is known from the moments at which its processes began and ended.
"""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from passerby.core.tallies import Measure
from passerby.gate import landlock, seccomp
from passerby.site.store import Filter, Store
from tests.support.crossing_clips import EVERY_S, FIRST_S, crossed_by, crossing_clip
from tests.support.diary_site import Diary, DiarySite
from tests.support.faults import Note, moments, noted
from tests.support.rtsp_server import RtspServer, Serving
from tests.support.site import eventually, kill, overhead_camera

TIMES = 50
LONGEST_S = 2.0
REACHED_EVERY = 6
"""Of so many kills, one waits until the camera was reached again; the others mostly hit what is only starting."""
CROSSINGS_ALONE = 16
STORE = "passerby.sqlite"

pytestmark = [
    pytest.mark.skipif(landlock.abi() == 0 or not seccomp.available(), reason="this kernel has no Landlock or seccomp"),
    pytest.mark.usefixtures("rtsp_parts"),
]
Key = tuple[str, str, str, int, int]
Windows = dict[Key, tuple[float, float]]


def acknowledged(site: DiarySite) -> Windows:
    """All windows that the site says it has, with what was counted in how much time."""
    told: list[dict[str, Any]] = site.get("/api/v1/tallies?since=0").get("tallies", [])
    return {
        (one["camera"], one["measure"], one["subject"], one["start_unix_s"], one.get("part", 0)): (
            one["total"],
            one["exposure"],
        )
        for one in told
    }


@dataclass
class Kills:
    """Kills one room of one camera again and again.

    Attributes:
        began_s: when the process that is there now was started.
        killed_s: the moments.
        shown: people who crossed in front of the camera while its process ran, at most.
        before: windows that were acknowledged before a kill.
        problem: what went wrong in the thread.
    """

    site: DiarySite
    camera: str
    room: str
    began_s: float = 0.0
    killed_s: list[float] = field(default_factory=list)
    shown: int = 0
    before: Windows = field(default_factory=dict)
    problem: Exception | None = None

    def work(self) -> None:
        """Kills it at each of the moments."""
        try:
            for number, at_s in enumerate(moments(TIMES, LONGEST_S)):
                self._once(at_s, reached=number % REACHED_EVERY == 0)
            self.began_s = self._newest(self.room)[0]
        except Exception as problem:  # noqa: BLE001 - told by the test
            self.problem = problem

    def _once(self, at_s: float, *, reached: bool) -> None:
        """Kills it at a moment, counted from its start or from when the camera was reached."""
        began_s, pid = self._newest(self.room)
        from_s = self._newest("connected")[0] if reached else began_s
        time.sleep(max(0.0, from_s + at_s - time.monotonic()))
        self.before |= acknowledged(self.site)
        kill(pid)
        self.killed_s.append(time.monotonic())
        self.shown += crossed_by(self.killed_s[-1] - began_s)

    def _newest(self, what: str) -> tuple[float, int]:
        """When something happened first after the last kill, and to which process; waits for it."""
        entry = self.site.diary.next(what, self.camera, self.killed_s[-1] if self.killed_s else 0.0)
        return entry.at_s, entry.pid

    def tell(self, note: Note, after: Windows) -> None:
        """Notes each kill, and how long it was until the camera was reached again, where no other kill came first."""
        reached_s = [one.at_s for one in self.site.diary.entries("connected", self.camera)]
        until_s = [*self.killed_s[1:], float("inf")]
        for killed_s, next_s in zip(self.killed_s, until_s, strict=True):
            again = [one for one in reached_s if killed_s < one < next_s]
            note.once(recovered_s=again[0] - killed_s if again else None)
        assert len(note.recovered_s) >= TIMES // REACHED_EVERY
        note.lost = sum(after.get(key) != value for key, value in self.before.items())


@dataclass
class Played:
    """What came of it: both series of kills, how long the site ran, and what its store holds of each camera."""

    feed: Kills
    worker: Kills
    ran_s: float
    after: Windows
    counted: dict[str, int]
    seen_s: dict[str, float]
    diary: Diary


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory, rtsp_parts: None) -> Iterator[Played]:
    folder = tmp_path_factory.mktemp("kills")
    alone = crossing_clip(folder / "alone.mkv", CROSSINGS_ALONE)
    with RtspServer(Serving(crossing_clip(folder / "long.mkv", 200), as_it_is=True)) as server:
        sources = {"alone": alone, "fed": server.url, "worked": server.url}
        cameras = [overhead_camera(name, source) for name, source in sources.items()]
        with DiarySite(folder, *cameras, workers=len(cameras)).start() as site:
            eventually(lambda: all(site.diary.entries("connected", name) for name in ("fed", "worked")))
            began_s = time.monotonic()
            feed, worker = Kills(site, "fed", "feed"), Kills(site, "worked", "worker")
            threads = [threading.Thread(target=one.work, daemon=True) for one in (feed, worker)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert (feed.problem, worker.problem) == (None, None)
            _is_counted_again(site, feed, worker)
            eventually(lambda: site.camera("alone").get("status") == "done")
            ended_s = time.monotonic()
            for one in (feed, worker):
                one.before |= acknowledged(site)
                one.shown += crossed_by(ended_s - one.began_s)
            assert site.stop() == 0
        with Store(folder / STORE) as store:
            yield _played(store, feed, worker, ended_s - began_s)


def _is_counted_again(site: DiarySite, *all_kills: Kills) -> None:
    """Waits until somebody crossed in front of each camera since the last kill, and until that was counted."""
    for one in all_kills:
        reached_s = site.diary.next("connected", one.camera, one.killed_s[-1]).at_s
        time.sleep(max(0.0, reached_s + FIRST_S + 2 * EVERY_S + 1.0 - time.monotonic()))


def _played(store: Store, feed: Kills, worker: Kills, ran_s: float) -> Played:
    tallies = store.query()
    after = {
        (one.camera, one.measure.name.lower(), one.subject, one.start_unix_s, one.part): (one.total, one.exposure)
        for one in tallies
    }
    names = ("alone", "fed", "worked")
    counted = {name: round(sum(one.total for one in store.sums(Filter(name, Measure.CROSSINGS_IN)))) for name in names}
    seen_s = {name: sum(one.exposure for one in store.sums(Filter(name, Measure.PEOPLE))) for name in names}
    return Played(feed, worker, ran_s, after, counted, seen_s, feed.site.diary)


def test_a_camera_that_nothing_happened_to_is_counted_exactly(played: Played) -> None:
    assert played.counted["alone"] == CROSSINGS_ALONE
    assert len(played.diary.entries("feed", "alone")) == 1
    assert len(played.diary.entries("worker", "alone")) == 1


def test_a_feed_that_is_killed_fifty_times(played: Played) -> None:
    with noted("kill-feed") as note:
        played.feed.tell(note, played.after)
        _counts_no_more_than_it_saw(played, played.feed)
        assert len(played.diary.entries("worker", "fed")) == 1, "its worker goes on"


def test_a_worker_that_is_killed_fifty_times(played: Played) -> None:
    with noted("kill-worker") as note:
        played.worker.tell(note, played.after)
        _counts_no_more_than_it_saw(played, played.worker)
        assert played.worker.before, "a window was acknowledged before the last kill"


def _counts_no_more_than_it_saw(played: Played, kills: Kills) -> None:
    """Never more than the truth; it was counted again in the end; and what was missed is missing in the exposure."""
    assert len(kills.killed_s) == TIMES
    assert 1 <= played.counted[kills.camera] <= kills.shown
    assert played.seen_s[kills.camera] < played.ran_s
