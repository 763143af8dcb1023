"""A running site and a real camera: what goes wrong with it is told within a minute, and so is its end."""

import signal
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from passerby.gate import landlock, seccomp
from tests.support.clips import make_clip
from tests.support.rtsp_server import RtspServer, Serving
from tests.support.site import RunningSite, eventually, kill, overhead_camera, runs

PASSWORD = "s3cret-w0rd"
MINUTE_S = 60
pytestmark = [
    pytest.mark.skipif(
        landlock.abi() < landlock.ABI_WITH_PORTS or not seccomp.available(),
        reason="this kernel cannot shut the audit in",
    ),
    pytest.mark.usefixtures("rtsp_parts"),
]


@dataclass
class Venue:
    """A site with one camera that asks for a password."""

    site: RunningSite
    camera: RtspServer
    serving: Serving

    def serve(self, *, password: bool) -> None:
        """Switches the camera off and on again."""
        asked = self.serving if password else replace(self.serving, user=None, password=None)
        port = self.camera.port
        self.camera.stop()
        self.camera = RtspServer(replace(asked, port=port))
        self.camera.start()

    def findings(self) -> set[str] | None:
        """What stands; None before the first look."""
        (row,) = self.site.get("/api/v1/cameras").get("cameras", [{"looked_unix_s": None}])
        return {one["check"] for one in row["findings"]} if row["looked_unix_s"] else None

    def metrics(self) -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.site.port}/metrics", timeout=10) as answer:
            text: str = answer.read().decode()
            return text

    def audit(self) -> int:
        """Process id of the audit; 0 while there is none."""
        return next(iter(self.site.rooms("audit")), 0)


@pytest.fixture(scope="module")
def venue(tmp_path_factory: pytest.TempPathFactory, rtsp_parts: None) -> Iterator[Venue]:
    folder = tmp_path_factory.mktemp("venue")
    (folder / "password").write_text(PASSWORD)
    serving = Serving(make_clip(folder / "walk.mp4", seconds=6), user="viewer", password=PASSWORD)
    with RtspServer(serving) as server:
        signing_in = "credentials: {username: viewer, password_file: password}"
        site = RunningSite(folder, overhead_camera("hall", server.url, signing_in))
        site.more = "checks: {every_s: 5}\n"  # the figures of the defaults are computed in tests/unit/test_audits.py
        with site.start(cwd=folder):
            site.wait_live()
            venue = Venue(site, server, serving)
            eventually(lambda: venue.findings() is not None, MINUTE_S)
            yield venue
            venue.camera.stop()


def told_within_s(venue: Venue, *, is_open: bool) -> float:
    """How long it takes until the API and the metrics say whether the camera is open to whoever asks."""
    began_s = time.monotonic()
    eventually(lambda: ("rtsp-open" in (venue.findings() or ())) is is_open, MINUTE_S)
    line = 'passerby_camera_check_failed{camera="hall",check="rtsp-open",site="My venue"} 1.0'
    eventually(lambda: (line in venue.metrics()) is is_open)
    return time.monotonic() - began_s


def test_a_password_that_is_taken_away_is_told_and_so_is_its_return(venue: Venue) -> None:
    assert "rtsp-open" not in (venue.findings() or ())
    venue.serve(password=False)
    assert told_within_s(venue, is_open=True) < MINUTE_S
    venue.serve(password=True)
    assert told_within_s(venue, is_open=False) < MINUTE_S
    log = venue.site.log.read_text()
    assert log.count('"check": "rtsp-open"') == 2, "once when it began, once when it ended"


def test_an_audit_that_is_killed_is_replaced_and_that_is_said(venue: Venue) -> None:
    first = eventually(venue.audit)
    kill(first)
    eventually(lambda: venue.audit() not in (0, first), MINUTE_S)
    assert "the audit of the cameras is replaced" in venue.site.log.read_text()
    eventually(lambda: "passerby_audit_up{" in venue.metrics() and 'site="My venue"} 1.0' in venue.metrics())


def test_a_reload_leaves_no_audit_behind(venue: Venue) -> None:
    first = eventually(venue.audit)
    venue.site.tell(signal.SIGHUP)
    eventually(lambda: venue.audit() not in (0, first), MINUTE_S)
    assert not runs(first)


def test_it_dies_with_the_site_and_no_password_was_told(venue: Venue) -> None:
    audit = eventually(venue.audit)
    command = Path(f"/proc/{audit}/cmdline").read_bytes()
    said = venue.metrics() + str(venue.site.get("/api/v1/cameras")) + venue.site.log.read_text()
    venue.site.stop(signal.SIGKILL)
    eventually(lambda: not runs(audit))
    assert PASSWORD not in said
    assert PASSWORD.encode() not in command
