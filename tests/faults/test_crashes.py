"""One site where the video of one camera crashes the decoder and that of another the model, every time it is shown.

Five cameras, three workers. Each of the two shares its worker with a camera that is well; the fifth has one of its own.
The crashes are real ones, of native code, behind the lock.
"""

import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from passerby.core.tallies import Measure
from passerby.gate import landlock, seccomp
from passerby.site.store import Filter, Store
from tests.support.crossing_clips import WHITE, YELLOW, crossed_by, crossing_clip
from tests.support.diary_site import Diary, DiarySite, Entry
from tests.support.faults import Note, noted
from tests.support.site import eventually, overhead_camera
from tests.support.source import ROOT

WORKER = ROOT / "tests" / "support" / "crashing_worker.py"
CROSSINGS = 8
SHOWN_AT_S = 3.0
PROMISED_S = 5.0
CRASHES = {"decoder": "near the decoder", "model": "near the model"}
WELL = ("alone", *CRASHES.values())

pytestmark = pytest.mark.skipif(
    landlock.abi() == 0 or not seccomp.available(), reason="this kernel has no Landlock or seccomp"
)


@dataclass
class Played:
    """A site that went through it: what it held before it ended and after, and how it came about."""

    diary: Diary
    log: str
    before: dict[tuple[object, ...], float]
    after: dict[tuple[object, ...], float]
    counted: dict[str, int]
    seen_s: dict[str, float]
    ended_s: float

    def crashes(self, camera: str) -> list[Entry]:
        """The ends of workers that had a camera."""
        return self.diary.entries("restarted", camera)


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory, model_files: Path) -> Played:
    folder = tmp_path_factory.mktemp("crashes")
    clip = crossing_clip(folder / "well.mkv", CROSSINGS)
    white = crossing_clip(folder / "white.mkv", 8, (SHOWN_AT_S, WHITE))
    yellow = crossing_clip(folder / "yellow.mkv", 8, (SHOWN_AT_S, YELLOW))
    level = overhead_camera("model", yellow).replace("overhead", "level")
    well = [overhead_camera(name, clip) for name in WELL]
    cameras = (overhead_camera("decoder", white), level, *well)
    site = DiarySite(folder, *cameras, workers=3, worker=WORKER)
    site.environment["PASSERBY_MODELS"] = str(model_files)
    with site.start():
        eventually(lambda: all(_found_out(site, camera) for camera in CRASHES), 5 * 60)
        eventually(lambda: all(site.camera(name).get("status") == "done" for name in WELL))
        ended_s = time.monotonic()
        eventually(lambda: [site.state()["lockdown"][index]["complete"] for index in (2, 3, 4)] == [True] * 3)
        told = site.get("/api/v1/tallies?since=0").get("tallies", [])
        before: dict[tuple[object, ...], float] = {
            (one["camera"], one["measure"], one["subject"], one["start_unix_s"]): one["total"] for one in told
        }
        assert site.stop() == 0
    with Store(folder / "passerby.sqlite") as store:
        after: dict[tuple[object, ...], float] = {
            (one.camera, one.measure.name.lower(), one.subject, one.start_unix_s): one.total for one in store.query()
        }
        counted = {
            name: round(sum(one.total for one in store.sums(Filter(name, Measure.CROSSINGS_IN)))) for name in WELL
        }
        seen_s = {name: sum(one.exposure for one in store.sums(Filter(name, Measure.PEOPLE))) for name in WELL}
    return Played(site.diary, site.log.read_text(), before, after, counted, seen_s, ended_s)


def _found_out(site: DiarySite, camera: str) -> bool:
    """Whether a camera crashed its worker when it was alone in it."""
    return any(one.cameras == [camera] for one in site.diary.entries("restarted", camera))


def test_the_decoder_crashes_on_what_a_camera_sends(played: Played) -> None:
    with noted("decoder-crash") as note:
        _the_others_go_on(played, "decoder", note)


def test_the_model_crashes_on_what_a_camera_shows(played: Played) -> None:
    with noted("model-crash") as note:
        _the_others_go_on(played, "model", note)


def _the_others_go_on(played: Played, camera: str, note: Note) -> None:
    """Its neighbour lost what two restarts take, and is counted apart from then on; the third camera lost nothing."""
    near, diary = CRASHES[camera], played.diary
    crashes = played.crashes(camera)
    assert all("by signal 11" in one.reason for one in crashes)
    shared = [one for one in crashes if near in one.cameras]
    assert len(shared) == 2, "the second crash parts them"
    assert len(played.crashes(near)) == 2
    for crash in shared:
        assert diary.next("worker", near, crash.at_s).at_s - crash.at_s < PROMISED_S
        note.once(diary.next("ready", near, crash.at_s).at_s - crash.at_s)
    for _ in crashes[2:]:
        note.once()
    assert f'"camera": "{camera}", "fault": "crashes"' in played.log
    note.lost = sum(played.after.get(key) != total for key, total in played.before.items())
    _is_counted_by_what_was_seen(played, near)


def _is_counted_by_what_was_seen(played: Played, near: str) -> None:
    """The last showing to its end, of the first ones no more than there was; and what was missed is not called seen."""
    feeds = played.diary.entries("feed", near)
    crashes = played.crashes(near)
    assert len(feeds) == len(crashes) + 1
    shown = sum(crossed_by(crash.at_s - feed.at_s) for feed, crash in zip(feeds, crashes, strict=False))
    assert CROSSINGS <= played.counted[near] <= CROSSINGS + shown
    missed_s = sum(feed.at_s - crash.at_s for feed, crash in zip(feeds[1:], crashes, strict=True))
    assert played.seen_s[near] <= played.ended_s - feeds[0].at_s - missed_s


def test_a_camera_with_a_worker_of_its_own_is_counted_exactly(played: Played) -> None:
    assert played.counted["alone"] == CROSSINGS
    assert played.crashes("alone") == []
    assert len(played.diary.entries("feed", "alone")) == 1
