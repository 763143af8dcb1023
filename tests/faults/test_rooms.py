"""A site whose processes die, whose camera goes away and whose disk is full. Everything here is real.

One site with two cameras and a worker for each goes through all of it, in the order of this file, since a site takes
some seconds to start.
"""

import os
import resource
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from passerby.core.tallies import Measure
from passerby.gate import landlock, seccomp
from passerby.site.store import Filter, Store
from tests.support.clips import make_clip
from tests.support.faults import noted
from tests.support.program import in_words, passerby
from tests.support.rtsp_server import RtspServer, Serving
from tests.support.site import RunningSite, children, command_line, eventually, kill, overhead_camera, runs

PASSWORD = "a-Secret-w0rd"
WINDOW_S = 60
MEASURES = {"crossings_in", "crossings_out", "people", "peak", "entered", "left"}
"""Of a line and a zone, whether or not anybody came; stays have parts, of which those of nobody are not told."""

pytestmark = [
    pytest.mark.skipif(landlock.abi() == 0 or not seccomp.available(), reason="this kernel has no Landlock or seccomp"),
    pytest.mark.usefixtures("rtsp_parts"),
]


@dataclass
class Venue:
    """Two cameras at one RTSP server, and the site that counts them."""

    folder: Path
    server: RtspServer
    site: RunningSite
    stored: int = 0
    full_unix_s: float = 0.0

    @property
    def store_file(self) -> Path:
        return self.folder / "passerby.sqlite"

    def exposure_s(self, camera: str) -> float:
        """Seconds that the store knows of a camera's floor."""
        with Store(self.store_file) as store:
            return sum(one.exposure for one in store.sums(Filter(camera, Measure.PEOPLE)))


@pytest.fixture(scope="module")
def venue(tmp_path_factory: pytest.TempPathFactory, rtsp_parts: None) -> Iterator[Venue]:
    folder = tmp_path_factory.mktemp("venue")
    (folder / "camera.password").write_text(PASSWORD + "\n")
    clip = make_clip(folder / "walk.mp4", seconds=6)
    sign_in = "credentials: {username: viewer, password_file: camera.password}"
    with RtspServer(Serving(clip, user="viewer", password=PASSWORD)) as server:
        cameras = [overhead_camera(name, server.url, sign_in) for name in ("hall", "street")]
        with RunningSite(folder, *cameras, workers=2).start() as site:
            site.wait_live()
            yield Venue(folder, server, site)


def tallies(site: RunningSite) -> list[dict[str, Any]]:
    """All that the site tells of its windows, whatever the day."""
    found: list[dict[str, Any]] = site.get("/api/v1/tallies?since=0").get("tallies", [])
    return found


def advances(site: RunningSite, camera: str) -> bool:
    """Whether more of a camera is seen than a moment ago."""
    before = site.camera(camera).get("seconds", 0.0)
    return bool(eventually(lambda: site.camera(camera).get("seconds", 0.0) not in (0.0, before)))


def test_a_disk_that_fills_up_does_not_end_the_site(venue: Venue) -> None:
    """Nothing can be written from here on, the log neither; the next tests go on while a window closes."""
    resource.prlimit(venue.site.pid, resource.RLIMIT_FSIZE, (1, resource.RLIM_INFINITY))
    venue.full_unix_s = time.time()
    venue.stored = len(tallies(venue.site))


def test_no_password_in_any_process(venue: Venue) -> None:
    processes = [venue.site.pid, *children(venue.site.pid)]
    assert len(processes) >= 5, "the site, two workers and two feeds, and the audit where the kernel can shut it in"
    for pid in processes:
        assert PASSWORD.encode() not in command_line(pid)
        assert PASSWORD.encode() not in Path(f"/proc/{pid}/environ").read_bytes()


def test_a_feed_that_is_killed_is_started_again(venue: Venue) -> None:
    before = venue.site.rooms("feed.reader")
    reconnects = sum(one["reconnects"] for one in venue.site.state()["cameras"])
    kill(before[0])
    eventually(lambda: len(venue.site.rooms("feed.reader")) == 2 and before[0] not in venue.site.rooms("feed.reader"))
    assert before[1] in venue.site.rooms("feed.reader"), "the other one is left alone"
    eventually(lambda: sum(one["reconnects"] for one in venue.site.state()["cameras"]) == reconnects + 1)


def test_a_pixel_worker_that_is_killed_is_replaced_and_the_other_goes_on(venue: Venue) -> None:
    first, second = venue.site.rooms("pixels.worker")
    kill(first)
    killed_s = time.monotonic()
    eventually(lambda: len(set(venue.site.rooms("pixels.worker")) - {first}) == 2)
    assert time.monotonic() - killed_s < 30
    assert second in venue.site.rooms("pixels.worker")
    state = eventually(lambda: (now := venue.site.state()) and sum(one["restarts"] for one in now["lockdown"]) and now)
    assert sorted(one["restarts"] for one in state["lockdown"]) == [0, 1]
    eventually(lambda: all(one["complete"] for one in venue.site.state()["lockdown"]))
    assert len(venue.site.rooms("feed.reader")) >= 1
    for camera in ("hall", "street"):
        assert advances(venue.site, camera)


def test_a_camera_that_was_off_is_counted_again(venue: Venue) -> None:
    reconnects = {one["name"]: one["reconnects"] for one in venue.site.state()["cameras"]}
    venue.server.stop()
    eventually(lambda: venue.site.camera("hall").get("status") == "failed")
    off = venue.site.camera("hall")
    assert "nothing listens" in off["fault"] or "broke off" in off["fault"] or "ended" in off["fault"]
    venue.server.start()
    for camera in ("hall", "street"):
        eventually(lambda name=camera: venue.site.camera(name).get("reconnects", 0) > reconnects[name])  # type: ignore[misc]  # mypy cannot type a bound default
        assert advances(venue.site, camera)
        eventually(lambda name=camera: venue.site.camera(name).get("status") == "live")  # type: ignore[misc]  # see above


def test_a_second_site_on_the_same_store_is_refused(venue: Venue) -> None:
    other = venue.folder / "other.yaml"
    other.write_text(venue.site.write().read_text().replace(f"port: {venue.site.port}", "port: 1"))
    ran = passerby("run", other)
    assert ran.status == 5
    assert "another passerby writes to it" in in_words(ran)


def test_a_port_that_is_taken_is_said(venue: Venue) -> None:
    other = venue.folder / "other.yaml"
    other.write_text(venue.site.write().read_text() + "store: {file: other.sqlite}\n")
    ran = passerby("run", other)
    assert ran.status == 2
    assert f"port {venue.site.port} of 127.0.0.1 is taken" in in_words(ran)


def test_what_the_full_disk_did_not_take_is_stored_when_there_is_space(venue: Venue) -> None:
    with noted("disk-full-site") as note:
        before = told(venue.site)
        recovered_s = _what_was_not_taken_is_stored(venue)
        after = told(venue.site)
        note.once(recovered_s, sum(after.get(key) != value for key, value in before.items()))


def told(site: RunningSite) -> dict[tuple[Any, ...], tuple[float, float]]:
    """Total and exposure of each window that the API tells."""
    names = ("camera", "measure", "subject", "part", "start_unix_s")
    return {tuple(one[name] for name in names): (one["total"], one["exposure"]) for one in tallies(site)}


def resident_bytes(pid: int) -> int:
    """Memory that a process has."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize()


def _what_was_not_taken_is_stored(venue: Venue) -> float:
    """Frees the disk once a window waits; gives how long it took until that was stored, in seconds."""
    held = resident_bytes(venue.site.pid)
    problem = eventually(lambda: venue.site.state()["store_problem"], 90)
    assert "disk" in problem
    assert len(tallies(venue.site)) == venue.stored
    freed_unix_s = time.time()
    resource.prlimit(venue.site.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    assert resident_bytes(venue.site.pid) < held + 50e6, "what waits is small"
    eventually(lambda: venue.site.state()["store_problem"] is None)
    recovered_s = time.time() - freed_unix_s
    # The cameras close their windows moments apart, so the second one's tallies may still be on their way.
    for camera in ("hall", "street"):
        eventually(lambda name=camera: measures_while_full(venue, name, freed_unix_s) >= MEASURES)  # type: ignore[misc]  # mypy cannot type a bound default
    return recovered_s


def measures_while_full(venue: Venue, camera: str, freed_unix_s: float) -> set[str]:
    """What is stored of a camera's windows that the full disk would not take."""
    return {
        one["measure"]
        for one in tallies(venue.site)
        if one["camera"] == camera
        and one["start_unix_s"] + one["width_s"] > venue.full_unix_s
        and one["start_unix_s"] < freed_unix_s
    }


def test_a_site_that_is_stopped_has_stored_the_window_that_was_open(venue: Venue) -> None:
    """As a service manager does it: every process of the site gets the signal at once."""
    something_of_the_open_window_was_seen(venue.site)
    windows, told_unix_s = len(tallies(venue.site)), time.time()
    rooms = children(venue.site.pid)
    for pid in rooms:
        os.kill(pid, signal.SIGTERM)
    assert venue.site.stop() == 0
    with Store(venue.store_file) as store:
        stored = store.query()
    assert len(stored) > windows
    assert max(one.start_unix_s for one in stored) >= told_unix_s - 120
    assert not any(runs(pid) for pid in rooms)


def something_of_the_open_window_was_seen(site: RunningSite) -> None:
    """Waits for it; a window that has only just begun has nothing to store."""
    while True:
        began = time.time() // WINDOW_S
        for _ in range(2):  # what was seen may be told a moment later
            advances(site, "hall")
        if time.time() // WINDOW_S == began:
            return


def test_the_log_knows_what_happened_and_no_password(venue: Venue) -> None:
    log = venue.site.log.read_text()
    assert PASSWORD not in log
    assert "Traceback" not in log
    assert '"event": "site closed"' in log


def test_both_parts_of_a_window_are_kept_over_a_restart(venue: Venue) -> None:
    before_s = venue.exposure_s("hall")
    venue.site.start()
    eventually(lambda: venue.site.camera("hall").get("observed_s", 0) > 2)
    assert venue.site.stop(signal.SIGINT) == 0
    assert venue.exposure_s("hall") >= before_s + 1


def test_nothing_survives_the_site(venue: Venue) -> None:
    venue.site.start()
    eventually(lambda: len(venue.site.rooms("pixels.worker") + venue.site.rooms("feed.reader")) == 4)
    rooms = children(venue.site.pid)
    venue.site.stop(signal.SIGKILL)
    eventually(lambda: not any(runs(pid) for pid in rooms))
